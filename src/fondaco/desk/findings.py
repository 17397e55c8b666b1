"""What the health check says of database, prices and worker, in words."""

from datetime import datetime
from typing import Protocol

from fondaco.desk.ports import WorkerLock
from fondaco.market.ports import Instruments


class Promises(Protocol):
    """What a database promises; `adapters.stores.postgres.durability.Durability` holds it."""

    @property
    def version(self) -> str: ...
    @property
    def fsync(self) -> str: ...
    @property
    def full_page_writes(self) -> str: ...
    @property
    def synchronous_commit(self) -> str: ...
    @property
    def data_checksums(self) -> str: ...


class KnownPrices(Protocol):
    """What is asked of prices; `market.prices.Prices` gives it."""

    def version(self) -> int: ...
    def latest(self, *, as_of: datetime) -> datetime | None: ...


def database_words(promises: Promises, name: str, *, embedded: bool) -> str:
    """Return which database it is and what it promises."""
    return (
        f"PostgreSQL {promises.version}, {'embedded' if embedded else 'server'}, {name}; "
        f"fsync {promises.fsync}, full_page_writes {promises.full_page_writes}, "
        f"synchronous_commit {promises.synchronous_commit}, checksums {promises.data_checksums}"
    )


def price_words(prices: KnownPrices, instruments: Instruments, now: datetime) -> str:
    """Return what prices there are; an empty text when there are none."""
    version = prices.version()
    if version < 0:
        return ""
    latest = prices.latest(as_of=now)
    last = "none" if latest is None else latest.date().isoformat()
    return f"version {version}, {len(instruments.all())} instruments, last close {last}"


def worker_words(lock: WorkerLock) -> str:
    """Return who works now; the lock is taken for a moment to find that nobody does."""
    if lock.held():
        return "this process"
    if not lock.acquire():
        return "another process"
    lock.release()
    return "none now: the next one that is needed becomes it"

"""What the feed needs of the world; fakes stand in `fakes.py`. `PaceStore` is in `budget.py`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from fondaco.market.feed.breaker import Health
from fondaco.market.feed.budget import PaceStore
from fondaco.market.feed.values import Choice, Held, Tier, Wanted
from fondaco.market.ports import Ask
from fondaco.market.sheets import Market

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "Asked",
    "ChoiceLog",
    "Due",
    "HealthStore",
    "Intake",
    "Kept",
    "Lacks",
    "Later",
    "PaceStore",
    "QueryLog",
    "SharedCache",
    "Taken",
]


@dataclass(frozen=True, slots=True)
class Taken:
    """What one source gave, after it was kept raw, judged and appended to the store.

    `rows` holds the rows of the kind that was asked, by symbol as asked. A symbol that is missing
    is one of which the source said nothing; one with no rows is one of which it said that there
    are none. `source` is as rows write it (`live:tiingo`).
    """

    rows: "Mapping[str, pl.DataFrame]"
    ingest_id: str
    source: str


class Intake(Protocol):
    """Asks one provider and keeps what it gives before anyone sees it."""

    def take(self, provider: str, ask: Ask) -> Taken:
        """Return what it gave; raises Unanswered for whatever a provider can do wrong.

        With cause EMPTY when it has no row of what was asked, BAD when none could be used. Any
        other error is the desk's own (a full disk) and ends the whole ask.
        """
        ...


class Kept(Protocol):
    """Reads the market store: what was taken in before, by whichever process."""

    def kept(self, wanted: Wanted, symbol: str) -> Held | None:
        """Return the rows of one symbol as of now with when they were asked, or None."""
        ...


class HealthStore(Protocol):
    """Keeps the health of providers for all processes of a desk."""

    def get(self, provider: str) -> Health:
        """Return the health as it is now; that of a provider never asked is blank."""
        ...

    def change(self, provider: str, step: Callable[[Health], Health]) -> Health:
        """Apply a pure step alone: no other step of this provider comes between."""
        ...


class SharedCache(Protocol):
    """Bytes by key that several processes see; what it forgets is fetched again."""

    def get(self, key: str) -> bytes | None:
        """Return the bytes; raises Unavailable."""
        ...

    def put(self, key: str, body: bytes, seconds: float) -> None:
        """Keep bytes for so long; raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """One symbol of one ask, as the query log keeps it.

    `tier` is None when it stayed unknown; `rest` is that of its key: the hash of span and options.
    """

    at: datetime
    kind: str
    market: Market
    symbol: str
    tier: Tier | None
    seconds: float
    rest: str = ""


class QueryLog(Protocol):
    """What was asked of the feed, for warming and for the benchmark."""

    def add(self, asked: Sequence[Asked]) -> None:
        """Take lines; a log that cannot be written drops the oldest and never fails an ask."""
        ...

    def read(self, since: datetime, rows_max: int) -> tuple[Asked, ...]:
        """Return the newest lines since then, oldest first."""
        ...


class ChoiceLog(Protocol):
    """Keeps every choice between sources with its reason, for good."""

    def keep(self, choice: Choice) -> None:
        """Keep a choice."""
        ...

    def latest(self, kind: str, market: Market, symbol: str) -> Choice | None:
        """Return the newest choice of a symbol."""
        ...


@dataclass(frozen=True, slots=True)
class Due:
    """A coming event of a symbol: results, a dividend, an economic release."""

    at: datetime
    market: Market
    symbol: str


Lacks = Callable[[str], str | None]
"""Says why a provider cannot be asked at all (which key is not set), or None."""

Later = Callable[[Callable[[], object]], object]
"""Runs something soon on another thread (`executor.submit`)."""

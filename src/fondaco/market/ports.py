"""What market needs of the world: a store, providers, a calendar. Fakes stand in `fakes.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

import polars as pl

from fondaco.core.instrument import Instrument, InstrumentId, Origin


@dataclass(frozen=True, slots=True)
class Ingest:
    """What one ingest did. `rows_new` is 0 when the same rows were there already."""

    ingest_id: str
    table: str
    version: int
    rows_given: int
    rows_new: int
    rows_quarantined: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A row or span of data that was not let in, with its reason; it can be replayed.

    `where` locates it in the source (file row, session); `row` is the raw row as JSON text, empty
    when what is wrong is that a row is missing.
    """

    id: str
    rule: str
    reason: str
    instrument: str
    session: date | None
    where: str
    row: str
    source: str
    ingest_id: str
    seen_at: datetime
    resolved: str | None = None


class Store(Protocol):
    """The versioned, point-in-time record of what was known.

    `bars_1d` columns: instrument, session, ts, known_at, open, high, low, close, volume, factor,
    source, ingest_id. `factor` times the prices of earlier sessions makes them comparable with
    this session's (1 when no split or dividend took effect).
    """

    def append(self, table: str, rows: pl.DataFrame, *, ingest_id: str) -> Ingest:
        """Add rows that are not there yet, in one atomic version."""
        ...

    def read(self, table: str, *, as_of: datetime | None = None, version: int | None = None,
             instruments: tuple[InstrumentId, ...] | None = None, since: date | None = None,
             until: date | None = None) -> pl.DataFrame:
        """Return the latest revision of each row that was known at `as_of`."""
        ...

    def version(self, table: str) -> int:
        """Return the newest version; -1 when the table has no row yet."""
        ...


class Instruments(Protocol):
    """The dated symbol book."""

    def all(self) -> tuple[Instrument, ...]:
        """Return every instrument known to the desk."""
        ...

    def get(self, instrument: InstrumentId) -> Instrument:
        """Return one by its permanent id; raises NotFound."""
        ...

    def by_symbol(self, symbol: str, day: date) -> Instrument:
        """Return what a ticker meant on a day; raises NotFound naming near symbols."""
        ...


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted of a provider. `options` are the provider's own (path, mapping, symbols)."""

    since: date | None = None
    until: date | None = None
    options: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """A provider's answer as it came, content-addressed, before anyone has read it."""

    provider: str
    name: str
    body: bytes
    asked_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a raw answer says: rows of `bars_1d` without ids, instruments, and what is wrong."""

    bars: pl.DataFrame
    instruments: tuple[Instrument, ...]
    faults: tuple[Fault, ...]


class Provider(Protocol):
    """An outside source of bars, in three steps: ask, keep raw, parse. Parsing is pure."""

    @property
    def name(self) -> str: ...
    @property
    def origin(self) -> Origin: ...

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch raw answers; raises Unavailable or InvalidInput, never gives made-up data."""
        ...

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read a raw answer, the same way each time."""
        ...


class Calendar(Protocol):
    """Sessions of one market, with their closes in UTC."""

    @property
    def venue(self) -> str: ...

    def sessions(self, since: date, until: date) -> tuple[date, ...]:
        """Return the sessions from `since` to `until`, both included."""
        ...

    def close(self, session: date) -> datetime:
        """Return when a session closes, in UTC; raises InvalidInput when it is none."""
        ...


class RawArchive(Protocol):
    """Keeps raw answers for good, by the hash of their content."""

    def keep(self, raw: Raw) -> None:
        """Keep an answer; the same content twice is kept once."""
        ...

    def get(self, digest: str) -> Raw:
        """Return an answer; raises NotFound, or Unavailable when its bytes have changed."""
        ...


Row = Mapping[str, Any]

"""What market needs of the world: a store, providers, a calendar. Fakes stand in `fakes.py`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol

from fondaco.core.instrument import Instrument, InstrumentId, Origin
from fondaco.core.prices import Bar
from fondaco.market.sheets import Market, Sheet

if TYPE_CHECKING:
    import polars as pl  # half a second, and this module stands on `--help`'s way

    from fondaco.market.feed.values import Answer
    from fondaco.market.quote_results import BarsAsked, TriedLine
    from fondaco.market.results import (
        DiscardReport,
        IngestReport,
        QualitySummary,
        ReplayReport,
    )


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
    kind: str = "bars_1d"


class Store(Protocol):
    """The versioned, point-in-time record of what was known.

    `bars_1d` columns: instrument, session, ts, known_at, open, high, low, close, volume, factor,
    source, ingest_id. `factor` times the prices of earlier sessions makes them comparable with
    this session's (1 when no split or dividend took effect). `source` is the origin, or the
    origin, a colon and a name (`bundled:skfolio`). `tables.py` holds the columns of each table.
    """

    def append(
        self, table: str, rows: "pl.DataFrame", *, ingest_id: str, seen_at: datetime | None = None
    ) -> Ingest:
        """Add rows that are not there yet, in one atomic version; no version when none is new.

        With `seen_at`, a row that contradicts a stored one of the same known time is kept as a
        revision known at `seen_at`. Raises Unavailable when it cannot be written.
        """
        ...

    def read(
        self,
        table: str,
        *,
        as_of: datetime | None = None,
        version: int | None = None,
        instruments: tuple[InstrumentId, ...] | None = None,
        since: date | None = None,
        until: date | None = None,
        first: bool = False,
        columns: tuple[str, ...] | None = None,
    ) -> "pl.DataFrame":
        """Return the latest revision of each row that was known at `as_of`, in key order.

        `instruments` are what rows are about, whatever the table calls it: instruments, series,
        issuers (`revisions.subject_of`). `since` and `until` bound the session, else the UTC day
        of `ts`, both included: what was in force at `as_of` is narrowed, so a row that was moved
        out of the span is not in it. `first` asks for the first revision instead of the latest.
        `columns` reads only these, in this order. `version` reads the table as it was then; raises
        NotFound when there was none, InvalidInput for a column that is none.
        """
        ...

    def version(self, table: str) -> int:
        """Return the newest version; -1 when the table has no row yet."""
        ...

    def content_hash(self, table: str) -> str:
        """Return the hash of all that the table says, bookkeeping left out."""
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
    """What is wanted of a provider: a kind of data, of some symbols, over a span of days.

    `symbols` are the desk's tickers, or names of series, indices, curves, issuers: whatever the
    kind is `of`. `options` are the provider's own (path, mapping, seconds).
    """

    since: date | None = None
    until: date | None = None
    options: Mapping[str, str] | None = None
    kind: str = "bars_1d"
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Raw:
    """A provider's answer as it came, content-addressed, before anyone has read it.

    `name` says what it is of (a symbol, a page); `request` is what was asked, with
    nothing secret in it.
    """

    provider: str
    name: str
    body: bytes
    asked_at: datetime
    digest: str
    request: str = ""


@dataclass(frozen=True, slots=True)
class CheckedMove:
    """A large true move of a close, with what it was checked against: the jump rule lets it in."""

    instrument: InstrumentId
    session: date
    evidence: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a raw answer says: daily bars (columns of `tables.PARSED`), rows of other kinds
    (columns of `Kind.parsed`), instruments, what is wrong.

    `moves` are large moves that the provider's author has checked against another source.
    """

    bars: "pl.DataFrame"
    instruments: tuple[Instrument, ...]
    faults: tuple[Fault, ...]
    moves: tuple[CheckedMove, ...] = ()
    rows: Mapping[str, "pl.DataFrame"] = field(default_factory=dict)


class Provider(Protocol):
    """An outside source, in three steps: ask, keep raw, parse. Parsing is pure."""

    @property
    def sheet(self) -> Sheet: ...
    @property
    def name(self) -> str: ...
    @property
    def origin(self) -> Origin: ...

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch raw answers; raises Unanswered or InvalidInput, never gives made-up data."""
        ...

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read a raw answer, the same way each time."""
        ...


class Directory(Protocol):
    """Every provider of the desk by its name."""

    def sheet(self, name: str) -> Sheet:
        """Return what a provider says of itself; raises NotFound naming those there are."""
        ...

    def sheets(self) -> tuple[Sheet, ...]:
        """Return what each provider says of itself."""
        ...

    def has_key(self, name: str) -> bool | None:
        """Return whether the provider's key is set; None when it needs none."""
        ...

    def with_key(self, name: str, keys: Mapping[str, str]) -> Provider:
        """Return a provider that uses other keys, to try them before they are kept."""
        ...


class Feeds(Protocol):
    """Asks sources for what is wanted now; `market.feeding.DeskFeed` is one."""

    def quotes(
        self,
        market: Market,
        symbols: tuple[str, ...],
        *,
        witnesses: int,
        max_age: timedelta | None,
    ) -> "tuple[Answer | None, list[TriedLine]]":
        """Return the quotes that some source gave (None for none), and what was tried."""
        ...

    def bars(self, market: Market, symbols: tuple[str, ...], *, since: date) -> "BarsAsked":
        """Take in the daily bars of symbols, and say which source gave which."""
        ...


class IngestLog(Protocol):
    """Says when each provider's data last came in; `market.gate.records.Records` is one."""

    def last_ingests(self) -> Mapping[str, datetime]:
        """Return the time of each provider's last ingest."""
        ...


class KeyStore(Protocol):
    """Keeps the keys of providers where the system keeps what nobody else may read."""

    def keep(self, name: str, value: str) -> None:
        """Keep a key; raises Unavailable when the system has no place for it."""
        ...


class Calendar(Protocol):
    """Sessions of one market, with their opens and closes in UTC.

    A session is named by its trade date: it closes on that day, or at the midnight that ends it,
    and may open the evening before.
    """

    @property
    def venue(self) -> str: ...
    @property
    def reach(self) -> tuple[date, date]:
        """Return the first and last day whose sessions are known."""
        ...

    def open(self, session: date) -> datetime:
        """Return when a session first opens, in UTC; raises InvalidInput when it is none."""
        ...

    def sessions(self, since: date, until: date) -> tuple[date, ...]:
        """Return the sessions from `since` to `until`, both included."""
        ...

    def close(self, session: date) -> datetime:
        """Return when a session last closes, in UTC; raises InvalidInput when it is none."""
        ...

    def windows(self, session: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return the spans in which a session trades, in order; mostly one, from open to close.

        Raises InvalidInput when the day is no session.
        """
        ...


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A day on which the sources of a calendar differ and nothing settles it.

    About a "session", the day counts as closed; about a "close", the first source's stands.
    `says` pairs each source with its words.
    """

    venue: str
    day: date
    about: Literal["session", "close"]
    says: tuple[tuple[str, str], ...]
    counts_as: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Newest:
    """The last close that was known of a market's shares, on which venue, and its prices' label."""

    at: datetime
    venue: str
    origin: Origin


Calendars = Callable[[str], Calendar]
"""Gives the calendar of a venue (ISO 10383 code); raises NotFound when there is none."""


class Bars(Protocol):
    """Reads bars of one instrument; `market.prices.Prices` is one."""

    def bars(
        self,
        instrument: InstrumentId,
        *,
        as_of: datetime,
        since: date | None = None,
        until: date | None = None,
        adjusted: bool = False,
    ) -> tuple[Bar, ...]:
        """Return the bars that were known at `as_of`, oldest first: raw, or adjusted to it."""
        ...

    def origin(self, instrument: InstrumentId, *, as_of: datetime) -> Origin | None:
        """Return where they come from; None when there are none."""
        ...

    def version(self) -> int:
        """Return the store version that is read."""
        ...


class KindReader(Protocol):
    """Reads rows of any kind of data; `market.kind_rows.KindRows` is one."""

    def read(
        self,
        kind: str,
        of: Sequence[str] | None,
        *,
        as_of: datetime,
        since: date | None = None,
        until: date | None = None,
        source: str | None = None,
    ) -> "pl.DataFrame":
        """Return the rows in force at `as_of`, of some instruments (or series, issuers) or all."""
        ...

    def version(self, kind: str) -> int:
        """Return the version of a kind's table; -1 when it has no row yet."""
        ...


class Gate(Protocol):
    """Shows what was not let in, and settles it; `market.ingest.Ingestor` is one."""

    def faults(
        self,
        *,
        ids: Sequence[str] = (),
        instruments: Sequence[str] = (),
        rule: str = "",
        resolved: bool | None = None,
        kind: str = "",
        source: str = "",
    ) -> tuple[Fault, ...]:
        """Return the faults that match all that is given, newest day first."""
        ...

    def replay(
        self, faults: Sequence[Fault], *, by: str, reason: str, factor: float | None = None
    ) -> "ReplayReport":
        """Let quarantined rows in by a person's decision."""
        ...

    def discard(self, faults: Sequence[Fault], *, by: str, reason: str) -> "DiscardReport":
        """Keep quarantined rows out for good by a person's decision; they stay in the record."""
        ...

    def reparse(self, which: str) -> "IngestReport":
        """Read the kept raw answers of an ingest (its id), or one (its digest), again."""
        ...

    def summary(self) -> "QualitySummary":
        """Return what is wrong and what is there, by source and kind."""
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

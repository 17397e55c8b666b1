"""What the market capabilities give back: plain values, light to import."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from fondaco.core.instrument import Origin


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many faults a rule found."""

    rule: str
    says: str
    count: int


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one ingest did, for people.

    `rows_given` are the rows of the raw answers, `rows_new` those that the store did not have,
    `rows_quarantined` those set aside (by this or an earlier ingest of the same rows). `version`
    is the store's version afterwards.
    """

    ingest_id: str
    provider: str
    origin: Origin
    instruments: int
    since: date | None
    until: date | None
    rows_given: int
    rows_new: int
    rows_quarantined: int
    faults: tuple[RuleCount, ...]
    raw_digests: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class BarLine:
    """One raw bar as shown; only the close is there where the source has closes only."""

    session: date
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal
    volume: Decimal | None
    known_at: datetime


@dataclass(frozen=True, slots=True)
class BarList:
    """Raw bars of one instrument, oldest first, with where they come from."""

    symbol: str
    instrument: str
    name: str
    currency: str
    origin: Origin
    as_of: datetime
    version: int
    bars: tuple[BarLine, ...]


@dataclass(frozen=True, slots=True)
class InstrumentLine:
    """One instrument as shown. `symbols` are its tickers with their days."""

    symbol: str
    instrument: str
    name: str
    asset_class: str
    venue: str
    currency: str
    sector: str | None
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstrumentList:
    """The instruments of the desk, by symbol. `total` counts those that match."""

    total: int
    instruments: tuple[InstrumentLine, ...]


@dataclass(frozen=True, slots=True)
class FaultLine:
    """One fault as shown. `resolved` says who let the row in and why, None while it is open."""

    id: str
    rule: str
    symbol: str
    session: date | None
    reason: str
    where: str
    row: str
    source: str
    seen_at: datetime
    replayable: bool
    resolved: str | None


@dataclass(frozen=True, slots=True)
class FaultList:
    """Faults, newest day first. `total` counts those that match."""

    total: int
    faults: tuple[FaultLine, ...]


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay let in. `by` and `reason` stand in the quarantine for good."""

    ingest_id: str
    faults: tuple[str, ...]
    rows_new: int
    version: int
    by: str
    reason: str

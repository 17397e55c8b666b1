"""What the market capabilities give back: plain values, light to import."""

from dataclasses import dataclass
from datetime import date, datetime

from fondaco.core.instrument import Origin


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many faults a rule found."""

    rule: str
    says: str
    count: int


@dataclass(frozen=True, slots=True)
class KindCount:
    """What an ingest did with the rows of one kind. `version` is that of the kind's table."""

    kind: str
    rows_given: int
    rows_new: int
    rows_quarantined: int
    version: int


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
    kinds: tuple[KindCount, ...] = ()


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


@dataclass(frozen=True, slots=True)
class DiscardReport:
    """What was kept out for good. `by` and `reason` stand in the quarantine for good."""

    faults: tuple[str, ...]
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class QualityLine:
    """How many faults a source's rows of a kind have under a rule, open and resolved."""

    source: str
    kind: str
    rule: str
    severity: str
    open: int
    resolved: int
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """What the store holds of a kind by a source.

    `things` counts instruments, series or whatever the kind is of. `age_hours` is from the newest
    `ts` to now, below zero for what lies ahead.
    """

    kind: str
    source: str
    things: int
    rows: int
    first_ts: datetime
    last_ts: datetime
    last_known_at: datetime
    age_hours: float


@dataclass(frozen=True, slots=True)
class QualitySummary:
    """Faults and coverage of the whole desk, by source and kind."""

    as_of: datetime
    faults: tuple[QualityLine, ...]
    coverage: tuple[CoverageLine, ...]

"""What the desk's capabilities give back: plain values, light to import."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from fondaco.core.instrument import Origin
from fondaco.core.jobs import Job
from fondaco.core.view import Tone
from fondaco.trading.results import CardLine


@dataclass(frozen=True, slots=True)
class IdeaLine:
    """A wish of a strategy: the target share of equity and what it rests on."""

    symbol: str
    source: str
    weight: float
    catalyst: str


@dataclass(frozen=True, slots=True)
class ForecastRecord:
    """How far past forecasts of the model came true; see `research.results.Record`."""

    forecasts: int
    dates: int
    since: datetime
    until: datetime
    rank_ic_mean: float | None
    rank_ic_error: float | None
    hit_rate: float | None
    covered: float


@dataclass(frozen=True, slots=True)
class CycleReport:
    """What one cycle did. `as_of` is the market time of all its decisions.

    `notes` say in words what was otherwise than asked (another session, too few forecasts).
    `record` is the model's out-of-sample record known then, None while there is none.
    """

    as_of: datetime
    session: date
    replay: bool
    origin: Origin
    account: str
    strategies: tuple[str, ...]
    instruments: int
    rows_ingested: int
    rows_quarantined: int
    model: str
    forecasts: int
    forecasts_new: int
    record: ForecastRecord | None
    ideas: tuple[IdeaLine, ...]
    cards: tuple[CardLine, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PositionLine:
    """What is held of one instrument, at its cost and at its last known close."""

    symbol: str
    instrument: str
    quantity: Decimal
    cost: Decimal
    price: Decimal
    price_day: date
    value: Decimal
    gain: Decimal
    gain_share: float | None


@dataclass(frozen=True, slots=True)
class EquityCurve:
    """What the account was worth at each close, from before its first fill to the last close."""

    days: tuple[date, ...]
    equity: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The account at a glance, marked with the last known closes.

    `origin` labels the prices, None before there are any; `cards` are those of the latest cycle.
    """

    account: str
    currency: str
    as_of: datetime | None
    origin: Origin | None
    cash: Decimal
    invested: Decimal
    equity: Decimal
    paid_in: Decimal
    gain: Decimal
    positions: tuple[PositionLine, ...]
    curve: EquityCurve
    cards: tuple[CardLine, ...]


@dataclass(frozen=True, slots=True)
class JobList:
    """The latest jobs, newest first."""

    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One call through the door, as the journal keeps it."""

    seq: int
    at: datetime
    actor: str
    surface: str
    capability: str
    effect: str
    outcome: str
    detail: str
    inputs: str
    hash: str


@dataclass(frozen=True, slots=True)
class JournalList:
    """The latest lines of the journal, newest first."""

    lines: tuple[JournalLine, ...]


@dataclass(frozen=True, slots=True)
class JournalCheck:
    """What a check of the whole journal found."""

    lines: int
    intact: bool
    head: str
    broken_at: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class ParkedLine:
    """A delivery that gave up and waits for a person."""

    event: str
    name: str
    subject: str
    handler: str
    attempts: int
    error: str
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class ParkedList:
    """The deliveries that gave up, latest first."""

    parked: tuple[ParkedLine, ...]


@dataclass(frozen=True, slots=True)
class Retried:
    """A delivery that was put back in line."""

    event: str
    handler: str


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that `doctor` looked at: what it found, how that is, and what to do."""

    name: str
    found: str
    tone: Tone
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """Everything that `doctor` looked at. `sound` is False when something is broken."""

    sound: bool
    checks: tuple[Check, ...]

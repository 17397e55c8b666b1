"""What research's capabilities give back: plain values, light to import."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from fondaco.core.instrument import Origin


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """One feature of one instrument; `value` None where it is not known yet."""

    name: str
    title: str
    value: Decimal | None
    unit: str
    sessions_needed: int
    fact: str | None


@dataclass(frozen=True, slots=True)
class FeatureSheet:
    """All features of one instrument at its last session known then."""

    symbol: str
    instrument: str
    session: date
    as_of: datetime
    origin: Origin
    rows: tuple[FeatureRow, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What came of past forecasts whose horizon has ended.

    `rank_ic_mean` is the mean over dates of Spearman's correlation between score and realised
    rank, -1 to 1, and `rank_ic_error` its standard error over those dates (too small where the
    horizons of the dates overlap). `hit_rate` is the share of forecasts on the right side of the
    middle, 0.5 by chance; `covered` the share within low and high, 0.8 if the ranges are right. A
    figure is None where it is not defined (no score differs, one date only).
    """

    forecasts: int
    dates: int
    since: datetime
    until: datetime
    rank_ic_mean: float | None
    rank_ic_error: float | None
    hit_rate: float | None
    covered: float


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One forecast: expected rank of the next return, with the range of like outcomes."""

    symbol: str
    score: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ForecastSheet:
    """The latest forecasts known then, best first, with the model's out-of-sample record.

    `model` None, and no rows, when the desk has made no forecast yet.
    """

    as_of: datetime | None
    model: str | None
    horizon_sessions: int | None
    trained_until: datetime | None
    origin: Origin
    rows: tuple[ForecastRow, ...]
    record: Record | None


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One number of a strategy: its default, the range it may have, and what it means."""

    name: str
    default: float
    low: float
    high: float
    whole: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class HonestRecord:
    """What the engine measured of a strategy with its defaults on the bundled shares.

    Shares and ratios are after costs: `cost_bps` of each traded value. `turnover_annual` is
    half of what was bought and sold a year over equity.
    """

    since: date
    until: date
    cost_bps: float
    cagr: float
    vol_annual: float
    sharpe: float
    drawdown_max: float
    turnover_annual: float


@dataclass(frozen=True, slots=True)
class StrategyRow:
    """One built-in strategy: its idea in a line, source, and parameters.

    `explanation` tells idea, rule, source and what it ignores. `record` None: not measured yet.
    """

    name: str
    idea: str
    source: str
    explanation: str
    warm_up_sessions: int
    scores_names: bool
    parameters: tuple[ParameterRow, ...]
    record: HonestRecord | None


@dataclass(frozen=True, slots=True)
class StrategySheet:
    """The built-in strategies, or the one asked for, and what must be known of their records.

    `luck` says what the best of all that were measured would show without any skill.
    """

    strategy: str | None
    rows: tuple[StrategyRow, ...]
    luck: str
    sample: str

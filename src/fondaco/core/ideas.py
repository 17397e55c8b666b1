"""Where research and trading meet: a forecast, and an idea that asks to become a card."""

from dataclasses import dataclass
from datetime import datetime

from fondaco.core.facts import Fact
from fondaco.core.instrument import InstrumentId


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a forecaster expects of one instrument over a horizon, as a distribution.

    `score` is the expected cross-sectional rank in 0 to 1; `low` and `high` bound the central
    80 per cent of past out-of-sample outcomes for such scores. `trained_until` is the last label
    end that the model saw: never later than `as_of`.
    """

    instrument: InstrumentId
    as_of: datetime
    horizon_sessions: int
    score: float
    low: float
    high: float
    model: str
    trained_until: datetime


@dataclass(frozen=True, slots=True)
class Idea:
    """A wish for a position, from a strategy, a forecaster, a person or a language model.

    `weight` is the target share of equity, -1 to 1. `catalyst_at` dates what the idea rests on,
    None when nothing dated does. The facts are its evidence.
    """

    source: str
    instrument: InstrumentId
    as_of: datetime
    weight: float
    catalyst: str
    catalyst_at: datetime | None
    facts: tuple[Fact, ...]

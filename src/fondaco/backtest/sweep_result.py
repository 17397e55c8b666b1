"""What a sweep gives: each set with its figures, and how many trials that took."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from fondaco.core.instrument import Origin
from fondaco.research.trial_results import Standing


@dataclass(frozen=True, slots=True)
class SetFigures:
    """How the account of one set fared: the figures of `Metrics` that sets are compared by."""

    cagr: float
    vol_annual: float | None
    sharpe: float | None
    max_drawdown: float
    turnover_annual: float
    end_equity: Decimal


@dataclass(frozen=True, slots=True)
class SweepSet:
    """One set of parameters: `place` in the grid from 1 on, what was varied, how it fared.

    `new` is False where the same trial was made before. A set that could not be run to its end has
    no figures, and says why in `fault`; it is no trial.
    """

    place: int
    varied: dict[str, float | int]
    figures: SetFigures | None
    new: bool
    fault: str = ""

    @property
    def label(self) -> str:
        """What was varied, in words."""
        return ", ".join(f"{name}={value:g}" for name, value in self.varied.items())


@dataclass(frozen=True, slots=True)
class SweepResult:
    """A strategy over a grid of parameters, the highest Sharpe ratio first.

    `parameters` are the fixed ones; `trials_new` counts the trials that this sweep added. `trial`
    is the content of the first set's, and `standing` how that stands among all that were made.
    """

    strategy: str
    parameters: dict[str, Any]
    sets: tuple[SweepSet, ...]
    symbols: int
    since: date
    until: date
    sessions: int
    label: Origin
    data_version: int
    fill_point: Literal["open", "close"]
    fill_rule: str
    currency: str
    capital: Decimal
    costs: str
    trials_new: int
    trial: str
    standing: Standing
    warnings: tuple[str, ...]
    created_at: datetime

"""What a tuning gives: its leaderboard, the set chosen, and what choosing earned out of sample."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from fondaco.backtest.sweep_result import SetFigures
from fondaco.backtest.tuning.ports import State
from fondaco.core.instrument import Origin
from fondaco.research.trial_results import Standing


@dataclass(frozen=True, slots=True)
class TunedSet:
    """One set of the leaderboard.

    `figures` are in sample: of the whole searched span, or of its first part for one that was
    pruned. `tested` is its mean annual Sharpe ratio over the windows tested since it was proposed,
    None for one proposed after them. `new` is whether this study was the first to try it.
    """

    number: int
    varied: dict[str, float | int]
    state: State
    reason: str
    figures: SetFigures | None
    tested: float | None
    trial: str | None
    new: bool

    @property
    def label(self) -> str:
        """What was varied, in words."""
        return ", ".join(f"{name}={value:g}" for name, value in self.varied.items())


@dataclass(frozen=True, slots=True)
class Stretch:
    """Daily returns over the tested sessions; ratios annual, `max_drawdown` below 0."""

    sharpe: float | None
    cagr: float
    max_drawdown: float
    curve: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Forward:
    """What choosing anew at each window earned in the sessions after it.

    `kind`, `train` and `test` are those of the walk. `chosen` are the returns of the sets chosen,
    stitched together; `hindsight` those of the one set with the best Sharpe ratio over the same
    sessions, which nobody could know. Curves begin at 1 and are read at `days`. `switches` counts
    the windows at which another set was chosen than before: what it costs to pass from one set's
    positions to another's is left out.
    """

    kind: str
    train: int
    test: int
    windows: int
    switches: int
    since: date
    until: date
    sessions: int
    chosen: Stretch
    hindsight: Stretch
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """The span that no trial of the study touched."""

    since: date
    until: date
    sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneResult:
    """A study: the best of its sets by Sharpe ratio in sample, and what may be expected of them.

    `parameters` are the fixed ones, `space` the varied ones in words. `chosen` is the set for the
    time after the span, picked as at every window, and `standing` how its trial stands among all.
    `values` are the Sharpe ratios in sample by number, None for a set that was not played in full.
    `importance` tells how much each parameter decides whether a set is among the best tenth, 1 in
    all; empty where it cannot be told. `forward` is None where the walk was switched off, `held`
    where nothing was kept back.
    """

    study: str
    seed: int
    strategy: str
    code: bool
    parameters: dict[str, Any]
    space: tuple[str, ...]
    asked: int
    tried: int
    complete: int
    pruned: int
    failed: int
    trials_new: int
    leaderboard: tuple[TunedSet, ...]
    chosen: TunedSet
    standing: Standing
    forward: Forward | None
    held: Kept | None
    values: tuple[float | None, ...]
    importance: dict[str, float]
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
    warnings: tuple[str, ...]
    created_at: datetime

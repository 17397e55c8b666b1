"""What a validation gives: every test of a strategy, its standing, what the gate would say."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from fondaco.core.instrument import Origin
from fondaco.research.trial_ledger import Condition
from fondaco.research.trial_results import Standing

State = Literal["PASS", "FAIL", "NOT JUDGED"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one test says: its state, the value found, the limit, and what that means in words."""

    name: str
    state: State
    value: str
    limit: str
    said: str


@dataclass(frozen=True, slots=True)
class Figures:
    """How an account fared over some sessions; a ratio without a meaning is None."""

    sessions: int
    sharpe: float | None
    cagr: float
    vol_annual: float | None
    drawdown: float


@dataclass(frozen=True, slots=True)
class ValidatedSet:
    """One set of parameters on the searched span; the first one is the strategy as given.

    `changed` is what differs from that. A set that could not be run has no figures, says why in
    `fault`, and is no trial.
    """

    changed: dict[str, float | int]
    figures: Figures | None
    trial: str
    fault: str = ""

    @property
    def label(self) -> str:
        """What was changed, in words."""
        if not self.changed:
            return "as given"
        return ", ".join(f"{name}={value:g}" for name, value in self.changed.items())


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Combinatorial purged cross-validation of the choice among the sets.

    With several sets, `sharpes` are the annual Sharpe ratios of the reconstructed paths: each runs
    through the whole span on returns of sets that were chosen without it. With one set nothing is
    chosen and all paths are the same: they are those of the blocks then, and `kind` says so.
    `median`, `low` (5 per cent quantile) and `loss_share` (share below 0) are of them.
    """

    kind: Literal["paths", "blocks"]
    groups: int
    test_groups: int
    splits: int
    embargo: int
    sharpes: tuple[float, ...]
    median: float
    low: float
    loss_share: float
    said: str


@dataclass(frozen=True, slots=True)
class WalkForward:
    """What choosing the best set on the past and holding it for the next window earned.

    `figures` are of the stitched out-of-sample returns, whose growth of 1 is `wealth` on `days`
    (thinned for drawing). `chosen` counts by set how often it was chosen; `inside` is the mean
    annual Sharpe ratio that the chosen sets showed where they were chosen.
    """

    kind: str
    train: int
    test: int
    windows: int
    since: date
    until: date
    figures: Figures
    inside: float
    chosen: dict[str, int]
    days: tuple[date, ...]
    wealth: tuple[float, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Range:
    """An estimate with its interval at 95 per cent; `unit` says how to show the numbers."""

    name: str
    estimate: float
    low: float
    high: float
    unit: Literal["number", "percent"]


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Intervals by the stationary bootstrap, all from the same draws."""

    ranges: tuple[Range, ...]
    draws: int
    mean_block: float


@dataclass(frozen=True, slots=True)
class OrderOfTrades:
    """How deep the account would have fallen, had its holding periods come in another order.

    A period runs from one decision to the next. For the drawdown alone: `purpose` says why.
    """

    periods: int
    observed: float
    median: float
    fall_95: float
    fall_99: float
    deeper_share: float
    draws: int
    purpose: str


@dataclass(frozen=True, slots=True)
class Permutation:
    """Whether the positions earned more on their own days than when moved in time.

    `earned` and `by_chance` are annual returns on equity before costs; `p_value` is one-sided.
    """

    earned: float
    by_chance: float
    error: float
    p_value: float
    draws: int
    names: int


@dataclass(frozen=True, slots=True)
class Overfitting:
    """The probability of backtest overfitting over the sets, by combinatorial halves."""

    probability: float
    sets: int
    splits: int
    blocks: int
    slope: float | None
    loss_probability: float


@dataclass(frozen=True, slots=True)
class ForecasterPath:
    """One path of a forecaster through history: its mean rank correlation, and that one's error."""

    rank_ic: float
    error: float
    sessions: int


@dataclass(frozen=True, slots=True)
class Learning:
    """How well a forecaster ranks what it did not learn from, on each path of purged folds.

    `median` and `error` are the middle ones of the paths; labels look `horizon` sessions ahead.
    """

    paths: tuple[ForecasterPath, ...]
    splits: int
    horizon: int
    embargo: int
    median: float
    error: float
    said: str


@dataclass(frozen=True, slots=True)
class Holdout:
    """The held-back span, looked at once: the strategy as given, and who was there before.

    `touched` are the trials of its family that had reached into it before the first look.
    """

    since: date
    until: date
    figures: Figures
    trial: str
    touched: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationResult:
    """Everything that one validation found; `evidence` is what the gate is shown.

    The sets, paths, intervals and tests are of the searched span, `since` to `until`; `holdout` of
    what was kept back. `order`, `overfit` and `learning` are None where there is nothing to test.
    `conditions` are those of the gate for paper, as they stood at the end of the validation.
    """

    evidence: str
    strategy: str
    family: str
    parameters: dict[str, Any]
    label: Origin
    data_version: int
    symbols: int
    since: date
    until: date
    sessions: int
    currency: str
    capital: Decimal
    costs: str
    costs_dated: date | None
    fill_rule: str
    seed: int
    proof: str
    sets: tuple[ValidatedSet, ...]
    cross: CrossValidation
    walk: WalkForward
    bootstrap: Bootstrap
    order: OrderOfTrades | None
    permutation: Permutation
    overfit: Overfitting | None
    learning: Learning | None
    holdout: Holdout
    standing: Standing
    conditions: tuple[Condition, ...]
    verdicts: tuple[Verdict, ...]
    warnings: tuple[str, ...]
    next: str
    created_at: datetime

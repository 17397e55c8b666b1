"""What the trial ledger and the gate give back: plain values, light to import."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fondaco.core.instrument import Origin
from fondaco.research.trial_ledger import Kind, Promotion


@dataclass(frozen=True, slots=True)
class Counts:
    """How many trials there were, and for how many independent ones they count.

    `effective` lies between 1 and `raw` (0 for none): trials that resemble each other buy less
    luck than trials that do not.
    """

    raw: int
    effective: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a result stands after paying for every trial that was made to find it.

    `own`, `family` and `desk` count the trials of its strategy, of all that share its idea, and of
    everyone; `alike` of them are of other families but walk alike, and so count as its family.
    `sessions` are those of its daily returns. Ratios are annual; `sharpe_low` to `drawdown_high`
    are 95 per cent intervals by the stationary bootstrap, drawdowns below 0. `luck_sharpe` is what
    the best of the desk's effective trials would show without any skill over as many sessions, 0
    for one trial. `deflated` and `deflated_desk` are the probability, 0 to 1, that the true ratio
    lies above what luck alone shows, over its family and over the desk. `false_discovery` is its q
    after Benjamini and Hochberg among the desk's trials. `overfit` is the probability of backtest
    overfitting over `overfit_sets` different sets, of its family by name and of its twins, on the
    same sessions, None for fewer than two; `overfit_left_out` counts those of them that could not
    be compared there.
    `track_record` is how many sessions a ratio as high needs to be told from 0 at 95 per cent, None
    where it never is. `said` tells in a sentence what that means, `warnings` what is wrong with it,
    each with its numbers. What cannot be measured without returns is None.
    """

    own: Counts
    family: Counts
    desk: Counts
    alike: int
    sessions: int
    sharpe: float | None
    sharpe_low: float | None
    sharpe_high: float | None
    cagr_low: float | None
    cagr_high: float | None
    drawdown_low: float | None
    drawdown_high: float | None
    luck_sharpe: float
    deflated: float | None
    deflated_desk: float | None
    false_discovery: float | None
    overfit: float | None
    overfit_sets: int
    overfit_left_out: int
    track_record: int | None
    said: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One counted evaluation, without its daily returns."""

    content: str
    strategy: str
    family: str
    parameters: dict[str, Any]
    author: str
    surface: str
    kind: Kind
    at: datetime
    since: datetime
    until: datetime
    data_version: int
    instruments: int
    label: Origin | None
    code: str
    costs: str
    costs_dated: date | None
    lineage: str
    metrics: dict[str, float]


@dataclass(frozen=True, slots=True)
class Point:
    """One trial in the cloud: how long it was, in years of 252 sessions, and its annual Sharpe."""

    content: str
    strategy: str
    at: datetime
    years: float
    sharpe: float


@dataclass(frozen=True, slots=True)
class Luck:
    """What luck alone would show: densities of the annual Sharpe ratio without any skill.

    `sharpe` is the grid; `one` the density of a single trial's ratio over `sessions`, `best` that
    of the best of `trials` effective ones; `expected` is the latter's mean.
    """

    sessions: int
    trials: float
    expected: float
    sharpe: tuple[float, ...]
    one: tuple[float, ...]
    best: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TrialSheet:
    """The trials that were asked for, newest first, and how many there are of them and in all.

    `found` counts those that fit, `desk` everyone's. `cloud` are those of them that have a Sharpe
    ratio, `luck` what chance alone would show beside it, None where no trial has a ratio. `chosen`
    is the trial that was asked to be marked, with its `standing`.
    """

    asked: str
    found: Counts
    desk: Counts
    rows: tuple[TrialRow, ...]
    cloud: tuple[Point, ...]
    luck: Luck | None
    chosen: TrialRow | None
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Noted:
    """A trial that was made elsewhere and noted by hand; `new` False when it was noted before."""

    trial: TrialRow
    new: bool
    standing: Standing


@dataclass(frozen=True, slots=True)
class PromotionSheet:
    """What stands where: the promotion in force of each strategy, and all of them, newest first."""

    strategy: str | None
    current: tuple[Promotion, ...]
    rows: tuple[Promotion, ...]

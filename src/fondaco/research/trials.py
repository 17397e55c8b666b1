"""Trials: every evaluation of any idea is counted for good, and known again when repeated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite

from fondaco.core.clock import utc
from fondaco.core.errors import InvalidInput
from fondaco.core.ids import content_hash
from fondaco.core.instrument import InstrumentId, Origin
from fondaco.research.strategies.strategy import Strategy, code_hash, strategy_hash
from fondaco.research.trial_ledger import Kind, Line, Trial, TrialStore, Which


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was evaluated on what: all that makes two trials the same trial.

    `costs` are the venue's numbers (basis points, least fee, starting cash) as plain JSON; money
    is written as text.
    """

    strategy: Strategy
    instruments: tuple[InstrumentId, ...]
    data_version: int
    since: datetime
    until: datetime
    costs: Mapping[str, str | float | int]

    @property
    def content(self) -> str:
        """SHA-256 of code, parameters, instruments, data version, span and costs."""
        return content_hash(
            [
                strategy_hash(self.strategy),
                list(self.instruments),
                self.data_version,
                utc(self.since).isoformat(),
                utc(self.until).isoformat(),
                dict(self.costs),
            ]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Who made a trial, how, and what is to be told of it beside its content.

    `costs` are in words and `costs_dated` as in `Trial`; `lineage` names the job or study.
    """

    author: str
    surface: str
    kind: Kind
    at: datetime
    label: Origin
    costs: str = ""
    costs_dated: date | None = None
    lineage: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a trial: metrics by name, and the daily returns as shares with their days.

    A metric that is not a number (a ratio without variance) is left out. `days` are days since
    1970-01-01, rising, one for each return. Raises InvalidInput for returns that are no numbers,
    or days that are not theirs.
    """

    metrics: Mapping[str, float]
    days: Sequence[int] = field(default=())
    returns: Sequence[float] = field(default=())

    def __post_init__(self) -> None:
        wrong = next((n for n, value in enumerate(self.returns) if not isfinite(value)), None)
        if wrong is not None:
            raise InvalidInput(
                f"the daily return number {wrong} of a trial is not a number",
                value=self.returns[wrong],
                bound="finite",
            )
        if len(self.days) != len(self.returns) or any(
            later <= day for day, later in zip(self.days, self.days[1:], strict=False)
        ):
            raise InvalidInput(
                "the days of a trial are not those of its returns",
                value=f"{len(self.days)} days, {len(self.returns)} returns",
                bound="one rising day for each return",
            )


@dataclass(frozen=True, slots=True)
class Counted:
    """A trial as counted: `new` False when the same was evaluated before.

    `trials_strategy`, `trials_family` and `trials_desk` are the counts after it, of this strategy,
    of all that share its idea, and of everyone.
    """

    trial: Trial
    new: bool
    trials_strategy: int
    trials_family: int
    trials_desk: int


def count_trial(
    store: TrialStore, evaluation: Evaluation, made: Made, measured: Measured
) -> Counted:
    """Count an evaluation in the trial ledger, whatever its result."""
    strategy = evaluation.strategy
    trial = Trial(
        content=evaluation.content,
        strategy=strategy.name,
        family=strategy.family or strategy.name,
        parameters=dict(strategy.parameters),
        author=made.author,
        surface=made.surface,
        kind=made.kind,
        at=utc(made.at),
        code=code_hash(strategy),
        data_version=evaluation.data_version,
        instruments=len(evaluation.instruments),
        label=made.label,
        since=utc(evaluation.since),
        until=utc(evaluation.until),
        costs=made.costs,
        costs_dated=made.costs_dated,
        metrics={name: value for name, value in measured.metrics.items() if isfinite(value)},
        days=tuple(measured.days),
        returns=tuple(measured.returns),
        lineage=made.lineage,
    )
    return counted(store, trial, new=store.add(trial))


def counted(store: TrialStore, trial: Trial, *, new: bool) -> Counted:
    """Return how many trials stand behind a trial that is in the ledger."""
    return Counted(
        trial,
        new,
        store.count(Which(strategy=trial.strategy)),
        store.count(Which(family=trial.family)),
        store.count(),
    )


def line_of(trial: Trial) -> Line:
    """Return a trial as counts and clouds need it; returns without days are none."""
    import numpy as np

    from fondaco.research.statistics.effective import Stream

    stream = None
    if trial.days:
        days = np.array(trial.days, dtype=np.int32)
        stream = Stream(days, np.array(trial.returns, dtype=np.float64))
    return Line(
        trial.content,
        trial.strategy,
        trial.family,
        trial.kind,
        trial.at,
        trial.since,
        trial.until,
        stream,
    )

"""Trials: every evaluation of any idea is counted for good, and known again when repeated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from fondaco.core.clock import utc
from fondaco.core.errors import InvalidInput
from fondaco.core.ids import content_hash
from fondaco.core.instrument import InstrumentId
from fondaco.research.ports import Trial, TrialStore
from fondaco.research.strategies.strategy import Strategy, strategy_hash


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


@dataclass(frozen=True, slots=True)
class Counted:
    """A trial as counted: `new` False when the same was evaluated before.

    `trials_strategy` and `trials_desk` are the counts after it, of this strategy and of all.
    """

    trial: Trial
    new: bool
    trials_strategy: int
    trials_desk: int


def count_trial(
    store: TrialStore,
    evaluation: Evaluation,
    *,
    author: str,
    at: datetime,
    metrics: Mapping[str, float],
    returns: tuple[float, ...],
) -> Counted:
    """Count an evaluation in the trial ledger, whatever its result.

    `returns` are the daily returns as shares. A metric that is not a number (a ratio without
    variance) is left out. Raises InvalidInput for returns that are no numbers.
    """
    wrong = next((n for n, value in enumerate(returns) if not isfinite(value)), None)
    if wrong is not None:
        raise InvalidInput(
            f"the daily return number {wrong} of a trial is not a number",
            value=returns[wrong],
            bound="finite",
        )
    strategy = evaluation.strategy
    trial = Trial(
        evaluation.content,
        strategy.name,
        dict(strategy.parameters),
        author,
        utc(at),
        evaluation.data_version,
        evaluation.since,
        evaluation.until,
        {name: value for name, value in metrics.items() if isfinite(value)},
        returns,
    )
    new = store.add(trial)
    return Counted(trial, new, store.count(strategy=strategy.name), store.count())

"""What to try next, by Optuna's tree-structured Parzen estimator; nothing else here knows Optuna.

Sets come in batches of a fixed size, each from a sampler whose seed hangs on the study's seed and
the batch's number alone, and from a study that is built anew of all that was tried before. So the
same history always leads to the same sets: with one worker or many, and when a study that was cut
short goes on.

Source: Bergstra, Bardenet, Bengio and Kégl (2011), Algorithms for hyper-parameter optimization,
NIPS 24; sets of a batch that are not judged yet count as poor ones (Ginsbourger, Le Riche and
Carraro, 2010, the constant liar), so that a batch spreads out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fondaco.backtest.grid import Number
from fondaco.backtest.tuning.ports import State
from fondaco.backtest.tuning.space import Axis, Space, Varied

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study
    from optuna.trial import FrozenTrial

BATCH = 8
"""Sets of a batch: as many can be played at once, and none of them learns from another."""
STARTUP = 16
"""Sets drawn at random before the estimator has enough to learn from: two batches."""
IMPORTANCE_SETS_MIN = 20
"""Fewest complete sets from which the weight of a parameter is told."""
_SPREAD = 1
"""Marks the chance that replaces a repeated set from the chance of the sampler."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A set as the sampler sees it: `value` higher is better, None unless complete."""

    varied: Mapping[str, Number]
    state: State
    value: float | None = None
    early: float | None = None


def suggest(
    space: Space, history: Sequence[Judged], count: int, *, seed: int, batch: int
) -> tuple[Varied, ...]:
    """Return the sets of a batch, at most `count`: fewer when the space is used up.

    A set that was tried before teaches nothing, so one at random that was not is tried instead.
    """
    import numpy as np

    study = _study(space, history, _seed(seed, batch))
    chance = np.random.default_rng([seed, batch, _SPREAD])
    taken = {space.key(judged.varied) for judged in history}
    found: list[Varied] = []
    distributions = _distributions(space)
    for _ in range(count):
        asked = study.ask(distributions).params
        varied: Varied | None = {axis.name: axis.at(asked[axis.name]) for axis in space.axes}
        if varied is None or space.key(varied) in taken:
            varied = space.untried(chance, taken)
        if varied is None:
            break
        taken.add(space.key(varied))
        found.append(varied)
    return tuple(found)


def gives_up(space: Space, history: Sequence[Judged], early: float) -> bool:
    """Return whether a set is given up: below the median of the complete sets' first parts.

    Nothing is given up before as many sets are complete as were drawn at random.
    Source: Golovin et al. (2017), Google Vizier, KDD 23, section 3.2.1 (the median stopping rule).
    """
    from optuna.pruners import MedianPruner
    from optuna.trial import TrialState, create_trial

    study = _study(space, history, 0)
    running = create_trial(state=TrialState.RUNNING, intermediate_values={0: early})
    return bool(MedianPruner(n_startup_trials=STARTUP).prune(study, running))


def importance(space: Space, history: Sequence[Judged]) -> dict[str, float]:
    """Return how much each parameter decides whether a set is among the best tenth; 1 in all.

    Empty for fewer than 20 complete sets, a single parameter, or where nothing can be told.
    Source: Watanabe, Bansal and Hutter (2023), PED-ANOVA, IJCAI 32.
    """
    complete = [judged for judged in history if judged.state == "complete"]
    if len(complete) < IMPORTANCE_SETS_MIN or len(space.axes) < 2:
        return {}
    from optuna.importance import PedAnovaImportanceEvaluator

    found = PedAnovaImportanceEvaluator().evaluate(_study(space, complete, 0))
    total = sum(found.values())
    if not total > 0:
        return {}
    return {name: value / total for name, value in found.items()}


def sampler_name() -> str:
    """Return what sets are suggested by, with its version: another one may suggest others."""
    return f"optuna {version('optuna')} tpe batch {BATCH} startup {STARTUP}"


def _seed(seed: int, batch: int) -> int:
    from numpy.random import SeedSequence

    return int(SeedSequence([seed, batch]).generate_state(1)[0])


def _study(space: Space, history: Sequence[Judged], seed: int) -> "Study":
    from optuna import logging
    from optuna.samplers import TPESampler
    from optuna.study import create_study

    logging.set_verbosity(logging.WARNING)  # a line for each study would stand on the terminal
    sampler = TPESampler(seed=seed, n_startup_trials=STARTUP, constant_liar=True)
    study = create_study(direction="maximize", sampler=sampler)
    distributions = _distributions(space)
    study.add_trials([_frozen(space, judged, distributions) for judged in history])
    return study


def _frozen(
    space: Space, judged: Judged, distributions: "Mapping[str, BaseDistribution]"
) -> "FrozenTrial":
    from optuna.trial import TrialState, create_trial

    states = {
        "complete": TrialState.COMPLETE,
        "pruned": TrialState.PRUNED,
        "failed": TrialState.FAIL,
    }
    params: dict[str, Any] = {
        axis.name: axis.coordinate(judged.varied[axis.name]) for axis in space.axes
    }
    return create_trial(
        state=states[judged.state],
        value=judged.value if judged.state == "complete" else None,
        params=params,
        distributions=dict(distributions),
        intermediate_values={} if judged.early is None else {0: judged.early},
    )


def _distributions(space: Space) -> "dict[str, BaseDistribution]":
    return {axis.name: _distribution(axis) for axis in space.axes}


def _distribution(axis: Axis) -> "BaseDistribution":
    """Return an axis as Optuna takes it; listed values by their place, so that order counts."""
    from optuna.distributions import FloatDistribution, IntDistribution

    if axis.values:
        return IntDistribution(0, len(axis.values) - 1)
    if axis.whole:
        return IntDistribution(int(axis.low), int(axis.high), log=axis.log)
    return FloatDistribution(float(axis.low), float(axis.high), log=axis.log)

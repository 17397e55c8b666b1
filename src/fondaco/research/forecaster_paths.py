"""The forecaster on purged folds: how well it ranks what it did not learn from, path by path.

Walking forward gives one history, and one history may be luck. Combinatorial purged
cross-validation refits the forecaster on every choice of groups and puts its scores together into
several histories. Source: Lopez de Prado (2018), Advances in Financial Machine Learning, sections
7.4 and 12.4; the measure is the information coefficient of Grinold and Kahn (2000), Active
Portfolio Management, chapter 6, with ranks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.core.jobs import Progress, Silent
from fondaco.market.panel import Matrix, Panel
from fondaco.research.forecaster import Cube, Recipe, fit, model_inputs
from fondaco.research.labels import forward_rank
from fondaco.research.record import NAMES_PER_DATE_MIN, rank_correlation
from fondaco.research.splits import Split
from fondaco.research.validation.combinatorial import CombinatorialPurged

STEP = "Refitting the forecaster on purged folds"
Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ForecasterPaths:
    """Rank correlations of scores and outcomes on each path through history.

    `ics` (P, T): of each path and session, NaN where there is no score or no outcome yet; `means`
    (P,) over the sessions that have one, of which there are `sessions` (P,). `errors` (P,) are the
    standard errors of the means: outcomes over `horizon` sessions overlap, so only one session in
    so many counts. `splits` counts the refits.
    """

    ics: Matrix
    means: Column
    errors: Column
    sessions: NDArray[np.int64]
    splits: int


def forecaster_paths(
    panel: Panel,
    recipe: Recipe,
    *,
    groups: int = 6,
    test_groups: int = 2,
    progress: Progress | None = None,
) -> ForecasterPaths:
    """Refit the forecaster on each purged split and return its rank correlations by path.

    Sessions are cut into `groups`; a label that reaches into a tested block is not learnt from,
    nor are the recipe's `embargo` sessions behind one. Inputs look back, so those of sessions
    after a tested block have seen its prices, never its outcomes. Raises InvalidInput for too few
    sessions, or where no split had enough to learn from; Cancelled when asked to stop.
    """
    walk = recipe.walk
    cut = CombinatorialPurged(groups, test_groups, horizon=walk.horizon, embargo=walk.embargo)
    inputs, labels = model_inputs(panel), forward_rank(panel.close, walk.horizon)
    told, earned = progress or Silent(), []
    count = cut.get_n_splits()
    for done, (train, test) in enumerate(cut.split(inputs)):
        told.report(STEP, done, count)
        earned.append(_judged(inputs, labels, train, test, recipe))
    told.report(STEP, count, count)
    ics = cut.reconstruct(earned)
    known = ~np.isnan(ics)
    if not known.any(axis=1).all():
        raise InvalidInput(
            "the forecaster had too little to learn from on the purged folds",
            value=f"{len(panel.sessions)} sessions of {len(panel.instruments)} names",
            bound=f"{2 * recipe.rows_per_leaf_min} rows of a fold, {NAMES_PER_DATE_MIN} names",
            remedy="Take a longer span, more symbols, or a smaller rows_per_leaf_min.",
        )
    sessions = known.sum(axis=1)
    errors = np.nanstd(ics, axis=1) * np.sqrt(walk.horizon / sessions)
    return ForecasterPaths(ics, np.nanmean(ics, axis=1), errors, sessions, count)


def _judged(
    inputs: Cube,
    labels: Matrix,
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    recipe: Recipe,
) -> Column:
    """Return the rank correlation of each tested session, (tested,), NaN for none."""
    learnt = Split(0, len(train), 0, 0, 0)
    model = fit(inputs[train], labels[train], learnt, recipe)
    found = np.full(len(test), np.nan)
    if model is None:
        return found
    for place, (scores, outcomes) in enumerate(_scored(model, inputs, labels, test, recipe)):
        if len(scores) >= NAMES_PER_DATE_MIN:
            found[place] = rank_correlation(scores, outcomes)
    return found


def _scored(
    model: Any, inputs: Cube, labels: Matrix, test: NDArray[np.int64], recipe: Recipe
) -> Iterator[tuple[Column, Column]]:
    """Yield the scores and outcomes of each tested session's names that have both."""
    tested = inputs[test]
    enough = np.mean(~np.isnan(tested), axis=2) >= recipe.inputs_min
    usable = enough & ~np.isnan(labels[test])
    scores = np.full(usable.shape, np.nan)
    if usable.any():
        scores[usable] = model.predict(tested[usable], num_threads=1)
    for row, session in enumerate(test):
        there = usable[row]
        yield scores[row, there], labels[session, there]

"""Nested tuning: parameters are chosen inside the training rows, and judged outside of them.

The best of many scores is high by luck. When the same tests choose and judge, that luck is reported
as skill; when the choice is made on inner splits of the training rows alone, the outer tests do
not know of it. Source: Varma and Simon (2006), Bias in error estimation when using
cross-validation for model selection, BMC Bioinformatics 7:91; Cawley and Talbot (2010), Journal of
Machine Learning Research 11, section 5.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.research.validation.spans import Rows, Split, Splitter

P = TypeVar("P")
Vector = NDArray[np.float64]
Learner = Callable[[P, Any, Any, Any], Any]
"""(parameters, X to learn from, y to learn from, X to predict) -> predictions."""
Judge = Callable[[Any, Any], float]
"""(y that came true, predictions) -> score, higher is better."""


@runtime_checkable
class Partial(Protocol):
    """A splitter whose label spans must be cut down with the rows."""

    def within(self, rows: Rows) -> Splitter:
        """Return the splitter for a part of the rows."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Nested:
    """What nested tuning found.

    choices  (outer,)        the parameter set, by number, chosen for each outer split.
    scores   (outer,)        what the choice scored on the outer test.
    inner    (outer, sets)   the mean inner score of each set, which made the choice.
    """

    choices: Rows
    scores: Vector
    inner: NDArray[np.float64]


def nested_scores(
    learner: Learner[P],
    sets: Sequence[P],
    X: NDArray[Any],
    y: NDArray[Any],
    outer: Splitter,
    inner: Splitter,
    score: Judge,
) -> Nested:
    """Return the outer scores of parameters that were chosen on inner splits alone.

    X is (n, ...) and y (n,), rows in time order. For each outer split, every set is fitted and
    scored on the inner splits of the outer training rows; the best mean (the first, when equal) is
    fitted on all of them and scored once on the outer test. Inner splits count rows that were left
    out as if they were not there: sessions that seem nearer than they were are purged the more.
    For stacked rows give both splitters `spans` of `LabelSpans.of_sessions`.

    Raises InvalidInput for no sets, X and y of other lengths, and a score that is no number.

    >>> from fondaco.research.validation.kfold import PurgedKFold
    >>> X, y = np.arange(12.0), np.arange(12.0) * 2
    >>> times = lambda factor, X_train, y_train, X_test: factor * X_test
    >>> near = lambda true, told: 1.0 - float(np.abs(true - told).mean())
    >>> folds = PurgedKFold(3, horizon=0)
    >>> found = nested_scores(times, [1.0, 2.0, 3.0], X, y, folds, folds, near)
    >>> found.choices.tolist(), found.scores.tolist()
    ([1, 1, 1], [1.0, 1.0, 1.0])
    """
    _check(sets, X, y)
    choices, scores, means = [], [], []
    for number, (train, test) in enumerate(outer.split(X, y)):
        known_X, known_y = X[train], y[train]
        splits = list(_inside(inner, train).split(known_X, known_y))
        table = [
            [_scored(learner, one, known_X, known_y, split, score) for split in splits]
            for one in sets
        ]
        mean = _finite(np.array(table), number).mean(axis=1)
        best = int(np.argmax(mean))
        outcome = _scored(learner, sets[best], X, y, (train, test), score)
        choices.append(best)
        means.append(mean)
        scores.append(_finite(np.array(outcome), number))
    return Nested(np.array(choices, dtype=np.int64), np.array(scores), np.array(means))


def _scored(
    learner: Learner[P],
    parameters: P,
    X: NDArray[Any],
    y: NDArray[Any],
    split: Split,
    score: Judge,
) -> float:
    train, test = split
    return float(score(y[test], learner(parameters, X[train], y[train], X[test])))


def _check(sets: Sequence[Any], X: NDArray[Any], y: NDArray[Any]) -> None:
    if len(sets) == 0:
        raise InvalidInput("there is no parameter set to choose from", value=0, bound=">= 1")
    if len(X) != len(y):
        raise InvalidInput(
            "each row of X needs its label", value=f"{len(y)} labels", bound=f"{len(X)} rows"
        )


def _inside(inner: Splitter, rows: Rows) -> Splitter:
    return inner.within(rows) if isinstance(inner, Partial) else inner


def _finite(scores: NDArray[np.float64], split: int) -> NDArray[np.float64]:
    if not np.all(np.isfinite(scores)):
        raise InvalidInput(
            f"a score on outer split {split} is not a number",
            value=scores[~np.isfinite(scores)].flat[0],
            bound="finite",
            remedy="Predictions that never vary have no correlation: let the score say 0 then.",
        )
    return scores

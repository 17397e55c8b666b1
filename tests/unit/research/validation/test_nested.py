"""Nested tuning: the choice never sees the outer test, so luck is not reported as skill."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix
from fondaco.research.validation.combinatorial import CombinatorialPurged
from fondaco.research.validation.kfold import PurgedKFold
from fondaco.research.validation.nested import Nested, nested_scores
from fondaco.research.validation.spans import LabelSpans, Splitter
from fondaco.research.validation.walk import Walk
from unit.research.validation.cases import touching

Vector = NDArray[np.float64]
OUTER = PurgedKFold(4, horizon=2, embargo=1)
INNER = PurgedKFold(3, horizon=2, embargo=1)
SETS = range(25)


def signed_column(column: int, X: Matrix, y: Vector, told: Matrix) -> Vector:
    """Learn the sign of one column's slope; the parameter is which column."""
    return np.sign(X[:, column] @ y) * told[:, column]


def constant(told: float, X: Matrix, y: Vector, rows: Matrix) -> Vector:
    """Learn nothing and say the parameter."""
    return np.full(len(rows), told)


def correlation(true: Vector, told: Vector) -> float:
    return float(np.corrcoef(true, told)[0, 1])


def worthless(seed: int, n: int = 120) -> tuple[Matrix, Vector]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, len(SETS))), rng.normal(size=n)


def nested(X: Matrix, y: Vector, outer: Splitter = OUTER, inner: Splitter = INNER) -> Nested:
    return nested_scores(signed_column, SETS, X, y, outer, inner, correlation)


def not_nested(X: Matrix, y: Vector, sets: Sequence[int] = SETS) -> float:
    """Return the best mean score of the outer tests: chosen and judged on the same rows."""
    splits = list(OUTER.split(X))
    scores = [
        [correlation(y[b], signed_column(one, X[a], y[a], X[b])) for a, b in splits] for one in sets
    ]
    return float(np.mean(scores, axis=1).max())


def test_the_choice_is_the_best_mean_of_the_inner_splits() -> None:
    # By hand: predictions are the parameter itself and the score is minus the distance to the mean
    # of the labels. Four outer folds of two rows, two inner folds of three; horizon 0.
    y = np.array([1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0])
    found = nested_scores(
        constant,
        [1.0, 2.0, 3.5],
        np.zeros((8, 1)),
        y,
        PurgedKFold(4, horizon=0),
        PurgedKFold(2, horizon=0),
        lambda true, told: -abs(float(true.mean() - told.mean())),
    )
    # Outer test rows 0-1 leave 2 2 3 | 3 4 4, means 7/3 and 11/3: distances of 1.0 are 4/3 and 8/3,
    # of 2.0 1/3 and 5/3, of 3.5 7/6 and 1/6.
    assert found.inner[0] == pytest.approx([-2.0, -1.0, -2 / 3])
    # The last leaves 1 1 2 | 2 3 3, means 4/3 and 8/3: 1/3 and 5/3; 2/3 and 2/3; 13/6 and 5/6.
    assert found.inner[3] == pytest.approx([-1.0, -2 / 3, -1.5])
    assert found.choices[[0, 3]].tolist() == [2, 1]
    assert found.scores[[0, 3]] == pytest.approx([-2.5, -2.0])  # |1 - 3.5| and |4 - 2|


def test_equal_scores_choose_the_first_set() -> None:
    X, y = worthless(1)
    found = nested_scores(signed_column, [3, 3, 3], X, y, OUTER, INNER, correlation)
    assert found.choices.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "outer", [OUTER, Walk(50, 20, horizon=2), CombinatorialPurged(4, 2, horizon=2)]
)
def test_outer_tests_move_no_choice(outer: Splitter) -> None:
    X, y = worthless(2)
    before = nested(X, y, outer)
    for number, (train, _) in enumerate(outer.split(X)):
        other_X, other_y = worthless(3)
        other_X[train], other_y[train] = X[train], y[train]
        after = nested(other_X, other_y, outer)
        assert after.choices[number] == before.choices[number]
        assert np.array_equal(after.inner[number], before.inner[number])
        assert after.scores[number] != before.scores[number]


def test_choosing_and_judging_on_the_same_tests_is_optimistic_and_nesting_is_not() -> None:
    # Null: X tells nothing of y. The sign of one outer score is the toss of a coin, so 300
    # histories give 122 to 178 that are above 0, within the exact binomial bound of 99.9 %.
    # Measured: 147, and a mean of -0.004 (error 0.007). Chosen and judged on the same tests, the
    # mean correlation of 100 of these histories is 0.21, the least 0.12.
    low, high = binom.interval(0.999, 300, 0.5)
    scores = np.array([nested(*worthless(seed)).scores for seed in range(300)])
    assert low <= int((scores[:, 0] > 0).sum()) <= high
    means = scores.mean(axis=1)
    assert abs(means.mean()) < 3.3 * means.std(ddof=1) / 300**0.5
    flattered = np.array([not_nested(*worthless(seed)) for seed in range(100)])
    assert flattered.mean() > 0.15
    assert flattered.min() > 0.0


def test_a_planted_signal_is_chosen_and_scored() -> None:
    # Power: column 9 carries half of y's variance, a correlation of 0.71.
    found = []
    for seed in range(20):
        X, y = worthless(seed)
        found.append(nested(X, y + X[:, 9]))
    assert np.mean([one.choices == 9 for one in found]) > 0.95
    assert np.mean([one.scores for one in found]) == pytest.approx(0.5**0.5, abs=0.05)


@pytest.mark.parametrize("inner", ["kfold", "combinatorial", "walk"])
def test_inner_splits_of_a_stacked_panel_learn_from_no_tested_label(inner: str) -> None:
    labels = LabelSpans.of_sessions(np.repeat(np.arange(60), 3), 3)
    kinds: dict[str, Splitter] = {
        "kfold": PurgedKFold(3, spans=labels, embargo=1),
        "combinatorial": CombinatorialPurged(4, 2, spans=labels),
        "walk": Walk(10, 5, spans=labels, embargo=1),
    }
    rng = np.random.default_rng(4)
    numbers = np.arange(180)
    pairs: list[tuple[list[int], list[int]]] = []

    def watching(_: int, X: NDArray[np.int64], y: Vector, told: NDArray[np.int64]) -> Vector:
        pairs.append((X.tolist(), told.tolist()))  # X is the number of each row
        return rng.normal(size=len(told))

    outer = PurgedKFold(3, spans=labels, embargo=1)
    nested_scores(watching, [0], numbers, rng.normal(size=180), outer, kinds[inner], correlation)
    assert len(pairs) > 3 * 3
    for train, test in pairs:
        sessions = {row // 3 for row in train}
        assert not sessions & {row // 3 for row in test}
        ends = {row // 3: row for row in train}.values()  # one row of each session will do
        assert not any(touching(labels, a, b) for a in ends for b in test[::3])


def test_what_cannot_be_tuned_is_refused() -> None:
    X, y = worthless(5)
    with pytest.raises(InvalidInput, match="no parameter set"):
        nested_scores(signed_column, [], X, y, OUTER, INNER, correlation)
    with pytest.raises(InvalidInput, match="each row of X needs its label"):
        nested_scores(signed_column, SETS, X, y[1:], OUTER, INNER, correlation)
    with pytest.raises(InvalidInput, match="outer split 0 is not a number"):
        nested_scores(
            signed_column,
            SETS,
            X,
            y,
            OUTER,
            INNER,
            lambda true, told: float(true[0] + told[0]) * np.nan,
        )

"""Scores of a learner on splits: free of leaks, the same for any workers, LightGBM's own model."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import lightgbm
import numpy as np
import pytest
from scipy.stats import binom, spearmanr
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from fondaco.adapters.workers.choose import workers_of
from fondaco.core.errors import InvalidInput
from fondaco.core.jobs import Cancelled
from fondaco.research.validation import trees as trees_module
from fondaco.research.validation.combinatorial import CombinatorialPurged
from fondaco.research.validation.rising import sorted_columns
from fondaco.research.validation.scored import STEP, r_squared, rank_ic, score_splits
from fondaco.research.validation.trees import Trees, Vector

ROWS = 1_200
CUT = CombinatorialPurged(4, 2, horizon=3, embargo=5)
TREES = Trees(8, {"num_leaves": 7, "max_bin": 31, "learning_rate": 0.3})
Pair = tuple[np.ndarray, np.ndarray]


def inputs(seed: int, rows: int = ROWS) -> np.ndarray:
    """Return columns of every kind: plain, with ties, zeros, gaps, mostly zero, constant."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 7))
    x[:, 1] = x[:, 1].round(1)
    x[:, 2] = np.where(rng.random(rows) < 0.3, 0.0, x[:, 2])
    x[:, 3] = np.where(rng.random(rows) < 0.2, np.nan, x[:, 3])
    x[:, 4] = np.where(rng.random(rows) < 0.95, 0.0, x[:, 4])
    x[:, 5] = 2.0
    return x


def labels(x: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=len(x))
    found: np.ndarray = x[:, 0] + np.nan_to_num(x[:, 3]) + x[:, 4] + noise
    return found


def splits(x: np.ndarray) -> Iterator[Pair]:
    return CUT.split(x)


@dataclass
class Steps:
    """A progress that remembers, and cancels after so many splits."""

    cancel_at: int = -1
    said: list[tuple[str, int, int]] = field(default_factory=list)

    def report(self, step: str, done: int, total: int) -> None:
        self.said.append((step, done, total))
        if done == self.cancel_at:
            raise Cancelled("the job was asked to stop")


class Kept:
    """A learner that predicts how many rows it has learnt, and says that it was fitted."""

    def __init__(self) -> None:
        self.rows = 0

    def fit(self, x: Any, y: Any) -> "Kept":
        self.rows += len(y)
        return self

    def predict(self, x: Any) -> np.ndarray:
        return np.full(len(x), float(self.rows))


def first(labels: Vector, predictions: Vector) -> float:
    """Score by the first prediction."""
    return float(predictions[0])


# --- the model is LightGBM's own ------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_trees_of_sorted_columns_are_those_that_lightgbm_grows_of_the_rows(seed: int) -> None:
    # The oracle is LightGBM itself, given the training rows as they are.
    x = inputs(seed)
    y = labels(x, seed)
    for train, _ in splits(x):
        data = lightgbm.Dataset(x[train], y[train], params=TREES.settings)
        wanted = lightgbm.train(TREES.settings, data, num_boost_round=8).model_to_string()
        grown = TREES.fit_sorted(*sorted_columns(x), train, x, y).model.model_to_string()
        assert grown == wanted
        assert TREES.fit(x[train], y[train]).model.model_to_string() == wanted


def test_training_rows_in_any_order_keep_their_own_order() -> None:
    x = inputs(5)
    train = np.random.default_rng(5).permutation(ROWS)[:700]
    settings = Trees(8, {"bagging_fraction": 0.5, "bagging_freq": 1, "seed": 3})  # drawn by place
    y = labels(x, 5)
    grown = settings.fit_sorted(*sorted_columns(x), train, x, y).model.model_to_string()
    assert grown == settings.fit(x[train], y[train]).model.model_to_string()


def test_beyond_lightgbms_sample_the_rows_themselves_are_binned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = inputs(6)
    y, train = labels(x, 6), np.arange(600)
    fast = TREES.fit_sorted(*sorted_columns(x), train, x, y).model.model_to_string()
    monkeypatch.setattr(trees_module, "SAMPLE_ROWS", 599)
    monkeypatch.setattr(trees_module, "_binned", None)  # must not be asked
    assert TREES.fit_sorted(*sorted_columns(x), train, x, y).model.model_to_string() == fast


# --- no leak --------------------------------------------------------------------------------------


def test_nothing_of_the_rows_outside_the_training_set_reaches_the_model() -> None:
    x = inputs(7)
    y, train = labels(x, 7), np.r_[0:300, 700:1_000]
    other = x.copy()
    outside = np.setdiff1d(np.arange(ROWS), train)
    other[outside] = np.random.default_rng(8).normal(size=(len(outside), 7)) * 50.0
    other_y = y.copy()
    other_y[outside] = -1e6
    grown = TREES.fit_sorted(*sorted_columns(x), train, x, y).model.model_to_string()
    again = TREES.fit_sorted(*sorted_columns(other), train, other, other_y).model.model_to_string()
    assert grown == again


def test_bins_that_were_cut_once_for_all_splits_leak_and_move_the_scores() -> None:
    # What is avoided: one binned data set, and a subset of it for each split.
    x = inputs(9)
    y = labels(x, 9)
    ours = score_splits(TREES, x, y, splits(x))
    whole = lightgbm.Dataset(x, y, params=TREES.settings, free_raw_data=False).construct()
    leaky, bins_moved = [], []
    for (train, test), predicted in zip(splits(x), ours.predicted, strict=True):
        model = lightgbm.train(TREES.settings, whole.subset(train.tolist()), num_boost_round=8)
        told = model.predict(x[test], num_threads=1)
        leaky.append(rank_ic(y[test], told))
        bins_moved.append(bool((told != predicted).any()))
    assert all(bins_moved)
    assert abs(np.mean(leaky) - ours.scores.mean()) > 1e-5


# --- the same for any workers ---------------------------------------------------------------------


@pytest.mark.timeout(240)  # each process imports LightGBM, seconds on a busy machine
@pytest.mark.parametrize("kind", ["serial", "threads:1", "threads:2", "threads:3", "processes:2"])
def test_scores_are_the_same_to_the_last_bit_for_any_workers(kind: str) -> None:
    x = inputs(10)
    y = labels(x, 10)
    with closing(workers_of(kind)) as workers:
        ours = score_splits(TREES, x, y, splits(x), workers=workers)
    for at, (train, test) in enumerate(splits(x)):  # one by one, by LightGBM and scipy alone
        data = lightgbm.Dataset(x[train], y[train], params=TREES.settings)
        model = lightgbm.train(TREES.settings, data, num_boost_round=8)
        told = model.predict(x[test], num_threads=1)
        assert (ours.predicted[at] == told).all()
        assert ours.scores[at] == pytest.approx(spearmanr(y[test], told)[0], abs=1e-12)
        assert ours.scores[at] == rank_ic(y[test], told)


# --- any learner, any score -----------------------------------------------------------------------


def test_a_learner_of_scikit_learn_is_fitted_on_each_split_alone() -> None:
    x = np.random.default_rng(11).normal(size=(200, 3))
    y = x @ [1.0, -2.0, 0.5] + np.random.default_rng(12).normal(size=200)
    found = score_splits(LinearRegression(), x, y, splits(x), score=r_squared)
    for at, (train, test) in enumerate(splits(x)):
        # Ordinary least squares by numpy's own solver.
        with_one = np.c_[np.ones(len(train)), x[train]]
        weights = np.linalg.lstsq(with_one, y[train], rcond=None)[0]
        told = np.c_[np.ones(len(test)), x[test]] @ weights
        assert found.scores[at] == pytest.approx(r2_score(y[test], told), abs=1e-10)


def test_each_split_gets_a_learner_that_has_learnt_nothing_yet() -> None:
    learner = Kept()
    x = np.zeros((100, 1))
    uneven = [(np.arange(10), np.arange(50, 60)), (np.arange(40), np.arange(50, 60))]
    found = score_splits(learner, x, np.zeros(100), uneven, score=first)
    assert found.scores.tolist() == [
        10.0,
        40.0,
    ]  # in the splits' order, though the longest is first
    assert learner.rows == 0


def test_scores_agree_with_those_of_scipy_and_scikit_learn() -> None:
    rng = np.random.default_rng(13)
    for _ in range(20):
        y, told = rng.normal(size=50).round(1), rng.normal(size=50).round(1)  # with ties
        assert rank_ic(y, told) == pytest.approx(spearmanr(y, told)[0], abs=1e-12)
        assert r_squared(y, told) == pytest.approx(r2_score(y, told), abs=1e-12)
    assert rank_ic(y, np.ones(50)) == 0.0


def test_without_an_edge_scores_are_as_far_from_zero_as_chance_says() -> None:
    # Under independence Spearman's coefficient has variance 1 / (n - 1) exactly (Kendall and
    # Gibbons, Rank Correlation Methods, section 4.14); 1.96 errors are passed in 5 of 100 cases.
    rng, cases, tested = np.random.default_rng(14), 400, 100
    cut = [(np.arange(100), np.arange(100, 100 + tested))]
    beyond = 0
    for _ in range(cases):
        x, y = rng.normal(size=(200, 2)), rng.standard_t(3, size=200)
        score = score_splits(LinearRegression(), x, y, cut).scores[0]
        beyond += abs(score) * np.sqrt(tested - 1) > 1.96
    low, high = binom.ppf([0.001, 0.999], cases, 0.05)
    assert low <= beyond <= high


def test_a_planted_edge_is_found_at_its_size() -> None:
    # For a bivariate normal with correlation r, Spearman's is 6 / pi * asin(r / 2) (Pearson 1907).
    rng = np.random.default_rng(15)
    x = rng.normal(size=(20_000, 1))
    y = 0.3 * x[:, 0] + np.sqrt(1 - 0.09) * rng.normal(size=20_000)
    found = score_splits(LinearRegression(), x, y, CUT.split(x))
    assert found.scores.mean() == pytest.approx(6 / np.pi * np.arcsin(0.15), abs=0.02)
    boosted = score_splits(Trees(20), x, y, CUT.split(x))
    assert boosted.scores.min() > 0.2


# --- progress and refusals ------------------------------------------------------------------------


def test_progress_is_reported_between_splits() -> None:
    x, progress = np.zeros((100, 1)), Steps()
    score_splits(Kept(), x, np.zeros(100), splits(x), progress=progress)
    assert progress.said == [(STEP, done, 6) for done in range(7)]


def test_it_stops_between_splits_when_it_is_asked_to() -> None:
    x, progress = np.zeros((100, 1)), Steps(cancel_at=2)
    with pytest.raises(Cancelled):
        score_splits(Kept(), x, np.zeros(100), splits(x), progress=progress)
    assert progress.said[-1] == (STEP, 2, 6)


X = np.zeros((10, 2))
Y = np.zeros(10)
GOOD = (np.arange(5), np.arange(5, 10))


@pytest.mark.parametrize(
    ("x", "y", "cut", "says"),
    [
        (X, Y[:9], [GOOD], r"do not fit together; value: shapes \(10, 2\) and \(9,\)"),
        (Y, Y, [GOOD], "do not fit together"),
        (np.where(X == 0, np.inf, 0), Y, [GOOD], "not numbers"),
        (X, np.where(Y == 0, np.nan, 0), [GOOD], "not numbers"),
        (X, Y, [], "no or too many splits"),
        (X, Y, [(np.arange(5), np.arange(4, 10))], "split 0 .*tested on; value: row 4"),
        (X, Y, [GOOD, (np.array([1, 1]), np.array([2]))], "split 1 has a row twice"),
        (X, Y, [(np.arange(5), np.array([10]))], "rows that there are not; value: 10 to 10"),
        (X, Y, [(np.array([-1]), np.array([1]))], "rows that there are not"),
        (X, Y, [(np.arange(0), np.arange(5))], "no rows to learn from"),
        (X, Y, [(np.arange(5), np.ones(10, dtype=bool))], "no rows to test on"),
    ],
)
def test_what_cannot_be_scored_is_refused(x: Any, y: Any, cut: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        score_splits(LinearRegression(), x, y, cut)


@pytest.mark.parametrize("name", ["num_threads", "n_jobs", "deterministic", "n_estimators"])
def test_settings_that_would_undo_what_is_fixed_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"not free here.*value: {name}"):
        Trees(10, {name: 2})


def test_a_model_without_trees_is_refused() -> None:
    with pytest.raises(InvalidInput, match="1 to 100,000"):
        Trees(0)


def test_predictions_that_are_no_numbers_are_refused() -> None:
    class Lost(Kept):
        def predict(self, x: Any) -> np.ndarray:
            return np.full(len(x), np.nan)

    with pytest.raises(InvalidInput, match="one number for each test row"):
        score_splits(Lost(), X, Y, [GOOD])


def test_labels_that_never_differ_have_no_variance_to_explain() -> None:
    with pytest.raises(InvalidInput, match="nothing to explain"):
        r_squared(Y, Y)

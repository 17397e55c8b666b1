"""Purged K-fold: the book's rule, row for row, and no leak through overlapping labels."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from fondaco.core.errors import InvalidInput
from fondaco.research.validation.kfold import PurgedKFold, even_blocks
from fondaco.research.validation.spans import LabelSpans, Split, Splitter
from unit.research.validation.cases import leaks, spans


def rows_of(splitter: Splitter, n: int) -> list[tuple[list[int], list[int]]]:
    return [(train.tolist(), test.tolist()) for train, test in splitter.split(np.zeros((n, 1)))]


def test_the_worked_example_of_snippets_7_1_and_7_2() -> None:
    # Lopez de Prado (2018), chapter 7. Ten rows at times 0 to 9, labels two rows ahead, so
    # t1 = 2 3 4 5 6 7 8 9 9 9; five folds; the third tests rows 4 and 5, whose labels end at 7.
    # Snippet 7.1 with the test [4, 7] drops what starts within (4 5 6 7), ends within (t1 of rows
    # 2 3 4 5 is 4 5 6 7) or envelops it (none): rows 0 1 8 9 are left.
    assert rows_of(PurgedKFold(5, horizon=2), 10)[2] == ([0, 1, 8, 9], [4, 5])
    # Snippet 7.2 with pctEmbargo 0.1 moves the end of the test by int(10 * 0.1) = 1 row to 8.
    assert rows_of(PurgedKFold(5, horizon=2, embargo=0.1), 10)[2] == ([0, 1, 9], [4, 5])
    assert rows_of(PurgedKFold(5, horizon=2, embargo=1), 10)[2] == ([0, 1, 9], [4, 5])
    # The first fold tests rows 0 and 1 up to row 3; the last tests rows 8 and 9.
    assert rows_of(PurgedKFold(5, horizon=2, embargo=1), 10)[0] == ([5, 6, 7, 8, 9], [0, 1])
    assert rows_of(PurgedKFold(5, horizon=2, embargo=1), 10)[4] == ([0, 1, 2, 3, 4, 5], [8, 9])


def test_a_label_that_envelops_the_test_is_purged() -> None:
    # Snippet 7.1, third case, by hand: row 1 is known at row 8, so it envelops the test [4, 6] of
    # rows 4 and 5; row 0 is known at once; row 3 ends in the test, row 6 starts in it.
    ends = np.array([0, 8, 2, 4, 5, 6, 7, 8, 9, 9])
    folds = PurgedKFold(5, spans=LabelSpans(np.arange(10), ends))
    assert rows_of(folds, 10)[2] == ([0, 2, 7, 8, 9], [4, 5])


def test_snippet_7_3_learns_from_one_row_more_on_each_side() -> None:
    # Snippet 7.3 keeps rows with t1 <= t0 before the test and rows from searchsorted(max t1) +
    # embargo on after it. In the example above, t0 = 4 keeps rows 0 1 2, max t1 = 7 keeps rows
    # 7 8 9: rows 2 and 7 share the price at row 4, and at row 7, with a tested label.
    book = {0, 1, 2, 7, 8, 9}
    ours = set(rows_of(PurgedKFold(5, horizon=2), 10)[2][0])
    assert book - ours == {2, 7}
    assert ours < book


def test_folds_differ_by_one_session_the_longer_ones_first() -> None:
    # numpy.array_split, which snippet 7.3 cuts with.
    for count, folds in ((10, 3), (11, 3), (7, 7), (100, 9)):
        cut = [(int(part[0]), int(part[-1])) for part in np.array_split(np.arange(count), folds)]
        assert even_blocks(count, folds) == cut


@st.composite
def folded(draw: st.DrawFn) -> tuple[LabelSpans, PurgedKFold]:
    labels = draw(spans())
    folds, embargo = draw(st.integers(2, 4)), draw(st.integers(0, 3))
    return labels, PurgedKFold(folds, spans=labels, embargo=embargo)


def attempt(splitter: Splitter, n: int) -> list[Split]:
    """Return the splits, or none where nothing is left to learn from."""
    try:
        return list(splitter.split(np.zeros((n, 1))))
    except InvalidInput as error:
        if "no row to learn from" not in error.message:
            raise
        return []


@settings(deadline=None, max_examples=40)  # a busy machine is no fault of the code
@given(folded())
def test_no_learnt_label_touches_a_tested_one(case: tuple[LabelSpans, PurgedKFold]) -> None:
    labels, folds = case
    for train, test in attempt(folds, len(labels)):
        assert not leaks(labels, train, test)


@settings(deadline=None, max_examples=40)
@given(folded())
def test_each_row_is_tested_once_in_order_and_no_session_is_torn(
    case: tuple[LabelSpans, PurgedKFold],
) -> None:
    labels, folds = case
    assert labels.sessions is not None
    splits = attempt(folds, len(labels))
    tested = [test for _, test in splits]
    assert not splits or np.concatenate(tested).tolist() == list(range(len(labels)))
    for train, test in splits:
        assert np.all(np.diff(train) > 0)
        assert not set(labels.sessions[test]) & set(labels.sessions[train])


@settings(deadline=None, max_examples=40)
@given(folded())
def test_only_what_touches_or_is_embargoed_is_dropped(case: tuple[LabelSpans, PurgedKFold]) -> None:
    labels, folds = case
    line = labels.timeline()
    for train, test in attempt(folds, len(labels)):
        begin, end = line.own[test].min(), line.last[test].max() + int(folds.embargo)
        for row in set(range(len(labels))) - set(train.tolist()):
            assert line.last[row] >= begin
            assert line.own[row] <= end


def test_a_stacked_panel_is_split_as_its_sessions_are() -> None:
    # Twenty sessions of three names: the split of the sessions, each written out three times.
    sessions = np.repeat(np.arange(20), 3)
    folds = PurgedKFold(4, horizon=2, embargo=1)
    plain = rows_of(folds, 20)
    stacked = list(folds.split(np.zeros((60, 2)), groups=sessions))
    spanned = PurgedKFold(4, spans=LabelSpans.of_sessions(sessions, 2), embargo=1)
    for (train, test), one, other in zip(
        plain, stacked, spanned.split(np.zeros((60, 2))), strict=True
    ):
        for rows, got, again in zip((train, test), one, other, strict=True):
            assert got.tolist() == [3 * row + name for row in rows for name in range(3)]
            assert again.tolist() == got.tolist()


def test_splits_do_not_hang_on_values() -> None:
    folds = PurgedKFold(4, horizon=3, embargo=2)
    rng = np.random.default_rng(1)
    one = list(folds.split(rng.normal(size=(50, 3)), rng.normal(size=50)))
    other = list(folds.split(np.full((50, 3), np.nan), np.zeros(50)))
    for split, same in zip(one, other, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(split, same, strict=True))


def test_it_is_a_cross_validator_of_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(120, 3))
    y = X @ [1.0, 0.0, -1.0] + rng.normal(size=120)
    folds = PurgedKFold(4, horizon=2, embargo=0.02)
    scores = cross_val_score(Ridge(), X, y, cv=folds)
    for score, (train, test) in zip(scores, folds.split(X), strict=True):
        assert score == Ridge().fit(X[train], y[train]).score(X[test], y[test])
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1e6]}, cv=folds).fit(X, y)
    assert search.best_params_ == {"alpha": 0.1}
    assert rows_of(pickle.loads(pickle.dumps(folds)), 120) == rows_of(folds, 120)


def overlapping_noise(
    seed: int, n: int, horizon: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return inputs that drift slowly, and the signs of `horizon` coming returns: both pure noise.

    Neighbours in time are neighbours in the inputs, and share most of their label.
    """
    rng = np.random.default_rng(seed)
    inputs = np.cumsum(rng.normal(size=(n, 8)), axis=0)
    returns = rng.normal(size=n + horizon)
    ahead = np.convolve(returns, np.ones(horizon), mode="valid")[1:]
    return inputs, (ahead > 0).astype(np.int64)


def hits_of_the_middle_row(splitter: Splitter, repetitions: int) -> int:
    """Return how often the nearest learnt neighbour of the middle row has its label."""
    hits = 0
    for seed in range(repetitions):
        X, y = overlapping_noise(seed, 200, 20)
        train, _ = next(pair for pair in splitter.split(X) if 100 in pair[1])
        nearest = train[np.argmin(np.square(X[train] - X[100]).sum(axis=1))]
        hits += int(y[nearest] == y[100])
    return hits


def test_a_neighbour_scores_above_chance_on_noise_until_labels_are_purged() -> None:
    # Null: the labels are noise, so a hit is the toss of a coin, and 600 independent histories
    # give 260 to 340 within the exact binomial bound of 99.9 %. Measured: 293 (49 %) purged, and
    # 428 (71 %) under scikit-learn's plain K-fold of the same folds.
    low, high = binom.interval(0.999, 600, 0.5)
    assert low <= hits_of_the_middle_row(PurgedKFold(25, horizon=20), 600) <= high
    assert hits_of_the_middle_row(KFold(25), 600) > 0.65 * 600
    # A horizon that is told too short leaks again. Measured: 346 with 6 sessions of 20.
    assert hits_of_the_middle_row(PurgedKFold(25, horizon=6), 600) > high


def accuracy(splitter: Splitter, skill: float) -> tuple[float, float]:
    """Return the mean accuracy of a nearest neighbour over twelve histories, and its error."""
    means = []
    for seed in range(12):
        X, y = overlapping_noise(seed, 200, 20)
        if skill:
            rng = np.random.default_rng(seed + 1_000)
            told = np.where(rng.random(200) < skill, y, rng.integers(0, 2, 200))
            X = np.column_stack([X, 100.0 * told])
        model = KNeighborsClassifier(n_neighbors=1)
        means.append(cross_val_score(model, X, y, cv=splitter).mean())
    return float(np.mean(means)), float(np.std(means, ddof=1) / np.sqrt(12))


def test_scikit_learn_sees_the_leak_go_and_skill_stay() -> None:
    # Measured: 0.73 (error 0.03) plain and 0.51 (0.04) purged on noise; 0.80 (0.03) purged with an
    # input that tells 90 % of the labels.
    plain, error = accuracy(KFold(20), 0.0)
    assert plain - 3 * error > 0.6
    purged, error = accuracy(PurgedKFold(20, horizon=20), 0.0)
    assert abs(purged - 0.5) < 3 * error
    assert error < 0.06  # else the test could not tell chance from skill
    found, error = accuracy(PurgedKFold(20, horizon=20), 0.9)
    assert found - 3 * error > 0.6


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"folds": 1, "horizon": 1}, "number of folds"),
        ({"folds": 2.5, "horizon": 1}, "number of folds"),
        ({"folds": True, "horizon": 1}, "number of folds"),
        ({"folds": 3}, "neither"),
        ({"folds": 3, "horizon": 1, "spans": LabelSpans.of_horizon(9, 1)}, "horizon and spans"),
        ({"folds": 3, "horizon": -1}, "horizon of the labels"),
        ({"folds": 3, "horizon": 1, "embargo": -1}, "embargo is not allowed"),
        ({"folds": 3, "horizon": 1, "embargo": 1.0}, "a share of the sessions"),
        ({"folds": 3, "horizon": 1, "embargo": float("nan")}, "a share of the sessions"),
    ],
)
def test_impossible_folds_are_refused(wanted: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        PurgedKFold(**wanted)  # type: ignore[arg-type]


def test_rows_that_cannot_be_folded_are_refused() -> None:
    with pytest.raises(InvalidInput, match="number of sessions"):
        PurgedKFold(5, horizon=1).split(np.zeros((4, 1)))
    with pytest.raises(InvalidInput, match="split 1 no row to learn from"):
        list(PurgedKFold(3, horizon=4).split(np.zeros((9, 1))))
    with pytest.raises(InvalidInput, match="one label span"):
        PurgedKFold(3, spans=LabelSpans.of_horizon(9, 1)).split(np.zeros((10, 1)))
    with pytest.raises(InvalidInput, match="already hold the sessions"):
        PurgedKFold(3, spans=LabelSpans.of_horizon(9, 1)).split(np.zeros((9, 1)), None, range(9))
    with pytest.raises(InvalidInput, match="fall at row 1"):
        PurgedKFold(3, horizon=1).split(np.zeros((3, 1)), groups=[2, 1, 0])

"""Combinatorial purged splits: the book's figures, skfolio's sets, and each row tested alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skfolio.model_selection import CombinatorialPurgedCV
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_score

from fondaco.core.errors import InvalidInput
from fondaco.research.validation.combinatorial import CombinatorialPurged
from fondaco.research.validation.spans import LabelSpans
from unit.research.validation.cases import leaks, spans


def trains(cut: CombinatorialPurged, n: int) -> list[list[int]]:
    return [train.tolist() for train, _ in cut.split(np.zeros((n, 1)))]


def test_six_groups_of_which_two_are_tested_make_fifteen_splits_and_five_paths() -> None:
    # Lopez de Prado (2018), figure 12.1: the tested groups of S1 to S15, counted from 0 here.
    cut = CombinatorialPurged(6, 2, horizon=1)
    assert cut.get_n_splits() == 15
    assert [f"{one}{other}" for one, other in cut.tested_groups()] == (
        ["01", "02", "03", "04", "05", "12", "13", "14", "15", "23", "24", "25", "34", "35", "45"]
    )
    # Figure 12.2 and its text: path 1 is (G1,S1), (G2,S1), (G3,S2), (G4,S3), (G5,S4), (G6,S5);
    # path 2 is (G1,S2), (G2,S6), (G3,S6), (G4,S7), (G5,S8), (G6,S9); the others read off it.
    assert cut.path_count == 5
    assert (cut.paths() + 1).tolist() == [
        [1, 1, 2, 3, 4, 5],
        [2, 6, 6, 7, 8, 9],
        [3, 7, 10, 10, 11, 12],
        [4, 8, 11, 13, 13, 14],
        [5, 9, 12, 14, 15, 15],
    ]


def test_groups_are_cut_as_in_the_book() -> None:
    # Section 12.4.1: groups of floor(T / N), the last of T - floor(T / N)(N - 1): 14 = 4 + 4 + 6.
    tests = [test.tolist() for _, test in CombinatorialPurged(3, 1, horizon=0).split(range(14))]
    assert tests == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11, 12, 13]]


def test_purging_around_tested_groups_apart_and_adjacent() -> None:
    # By hand: sixteen rows in four groups of four, labels one row ahead, an embargo of one.
    cut = CombinatorialPurged(4, 2, horizon=1, embargo=1)
    # Groups 0 and 1, rows 0-7, are one block up to row 8: 8 is purged, 9 embargoed.
    assert trains(cut, 16)[0] == [10, 11, 12, 13, 14, 15]
    # Groups 0 and 2, rows 0-3 and 8-11: 4 and 12 purged after, 5 and 13 embargoed, 7 purged before.
    assert trains(cut, 16)[1] == [6, 14, 15]
    # Groups 1 and 3, rows 4-7 and 12-15: 3 purged before, 8 after, 9 embargoed, 11 purged before.
    assert trains(cut, 16)[4] == [0, 1, 2, 10]


@pytest.mark.parametrize(("groups", "tested"), [(3, 2), (5, 2), (6, 2), (6, 3), (7, 5)])
def test_the_sets_are_those_of_skfolio(groups: int, tested: int) -> None:
    # skfolio.model_selection.CombinatorialPurgedCV, an implementation of its own of the same book.
    # Every split of every case is the same, row for row, the last longer group included.
    compared = 0
    for n in (84, 89):
        for horizon, embargo in ((0, 0), (1, 0), (3, 0), (0, 2), (2, 1), (3, 2)):
            theirs = CombinatorialPurgedCV(groups, tested, horizon, embargo)
            ours = CombinatorialPurged(groups, tested, horizon=horizon, embargo=embargo)
            assert np.array_equal(ours.paths(), theirs.recombined_paths.T)
            for (train, test), (their_train, their_tests) in zip(
                ours.split(np.zeros((n, 1))), theirs.split(np.zeros((n, 1))), strict=True
            ):
                assert np.array_equal(train, their_train)
                assert np.array_equal(test, np.concatenate(their_tests))
                compared += 1
    assert compared == 12 * ours.get_n_splits()


def test_a_splitter_after_snippet_7_3_learns_one_row_more_at_each_boundary() -> None:
    # The row by which plain implementations differ from skfolio, found: snippet 7.3 keeps the row
    # whose label ends in the first tested row (t1 <= t0), and the row that starts where the last
    # tested label ends (searchsorted). By hand, groups of five, test rows 5-9, labels two ahead:
    # snippet 7.3 learns 0-3 and 11 on; 7.1 and skfolio learn 0-2 and 12 on.
    t1 = np.minimum(np.arange(20) + 2, 19)
    book = [
        *np.flatnonzero(t1 <= 5),
        *range(int(np.searchsorted(np.arange(20), t1[5:10].max())), 20),
    ]
    ours = trains(CombinatorialPurged(4, 1, horizon=2), 20)[1]
    assert set(map(int, book)) - set(ours) == {3, 11}
    assert ours == [0, 1, 2, *range(12, 20)]


def test_skfolio_learns_from_nothing_where_a_refusal_is_owed() -> None:
    # Between two tested groups of eight rows lie eight: purging 4 before and 4 + 2 after takes all.
    theirs = CombinatorialPurgedCV(7, 5, 4, 2)
    assert min(len(train) for train, _ in theirs.split(np.zeros((56, 1)))) == 0
    with pytest.raises(InvalidInput, match="no row to learn from"):
        trains(CombinatorialPurged(7, 5, horizon=4, embargo=2), 56)


@st.composite
def cuts(draw: st.DrawFn) -> tuple[LabelSpans, CombinatorialPurged]:
    labels = draw(spans(sessions_min=20))
    groups = draw(st.integers(2, 5))
    tested = draw(st.integers(1, groups - 1))
    embargo = draw(st.integers(0, 2))
    return labels, CombinatorialPurged(groups, tested, spans=labels, embargo=embargo)


@settings(deadline=None, max_examples=25)  # a busy machine is no fault of the code
@given(cuts())
def test_no_learnt_label_touches_a_tested_one(case: tuple[LabelSpans, CombinatorialPurged]) -> None:
    labels, cut = case
    try:
        splits = list(cut.split(np.zeros((len(labels), 1))))
    except InvalidInput:
        return  # nothing is left to learn from: `test_skfolio_learns_from_nothing...`
    for train, test in splits[:4]:
        assert not leaks(labels, train, test)


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 7), st.data())
def test_each_row_is_tested_once_on_each_path(groups: int, data: st.DataObject) -> None:
    tested = data.draw(st.integers(1, groups - 1))
    widths = data.draw(st.lists(st.integers(1, 3), min_size=groups, max_size=40))
    sessions = np.repeat(np.arange(len(widths)), widths)
    cut = CombinatorialPurged(groups, tested, horizon=0)
    tests = [test for _, test in cut.split(np.zeros(len(sessions)), groups=sessions)]
    counts = np.bincount(np.concatenate(tests), minlength=len(sessions))
    assert set(counts.tolist()) == {cut.path_count}
    assert all(np.all(np.diff(test) > 0) for test in tests)
    # Each prediction says which row and split it is of: a path must hold its own rows, each
    # (split, group) pair must be dealt out once, to the split that `paths` names.
    told = [test + 1_000 * number for number, test in enumerate(tests)]
    paths = cut.reconstruct(told, groups=sessions)
    assert paths.shape == (cut.path_count, len(sessions))
    assert np.array_equal(paths % 1_000, np.tile(np.arange(len(sessions)), (len(paths), 1)))
    assert sorted(paths.ravel()) == sorted(np.concatenate(told))
    length = len(widths) // groups
    group = np.minimum(sessions // length, groups - 1)
    assert np.array_equal(paths // 1_000, cut.paths()[:, group])


def test_it_is_a_cross_validator_of_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(60, 2))
    y = X[:, 0] + rng.normal(size=60)
    cut = CombinatorialPurged(4, 2, horizon=2, embargo=1)
    scores = cross_val_score(Ridge(), X, y, cv=cut)
    assert len(scores) == 6
    for score, (train, test) in zip(scores, cut.split(X), strict=True):
        assert score == Ridge().fit(X[train], y[train]).score(X[test], y[test])


def test_too_many_splits_are_refused_with_what_to_do() -> None:
    # C(16, 8) = 12,870 are allowed, C(20, 10) = 184,756 are not: Pascal's triangle.
    assert CombinatorialPurged(16, 8, horizon=1).get_n_splits() == 12_870
    with pytest.raises(InvalidInput) as refused:
        CombinatorialPurged(20, 10, horizon=1)
    told = refused.value.message
    assert all(part in told for part in ("184,756", "20,000", "slip", "Take fewer groups"))


@pytest.mark.parametrize(
    ("groups", "tested", "told"),
    [
        (1, 1, "number of groups"),
        (4, 0, "number of tested groups"),
        (4, 4, "no group is left"),
    ],
)
def test_impossible_cuts_are_refused(groups: int, tested: int, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        CombinatorialPurged(groups, tested, horizon=1)


def test_predictions_that_do_not_fit_are_refused() -> None:
    cut = CombinatorialPurged(3, 1, horizon=0)
    with pytest.raises(InvalidInput, match="each split needs its predictions"):
        cut.reconstruct([np.zeros(3), np.zeros(3)])
    with pytest.raises(InvalidInput, match="each split needs its predictions"):
        cut.reconstruct([np.zeros((3, 1))] * 3)
    with pytest.raises(InvalidInput, match="predictions of split 0"):
        cut.reconstruct([np.zeros(2), np.zeros(4), np.zeros(3)])
    with pytest.raises(InvalidInput, match="number of sessions"):
        cut.split(np.zeros((2, 1)))

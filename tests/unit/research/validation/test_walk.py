"""Walk-forward: learns from the past alone, in three kinds of window."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skfolio.model_selection import WalkForward
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_score

from fondaco.core.errors import InvalidInput
from fondaco.research.validation.spans import LabelSpans
from fondaco.research.validation.walk import Kind, Walk
from unit.research.validation.cases import leaks, spans


def rows_of(walk: Walk, n: int) -> list[tuple[list[int], list[int]]]:
    return [(train.tolist(), test.tolist()) for train, test in walk.split(np.zeros((n, 1)))]


def test_the_windows_drawn_at_the_top_of_the_file() -> None:
    # By hand: twelve sessions; 4 learnt, 1 for the horizon, 1 of embargo, so tests begin at 6.
    rolling = Walk(4, 3, horizon=1, embargo=1)
    assert rows_of(rolling, 12) == [([0, 1, 2, 3], [6, 7, 8]), ([3, 4, 5, 6], [9, 10, 11])]
    expanding = Walk(4, 3, kind="expanding", horizon=1, embargo=1)
    assert rows_of(expanding, 12)[1] == ([0, 1, 2, 3, 4, 5, 6], [9, 10, 11])
    anchored = Walk(4, 3, kind="anchored", horizon=1, embargo=1, anchor=1)
    assert rows_of(anchored, 12) == [
        ([1, 2, 3, 4], [7, 8, 9]),
        ([1, 2, 3, 4, 5, 6, 7], [10, 11]),
    ]


def test_anchored_at_the_first_session_is_expanding() -> None:
    anchored = Walk(5, 4, kind="anchored", horizon=2)
    assert rows_of(anchored, 40) == rows_of(Walk(5, 4, kind="expanding", horizon=2), 40)


@pytest.mark.parametrize("kind", ["rolling", "expanding"])
def test_the_windows_are_those_of_skfolio(kind: Kind) -> None:
    # skfolio.model_selection.WalkForward, whose purged_size holds back the rows before each test.
    for train, test, held in ((10, 3, 0), (10, 5, 2), (7, 4, 3)):
        theirs = WalkForward(
            test_size=test,
            train_size=train,
            purged_size=held,
            expand_train=kind == "expanding",
            reduce_test=True,
        )
        expected = [(a.tolist(), b.tolist()) for a, b in theirs.split(np.zeros((51, 1)))]
        assert rows_of(Walk(train, test, kind=kind, horizon=held), 51) == expected


def test_a_shorter_step_tests_again_and_a_longer_one_leaves_out() -> None:
    # By hand: tests of four begin at row 5 + 1 and move by two, then by six.
    overlapping = [test for _, test in rows_of(Walk(5, 4, horizon=1, step=2), 12)]
    assert overlapping == [[6, 7, 8, 9], [8, 9, 10, 11], [10, 11]]
    assert [test for _, test in rows_of(Walk(5, 4, horizon=1, step=6), 14)] == [
        [6, 7, 8, 9],
        [12, 13],
    ]


@st.composite
def walks(draw: st.DrawFn) -> tuple[LabelSpans, Walk]:
    labels = draw(spans(sessions_min=25))
    kind: Kind = draw(st.sampled_from(["rolling", "expanding", "anchored"]))
    walk = Walk(
        draw(st.integers(1, 6)),
        draw(st.integers(1, 6)),
        kind=kind,
        embargo=draw(st.integers(0, 3)),
        step=draw(st.none() | st.integers(1, 8)),
        anchor=draw(st.integers(0, 4)) if kind == "anchored" else 0,
        spans=labels,
    )
    return labels, walk


@settings(deadline=None, max_examples=40)  # a busy machine is no fault of the code
@given(walks())
def test_what_is_learnt_was_known_the_embargo_before_the_test(
    case: tuple[LabelSpans, Walk],
) -> None:
    labels, walk = case
    line = labels.timeline()
    for train, test in walk.split(np.zeros((len(labels), 1))):
        assert line.last[train].max() + int(walk.embargo) < line.own[test].min()
        assert line.own[train].min() >= walk.anchor
        assert len(set(line.own[train].tolist())) >= walk.train
        assert not leaks(labels, train, test)


@settings(deadline=None, max_examples=40)
@given(walks())
def test_tests_follow_each_other_and_tear_no_session(case: tuple[LabelSpans, Walk]) -> None:
    labels, walk = case
    own = labels.timeline().own
    splits = list(walk.split(np.zeros((len(labels), 1))))
    assert len(splits) == walk.get_n_splits(np.zeros((len(labels), 1)))
    starts = [int(own[test].min()) for _, test in splits]
    assert set(np.diff(starts).tolist()) <= {walk.step or walk.test}
    for _, test in splits:
        assert np.array_equal(test, np.flatnonzero(np.isin(own, own[test])))
    if walk.step is None:
        tested = np.concatenate([test for _, test in splits])
        assert tested.tolist() == list(range(int(tested[0]), len(labels)))


@settings(deadline=None)
@given(st.integers(20, 60), st.integers(1, 30), st.sampled_from(["rolling", "expanding"]))
def test_splits_of_the_past_do_not_move_when_time_goes_on(n: int, more: int, kind: Kind) -> None:
    walk = Walk(8, 3, kind=kind, horizon=2, embargo=1)
    early, later = rows_of(walk, n), rows_of(walk, n + more)
    for (train, test), (same, longer) in zip(early, later, strict=False):
        assert train == same
        assert test == longer[: len(test)]


def test_a_stacked_panel_is_walked_by_its_sessions() -> None:
    sessions = np.repeat(np.arange(12), 2)
    walk = Walk(4, 3, horizon=1, embargo=1)
    stacked = list(walk.split(np.zeros((24, 1)), groups=sessions))
    for (train, test), (rows, tested) in zip(rows_of(walk, 12), stacked, strict=True):
        assert rows.tolist() == [2 * row + name for row in train for name in range(2)]
        assert tested.tolist() == [2 * row + name for row in test for name in range(2)]


def test_it_is_a_cross_validator_of_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(60, 2))
    y = X[:, 0] + rng.normal(size=60)
    walk = Walk(20, 10, kind="expanding", horizon=2)
    scores = cross_val_score(Ridge(), X, y, cv=walk)
    expected = [Ridge().fit(X[a], y[a]).score(X[b], y[b]) for a, b in walk.split(X)]
    assert scores.tolist() == expected


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"train": 0}, "sessions to learn from"),
        ({"test": 0}, "sessions to test"),
        ({"step": 0}, "step of the walk"),
        ({"anchor": -1}, "anchor of the walk"),
        ({"anchor": 3}, "rolling has no anchor"),
        ({"kind": "sliding"}, "no such kind"),
        ({"horizon": None}, "neither"),
        ({"embargo": -2}, "embargo is not allowed"),
    ],
)
def test_impossible_walks_are_refused(wanted: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        Walk(**({"train": 4, "test": 3, "horizon": 1} | wanted))  # type: ignore[arg-type]


def test_a_history_too_short_is_refused_with_the_sum() -> None:
    # By hand: 4 to learn from + 1 + 1 held back + 1 to test are 7 sessions.
    assert len(rows_of(Walk(4, 3, horizon=1, embargo=1), 7)) == 1
    with pytest.raises(InvalidInput, match="6 sessions; allowed: >= 7"):
        Walk(4, 3, horizon=1, embargo=1).split(np.zeros((6, 1)))
    with pytest.raises(InvalidInput, match=r"Call get_n_splits\(X\)"):
        Walk(4, 3, horizon=1).get_n_splits()
    with pytest.raises(InvalidInput, match="too many splits"):
        Walk(1, 1, horizon=0).split(np.zeros(20_002))

"""Purge and embargo: no model learns from a label that was not known well before its refit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.research.labels import forward_rank, forward_return
from fondaco.research.splits import Days, Split, WalkForward, refit_rows


def days(start: str, count: int, step: int = 1) -> Days:
    return np.datetime64(start) + np.arange(0, count * step, step)


def test_the_splits_of_the_worked_example() -> None:
    # By hand, as drawn at the top of splits.py: twelve sessions, refits at rows 6 and 9. Sessions
    # are ten days apart, so the months that begin at rows 3, 6 and 9 are March, April and May.
    sessions = days("2019-02-01", 12, step=10)
    assert refit_rows(sessions, 1) == [3, 6, 9]
    walk = WalkForward(horizon=2, embargo=1, refit_months=1, train_min=3, train_max=None)
    assert walk.splits(sessions) == (
        Split(train_start=0, train_stop=4, test_start=6, test_stop=9, label_end=5),
        Split(train_start=0, train_stop=7, test_start=9, test_stop=12, label_end=8),
    )


def test_a_rolling_window_drops_the_oldest_rows() -> None:
    walk = WalkForward(horizon=2, embargo=1, refit_months=1, train_min=3, train_max=5)
    last = walk.splits(days("2019-02-01", 12, step=10))[-1]
    assert (last.train_start, last.train_stop) == (2, 7)


@st.composite
def walks(draw: st.DrawFn) -> tuple[WalkForward, Days]:
    train_min = draw(st.integers(1, 80))
    walk = WalkForward(
        horizon=draw(st.integers(1, 30)),
        embargo=draw(st.integers(0, 20)),
        refit_months=draw(st.integers(1, 14)),
        train_min=train_min,
        train_max=draw(st.none() | st.integers(train_min, 200)),
    )
    gaps = draw(st.lists(st.integers(1, 9), min_size=0, max_size=400))
    return walk, np.datetime64("2001-11-20") + np.cumsum([0, *gaps])


@settings(deadline=None)  # a busy machine is no fault of the code
@given(walks())
def test_every_label_was_known_the_embargo_before_its_refit(case: tuple[WalkForward, Days]) -> None:
    walk, sessions = case
    for split in walk.splits(sessions):
        for row in range(split.train_start, split.train_stop):
            assert row + walk.horizon + walk.embargo <= split.test_start
        assert split.label_end == split.train_stop - 1 + walk.horizon


@settings(deadline=None)  # a busy machine is no fault of the code
@given(walks())
def test_a_row_is_scored_once_by_the_newest_model(case: tuple[WalkForward, Days]) -> None:
    walk, sessions = case
    splits = walk.splits(sessions)
    scored = [row for split in splits for row in range(split.test_start, split.test_stop)]
    assert scored == list(range(splits[0].test_start, len(sessions))) if splits else not scored
    assert all(split.train_stop - split.train_start >= walk.train_min for split in splits)


@settings(deadline=None)  # a busy machine is no fault of the code
@given(walks(), st.integers(0, 400))
def test_splits_of_the_past_do_not_move_when_time_goes_on(
    case: tuple[WalkForward, Days], cut: int
) -> None:
    walk, sessions = case
    early = walk.splits(sessions[:cut])
    later = walk.splits(sessions)
    learnt = [(s.train_start, s.train_stop, s.test_start) for s in later]
    assert [(s.train_start, s.train_stop, s.test_start) for s in early] == learnt[: len(early)]


@settings(deadline=None)  # a busy machine is no fault of the code
@given(walks(), st.integers(0, 60))
def test_refits_hang_on_the_calendar_and_not_on_where_the_data_starts(
    case: tuple[WalkForward, Days], skipped: int
) -> None:
    walk, sessions = case
    whole = {str(sessions[row]) for row in refit_rows(sessions, walk.refit_months)}
    part = sessions[skipped:]
    assert {str(part[row]) for row in refit_rows(part, walk.refit_months)} <= whole


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"horizon": 0}, "horizon"),
        ({"embargo": -1}, "embargo"),
        ({"refit_months": 0}, "refit"),
        ({"train_min": 0}, "train_min"),
        ({"train_min": 100, "train_max": 50}, "shorter"),
    ],
)
def test_lengths_that_make_no_sense_are_refused(changes: dict[str, int], word: str) -> None:
    with pytest.raises(InvalidInput, match=word):
        WalkForward(**changes)


def test_a_label_reads_the_next_sessions_alone() -> None:
    # By hand: 100 -> 110 -> 121 -> 121: over two sessions 0.21 and 0.1; then nothing is known.
    ahead = forward_return(np.array([[100.0], [110.0], [121.0], [121.0]]), 2)[:, 0]
    assert ahead[:2] == pytest.approx([0.21, 0.1])
    assert np.isnan(ahead[2:]).all()


def test_a_label_is_the_rank_among_names() -> None:
    close = np.array([[10.0, 10.0, 10.0], [11.0, 9.0, 10.5]])
    assert forward_rank(close, 1)[0].tolist() == [1.0, 0.0, 0.5]


@settings(deadline=None)  # a busy machine is no fault of the code
@given(st.integers(1, 12), st.integers(0, 29))
def test_a_label_does_not_change_with_prices_outside_its_horizon(horizon: int, row: int) -> None:
    rng = np.random.default_rng(4)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, (30, 4)), axis=0))
    other = rng.uniform(1, 500, close.shape)
    other[row : row + horizon + 1] = close[row : row + horizon + 1]
    before, after = forward_rank(close, horizon)[row], forward_rank(other, horizon)[row]
    assert np.array_equal(before, after, equal_nan=True)


def test_a_horizon_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="horizon"):
        forward_return(np.ones((3, 1)), 0)

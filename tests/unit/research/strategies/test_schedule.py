"""When decisions fall, and what is left of them for an account that starts later."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.research.strategies.schedule import (
    DAILY,
    MONTHLY,
    WEEKLY,
    changes,
    held,
    rebalance_rows,
    starting_at,
)

NAN = float("nan")


def test_weeks_begin_on_monday_and_months_on_their_first_session() -> None:
    # Of the calendar of 2020: 27 January, 3 and 10 February are Mondays.
    days = np.arange("2020-01-24", "2020-02-12", dtype="datetime64[D]")
    weeks = [str(days[row]) for row in rebalance_rows(days, WEEKLY)]
    assert weeks == ["2020-01-27", "2020-02-03", "2020-02-10"]
    assert [str(days[row]) for row in rebalance_rows(days, MONTHLY)] == ["2020-02-01"]
    assert len(rebalance_rows(days, DAILY)) == len(days)


def test_a_week_whose_monday_is_no_session_begins_on_the_next() -> None:
    days = np.array(["2020-02-13", "2020-02-14", "2020-02-18", "2020-02-19"], dtype="datetime64[D]")
    assert rebalance_rows(days, WEEKLY).tolist() == [2]


def test_only_a_change_of_what_is_wanted_is_a_decision() -> None:
    # The first name is not judged at the fourth session and is wanted as before at the fifth.
    wanted = np.array([[NAN, 0.2], [0.5, 0.2], [0.5, 0.0], [NAN, 0.0], [0.5, 0.2], [0.0, 0.2]])
    expected = np.array([[NAN, 0.2], [0.5, NAN], [NAN, 0.0], [NAN, NAN], [NAN, 0.2], [0.0, NAN]])
    assert np.array_equal(changes(wanted), expected, equal_nan=True)


def test_an_account_that_starts_later_takes_over_what_was_decided_last() -> None:
    weights = np.array([[0.5, NAN], [NAN, 0.3], [NAN, NAN], [0.0, NAN]])
    started = starting_at(weights, 2)
    expected = np.array([[NAN, NAN], [NAN, NAN], [0.5, 0.3], [0.0, NAN]])
    assert np.array_equal(started, expected, equal_nan=True)
    assert np.array_equal(starting_at(weights, 0), weights, equal_nan=True)


WANTED = st.lists(
    st.lists(st.sampled_from([NAN, 0.0, 0.25, -0.25]), min_size=3, max_size=3),
    min_size=1,
    max_size=20,
)


@settings(deadline=None)
@given(WANTED, st.data())
def test_decisions_hold_what_was_wanted_and_a_later_start_holds_the_same(
    rows: list[list[float]], data: st.DataObject
) -> None:
    wanted = np.array(rows)
    decided = changes(wanted)
    assert np.array_equal(held(decided), held(wanted), equal_nan=True)
    start = data.draw(st.integers(0, len(rows) - 1))
    later = held(starting_at(decided, start))[start:]
    assert np.array_equal(later, held(wanted)[start:], equal_nan=True)

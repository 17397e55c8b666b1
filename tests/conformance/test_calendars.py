"""What every calendar must do."""

from datetime import UTC, date, timedelta
from itertools import pairwise

import pytest

from fondaco.core.errors import InvalidInput
from fondaco.market.fakes import FixedCalendar
from fondaco.market.ports import Calendar
from unit.market.rows import exchange

SINCE, UNTIL = date(2018, 1, 1), date(2019, 12, 31)
NEVER = date(1960, 1, 1)
"""Before every calendar of a market that never closes."""


@pytest.fixture(params=["fixed", "XNYS", "XNAS", "XNSE", "XBOM", "XCME", "XCRY"])
def calendar(request: pytest.FixtureRequest) -> Calendar:
    """A calendar of each kind."""
    return FixedCalendar() if request.param == "fixed" else exchange()(request.param)


def test_sessions_rise_without_repetition_and_both_ends_count(calendar: Calendar) -> None:
    sessions = calendar.sessions(SINCE, UNTIL)
    assert 480 < len(sessions) < (530 if calendar.venue != "XCRY" else 731)
    assert list(sessions) == sorted(set(sessions))
    first, last = sessions[0], sessions[-1]
    assert calendar.sessions(first, last) == sessions
    assert calendar.sessions(first, first) == (first,)


def test_a_session_closes_on_its_own_day_in_utc_and_none_overlap(calendar: Calendar) -> None:
    before = None
    for session in calendar.sessions(SINCE, UNTIL):
        opened, closed = calendar.open(session), calendar.close(session)
        assert opened.utcoffset() == closed.utcoffset() == UTC.utcoffset(None)
        assert opened < closed
        assert (closed - timedelta(microseconds=1)).date() == session
        assert opened.date() >= session - timedelta(days=1)
        assert before is None or before <= opened
        before = closed


def test_windows_fill_a_session_from_its_open_to_its_close(calendar: Calendar) -> None:
    for session in calendar.sessions(SINCE, UNTIL):
        windows = calendar.windows(session)
        assert windows[0][0] == calendar.open(session)
        assert windows[-1][1] == calendar.close(session)
        assert all(opened < closed for opened, closed in windows)
        assert all(early[1] < late[0] for early, late in pairwise(windows))


def test_a_day_without_a_session_has_no_hours(calendar: Calendar) -> None:
    sessions = set(calendar.sessions(SINCE, UNTIL))
    days = (SINCE + timedelta(days=n) for n in range(30))
    closed = next((day for day in days if day not in sessions), NEVER)
    for ask in (calendar.open, calendar.close, calendar.windows):
        with pytest.raises(InvalidInput, match="no session"):
            ask(closed)


def test_it_says_how_far_it_reaches_and_its_venue(calendar: Calendar) -> None:
    first, last = calendar.reach
    assert first < SINCE < UNTIL < last
    assert len(calendar.venue) == 4


def test_a_span_that_is_empty_has_no_sessions(calendar: Calendar) -> None:
    assert calendar.sessions(UNTIL, SINCE) == ()

"""What every calendar must do."""

from datetime import UTC, date, timedelta

import pytest

from fondaco.core.errors import InvalidInput
from fondaco.market.fakes import FixedCalendar
from fondaco.market.ports import Calendar
from unit.market.rows import exchange

SINCE, UNTIL = date(2018, 1, 1), date(2019, 12, 31)


@pytest.fixture(params=["fixed", "XNYS", "XNSE"])
def calendar(request: pytest.FixtureRequest) -> Calendar:
    """A calendar of each kind."""
    return FixedCalendar() if request.param == "fixed" else exchange()(request.param)


def test_sessions_rise_without_repetition_and_both_ends_count(calendar: Calendar) -> None:
    sessions = calendar.sessions(SINCE, UNTIL)
    assert 480 < len(sessions) < 530
    assert list(sessions) == sorted(set(sessions))
    first, last = sessions[0], sessions[-1]
    assert calendar.sessions(first, last) == sessions
    assert calendar.sessions(first, first) == (first,)


def test_a_session_opens_before_it_closes_on_its_own_day_in_utc(calendar: Calendar) -> None:
    before = None
    for session in calendar.sessions(SINCE, UNTIL):
        opened, closed = calendar.open(session), calendar.close(session)
        assert opened.utcoffset() == closed.utcoffset() == UTC.utcoffset(None)
        assert opened < closed
        assert closed.date() == session
        assert before is None or before < opened
        before = closed


def test_a_day_without_a_session_has_no_hours(calendar: Calendar) -> None:
    sessions = set(calendar.sessions(SINCE, UNTIL))
    closed = next(day for n in range(30) if (day := SINCE + timedelta(days=n)) not in sessions)
    for ask in (calendar.open, calendar.close):
        with pytest.raises(InvalidInput, match="no session"):
            ask(closed)


def test_it_says_how_far_it_reaches_and_its_venue(calendar: Calendar) -> None:
    first, last = calendar.reach
    assert first < SINCE < UNTIL < last
    assert len(calendar.venue) == 4


def test_a_span_that_is_empty_has_no_sessions(calendar: Calendar) -> None:
    assert calendar.sessions(UNTIL, SINCE) == ()

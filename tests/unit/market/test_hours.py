"""Whether a venue trades at a moment. Hours are those of the exchanges' own pages and circulars."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.market.fakes import FixedCalendar
from fondaco.market.hours import Phase, State, fresh_for, last_closed, market_state
from fondaco.market.ports import Calendar
from unit.market.rows import exchange

HOUR = timedelta(hours=1)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _state(venue: str, moment: str) -> State:
    return market_state(exchange()(venue), _at(moment))


def test_an_open_venue_tells_its_session_its_close_and_the_open_after_it() -> None:
    assert _state("XNYS", "2024-07-02 15:00") == State(
        venue="XNYS",
        phase=Phase.OPEN,
        session=date(2024, 7, 2),
        next_open=_at("2024-07-03 13:30"),
        next_close=_at("2024-07-02 20:00"),
        reason="open, session 2024-07-02",
    )


def test_the_first_instant_is_open_and_the_last_is_not() -> None:
    assert _state("XNYS", "2024-07-02 13:30").phase is Phase.OPEN
    assert _state("XNYS", "2024-07-02 19:59:59.999999").phase is Phase.OPEN
    closed = _state("XNYS", "2024-07-02 20:00")
    assert (closed.phase, closed.session, closed.reason) == (
        Phase.CLOSED,
        None,
        "closed for the night",
    )


def test_an_hour_before_the_open_a_session_is_about_to_open() -> None:
    assert _state("XNYS", "2024-07-02 12:29:59").phase is Phase.CLOSED
    before = _state("XNYS", "2024-07-02 12:30")
    assert (before.phase, before.session) == (Phase.PRE, date(2024, 7, 2))
    assert before.next_open == _at("2024-07-02 13:30")
    wide = market_state(exchange()("XNYS"), _at("2024-07-02 09:00"), pre=5 * HOUR)
    assert wide.phase is Phase.PRE


@pytest.mark.parametrize(
    ("moment", "reason", "opens"),
    [
        ("2024-07-04 15:00", "closed for a holiday", "2024-07-05 13:30"),
        ("2024-07-06 15:00", "closed for the weekend", "2024-07-08 13:30"),
        ("2024-07-03 17:00", "closed for the night", "2024-07-05 13:30"),  # closed at 13:00
        ("2012-10-29 15:00", "closed for a holiday", "2012-10-31 13:30"),  # hurricane Sandy
    ],
)
def test_a_closed_venue_says_why_and_when_it_opens(moment: str, reason: str, opens: str) -> None:
    state = _state("XNYS", moment)
    assert (state.phase, state.reason) == (Phase.CLOSED, reason)
    assert state.next_open == _at(opens)


@pytest.mark.parametrize(
    ("friday", "monday_open"),
    [
        ("2024-03-08 22:00", "2024-03-11 13:30"),  # the clocks went forward on Sunday the 10th
        ("2024-11-01 21:00", "2024-11-04 14:30"),  # and back on the 3rd
    ],
)
def test_over_a_change_of_clocks_new_york_opens_at_half_past_nine_of_its_own(
    friday: str, monday_open: str
) -> None:
    assert _state("XNYS", friday).next_open == _at(monday_open)
    opening = _at(monday_open)
    assert market_state(exchange()("XNYS"), opening).phase is Phase.OPEN
    assert market_state(exchange()("XNYS"), opening - timedelta(seconds=1)).phase is Phase.PRE


def test_between_the_changes_of_clocks_london_time_does_not_matter() -> None:
    """In the weeks when only New York has changed its clocks the open is 13:30 in UTC."""
    assert _state("XNYS", "2024-03-15 13:30").phase is Phase.OPEN
    assert _state("XNYS", "2024-10-30 13:29").phase is Phase.PRE
    assert _state("XNYS", "2024-03-08 13:30").phase is Phase.PRE


def test_futures_open_on_sunday_evening_for_mondays_session_through_a_change_of_clocks() -> None:
    opened = _state("XCME", "2024-03-10 22:00")  # 17:00 of Chicago, hours after the change
    assert (opened.phase, opened.session) == (Phase.OPEN, date(2024, 3, 11))
    assert opened.next_close == _at("2024-03-11 21:00")
    assert _state("XCME", "2024-03-10 21:59").phase is Phase.PRE
    assert _state("XCME", "2024-03-09 12:00").reason == "closed for the weekend"
    assert _state("XCME", "2024-03-03 23:00").session == date(2024, 3, 4)


def test_the_hour_of_maintenance_is_before_the_next_session() -> None:
    pause = _state("XCME", "2024-07-09 21:30")
    assert (pause.phase, pause.session) == (Phase.PRE, date(2024, 7, 10))


def test_between_two_windows_of_a_session_is_a_break() -> None:
    pause = _state("XNSE", "2024-03-02 05:00")  # 10:30 in Mumbai, on the Saturday of the drill
    assert (pause.phase, pause.session) == (Phase.BREAK, date(2024, 3, 2))
    assert (pause.next_open, pause.next_close) == (_at("2024-03-02 06:00"), _at("2024-03-02 07:00"))
    early = _state("XNSE", "2024-03-02 04:00")
    assert (early.next_close, early.next_open) == (_at("2024-03-02 04:30"), _at("2024-03-02 06:00"))


def test_a_muhurat_evening_is_open_on_a_day_that_is_closed_otherwise() -> None:
    assert _state("XNSE", "2024-11-01 05:00").phase is Phase.CLOSED
    assert _state("XNSE", "2024-11-01 13:00").phase is Phase.OPEN  # 18:30 in Mumbai
    assert _state("XNSE", "2023-11-12 13:00").session == date(2023, 11, 12)


def test_crypto_is_open_at_every_moment_and_its_day_ends_at_midnight() -> None:
    for moment in ("2024-12-25 00:00", "2024-12-28 23:59:59"):
        state = _state("XCRY", moment)
        assert state.phase is Phase.OPEN
        assert state.session == _at(moment).date()
        assert state.next_close == state.next_open


def test_where_the_calendar_ends_no_next_open_is_known() -> None:
    state = _state("XNSE", "2026-12-31 12:00")
    assert (state.phase, state.next_open, state.next_close) == (Phase.CLOSED, None, None)
    assert state.reason == "closed, and no later session is known"
    with pytest.raises(InvalidInput, match="does not reach"):
        _state("XNSE", "2027-01-04 05:00")


def test_a_moment_without_a_zone_is_refused_and_any_zone_will_do() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        market_state(FixedCalendar(), datetime(2024, 7, 2, 15))  # noqa: DTZ001 - it is refused
    india = datetime.fromisoformat("2024-07-02T20:30:00+05:30")
    assert market_state(exchange()("XNYS"), india) == _state("XNYS", "2024-07-02 15:00")


def test_what_was_fetched_keeps_to_the_close_when_open_and_to_the_open_when_closed() -> None:
    fresh = 15 * timedelta(minutes=1)

    def kept(venue: str, moment: str) -> timedelta:
        return fresh_for(_state(venue, moment), _at(moment), open_max=fresh)

    assert kept("XNYS", "2024-07-02 15:00") == fresh
    assert kept("XNYS", "2024-07-02 19:55") == timedelta(minutes=5)
    assert kept("XNYS", "2024-07-02 20:00") == 17 * HOUR + HOUR / 2
    assert kept("XNYS", "2024-07-03 17:00") == 44 * HOUR + HOUR / 2  # over the fourth of July
    assert kept("XNSE", "2024-03-02 05:00") == fresh
    assert kept("XNSE", "2026-12-31 12:00") == fresh


@pytest.mark.parametrize(
    ("venue", "moment", "session"),
    [
        ("XNYS", "2024-07-02 20:00", "2024-07-02"),
        ("XNYS", "2024-07-02 19:59", "2024-07-01"),
        ("XNYS", "2024-07-07 12:00", "2024-07-05"),
        ("XCRY", "2024-07-07 00:00", "2024-07-06"),  # a crypto day closes at the next midnight
        ("XCRY", "2024-07-06 23:59", "2024-07-05"),
        ("XCME", "2024-07-07 23:00", "2024-07-05"),  # Sunday evening, Monday's session is open
        ("XNSE", "2024-03-02 05:00", "2024-03-01"),  # in the break of the Saturday's drill
    ],
)
def test_the_last_session_that_closed_is_told_by_its_own_name(
    venue: str, moment: str, session: str
) -> None:
    assert last_closed(exchange()(venue), _at(moment)) == date.fromisoformat(session)


def test_before_the_first_close_none_has_closed() -> None:
    assert last_closed(exchange()("XCRY"), _at("2010-01-01 12:00")) is None
    with pytest.raises(InvalidInput, match="time zone"):
        last_closed(FixedCalendar(), datetime(2024, 7, 2, 15))  # noqa: DTZ001 - it is refused


def _windows(calendar: Calendar, day: date) -> Sequence[tuple[datetime, datetime]]:
    days = calendar.sessions(day - timedelta(days=2), day + timedelta(days=2))
    return [window for session in days for window in calendar.windows(session)]


@settings(deadline=None)  # the first question of a venue derives its calendar
@given(
    st.sampled_from(["XNYS", "XNSE", "XCME", "XCRY"]),
    st.integers(0, 16 * 365 * 24 * 60).map(lambda n: _at("2010-10-18") + timedelta(minutes=n)),
)
def test_open_means_that_some_window_holds_the_moment(venue: str, moment: datetime) -> None:
    calendar = exchange()(venue)
    state = market_state(calendar, moment)
    held = [w for w in _windows(calendar, moment.date()) if w[0] <= moment < w[1]]
    assert (state.phase is Phase.OPEN) == bool(held)
    if held:
        assert state.next_close == held[0][1]
    assert state.next_open is not None
    assert state.next_open > moment
    assert market_state(calendar, state.next_open).phase is Phase.OPEN
    assert fresh_for(state, moment, open_max=HOUR) > timedelta(0)

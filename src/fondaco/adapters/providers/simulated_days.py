"""The days of the simulated market: sessions of the New York Stock Exchange, worked out by rule.

Rule 7.2 of the NYSE (holidays) and its yearly notices of early closings, from 2012 on; days of
mourning are listed. A test holds them against the desk's calendar of XNYS.
"""

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
FIRST_YEAR = 2018
FIRST = date(2018, 1, 2)
"""The first session of the simulated market."""
LAST_YEAR = 2100
OPEN, CLOSE, EARLY_CLOSE = time(9, 30), time(16), time(13)
MINUTES, EARLY_MINUTES = 390, 210
JUNETEENTH_FROM = 2022
SHUT = frozenset({date(2018, 12, 5), date(2025, 1, 9)})
"""Days of mourning for presidents."""
_DAY = timedelta(days=1)


@cache
def holidays(year: int) -> frozenset[date]:
    """Return the weekdays of a year on which the exchange is shut all day."""
    fixed = [date(year, 7, 4), date(year, 12, 25)]
    if year >= JUNETEENTH_FROM:
        fixed.append(date(year, 6, 19))
    moving = [
        _weekday(year, 1, 0, 3),  # Martin Luther King, Jr. Day
        _weekday(year, 2, 0, 3),  # Washington's Birthday
        easter(year) - 2 * _DAY,  # Good Friday
        _last_monday_of_may(year),  # Memorial Day
        _weekday(year, 9, 0, 1),  # Labor Day
        _weekday(year, 11, 3, 4),  # Thanksgiving Day
    ]
    new_year = date(year, 1, 1)
    # A New Year's Day on a Saturday is not kept: the Friday before ends the old year's books.
    first = [] if new_year.weekday() == 5 else [_observed(new_year)]
    shut = {day for day in SHUT if day.year == year}
    return frozenset([*moving, *first, *(_observed(day) for day in fixed)]) | shut


def is_session(day: date) -> bool:
    """Return whether the exchange trades on a day.

    >>> is_session(date(2025, 1, 9))
    False
    """
    return day.weekday() < 5 and day not in holidays(day.year)


def is_early(day: date) -> bool:
    """Return whether a session ends at 13:00: 3 July before the 4th (Monday to Thursday), the day
    after Thanksgiving, 24 December.
    """
    if not is_session(day):
        return False
    if (day.month, day.day) == (7, 3):
        return day.weekday() < 4
    return (day.month, day.day) == (12, 24) or day == _weekday(day.year, 11, 3, 4) + _DAY


@cache
def _year(year: int) -> tuple[date, ...]:
    days = (date(year, 1, 1) + n * _DAY for n in range(366))
    return tuple(day for day in days if day.year == year and is_session(day))


@cache
def through(year: int) -> tuple[date, ...]:
    """Return every session from the first of the market to the end of a year."""
    return tuple(day for y in range(FIRST_YEAR, year + 1) for day in _year(y))


def between(since: date, until: date) -> tuple[date, ...]:
    """Return the sessions from `since` to `until`, both included."""
    every = through(until.year)
    return every[bisect_left(every, since) : bisect_right(every, until)]


def session_from(day: date) -> date:
    """Return the first session on or after a day."""
    while not is_session(day):
        day += _DAY
    return day


def later(session: date, count: int) -> date:
    """Return the session that comes `count` sessions after one (before it, when below zero)."""
    every = through(session.year + 1 + max(count, 0) // 200)
    return every[max(bisect_left(every, session) + count, 0)]


def minutes_of(session: date) -> int:
    """Return how many minutes a session lasts."""
    return EARLY_MINUTES if is_early(session) else MINUTES


def opens_at(session: date) -> datetime:
    """Return when a session opens, in UTC."""
    return at(session, OPEN)


def closes_at(session: date) -> datetime:
    """Return when a session closes, in UTC."""
    return at(session, EARLY_CLOSE if is_early(session) else CLOSE)


def at(day: date, moment: time) -> datetime:
    """Return a moment of a day in New York, in UTC."""
    return datetime.combine(day, moment, NEW_YORK).astimezone(UTC)


def third_friday(year: int, month: int) -> date:
    """Return the day on which options and futures of a month expire; Thursday when shut."""
    day = _weekday(year, month, 4, 3)
    return day if is_session(day) else day - _DAY


def easter(year: int) -> date:
    """Return Easter Sunday in the Gregorian calendar (Butcher's algorithm, Nature, 20 April 1876).

    >>> easter(2024)
    datetime.date(2024, 3, 31)
    """
    golden, century, part = year % 19, year // 100, year % 100
    skipped = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - skipped + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (part // 4) - epact - part % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _observed(day: date) -> date:
    if day.weekday() == 5:
        return day - _DAY
    return day + _DAY if day.weekday() == 6 else day


def _weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _last_monday_of_may(year: int) -> date:
    return date(year, 5, 31) - timedelta(days=date(year, 5, 31).weekday())

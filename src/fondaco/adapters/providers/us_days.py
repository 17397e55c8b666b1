"""Days and clock times as sources in the United States write them: Eastern time, no offset."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fondaco.adapters.providers.read_json import Useless

EASTERN = ZoneInfo("America/New_York")
YEAR_FIRST, YEAR_LAST = 1700, 2200
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2}):(\d{2})")


def read_day(cell: Any, name: str) -> date:
    """Return a day written as 2024-06-28; raises Useless for anything else."""
    found = _DAY.fullmatch(cell) if isinstance(cell, str) else None
    if not found:
        raise Useless(f"{name} {str(cell)[:40]!r} is no day")
    return a_day(*(int(part) for part in found.groups()), name=name)


def a_day(year: int, month: int, day: int, *, name: str) -> date:
    """Return a day of the calendar; raises Useless when there is none such."""
    try:
        found = date(year, month, day)
    except ValueError:
        raise Useless(f"{name} {year}-{month}-{day} is no day of the calendar") from None
    if not YEAR_FIRST <= year < YEAR_LAST:
        raise Useless(f"{name} {found} is not between {YEAR_FIRST} and {YEAR_LAST}")
    return found


def read_time(cell: Any, name: str, zone: ZoneInfo = EASTERN) -> datetime:
    """Return a clock time written as 2024-06-28T16:00:00, with T or blank, in UTC.

    Raises Useless for anything else, an offset among it.
    """
    found = _TIME.fullmatch(cell) if isinstance(cell, str) else None
    if not found:
        raise Useless(f"{name} {str(cell)[:40]!r} is no clock time without an offset")
    day = read_day(found[1], name)
    try:
        at = time(int(found[2]), int(found[3]), int(found[4]))
    except ValueError:
        raise Useless(f"{name} {str(cell)[:40]!r} is no clock time") from None
    return datetime.combine(day, at, zone).astimezone(UTC)


def day_start(day: date) -> datetime:
    """Return the midnight in New York with which a day begins, in UTC."""
    return datetime.combine(day, time(), EASTERN).astimezone(UTC)


def day_end(day: date) -> datetime:
    """Return the midnight in New York with which a day ends, in UTC.

    >>> day_end(date(2024, 6, 28)).isoformat()
    '2024-06-29T04:00:00+00:00'
    """
    return day_start(day + timedelta(days=1))


def known_by(day: date, asked_at: datetime) -> datetime:
    """Return when all that was told on a day was known: its end, or earlier when it was asked for.

    The day is the source's word for the day of publication, whose hour it does not tell.
    """
    return min(day_end(day), asked_at)

"""Days and times of EDGAR, and from when on a filing could be known.

EDGAR takes filings from 06:00 to 22:00 New York time. What is accepted by 17:30 is filed that day,
later the next business day; some forms (owners' reports) are filed that day up to 22:00.

The acceptance time of the submissions interface ends with Z, but is UTC for some filers and New
York time for others (measured by filers, github.com/theOGognf/finagg/issues/64: 181 of 808). Of
the two readings the one that fits the day of filing counts, and of two that fit the later: a
filing is never known too early, at the price of some that are known four or five hours late.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fondaco.adapters.providers.read_json import Useless

ZONE = ZoneInfo("America/New_York")
OPENS, CUT_OFF, CLOSES = time(6), time(17, 30), time(22)
SESSION_CLOSE = time(16)
LATE_FORMS = re.compile(r"(3|4|5|144|F-6|SC 13[DG]|SCHEDULE 13[DG])(/A)?")
"""Forms that count as filed on the day up to 22:00."""

HIDDEN_FORMS = frozenset(("CORRESP", "UPLOAD", "DRS", "DRS/A", "DRSLTR"))
"""Letters and drafts that are shown weeks after their acceptance, nobody says when."""

YEAR_FIRST, YEAR_LAST = 1900, 2199


def day_of(cell: object, name: str) -> date:
    """Return a day written 2024-07-05; raises Useless."""
    try:
        if not isinstance(cell, str) or len(cell) != 10:
            raise ValueError
        day = date.fromisoformat(cell)
    except ValueError:
        raise Useless(f"{name} {str(cell)[:40]!r} is no day") from None
    if not YEAR_FIRST <= day.year <= YEAR_LAST:
        raise Useless(f"{name} {cell!r} is no plausible day")
    return day


def at(day: date, clock: time) -> datetime:
    """Return a time of day in New York, in UTC."""
    return datetime.combine(day, clock, ZONE).astimezone(UTC)


def day_end(day: date) -> datetime:
    """Return the midnight in New York that ends a day, in UTC."""
    return at(day + timedelta(days=1), time())


def filed_by(cell: object, asked_at: datetime) -> datetime:
    """Return by when what was filed on a day was known: its end, or when it was seen before that.

    Raises Useless for a day that had not begun when the answer came.
    """
    day = day_of(cell, "filed")
    if at(day, time()) > asked_at:
        raise Useless(f"filed {cell!r} has not come yet")
    return min(day_end(day), asked_at)


def accepted(cell: object, filed: date, form: str, asked_at: datetime) -> datetime:
    """Return when a filing was accepted, in UTC, read so that it is never too early.

    Raises Useless for what is no time, or has not come yet. Midnight stands for a time that is not
    known, as in filings of the nineties: the end of the day of filing counts.
    """
    try:
        if not isinstance(cell, str) or not cell.endswith("Z"):
            raise ValueError
        told = datetime.fromisoformat(cell)
    except ValueError:
        raise Useless(f"acceptanceDateTime {str(cell)[:40]!r} is no time") from None
    if not YEAR_FIRST <= told.year <= YEAR_LAST:
        raise Useless(f"acceptanceDateTime {cell!r} is no plausible time")
    end = day_end(filed)
    if told > asked_at:
        raise Useless(f"acceptanceDateTime {cell!r} has not come yet")
    local = at(told.date(), told.time())
    readings = [r for r in (told, local) if r <= asked_at and _fits(r, filed, form)]
    if readings and told.time() != time():
        return max(readings)
    return min(max(local, end), asked_at)


def _fits(reading: datetime, filed: date, form: str) -> bool:
    """Return whether a filing accepted then would be filed on that day."""
    here = reading.astimezone(ZONE)
    if not OPENS <= here.time() <= CLOSES:
        return False
    if here.time() <= CUT_OFF:
        return here.date() == filed
    late = LATE_FORMS.fullmatch(form) is not None and here.date() == filed
    return late or filed > here.date()

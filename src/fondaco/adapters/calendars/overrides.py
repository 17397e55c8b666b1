"""Days that we know better than the libraries: our own table, and the user's file.

Both are TOML of one form, which docs/explanation/calendars.md shows. A file with a fault is refused
whole, with each fault's line: a day that is silently ignored would trade on a holiday.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fondaco.adapters.calendars.derive import Windows
from fondaco.core.errors import InvalidInput, Unavailable

SHIPPED = Path(__file__).with_name("special_days.toml")
BYTES_MAX = 1_000_000
FAULTS_SHOWN_MAX = 10
KEYS = frozenset({"venue", "day", "closed", "open", "close", "windows", "zone", "reason", "source"})
_HEADER = re.compile(r"^\s*\[\[\s*day\s*\]\]")

Reaches = Mapping[str, tuple[date, date]]


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day as it truly is at some venues; without windows the exchange is closed."""

    venues: tuple[str, ...]
    day: date
    windows: Windows
    reason: str
    source: str


class _Fault(Exception):
    """What is wrong with one entry."""


def read_special_days(path: Path, reaches: Reaches) -> tuple[SpecialDay, ...]:
    """Return the days of a file, none when it is not there.

    Raises InvalidInput naming file, line and remedy for what is wrong in it, and Unavailable when
    it cannot be read.
    """
    text = _text(path)
    if text is None:
        return ()
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refusal(path, [str(error)]) from None
    faults = [f"unknown table '{name}', only [[day]] is read" for name in table if name != "day"]
    entries = table.get("day", [])
    if not isinstance(entries, list):
        raise _refusal(path, ["'day' is not a list of tables: write [[day]]"])
    days, found = _days(entries, _lines(text, len(entries)), reaches)
    if faults or found:
        raise _refusal(path, faults + found)
    return days


def _text(path: Path) -> str | None:
    try:
        if path.stat().st_size > BYTES_MAX:
            raise _refusal(path, [f"it is larger than {BYTES_MAX} bytes"])
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        raise _refusal(path, [f"it is not UTF-8 text ({error.reason})"]) from None
    except OSError as error:
        raise Unavailable(
            "the calendar overrides cannot be read",
            value=f"{path}: {error.strerror}",
            remedy="Make the file readable, or take it away.",
        ) from None


def _refusal(path: Path, faults: list[str]) -> InvalidInput:
    shown = "; ".join(faults[:FAULTS_SHOWN_MAX])
    more = len(faults) - FAULTS_SHOWN_MAX
    return InvalidInput(
        "the calendar overrides cannot be used",
        value=f"{path}: {shown}" + (f"; and {more} more" if more > 0 else ""),
        remedy="Mend these lines; docs/explanation/calendars.md shows the form.",
    )


def _lines(text: str, count: int) -> list[int]:
    """Return the line of each [[day]]; zeros when it cannot be told."""
    found = [n for n, line in enumerate(text.splitlines(), 1) if _HEADER.match(line)]
    return found if len(found) == count else [0] * count


def _days(
    entries: list[Any], lines: list[int], reaches: Reaches
) -> tuple[tuple[SpecialDay, ...], list[str]]:
    days, faults = [], []
    taken: dict[tuple[str, date], str] = {}
    for number, (entry, line) in enumerate(zip(entries, lines, strict=True), 1):
        where = f"line {line}" if line else f"day {number}"
        try:
            day = _special_day(entry, reaches)
            for venue in day.venues:
                if other := taken.get((venue, day.day)):
                    raise _Fault(f"{venue} {day.day} is given already at {other}")
                taken[venue, day.day] = where
            days.append(day)
        except _Fault as fault:
            faults.append(f"{where}: {fault}")
    return tuple(days), faults


def _special_day(entry: Any, reaches: Reaches) -> SpecialDay:
    if not isinstance(entry, dict):
        raise _Fault("it is not a table")
    if unknown := sorted(entry.keys() - KEYS):
        raise _Fault(f"unknown key '{unknown[0]}', known are {', '.join(sorted(KEYS))}")
    day = _date(entry)
    venues = _venues(entry, day, reaches)
    reason, source = (_words(entry, key) for key in ("reason", "source"))
    return SpecialDay(venues, day, _windows(entry, day), reason, source)


def _date(entry: dict[str, Any]) -> date:
    given = entry.get("day")
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    raise _Fault(f"'day' is not a date such as 2025-01-09: {given!r}")


def _venues(entry: dict[str, Any], day: date, reaches: Reaches) -> tuple[str, ...]:
    given = entry.get("venue")
    venues = given if isinstance(given, list) else [given]
    if not venues:
        raise _Fault("'venue' names none")
    for venue in venues:
        if not isinstance(venue, str) or venue not in reaches:
            raise _Fault(f"unknown venue {venue!r}, known are {', '.join(sorted(reaches))}")
        first, last = reaches[venue]
        if not first <= day <= last:
            raise _Fault(f"the calendar of {venue} reaches from {first} to {last}, not to {day}")
    return tuple(dict.fromkeys(venues))


def _words(entry: dict[str, Any], key: str) -> str:
    given = entry.get(key)
    if not isinstance(given, str) or not given.strip():
        raise _Fault(f"'{key}' is missing: say in words what the exchange decided, and where")
    return given.strip()


def _windows(entry: dict[str, Any], day: date) -> Windows:
    closed = entry.get("closed", False)
    timed = [key for key in ("open", "close", "windows") if key in entry]
    if not isinstance(closed, bool):
        raise _Fault(f"'closed' is not true or false: {closed!r}")
    if closed and timed:
        raise _Fault(f"it is closed and has '{timed[0]}' as well: give one of them")
    if closed:
        return ()
    if timed not in (["open", "close"], ["windows"]):
        raise _Fault("give closed = true, or open and close, or windows")
    pairs = entry["windows"] if timed == ["windows"] else [[entry["open"], entry["close"]]]
    zone = _zone(entry)
    if not isinstance(pairs, list) or not pairs:
        raise _Fault("'windows' is not a list of [open, close]")
    windows = tuple(_window(pair, day, zone) for pair in pairs)
    if any(late[0] < early[1] for early, late in pairwise(windows)):
        raise _Fault("a window opens before the one before it has closed")
    return windows


def _zone(entry: dict[str, Any]) -> ZoneInfo:
    given = entry.get("zone")
    try:
        return ZoneInfo(given if isinstance(given, str) else "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _Fault(f"'zone' is not a time zone such as America/New_York: {given!r}") from None


def _window(pair: Any, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return a window in UTC.

    It closes on its day, at 00:00 with its day; it opens the evening before when its open is not
    before its close.
    """
    if not isinstance(pair, list) or len(pair) != 2:
        raise _Fault(f"a window is not [open, close]: {pair!r}")
    opens, closes = _time(pair[0]), _time(pair[1])
    if opens == closes != time():
        raise _Fault(f"it opens and closes at {opens:%H:%M}")
    midnight = closes == time()
    close_day = day + timedelta(days=1) if midnight else day
    open_day = day - timedelta(days=1) if opens > closes and not midnight else day
    return _utc(open_day, opens, zone), _utc(close_day, closes, zone)


def _time(given: Any) -> time:
    if isinstance(given, time):
        return given
    try:
        return datetime.strptime(given, "%H:%M").replace(tzinfo=UTC).time()
    except (TypeError, ValueError):
        raise _Fault(f"not a time such as 09:15: {given!r}") from None


def _utc(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)

"""Asks two libraries for the sessions of a venue and keeps what they agree on."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from fondaco.adapters.calendars.pairings import CRYPTO_REACH, Pairing

if TYPE_CHECKING:
    import pandas as pd

Windows = tuple[tuple[datetime, datetime], ...]
"""The spans in which a session trades, in UTC, in order."""
Hours = dict[date, Windows]
"""The windows of each session."""
HOURS_CME_SINCE_2012 = date(2012, 11, 19)
CLOSE_CME_MOVED = date(2015, 9, 21)
NAMES = ("pandas_market_calendars", "exchange_calendars")


@dataclass(frozen=True, slots=True)
class Clash:
    """A day on which the libraries differ: about the session itself, or about its close."""

    day: date
    about: Literal["session", "close"]
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Derived:
    """The sessions that stand, before any override, and what the libraries differ on.

    A day whose session is in doubt is not in `hours`; where only the close is, the first
    library's stands.
    """

    hours: Hours
    clashes: tuple[Clash, ...]


def derive(pairing: Pairing) -> Derived:
    """Return what both libraries say of a venue; the import of pandas takes a second."""
    with warnings.catch_warnings():
        # The libraries call what the newest pandas is about to drop; it is not ours to mend.
        warnings.simplefilter("ignore", DeprecationWarning)
        first = _first(pairing)
        closes = _second_closes(pairing)
    clashes = tuple(_clashes(pairing, first, closes))
    doubted = {clash.day for clash in clashes if clash.about == "session"}
    return Derived({day: spans for day, spans in first.items() if day not in doubted}, clashes)


def always_open() -> Derived:
    """Return a session for each day in UTC, from midnight to midnight."""
    first, last = CRYPTO_REACH
    start = datetime.combine(first, time(), UTC)
    edges = [start + timedelta(days=n) for n in range((last - first).days + 2)]
    return Derived(
        {opened.date(): ((opened, closed),) for opened, closed in pairwise(edges)},
        (),
    )


def _first(pairing: Pairing) -> Hours:
    schedule = _schedule(pairing.primary, pairing)
    regular = schedule if pairing.hours == pairing.primary else _schedule(pairing.hours, pairing)
    if pairing.second_close is None:
        return schedule | {day: spans for day, spans in regular.items() if day in schedule}
    whole = {d for d, s in schedule.items() if _clock(s[-1][1], pairing.zone) == "16:00"}
    return {
        day: _globex(day, regular[day], day - timedelta(days=1) in whole)
        if day in whole and day in regular
        else spans
        for day, spans in schedule.items()
    }


def _globex(day: date, spans: Windows, after_whole_day: bool) -> Windows:
    """Return the regular hours of Globex, mended where the exchange's own notices differ.

    From 2012 to 18 September 2015 it closed at 16:15, where the library has 16:00. Before, it
    opened at 15:30 after a whole day, but at 17:00 on Sundays and after a holiday.
    """
    if len(spans) == 2 and day < CLOSE_CME_MOVED:
        first, (opened, closed) = spans
        return (first, (opened, closed + timedelta(minutes=15)))
    if day < HOURS_CME_SINCE_2012 and not after_whole_day:
        ((opened, closed),) = spans
        return ((opened + timedelta(minutes=90), closed),)
    return spans


def _schedule(name: str, pairing: Pairing) -> Hours:
    import pandas_market_calendars as library  # pandas takes a second to import

    frame = library.get_calendar(name).schedule(pairing.first.isoformat(), pairing.last.isoformat())
    opens, closes = _moments(frame["market_open"]), _moments(frame["market_close"])
    days = [moment.date() for moment in frame.index]
    if "break_start" not in frame:
        return {d: ((o, c),) for d, o, c in zip(days, opens, closes, strict=True)}
    pauses = zip(_moments(frame["break_start"]), _moments(frame["break_end"]), strict=True)
    return {
        day: ((opened, start), (end, closed))
        if opened < start < end < closed
        else ((opened, closed),)
        for day, opened, closed, (start, end) in zip(days, opens, closes, pauses, strict=True)
    }


def _second_closes(pairing: Pairing) -> dict[date, datetime]:
    import exchange_calendars as library

    frame = library.get_calendar(
        pairing.second, start=pairing.sessions_from.isoformat(), end=pairing.last.isoformat()
    ).schedule
    days = [moment.date() for moment in frame.index]
    return dict(zip(days, _moments(frame["close"]), strict=True))


def _moments(column: "pd.Series[Any]") -> list[datetime]:
    return [datetime.fromtimestamp(moment.timestamp(), UTC) for moment in column]


def _clashes(pairing: Pairing, first: Hours, closes: dict[date, datetime]) -> Iterator[Clash]:
    for day in sorted(first.keys() | closes.keys()):
        if day < pairing.sessions_from:
            continue
        spans, closed = first.get(day, ()), closes.get(day)
        if bool(spans) != (closed is not None):
            yield Clash(day, "session", _told(spans, pairing), _closes_told(closed, pairing))
        elif closed is not None and day >= pairing.closes_from and _differ(spans, closed, pairing):
            yield Clash(day, "close", _told(spans, pairing), _closes_told(closed, pairing))


def _differ(spans: Windows, closed: datetime, pairing: Pairing) -> bool:
    if pairing.second_close is None:
        return spans[-1][1] != closed
    early = _clock(closed, pairing.zone) != pairing.second_close.isoformat("minutes")
    return early != (_clock(spans[-1][1], pairing.zone) <= "12:15")


def _told(spans: Windows, pairing: Pairing) -> str:
    if not spans:
        return "closed"
    clock = [f"{_clock(o, pairing.zone)} to {_clock(c, pairing.zone)}" for o, c in spans]
    return f"open {' and '.join(clock)} {pairing.zone}"


def _closes_told(closed: datetime | None, pairing: Pairing) -> str:
    if closed is None:
        return "closed"
    return f"open, closes {_clock(closed, pairing.zone)} {pairing.zone}"


def _clock(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).strftime("%H:%M")

"""Exchange calendars by pandas_market_calendars, read once per venue and kept as plain times."""

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from fondaco.adapters.calendars.shelf import Hours, read_shelf, write_shelf
from fondaco.core.errors import InvalidInput, NotFound

LAST = date(2035, 12, 31)
FIRST = {"XNYS": date(1962, 1, 2), "NSE": date(1994, 11, 3)}
# United States venues share the sessions and hours of the New York Stock Exchange.
LIBRARY_NAMES = {
    "XNYS": "XNYS",
    "XNAS": "XNYS",
    "ARCX": "XNYS",
    "BATS": "XNYS",
    "XASE": "XNYS",
    "XCBO": "XNYS",
    "XNSE": "NSE",
}
# What the library does not know of the National Stock Exchange of India, from its circulars:
# weekend days of trade (budget days, drills of its second site). Evening sessions at Diwali that
# fall on a weekend are still missing.
NSE_WHOLE_DAYS = (
    date(2015, 2, 28),
    date(2020, 2, 1),
    date(2024, 1, 20),
    date(2025, 2, 1),
    date(2026, 2, 1),
)
NSE_SHORT_DAYS = (date(2024, 3, 2), date(2024, 5, 18))


class ExchangeCalendar:
    """The sessions of one venue, with opens and closes in UTC."""

    def __init__(self, venue: str, first: date, hours: Hours) -> None:
        self.venue = venue
        self.reach = (first, LAST)
        self._hours = hours
        self._days = sorted(hours)

    def sessions(self, since: date, until: date) -> tuple[date, ...]:
        """Return the sessions from `since` to `until`, both included.

        Raises InvalidInput for days whose sessions the calendar does not know.
        """
        for day in (since, until):
            if not self.reach[0] <= day <= self.reach[1]:
                raise InvalidInput(
                    f"the calendar of {self.venue} does not reach that day",
                    value=day,
                    bound=f"{self.reach[0]} to {self.reach[1]}",
                )
        return tuple(self._days[bisect_left(self._days, since) : bisect_right(self._days, until)])

    def open(self, session: date) -> datetime:
        """Return when a session opens, in UTC; raises InvalidInput when it is none."""
        return self._of(session)[0]

    def close(self, session: date) -> datetime:
        """Return when a session closes, in UTC; raises InvalidInput when it is none."""
        return self._of(session)[1]

    def _of(self, session: date) -> tuple[datetime, datetime]:
        if session not in self._hours:
            raise InvalidInput(
                f"{self.venue} has no session on this day",
                value=session,
                bound="a day on which the exchange traded",
                remedy="Use the session before or after it.",
            )
        return self._hours[session]


class ExchangeCalendars:
    """Gives the calendar of a venue; each is derived once and kept in `folder` for next time.

    The library needs pandas, a second of import: with the folder, only the first use pays it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._hours: dict[str, Hours] = {}
        self._lock = Lock()

    def __call__(self, venue: str) -> ExchangeCalendar:
        """Return the calendar of a venue (ISO 10383 code); raises NotFound naming those known."""
        if venue not in LIBRARY_NAMES:
            raise NotFound(
                "no calendar is known for this venue",
                value=venue,
                remedy=f"Known venues are {', '.join(sorted(LIBRARY_NAMES))}.",
            )
        name = LIBRARY_NAMES[venue]
        with self._lock:
            if name not in self._hours:
                self._hours[name] = self._find(name)
        return ExchangeCalendar(venue, FIRST[name], self._hours[name])

    def _find(self, name: str) -> Hours:
        kept = read_shelf(self._folder, name)
        if kept is None:
            kept = derive_hours(name)
            write_shelf(self._folder, name, kept)
        return kept


def derive_hours(name: str) -> Hours:
    """Return the open and close of each session, as the library says and our additions mend."""
    import pandas_market_calendars as library  # pandas takes a second to import

    schedule = library.get_calendar(name).schedule(FIRST[name].isoformat(), LAST.isoformat())
    times = zip(schedule.index, schedule["market_open"], schedule["market_close"], strict=True)
    hours = {day.date(): (_utc(opened), _utc(closed)) for day, opened, closed in times}
    return hours | _nse_extra() if name == "NSE" else hours


def _nse_extra() -> Hours:
    whole = {day: (_india(day, 9, 15), _india(day, 15, 30)) for day in NSE_WHOLE_DAYS}
    short = {day: (_india(day, 9, 15), _india(day, 12, 30)) for day in NSE_SHORT_DAYS}
    return whole | short


def _india(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), ZoneInfo("Asia/Kolkata")).astimezone(UTC)


def _utc(moment: datetime) -> datetime:
    return datetime.fromtimestamp(moment.timestamp(), UTC)

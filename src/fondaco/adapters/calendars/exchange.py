"""Exchange calendars: what two libraries agree on, with the days that overrides settle."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from threading import Lock

from fondaco.adapters.calendars.derive import (
    NAMES,
    Clash,
    Derived,
    Hours,
    Windows,
    always_open,
    derive,
)
from fondaco.adapters.calendars.overrides import SHIPPED, SpecialDay, read_special_days
from fondaco.adapters.calendars.pairings import CRYPTO, PAIRINGS, REACHES
from fondaco.adapters.calendars.shelf import read_shelf, write_shelf
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.market.ports import Disagreement

OVERRIDES = "overrides.toml"
"""The user's file of days that win over everything, in the folder of the calendars."""


class ExchangeCalendar:
    """The sessions of one venue, with opens and closes in UTC."""

    def __init__(self, venue: str, hours: Hours, notes: Mapping[date, str]) -> None:
        self.venue = venue
        self.reach = REACHES[venue]
        self._hours = hours
        self._days = sorted(hours)
        self._notes = notes

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
                    remedy="Later days come with newer calendar libraries: update Fondaco.",
                )
        return tuple(self._days[bisect_left(self._days, since) : bisect_right(self._days, until)])

    def windows(self, session: date) -> Windows:
        """Return the spans in which a session trades; raises InvalidInput when it is none."""
        if session not in self._hours:
            raise InvalidInput(
                f"{self.venue} has no session on this day",
                value=session,
                bound="a day on which the exchange traded",
                remedy="Use the session before or after it.",
            )
        return self._hours[session]

    def open(self, session: date) -> datetime:
        """Return when a session first opens, in UTC; raises InvalidInput when it is none."""
        return self.windows(session)[0][0]

    def close(self, session: date) -> datetime:
        """Return when a session last closes, in UTC; raises InvalidInput when it is none."""
        return self.windows(session)[-1][1]

    def note(self, day: date) -> str:
        """Return why a day is special and who says so; empty when no override speaks of it."""
        return self._notes.get(day, "")


@dataclass(frozen=True, slots=True)
class _Settled:
    """A calendar with its overrides, and what they were when it was made."""

    stamp: tuple[int, int] | None
    calendar: ExchangeCalendar
    disagreements: tuple[Disagreement, ...]


class ExchangeCalendars:
    """Gives the calendar of a venue; each is derived once and kept in `folder` for next time.

    The libraries need pandas, a second of import: with the folder, only the first use pays it.
    `overrides.toml` in that folder wins over all else, is applied anew whenever it changes, and
    is refused with InvalidInput when a line of it is wrong.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._derived: dict[str, Derived] = {}
        self._settled: dict[str, _Settled] = {}
        self._shipped: tuple[SpecialDay, ...] | None = None
        self._lock = Lock()

    def __call__(self, venue: str) -> ExchangeCalendar:
        """Return the calendar of a venue (ISO 10383 code); raises NotFound naming those known."""
        return self._settle(venue).calendar

    def disagreements(self, venue: str) -> tuple[Disagreement, ...]:
        """Return the days on which the libraries differ and no override settles it, in order."""
        return self._settle(venue).disagreements

    def _settle(self, venue: str) -> _Settled:
        if venue not in REACHES:
            raise NotFound(
                "no calendar is known for this venue",
                value=venue,
                remedy=f"Known venues are {', '.join(sorted(REACHES))}.",
            )
        with self._lock:
            stamp = self._stamp()
            kept = self._settled.get(venue)
            if kept is None or kept.stamp != stamp:
                kept = self._settled[venue] = self._made(venue, stamp)
        return kept

    def _stamp(self) -> tuple[int, int] | None:
        if self._folder is None:
            return None
        try:
            found = (self._folder / OVERRIDES).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _made(self, venue: str, stamp: tuple[int, int] | None) -> _Settled:
        if self._shipped is None:
            self._shipped = read_special_days(SHIPPED, REACHES)
        users = () if self._folder is None else read_special_days(self._folder / OVERRIDES, REACHES)
        days = {day.day: day for day in (*self._shipped, *users) if venue in day.venues}
        derived = self._find(venue)
        calendar = _overridden(venue, derived.hours, days)
        open_clashes = (clash for clash in derived.clashes if clash.day not in days)
        return _Settled(stamp, calendar, tuple(_told(venue, clash) for clash in open_clashes))

    def _find(self, venue: str) -> Derived:
        name = venue if venue == CRYPTO else PAIRINGS[venue].name
        if name not in self._derived:
            self._derived[name] = always_open() if venue == CRYPTO else self._kept(venue)
        return self._derived[name]

    def _kept(self, venue: str) -> Derived:
        pairing = PAIRINGS[venue]
        kept = read_shelf(self._folder, pairing.name)
        if kept is None:
            kept = derive(pairing)
            write_shelf(self._folder, pairing.name, kept)
        return kept


def _overridden(venue: str, hours: Hours, days: Mapping[date, SpecialDay]) -> ExchangeCalendar:
    traded = {day: special.windows for day, special in days.items() if special.windows}
    left = {day: spans for day, spans in hours.items() if day not in days}
    notes = {day: f"{special.reason} ({special.source})" for day, special in days.items()}
    return ExchangeCalendar(venue, left | traded, notes)


def _told(venue: str, clash: Clash) -> Disagreement:
    return Disagreement(
        venue=venue,
        day=clash.day,
        about=clash.about,
        says=tuple(zip(NAMES, (clash.first, clash.second), strict=True)),
        counts_as="closed" if clash.about == "session" else clash.first,
        remedy=f"Look the day up at the exchange and add it to calendars/{OVERRIDES}.",
    )

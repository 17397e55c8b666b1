"""Time is an argument: a clock is handed in, never asked for."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from fondaco.core.errors import InvalidInput


class Clock(Protocol):
    """Says what time it is, in UTC."""

    def now(self) -> datetime:
        """Return the present moment, timezone-aware, in UTC."""
        ...


def utc(moment: datetime) -> datetime:
    """Return the moment in UTC; a naive one is refused.

    Raises InvalidInput when the moment carries no timezone.

    >>> utc(datetime(2019, 6, 28, 20, tzinfo=UTC)).isoformat()
    '2019-06-28T20:00:00+00:00'
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise InvalidInput(
            "a time without a timezone could mean several moments",
            value=moment.isoformat(),
            bound="an ISO 8601 time with an offset",
            remedy=f"Write {moment.isoformat()}+00:00 if it is UTC.",
        )
    return moment.astimezone(UTC)


def known_after(what: str, ts: datetime, known_at: datetime) -> None:
    """Refuse a row that would be known before it happened; both times must carry a zone."""
    if utc(known_at) < utc(ts):
        raise InvalidInput(
            f"{what} cannot be known before it happened",
            value=known_at.isoformat(),
            bound=f"{ts.isoformat()} or later",
        )


class FixedClock:
    """A clock that always gives the same moment: for tests and for reading as of a time."""

    def __init__(self, moment: datetime) -> None:
        self._moment = utc(moment)

    def now(self) -> datetime:
        """Return the fixed moment."""
        return self._moment


class SteppedClock:
    """A clock that moves only when told to, and never back: for backtests and replays."""

    def __init__(self, moment: datetime) -> None:
        self._moment = utc(moment)

    def now(self) -> datetime:
        """Return the moment it was last moved to."""
        return self._moment

    def move_to(self, moment: datetime) -> None:
        """Move on to a later moment; raises InvalidInput when that would go back."""
        later = utc(moment)
        if later < self._moment:
            raise InvalidInput(
                "a stepped clock does not run backwards",
                value=later.isoformat(),
                bound=f"{self._moment.isoformat()} or later",
            )
        self._moment = later

    def advance(self, by: timedelta) -> None:
        """Move on by a span that is not negative."""
        self.move_to(self._moment + by)

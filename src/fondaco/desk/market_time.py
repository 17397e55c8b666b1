"""When a cycle decides: at the close of the last session that has prices, and never later."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Protocol

from fondaco.core.errors import InvalidInput, NotFound, Refused
from fondaco.market.ports import Calendar, Newest

DAY_FIRST = date(1900, 1, 1)


class SessionPrices(Protocol):
    """What is asked of prices; `market.prices.Prices` gives it."""

    def newest(self, *, as_of: datetime) -> Newest | None: ...
    def calendar(self, venue: str) -> Calendar: ...


@dataclass(frozen=True, slots=True)
class MarketTime:
    """The market time of a cycle. `note` says in words when it is not the day that was asked for.

    A replay is a cycle of a past day: its cards see a market that stands still at `as_of`.
    """

    as_of: datetime
    session: date
    replay: bool
    note: str = ""


def market_time(
    prices: SessionPrices,
    asked: date | None,
    now: datetime,
    *,
    age_sessions_max: int,
) -> MarketTime:
    """Return when a cycle decides that is asked for a day, or for now.

    A day without a session means the last one before it. Raises InvalidInput for a future day,
    NotFound before the first price, Refused when the last prices are too old for that day.
    """
    day = now.date() if asked is None else asked
    if day > now.date():
        raise InvalidInput(
            "a cycle cannot be run for a day that has not come",
            value=day.isoformat(),
            bound=f"at most {now.date().isoformat()}",
        )
    moment = min(now, datetime.combine(day, time.max, tzinfo=UTC))
    newest = prices.newest(as_of=moment)
    if newest is None:
        raise NotFound(
            "no prices were known then",
            value=day.isoformat(),
            bound=_first_day(prices, now),
            remedy="Ask for a later day, or load prices with `fondaco market ingest`.",
        )
    session = newest.at.date()
    age = sessions_since(prices, newest, moment)
    if age > age_sessions_max:
        raise Refused(
            "the last prices known then are too old to decide on",
            value=f"{session.isoformat()}, {age} sessions before {day.isoformat()}",
            bound=f"at most {age_sessions_max} sessions",
            remedy=f"`fondaco cycle run --as-of {session.isoformat()}` runs it as of "
            "their last day; `fondaco market ingest` loads newer ones.",
        )
    note = (
        ""
        if asked in (None, session)
        else (
            f"{day.isoformat()} has no prices: the session before it, {session.isoformat()}, "
            "was used"
        )
    )
    return MarketTime(newest.at, session, asked is not None and day < now.date(), note)


def sessions_since(prices: SessionPrices, newest: Newest, moment: datetime) -> int:
    """Return how many sessions of its venue have closed between the newest close and a moment."""
    calendar = prices.calendar(newest.venue)
    days = calendar.sessions(newest.at.date(), min(calendar.reach[1], moment.date()))
    return sum(1 for day in days if newest.at < calendar.close(day) <= moment)


def _first_day(prices: SessionPrices, now: datetime) -> str:
    """Return in words from when on there are prices, found by halving the span."""
    if prices.newest(as_of=now) is None:
        return "no prices are loaded"
    low, high = DAY_FIRST.toordinal(), now.date().toordinal()
    while low < high:
        middle = (low + high) // 2
        at = datetime.combine(date.fromordinal(middle), time.max, tzinfo=UTC)
        low, high = (middle + 1, high) if prices.newest(as_of=at) is None else (low, middle)
    return f"{date.fromordinal(low).isoformat()} or later"

"""When a cycle decides: at the close of the last session that has prices, and never later."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Protocol

from fondaco.core.errors import InvalidInput, NotFound, Refused
from fondaco.market.ports import Calendar, Instruments

DAY_FIRST = date(1900, 1, 1)


class SessionPrices(Protocol):
    """What is asked of prices; `market.prices.Prices` gives it."""

    def latest(self, *, as_of: datetime) -> datetime | None: ...
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
    instruments: Instruments,
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
    as_of = prices.latest(as_of=moment)
    if as_of is None:
        raise NotFound(
            "no prices were known then",
            value=day.isoformat(),
            bound=_first_day(prices, now),
            remedy="Ask for a later day, or load prices with `fondaco market ingest`.",
        )
    session = as_of.date()
    age = _sessions_since(prices, instruments, as_of, moment)
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
    return MarketTime(as_of, session, asked is not None and day < now.date(), note)


def _sessions_since(
    prices: SessionPrices, instruments: Instruments, as_of: datetime, moment: datetime
) -> int:
    """Return how many sessions have closed between two moments, on the venue of the shares."""
    venues = {instrument.venue for instrument in instruments.all()}
    ages = []
    for venue in sorted(venues):
        calendar = prices.calendar(venue)
        days = calendar.sessions(as_of.date(), min(calendar.reach[1], moment.date()))
        ages.append(sum(1 for day in days if as_of < calendar.close(day) <= moment))
    return min(ages, default=0)


def _first_day(prices: SessionPrices, now: datetime) -> str:
    """Return in words from when on there are prices, found by halving the span."""
    if prices.latest(as_of=now) is None:
        return "no prices are loaded"
    low, high = DAY_FIRST.toordinal(), now.date().toordinal()
    while low < high:
        middle = (low + high) // 2
        at = datetime.combine(date.fromordinal(middle), time.max, tzinfo=UTC)
        low, high = (middle + 1, high) if prices.latest(as_of=at) is None else (low, middle)
    return f"{date.fromordinal(low).isoformat()} or later"

"""Whether a venue trades at a moment, and when that changes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from fondaco.core.errors import InvalidInput
from fondaco.market.ports import Calendar

PRE_OPEN = timedelta(hours=1)
"""How long before its first open a session counts as about to open."""
AHEAD_MAX = timedelta(days=21)
"""How far the next or last session is looked for; closures since 1933 took six days at most."""
SATURDAY = 5


class Phase(StrEnum):
    """What a venue does at a moment."""

    OPEN = "open"
    PRE = "pre"
    BREAK = "break"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class State:
    """The state of a venue at a moment; times are in UTC.

    `session` is the session that is open, in its break or about to open, and None when closed.
    `next_open` is when trading next starts; None when no session is known in the coming three
    weeks. `next_close` is when trading next stops. `reason` says in words why it is so.
    """

    venue: str
    phase: Phase
    session: date | None
    next_open: datetime | None
    next_close: datetime | None
    reason: str


def market_state(calendar: Calendar, moment: datetime, *, pre: timedelta = PRE_OPEN) -> State:
    """Return whether a venue is open at a moment, and when that changes next.

    A window holds its first instant and not its last. `pre` is how long before its first open a
    session counts as about to open. Raises InvalidInput for a moment without a zone, or on a day
    that the calendar does not reach.

    >>> from fondaco.market.fakes import FixedCalendar
    >>> market_state(FixedCalendar(), datetime(2024, 7, 6, 12, tzinfo=UTC)).reason
    'closed for the weekend'
    """
    if moment.tzinfo is None:
        raise _no_zone(moment)
    moment = moment.astimezone(UTC)
    day = moment.date()
    here = calendar.sessions(day, day)
    ahead = _windows_ahead(calendar, moment)
    if not ahead:
        return State(calendar.venue, Phase.CLOSED, None, None, None, _why(day, here, known=False))
    session, (opens, closes), first = ahead[0]
    if opens <= moment:
        later = next((window[0] for _, window, _ in ahead[1:]), None)
        return State(calendar.venue, Phase.OPEN, session, later, closes, f"open, session {session}")
    if not first:
        return State(
            calendar.venue, Phase.BREAK, session, opens, closes, f"in the break of {session}"
        )
    if opens - moment <= pre:
        return State(
            calendar.venue, Phase.PRE, session, opens, closes, f"session {session} is about to open"
        )
    return State(calendar.venue, Phase.CLOSED, None, opens, closes, _why(day, here, known=True))


def fresh_for(state: State, moment: datetime, *, open_max: timedelta) -> timedelta:
    """Return how long what was fetched at a moment may be kept: until trading starts, when closed.

    While a venue is open, and in its break, that is `open_max`, cut at the close; when it is
    closed, it is the time to the next open, or `open_max` where none is known.
    """
    if state.phase is Phase.OPEN and state.next_close is not None:
        return min(open_max, state.next_close - moment)
    if state.phase is Phase.BREAK or state.next_open is None:
        return open_max
    return state.next_open - moment


def last_closed(calendar: Calendar, moment: datetime) -> date | None:
    """Return the last session that had closed at a moment; None when none did in three weeks.

    The day of a close is not always its session's: a crypto day closes at the next midnight.
    Raises InvalidInput for a moment without a zone, or on a day that the calendar does not reach.
    """
    if moment.tzinfo is None:
        raise _no_zone(moment)
    day = moment.astimezone(UTC).date()
    sessions = calendar.sessions(max(calendar.reach[0], day - AHEAD_MAX), day)
    return next((s for s in reversed(sessions) if calendar.close(s) <= moment), None)


def _no_zone(moment: datetime) -> InvalidInput:
    return InvalidInput(
        "a moment needs a time zone", value=moment.isoformat(), remedy="Give it in UTC."
    )


def _windows_ahead(
    calendar: Calendar, moment: datetime
) -> list[tuple[date, tuple[datetime, datetime], bool]]:
    """Return the windows that end after a moment: session, window, whether its session's first.

    A session that opens the evening before is found by its trade date, a day later; one that ends
    at midnight, by its own.
    """
    since = max(calendar.reach[0], moment.date() - timedelta(days=1))
    until = min(calendar.reach[1], moment.date() + AHEAD_MAX)
    return [
        (session, window, number == 0)
        for session in calendar.sessions(since, until)
        for number, window in enumerate(calendar.windows(session))
        if moment < window[1]
    ]


def _why(day: date, here: tuple[date, ...], *, known: bool) -> str:
    if not known:
        return "closed, and no later session is known"
    if here:
        return "closed for the night"
    return "closed for the weekend" if day.weekday() >= SATURDAY else "closed for a holiday"

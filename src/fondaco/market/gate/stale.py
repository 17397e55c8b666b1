"""Staleness: the newest row of a series is older than it should be."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from fondaco.core.errors import NotFound
from fondaco.market.faults import make_fault
from fondaco.market.ports import Calendars, Fault

STALE_SESSIONS = 3
"""Sessions that may have closed since the newest row of an instrument."""
STALE_TIMES = 5.0
"""How many times the usual step the newest row of a series without a venue may be old."""
STALE_DAYS_MIN = 10


def stale(
    rows: pl.DataFrame,
    *,
    kind: str,
    of: str,
    venues: Mapping[str, str],
    calendars: Calendars,
    asked_at: datetime,
) -> tuple[Fault, ...]:
    """Return a fault for each thing and source whose newest row is older than it should be.

    `rows` have what the desk holds of them after an answer that was asked to reach to now. With a
    venue, age is counted in its sessions; without one, in the usual step between rows.
    """
    faults = []
    for (thing, source), part in rows.group_by([of, "source"], maintain_order=True):
        newest = part["ts"].max()
        if not isinstance(newest, datetime):
            continue
        name = str(thing)
        venue = venues.get(name)
        reason = (
            _by_sessions(newest, asked_at, venue, calendars)
            if venue
            else _by_steps(part["ts"], newest, asked_at)
        )
        if reason:
            faults.append(
                make_fault(
                    "stale",
                    reason,
                    source=str(source),
                    instrument=name,
                    session=newest.date(),
                    where="newest row",
                    row="",
                    seen_at=asked_at,
                    kind=kind,
                )
            )
    return tuple(faults)


def _by_sessions(
    newest: datetime, asked_at: datetime, venue: str, calendars: Calendars
) -> str | None:
    try:
        calendar = calendars(venue)
    except NotFound:
        return None
    low, high = calendar.reach
    since, until = max(low, newest.date()), min(high, asked_at.date())
    days = calendar.sessions(since, until) if since <= until else ()
    passed = sum(1 for day in days if newest < calendar.close(day) <= asked_at)
    if passed <= STALE_SESSIONS:
        return None
    return f"{passed} sessions closed since the newest row of {newest.isoformat()}"


def _by_steps(times: pl.Series, newest: datetime, asked_at: datetime) -> str | None:
    step = times.unique().sort().diff().median()
    if not isinstance(step, timedelta):
        return None
    age = asked_at - newest
    if age <= max(timedelta(days=STALE_DAYS_MIN), step * STALE_TIMES):
        return None
    return f"the newest row is {age.days} days old, and usually one comes every {step.days}"

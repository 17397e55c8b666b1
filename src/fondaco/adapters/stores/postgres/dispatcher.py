"""Hands events to their handlers: at least once, in order for each subject, never in silence."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, text, update

from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.holds import lock_number
from fondaco.adapters.stores.postgres.outbox import DONE, PARKED, PENDING, row_event
from fondaco.adapters.stores.postgres.schema import deliveries, events, events_waiting
from fondaco.core.clock import Clock
from fondaco.core.events import Handler
from fondaco.core.limits import (
    EVENT_ATTEMPTS_MAX,
    EVENT_BACKOFF_SECONDS,
    EVENT_BACKOFF_SECONDS_MAX,
    EVENT_BATCH_MAX,
    REASON_CHARS_MAX,
)

_FAN_OUT_LOCK = lock_number("events", "fan-out")
_DIED = "the process ended while it was handled"


@dataclass(frozen=True, slots=True)
class Handed:
    """What one round did: deliveries that went well, that failed, that gave up."""

    done: int = 0
    failed: int = 0
    parked: int = 0

    @property
    def tried(self) -> int:
        """How many deliveries were tried."""
        return self.done + self.failed + self.parked


class Dispatcher:
    """Delivers what the outbox holds. Any number of processes may run it at once.

    A delivery is first counted as tried, then handled in a transaction that also marks it done: so
    what a handler writes to the desk's database happens exactly once, what it does elsewhere at
    least once, and one that kills its process is parked like one that raises. A later event of the
    same subject waits for an earlier one that is still to be retried. A handler that is registered
    for the first time gets the events published after that.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._handlers: dict[str, Handler] = {}
        self._names: dict[str, list[str]] = {}

    def register(self, event_name: str, handler_name: str, handler: Handler) -> None:
        """Have a handler called for events of a name. Its own name is kept with each delivery."""
        if handler_name in self._handlers:
            raise ValueError(f"the handler {handler_name} is registered twice")
        self._handlers[handler_name] = handler
        self._names.setdefault(event_name, []).append(handler_name)

    def run_once(self, *, limit: int = EVENT_BATCH_MAX) -> Handed:
        """Hand on what is due now, at most `limit` deliveries."""
        self._fan_out()
        counts = {DONE: 0, PENDING: 0, PARKED: 0}
        for _ in range(limit):
            taken = self._take()
            if taken is None:
                break
            counts[self._deliver(taken)] += 1
        return Handed(counts[DONE], counts[PENDING], counts[PARKED])

    def _fan_out(self) -> None:
        """Turn each new event into one delivery per handler; one process at a time does this."""
        waiting = (
            select(events.c.seq, events.c.name, events.c.subject)
            .join(
                events_waiting,
                events_waiting.c.event_seq == events.c.seq,
            )
            .order_by(events.c.seq)
            .limit(EVENT_BATCH_MAX)
        )
        now = self._clock.now()
        with self._database.transaction(), self._database.connection() as connection:
            lock = func.pg_try_advisory_xact_lock(_FAN_OUT_LOCK)
            if not connection.scalar(select(lock)):
                return
            found = connection.execute(waiting).all()
            rows = [
                _delivery(event, handler, now)
                for event in found
                for handler in self._names.get(event.name, ())
            ]
            if rows:
                connection.execute(insert(deliveries), rows)
            if found:
                connection.execute(
                    delete(events_waiting).where(
                        events_waiting.c.event_seq.in_([event.seq for event in found])
                    )
                )

    def _take(self) -> "Row[Any] | None":
        """Count the next due delivery as tried, for good, before anything is done with it."""
        now = self._clock.now()
        due = (
            select(deliveries.c.event_seq, deliveries.c.handler, deliveries.c.attempts)
            .where(
                deliveries.c.state == PENDING,
                deliveries.c.next_at <= now,
                deliveries.c.handler.in_(self._handlers),
                ~_earlier_pending(),
            )
            .order_by(deliveries.c.event_seq)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with self._database.transaction(), self._database.connection() as connection:
            found = connection.execute(due).one_or_none()
            if found is None:
                return None
            counted = (
                update(deliveries)
                .where(*_is(found))
                .values(
                    attempts=found.attempts + 1,
                    next_at=now + _backoff(found.attempts + 1),
                    error=func.coalesce(deliveries.c.error, _DIED),
                )
                .returning(deliveries.c.event_seq, deliveries.c.handler, deliveries.c.attempts)
            )
            return connection.execute(counted).one()

    def _deliver(self, taken: "Row[Any]") -> str:
        """Handle a taken delivery and return the state that it is in afterwards."""
        mine = (
            select(events)
            .join(deliveries, deliveries.c.event_seq == events.c.seq)
            .where(
                *_is(taken),
                deliveries.c.state == PENDING,
                deliveries.c.attempts == taken.attempts,
            )
            .with_for_update(of=deliveries)
        )
        with self._database.transaction(), self._database.connection() as connection:
            row = connection.execute(mine).one_or_none()
            if row is None:
                return PENDING  # it took longer than its back-off and another process has it
            if taken.attempts > EVENT_ATTEMPTS_MAX:
                return self._end(connection, taken, PARKED, _DIED)
            try:
                with self._database.transaction():
                    self._handlers[taken.handler](row_event(row))
            except Exception as error:  # whatever a handler raises is recorded and shown
                last = taken.attempts >= EVENT_ATTEMPTS_MAX
                reason = f"{type(error).__name__}: {error}"[:REASON_CHARS_MAX]
                return self._end(connection, taken, PARKED if last else PENDING, reason)
            return self._end(connection, taken, DONE, None)

    def _end(self, connection: Connection, taken: "Row[Any]", state: str, error: str | None) -> str:
        ended_at = None if state == PENDING else self._clock.now()
        connection.execute(
            update(deliveries)
            .where(*_is(taken))
            .values(state=state, error=error, ended_at=ended_at)
        )
        return state


def _delivery(event: "Row[*tuple[Any, ...]]", handler: str, now: datetime) -> dict[str, Any]:
    return {
        "event_seq": event.seq,
        "handler": handler,
        "subject": event.subject,
        "state": PENDING,
        "attempts": 0,
        "next_at": now,
    }


def _is(row: "Row[*tuple[Any, ...]]") -> tuple[ColumnElement[bool], ...]:
    return deliveries.c.event_seq == row.event_seq, deliveries.c.handler == row.handler


def _earlier_pending() -> ColumnElement[bool]:
    earlier = deliveries.alias("earlier")
    return (
        select(text("1"))
        .select_from(earlier)
        .where(
            earlier.c.handler == deliveries.c.handler,
            earlier.c.subject == deliveries.c.subject,
            earlier.c.event_seq < deliveries.c.event_seq,
            earlier.c.state == PENDING,
        )
        .exists()
    )


def _backoff(attempts: int) -> timedelta:
    seconds = EVENT_BACKOFF_SECONDS * 2.0 ** (attempts - 1)
    return timedelta(seconds=min(seconds, EVENT_BACKOFF_SECONDS_MAX))

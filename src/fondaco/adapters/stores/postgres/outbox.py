"""Events in PostgreSQL, written with the change that they tell of."""

from typing import Any

from sqlalchemy import Row, insert, select, update

from fondaco.adapters.stores.postgres.database import Database, rows_written
from fondaco.adapters.stores.postgres.schema import deliveries, events, events_waiting
from fondaco.core.clock import Clock
from fondaco.core.errors import NotFound
from fondaco.core.events import Event, Parked
from fondaco.core.limits import ROWS_PER_PAGE_MAX

PENDING, DONE, PARKED = "pending", "done", "parked"


class PostgresOutbox:
    """Where events wait for the dispatcher; deliveries that gave up are shown and retried here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def publish(self, event: Event) -> None:
        """Write an event in the current transaction; it is undone with it."""
        keep = (
            insert(events)
            .values(
                id=event.id, name=event.name, subject=event.subject, at=event.at, data=event.data
            )
            .returning(events.c.seq)
        )
        with self._database.connection() as connection:
            seq = connection.scalar(keep)
            connection.execute(insert(events_waiting).values(event_seq=seq))

    def parked(self) -> tuple[Parked, ...]:
        """Return the deliveries that gave up, latest first."""
        query = (
            select(deliveries, events)
            .join(
                events,
                events.c.seq == deliveries.c.event_seq,
            )
            .where(deliveries.c.state == PARKED)
            .order_by(deliveries.c.ended_at.desc())
        )
        with self._database.connection() as connection:
            rows = connection.execute(query.limit(ROWS_PER_PAGE_MAX)).all()
        return tuple(
            Parked(row_event(row), row.handler, row.attempts, row.error, row.ended_at)
            for row in rows
        )

    def retry(self, event_id: str, handler: str) -> None:
        """Put a parked delivery back in line, its attempts counted anew; raises NotFound."""
        event = select(events.c.seq).where(events.c.id == event_id).scalar_subquery()
        again = (
            update(deliveries)
            .where(
                deliveries.c.event_seq == event,
                deliveries.c.handler == handler,
                deliveries.c.state == PARKED,
            )
            .values(state=PENDING, attempts=0, next_at=self._clock.now(), ended_at=None)
        )
        with self._database.connection() as connection:
            if rows_written(connection, again) != 1:
                raise NotFound(
                    "no such parked delivery",
                    value=f"{event_id} to {handler}",
                    remedy="`fondaco events parked` shows those there are.",
                )


def row_event(row: "Row[Any]") -> Event:
    """Return the event that a row of `events` holds."""
    return Event(row.id, row.name, row.subject, row.at, row.data)

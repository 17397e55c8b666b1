"""The paper venue's own book in PostgreSQL: never in the desk's transaction."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select, text
from sqlalchemy.dialects.postgresql import insert

from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.holds import lock_number
from fondaco.adapters.stores.postgres.orders import order_row, row_order
from fondaco.adapters.stores.postgres.schema import venue_cancels, venue_orders, venue_terms
from fondaco.core.ids import content_hash
from fondaco.trading.ports import VenueCancel, VenueOrder


class PostgresVenueBook:
    """Keeps what the venue was sent, each message in a transaction of its own.

    A venue remembers an order even when the desk that sent it dies before it has heard of it.
    Terms are kept once by their content. An account's messages are kept one after another, so
    that none becomes visible after a later one.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._terms: dict[str, Mapping[str, Any]] = {}

    def keep(self, order: VenueOrder) -> VenueOrder:
        """Keep an order at once; the same client_id returns the first."""
        digest = content_hash(dict(order.terms)) if order.terms else None
        keep = (
            insert(venue_orders)
            .values(
                **order_row(order.order),
                decided_at=order.decided_at,
                placed_at=order.placed_at,
                terms=digest,
                refused=order.refused,
            )
            .on_conflict_do_nothing(index_elements=[venue_orders.c.client_id])
        )
        kept = select(venue_orders).where(venue_orders.c.client_id == order.order.client_id)
        with self._database.apart() as connection:
            _queue(connection, order.order.account)
            if digest is not None:
                terms = insert(venue_terms).values(digest=digest, body=dict(order.terms))
                connection.execute(terms.on_conflict_do_nothing())
            connection.execute(keep)
            return self._order(connection, connection.execute(kept).one())

    def keep_cancel(self, cancel: VenueCancel) -> VenueCancel:
        """Keep a cancellation at once; the first of an order counts."""
        keep = (
            insert(venue_cancels)
            .values(
                client_id=cancel.client_id,
                account=cancel.account,
                placed_at=cancel.placed_at,
                after=cancel.after,
            )
            .on_conflict_do_nothing(index_elements=[venue_cancels.c.client_id])
        )
        kept = select(venue_cancels).where(venue_cancels.c.client_id == cancel.client_id)
        with self._database.apart() as connection:
            _queue(connection, cancel.account)
            connection.execute(keep)
            return _cancel(connection.execute(kept).one())

    def find(self, client_id: str) -> VenueOrder | None:
        """Return an order, or None when it never arrived."""
        query = select(venue_orders).where(venue_orders.c.client_id == client_id)
        with self._database.apart() as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else self._order(connection, row)

    def since(self, account: str, seq: int) -> tuple[VenueOrder | VenueCancel, ...]:
        """Return what an account was sent after the message `seq`, in the order it came."""
        sent = select(venue_orders).where(
            venue_orders.c.account == account, venue_orders.c.seq > seq
        )
        ended = select(venue_cancels).where(
            venue_cancels.c.account == account, venue_cancels.c.seq > seq
        )
        with self._database.apart() as connection:
            found: list[VenueOrder | VenueCancel] = [
                self._order(connection, row) for row in connection.execute(sent).all()
            ]
            found += [_cancel(row) for row in connection.execute(ended).all()]
        return tuple(sorted(found, key=lambda one: one.seq))

    def _order(self, connection: Connection, row: "Row[Any]") -> VenueOrder:
        return VenueOrder(
            row_order(row),
            row.decided_at,
            row.placed_at,
            self._terms_of(connection, row.terms),
            row.refused,
            row.seq,
        )

    def _terms_of(self, connection: Connection, digest: str | None) -> Mapping[str, Any]:
        if digest is None:
            return {}
        if digest not in self._terms:
            query = select(venue_terms.c.body).where(venue_terms.c.digest == digest)
            self._terms[digest] = connection.execute(query).scalar_one()
        return self._terms[digest]


def _queue(connection: Connection, account: str) -> None:
    """Let an account's messages in one at a time."""
    lock = lock_number("venue", account)
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": lock})


def _cancel(row: "Row[Any]") -> VenueCancel:
    return VenueCancel(row.client_id, row.account, row.placed_at, row.after, row.seq)

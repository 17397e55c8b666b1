"""The paper venue's own book in PostgreSQL: never in the desk's transaction."""

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.orders import order_row, row_order
from fondaco.adapters.stores.postgres.schema import venue_orders
from fondaco.trading.ports import VenueOrder


class PostgresVenueBook:
    """Keeps what the venue was sent, each order in a transaction of its own.

    A venue remembers an order even when the desk that sent it dies before it has heard of it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, order: VenueOrder) -> VenueOrder:
        """Keep an order at once; the same client_id returns the first."""
        keep = (
            insert(venue_orders)
            .values(
                **order_row(order.order),
                decided_at=order.decided_at,
                placed_at=order.placed_at,
            )
            .on_conflict_do_nothing(index_elements=[venue_orders.c.client_id])
        )
        kept = select(venue_orders).where(venue_orders.c.client_id == order.order.client_id)
        with self._database.apart() as connection:
            connection.execute(keep)
            return _order(connection.execute(kept).one())

    def find(self, client_id: str) -> VenueOrder | None:
        """Return an order, or None when it never arrived."""
        query = select(venue_orders).where(venue_orders.c.client_id == client_id)
        with self._database.apart() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _order(row)

    def all(self, account: str) -> tuple[VenueOrder, ...]:
        """Return every order of an account, oldest first."""
        query = select(venue_orders).where(venue_orders.c.account == account)
        with self._database.apart() as connection:
            rows = connection.execute(query.order_by(venue_orders.c.seq)).all()
        return tuple(_order(row) for row in rows)


def _order(row: "Row[Any]") -> VenueOrder:
    return VenueOrder(row_order(row), row.decided_at, row.placed_at)

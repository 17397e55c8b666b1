"""Orders and fills in PostgreSQL, each value in a column of its own."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from sqlalchemy import Row, Select, select, update
from sqlalchemy.dialects.postgresql import insert

from fondaco.adapters.stores.postgres.database import Database, rows_written
from fondaco.adapters.stores.postgres.holds import hold
from fondaco.adapters.stores.postgres.schema import fills, orders
from fondaco.core.errors import Conflict, NotFound
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Fill, Order, OrderKind, OrderTime, Side, TimeInForce
from fondaco.trading.ports import OrderRecord, OrderState

_ORDER_FIELDS = tuple(field.name for field in fields(Order))
_ORDER_TYPES: dict[str, Callable[[str], Any]] = {
    "instrument": InstrumentId,
    "side": Side,
    "kind": OrderKind,
    "time": OrderTime,
    "tif": TimeInForce,
}
_FILL_FIELDS = tuple(field.name for field in fields(Fill))
_OPEN = (OrderState.INTENT, OrderState.UNKNOWN, OrderState.WORKING)


class PostgresOrders:
    """Keeps orders and fills in the transaction that is open."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write_intent(self, record: OrderRecord) -> OrderRecord:
        """Keep an order before it is sent; the same client_id again returns what is there."""
        keep = (
            insert(orders)
            .values(
                **order_row(record.order),
                card=record.card,
                state=record.state,
                decided_at=record.decided_at,
                written_at=record.written_at,
                filled=record.filled,
                note=record.note,
                restated=record.restated,
            )
            .on_conflict_do_nothing(index_elements=[orders.c.client_id])
        )
        with self._database.connection() as connection:
            if rows_written(connection, keep) == 1:
                return record
        return self.get(record.order.client_id)

    def get(self, client_id: str, *, lock: bool = False) -> OrderRecord:
        """Return an order, locked for this transaction if asked; raises NotFound."""
        query = select(orders).where(orders.c.client_id == client_id)
        found = self._read(query.with_for_update() if lock else query)
        if not found:
            raise NotFound(
                "no such order",
                value=client_id,
                remedy="`fondaco orders list` shows the orders there are.",
            )
        return found[0]

    def update(self, record: OrderRecord) -> None:
        """Keep what is now known of an order: state, quantities and note."""
        change = (
            update(orders)
            .where(orders.c.client_id == record.order.client_id)
            .values(
                state=record.state,
                filled=record.filled,
                note=record.note,
                restated=record.restated,
            )
        )
        with self._database.connection() as connection:
            if rows_written(connection, change) != 1:
                raise NotFound("no such order", value=record.order.client_id)

    def add_fill(self, fill: Fill) -> bool:
        """Keep a fill by its execution_id; False when it was there already.

        Raises Conflict when that execution was kept with other content.
        """
        row = {name: getattr(fill, name) for name in _FILL_FIELDS}
        keep = (
            insert(fills).values(row).on_conflict_do_nothing(index_elements=[fills.c.execution_id])
        )
        same = select(fills).where(fills.c.execution_id == fill.execution_id)
        with self._database.connection() as connection:
            if rows_written(connection, keep) == 1:
                return True
            kept = _fill(connection.execute(same).one())
        if kept != fill:
            raise Conflict(
                "this execution was kept with other content",
                value=fill.execution_id,
                remedy="Compare it with the venue's own record.",
            )
        return False

    def fills(self, *, client_id: str | None = None, limit: int = 1_000) -> tuple[Fill, ...]:
        """Return fills, oldest first."""
        query = select(fills).order_by(fills.c.ts, fills.c.seq)
        if client_id is not None:
            query = query.where(fills.c.client_id == client_id)
        with self._database.connection() as connection:
            rows = connection.execute(query.limit(limit)).all()
        return tuple(_fill(row) for row in rows)

    def hold(self, account: str) -> None:
        """Keep other transactions from holding this account until the open one ends."""
        hold(self._database, "orders", account)

    def open(self) -> tuple[OrderRecord, ...]:
        """Return the orders that may still trade, oldest first."""
        return self._read(select(orders).where(orders.c.state.in_(_OPEN)).order_by(orders.c.seq))

    def list(self, *, limit: int = 100) -> tuple[OrderRecord, ...]:
        """Return orders, newest first."""
        query = select(orders).order_by(orders.c.seq.desc())
        return self._read(query.limit(limit))

    def _read(self, query: "Select[Any]") -> tuple[OrderRecord, ...]:
        with self._database.connection() as connection:
            rows = connection.execute(query).all()
        return tuple(_record(row) for row in rows)


def order_row(order: Order) -> dict[str, Any]:
    """Return an order as the columns that hold it."""
    return {name: getattr(order, name) for name in _ORDER_FIELDS}


def row_order(row: "Row[Any]") -> Order:
    """Return the order that such columns hold."""
    found = row._mapping
    return Order(
        **{name: found[name] for name in _ORDER_FIELDS if name not in _ORDER_TYPES},
        **{name: made(found[name]) for name, made in _ORDER_TYPES.items()},
    )


def _record(row: "Row[Any]") -> OrderRecord:
    return OrderRecord(
        row_order(row),
        row.card,
        OrderState(row.state),
        row.decided_at,
        row.written_at,
        row.filled,
        row.note,
        row.restated,
    )


def _fill(row: "Row[Any]") -> Fill:
    return Fill(
        row.execution_id,
        row.client_id,
        row.account,
        InstrumentId(row.instrument),
        Side(row.side),
        row.quantity,
        row.price,
        row.fee,
        row.currency,
        row.ts,
        row.known_at,
    )

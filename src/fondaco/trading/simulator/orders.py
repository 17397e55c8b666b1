"""Orders as rows of the kernel's table, and what the kernel did as core values."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from fondaco.core.errors import InvalidInput
from fondaco.core.orders import ALL_HELD, Order, OrderKind, OrderTime, TimeInForce
from fondaco.trading import costs as units
from fondaco.trading.costs import to_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Counts
from fondaco.trading.simulator.terms import share_parts

KINDS: Final = {
    OrderKind.MARKET: x.Kind.MARKET,
    OrderKind.LIMIT: x.Kind.LIMIT,
    OrderKind.STOP: x.Kind.STOP,
    OrderKind.STOP_LIMIT: x.Kind.STOP_LIMIT,
    OrderKind.TRAILING_STOP: x.Kind.TRAILING_STOP,
}
TIMES: Final = {
    OrderTime.ANY: x.At.ANY,
    OrderTime.OPEN: x.At.OPEN,
    OrderTime.CLOSE: x.At.CLOSE,
}
TIFS: Final = {
    TimeInForce.DAY: x.Tif.DAY,
    TimeInForce.GTC: x.Tif.GTC,
    TimeInForce.IOC: x.Tif.IOC,
    TimeInForce.FOK: x.Tif.FOK,
    TimeInForce.GTD: x.Tif.GTD,
}
REASONS: Final[Mapping[int, str]] = {
    x.Why.NONE: "",
    x.Why.OTHER_FILLED: "the other order of its group was filled",
    x.Why.PARENT_ENDED: "its entry ended without a fill",
    x.Why.NOTHING_TO_REDUCE: "there was no position left to reduce",
    x.Why.NOT_AT_ONCE: "it could not be filled at once",
    x.Why.NO_LOCATE: "no shares could be borrowed",
    x.Why.MARGIN: "the account's equity does not cover the initial margin",
    x.Why.DELISTED: "the instrument was delisted",
    x.Why.LIQUIDATION: "the account was in a margin call",
    x.Why.NEW_TARGET: "a newer target took its place",
    x.Why.SESSION_ENDED: "its session ended",
    x.Why.TIME_PASSED: "its time passed",
    x.Why.ASKED: "its owner cancelled it",
    x.Why.EXIT_FILLED: "its exit was filled",
    x.Why.NO_PRICE: "the instrument has no price yet",
    x.Why.SPLIT: "a split left nothing of it",
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def whole_shares(order: Order) -> bool:
    """Return whether the venue takes the order's quantity: whole, and small enough to count."""
    small = order.quantity <= units.COUNT_MAX // units.MICRO
    whole = order.quantity == order.quantity.to_integral_value()
    return (whole and small) or (order.quantity == ALL_HELD and order.reduce_only)


def micros_at(moment: datetime) -> int:
    """Return a time in microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def order_row(order: Order, column: int, ids: Mapping[str, int], *, number: int = 0) -> Counts:
    """Return an order as a row of the kernel's table.

    `ids` gives the kernel's number of orders that came before (its parent) and of groups; `number`
    is its own, 0 for the next free one. Raises InvalidInput for a quantity that is not whole, or a
    parent that never came.
    """
    if not whole_shares(order):
        raise InvalidInput(
            "the venue trades whole shares",
            value=order.quantity,
            bound="1, 2, 3, …",
            remedy="Round the quantity towards zero.",
        )
    row = np.zeros(x.ORDER_WIDTH, dtype=np.int64)
    row[x.ID], row[x.COLUMN], row[x.SIDE] = number, column, order.side.sign
    row[x.QUANTITY], row[x.KIND] = int(order.quantity), KINDS[order.kind]
    for place, price in ((x.LIMIT, order.limit), (x.STOP, order.stop), (x.TRAIL, order.trail)):
        row[place] = 0 if price is None else to_micros(price)
    for place, share in (
        (x.TRAIL_PARTS, order.trail_share),
        (x.LIMIT_PARTS, order.limit_offset),
        (x.STOP_PARTS, order.stop_offset),
    ):
        row[place] = share_parts(share)
    row[x.AT], row[x.TIF] = TIMES[order.time], TIFS[order.tif]
    row[x.EXPIRES] = 0 if order.expires_at is None else micros_at(order.expires_at)
    row[x.REDUCE] = order.reduce_only
    row[x.GROUP] = 0 if order.group is None else ids[group_key(order.group)]
    if order.parent is not None:
        if order.parent not in ids:
            raise InvalidInput(
                "an exit's parent must be sent first", value=order.client_id, bound=order.parent
            )
        row[x.PARENT] = ids[order.parent]
    return row


def group_key(group: str) -> str:
    """Return the name under which a group's number is kept among the ids of orders."""
    return f"group {group}"


def order_at(at: x.At) -> OrderTime:
    """Return when in a session an order trades, as a core value."""
    return next(time for time, code in TIMES.items() if code == at)

"""An order's kind, prices and time in words."""

from decimal import Decimal

from fondaco.core.orders import ALL_HELD, Order, OrderKind, OrderTime, TimeInForce

_TIMES = {OrderTime.OPEN: " at the open", OrderTime.CLOSE: " at the close"}
_LASTS = {
    TimeInForce.DAY: "for the day",
    TimeInForce.GTC: "until cancelled",
    TimeInForce.IOC: "at once or not at all, in part too",
    TimeInForce.FOK: "whole and at once or not at all",
}


def order_words(order: Order) -> str:
    """Return how an order asks to be filled and how long it works.

    >>> from fondaco.core.instrument import InstrumentId
    >>> from fondaco.core.orders import Side
    >>> share = InstrumentId("I-example")
    >>> order_words(Order("a-1", "paper", share, Side.BUY, Decimal(10)))
    'market, until cancelled'
    >>> order_words(
    ...     Order("a-2", "paper", share, Side.SELL, Decimal(10), OrderKind.STOP_LIMIT,
    ...           limit=Decimal("49.50"), stop=Decimal(50), tif=TimeInForce.DAY)
    ... )
    'stop 50 limit 49.50, for the day'
    """
    parts = [_kind(order) + _TIMES.get(order.time, ""), _lasts(order)]
    if order.parent is not None:
        parts.append(f"once {order.parent} trades")
    if order.group is not None:
        parts.append(f"one of group {order.group}")
    if order.quantity == ALL_HELD:
        parts.append("for all that is held")
    elif order.reduce_only:
        parts.append("only to reduce")
    return ", ".join(parts)


def _kind(order: Order) -> str:
    if order.kind is OrderKind.TRAILING_STOP:
        distance = _share(order.trail_share) if order.trail is None else f"{order.trail:f}"
        return f"trailing stop {distance} behind"
    prices = [
        f"{name} {price}"
        for name, price in (
            ("stop", _price(order.stop, order.stop_offset)),
            ("limit", _price(order.limit, order.limit_offset)),
        )
        if price
    ]
    return " ".join(prices) or "market"


def _price(price: Decimal | None, offset: Decimal | None) -> str:
    if price is not None:
        return f"{price:f}"
    return "" if offset is None else f"{_share(offset)} from its entry"


def _share(share: Decimal | None) -> str:
    return "" if share is None else f"{(share * 100).normalize():f} %"


def _lasts(order: Order) -> str:
    if order.expires_at is not None:
        return f"until {order.expires_at:%Y-%m-%d %H:%M} UTC"
    return _LASTS[order.tif]

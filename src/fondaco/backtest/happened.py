"""What met an account beside its trades: corporate actions, margin calls, orders that never filled.

Interest and borrow fees come every night; they are summed up in `charged.py` instead.
"""

from collections import Counter

from fondaco.backtest.detail import Happened
from fondaco.backtest.movements import Movements
from fondaco.core.orders import Order
from fondaco.trading.costs import from_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.orders import REASONS

WORDS = {
    int(x.Event.SPLIT): "split",
    int(x.Event.DIVIDEND): "dividend",
    int(x.Event.DELISTED): "delisting",
    int(x.Event.MARGIN_CALL): "margin call",
}
_ENDS = (x.Event.CANCELLED, x.Event.EXPIRED, x.Event.REJECTED)


def happened_of(moves: Movements) -> tuple[Happened, ...]:
    """Return splits, dividends, delistings and margin calls, oldest first.

    A margin call's amount is what was missing, below 0; it moves nothing.
    """
    days, book = moves.played.panel.sessions, moves.played.book
    events = moves.of(x.Event.SPLIT, x.Event.DIVIDEND, x.Event.DELISTED, x.Event.MARGIN_CALL)
    found = []
    for event in events.tolist():
        call = event[x.E_KIND] == x.Event.MARGIN_CALL
        amount = -event[x.E_PRICE] if call else event[x.E_CASH]
        found.append(
            Happened(
                days[event[x.E_ROW]].item(),
                WORDS[event[x.E_KIND]],
                "" if call else book[event[x.E_COLUMN]].symbol,
                from_micros(event[x.E_QUANTITY] * 1_000_000),
                from_micros(amount),
            )
        )
    return tuple(found)


def unfilled_of(moves: Movements, orders: dict[int, Order]) -> dict[str, int]:
    """Return how many orders ended without a single fill, by the reason, the most first.

    Exits are not counted: that of a bracket's other side never fills.
    """
    filled = set(moves.played.swept.fills[:, x.E_ORDER].tolist())
    counted: Counter[str] = Counter()
    for event in moves.of(*_ENDS).tolist():
        order = orders.get(event[x.E_ORDER])
        if event[x.E_ORDER] in filled or (order is not None and order.parent is not None):
            continue
        counted[REASONS[event[x.E_WHY]] or "no reason given"] += 1
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))

"""Why a run traded: the score and rank behind a choice, or the position that was asked for."""

from functools import cached_property

import numpy as np

from fondaco.backtest.movements import Array, Movements
from fondaco.core.orders import Order, OrderKind
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Counts

ENDED = {
    OrderKind.LIMIT: "target",
    OrderKind.STOP_LIMIT: "stop",
    OrderKind.STOP: "stop",
    OrderKind.TRAILING_STOP: "trailing stop",
}


class Reasons:
    """Says of an event of the log why it happened; `orders` by the kernel's ids."""

    def __init__(self, moves: Movements, orders: dict[int, Order]) -> None:
        self._moves, self._orders = moves, orders
        self._ranks: dict[int, Counts] = {}
        self._asked = {
            int(event[x.E_ORDER]): int(event[x.E_QUANTITY])
            for event in moves.of(x.Event.ACCEPTED)
            if abs(event[x.E_QUANTITY]) < x.ALL
        }

    def ended(self, event: list[int]) -> str:
        """Return how an event closed a position: target, stop, new target, delisting, ..."""
        if event[x.E_KIND] == x.Event.DELISTED:
            return "delisting"
        if event[x.E_KIND] == x.Event.SPLIT:
            return "fraction paid out"
        if event[x.E_WHY] == x.Why.LIQUIDATION:
            return "margin call"
        order = self._orders.get(event[x.E_ORDER])
        if order is not None and order.parent is not None:
            return ENDED.get(order.kind, "exit")
        return "new target" if order is None or order.kind is OrderKind.MARKET else "order"

    def why(self, event: list[int]) -> str:
        """Return the reason of the decision behind a fill, in words with its numbers."""
        ended = self.ended(event)
        if ended not in {"new target", "order"}:
            return _OF_ENDS.get(ended, f"the {ended} was reached")
        row, column = event[x.E_DECIDED], event[x.E_COLUMN]
        change = self._change(event[x.E_ORDER], row, column)
        return f"{self._score(row, column) or self._rule}; {change}"

    def _score(self, row: int, column: int) -> str:
        if self._scores is None or np.isnan(self._scores[row, column]):
            return ""
        if row not in self._ranks:
            # Equal scores keep the panel's order, as in `Selection.best`.
            order = np.argsort(-self._scores[row], kind="stable")
            self._ranks[row] = np.argsort(order, kind="stable") + 1
        rank, count = self._ranks[row][column], np.count_nonzero(~np.isnan(self._scores[row]))
        return f"{self._title} {self._scores[row, column]:.4g}, rank {rank} of {count}"

    def _change(self, number: int, row: int, column: int) -> str:
        """Return from which share of equity to which the position was to go."""
        moves, played = self._moves, self._moves.played
        price = played.tape.plane("mark")[row, column] * moves.rates[row, column]
        equity = float(played.swept.record[x.EQUITY, row])
        held = int(moves.held[row, column])
        before, after = (
            100 * count * price / equity for count in (held, held + self._asked.get(number, 0))
        )
        return f"{before:.1f} % to {after:.1f} % of equity"

    @cached_property
    def _rule(self) -> str:
        strategy = self._moves.played.strategy
        return strategy.summary.rstrip(".") or strategy.name

    @cached_property
    def _scores(self) -> Array | None:
        selection = self._moves.played.strategy.selection
        return None if selection is None else selection.score(self._moves.played.panel)

    @cached_property
    def _title(self) -> str:
        selection = self._moves.played.strategy.selection
        return str(getattr(selection and selection.score, "title", "score"))


_OF_ENDS = {
    "delisting": "nothing trades after its last day; holders were paid its last worth",
    "fraction paid out": "a split left part of a share, which was paid in cash",
    "margin call": "the account held less than its margin",
}


def orders_by_id(moves: Movements) -> dict[int, Order]:
    """Return the run's orders by the kernel's ids; those of a margin call are not among them.

    Both engines number orders as they come, taken or refused, so they pair one by one.
    """
    sent = moves.of(x.Event.ACCEPTED, x.Event.REJECTED)
    own = sent[sent[:, x.E_WHY] != x.Why.LIQUIDATION][:, x.E_ORDER].tolist()
    return dict(zip(own, (order for _, order in moves.played.run.orders), strict=True))

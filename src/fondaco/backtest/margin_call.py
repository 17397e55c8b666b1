"""What a venue sells by itself in a margin call: while it does, targets of that name wait."""

from collections.abc import Mapping

from fondaco.backtest.tape import Tape
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.money import of_parts, share_of
from fondaco.trading.simulator.terms import Terms


class ForcedOrders:
    """Shares that the venue is about to trade for an account in a margin call, by column.

    A broker tells of its own orders by their fills alone, so what it must sell is worked out here
    by the kernel's rule (`trading.simulator.step.guard_margin`).
    """

    def __init__(self, tape: Tape, terms: Terms) -> None:
        names = tape.market(terms).names
        self._rates = names[x.MARGIN : x.MARGIN + 4].tolist()
        self._lots = names[x.LOT].tolist()
        self._on = any(any(self._rates[which]) for which in (1, 3))
        self._left: dict[int, int] = {}

    def __contains__(self, column: int) -> bool:
        return column in self._left

    def filled(self, column: int, quantity: int) -> None:
        """Take note of a fill that nobody sent an order for."""
        if column in self._left:
            self._left[column] -= quantity

    def value(self, held: Mapping[int, int], worth: Mapping[int, int], equity: int) -> None:
        """Look at an account at a close: `worth` is each position's value without its sign."""
        if not self._on:
            return
        self._left = {column: left for column, left in self._left.items() if left > 0}
        if equity >= self._margin(held, worth, 1):
            return
        initial = self._margin(held, worth, 0)
        kept = share_of(max(equity, 0), max(initial, 1))
        self._left = {
            column: abs(quantity) - self._kept(column, abs(quantity), kept)
            for column, quantity in held.items()
        }

    def _kept(self, column: int, quantity: int, parts: int) -> int:
        keep = of_parts(quantity, parts, x.PART)
        return int(keep - keep % self._lots[column])

    def _margin(self, held: Mapping[int, int], worth: Mapping[int, int], which: int) -> int:
        return sum(
            of_parts(worth[column], self._rates[which + (2 if quantity < 0 else 0)][column], x.PART)
            for column, quantity in held.items()
        )

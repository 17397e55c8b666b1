"""The simulated venue as a broker: it takes the bars of a tape as a clock reaches them."""

from bisect import bisect_right
from datetime import datetime
from decimal import Decimal

import numpy as np

from fondaco.backtest.sweep import Terms
from fondaco.backtest.tape import Tape
from fondaco.core.clock import Clock
from fondaco.core.errors import Conflict, InvalidInput
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Fill, Order
from fondaco.trading.ports import OrderState, Placed
from fondaco.trading.venue import OVERFLOW, Counts, as_fill, fill_bar, held_after


class BarVenue:
    """A broker over a tape: the kernel fills all working orders of a bar at once.

    A bar is taken when the clock reaches its close; until then an order is WORKING. One order
    works per instrument.
    """

    def __init__(self, tape: Tape, terms: Terms, clock: Clock) -> None:
        names = len(tape.instruments)
        self._tape, self._terms, self._clock = tape, terms, clock
        self._moments = [tape.moment(row) for row in range(len(tape.closes_at))]
        self._next = 0
        self._state = np.zeros((4, names), dtype=np.int64)
        self._cash = np.array([terms.capital], dtype=np.int64)
        self._orders: dict[str, tuple[int, Order]] = {}
        self._working: dict[int, Order] = {}
        self._fills: dict[str, Fill] = {}

    @property
    def name(self) -> str:
        """The venue's name."""
        return "simulated"

    @property
    def cash(self) -> int:
        """The kernel's own count of the account's cash, in micros."""
        return int(self._cash[0])

    def place(self, order: Order, *, decided_at: datetime) -> Placed:
        """Take an order at the close that decided it; raises Conflict where one works already."""
        self._advance()
        if order.client_id not in self._orders:
            column = self._tape.instruments.index(order.instrument)
            if column in self._working:
                raise Conflict(
                    "an order for this instrument is working already",
                    value=order.client_id,
                    bound=self._working[column].client_id,
                )
            if decided_at != self._clock.now():
                raise InvalidInput(
                    "the simulated venue takes orders as they are decided",
                    value=decided_at.isoformat(),
                    bound=self._clock.now().isoformat(),
                )
            self._orders[order.client_id] = column, order
            self._working[column] = order
            self._working_quantity[column] = int(order.quantity) * order.side.sign
        return self._tell(order.client_id)

    def query(self, client_id: str) -> Placed | None:
        """Return what is known of an order; None when it never arrived."""
        self._advance()
        return self._tell(client_id) if client_id in self._orders else None

    def positions(self, account: str, *, as_of: datetime) -> dict[InstrumentId, Decimal]:
        """Return what the fills up to `as_of` add up to, zeros left out."""
        self._advance()
        return held_after(
            fill
            for fill in self._fills.values()
            if fill.account == account and fill.known_at <= as_of
        )

    @property
    def _working_quantity(self) -> Counts:
        working: Counts = self._state[0]
        return working

    def _tell(self, client_id: str) -> Placed:
        fill = self._fills.get(client_id)
        if fill is None:
            return Placed(client_id, OrderState.WORKING)
        return Placed(client_id, OrderState.FILLED, (fill,))

    def _advance(self) -> None:
        reached = bisect_right(self._moments, self._clock.now())
        for row in range(self._next, reached):
            if self._working:
                self._take(row)
        self._next = reached

    def _take(self, row: int) -> None:
        working, position, filled, fee = self._state
        costs, price = self._terms.costs, self._tape.price[row]
        if (
            fill_bar(
                price, working, position, self._cash, costs.rate, costs.fee_min_micros, filled, fee
            )
            == OVERFLOW
        ):
            raise InvalidInput(
                "the account grew beyond what the venue can count",
                remedy="Start with less capital.",
            )
        moment = self._moments[row]
        for column in np.flatnonzero(filled):
            order = self._working.pop(int(column))
            self._fills[order.client_id] = as_fill(
                order, int(price[column]), int(fee[column]), moment, moment, self._tape.currency
            )

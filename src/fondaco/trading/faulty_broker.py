"""A broker that fails in every way that brokers do, by an injected chance: for simulations."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from fondaco.core.activity import Activity
from fondaco.core.clock import Clock
from fondaco.core.errors import Unavailable
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Fill, Order
from fondaco.trading.ports import OrderState, Placed

Chance = Callable[[], float]
"""Gives the next number in 0 to 1 of a seeded source."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How often each fault strikes, as a probability for each call.

    `lost_on_the_way` never arrives; `answer_lost` arrives but is not answered; `not_found_yet`
    denies an order that is there; `query_down` answers no query; `double_fill` tells a fill twice;
    `stale_answer` says WORKING after the fill; `fill_missing` says filled and leaves a fill out;
    `slow` leaves the order working for some queries; `splits` fills in two parts; `refuses`
    cancels the order.
    """

    lost_on_the_way: float = 0.0
    answer_lost: float = 0.0
    not_found_yet: float = 0.0
    query_down: float = 0.0
    double_fill: float = 0.0
    stale_answer: float = 0.0
    fill_missing: float = 0.0
    slow: float = 0.0
    splits: float = 0.0
    refuses: float = 0.0


class FaultyBroker:
    """Keeps the truth of what it was sent, and tells it through faults.

    It is idempotent by client id, as the port demands: an order under a new id is another order.
    """

    def __init__(
        self,
        clock: Clock,
        chance: Chance,
        faults: Faults,
        *,
        price: Decimal = Decimal(100),
        fee: Decimal = Decimal(1),
    ) -> None:
        self._clock = clock
        self._chance = chance
        self.faults = faults
        self._price = price
        self._fee = fee
        self.received: dict[str, Placed] = {}
        self.orders: dict[str, Order] = {}
        self.happened: list[Activity] = []

    @property
    def name(self) -> str:
        """The broker's name."""
        return "faulty"

    def place(self, order: Order, *, decided_at: datetime) -> Placed:
        """Take an order once; raises Unavailable when the answer, or the order, got lost."""
        assert decided_at <= self._clock.now(), "an order was decided in the future"
        if self._strikes(self.faults.lost_on_the_way):
            raise Unavailable("the connection broke", value=order.client_id)
        if order.client_id not in self.received:
            self.received[order.client_id] = self._truth(order)
            self.orders[order.client_id] = order
        if self._strikes(self.faults.answer_lost):
            raise Unavailable("no answer in time", value=order.client_id)
        return self._told(order.client_id)

    def query(self, client_id: str) -> Placed | None:
        """Tell what is known of an order, faults willing."""
        if self._strikes(self.faults.query_down):
            raise Unavailable("the connection broke", value=client_id)
        if client_id not in self.received or self._strikes(self.faults.not_found_yet):
            return None
        return self._told(client_id)

    def cancel(self, client_id: str) -> Placed | None:
        """End an order that works; raises Unavailable when the answer got lost."""
        if client_id not in self.received or self._strikes(self.faults.not_found_yet):
            return None
        placed = self.received[client_id]
        if placed.state is OrderState.WORKING:
            self.received[client_id] = replace(
                placed, state=OrderState.CANCELLED, reason="its owner cancelled it"
            )
        if self._strikes(self.faults.answer_lost):
            raise Unavailable("no answer in time", value=client_id)
        return self._told(client_id)

    def activities(self, account: str, *, after: int) -> tuple[Activity, ...]:
        """Return what a test says happened to an account; raises Unavailable, faults willing."""
        if self._strikes(self.faults.query_down):
            raise Unavailable("the connection broke", value=account)
        return tuple(one for one in self.happened if one.account == account)[after:]

    def positions(self, account: str, *, as_of: datetime) -> dict[InstrumentId, Decimal]:
        """Return the truth of what an account holds."""
        held: dict[InstrumentId, Decimal] = {}
        for placed in self.received.values():
            for fill in placed.fills:
                if fill.account == account and fill.ts <= as_of:
                    before = held.get(fill.instrument, Decimal(0))
                    held[fill.instrument] = before + fill.quantity * fill.side.sign
        return {name: quantity for name, quantity in held.items() if quantity}

    def put(self, placed: Placed) -> None:
        """Let the truth of an order be this from now on."""
        self.received[placed.client_id] = placed

    def fill(self, order: Order, part: str, quantity: Decimal) -> Fill:
        """Return a fill of some of an order, as this broker makes them."""
        now = self._clock.now()
        return Fill(
            f"{order.client_id}/{part}",
            order.client_id,
            order.account,
            order.instrument,
            order.side,
            quantity,
            self._price,
            self._fee,
            "USD",
            now,
            now,
        )

    def _truth(self, order: Order) -> Placed:
        if self._strikes(self.faults.refuses):
            return Placed(order.client_id, OrderState.CANCELLED, reason="not allowed today")
        first = order.quantity
        if self._strikes(self.faults.splits) and order.quantity > 1:
            first = Decimal(1)
        parts = [self.fill(order, "a", first)]
        if first < order.quantity:
            parts.append(self.fill(order, "b", order.quantity - first))
        return Placed(order.client_id, OrderState.FILLED, tuple(parts))

    def _told(self, client_id: str) -> Placed:
        placed = self.received[client_id]
        if not placed.fills:
            return placed
        if self._strikes(self.faults.stale_answer) or self._strikes(self.faults.slow):
            return Placed(client_id, OrderState.WORKING)
        if self._strikes(self.faults.double_fill):
            return replace(placed, fills=(*placed.fills, *placed.fills))
        if self._strikes(self.faults.fill_missing):
            return replace(placed, fills=placed.fills[1:])
        return placed

    def _strikes(self, probability: float) -> bool:
        return probability > 0 and self._chance() < probability

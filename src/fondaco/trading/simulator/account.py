"""A simulated account in hand: orders go into the kernel as values, what it did comes out so."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

import numpy as np

from fondaco.core.activity import Activity, ActivityKind
from fondaco.core.instrument import InstrumentId
from fondaco.core.money import exact_sum
from fondaco.core.orders import Fill, Order, Side
from fondaco.trading.costs import from_micros
from fondaco.trading.ports import OrderState, Placed
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Account, Counts, Market
from fondaco.trading.simulator.money import new_account
from fondaco.trading.simulator.orders import REASONS, group_key, order_row
from fondaco.trading.simulator.step import step_bar, step_bars
from fondaco.trading.simulator.working import accept, cancel

_SPARE: Final = 64
_EVENTS_EACH: Final = 8
_ENDED: Final = (x.Event.CANCELLED, x.Event.EXPIRED, x.Event.REJECTED)
_ACTIVITIES: Final = {
    x.Event.SPLIT: ActivityKind.SPLIT,
    x.Event.DIVIDEND: ActivityKind.DIVIDEND,
    x.Event.DELISTED: ActivityKind.DELISTING,
    x.Event.INTEREST: ActivityKind.INTEREST,
    x.Event.BORROW: ActivityKind.BORROW,
    x.Event.MARGIN_CALL: ActivityKind.MARGIN_CALL,
}


@dataclass(slots=True)
class Known:
    """What the venue knows of one order."""

    order: Order
    state: OrderState = OrderState.WORKING
    reason: str = ""
    fills: list[Fill] = field(default_factory=list)

    def placed(self, left: Decimal | None) -> Placed:
        """Return what the venue tells of it; `left` is what may still trade, None if unknown."""
        total = None
        if left is not None:
            total = left + exact_sum(fill.quantity for fill in self.fills)
        changed = None if total == self.order.quantity else total
        return Placed(self.order.client_id, self.state, tuple(self.fills), self.reason, changed)


@dataclass(frozen=True, slots=True)
class Columns:
    """The instruments of an account's market, in order, the currency of each, and its own."""

    instruments: tuple[InstrumentId, ...]
    currencies: tuple[str, ...]
    currency: str


Times = Callable[[int], tuple[datetime, datetime]]
"""Gives when a row closed and when it became known."""


class SimulatedAccount:
    """An account that the kernel plays, one row at a time.

    `known` has every order by its client_id, `fills` all fills in order, `activities` everything
    else that happened, each with the time at which it became known; `log` keeps the kernel's own
    events.
    """

    def __init__(self, name: str, columns: Columns, capital: int, times: Times) -> None:
        self.name = name
        self._columns, self._times = columns, times
        names = len(columns.instruments)
        self.arrays = new_account(names, names + _SPARE, 0, capital)
        self.known: dict[str, Known] = {}
        self.fills: list[Fill] = []
        self.activities: list[tuple[datetime, Activity]] = []
        self.log: list[Counts] = []
        self._ids: dict[str, int] = {}
        self._by_number: dict[int, str] = {}
        self._named: dict[str, int] = {}

    def send(self, market: Market, terms: Counts, row: int, order: Order) -> Placed:
        """Take an order after a row was played; it can trade from the next row on.

        Raises InvalidInput for what the kernel cannot take: see `order_row`.
        """
        a = self._with_room(1)
        number = int(a.vector[x.NEXT_ID])
        if order.group is not None:
            self._ids.setdefault(group_key(order.group), number)
        column = self._columns.instruments.index(order.instrument)
        a.orders[a.vector[x.LIVE]] = order_row(order, column, self._ids, number=number)
        self._ids[order.client_id] = number
        self._by_number[number] = order.client_id
        self.known[order.client_id] = Known(order)
        accept(market, terms, row, a)
        self._drain()
        return self.placed(order.client_id)

    def placed(self, client_id: str) -> Placed:
        """Return what the venue tells of an order."""
        known = self.known[client_id]
        if known.state is OrderState.FILLED:
            return known.placed(Decimal(0))
        live = self.live()
        rows = live[live[:, x.ID] == self._ids.get(client_id, 0)]
        asleep = len(rows) == 0 or rows[0, x.STATE] == x.State.ASLEEP
        if asleep or rows[0, x.QUANTITY] >= x.ALL:
            return known.placed(None)
        return known.placed(Decimal(int(rows[0, x.QUANTITY] - rows[0, x.DONE])))

    def refuse(self, order: Order, reason: str) -> None:
        """Keep an order as one that was never taken."""
        self.known[order.client_id] = Known(order, OrderState.CANCELLED, reason)

    def cancel(self, row: int, client_id: str) -> None:
        """End an order after a row was played, where it still works."""
        if client_id in self._ids:
            cancel(row, self._with_room(1), self._ids[client_id])
            self._drain()

    def step(self, market: Market, terms: Counts, row: int, record: Counts) -> int:
        """Play one row; returns the kernel's status."""
        status = int(
            step_bar(market, terms, row, self._with_room(len(self._columns.instruments)), record)
        )
        self._drain()
        return status

    def step_on(self, market: Market, terms: Counts, first: int, end: int, record: Counts) -> int:
        """Play rows from `first` to before `end`; returns the next row, or -1 - t for a fault."""
        row = first
        while row < end:
            a = self._with_room(len(self._columns.instruments))
            row = int(step_bars(market, terms, row, end, _EVENTS_EACH, a, record))
            self._drain()
            if row < 0:
                return row
        return end

    def live(self) -> Counts:
        """Return the orders that work, as rows of the kernel's table."""
        live: Counts = self.arrays.orders[: self.arrays.vector[x.LIVE]]
        return live

    def client_id(self, number: int) -> str:
        """Return the name of an order by the kernel's number."""
        return self._by_number[number]

    def _with_room(self, orders: int) -> Account:
        """Return the account with room for so many more orders and for what a bar may do."""
        a = self.arrays
        live, names = int(a.vector[x.LIVE]), len(self._columns.instruments)
        if live + orders > len(a.orders):
            more = np.zeros((2 * len(a.orders) + orders, x.ORDER_WIDTH), dtype=np.int64)
            more[:live] = a.orders[:live]
            a = a._replace(orders=more)
        room = _EVENTS_EACH * (live + orders + names) + _SPARE
        if room > len(a.log):
            a = a._replace(log=np.zeros((2 * room, x.EVENT_WIDTH), dtype=np.int64))
        self.arrays = a
        return a

    def _drain(self) -> None:
        """Turn the kernel's new events into values."""
        a = self.arrays
        count = int(a.vector[x.LOGGED])
        if count == 0:
            return
        events = a.log[:count].copy()
        a.vector[x.LOGGED] = 0
        for event in events:
            self.log.append(event)
            kind = int(event[x.E_KIND])
            known = self._known_of(event)
            if kind in _ENDED and known is not None:
                known.state, known.reason = OrderState.CANCELLED, REASONS[int(event[x.E_WHY])]
            elif kind == x.Event.FILLED and known is not None:
                self._fill(event, known)
            elif kind in _ACTIVITIES:
                self._happened(event, _ACTIVITIES[x.Event(kind)])

    def _known_of(self, event: Counts) -> Known | None:
        """Return the order of an event; one that the venue made itself is taken up here."""
        number = int(event[x.E_ORDER])
        if number == 0:
            return None
        if number not in self._by_number:
            name, quantity = f"{self.name}-margin-{number}", int(event[x.E_QUANTITY])
            side = Side.BUY if quantity > 0 else Side.SELL
            instrument = self._columns.instruments[int(event[x.E_COLUMN])]
            order = Order(name, self.name, instrument, side, Decimal(abs(quantity)))
            self._ids[name], self._by_number[number] = number, name
            self.known[name] = Known(order)
        return self.known[self._by_number[number]]

    def _fill(self, event: Counts, known: Known) -> None:
        order = known.order
        ts, known_at = self._times(int(event[x.E_ROW]))
        currency = self._columns.currencies[int(event[x.E_COLUMN])]
        fill = Fill(
            f"X-{order.client_id}-{len(known.fills) + 1}",
            order.client_id,
            order.account,
            order.instrument,
            order.side,
            Decimal(abs(int(event[x.E_QUANTITY]))),
            from_micros(int(event[x.E_PRICE])),
            from_micros(int(event[x.E_FEE])),
            currency,
            ts,
            known_at,
        )
        known.fills.append(fill)
        self.fills.append(fill)
        if not (self.live()[:, x.ID] == event[x.E_ORDER]).any():
            known.state = OrderState.FILLED
        if currency != self._columns.currency:
            self._happened(event, ActivityKind.EXCHANGE, fill.execution_id)

    def _happened(self, event: Counts, kind: ActivityKind, of: str = "") -> None:
        ts, known_at = self._times(int(event[x.E_ROW]))
        column = int(event[x.E_COLUMN])
        no_name = kind in (ActivityKind.INTEREST, ActivityKind.MARGIN_CALL)
        instrument = None if no_name else self._columns.instruments[column]
        call, owned = kind is ActivityKind.MARGIN_CALL, kind in _MOVES_SHARES
        foreign, currency = Decimal(0), None
        if kind is ActivityKind.EXCHANGE:
            value = int(event[x.E_QUANTITY]) * int(event[x.E_PRICE]) + int(event[x.E_FEE])
            foreign, currency = from_micros(value), self._columns.currencies[column]
        activity = Activity(
            self._activity_id(kind, of or instrument or "", ts),
            self.name,
            kind,
            ts,
            from_micros(int(event[x.E_PRICE] if call else event[x.E_CASH])),
            self._columns.currency,
            instrument,
            Decimal(int(event[x.E_QUANTITY])) if owned else Decimal(0),
            from_micros(int(event[x.E_PRICE])) if event[x.E_PRICE] and not call else None,
            foreign,
            currency,
        )
        self.activities.append((known_at, activity))

    def _activity_id(self, kind: ActivityKind, of: str, ts: datetime) -> str:
        """Return a name that says what happened, so that it is the same however often played."""
        parts = ["A", self.name, kind.value, of, f"{ts:%Y%m%dT%H%M%S}"]
        name = "-".join(part for part in parts if part)
        self._named[name] = count = self._named.get(name, 0) + 1
        return name if count == 1 else f"{name}-{count}"


_MOVES_SHARES: Final = (ActivityKind.SPLIT, ActivityKind.DELISTING)

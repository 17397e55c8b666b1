"""The simulated venue as a broker: it takes the bars of a tape as a clock reaches them."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import numpy as np

from fondaco.backtest.sweep import check_status
from fondaco.backtest.tape import Tape
from fondaco.core.activity import Activity, ActivityKind
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Fill, Order, Side
from fondaco.trading.costs import from_micros
from fondaco.trading.ports import OrderState, Placed
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Account, Counts
from fondaco.trading.simulator.money import new_account
from fondaco.trading.simulator.orders import REASONS, group_key, order_row
from fondaco.trading.simulator.step import step_bar
from fondaco.trading.simulator.terms import Terms
from fondaco.trading.simulator.working import accept, cancel

_SPARE = 64
_EVENTS_EACH = 8
_ENDED = (x.Event.CANCELLED, x.Event.EXPIRED, x.Event.REJECTED)
_ACTIVITIES = {
    x.Event.SPLIT: ActivityKind.SPLIT,
    x.Event.DIVIDEND: ActivityKind.DIVIDEND,
    x.Event.DELISTED: ActivityKind.DELISTING,
    x.Event.INTEREST: ActivityKind.INTEREST,
    x.Event.BORROW: ActivityKind.BORROW,
    x.Event.MARGIN_CALL: ActivityKind.MARGIN_CALL,
}


@dataclass(slots=True)
class _Known:
    """What the venue knows of one order."""

    order: Order
    state: OrderState = OrderState.WORKING
    reason: str = ""
    fills: list[Fill] = field(default_factory=list)


class BarVenue:
    """A broker over a tape: the kernel plays each bar when the clock reaches its close.

    Orders are taken at the close that decides them and can trade from the next bar on.
    """

    def __init__(self, tape: Tape, terms: Terms, clock: Clock, account: str = "backtest") -> None:
        self._tape, self._clock, self._name = tape, clock, account
        self._market, self._terms, self._rules = tape.market(terms), tape.vector(terms), terms
        self._moments = [tape.moment(row) for row in range(tape.shape[0])]
        self._next = tape.first
        names = tape.shape[1]
        self._account = new_account(names, names + _SPARE, 0, terms.capital)
        self._record = np.zeros((x.RECORD_WIDTH, tape.shape[0]), dtype=np.int64)
        self._ids: dict[str, int] = {}
        self._known: dict[str, _Known] = {}
        self._by_number: dict[int, str] = {}
        self._fills: list[Fill] = []
        self._activities: list[Activity] = []
        self.log: list[Counts] = []

    @property
    def name(self) -> str:
        """The venue's name."""
        return "simulated"

    @property
    def cash(self) -> int:
        """The kernel's own count of the account's cash, in micros."""
        return int(self._account.vector[x.CASH])

    def place(self, order: Order, *, decided_at: datetime) -> Placed:
        """Take an order at the close that decided it; the same client_id changes nothing."""
        self._advance()
        if order.client_id in self._known:
            return self._tell(order.client_id)
        if decided_at != self._clock.now():
            raise InvalidInput(
                "the simulated venue takes orders as they are decided",
                value=decided_at.isoformat(),
                bound=self._clock.now().isoformat(),
            )
        a = self._with_room(1)
        number = int(a.vector[x.NEXT_ID])
        if order.group is not None:
            self._ids.setdefault(group_key(order.group), number)
        column = self._tape.instruments.index(order.instrument)
        a.orders[a.vector[x.LIVE]] = order_row(order, column, self._ids, number=number)
        self._ids[order.client_id] = number
        self._by_number[number] = order.client_id
        self._known[order.client_id] = _Known(order)
        accept(self._market, self._terms, self._next - 1, a)
        self._drain()
        return self._tell(order.client_id)

    def cancel(self, client_id: str) -> Placed | None:
        """Cancel an order that still works; None when it never arrived."""
        self._advance()
        if client_id not in self._known:
            return None
        cancel(self._next - 1, self._with_room(1), self._ids[client_id])
        self._drain()
        return self._tell(client_id)

    def query(self, client_id: str) -> Placed | None:
        """Return what is known of an order; None when it never arrived."""
        self._advance()
        return self._tell(client_id) if client_id in self._known else None

    def positions(self, account: str, *, as_of: datetime) -> dict[InstrumentId, Decimal]:
        """Return what the account holds at the clock's time, zeros left out."""
        self._advance()
        if account != self._name or as_of < self._clock.now():
            raise InvalidInput(
                "the simulated venue knows its account as it stands now",
                value=f"{account} as of {as_of.isoformat()}",
                bound=f"{self._name} as of {self._clock.now().isoformat()}",
            )
        held = self._account.holding[x.POSITION]
        return {self._tape.instruments[i]: Decimal(int(held[i])) for i in np.flatnonzero(held)}

    def fills(self, account: str, *, after: int) -> tuple[Fill, ...]:
        """Return every fill of the account, in order, from the nth on."""
        self._advance()
        return tuple(self._fills[after:]) if account == self._name else ()

    def activities(self, account: str, *, after: int) -> tuple[Activity, ...]:
        """Return what happened to the account apart from fills, from the nth thing on."""
        self._advance()
        return tuple(one for one in self._activities[after:] if one.account == account)

    def _tell(self, client_id: str) -> Placed:
        known = self._known[client_id]
        return Placed(client_id, known.state, tuple(known.fills), known.reason)

    def _advance(self) -> None:
        reached = bisect_right(self._moments, self._clock.now())
        for row in range(self._next, reached):
            a = self._with_room(len(self._tape.instruments))
            status = step_bar(self._market, self._terms, row, a, self._record)
            check_status(status, self._rules)
            self._next = row + 1
            self._drain()

    def _with_room(self, orders: int) -> Account:
        """Return the account with room for so many more orders and for what a bar may do."""
        a = self._account
        live, names = int(a.vector[x.LIVE]), len(self._tape.instruments)
        if live + orders > len(a.orders):
            more = np.zeros((2 * len(a.orders) + orders, x.ORDER_WIDTH), dtype=np.int64)
            more[:live] = a.orders[:live]
            a = a._replace(orders=more)
        room = _EVENTS_EACH * (live + orders + names) + _SPARE
        if room > len(a.log):
            a = a._replace(log=np.zeros((2 * room, x.EVENT_WIDTH), dtype=np.int64))
        self._account = a
        return a

    def _drain(self) -> None:
        """Turn the kernel's new events into values."""
        a = self._account
        events = a.log[: a.vector[x.LOGGED]].copy()
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

    def _known_of(self, event: Counts) -> _Known | None:
        """Return the order of an event; one that the venue made itself is taken up here."""
        number = int(event[x.E_ORDER])
        if number == 0:
            return None
        if number not in self._by_number:
            name, quantity = f"{self._name}-margin-{number}", int(event[x.E_QUANTITY])
            side = Side.BUY if quantity > 0 else Side.SELL
            instrument = self._tape.instruments[int(event[x.E_COLUMN])]
            order = Order(name, self._name, instrument, side, Decimal(abs(quantity)))
            self._ids[name], self._by_number[number] = number, name
            self._known[name] = _Known(order)
        return self._known[self._by_number[number]]

    def _fill(self, event: Counts, known: _Known) -> None:
        order, moment = known.order, self._moments[int(event[x.E_ROW])]
        column = int(event[x.E_COLUMN])
        currency = self._tape.currencies[int(self._tape.names[x.CURRENCY, column])]
        price, fee = from_micros(int(event[x.E_PRICE])), from_micros(int(event[x.E_FEE]))
        quantity = Decimal(abs(int(event[x.E_QUANTITY])))
        fill = Fill(
            f"X-{order.client_id}-{len(known.fills) + 1}",
            order.client_id,
            order.account,
            order.instrument,
            order.side,
            quantity,
            price,
            fee,
            currency,
            moment,
            moment,
        )
        known.fills.append(fill)
        self._fills.append(fill)
        live = self._account.orders[: self._account.vector[x.LIVE], x.ID]
        if not (live == event[x.E_ORDER]).any():
            known.state = OrderState.FILLED
        if currency != self._tape.currency:
            self._happened(event, ActivityKind.EXCHANGE)

    def _happened(self, event: Counts, kind: ActivityKind) -> None:
        tape, number = self._tape, len(self._activities) + 1
        column = int(event[x.E_COLUMN])
        owned = kind in (ActivityKind.SPLIT, ActivityKind.DELISTING)
        foreign, currency = Decimal(0), None
        if kind is ActivityKind.EXCHANGE:
            value = int(event[x.E_QUANTITY]) * int(event[x.E_PRICE]) + int(event[x.E_FEE])
            foreign = from_micros(value)
            currency = tape.currencies[int(tape.names[x.CURRENCY, column])]
        call = kind is ActivityKind.MARGIN_CALL
        no_name = kind in (ActivityKind.INTEREST, ActivityKind.MARGIN_CALL)
        self._activities.append(
            Activity(
                f"A-{self._name}-{number}",
                self._name,
                kind,
                self._moments[int(event[x.E_ROW])],
                from_micros(int(event[x.E_PRICE] if call else event[x.E_CASH])),
                tape.currency,
                None if no_name else tape.instruments[column],
                Decimal(int(event[x.E_QUANTITY])) if owned else Decimal(0),
                from_micros(int(event[x.E_PRICE])) if event[x.E_PRICE] and not call else None,
                foreign,
                currency,
            )
        )

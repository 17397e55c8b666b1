"""The route of a simulated account: one bar at a time, by the ports that live trading uses."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from fondaco.backtest.margin_call import ForcedOrders
from fondaco.backtest.tape import Decisions, Tape
from fondaco.core.activity import Activity
from fondaco.core.clock import SteppedClock
from fondaco.core.entry import Entry
from fondaco.core.errors import Conflict
from fondaco.core.orders import ALL_HELD, Fill, Order, OrderKind, Side
from fondaco.trading.costs import from_micros, to_micros
from fondaco.trading.ports import Broker, OrderState
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.money import of_parts
from fondaco.trading.simulator.orders import order_at
from fondaco.trading.simulator.targets import NO_TARGET, investable_of, sized
from fondaco.trading.simulator.terms import Terms, share_parts


class FillBook(Protocol):
    """What a simulated account needs of the ledger; `ledger.books.Books` gives it."""

    def deposit(
        self, account: str, amount: Decimal, currency: str, ts: datetime, key: str
    ) -> Entry:
        """Book cash paid in."""
        ...

    def book_fill(self, fill: Fill) -> Entry:
        """Book a fill and its fee."""
        ...

    def book_activity(self, activity: Activity) -> Entry | None:
        """Book what happened apart from fills; None where nothing moved."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a simulated account trades: its broker, its books, the clock that both see."""

    broker: Broker
    books: FillBook
    clock: SteppedClock
    account: str = "backtest"


@dataclass(slots=True)
class Run:
    """What an account did: every order with the row that decided it, every fill, the daily record.

    `equity` and `cash` are exact, one for each traded bar; `ended` says why orders ended unfilled.
    """

    orders: list[tuple[int, Order]] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    equity: list[Decimal] = field(default_factory=list)
    cash: list[Decimal] = field(default_factory=list)
    working: dict[str, Order] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)


Watch = Callable[[int], None]
"""Told how many bars are done."""


class AccountView(Protocol):
    """What a review sees of the account: shares by column, and equity in micros."""

    @property
    def held(self) -> Mapping[int, int]: ...
    @property
    def equity(self) -> int: ...


Review = Callable[[int, Order, AccountView], str | None]
"""Judges an order before it is sent: None lets it pass, words say why it may not."""


def passes(_row: int, _order: Order, _account: AccountView) -> str | None:
    """Let every order pass."""
    return None


def order_id(account: str, row: int, column: int, kind: str = "") -> str:
    """Return the client id of what one bar decided for one instrument."""
    return f"{account}-{row}-{column}{kind}"


def drive(
    tape: Tape,
    decisions: Decisions | None,
    terms: Terms,
    desk: Desk,
    watch: Watch = lambda _: None,
    *,
    orders: Mapping[int, Iterable[Order]] | None = None,
    review: Review = passes,
) -> Run:
    """Trade decisions, or given orders, through a broker, a bar at a time, and book every fill.

    At each close, in this order: the clock moves there; the broker is asked what happened; fills
    and activities are booked; the account is valued; the orders given for that row are sent; the
    row's targets are sized, reviewed and sent.
    """
    account = _Account(tape, desk, terms, review)
    decided = {}
    if decisions is not None:
        decided = dict(zip(decisions.rows.tolist(), decisions.parts.tolist(), strict=True))
    given = orders or {}
    for done, row in enumerate(tape.rows(), start=1):
        desk.clock.move_to(tape.moment(row))
        if done == 1:
            account.open()
        account.collect()
        account.value(row)
        for order in given.get(row, ()):
            account.send(row, order)
        account.decide(row, decided.get(row))
        watch(done)
    return account.run


class _Account:
    """An account in hand: cash and shares as the entries in its books say."""

    def __init__(self, tape: Tape, desk: Desk, terms: Terms, review: Review) -> None:
        self.run = Run()
        self._tape, self._desk, self._terms, self._review = tape, desk, terms, review
        self._column = {str(name): n for n, name in enumerate(tape.instruments)}
        self._cash = 0
        self.held: dict[int, int] = {}
        self.equity = 0
        self._due: dict[int, int] = {}
        self._busy: dict[int, int] = {}
        self._decided: dict[str, datetime] = {}
        self._forced = ForcedOrders(tape, terms)
        self._mark, self._close = tape.plane("mark"), tape.plane("close")
        self._lot, self._currency = tape.names[x.LOT].tolist(), tape.names[x.CURRENCY].tolist()
        self._buffer = share_parts(terms.buffer)
        exits = terms.exits
        self._exits = [
            (kind, share)
            for kind, share in (
                (OrderKind.STOP, exits.stop),
                (OrderKind.TRAILING_STOP, exits.trail),
                (OrderKind.LIMIT, exits.target),
            )
            if share is not None
        ]

    def open(self) -> None:
        """Pay the capital in."""
        capital, desk = from_micros(self._terms.capital), self._desk
        currency, now = self._tape.currency, desk.clock.now()
        self._post(
            desk.books.deposit(desk.account, capital, currency, now, f"{desk.account}:capital")
        )

    def collect(self) -> None:
        """Ask the broker what happened, and book it."""
        desk = self._desk
        for activity in desk.broker.activities(desk.account, after=len(self.run.activities)):
            self.run.activities.append(activity)
            entry = desk.books.book_activity(activity)
            if entry is not None:
                self._post(entry)
        for fill in desk.broker.fills(desk.account, after=len(self.run.fills)):
            self._check_later(fill)
            self._post(desk.books.book_fill(fill))
            self.run.fills.append(fill)
        for client_id, order in list(self.run.working.items()):
            told = desk.broker.query(client_id)
            if told is None or told.state in {OrderState.UNKNOWN, OrderState.INTENT}:
                raise Conflict(
                    "the broker lost an order that it had taken",
                    value=client_id,
                    bound="WORKING, FILLED or CANCELLED",
                )
            if told.state is not OrderState.WORKING:
                self._end(order, told.reason)

    def value(self, row: int) -> None:
        """Note the account's cash and equity at the bar's close."""
        values = {
            column: self._in_base(row, column, quantity * int(self._mark[row, column]))
            for column, quantity in self.held.items()
        }
        equity = self._cash + sum(values.values())
        worth = {column: abs(value) for column, value in values.items()}
        self._forced.value(self.held, worth, equity)
        self.run.cash.append(from_micros(self._cash))
        self.run.equity.append(from_micros(equity))
        self.equity = equity

    def decide(self, row: int, targets: list[int] | None) -> None:
        """Size what the bar decides with the kernel's rule and send the orders."""
        if targets is not None:
            self._due |= {n: part for n, part in enumerate(targets) if part != NO_TARGET}
        if not self._due:
            return
        investable = investable_of(self.equity, self._buffer)
        for column in sorted(self._due):
            close = int(self._close[row, column])
            if close == 0 or self._busy.get(column) or column in self._forced:
                continue
            target = self._due.pop(column)
            price = self._in_base(row, column, close)
            if price <= 0:
                continue
            held, lot = self.held.get(column, 0), self._lot[column]
            change = sized(investable, target, price, lot, held, self._terms.trade_min)
            if change:
                self._trade(row, column, held, change)

    def send(self, row: int, order: Order) -> None:
        """Have an order reviewed and send it; the broker may refuse it at once."""
        if self._passes(row, order):
            self._place(row, order)

    def _passes(self, row: int, order: Order) -> bool:
        why_not = self._review(row, order, self)
        if why_not is not None:
            self.run.ended[order.client_id] = why_not
        return why_not is None

    def _place(self, row: int, order: Order) -> None:
        desk = self._desk
        self.run.orders.append((row, order))
        self._decided[order.client_id] = desk.clock.now()
        told = desk.broker.place(order, decided_at=desk.clock.now())
        if told.fills:
            raise _too_early(told.fills[0], desk.clock.now())
        if told.state is OrderState.WORKING:
            self.run.working[order.client_id] = order
            if order.parent is None:
                column = self._column[order.instrument]
                self._busy[column] = self._busy.get(column, 0) + 1
        else:
            self.run.ended[order.client_id] = told.reason

    def _check_later(self, fill: Fill) -> None:
        """Make sure that a fill came after the bar that decided its order."""
        decided = self._decided.get(fill.client_id)
        if decided is None:
            self._forced.filled(self._column[fill.instrument], int(fill.quantity))
        elif fill.ts <= decided:
            raise _too_early(fill, decided)

    def _trade(self, row: int, column: int, held: int, change: int) -> None:
        """Send the order of a target, with its exits where the terms ask for them.

        What the review holds back or the venue refuses leaves the exits of before in their place.
        """
        after = held + change
        grows = abs(after) > abs(held) or (held > 0) != (after > 0)
        account, side = self._desk.account, Side.BUY if change > 0 else Side.SELL
        name, instrument = order_id(account, row, column), self._tape.instruments[column]
        entry = Order(
            name,
            account,
            instrument,
            side,
            Decimal(abs(change)),
            time=order_at(self._terms.at),
            reduce_only=held * after >= 0 and not grows,
        )
        if not self._passes(row, entry):
            return
        self._place(row, entry)
        if not self._exits or name not in self.run.working:
            return
        if grows or after == 0:
            self._cancel_exits(column)
        if grows and after != 0:
            self._send_exits(row, column, entry)

    def _send_exits(self, row: int, column: int, entry: Order) -> None:
        account, name, instrument = entry.account, entry.client_id, entry.instrument
        back = Side.SELL if entry.side is Side.BUY else Side.BUY
        for kind, share in self._exits:
            self.send(
                row,
                Order(
                    order_id(account, row, column, f"-{kind.value}"),
                    account,
                    instrument,
                    back,
                    ALL_HELD,
                    kind,
                    trail_share=share if kind is OrderKind.TRAILING_STOP else None,
                    stop_offset=share if kind is OrderKind.STOP else None,
                    limit_offset=share if kind is OrderKind.LIMIT else None,
                    group=name,
                    parent=name,
                    reduce_only=True,
                ),
            )

    def _cancel_exits(self, column: int) -> None:
        instrument = self._tape.instruments[column]
        for client_id, order in list(self.run.working.items()):
            if order.instrument == instrument and order.parent is not None:
                told = self._desk.broker.cancel(client_id)
                if told is not None and told.state is not OrderState.WORKING:
                    self._end(order, told.reason)

    def _end(self, order: Order, reason: str) -> None:
        del self.run.working[order.client_id]
        if reason:
            self.run.ended[order.client_id] = reason
        if order.parent is None:
            self._busy[self._column[order.instrument]] -= 1

    def _in_base(self, row: int, column: int, amount: int) -> int:
        currency = self._currency[column]
        if currency == 0:
            return amount
        rate = int(self._tape.bar_rows[x.FX + currency, row])
        value = of_parts(abs(amount), rate, x.FX_UNIT)
        return value if amount >= 0 else -value

    def _post(self, entry: Entry) -> None:
        for posting in entry.postings:
            if posting.account != f"assets:{self._desk.account}":
                continue
            if posting.commodity == self._tape.currency:
                self._cash += to_micros(posting.amount)
            elif posting.commodity in self._column:
                column = self._column[posting.commodity]
                held = self.held.get(column, 0) + int(posting.amount)
                self.held[column] = held
                if held == 0:
                    del self.held[column]


def _too_early(fill: Fill, decided: datetime) -> Conflict:
    return Conflict(
        "an order was filled before the next bar",
        value=fill.ts.isoformat(),
        bound=f"after {decided.isoformat()}",
    )

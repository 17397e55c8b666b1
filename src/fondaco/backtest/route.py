"""The route of a simulated account: one session at a time, by the ports that live trading uses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

import numpy as np

from fondaco.backtest.sweep import Terms
from fondaco.backtest.tape import Decisions, Tape
from fondaco.core.clock import SteppedClock
from fondaco.core.entry import Entry
from fondaco.core.errors import Conflict
from fondaco.core.orders import Fill, Order, Side
from fondaco.trading.costs import from_micros, to_micros
from fondaco.trading.ports import Broker, OrderState
from fondaco.trading.sizing import NO_TARGET, size_orders
from fondaco.trading.venue import Counts


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

    `equity` and `cash` are exact, one for each traded session.
    """

    orders: list[tuple[int, Order]] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    equity: list[Decimal] = field(default_factory=list)
    cash: list[Decimal] = field(default_factory=list)
    working: dict[int, Order] = field(default_factory=dict)


Watch = Callable[[int], None]
"""Told how many sessions are done."""


def order_id(account: str, row: int, column: int) -> str:
    """Return the client id of what one session decided for one instrument."""
    return f"{account}-{row}-{column}"


def order_of(tape: Tape, account: str, row: int, column: int, quantity: int) -> Order:
    """Return a sized quantity as an order."""
    return Order(
        order_id(account, row, column),
        account,
        tape.instruments[column],
        Side.BUY if quantity > 0 else Side.SELL,
        Decimal(abs(quantity)),
    )


def drive(
    tape: Tape, decisions: Decisions, terms: Terms, desk: Desk, watch: Watch = lambda _: None
) -> Run:
    """Trade decisions through a broker, a session at a time, and book every fill.

    At each close, in this order: the clock moves there; the broker is asked for what its working
    orders did; fills are booked; the account is valued; the session's decision is sized and sent.
    """
    account = _Account(tape, desk, terms)
    decided = dict(zip(decisions.rows.tolist(), decisions.parts, strict=True))
    for done, row in enumerate(tape.rows(), start=1):
        desk.clock.move_to(tape.moment(row))
        if done == 1:
            account.open()
        account.collect()
        account.value(row)
        account.decide(row, decided.get(row))
        watch(done)
    return account.run


class _Account:
    """An account in hand: cash and shares as the entries in its books say."""

    def __init__(self, tape: Tape, desk: Desk, terms: Terms) -> None:
        names = len(tape.instruments)
        self.run = Run()
        self._tape, self._desk, self._terms = tape, desk, terms
        self._column = {str(name): n for n, name in enumerate(tape.instruments)}
        self._cash = Decimal(0)
        self._held = [Decimal(0)] * names
        self._target, self._due = np.zeros(names, dtype=np.int64), np.zeros(names, dtype=np.int64)
        self._order = np.zeros(names, dtype=np.int64)

    def open(self) -> None:
        """Pay the capital in."""
        capital, desk = from_micros(self._terms.capital), self._desk
        self._post(
            desk.books.deposit(
                desk.account,
                capital,
                self._tape.currency,
                desk.clock.now(),
                f"{desk.account}:capital",
            )
        )

    def collect(self) -> None:
        """Ask the broker for each working order and book what was filled."""
        for column, order in sorted(self.run.working.items()):
            told = self._desk.broker.query(order.client_id)
            if told is None or told.state in {OrderState.UNKNOWN, OrderState.INTENT}:
                raise Conflict(
                    "the broker lost an order that it had taken",
                    value=order.client_id,
                    bound="WORKING, FILLED or CANCELLED",
                )
            for fill in told.fills:
                self._post(self._desk.books.book_fill(fill))
                self.run.fills.append(fill)
            if told.state is not OrderState.WORKING:
                del self.run.working[column]

    def value(self, row: int) -> None:
        """Note the account's cash and equity at the session's close."""
        mark = self._tape.mark[row]
        held = sum(
            (
                quantity * from_micros(int(mark[column]))
                for column, quantity in enumerate(self._held)
                if quantity
            ),
            Decimal(0),
        )
        self.run.cash.append(self._cash)
        self.run.equity.append(self._cash + held)

    def decide(self, row: int, targets: Counts | None) -> None:
        """Size what the session decides with the one kernel and send the orders."""
        if targets is not None:
            given = targets != NO_TARGET
            self._target[given], self._due[given] = targets[given], 1
        if not self._due.any():
            return
        tape, terms = self._tape, self._terms
        position = np.array([int(quantity) for quantity in self._held], dtype=np.int64)
        working = np.zeros(len(position), dtype=np.int64)
        working[list(self.run.working)] = 1
        size_orders(
            to_micros(self.run.equity[-1]),
            terms.buffer,
            terms.trade_min,
            len(position),
            self._target,
            tape.close[row],
            tape.lot,
            position,
            working,
            self._due,
            self._order,
        )
        for column in np.flatnonzero(self._order):
            self._send(row, int(column))

    def _send(self, row: int, column: int) -> None:
        desk = self._desk
        order = order_of(self._tape, desk.account, row, column, int(self._order[column]))
        self.run.orders.append((row, order))
        told = desk.broker.place(order, decided_at=desk.clock.now())
        if told.state is OrderState.WORKING:
            self.run.working[column] = order
        elif told.fills:
            raise Conflict(
                "an order was filled before the next session",
                value=told.fills[0].ts.isoformat(),
                bound=f"after {desk.clock.now().isoformat()}",
            )

    def _post(self, entry: Entry) -> None:
        for posting in entry.postings:
            if posting.account != f"assets:{self._desk.account}":
                continue
            if posting.commodity == self._tape.currency:
                self._cash += posting.amount
            else:
                self._held[self._column[posting.commodity]] += posting.amount

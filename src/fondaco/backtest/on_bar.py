"""The event style: a strategy in Python that is called at every bar and sends any kind of order.

It plays the same kernel as the sweep, a bar at a time, so the same orders give the same events and
the same account to the last digit. What it can see is the bars up to now and its own account.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

import numpy as np

from fondaco.backtest.sweep import SLOTS_FIRST, SweepRun, check_status
from fondaco.backtest.tape import Tape
from fondaco.core.errors import InvalidInput
from fondaco.core.orders import Order
from fondaco.trading.costs import from_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Counts
from fondaco.trading.simulator.money import new_account
from fondaco.trading.simulator.orders import group_key, order_row
from fondaco.trading.simulator.step import step_bar
from fondaco.trading.simulator.targets import EXITS_MAX, place_targets
from fondaco.trading.simulator.terms import Terms
from fondaco.trading.simulator.working import accept, cancel

EVENTS_EACH = 8
SPARE = 4_096


def _numbers(counts: Any) -> memoryview:
    """Return an array as whole numbers one after another: reading one so costs 40 ns."""
    return memoryview(counts).cast("B").cast("q")


class BarStrategy(Protocol):
    """What is called at each bar's close; `desk` shows the market and takes orders."""

    def on_bar(self, desk: "BarDesk") -> None:
        """Look at the bar that has just closed, and act; orders trade from the next bar on."""
        ...


class BarDesk:
    """What a strategy may see and do at the close of bar `row`; columns count instruments.

    Prices are whole micros (`close_micros`) or exact (`close`); nothing after `row` can be asked.
    """

    def __init__(self, tape: Tape, terms: Terms) -> None:
        self.instruments, self.row = tape.instruments, -1
        self._terms, self._vector = terms, tape.vector(terms)
        self._market = tape.market(terms)
        names = tape.shape[1]
        slots = SLOTS_FIRST + (1 + EXITS_MAX) * 2 * names
        self._account = new_account(names, slots, SPARE + EVENTS_EACH * names, terms.capital)
        self._record = np.zeros((x.RECORD_WIDTH, tape.shape[0]), dtype=np.int64)
        self._log: list[Counts] = []
        self._ids: dict[str, int] = {}
        self._due = False
        self._views = {
            name: _numbers(tape.plane(name))
            for name in ("open", "high", "low", "close", "volume", "mark")
        }
        self._close, self._names = self._views["close"], names
        self._positions = _numbers(self._account.holding[x.POSITION])
        self._equities = _numbers(self._record[x.EQUITY])
        self._vector_view = _numbers(self._account.vector)

    def close_micros(self, column: int = 0, back: int = 0) -> int:
        """Return a close in micros, 0 where there was no bar; `back` bars ago."""
        row = self.row - back
        if back < 0 or row < 0 or not 0 <= column < self._names:
            raise self._unknown(row, column)
        close: int = self._close[row * self._names + column]
        return close

    def price(self, field: str, column: int = 0, back: int = 0) -> Decimal:
        """Return an exact price or volume: open, high, low, close, volume or mark (last close)."""
        row = self.row - back
        if back < 0 or row < 0 or not 0 <= column < self._names:
            raise self._unknown(row, column)
        count: int = self._views[field][row * self._names + column]
        return Decimal(count) if field == "volume" else from_micros(count)

    def position(self, column: int = 0) -> int:
        """Return the shares held, minus for short."""
        held: int = self._positions[column]
        return held

    @property
    def equity_micros(self) -> int:
        """Cash and positions at this close, in micros."""
        equity: int = self._equities[self.row]
        return equity

    @property
    def working(self) -> int:
        """How many orders work or sleep."""
        live: int = self._vector_view[x.LIVE]
        return live

    def target(self, weight: float, column: int = 0) -> None:
        """Ask for a share of equity in an instrument; the terms' exits go with it."""
        self._account.holding[x.TARGET, column] = round(weight * x.PART)
        self._account.holding[x.DUE, column] = 1
        self._due = True

    def send(self, order: Order) -> bool:
        """Send an order; returns whether the venue took it."""
        self._room(1)
        a = self._account
        number = int(a.vector[x.NEXT_ID])
        if order.group is not None:
            self._ids.setdefault(group_key(order.group), number)
        column = self.instruments.index(order.instrument)
        a.orders[a.vector[x.LIVE]] = order_row(order, column, self._ids, number=number)
        self._ids[order.client_id] = number
        return bool(accept(self._market, self._vector, self.row, a))

    def cancel(self, client_id: str) -> bool:
        """Cancel an order; returns whether it still worked."""
        self._room(0)
        return bool(cancel(self.row, self._account, self._ids.get(client_id, 0)))

    def step(self, row: int) -> None:
        """Play a bar; called by `run_on_bar`."""
        self.row = row
        if self._vector_view[x.LOGGED] or self._vector_view[x.LIVE]:
            self._room(0)
        status = step_bar(self._market, self._vector, row, self._account, self._record)
        if status != x.OK:
            check_status(status, self._terms)

    def settle(self) -> None:
        """Send what the strategy asked for as targets; called by `run_on_bar`."""
        if self._due:
            self._room((1 + EXITS_MAX) * self._names)
            equity = self._equities[self.row]
            self._due = bool(
                place_targets(self._market, self._vector, self.row, self._account, equity)
            )

    def finish(self) -> SweepRun:
        """Return all that happened."""
        self._drain()
        log = np.concatenate(self._log) if self._log else self._account.log[:0].copy()
        return SweepRun(self._record, log)

    def _unknown(self, row: int, column: int) -> InvalidInput:
        return InvalidInput(
            "a bar that is not known yet, or not there",
            value=f"row {row}, column {column}",
            bound=f"rows 0 to {self.row}, columns 0 to {self._names - 1}",
        )

    def _drain(self) -> None:
        a = self._account
        if a.vector[x.LOGGED]:
            self._log.append(a.log[: a.vector[x.LOGGED]].copy())
            a.vector[x.LOGGED] = 0

    def _room(self, orders: int) -> None:
        """Make room for so many more orders, and for what they and a bar may do."""
        a = self._account
        live, names = self._vector_view[x.LIVE], self._names
        need = EVENTS_EACH * (live + orders + names)
        if self._vector_view[x.LOGGED] + need > len(a.log):
            self._drain()
            if need > len(a.log):
                a = a._replace(log=np.zeros((2 * need, x.EVENT_WIDTH), dtype=np.int64))
        if live + orders > len(a.orders):
            more = np.zeros((2 * len(a.orders) + orders, x.ORDER_WIDTH), dtype=np.int64)
            more[:live] = a.orders[:live]
            a = a._replace(orders=more)
        self._account = a


def run_on_bar(
    tape: Tape,
    strategy: BarStrategy,
    terms: Terms,
    *,
    watch: Callable[[int], None] | None = None,
) -> SweepRun:
    """Play a strategy over a tape, a bar at a time; returns its record and events."""
    desk = BarDesk(tape, terms)
    step, settle, on_bar = desk.step, desk.settle, strategy.on_bar
    for row in tape.rows():
        step(row)
        on_bar(desk)
        settle()
        if watch is not None:
            watch(row)
    return desk.finish()

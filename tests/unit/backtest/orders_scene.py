"""What the tests of order kinds share: bars by hand, orders by hand, the engines side by side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from fondaco.adapters.brokers.paper import PaperBroker
from fondaco.backtest.event import run_event
from fondaco.backtest.fakes import TapeBars
from fondaco.backtest.replay import run_replay
from fondaco.backtest.route import Run
from fondaco.backtest.sweep import SweepRun, sweep_one
from fondaco.backtest.tape import Decisions, Lending, Tape, tape_of
from fondaco.core.clock import FixedClock, SteppedClock
from fondaco.core.instrument import Instrument, InstrumentId
from fondaco.core.orders import Order, OrderKind, Side
from fondaco.ledger.books import Books
from fondaco.ledger.fakes import MemoryEntries
from fondaco.market.fakes import MemoryInstruments, simulated_instruments, simulated_panel
from fondaco.market.panel import Panel
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.costs import MICRO, from_micros
from fondaco.trading.fakes import MemoryVenueBook
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.actions import NO_ACTIONS
from fondaco.trading.simulator.arrays import Counts
from fondaco.trading.simulator.orders import REASONS, group_key, order_row
from fondaco.trading.simulator.terms import Terms
from unit.backtest.scene import counting_ids

ACCOUNT = "backtest"
FREE = CostModel.flat(Decimal(0), Decimal(0))


def market(*instruments: Sequence[Sequence[float]]) -> Panel:
    """Return a panel of bars (open, high, low, close[, volume]) for each instrument; () is none."""
    rows, names = len(instruments[0]), len(instruments)
    with_volume = any(len(bar) == 5 for bars in instruments for bar in bars)
    fields = ("open", "high", "low", "close", "volume")[: 5 if with_volume else 4]
    blank = simulated_panel(1, rows, names, with_opens=False)
    grids = {name: np.full((rows, names), np.nan) for name in fields}
    for i, bars in enumerate(instruments):
        for t, bar in enumerate(bars):
            for name, value in zip(fields, bar, strict=False):
                grids[name][t, i] = value
    return replace(blank, fields=grids)


def book(names: int, **changes: Any) -> tuple[Instrument, ...]:
    """Return simulated instruments, each with the same changes."""
    return tuple(replace(one, **changes) for one in simulated_instruments(names))


def terms(capital: str = "10000", costs: CostModel = FREE, **rules: Any) -> Terms:
    """Return terms with nothing but what a test names."""
    return Terms(int(Decimal(capital) * MICRO), costs, buffer=Decimal(0), **rules)


def order(side: str, quantity: int, kind: str = "market", column: int = 0, **rest: Any) -> Order:
    """Return an order; its prices may be given as text."""
    prices = ("limit", "stop", "trail", "trail_share", "limit_offset", "stop_offset")
    given = {k: Decimal(v) if k in prices else v for k, v in rest.items()}
    name = given.pop("name", f"o-{side}-{quantity}-{kind}-{column}-{len(given)}")
    instrument = simulated_instruments(column + 1)[column].id
    return Order(name, ACCOUNT, instrument, Side(side), Decimal(quantity), OrderKind(kind), **given)


@dataclass
class Outcome:
    """What an engine did: fills (row, column, quantity, price, fee), ends, and the account."""

    fills: list[tuple[int, int, int, str, str]] = field(default_factory=list)
    ended: dict[str, str] = field(default_factory=dict)
    happened: list[tuple[int, str, int, str]] = field(default_factory=list)
    equity: list[Decimal] = field(default_factory=list)
    cash: list[Decimal] = field(default_factory=list)

    @property
    def trades(self) -> list[tuple[int, int, str]]:
        """Row, quantity and price of each fill."""
        return [(row, quantity, price) for row, _, quantity, price, _ in self.fills]


_HAPPENED = {
    x.Event.SPLIT: "split",
    x.Event.DIVIDEND: "dividend",
    x.Event.DELISTED: "delisting",
    x.Event.INTEREST: "interest",
    x.Event.BORROW: "borrow",
    x.Event.MARGIN_CALL: "margin_call",
}
_ENDED = (x.Event.CANCELLED, x.Event.EXPIRED, x.Event.REJECTED)


def by_sweep(tape: Tape, run: SweepRun, names: Mapping[int, str]) -> Outcome:
    """Return a sweep's run in the common form."""
    told = Outcome()
    for event in run.log.tolist():
        kind, row, column = event[x.E_KIND], event[x.E_ROW], event[x.E_COLUMN]
        price = from_micros(event[x.E_PRICE])
        if kind == x.Event.FILLED:
            fee = from_micros(event[x.E_FEE])
            told.fills.append((row, column, event[x.E_QUANTITY], str(price), str(fee)))
        elif kind in _ENDED and event[x.E_ORDER] in names:
            told.ended[names[event[x.E_ORDER]]] = REASONS[event[x.E_WHY]]
        elif kind in _HAPPENED:
            amount = event[x.E_PRICE] if kind == x.Event.MARGIN_CALL else event[x.E_CASH]
            what = (row, _HAPPENED[x.Event(kind)], column, str(from_micros(amount)))
            told.happened.append(what)
    told.equity = [from_micros(v) for v in run.record[x.EQUITY, tape.first :].tolist()]
    told.cash = [from_micros(v) for v in run.record[x.R_CASH, tape.first :].tolist()]
    told.fills.sort()
    return told


def by_route(tape: Tape, run: Run, given: Iterable[str]) -> Outcome:
    """Return an event run or a replay in the common form."""
    column = {name: n for n, name in enumerate(tape.instruments)}
    row = {tape.moment(n): n for n in range(tape.shape[0])}
    told = Outcome(equity=run.equity, cash=run.cash)
    for f in run.fills:
        signed = int(f.quantity) * f.side.sign
        told.fills.append((row[f.ts], column[f.instrument], signed, str(f.price), str(f.fee)))
    told.fills.sort()
    told.ended = {name: run.ended[name] for name in given if name in run.ended}
    for one in run.activities:
        if one.kind.value == "exchange":
            continue
        where = column[one.instrument] if one.instrument is not None else 0
        told.happened.append((row[one.ts], one.kind.value, where, str(one.amount)))
    return told


def rows_of(tape: Tape, orders: Sequence[tuple[int, Order]]) -> tuple[Counts, dict[int, str]]:
    """Return orders as rows of the kernel's table, and the name of each number."""
    ids: dict[str, int] = {}
    names: dict[int, str] = {}
    rows = np.zeros((len(orders), x.ORDER_WIDTH), dtype=np.int64)
    for n, (row, one) in enumerate(orders):
        if one.group is not None:
            ids.setdefault(group_key(one.group), n + 1)
        column = tape.instruments.index(one.instrument)
        rows[n] = order_row(one, column, ids, number=n + 1)
        rows[n, x.DECIDED] = row
        ids[one.client_id], names[n + 1] = n + 1, one.client_id
    return rows, names


def by_all(
    panel: Panel,
    orders: Sequence[tuple[int, Order]] = (),
    rules: Terms | None = None,
    *,
    decisions: Decisions | None = None,
    instruments: tuple[Instrument, ...] | None = None,
    actions: Counts = NO_ACTIONS,
    lending: Mapping[InstrumentId, Lending] | None = None,
    first: int = 0,
    **rest: Any,
) -> Outcome:
    """Return what happened, after all engines agreed about it to the last digit."""
    known = instruments or simulated_instruments(panel.close.shape[1])
    tape = tape_of(panel, known, first=first, actions=actions, lending=lending, **rest)
    rules = rules or terms()
    table, names = rows_of(tape, orders)
    swept = by_sweep(tape, sweep_one(tape, decisions, rules, table), names)
    given: dict[int, list[Order]] = {}
    for row, one in orders:
        given.setdefault(row, []).append(one)
    ids = counting_ids(FixedClock(tape.moment(0)))
    run, books = run_event(tape, decisions, rules, ids, orders=given, account=ACCOUNT)
    told = by_route(tape, run, names.values())
    assert told == swept
    assert books.trial_balance().balanced
    if len(tape.currencies) == 1:  # a paper account trades in one currency
        paper = replayed(tape, decisions, rules, given, known)
        assert by_route(tape, paper, names.values()) == swept
    return swept


def replayed(
    tape: Tape,
    decisions: Decisions | None,
    rules: Terms,
    orders: Mapping[int, list[Order]],
    known: Sequence[Instrument],
) -> Run:
    """Return what the paper broker did with the same orders."""
    clock = SteppedClock(tape.moment(tape.first) - timedelta(days=1))
    books = Books(MemoryEntries(), clock, counting_ids(clock))
    instruments = MemoryInstruments(known)
    broker = PaperBroker(
        TapeBars(tape), instruments, MemoryVenueBook(), clock, rules, lending=tape.lending
    )
    return run_replay(tape, decisions, rules, broker, books, clock, orders=orders, account=ACCOUNT)

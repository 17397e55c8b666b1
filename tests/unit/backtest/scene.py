"""What the backtest's tests share: tapes, terms, a venue book in memory, the three engines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import numpy as np

from fondaco.adapters.brokers.paper import PaperBroker
from fondaco.backtest.event import run_event
from fondaco.backtest.fakes import TapeBars
from fondaco.backtest.replay import run_replay
from fondaco.backtest.route import Run
from fondaco.backtest.sweep import SweepRun, sweep_one
from fondaco.backtest.tape import Decisions, Tape, decisions_of, tape_of
from fondaco.core.clock import FixedClock, SteppedClock
from fondaco.core.ids import Ids
from fondaco.ledger.books import Books
from fondaco.ledger.fakes import MemoryEntries
from fondaco.market.fakes import MemoryInstruments, simulated_instruments, simulated_panel
from fondaco.market.panel import Matrix, Panel
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.costs import MICRO, from_micros, to_micros
from fondaco.trading.fakes import MemoryVenueBook
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.terms import Terms

FEES_5_BPS = CostModel.flat(Decimal(5), Decimal("1.00"))
FREE = CostModel.flat(Decimal(0), Decimal(0))


def counting_ids(clock: FixedClock | SteppedClock) -> Ids:
    """Return ids whose chance is a counter."""
    count = iter(range(1, 10**9))
    return Ids(clock, lambda size: next(count).to_bytes(size, "big"))


def terms(capital: int = 100_000, costs: CostModel = FEES_5_BPS, trade_min: str = "0") -> Terms:
    """Return the terms of a run."""
    return Terms(capital * MICRO, costs, to_micros(Decimal(trade_min)))


def panel_of(
    closes: Sequence[Sequence[float]], opens: Sequence[Sequence[float]] | None = None
) -> Panel:
    """Return a panel of these closes, a row per session; NaN is a missing bar."""
    close = np.array(closes, dtype=np.float64)
    blank = simulated_panel(1, *close.shape, with_opens=False)
    fields: dict[str, Matrix] = {"close": close}
    if opens is not None:
        fields["open"] = np.array(opens, dtype=np.float64)
    return Panel(
        blank.sessions, blank.closes_at, blank.instruments, fields, blank.origin, blank.as_of, 0
    )


def tape(panel: Panel, first: int = 0) -> Tape:
    """Return a panel's tape."""
    return tape_of(panel, simulated_instruments(len(panel.instruments)), first=first)


def monthly(panel: Panel, seed: int, every: int = 7) -> Matrix:
    """Return random weights every few sessions, NaN between."""
    chance = np.random.default_rng(seed)
    weights = np.full(panel.close.shape, np.nan)
    names = panel.close.shape[1]
    for row in range(0, len(weights), every):
        weights[row] = chance.dirichlet(np.ones(names)) * chance.uniform(0.2, 1)
    return weights


@dataclass(frozen=True)
class Told:
    """What an engine did, in one form: orders, fills and exact equity and cash."""

    orders: list[tuple[int, int, int]]
    fills: list[tuple[int, int, int, Decimal, Decimal]]
    equity: list[Decimal]
    cash: list[Decimal]
    fees: Decimal


def told_by_sweep(tape: Tape, run: SweepRun) -> Told:
    """Return a sweep's run in the common form."""
    fills = [
        (
            event[x.E_ROW],
            event[x.E_COLUMN],
            event[x.E_QUANTITY],
            from_micros(event[x.E_PRICE]),
            from_micros(event[x.E_FEE]),
        )
        for event in run.fills.tolist()
    ]
    orders = [(e[x.E_ROW], e[x.E_COLUMN], e[x.E_QUANTITY]) for e in run.orders.tolist()]
    return Told(
        orders,
        sorted(fills),
        [from_micros(v) for v in run.record[x.EQUITY, tape.first :].tolist()],
        [from_micros(v) for v in run.record[x.R_CASH, tape.first :].tolist()],
        sum((fee for *_, fee in fills), Decimal(0)),
    )


def told_by_route(tape: Tape, run: Run) -> Told:
    """Return an event run or a replay in the common form."""
    column = {name: n for n, name in enumerate(tape.instruments)}
    row = {tape.moment(n): n for n in range(tape.shape[0])}
    orders = [(r, column[o.instrument], int(o.quantity) * o.side.sign) for r, o in run.orders]
    fills = [
        (row[f.ts], column[f.instrument], int(f.quantity) * f.side.sign, f.price, f.fee)
        for f in run.fills
    ]
    return Told(
        orders, sorted(fills), run.equity, run.cash, sum((f.fee for f in run.fills), Decimal(0))
    )


def ran_by_event(tape: Tape, decisions: Decisions, terms: Terms) -> tuple[Run, Books]:
    """Run the event backtest."""
    return run_event(tape, decisions, terms, counting_ids(FixedClock(tape.moment(0))))


def ran_by_replay(tape: Tape, decisions: Decisions, terms: Terms) -> tuple[Run, Books, PaperBroker]:
    """Run the paper broker through the route, on books of their own."""
    clock = SteppedClock(tape.moment(0) - timedelta(days=1))
    books = Books(MemoryEntries(), clock, counting_ids(clock))
    broker = PaperBroker(
        TapeBars(tape),
        MemoryInstruments(simulated_instruments(len(tape.instruments))),
        MemoryVenueBook(),
        clock,
        terms,
    )
    return run_replay(tape, decisions, terms, broker, books, clock), books, broker


def in_three_ways(panel: Panel, weights: Matrix, terms: Terms, first: int = 0) -> list[Told]:
    """Return what sweep, event backtest and paper replay did with the same weights."""
    played = tape(panel, first)
    targets = decisions_of(played, weights)
    return [
        told_by_sweep(played, sweep_one(played, targets, terms)),
        told_by_route(played, ran_by_event(played, targets, terms)[0]),
        told_by_route(played, ran_by_replay(played, targets, terms)[0]),
    ]

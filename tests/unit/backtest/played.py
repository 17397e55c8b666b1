"""Runs for the tests of what is made of a run: small panels, given weights, both engines."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np

from fondaco.backtest.event import run_event
from fondaco.backtest.measure import series_of
from fondaco.backtest.play import Played
from fondaco.backtest.request import Request
from fondaco.backtest.sweep import sweep_one
from fondaco.backtest.tape import Lending, decisions_of, tape_of
from fondaco.core.clock import FixedClock
from fondaco.core.ids import Ids
from fondaco.core.instrument import InstrumentId
from fondaco.market.fakes import simulated_instruments, simulated_panel
from fondaco.market.panel import Matrix, Panel
from fondaco.research.strategies.strategy import Strategy
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.costs import to_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Counts
from fondaco.trading.simulator.terms import Terms

FREE = CostModel.flat(Decimal(0), Decimal(0))
NO_ACTIONS: Counts = np.zeros((0, x.ACTION_WIDTH), dtype=np.int64)
NAN = float("nan")


def panel_of(
    closes: Sequence[Sequence[float]],
    opens: Sequence[Sequence[float]] | None = None,
    volume: Sequence[Sequence[float]] | None = None,
) -> Panel:
    """Return a panel of these closes, a row per session; NaN is a missing bar."""
    close = np.array(closes, dtype=np.float64)
    blank = simulated_panel(1, *close.shape, with_opens=False)
    fields: dict[str, Matrix] = {"close": close}
    for name, given in (("open", opens), ("volume", volume)):
        if given is not None:
            fields[name] = np.array(given, dtype=np.float64)
    return replace(blank, fields=fields)


def played_on(
    panel: Panel,
    weights: Sequence[Sequence[float]] | Matrix,
    *,
    capital: str = "100000.00",
    costs: CostModel = FREE,
    actions: Counts = NO_ACTIONS,
    strategy: Strategy | None = None,
    lending: dict[InstrumentId, Lending] | None = None,
    gross_max: float = 1.0,
    **changes: object,
) -> Played:
    """Play given weights on a panel by both engines; nothing is kept back from investing."""
    wanted = np.array(weights, dtype=np.float64)
    book = simulated_instruments(len(panel.instruments), sector_count=2)
    tape = tape_of(panel, book, actions=actions, lending=lending)
    amount = Decimal(capital)
    terms = Terms(to_micros(amount), costs, buffer=Decimal(0), **changes)  # type: ignore[arg-type]
    decisions = decisions_of(tape, wanted, gross_max=gross_max)
    clock = FixedClock(tape.moment(0))
    count = iter(range(1, 10**9))
    ids = Ids(clock, lambda size: next(count).to_bytes(size, "big"))
    run, _ = run_event(tape, decisions, terms, ids)
    swept = sweep_one(tape, decisions, terms)
    given = strategy or Strategy("given", 1, {}, 0, lambda _: wanted, summary="As the test says.")
    request = Request("given", {}, None, None, amount, costs, (), "ann")
    return Played(
        request, given, panel, book, tape, run, swept, series_of(tape, panel.sessions, swept)
    )

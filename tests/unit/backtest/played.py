"""Runs for the tests of what is made of a run: small panels, given weights, both engines."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np

from fondaco.backtest.event import run_event
from fondaco.backtest.measure import metrics_of, series_of
from fondaco.backtest.outcome import Index, detail_of, result_of
from fondaco.backtest.play import Played
from fondaco.backtest.records import Tables
from fondaco.backtest.request import Request
from fondaco.backtest.result import BacktestResult
from fondaco.backtest.sweep import sweep_one
from fondaco.backtest.tape import Lending, decisions_of, tape_of
from fondaco.core.clock import FixedClock
from fondaco.core.ids import Ids
from fondaco.core.instrument import InstrumentId
from fondaco.market.fakes import simulated_instruments, simulated_panel
from fondaco.market.panel import Matrix, Panel
from fondaco.research.strategies.strategy import Strategy
from fondaco.research.trial_ledger import Kind, Trial
from fondaco.research.trials import Counted
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.costs import to_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Counts
from fondaco.trading.simulator.terms import Terms
from unit.research.standings import STANDING

FREE = CostModel.flat(Decimal(0), Decimal(0))
NO_ACTIONS: Counts = np.zeros((0, x.ACTION_WIDTH), dtype=np.int64)
NAN = float("nan")
NOW = datetime(2019, 6, 28, 21, tzinfo=UTC)


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
    request = Request("given", {}, None, None, terms, (), "ann")
    return Played(
        request, given, panel, book, tape, run, swept, series_of(tape, panel.sessions, swept)
    )


def result_on(
    played: Played, index: Index | None = None, key: str = "the same trial"
) -> tuple[BacktestResult, Tables]:
    """Return the result of a run as BT-1, its second trial of seven, with its tables."""
    detail, tables = detail_of(played, index)
    span = (played.tape.moment(0), played.tape.moment(len(played.series.days) - 1))
    returns = tuple(played.series.returns.tolist())
    trial = Trial(
        content=key,
        strategy="given",
        family="given",
        parameters={},
        author="ann",
        surface="cli",
        kind=Kind.BACKTEST,
        at=NOW,
        code="",
        data_version=0,
        instruments=len(played.book),
        label=played.panel.origin,
        since=span[0],
        until=span[1],
        costs="",
        costs_dated=None,
        metrics={},
        days=tuple(range(len(returns))),
        returns=returns,
    )
    counted, measured = Counted(trial, True, 2, 2, 7), metrics_of(played.series)
    made = result_of(played, measured, counted, STANDING, index, detail, NOW)
    return replace(made, id="BT-1"), tables


def index_on(panel: Panel) -> Index:
    """Return a simulated index over a panel's days."""
    return Index("SPX", simulated_panel(99, len(panel.sessions), 1, with_opens=False).close[:, 0])

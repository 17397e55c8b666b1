"""Playing a strategy on a panel: weights, then both engines, which must agree."""

from dataclasses import dataclass

import numpy as np

from fondaco.backtest.event import run_event
from fondaco.backtest.measure import Series, series_of
from fondaco.backtest.request import Request
from fondaco.backtest.route import Run
from fondaco.backtest.sweep import SweepRun, sweep_one
from fondaco.backtest.tape import Decisions, Tape, decisions_of, tape_of
from fondaco.core.errors import InvalidInput
from fondaco.core.ids import Ids
from fondaco.core.instrument import Instrument
from fondaco.core.jobs import Progress
from fondaco.market.panel import Panel
from fondaco.market.ports import Instruments
from fondaco.research.strategies import Strategy, strategy_named
from fondaco.trading.costs import to_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.terms import Terms

REPORT_SESSIONS = 100
"""Progress is reported after every so many sessions."""


@dataclass(frozen=True, slots=True)
class Played:
    """A backtest that was played: what was asked, on which bars, and what both engines did."""

    request: Request
    strategy: Strategy
    panel: Panel
    book: tuple[Instrument, ...]
    tape: Tape
    run: Run
    swept: SweepRun
    series: Series


def play(
    panel: Panel, instruments: Instruments, request: Request, ids: Ids, progress: Progress
) -> Played:
    """Trade a strategy on a panel by both engines, which must agree.

    Raises InvalidInput when the span does not lie in the panel, or decides nothing.
    """
    strategy = strategy_named(request.strategy, request.parameters)
    book = tuple(instruments.get(name) for name in panel.instruments)
    tape = tape_of(panel, book, first=_first_row(panel, request))
    progress.report("Choosing weights", 0, 1)
    decisions = decisions_of(tape, strategy.weights_from(panel, tape.first))
    _check_decides(decisions, panel, strategy)
    terms = Terms(to_micros(request.capital), request.costs)
    sessions = len(panel.sessions) - tape.first

    def watch(done: int) -> None:
        if done % REPORT_SESSIONS == 0 or done == sessions:
            progress.report("Trading", done, sessions)

    run, _ = run_event(tape, decisions, terms, ids, watch=watch)
    swept = sweep_one(tape, decisions, terms)
    _check_parity(tape, run, swept)
    return Played(
        request, strategy, panel, book, tape, run, swept, series_of(tape, panel.sessions, swept)
    )


def _first_row(panel: Panel, request: Request) -> int:
    days = panel.sessions
    if len(days) == 0 or (request.since is not None and np.datetime64(request.since) > days[-1]):
        span = f"{days[0]} to {days[-1]}" if len(days) else "none"
        raise InvalidInput(
            "there are no prices in this span",
            value=f"from {request.since} to {request.until or 'the last session'}",
            bound=span,
            remedy="`fondaco market instruments` shows what there is.",
        )
    first = 0 if request.since is None else int(np.searchsorted(days, np.datetime64(request.since)))
    if len(days) - first < 2:
        raise InvalidInput(
            "a backtest needs at least two sessions",
            value=len(days) - first,
            bound=">= 2",
            remedy="Widen the span.",
        )
    return first


def _check_decides(decisions: Decisions, panel: Panel, strategy: Strategy) -> None:
    if (decisions.rows < len(panel.sessions) - 1).any():
        return
    raise InvalidInput(
        f"{strategy.name} decides nothing that could be traded in this span",
        value=f"{len(panel.sessions)} sessions from {panel.sessions[0]} with those before it",
        bound=f"more than {strategy.warm_up} sessions before a decision, and enough names",
        remedy="Take a longer span, a shorter lookback or more symbols.",
    )


def _check_parity(tape: Tape, run: Run, swept: SweepRun) -> None:
    """Make sure that books and kernel agree to the last digit: else the result is worth nothing."""
    kernel = swept.record[:, tape.first :]
    books = [[to_micros(amount) for amount in amounts] for amounts in (run.equity, run.cash)]
    if kernel[x.EQUITY].tolist() != books[0] or kernel[x.R_CASH].tolist() != books[1]:
        raise AssertionError("the sweep and the event backtest disagree about an account's equity")

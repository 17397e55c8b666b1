"""Playing a strategy on a panel: weights, then both engines, which must agree."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from fondaco.backtest.event import run_recorded
from fondaco.backtest.guard import Guard
from fondaco.backtest.measure import Series, series_of
from fondaco.backtest.request import Request
from fondaco.backtest.route import Run, passes
from fondaco.backtest.sweep import SweepRun, sweep_one
from fondaco.backtest.tape import Decisions, Tape, decisions_of, tape_of
from fondaco.core.errors import InvalidInput
from fondaco.core.ids import Ids
from fondaco.core.instrument import Instrument
from fondaco.core.jobs import Progress
from fondaco.market.panel import Matrix, Panel
from fondaco.market.ports import Instruments
from fondaco.research.strategies.library import strategy_named
from fondaco.research.strategies.strategy import Strategy
from fondaco.risk.check import Limits
from fondaco.trading.costs import to_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.actions import actions_of, delistings_of, merged
from fondaco.trading.simulator.prices import array_micros

REPORT_SESSIONS = 100
"""Progress is reported after every so many sessions."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a run reads: prices as a strategy sees them, and as they were traded at.

    `panel` is adjusted, `raw` is not and has the `factor` of each bar; `index` are an index's
    closes over the same sessions, None where the desk knows none; `limits` are the guardrails'.
    """

    panel: Panel
    raw: Panel
    limits: Limits | None = None
    index: Matrix | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """A backtest that was played: what was asked, on which bars, and what the engines did.

    `blocked` and `not_judged` count guardrails where the run was held against them.
    """

    request: Request
    strategy: Strategy
    panel: Panel
    book: tuple[Instrument, ...]
    tape: Tape
    run: Run
    swept: SweepRun
    series: Series
    blocked: Mapping[str, int] = field(default_factory=dict)
    not_judged: Mapping[str, int] = field(default_factory=dict)


def play(
    given: Given,
    instruments: Instruments,
    request: Request,
    ids: Ids,
    progress: Progress,
    *,
    strategy: Strategy | None = None,
) -> Played:
    """Trade a strategy on prices by the event route, and by the sweep, which must agree.

    The strategy sees adjusted prices; orders meet those of their day, and splits, dividends and
    delistings pass through the account. Raises InvalidInput when the span does not lie in the
    panel, or decides nothing. `strategy` is the one that the request names, where it is a user's.
    """
    panel = given.panel
    book, tape = staged(given, instruments, request)
    progress.report("Choosing weights", 0, 1)
    strategy = strategy or strategy_named(request.strategy, request.parameters)
    decisions = decided(panel, tape, request, strategy)
    sessions = len(panel.sessions) - tape.first

    def watch(done: int) -> None:
        if done % REPORT_SESSIONS == 0 or done == sessions:
            progress.report("Trading", done, sessions)

    guard = None
    if request.guarded and given.limits is not None:
        guard = Guard(tape, book, given.limits, given.index)
    review = passes if guard is None else guard.review
    run, swept = run_recorded(tape, decisions, request.terms, ids, watch=watch, review=review)
    if guard is None:
        _check_parity(tape, run, sweep_one(tape, decisions, request.terms))
    series = series_of(tape, panel.sessions, swept)
    blocked, not_judged = ({}, {}) if guard is None else (guard.blocked, guard.not_judged)
    return Played(
        request, strategy, panel, book, tape, run, swept, series, dict(blocked), dict(not_judged)
    )


def staged(
    given: Given, instruments: Instruments, request: Request
) -> tuple[tuple[Instrument, ...], Tape]:
    """Return the instruments of a run and its tape; raises InvalidInput for an empty span."""
    book = tuple(instruments.get(name) for name in given.panel.instruments)
    return book, _tape(given, book, _first_row(given.panel, request))


def decided(panel: Panel, tape: Tape, request: Request, strategy: Strategy) -> Decisions:
    """Return what a strategy decides; raises InvalidInput for nothing."""
    weights = strategy.weights_from(panel, tape.first)
    decisions = decisions_of(tape, weights, gross_max=request.leverage)
    _check_decides(decisions, panel, strategy)
    return decisions


def _tape(given: Given, book: tuple[Instrument, ...], first: int) -> Tape:
    """Return the tape of prices as they were traded at, with what happened to the companies."""
    closes = array_micros(given.raw.close)
    actions = merged(
        actions_of(given.raw.fields["factor"], closes),
        delistings_of(book, given.raw.sessions, closes),
    )
    return tape_of(given.raw, book, first=first, actions=actions)


def _first_row(panel: Panel, request: Request) -> int:
    days = panel.sessions
    if len(days) == 0 or (request.since is not None and np.datetime64(request.since) > days[-1]):
        span = f"{days[0]} to {days[-1]}" if len(days) else "none"
        raise InvalidInput(
            "there are no prices in this span",
            value=f"from {request.since} to {request.until or 'the last session'}",
            bound=span,
            remedy="`fondaco market search` shows what there is.",
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

"""A whole backtest: prices, weights, trading, books, metrics, trial, result, report."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from fondaco.backtest.measure import aligned, metrics_of
from fondaco.backtest.outcome import Index, detail_of, result_of
from fondaco.backtest.play import Given, Played, play
from fondaco.backtest.ports import BacktestStore, ReportStore
from fondaco.backtest.report import report_of
from fondaco.backtest.request import Request, request_of
from fondaco.backtest.result import BacktestResult, Metrics
from fondaco.backtest.words import cost_words
from fondaco.core.clock import Clock
from fondaco.core.errors import NotFound
from fondaco.core.ids import Ids, content_hash
from fondaco.core.jobs import Progress
from fondaco.market.panel import Panel
from fondaco.market.ports import Instruments
from fondaco.market.prices import Prices
from fondaco.research.ports import UserStrategies
from fondaco.research.standing import standing_of
from fondaco.research.strategies.library import strategy_named
from fondaco.research.strategies.strategy import Strategy
from fondaco.research.strategies.user import opened_strategy
from fondaco.research.trial_ledger import Kind, TrialStore
from fondaco.research.trials import Counted, Evaluation, Made, Measured, count_trial
from fondaco.risk.check import Limits
from fondaco.trading.policy import INDEX_SYMBOLS


def run_backtest(
    prices: Prices,
    instruments: Instruments,
    trials: TrialStore,
    backtests: BacktestStore,
    reports: ReportStore,
    clock: Clock,
    ids: Ids,
    limits: Limits,
    strategies: UserStrategies,
    inputs: Mapping[str, Any],
    progress: Progress,
) -> BacktestResult:
    """Run a backtest, count its trial, keep its result and report, and return the result.

    The trial is counted before anything of the result is kept or shown. Raises InvalidInput,
    NotFound or Refused for what cannot be run, Cancelled when it is asked to stop.
    """
    request = request_of(inputs)
    progress.report("Reading prices", 0, 1)
    given = read_prices(prices, instruments, request, clock, limits)
    with opened(strategies, request) as strategy:
        played = play(given, instruments, request, ids, progress, strategy=strategy)
    progress.report("Measuring", 0, 1)
    measured = metrics_of(played.series)
    counted = count_run(trials, played, measured, clock, Kind.BACKTEST)
    benchmark = _benchmark(prices, instruments, played)
    detail, tables = detail_of(played, benchmark)
    standing = standing_of(trials, counted.trial)
    result = result_of(played, measured, counted, standing, benchmark, detail, clock.now())
    result = replace(result, id=backtests.add(result))
    reports.save_tables(result.id, tables)
    reports.save(result.id, report_of(result))
    progress.report("Measuring", 1, 1)
    return result


@contextmanager
def opened(strategies: UserStrategies, request: Request) -> Iterator[Strategy]:
    """Return a request's strategy; a user's runs in a process of its own until the block ends."""
    if request.code is None:
        yield strategy_named(request.strategy, request.parameters)
        return
    with strategies.open_source(request.strategy, request.code, request.parameters) as user:
        yield opened_strategy(user, request.code)


def read_prices(
    prices: Prices,
    instruments: Instruments,
    request: Request,
    clock: Clock,
    limits: Limits | None = None,
) -> Given:
    """Return what a request reads, as of its last day; raises NotFound."""
    as_of = request.as_of(clock.now())
    day = as_of.date()
    wanted = [instruments.by_symbol(symbol, day).id for symbol in request.symbols] or None
    panel = prices.panel(wanted, as_of=as_of, until=request.until)
    raw = prices.panel(panel.instruments, as_of=as_of, until=request.until, adjusted=False)
    if not request.guarded:
        return Given(panel, raw)
    index = index_over(prices, instruments, panel)
    return Given(panel, raw, limits, None if index is None else index.closes)


def count_run(
    trials: TrialStore,
    played: Played,
    measured: Metrics,
    clock: Clock,
    kind: Kind,
    lineage: str = "",
) -> Counted:
    """Count a run as a trial; the same strategy, prices, span and terms again are the same one."""
    tape, request, series = played.tape, played.request, played.series
    evaluation = Evaluation(
        played.strategy,
        played.panel.instruments,
        played.panel.version,
        tape.moment(tape.first),
        tape.moment(len(tape.closes_at) - 1),
        {"terms": content_hash(request.plain()["terms"]), "guarded": int(request.guarded)},
    )
    made = Made(
        author=request.author,
        surface=request.surface,
        kind=kind,
        at=clock.now(),
        label=played.panel.origin,
        costs=cost_words(request.costs, tape.currency),
        costs_dated=request.costs.dated,
        lineage=lineage,
    )
    days = series.days[1:].astype("datetime64[D]").astype(np.int64).tolist()
    found = Measured(trial_metrics(measured), days, series.returns.tolist())
    return count_trial(trials, evaluation, made, found)


def trial_metrics(measured: Metrics) -> dict[str, float]:
    """Return the metrics that a trial keeps; those without a value are left out."""
    numbers = {
        "total_return": measured.total_return,
        "cagr": measured.cagr,
        "vol_annual": measured.vol_annual,
        "sharpe": measured.sharpe,
        "sortino": measured.sortino,
        "drawdown_max": measured.max_drawdown.depth,
        "turnover_annual": measured.turnover_annual,
        "cost_annual": measured.cost_annual,
    }
    return {name: value for name, value in numbers.items() if value is not None}


def index_over(prices: Prices, instruments: Instruments, panel: Panel) -> Index | None:
    """Return the desk's index over a panel's sessions, or None when it knows none."""
    days = panel.sessions
    for symbol in INDEX_SYMBOLS:
        try:
            index = instruments.by_symbol(symbol, days[-1].item())
            found = prices.panel(
                (index.id,),
                as_of=panel.as_of,
                since=days[0].item(),
                until=days[-1].item(),
                fields=("close",),
            )
        except NotFound:
            continue
        closes = aligned(days, found.sessions, found.close[:, 0])
        if np.isfinite(closes).sum() > 1:
            return Index(symbol, closes)
    return None


def _benchmark(prices: Prices, instruments: Instruments, played: Played) -> Index | None:
    """Return the index over the run's days, or None when the desk knows none."""
    index = index_over(prices, instruments, played.panel)
    if index is None or np.isfinite(index.closes[played.tape.first :]).sum() < 2:
        return None
    return Index(index.symbol, index.closes[played.tape.first :])

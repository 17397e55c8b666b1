"""A whole backtest: prices, weights, trading, books, metrics, trial, result, report."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fondaco.backtest import words
from fondaco.backtest.cautions import cautions
from fondaco.backtest.measure import (
    aligned,
    benchmark_of,
    curve_of,
    metrics_of,
    months_of,
    trades_of,
)
from fondaco.backtest.play import Given, Played, play
from fondaco.backtest.ports import BacktestStore, ReportStore
from fondaco.backtest.report import report_of
from fondaco.backtest.request import Request, request_of
from fondaco.backtest.result import BacktestResult, Metrics
from fondaco.core.clock import Clock
from fondaco.core.errors import NotFound
from fondaco.core.ids import Ids, content_hash
from fondaco.core.jobs import Progress
from fondaco.market.panel import Panel
from fondaco.market.ports import Instruments
from fondaco.market.prices import Prices
from fondaco.portfolio.measures.ratios import luck_sharpe
from fondaco.research.ports import TrialStore
from fondaco.research.trials import Counted, Evaluation, count_trial
from fondaco.risk.check import Limits
from fondaco.trading.costs import from_micros
from fondaco.trading.policy import INDEX_SYMBOLS
from fondaco.trading.simulator import layout as x


def run_backtest(
    prices: Prices,
    instruments: Instruments,
    trials: TrialStore,
    backtests: BacktestStore,
    reports: ReportStore,
    clock: Clock,
    ids: Ids,
    limits: Limits,
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
    played = play(given, instruments, request, ids, progress)
    progress.report("Measuring", 0, 1)
    measured = metrics_of(played.series)
    counted = count_run(trials, played, measured, clock)
    benchmark = _benchmark(prices, instruments, played)
    result = _result(played, measured, counted, benchmark, clock)
    result = replace(result, id=backtests.add(result))
    reports.save(result.id, report_of(result))
    progress.report("Measuring", 1, 1)
    return result


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


def count_run(trials: TrialStore, played: Played, measured: Metrics, clock: Clock) -> Counted:
    """Count a run as a trial; the same strategy, prices, span and terms again are the same one."""
    tape, request = played.tape, played.request
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
    evaluation = Evaluation(
        played.strategy,
        played.panel.instruments,
        played.panel.version,
        tape.moment(tape.first),
        tape.moment(len(tape.closes_at) - 1),
        {"terms": content_hash(request.plain()["terms"]), "guarded": int(request.guarded)},
    )
    return count_trial(
        trials,
        evaluation,
        author=request.author,
        at=clock.now(),
        metrics={name: value for name, value in numbers.items() if value is not None},
        returns=tuple(played.series.returns.tolist()),
    )


@dataclass(frozen=True, slots=True)
class Index:
    """An index over some sessions: its symbol, and closes (T,), NaN where it has none."""

    symbol: str
    closes: NDArray[np.float64]


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


def _result(
    played: Played, measured: Metrics, counted: Counted, index: Index | None, clock: Clock
) -> BacktestResult:
    panel, tape, series, request = played.panel, played.tape, played.series, played.request
    point: Literal["open", "close"] = "open" if tape.fills_at_open else "close"
    luck = luck_sharpe(counted.trials_desk, len(series.days)) if counted.trials_desk > 1 else None
    counts = [counted.trials_strategy, counted.trials_desk]
    return BacktestResult(
        id="",
        key=content_hash([counted.trial.content, *counts]),
        strategy=played.strategy.name,
        parameters=dict(played.strategy.parameters),
        symbols=tuple(instrument.symbol for instrument in played.book),
        since=series.days[0].item(),
        until=series.days[-1].item(),
        sessions=len(series.days),
        label=panel.origin,
        data_version=panel.version,
        fill_point=point,
        fill_rule=words.fill_rule(point),
        currency=tape.currency,
        capital=request.capital,
        end_equity=from_micros(int(played.swept.record[x.EQUITY, -1])),
        costs=words.cost_words(request.costs, tape.currency),
        metrics=measured,
        benchmark=None if index is None else benchmark_of(index.symbol, series.days, index.closes),
        curve=curve_of(series, None if index is None else index.closes),
        months=months_of(series.days, series.equity),
        trades=trades_of(tape, played.run, played.book),
        fills=len(played.run.fills),
        orders_open=len(played.run.working),
        trials_strategy=counted.trials_strategy,
        trials_desk=counted.trials_desk,
        luck_sharpe=luck,
        warnings=cautions(played, measured, luck, counted.trials_desk),
        created_at=clock.now(),
    )

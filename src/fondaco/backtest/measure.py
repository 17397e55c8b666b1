"""From a run to what is shown of it: metrics, curve, months, trades. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from fondaco.backtest.result import BenchmarkMetrics, Curve, Metrics, Month, Trade
from fondaco.backtest.route import Run
from fondaco.backtest.sweep import SweepRun
from fondaco.backtest.tape import Tape
from fondaco.core.activity import ActivityKind
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Instrument
from fondaco.core.orders import Fill
from fondaco.portfolio.measures.activity import cost_annual, exposure, turnover_annual
from fondaco.portfolio.measures.drawdowns import drawdowns, max_drawdown
from fondaco.portfolio.measures.numbers import finite
from fondaco.portfolio.measures.ratios import sharpe, sortino, vol_annual
from fondaco.portfolio.measures.returns import cagr, hit_rate, returns_of, total_return
from fondaco.trading.costs import MICRO, from_micros
from fondaco.trading.simulator import layout as x

Array = NDArray[np.float64]
TRADES_KEPT_MAX = 5_000


@dataclass(frozen=True, slots=True)
class Series:
    """A run's traded sessions as floats: T days; equity, cash, exposure, traded and fees."""

    days: NDArray[np.datetime64]
    equity: Array
    cash: Array
    exposure: Array
    traded: Array
    fees: Array

    @property
    def returns(self) -> Array:
        """The daily returns, one fewer than the days."""
        return returns_of(self.equity)


def series_of(tape: Tape, days: NDArray[np.datetime64], run: SweepRun) -> Series:
    """Return a run's record from its first traded session on.

    Raises InvalidInput when the account lost everything: its returns have no meaning after that.
    """
    record = run.record[:, tape.first :] / MICRO
    traded = days[tape.first :]
    if (record[x.EQUITY] <= 0).any():
        row = int(np.argmax(record[x.EQUITY] <= 0))
        raise InvalidInput(
            "the account lost everything",
            value=f"{record[x.EQUITY, row]:,.2f}",
            bound="an equity above 0",
            remedy=f"That was on {traded[row]}; shorts can lose without limit.",
        )
    traded_value, fees = costs_by_row(tape, run)
    return Series(
        traded,
        record[x.EQUITY],
        record[x.R_CASH],
        record[x.EXPOSURE],
        traded_value[tape.first :],
        fees[tape.first :],
    )


def costs_by_row(tape: Tape, run: SweepRun) -> tuple[Array, Array]:
    """Return what was traded and charged in each row of a tape, in the account's currency."""
    fills, rows = run.fills, tape.shape[0]
    at = fills[:, x.E_ROW]
    rate = np.where(fills[:, x.E_FX] > 0, fills[:, x.E_FX] / x.FX_UNIT, 1.0) / MICRO
    value = np.abs(fills[:, x.E_QUANTITY].astype(np.float64) * fills[:, x.E_PRICE]) * rate
    fees = fills[:, x.E_FEE] * rate
    return (
        np.bincount(at, value, minlength=rows).astype(np.float64),
        np.bincount(at, fees, minlength=rows).astype(np.float64),
    )


def metrics_of(series: Series) -> Metrics:
    """Return the metrics of an account."""
    returns, equity = series.returns, series.equity
    return Metrics(
        total_return=total_return(returns),
        cagr=cagr(returns),
        vol_annual=finite(vol_annual(returns)),
        sharpe=finite(sharpe(returns)),
        sortino=finite(sortino(returns)),
        max_drawdown=max_drawdown(equity, series.days),
        hit_rate=finite(hit_rate(returns)),
        turnover_annual=turnover_annual(series.traded, equity),
        exposure=exposure(series.exposure, equity),
        cost=from_micros(round(float(series.fees.sum()) * MICRO)),
        cost_annual=cost_annual(series.fees, equity),
    )


def aligned(
    days: NDArray[np.datetime64], other_days: NDArray[np.datetime64], values: Array
) -> Array:
    """Return the values of the same days, NaN where the other has none.

    >>> wanted = np.array(["2019-07-01", "2019-07-02"], dtype="datetime64[D]")
    >>> aligned(wanted, wanted[1:], np.array([5.0])).tolist()
    [nan, 5.0]
    """
    found = np.searchsorted(other_days, days)
    there = found < len(other_days)
    there[there] = other_days[found[there]] == days[there]
    result = np.full(len(days), np.nan)
    result[there] = values[found[there]]
    return result


def benchmark_of(
    symbol: str, days: NDArray[np.datetime64], closes: Array
) -> BenchmarkMetrics | None:
    """Return how an index fared over days with its closes (NaN: none); None for fewer than two."""
    known = np.isfinite(closes)
    if known.sum() < 2:
        return None
    held, kept = closes[known], days[known]
    returns = returns_of(held)
    return BenchmarkMetrics(
        symbol,
        total_return(returns),
        cagr(returns),
        finite(vol_annual(returns)),
        finite(sharpe(returns)),
        max_drawdown(held, kept),
    )


def curve_of(series: Series, benchmark: Array | None) -> Curve:
    """Return the account's curve, money to the cent, shares to six places."""
    scaled: tuple[float | None, ...] = ()
    if benchmark is not None:
        first = benchmark[np.isfinite(benchmark)][0]
        scaled = tuple(
            None if np.isnan(v) else round(float(v / first * series.equity[0]), 2)
            for v in benchmark
        )
    return Curve(
        tuple(series.days.astype("datetime64[D]").tolist()),
        _rounded(series.equity, 2),
        _rounded(drawdowns(series.equity), 6),
        _rounded(series.exposure / series.equity, 6),
        scaled,
    )


def months_of(days: NDArray[np.datetime64], equity: Array) -> tuple[Month, ...]:
    """Return the return of each calendar month, from the equity at the end of the one before."""
    calendar = days.astype("datetime64[M]")
    last = np.append(np.flatnonzero(calendar[1:] != calendar[:-1]), len(days) - 1)
    ends = equity[last]
    before = np.concatenate([[equity[0]], ends[:-1]])
    stamps: Sequence[date] = calendar[last].tolist()
    return tuple(
        Month(stamp.year, stamp.month, round(float(end / start - 1), 10))
        for stamp, start, end in zip(stamps, before, ends, strict=True)
    )


def trades_of(tape: Tape, run: Run, book: Sequence[Instrument]) -> tuple[Trade, ...]:
    """Return the latest fills as trades, oldest first."""
    known = {instrument.id: instrument for instrument in book}
    decided = {order.client_id: tape.moment(row).date() for row, order in run.orders}
    calls = [one.ts for one in run.activities if one.kind is ActivityKind.MARGIN_CALL]

    def decided_on(fill: Fill) -> date:
        """Return when a fill was decided: one that the run did not send, by its margin call."""
        if fill.client_id in decided:
            return decided[fill.client_id]
        return max((ts for ts in calls if ts < fill.ts), default=fill.ts).date()

    return tuple(
        Trade(
            decided_on(fill),
            fill.ts.date(),
            known[fill.instrument].symbol_on(fill.ts.date()) or known[fill.instrument].symbol,
            fill.side.value,
            fill.quantity,
            fill.price,
            fill.fee,
        )
        for fill in run.fills[-TRADES_KEPT_MAX:]
    )


def _rounded(values: Array, digits: int) -> tuple[float, ...]:
    return tuple((np.round(values, digits) + 0.0).tolist())  # -0.0 becomes 0.0

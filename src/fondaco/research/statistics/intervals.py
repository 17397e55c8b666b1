"""The four intervals beside every result: Sharpe ratio, growth, volatility, deepest fall."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR
from fondaco.research.statistics.blocks import finite_series, optimal_block, stationary_rows
from fondaco.research.statistics.bootstrap import (
    Interval,
    check_level,
    drawn_statistics,
    percentile_interval,
    whole,
)
from fondaco.research.statistics.samples import Column, Samples, all_four_of, drawdown_of


@dataclass(frozen=True, slots=True)
class ReturnIntervals:
    """Percentile intervals of one series of returns, all from the same draws.

    The first three say how sure a measure is. `drawdown` says how deep another history of the
    same length may fall: the deepest fall of the last one was no estimate of anything, it was.
    """

    sharpe: Interval
    cagr: Interval
    vol_annual: Interval
    drawdown: Interval


def return_intervals(
    returns: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    draws: int = 2_000,
    level: float = 0.95,
    mean_block: float | None = None,
    periods: int = SESSIONS_PER_YEAR,
) -> ReturnIntervals:
    """Return the intervals of annual Sharpe ratio, CAGR, annual volatility and deepest fall.

    `returns` are shares per session, finite, not below -1, (n,), n >= 8. Without `mean_block` it
    is the longer one of the best blocks of the returns and of their squares, since volatility
    and falls come in runs even where returns do not. The method is `percentile`, from stationary
    blocks; see `bootstrap_interval` for its source. For the fall each draw is drawn from once
    more: the first draw stands for not knowing the market, the second for what it does next.
    (With one draw, a new history falls outside of a 95 % interval more than twice as often.)
    Over 756 days, 4 to 7 % of 95 % intervals miss where returns are independent, 7 to 8 % where
    each repeats a fifth of the last (`make bench` measures it): they are then a little narrow.
    Raises InvalidInput for returns out of range, too few draws for the level, and returns of
    which some draw never moves.

    >>> returns = np.random.default_rng(1).normal(0.001, 0.01, 1_000)
    >>> found = return_intervals(returns, rng=np.random.default_rng(2), draws=500)
    >>> found.sharpe.low < 0.1 * 252**0.5 < found.sharpe.high
    True
    >>> found.vol_annual.low < 0.01 * 252**0.5 < found.vol_annual.high
    True
    >>> found.drawdown.low < found.drawdown.high < 0.0
    True
    """
    series = finite_series(returns, "the returns")
    check_level(level, draws)
    block = _block(series) if mean_block is None else float(mean_block)
    estimates = whole(all_four_of(series[None, :], periods=periods), "the measure of these returns")

    def measured(samples: Samples) -> Column:
        found = all_four_of(samples, periods=periods)
        again = stationary_rows(len(series), len(samples), mean_block=block, rng=rng)
        again += len(series) * np.arange(len(samples))[:, None]
        found[:, 3] = drawdown_of(samples.ravel()[again])
        return found

    drawn = drawn_statistics(series, measured, rng=rng, draws=draws, mean_block=block)
    four = [
        percentile_interval(drawn[:, k], estimate, level, block)
        for k, estimate in enumerate(estimates[0].tolist())
    ]
    return ReturnIntervals(*four)


def _block(series: Column) -> float:
    squares = np.square(series - series.mean())
    return float(optimal_block(np.column_stack([series, squares])).stationary.max())

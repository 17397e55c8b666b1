"""Ready statistics of many resampled series of returns at once: (draws, n) gives (draws,).

Each equals the measure of the same name in `portfolio.measures` on every row. Returns are shares
per session, finite; a year has 252 sessions unless `periods` says otherwise.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR

Column = NDArray[np.float64]
Samples = NDArray[np.float64]
Statistic = Callable[[Samples], Column]
"""What is measured: rows of values in, one number for each row out."""


def sharpe_of(samples: Samples, *, periods: int = SESSIONS_PER_YEAR) -> Column:
    """Return mean / deviation x sqrt(periods) of each row; NaN where a row does not move.

    >>> sharpe_of(np.array([[0.01, 0.03]]), periods=1).round(6).tolist()
    [1.414214]
    """
    return _sharpe(_curves(samples), periods)


def vol_of(samples: Samples, *, periods: int = SESSIONS_PER_YEAR) -> Column:
    """Return the deviation x sqrt(periods) of each row.

    >>> vol_of(np.array([[0.01, 0.03]]), periods=1).round(6).tolist()
    [0.014142]
    """
    volatility: Column = _curves(samples)[:, 1] * sqrt(periods)
    return volatility


def cagr_of(samples: Samples, *, periods: int = SESSIONS_PER_YEAR) -> Column:
    """Return prod(1 + r)^(periods / n) - 1 of each row; -1 where all was lost.

    Raises InvalidInput for a return below -1, which no compounding can follow.

    >>> cagr_of(np.array([[0.1, 0.1]]), periods=1).round(6).tolist()
    [0.1]
    """
    no_loss_beyond_all(samples)
    return _growth(_curves(samples), samples.shape[1], periods)


def drawdown_of(samples: Samples) -> Column:
    """Return the deepest fall from a high of each row's wealth: 0 or below, from the start on.

    Raises InvalidInput for a return below -1, which no compounding can follow.

    >>> drawdown_of(np.array([[0.2, -0.25, 0.1]])).round(6).tolist()
    [-0.25]
    """
    no_loss_beyond_all(samples)
    fall: Column = _curves(samples)[:, 3]
    return fall


def all_four_of(samples: Samples, *, periods: int = SESSIONS_PER_YEAR) -> Column:
    """Return Sharpe ratio, CAGR, volatility and drawdown of each row, (draws, 4), in one pass.

    Raises InvalidInput for a return below -1.
    """
    no_loss_beyond_all(samples)
    curves = _curves(samples)
    growth = _growth(curves, samples.shape[1], periods)
    volatility = curves[:, 1] * sqrt(periods)
    return np.column_stack([_sharpe(curves, periods), growth, volatility, curves[:, 3]])


def sharpe_error_of(
    samples: Samples, *, block: int = 1, periods: int = SESSIONS_PER_YEAR
) -> Column:
    """Return the standard error of each row's Sharpe ratio, for studentised intervals.

    The delta method: z - S (z^2 - 1) / 2 of each standardised return z, summed over runs of
    `block` rows, whose spread allows for dependence within a run. With `block` 1 it is the error
    of Mertens (2002), Comments on variance of the IID estimator in Lo (2002), eq. 3.
    Raises InvalidInput for fewer than two whole runs.
    """
    draws, n = samples.shape
    runs = n // block if block >= 1 else 0
    if runs < 2:
        raise InvalidInput(
            "a run must fit twice into the rows", value=block, bound=f"1 to {n // 2}"
        )
    away = samples - samples.mean(axis=1, keepdims=True)
    deviation = np.sqrt(np.square(away).mean(axis=1, keepdims=True))
    with np.errstate(divide="ignore", invalid="ignore"):  # a row that does not move has none
        z = away / deviation
        ratio = samples.mean(axis=1, keepdims=True) / deviation
    pull = z - 0.5 * ratio * (np.square(z) - 1.0)
    sums = pull[:, : runs * block].reshape(draws, runs, block).sum(axis=2)
    error: Column = np.sqrt(np.square(sums).sum(axis=1) * periods * n / (runs * block)) / n
    return error


def no_loss_beyond_all(returns: NDArray[np.float64]) -> None:
    """Raise InvalidInput for a return below -1."""
    lowest = float(np.min(returns, initial=0.0))
    if not lowest >= -1.0:
        raise InvalidInput(
            "a return below -1 cannot be compounded",
            value=lowest,
            bound=">= -1",
            remedy="Measure returns on all of the account's equity.",
        )


def _curves(samples: Samples) -> Column:
    from fondaco.research.statistics import kernels  # numba is heavy to import

    if samples.ndim != 2 or samples.shape[1] < 2:
        raise InvalidInput("each row needs two returns", value=f"shape {samples.shape}")
    found: Column = kernels.curves(np.ascontiguousarray(samples, dtype=np.float64))
    return found


def _sharpe(curves: Column, periods: int) -> Column:
    mean, deviation = curves[:, 0], curves[:, 1]
    # Below this the deviation is rounding: `measures.numbers.ratio` draws the same line.
    moves = deviation > 1e-14 * np.abs(mean)
    out = np.full(len(mean), np.nan)
    np.divide(mean * sqrt(periods), deviation, out=out, where=moves)
    return out


def _growth(curves: Column, n: int, periods: int) -> Column:
    with np.errstate(over="ignore"):  # a few good days of a short span are beyond any year
        growth: Column = np.expm1(curves[:, 2] * (periods / n))
    return growth

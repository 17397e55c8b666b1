"""Cointegration: which pairs of prices keep to a line, tested after Engle and Granger.

All tests of one window run at once, as columns. Source: Engle and Granger (1987), Econometrica
55, p. 251-276; critical values from MacKinnon (2010), Critical values for cointegration tests,
Queen's Economics Department Working Paper 1227, table 2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix

Column = NDArray[np.float64]
_MACKINNON = {
    1: (-3.89644, -10.9519, -22.527),
    5: (-3.33613, -6.1101, -6.823),
    10: (-3.04445, -4.2412, -2.720),
}
"""Two series, constant and no trend: the limit and the coefficients of 1/T and 1/T^2.

As the paper prints them; tables in circulation have -33.527 for -22.527.
"""
_CONDITION_MAX = 1e12


@dataclass(frozen=True, slots=True)
class Lines:
    """P fitted lines y = intercept + hedge * x + spread; each of shape (P,).

    `deviation` is the spread's sample deviation over the window (n - 2). `statistic` is the
    Engle-Granger statistic: the t-value of the spread's pull back; NaN where it cannot be had.
    """

    intercept: Column
    hedge: Column
    deviation: Column
    statistic: Column


def critical_value(level_percent: int, observations: int) -> float:
    """Return the value that the statistic must lie below, at a level of 1, 5 or 10 per cent.

    The response surface b0 + b1 / T + b2 / T^2 of MacKinnon (2010), table 2, N = 2, with a
    constant. Raises InvalidInput for another level.

    >>> round(critical_value(5, 251), 4)
    -3.3606
    """
    if level_percent not in _MACKINNON:
        raise InvalidInput(
            "there is no critical value at this level",
            value=level_percent,
            bound=", ".join(str(level) for level in _MACKINNON),
        )
    limit, first, second = _MACKINNON[level_percent]
    return limit + first / observations + second / observations**2


def engle_granger(y: Matrix, x: Matrix, lags: int) -> Lines:
    """Fit y on x with a constant for each column, (T, P), and test the spread for a pull back.

    The test is an augmented Dickey-Fuller regression of the spread's change on its level and
    `lags` earlier changes, without a constant. Compare `statistic` with `critical_value`, never
    with a table for observed series: the spread was fitted.

    Raises InvalidInput when there are too few rows for so many lags.
    """
    rows = len(y)
    if rows - 1 - lags <= lags + 1:
        raise InvalidInput("too few sessions for the lags", value=rows, bound=f"> {2 * lags + 2}")
    away_x, away_y = x - x.mean(axis=0), y - y.mean(axis=0)
    hedge = _ratio((away_x * away_y).sum(axis=0), (away_x * away_x).sum(axis=0))
    intercept = y.mean(axis=0) - hedge * x.mean(axis=0)
    spread = away_y - hedge * away_x
    deviation = np.sqrt((spread * spread).sum(axis=0) / (rows - 2))
    # A line that fits to the last digits leaves noise of rounding, which must not be tested.
    moves = deviation > 1e-9 * np.sqrt((away_y * away_y).sum(axis=0) / rows)
    statistic = np.full(y.shape[1], np.nan)
    statistic[moves] = _dickey_fuller(spread[:, moves] / deviation[moves], lags)
    return Lines(intercept, hedge, deviation, statistic)


def _ratio(top: Column, bottom: Column) -> Column:
    result = np.full(len(top), np.nan)
    np.divide(top, bottom, out=result, where=bottom > 0.0)
    return result


def _dickey_fuller(spread: Matrix, lags: int) -> Column:
    """Return the t-value of the level in the regression of each column's change, (P,)."""
    change = np.diff(spread, axis=0)
    target = change[lags:]
    inputs = [spread[lags:-1]]
    inputs += [change[lags - lag : len(change) - lag] for lag in range(1, lags + 1)]
    gram = np.array([[(a * b).sum(axis=0) for b in inputs] for a in inputs]).transpose(2, 0, 1)
    right = np.array([(a * target).sum(axis=0) for a in inputs]).T[:, :, None]
    statistic = np.full(spread.shape[1], np.nan)
    solvable = np.flatnonzero(np.linalg.cond(gram) < _CONDITION_MAX)
    inverse = np.linalg.inv(gram[solvable])
    weights = (inverse @ right[solvable])[:, :, 0]
    fitted = sum(a[:, solvable] * weights[:, n] for n, a in enumerate(inputs))
    left = target[:, solvable] - fitted
    variance = (left * left).sum(axis=0) / (len(target) - len(inputs))
    error = np.sqrt(variance * inverse[:, 0, 0])
    statistic[solvable] = _ratio(weights[:, 0], error)
    return statistic


def nearest_pairs(prices: Matrix, most: int) -> NDArray[np.int64]:
    """Return the columns of the pairs whose paths lie nearest, (P, 2), nearest first, P <= most.

    `prices` are logarithms, (T, N); the distance is the sum of squared differences of the paths
    that start at 0. Source: Gatev, Goetzmann and Rouwenhorst (2006), Review of Financial Studies
    19, p. 797-827, section 2.1 (there of cumulative returns). Ties keep the panel's order.
    """
    paths = np.ascontiguousarray(prices - prices[0])
    squares = (paths * paths).sum(axis=0)
    distance = squares[:, None] + squares - 2.0 * (paths.T @ paths)
    first, second = np.triu_indices(paths.shape[1], 1)
    nearest = np.argsort(distance[first, second], kind="stable")[:most]
    return np.column_stack([first[nearest], second[nearest]])

"""Resampling in blocks: which rows each draw takes, and how long its blocks should be.

A draw of single rows forgets what followed what, and gives too narrow an interval wherever
returns, or their sizes, come in runs. A draw of blocks keeps the runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, log10, sqrt

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput

Column = NDArray[np.float64]
Rows = NDArray[np.int64]
DRAWS_MAX = 100_000
ROWS_MIN = 8
"""Fewer observations than this say nothing about what lies between them."""
_QUIET_LAGS_MIN = 5
_CELLS_AT_ONCE = 1 << 16
"""Draws x rows laid out at a time: half a megabyte, which stays near the processor."""


@dataclass(frozen=True, slots=True)
class BlockLengths:
    """The best block lengths of a series, in rows, 1 or more; arrays (K,) for K series."""

    stationary: Column
    circular: Column


def stationary_rows(n: int, draws: int, *, mean_block: float, rng: np.random.Generator) -> Rows:
    """Return rows drawn in blocks of random length, mean `mean_block`, (draws, n).

    A block starts anywhere, ends at each row with chance 1 / `mean_block` and wraps round the
    end, so that a draw of a stationary series is stationary; 1 draws single rows. Source: Politis
    and Romano (1994), Journal of the American Statistical Association 89, p. 1303-1313, section 2.
    Raises InvalidInput for sizes out of range.

    >>> rng = np.random.default_rng(1)
    >>> rows = stationary_rows(100, 2_000, mean_block=5.0, rng=rng)
    >>> follows = (np.diff(rows, axis=1) % 100 == 1).mean()  # 0.8, and 0.2 / 100 by chance
    >>> rows.shape, bool(abs(follows - 0.802) < 0.005)
    ((2000, 100), True)
    """
    _check(n, draws, mean_block)
    fresh = rng.random(draws * n) < 1.0 / mean_block
    fresh[::n] = True  # each draw begins anew
    first = np.flatnonzero(fresh)
    return _laid(first, rng.integers(n, size=len(first)), draws, n)


def circular_rows(n: int, draws: int, *, block: int, rng: np.random.Generator) -> Rows:
    """Return rows drawn in blocks of `block` that wrap round the end, (draws, n).

    The last block of a draw is cut short. Source: Politis and Romano (1992), A circular
    block-resampling procedure for stationary data, in Exploring the Limits of Bootstrap, p.
    263-270. Raises InvalidInput for sizes out of range.

    >>> circular_rows(4, 2, block=4, rng=np.random.default_rng(3)).tolist()
    [[3, 0, 1, 2], [0, 1, 2, 3]]
    """
    _check(n, draws, block)
    first = _each_block(n, draws, block)
    return _laid(first, rng.integers(n, size=len(first)), draws, n)


def moving_rows(n: int, draws: int, *, block: int, rng: np.random.Generator) -> Rows:
    """Return rows drawn in blocks of `block` that never wrap, (draws, n).

    The first and last rows are drawn less often than others: that is the price of not joining
    the end to the beginning. Source: Kuensch (1989), Annals of Statistics 17, p. 1217-1241.
    Raises InvalidInput for sizes out of range.

    >>> moving_rows(4, 1, block=4, rng=np.random.default_rng(3)).tolist()
    [[0, 1, 2, 3]]
    """
    _check(n, draws, block)
    first = _each_block(n, draws, block)
    return _laid(first, rng.integers(n - block + 1, size=len(first)), draws, n)


def optimal_block(values: NDArray[np.float64]) -> BlockLengths:
    """Return the block lengths that estimate the variance of each column's mean best, (K,) each.

    `values` are finite, (n,) or (n, K). The flat-top rule: from the autocovariances up to twice
    the lag from which on they are quiet, at most 3 sqrt(n) and n / 3 rows. A column that does not
    move has length 1, any length being as good. Source: Politis and White (2004), Econometric
    Reviews 23, p. 53-70, section 3, with the constant of Patton, Politis and White (2009),
    Econometric Reviews 28, p. 372-375; the quiet lags begin with m itself, as in Patton's own
    program. Raises InvalidInput for fewer than 8 rows or a value that is not finite.

    >>> noise = np.random.default_rng(5).normal(size=1_000)
    >>> persistent = np.convolve(noise, np.ones(10))[:1_000]
    >>> both = optimal_block(np.column_stack([noise, persistent])).stationary
    >>> bool(both[0] < 8 < 15 < both[1] < 60)
    True
    """
    table = finite_table(values, "the values")
    n = len(table)
    quiet = max(_QUIET_LAGS_MIN, int(log10(n)))
    lags = min(ceil(sqrt(n)) + quiet, n - 1)
    covariances = _autocovariances(table, lags)
    longest = ceil(min(3.0 * sqrt(n), n / 3.0))
    found = [_lengths(column, n, quiet) for column in covariances.T]
    lengths = np.clip(np.array(found), 1.0, longest)
    return BlockLengths(lengths[:, 0], lengths[:, 1])


def finite_table(values: NDArray[np.float64], what: str, rows_min: int = ROWS_MIN) -> Column:
    """Return values as (n, K) floats. Raises InvalidInput for too few rows, NaN or infinity."""
    table = np.asarray(values, dtype=np.float64)
    if table.ndim == 1:
        table = table[:, None]
    if table.ndim != 2 or table.shape[1] == 0 or len(table) < rows_min:
        raise InvalidInput(
            f"{what} must be a table with enough rows",
            value=f"shape {np.shape(values)}",
            bound=f"(n,) or (n, K), n >= {rows_min}, K >= 1",
        )
    missing = int(np.count_nonzero(~np.isfinite(table)))
    if missing:
        raise InvalidInput(
            f"{what} must be finite",
            value=f"{missing} that are not",
            remedy="Leave out the rows without a value, or say what they were.",
        )
    return table


def finite_series(values: NDArray[np.float64], what: str, rows_min: int = ROWS_MIN) -> Column:
    """Return values as (n,) floats. Raises InvalidInput for too few, NaN or infinity."""
    if np.ndim(values) != 1:
        raise InvalidInput(f"{what} must be one series", value=f"shape {np.shape(values)}")
    series: Column = np.ascontiguousarray(finite_table(values, what, rows_min)[:, 0])
    return series


def portions(draws: int, n: int) -> Iterator[int]:
    """Yield how many draws of n rows to make at a time, until all are made.

    >>> list(portions(5, 30_000))
    [2, 2, 1]
    """
    most = max(1, _CELLS_AT_ONCE // n)
    for begin in range(0, draws, most):
        yield min(most, draws - begin)


def check_draws(draws: int, draws_min: int = 1) -> None:
    """Raise InvalidInput unless so many draws are enough, and not too many."""
    if not draws_min <= draws <= DRAWS_MAX:
        raise InvalidInput(
            "this number of draws cannot serve", value=draws, bound=f"{draws_min} to {DRAWS_MAX}"
        )


def _check(n: int, draws: int, block: float) -> None:
    check_draws(draws)
    if n < 1:
        raise InvalidInput("there are no rows to draw from", value=n, bound=">= 1")
    if not 1 <= block <= n:
        raise InvalidInput(
            "a block must hold a row and fit into the series",
            value=block,
            bound=f"1 to {n}",
            remedy="Leave it out to have it estimated.",
        )


def _each_block(n: int, draws: int, block: int) -> Rows:
    """Return the cells where blocks of one length begin, each draw beginning anew."""
    return (np.arange(draws)[:, None] * n + np.arange(0, n, block)).ravel()


def _laid(first: Rows, source: Rows, draws: int, n: int) -> Rows:
    from fondaco.research.statistics import kernels  # numba is heavy to import

    rows: Rows = kernels.laid(first, source, draws, n)
    return rows


def _autocovariances(table: Column, lags: int) -> Column:
    """Return sum(x[t] x[t + k]) / n around the mean, for k = 0 .. lags, (lags + 1, K)."""
    away, n = table - table[0], len(table)  # so that a constant is exactly zero
    away -= away.mean(axis=0)
    return np.array([(away[k:] * away[: n - k]).sum(axis=0) / n for k in range(lags + 1)])


def _lengths(covariances: Column, n: int, quiet: int) -> tuple[float, float]:
    """Return the lengths for stationary and circular blocks of one series."""
    if not covariances[0] > 0.0:
        return 1.0, 1.0
    lags = len(covariances) - 1
    loud = np.abs(covariances / covariances[0]) >= 2.0 * sqrt(log10(n) / n)
    louder = np.concatenate([[0], np.cumsum(loud)])  # how many lags before each one are loud
    starts = np.flatnonzero(louder[1 + quiet : lags + 1] == louder[1 : lags - quiet + 1]) + 1
    band = min(2 * int(starts[0]), lags) if len(starts) else lags
    k = np.arange(1, band + 1)
    weights = 2.0 * np.minimum(1.0, 2.0 * (1.0 - k / band)) * covariances[1 : band + 1]
    slope, long_run = float((k * weights).sum()), float(covariances[0] + weights.sum())
    if long_run == 0.0:
        return float(n), float(n)  # the caller cuts it to the longest that is allowed
    scaled = n * slope**2 / long_run**2
    return scaled ** (1 / 3), (1.5 * scaled) ** (1 / 3)

"""Compiled loops under the statistics: resampled series laid out and measured, row by row."""

from math import log, sqrt

import numpy as np
from numba import float64, int64, njit, types
from numpy.typing import NDArray

_STARTS = types.Array(int64, 1, "C", readonly=True)
_SAMPLES = types.Array(float64, 2, "C", readonly=True)
_TINY, _HUGE = 1e-150, 1e150


@njit(int64[:, ::1](_STARTS, _STARTS, int64, int64), cache=True)
def laid(
    first: NDArray[np.int64], source: NDArray[np.int64], draws: int, n: int
) -> NDArray[np.int64]:
    """Return rows of the series, (draws, n): block k fills from cell `first[k]`, from `source[k]`.

    Cells are counted along the rows of the result; a block that passes the series' last row goes
    on at its first one.
    """
    out = np.empty((draws, n), dtype=np.int64)
    cells = out.reshape(draws * n)
    blocks = len(first)
    for k in range(blocks):
        end = first[k + 1] if k + 1 < blocks else draws * n
        row = source[k]
        for cell in range(first[k], end):
            cells[cell] = row
            row += 1
            if row == n:
                row = 0
    return out


@njit(float64[:, ::1](_SAMPLES), cache=True, error_model="numpy")
def curves(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return mean, deviation (n - 1), log growth and deepest fall of each row, (draws, 4).

    The fall is carried as the share of the last high, so no level can overflow; the growth is a
    product that is turned into a logarithm before it can.
    """
    draws, n = samples.shape
    out = np.empty((draws, 4))
    for d in range(draws):
        total, growth, product = 0.0, 0.0, 1.0
        level, deepest = 1.0, 1.0
        for t in range(n):
            r = samples[d, t]
            total += r
            product *= 1.0 + r
            if product < _TINY or product > _HUGE:
                growth += log(product)
                product = 1.0
            level = min(1.0, level * (1.0 + r))
            deepest = min(deepest, level)
        mean, squares = total / n, 0.0
        for t in range(n):
            gap = samples[d, t] - mean
            squares += gap * gap
        out[d, 0] = mean
        out[d, 1] = sqrt(squares / (n - 1))
        out[d, 2] = growth + log(product)
        out[d, 3] = deepest - 1.0
    return out

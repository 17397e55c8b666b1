"""Adjustment for splits and dividends, from the factor of each bar."""

import numpy as np

from fondaco.market.panel import Matrix


def adjustment(factors: Matrix) -> Matrix:
    """Return what to multiply each price by, to make it comparable with the last row's.

    `factors` has shape (T, N): the factor of row t applies to every price before t. NaN (no bar)
    counts as 1. Row t of the result is the product of the factors of the rows after t, so the
    last row is 1.

    >>> adjustment(np.array([[1.0], [0.5], [1.0]])).ravel().tolist()
    [0.5, 1.0, 1.0]
    """
    known = np.where(np.isnan(factors), 1.0, factors)
    after = np.ones_like(known)
    after[:-1] = np.cumprod(known[:0:-1], axis=0)[::-1]
    return after

"""Many tests at once: p-values that hold when the best of a family is looked at.

`benjamini_hochberg` and `benjamini_yekutieli` bound the share of false discoveries among those
made; `holm` bounds the chance of a single one. Each returns adjusted p-values in the order given:
what is at or below a level is a discovery at that level.

Sources: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57, p. 289-300;
Benjamini and Yekutieli (2001), Annals of Statistics 29, p. 1165-1188, theorem 1.3; Holm (1979),
Scandinavian Journal of Statistics 6, p. 65-70.
"""

from math import erfc, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fondaco.core.errors import InvalidInput
from fondaco.research.statistics.sharpe import Shape, distance

Column = NDArray[np.float64]


def benjamini_hochberg(p_values: ArrayLike) -> Column:
    """Return p-values adjusted for the share of false discoveries, (m,), same order.

    The least of m p_(j) / j over j >= i. Holds for tests that are independent or of positive
    dependence, such as variants of one strategy. Raises InvalidInput for what is not in 0..1.

    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    return _stepped_up(_probabilities(p_values), 1.0)


def benjamini_yekutieli(p_values: ArrayLike) -> Column:
    """Return p-values adjusted for the share of false discoveries under any dependence, (m,).

    Those of Benjamini and Hochberg times 1 + 1/2 + ... + 1/m: for families that hold a strategy
    and its reverse. Raises InvalidInput for what is not in 0..1.

    >>> benjamini_yekutieli([0.01, 0.04]).round(4).tolist()
    [0.03, 0.06]
    """
    values = _probabilities(p_values)
    return _stepped_up(values, float((1.0 / np.arange(1, len(values) + 1)).sum()))


def holm(p_values: ArrayLike) -> Column:
    """Return p-values adjusted for the chance of one false discovery, under any dependence, (m,).

    The greatest of (m - j + 1) p_(j) over j <= i. Raises InvalidInput for what is not in 0..1.

    >>> holm([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.06, 0.06]
    """
    values = _probabilities(p_values)
    order = np.argsort(values, kind="stable")
    steps = np.arange(len(values), 0, -1) * values[order]
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def sharpe_p_value(shape: Shape) -> float:
    """Return the chance of so high a Sharpe ratio without an edge, one-sided: 1 - PSR(0).

    Computed from the upper tail, so that it keeps its digits where PSR rounds to 1.

    >>> round(sharpe_p_value(Shape(0.1, 0.0, 3.0, 253)), 4)
    0.0567
    """
    return 0.5 * erfc(distance(shape) / sqrt(2.0))


def _stepped_up(values: Column, factor: float) -> Column:
    order = np.argsort(values, kind="stable")[::-1]
    count = len(values)
    steps = factor * count / np.arange(count, 0, -1) * values[order]
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.minimum.accumulate(steps), 1.0)
    return adjusted


def _probabilities(p_values: ArrayLike) -> Column:
    values = np.asarray(p_values, dtype=np.float64)
    if values.ndim != 1:
        raise InvalidInput(
            "p-values are one list", value=f"an array of shape {values.shape}", bound="(m,)"
        )
    wrong = np.flatnonzero(~((values >= 0.0) & (values <= 1.0)))
    if len(wrong):
        raise InvalidInput(
            "a p-value is a probability",
            value=f"{values[wrong[0]]} at {wrong[0]}",
            bound="0 to 1",
        )
    return values

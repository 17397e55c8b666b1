"""What every measure shares: the type of a series, the year, and what has no meaning.

Returns r are shares per session (0.01 is 1 %); a NaN is a session without a return: it changes
nothing in products and is left out of means. A year has 252 sessions. A measure without a meaning
is NaN (or infinite, where a gain meets no risk at all); `finite` turns both into None. Where the
sources differ, the conventions are those of empyrical 0.5 (Quantopian, `stats.py`), so that
results can be set beside those of other tools.
"""

from datetime import date
from math import inf, isfinite, nan

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput

SESSIONS_PER_YEAR = 252
Array = NDArray[np.float64]
Days = NDArray[np.datetime64]


def finite(value: float) -> float | None:
    """Return a number that has a meaning, else None.

    >>> finite(1.5), finite(float("inf"))
    (1.5, None)
    """
    return value if isfinite(value) else None


def ratio(above: float, below: float, scale: float = 1.0) -> float:
    """Return above / below x scale; what is only rounding below the line counts as nothing.

    >>> ratio(1.0, 0.0), ratio(-1.0, 0.0), ratio(1.0, 4.0)
    (inf, -inf, 0.25)
    """
    if abs(below) <= 1e-14 * abs(above) or below == 0:
        return nan if above == 0 or above != above else (inf if above > 0 else -inf)
    return above / below * scale


def known(returns: Array) -> Array:
    """Return the returns that are there, without the NaN.

    >>> known(np.array([0.1, np.nan])).tolist()
    [0.1]
    """
    there: Array = returns[~np.isnan(returns)]
    return there


def filled(returns: Array) -> Array:
    """Return the returns with 0 where there is none.

    >>> filled(np.array([0.1, np.nan])).tolist()
    [0.1, 0.0]
    """
    full: Array = np.where(np.isnan(returns), 0.0, returns)
    return full


def paired(one: Array, other: Array) -> tuple[Array, Array]:
    """Return two series where both have a value. Raises InvalidInput for unequal lengths.

    >>> paired(np.array([1.0, np.nan, 3.0]), np.array([4.0, 5.0, np.nan]))
    (array([1.]), array([4.]))
    """
    same_length("two series that are compared", one, other)
    both = ~(np.isnan(one) | np.isnan(other))
    return one[both], other[both]


def same_length(what: str, *columns: NDArray[np.generic]) -> None:
    """Raise InvalidInput unless the columns have one length."""
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        raise InvalidInput(
            f"{what} must have one length",
            value=sorted(lengths),
            bound="one value for each session",
            remedy="Align them by day first.",
        )


def day_at(days: Days, row: int) -> date:
    """Return a row's calendar day.

    >>> day_at(np.array(["2019-07-01"], dtype="datetime64[D]"), 0)
    datetime.date(2019, 7, 1)
    """
    day: date = days[row].astype("datetime64[D]").item()
    return day

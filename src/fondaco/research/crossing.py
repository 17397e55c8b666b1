"""Two simple moving averages compared without rounding: the one algorithm of every engine.

On a tick grid two averages are often exactly equal, and sums of floats then call a tie a cross.
Here prices are whole micros, sums are int64, and `fast_sum / fast` is compared with
`slow_sum / slow` as `fast_sum * slow` with `slow_sum * fast`. Nothing is rounded, so running sums,
fresh sums and one bar at a time all give the same side.

Bound: with windows fast <= slow no number here passes price_max * fast * slow. `check_exact`
refuses prices for which that does not fit into int64; at 50 and 200 sessions the most is about
922 million units of money.
"""

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from numba import int8, int64, njit, types
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix

MICRO = 1_000_000
BELOW, EQUAL, ABOVE, UNKNOWN = -1, 0, 1, 2
"""A side: where the fast average lies from the slow one. UNKNOWN: a window is not whole."""
INT64_MAX = 2**63 - 1

Micros = NDArray[np.int64]
"""Prices in whole micros, 0 where there is no bar."""
Sides = NDArray[np.int8]

_COLUMN = types.Array(int64, 1, "C", readonly=True)
_TABLE = types.Array(int64, 2, "C", readonly=True)
SUM_FAST, SUM_SLOW, MISSING, SEEN = 0, 1, 2, 3
"""The places of a running state: both sums, missing bars of the slow window, bars seen."""
STATE_SIZE = 4


def close_micros(close: Matrix) -> Micros:
    """Return prices in micros; 0 where there is none (NaN or not positive).

    Each is rounded half to even as its shortest decimal text, as the venue counts it.

    Raises InvalidInput for a price that cannot be counted in int64.
    """
    priced = close > 0.0
    scaled = np.where(priced, close, 0.0) * MICRO
    if (scaled >= float(INT64_MAX)).any():
        worst = float(np.nanmax(close))
        raise InvalidInput("a price cannot be counted", value=worst, bound=INT64_MAX // MICRO)
    counts: Micros = np.rint(scaled).astype(np.int64, order="C")
    # Near a half, multiplying by a million may have crossed it: there the text decides.
    gap = np.abs(scaled - np.floor(scaled) - 0.5)
    for place in np.argwhere(gap <= 4 * np.spacing(scaled)):
        text = str(close[tuple(place)])
        counts[tuple(place)] = int(Decimal(text).scaleb(6).to_integral_value(ROUND_HALF_EVEN))
    return counts


def check_exact(prices: Micros, fast: int, slow: int) -> None:
    """Refuse windows or prices for which a comparison could overflow.

    Raises InvalidInput unless 1 <= fast <= slow, no price is negative, and the highest price times
    both windows fits into int64.

    >>> check_exact(np.array([5_000_000]), 50, 200)
    """
    if not 1 <= fast <= slow:
        raise InvalidInput(
            "the fast window is longer than the slow one", value=(fast, slow), bound="1 to slow"
        )
    highest = int(prices.max(initial=0))
    if int(prices.min(initial=0)) < 0 or highest * fast * slow > INT64_MAX:
        raise InvalidInput(
            f"averages of {fast} and {slow} sessions cannot be compared exactly at this price",
            value=highest / MICRO,
            bound=f"0 to {INT64_MAX // (fast * slow) / MICRO:,.2f}",
            remedy="Take shorter windows, or quote the price in a larger unit.",
        )


@njit(int8(int64, int64, int64, int64), cache=True)
def sma_side(fast_sum: int, slow_sum: int, fast: int, slow: int) -> int:
    """Return the side of fast_sum / fast from slow_sum / slow: BELOW, EQUAL or ABOVE."""
    left, right = fast_sum * slow, slow_sum * fast
    return (left > right) - (left < right)


@njit(int8(int64[::1], int64[::1], int64, int64), cache=True)
def sma_step(ring: Micros, state: Micros, price: int, fast: int) -> int:
    """Take one more bar and return the side after it; UNKNOWN while a window is not whole.

    `ring` holds the last `slow` prices and is as long; `state` holds STATE_SIZE numbers. Both start
    as zeros and are changed in place. `price` 0 is a missing bar.
    """
    slow, seen = len(ring), state[SEEN]
    place = seen % slow
    oldest = ring[place]
    leaving = oldest if fast == slow else ring[(seen - fast) % slow]
    if seen >= slow:
        state[MISSING] -= oldest == 0
    state[SUM_FAST] += price - leaving
    state[SUM_SLOW] += price - oldest
    state[MISSING] += price == 0
    state[SEEN] = seen + 1
    ring[place] = price
    if seen + 1 < slow or state[MISSING] > 0:
        return UNKNOWN
    return sma_side(state[SUM_FAST], state[SUM_SLOW], fast, slow)


@njit(int8[::1](_COLUMN, int64, int64), cache=True)
def sma_sides_column(prices: Micros, fast: int, slow: int) -> Sides:
    """Return the side at each bar of one instrument, (T,)."""
    out = np.full(len(prices), UNKNOWN, dtype=np.int8)
    fast_sum, slow_sum, missing = 0, 0, 0
    for t in range(len(prices)):
        fast_sum += prices[t]
        slow_sum += prices[t]
        missing += prices[t] == 0
        if t >= fast:
            fast_sum -= prices[t - fast]
        if t >= slow:
            slow_sum -= prices[t - slow]
            missing -= prices[t - slow] == 0
        if t >= slow - 1 and missing == 0:
            out[t] = sma_side(fast_sum, slow_sum, fast, slow)
    return out


@njit(int8[:, ::1](_TABLE, int64, int64), cache=True)
def sma_sides(prices: Micros, fast: int, slow: int) -> Sides:
    """Return the side at each bar of each instrument, (T, N)."""
    rows, names = prices.shape
    out = np.full((rows, names), UNKNOWN, dtype=np.int8)
    fast_sum, slow_sum = np.zeros(names, dtype=np.int64), np.zeros(names, dtype=np.int64)
    missing = np.zeros(names, dtype=np.int64)
    for t in range(rows):
        for i in range(names):
            fast_sum[i] += prices[t, i]
            slow_sum[i] += prices[t, i]
            missing[i] += prices[t, i] == 0
            if t >= fast:
                fast_sum[i] -= prices[t - fast, i]
            if t >= slow:
                slow_sum[i] -= prices[t - slow, i]
                missing[i] -= prices[t - slow, i] == 0
            if t >= slow - 1 and missing[i] == 0:
                out[t, i] = sma_side(fast_sum[i], slow_sum[i], fast, slow)
    return out

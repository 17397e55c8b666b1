"""Float prices in whole micros, as exact as their decimal text."""

from decimal import Decimal
from math import floor

import numpy as np
from numba import float64, int64, types
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.trading.costs import MICRO, PRICE_MAX, to_micros
from fondaco.trading.simulator.arrays import CUBE, Counts
from fondaco.trading.simulator.compiled import kernel

_SMALLEST = 0.5
_LARGEST = float(PRICE_MAX)
_READ = types.Array(float64, 1, "C", readonly=True)


@kernel(int64(_READ, int64[::1], int64[::1]))
def count_prices(prices: NDArray[np.float64], counts: Counts, close: Counts) -> int:
    """Write prices in micros, 0 for NaN; return how many lie near a half, or minus a bad place.

    The places of those near a half are written to `close` as long as there is room: rounding them
    needs their decimal text. A place p that cannot be counted comes back as -1 - p.
    """
    near = 0
    for n in range(len(prices)):
        scaled = prices[n] * MICRO
        if np.isnan(scaled):
            counts[n] = 0
            continue
        if not _SMALLEST < scaled <= _LARGEST:
            return -1 - n
        whole = np.rint(scaled)
        if abs(abs(scaled - floor(scaled)) - 0.5) <= 1e-15 * scaled:
            if near < len(close):
                close[near] = n
            near += 1
        counts[n] = int(whole)
    return near


def array_micros(prices: NDArray[np.float64], into: Counts | None = None) -> Counts:
    """Return float prices in micros, 0 where there is none (NaN), written to `into` if given.

    Each is rounded half to even as its shortest decimal text, so that it equals `to_micros` of
    the same price written as a Decimal. Raises InvalidInput for a price that is infinite, not
    positive, too large, or so small that it rounds to nothing.
    """
    flat = np.ascontiguousarray(prices, dtype=np.float64).reshape(-1)
    counts = np.empty(prices.shape, dtype=np.int64) if into is None else into
    written, close = counts.reshape(-1), np.empty(64, dtype=np.int64)
    near = count_prices(flat, written, close)
    if near > len(close):
        close = np.empty(near, dtype=np.int64)
        count_prices(flat, written, close)
    if near < 0:
        where = tuple(int(place) for place in np.unravel_index(-1 - near, prices.shape))
        raise InvalidInput(
            f"the venue cannot trade at the price in place {where}",
            value=prices[where],
            bound=f"0.000001 to {PRICE_MAX // MICRO:,}",
        )
    for place in close[:near]:
        written[place] = to_micros(Decimal(str(flat[place])))
    return counts


@kernel((_READ, int64[::1]))
def count_shares(volumes: NDArray[np.float64], counts: Counts) -> None:
    """Write volumes in whole shares, cut down, 0 where there is none."""
    for n in range(len(volumes)):
        known = volumes[n] > 0  # false for NaN
        counts[n] = int(min(volumes[n], 1e15)) if known else 0


def array_shares(volumes: NDArray[np.float64], into: Counts) -> Counts:
    """Write volumes in whole shares to `into` and return it."""
    count_shares(np.ascontiguousarray(volumes, dtype=np.float64).reshape(-1), into.reshape(-1))
    return into


@kernel((CUBE, int64, int64, int64))
def tidy(bars: Counts, opened: int, high: int, low: int) -> None:
    """Leave a bar only where plane 0 has a close; give it opens, and a range that holds them."""
    for t in range(bars.shape[1]):
        for i in range(bars.shape[2]):
            close = bars[0, t, i]
            if opened > 0 and (close == 0 or bars[opened, t, i] == 0):
                bars[opened, t, i] = close
            first = bars[opened, t, i]
            if high > 0:
                bars[high, t, i] = 0 if close == 0 else max(bars[high, t, i], first, close)
            if low > 0:
                lowest = bars[low, t, i] if bars[low, t, i] > 0 else close
                bars[low, t, i] = 0 if close == 0 else min(lowest, first, close)

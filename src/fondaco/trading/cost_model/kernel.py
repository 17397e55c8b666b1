"""The charges of an order in whole numbers, compiled: equal to `Schedule.charges` to the micro.

The venue calls `charge_total` with what an order has traded so far, after each part of it that
fills, and books the difference from what it booked before. So a minimum or maximum holds for the
order and not for each part.
"""

from typing import Final

import numpy as np
from numba import int64, njit, types
from numpy.typing import NDArray

from fondaco.trading import costs as units
from fondaco.trading.cost_model import lines

OVERFLOW: Final = -1
"""What `charge_total` gives when a charge would pass COUNT_MAX."""

_COUNT_MAX: Final = units.COUNT_MAX
_MICRO: Final = units.MICRO
_CENT: Final = units.CENT
_PARTS: Final = lines.RATE_UNIT
_ROOT: Final = 10**6
_AT_ONCE: Final = 9e18
_TOO_LARGE: Final = float(_COUNT_MAX) * float(_PARTS) * (1 + 1e-9)
_BEYOND: Final = _COUNT_MAX + _MICRO
"""Stands for every amount beyond what is counted, until a maximum cuts it or it is refused."""

_ORDER: Final = int(lines.Basis.ORDER)
_SHARE: Final = int(lines.Basis.SHARE)
_NOTIONAL: Final = int(lines.Basis.NOTIONAL)
_CHARGES: Final = int(lines.Basis.CHARGES)
_BASIS, _SIDE, _RATE, _MINIMUM, _MAXIMUM, _MAXIMUM_RATE, _UNIT, _UP, _TAXES = range(
    len(lines.COLUMNS)
)

_READ2D = types.Array(int64, 2, "C", readonly=True)
_PAIR = types.UniTuple(int64, 2)  # type: ignore[no-untyped-call]


@njit(_PAIR(int64, int64), cache=True, error_model="numpy", inline="always")
def _product(count: int, rate: int) -> tuple[int, int]:
    """Return count times rate over 1e12: whole, and what is left over in parts of 1e12.

    A product too large for 64 bits is put together from pieces, so that nothing overflows. The
    caller has made sure that the whole is at most about COUNT_MAX; `rate` is at most 1e15.
    """
    if float(count) * float(rate) < _AT_ONCE:
        product = count * rate
        return product // _PARTS, product % _PARTS
    high, low = count // _PARTS, count % _PARTS
    low_high, low_low = low // _ROOT, low % _ROOT
    rate_high, rate_low = rate // _ROOT, rate % _ROOT
    middle = low_high * rate_low + low_low * rate_high
    tail = (middle % _ROOT) * _ROOT + low_low * rate_low
    whole = high * rate + low_high * rate_high + middle // _ROOT + tail // _PARTS
    return whole, tail % _PARTS


@njit(int64(int64, int64, int64, int64), cache=True, error_model="numpy", inline="always")
def _rounded(whole: int, rest: int, unit: int, up: int) -> int:
    """Return whole micros and parts of 1e12 of one, rounded to the unit: half up, or up."""
    if unit == 1:
        return whole + (2 * rest >= _PARTS)
    # A divisor that the compiler knows is several times faster than one that it does not.
    over = whole % _CENT if unit == _CENT else whole % _MICRO
    step = over > 0 or rest > 0 if up else 2 * over >= unit
    return whole - over + (unit if step else 0)


@njit(int64(_READ2D, int64, int64, int64, int64, int64), cache=True, error_model="numpy")
def _line(
    rows: NDArray[np.int64], i: int, side: int, shares: int, notional: int, taxed: int
) -> int:
    """Return one line's amount in micros; above COUNT_MAX it is only known to be beyond it."""
    if rows[i, _SIDE] * side < 0:
        return 0
    whole, rest = rows[i, _RATE], 0
    if rows[i, _BASIS] != _ORDER:
        count = notional
        if rows[i, _BASIS] == _SHARE:
            count = shares * _MICRO
        elif rows[i, _BASIS] == _CHARGES:
            count = taxed
        if float(count) * float(rows[i, _RATE]) > _TOO_LARGE:
            whole, rest = _BEYOND, 0
        else:
            whole, rest = _product(count, rows[i, _RATE])
    if whole < rows[i, _MINIMUM]:
        whole, rest = rows[i, _MINIMUM], 0
    if 0 <= rows[i, _MAXIMUM] <= whole:
        whole, rest = rows[i, _MAXIMUM], 0
    if rows[i, _MAXIMUM_RATE] >= 0:
        most, most_rest = _product(notional, rows[i, _MAXIMUM_RATE])
        if most < whole or (most == whole and most_rest < rest):
            whole, rest = most, most_rest
    return _rounded(whole, rest, rows[i, _UNIT], rows[i, _UP])


@njit(int64(_READ2D, int64, int64, int64), cache=True, error_model="numpy")
def charge_total(rows: NDArray[np.int64], side: int, shares: int, notional: int) -> int:
    """Return all charges, in micros, of an order that has traded so far this much.

    `rows` (L, 9) is `Schedule.rows()`; `side` +1 buys, -1 sells; `shares` 1 to 4e12; `notional`
    the traded value in micros, 0 to 4e18. The total never falls while shares and notional grow.
    Gives OVERFLOW (-1) when it would pass COUNT_MAX (4e18).
    """
    total = 0
    for i in range(rows.shape[0]):
        taxed = 0
        if rows[i, _BASIS] == _CHARGES:
            for j in range(rows.shape[0]):
                if (rows[i, _TAXES] >> j) & 1:
                    part = _line(rows, j, side, shares, notional, 0)
                    if taxed + part > _COUNT_MAX:
                        return OVERFLOW
                    taxed += part
        amount = _line(rows, i, side, shares, notional, taxed)
        if total + amount > _COUNT_MAX:
            return OVERFLOW
        total += amount
    return total

"""From target weights to whole-share orders: one compiled rule for research, backtest and cards."""

from decimal import Decimal
from typing import Final

import numpy as np
from numba import int64, njit, types
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.trading.costs import to_micros
from fondaco.trading.venue import Counts

PART: Final = 1_000_000_000
"""A weight of 1, in parts: weights are rounded to the nearest thousand-millionth."""
NO_TARGET: Final = -(2**63)
"""Stands for a weight that is not given (NaN): that instrument is left alone."""
BUFFER_PARTS: Final = 10_000_000
"""The share of equity that is never invested: 1 %, for fees and for prices that move."""
LOT_MAX: Final = 10_000

_READ = types.Array(int64, 1, "C", readonly=True)
_WRITE = int64[::1]


# `error_model="numpy"` leaves out the checks for a division by zero: a price of 0 is no price.
@njit(int64(int64, int64), cache=True, error_model="numpy")
def part_of(amount: int, parts: int) -> int:
    """Return amount x parts / PART towards zero, for both not negative; nothing overflows."""
    return amount // PART * parts + amount % PART * parts // PART


@njit(
    int64(int64, int64, int64, int64, _READ, _READ, _READ, _WRITE, _WRITE, _WRITE, _WRITE),
    cache=True,
    error_model="numpy",
)
def size_orders(
    equity: int,
    buffer: int,
    trade_min: int,
    count: int,
    target: Counts,
    close: Counts,
    lot: Counts,
    position: Counts,
    working: Counts,
    due: Counts,
    order: Counts,
) -> int:
    """Write the orders that bring positions to their targets and return how many there are.

    `equity` and `trade_min` are micros, `buffer` and `target` (N,) parts, `close` (N,) micros
    with 0 for no price. An instrument is looked at while `due` is 1, it has a price and no order
    of its own is `working`; then it is due no more. Target value = target x (equity less
    buffer), in whole lots towards zero. A trade worth less than `trade_min` is skipped, save one
    that ends a position. `count` is N.
    """
    buffer_amount = part_of(max(equity, 0), buffer)
    investable = max(equity, 0) - buffer_amount
    orders = 0
    for i in range(count):
        order[i] = 0
        if due[i] == 0 or close[i] == 0 or working[i] != 0:
            continue
        due[i] = 0
        lots = part_of(investable, abs(target[i])) // (close[i] * lot[i])
        wanted = lots * lot[i] if target[i] > 0 else -lots * lot[i]
        change = wanted - position[i]
        small = abs(float(change) * float(close[i])) < trade_min
        if change != 0 and (wanted == 0 or not small):
            order[i] = change
            orders += 1
    return orders


def weight_parts(weights: NDArray[np.float64]) -> Counts:
    """Return weights as parts, NO_TARGET where one is NaN.

    Raises InvalidInput for a weight that is infinite or beyond -1 to 1.
    """
    given = ~np.isnan(weights)
    if not (np.abs(weights[given]) <= 1).all():
        where = tuple(int(place) for place in np.argwhere(given & ~(np.abs(weights) <= 1))[0])
        raise InvalidInput(
            f"the weight in place {where} is out of range", value=weights[where], bound="-1 to 1"
        )
    parts: Counts = np.rint(np.where(given, weights, 0.0) * PART).astype(np.int64, order="C")
    parts[~given] = NO_TARGET
    return parts


def order_quantity(
    equity: Decimal,
    weight: float,
    price: Decimal,
    held: Decimal,
    lot: Decimal = Decimal(1),
    *,
    trade_min: Decimal = Decimal(0),
) -> Decimal:
    """Return the signed whole-share quantity that brings one position to its target weight.

    The same kernel as everywhere: 1 % of equity is kept back, lots are cut towards zero, 0 means
    that there is nothing to do. Raises InvalidInput for a price that is not positive, a quantity
    or lot that is not whole, or a weight beyond -1 to 1.

    >>> order_quantity(Decimal(10_000), 0.25, Decimal("49.50"), Decimal(20))
    Decimal('30')
    """
    parts = weight_parts(np.array([weight], dtype=np.float64))
    if parts[0] == NO_TARGET:
        return Decimal(0)
    column = [to_micros(price), _whole("a lot", lot, 1, LOT_MAX), _whole("a position", held)]
    if column[0] <= 0:
        raise InvalidInput("a position cannot be sized without a price", value=price, bound="> 0")
    close, lots, position, working, due, order = (
        np.array([value], dtype=np.int64) for value in (*column, 0, 1, 0)
    )
    size_orders(
        to_micros(equity),
        BUFFER_PARTS,
        to_micros(trade_min),
        1,
        parts,
        close,
        lots,
        position,
        working,
        due,
        order,
    )
    return Decimal(int(order[0]))


def _whole(name: str, value: Decimal, least: int = -(10**12), most: int = 10**12) -> int:
    if value != int(value) or not least <= value <= most:
        raise InvalidInput(
            f"{name} must be a whole number of shares", value=value, bound=f"{least} to {most}"
        )
    return int(value)

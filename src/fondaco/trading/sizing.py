"""From target weights to whole-share orders: one compiled rule for research, backtest and cards."""

from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.trading.costs import to_micros
from fondaco.trading.simulator import layout
from fondaco.trading.simulator.arrays import Counts
from fondaco.trading.simulator.targets import NO_TARGET, investable_of, sized
from fondaco.trading.simulator.terms import BUFFER, share_parts

PART: Final = layout.PART
"""A weight of 1, in parts: weights are rounded to the nearest thousand-millionth."""
LOT_MAX: Final = 10_000


def weight_parts(weights: NDArray[np.float64], *, most: float = 1.0) -> Counts:
    """Return weights as parts, NO_TARGET where one is NaN.

    Raises InvalidInput for a weight that is infinite or beyond -`most` to `most`.
    """
    given = ~np.isnan(weights)
    if not (np.abs(weights[given]) <= most).all():
        where = tuple(int(place) for place in np.argwhere(given & ~(np.abs(weights) <= most))[0])
        raise InvalidInput(
            f"the weight in place {where} is out of range",
            value=weights[where],
            bound=f"-{most:g} to {most:g}",
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
    parts = int(weight_parts(np.array([weight], dtype=np.float64))[0])
    if parts == NO_TARGET:
        return Decimal(0)
    close, lots = to_micros(price), _whole("a lot", lot, 1, LOT_MAX)
    if close <= 0:
        raise InvalidInput("a position cannot be sized without a price", value=price, bound="> 0")
    investable = investable_of(to_micros(equity), share_parts(BUFFER))
    position = _whole("a position", held)
    return Decimal(sized(investable, parts, close, lots, position, to_micros(trade_min)))


def _whole(name: str, value: Decimal, least: int = -(10**12), most: int = 10**12) -> int:
    if value != int(value) or not least <= value <= most:
        raise InvalidInput(
            f"{name} must be a whole number of shares", value=value, bound=f"{least} to {most}"
        )
    return int(value)

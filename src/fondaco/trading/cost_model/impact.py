"""The price that an order gives up: half the spread and its own effect on the market, compiled.

In parts per billion (ppb) of the price, so that one basis point is 100,000. With q the order's
quantity, V the volume of an average day and s the volatility of a day, the concession is

    half spread + s * (Y * (q / V) ** p + c * q / V)

The square root (p = 1/2) is Torre and Ferrari's, "Market Impact Model Handbook" (Barra, 1997);
p = 3/5 with Y = 0.142 is the temporary impact of Almgren, Thum, Hauptmann and Li, "Direct
estimation of equity market impact" (Risk, 2005); the linear term is Kyle's lambda (Econometrica
53, 1985). Y and c are of the average price of the whole order, not of its last share.

Doubles without fastmath: each step is monotone, so the concession never falls as the quantity
grows. Square roots are exact by IEEE 754 and the same on every machine; another power is as exact
as the machine's library, which may differ by 1 ppb.
"""

import math
from typing import Final

from numba import float64, int64, njit

from fondaco.trading.cost_model.units import CONCESSION_MAX, PPB

_MOST: Final = float(CONCESSION_MAX)


@njit(int64(int64, float64, float64, float64, int64, int64, int64), cache=True, error_model="numpy")
def concession_ppb(
    half_spread: int,
    coefficient: float,
    power: float,
    linear: float,
    sigma: int,
    quantity: int,
    adv: int,
) -> int:
    """Return what an order gives up in ppb of its price, 0 to CONCESSION_MAX.

    `half_spread` and `sigma` (of a day) are in ppb, `coefficient` (Y), `power` (p) and `linear`
    (c) plain numbers, none negative; `quantity` and `adv` in shares. Where `adv` is not known (0)
    the order is taken to be as large as a whole day's volume: the pessimistic choice for every
    order that is smaller. The quantity is that of the whole order, whatever part has filled.
    """
    part = float(quantity) / float(adv) if adv > 0 else 1.0
    bent = math.sqrt(part) if power == 0.5 else part**power
    given = float(half_spread) + float(sigma) * (coefficient * bent + linear * part)
    if given >= _MOST:
        return CONCESSION_MAX
    return round(given)


@njit(int64(int64, int64, int64, float64), cache=True, error_model="numpy")
def spread_ppb(half_spread: int, sigma: int, sigma_reference: int, exponent: float) -> int:
    """Return half a spread scaled by volatility: times (sigma / sigma_reference) ** exponent.

    All but the exponent in ppb, `sigma_reference` above 0; at most CONCESSION_MAX.
    """
    if exponent == 0.0:
        return min(half_spread, CONCESSION_MAX)
    ratio = float(sigma) / float(sigma_reference)
    factor = math.sqrt(ratio) if exponent == 0.5 else ratio**exponent
    given = float(half_spread) * factor
    if given >= _MOST:
        return CONCESSION_MAX
    return round(given)


@njit(int64(int64, int64, int64), cache=True, error_model="numpy")
def conceded_price(price: int, side: int, concession: int) -> int:
    """Return a price in micros after a concession: up for a buy (+1), down for a sell (-1).

    What is given up is rounded up to the micro, against the trader; the price stays above 0.
    `price` is at most 1e14, so nothing overflows.
    """
    whole, rest = price // PPB, price % PPB
    given = whole * concession + (rest * concession + PPB - 1) // PPB
    return max(price + side * given, 1)

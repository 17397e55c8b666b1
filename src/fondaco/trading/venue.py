"""The simulated venue: one compiled kernel that fills a bar's orders, exact to the last digit.

The sweep, the event backtest and the paper broker all call `fill_bar`, so the same orders give
the same fills in each. `docs/explanation/fills.md` states every rule in plain words. All numbers
are int64: prices and cash in micros, quantities in shares (plus buys, minus sells), rates in
hundredths of a basis point.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final

import numpy as np
from numba import boolean, int64, njit, types
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Fill, Order
from fondaco.core.prices import Bar
from fondaco.trading import costs as units
from fondaco.trading.costs import Costs, from_micros, to_micros

Counts = NDArray[np.int64]
"""Whole numbers: micros, shares or parts, as the name says."""

OVERFLOW: Final = -1
"""What `fill_bar` gives when a count would pass COUNT_MAX."""

_COUNT_MAX: Final = units.COUNT_MAX
_FEE_UNIT: Final = units.FEE_UNIT
_CENT: Final = units.CENT

_READ = types.Array(int64, 1, "C", readonly=True)
_WRITE = int64[::1]


# `error_model="numpy"` leaves out the checks for a division by zero: no divisor here can be 0.
@njit(int64(int64, int64, int64), cache=True, error_model="numpy")
def fee_micros(notional: int, rate: int, fee_min: int) -> int:
    """Return the fee of a traded value, half up to the cent, at least `fee_min`."""
    whole, rest = notional // _FEE_UNIT, notional % _FEE_UNIT  # apart, so that nothing overflows
    cents = whole * rate + (2 * rest * rate + _FEE_UNIT) // (2 * _FEE_UNIT)
    return max(cents * _CENT, fee_min)


@njit(int64(_READ, _WRITE, _WRITE, _WRITE, int64, int64, _WRITE, _WRITE), cache=True)
def fill_bar(
    price: Counts,
    working: Counts,
    position: Counts,
    cash: Counts,
    rate: int,
    fee_min: int,
    filled: Counts,
    fee: Counts,
) -> int:
    """Fill the working orders of one bar and return how many were filled.

    `price` (N,) is what each instrument trades at in this bar, 0 where it does not trade: its
    order then stays working. `working` (N,) signed quantities, `position` (N,) and `cash` (1,)
    are changed in place; `filled` (N,) and `fee` (N,) are written: signed quantity and fee of
    each fill, 0 for none. Gives OVERFLOW, with the state half changed, when a count grows past
    COUNT_MAX.
    """
    fills = 0
    for i in range(len(working)):
        filled[i], fee[i] = 0, 0
        if working[i] == 0 or price[i] == 0:
            continue
        if abs(float(working[i]) * float(price[i])) > _COUNT_MAX:
            return OVERFLOW
        notional = working[i] * price[i]
        charged = fee_micros(abs(notional), rate, fee_min)
        after = cash[0] - notional - charged
        if abs(after) > _COUNT_MAX:
            return OVERFLOW
        cash[0] = after
        position[i] += working[i]
        filled[i], fee[i], working[i] = working[i], charged, 0
        fills += 1
    return fills


# Only the guard is a float sum: its order is free, so that the loop can run side by side.
@njit(boolean(_READ, _WRITE, _WRITE), cache=True, fastmath={"reassoc", "nsz"})
def within_count(price: Counts, position: Counts, cash: Counts) -> bool:
    """Return whether cash and positions at these prices, all without signs, can be counted."""
    guard = abs(float(cash[0]))
    for i in range(len(position)):
        guard += abs(float(position[i]) * float(price[i]))
    return guard <= _COUNT_MAX


@njit(int64(_READ, _WRITE, _WRITE, _WRITE), cache=True)
def account_value(last: Counts, position: Counts, cash: Counts, gross: Counts) -> int:
    """Return cash plus positions at their last prices; `within_count` must hold for them.

    `gross` (1,) is written: the positions' value without their signs.
    """
    value, total = 0, 0
    for i in range(len(position)):
        worth = position[i] * last[i]
        value += worth
        total += abs(worth)
    gross[0] = total
    return int(value + cash[0])


def array_micros(prices: NDArray[np.float64]) -> Counts:
    """Return float prices in micros, 0 where there is none (NaN).

    Each is rounded half to even as its shortest decimal text, so that it equals `to_micros` of
    the same price written as a Decimal. Raises InvalidInput for a price that is infinite, not
    positive, too large, or so small that it rounds to nothing.
    """
    missing = np.isnan(prices)
    with np.errstate(over="ignore"):
        scaled = np.where(missing, 0.0, prices) * units.MICRO
    usable = missing | ((scaled > 0.5) & (scaled <= units.PRICE_MAX))
    if not usable.all():
        where = tuple(int(place) for place in np.argwhere(~usable)[0])
        raise InvalidInput(
            f"the venue cannot trade at the price in place {where}",
            value=prices[where],
            bound=f"0.000001 to {units.PRICE_MAX // units.MICRO:,}",
        )
    counts: Counts = np.rint(scaled).astype(np.int64, order="C")
    for place in np.argwhere(_near_half(scaled)):
        counts[tuple(place)] = to_micros(Decimal(str(prices[tuple(place)])))
    return counts


def _near_half(scaled: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where multiplying by a million may have crossed the half between two micros."""
    gap = np.abs(np.abs(scaled - np.floor(scaled)) - 0.5)
    close: NDArray[np.bool_] = gap <= 4 * np.spacing(scaled)
    return close


def fill_price(bar: Bar) -> Decimal:
    """Return what an order trades at in a bar: its open, or its close where it has no open."""
    return bar.close if bar.open is None else bar.open


def whole_shares(order: Order) -> bool:
    """Return whether the venue takes the order's quantity: whole, and small enough to count."""
    return order.quantity == order.quantity.to_integral_value() and (
        order.quantity <= units.COUNT_MAX // units.MICRO
    )


def fill_in_bar(order: Order, bar: Bar, costs: Costs, currency: str) -> Fill:
    """Return the fill of one order in the first bar after its decision, by the kernel.

    It depends on the order and the bar alone. Raises InvalidInput when the quantity is not whole
    or the value is beyond what the venue counts.
    """
    if not whole_shares(order):
        raise InvalidInput(
            "the venue trades whole shares",
            value=order.quantity,
            bound="1, 2, 3, …",
            remedy="Round the quantity towards zero.",
        )
    price = np.array([to_micros(fill_price(bar))], dtype=np.int64)
    working = np.array([int(order.quantity) * order.side.sign], dtype=np.int64)
    state = np.zeros((4, 1), dtype=np.int64)
    fills = fill_bar(
        price, working, state[0], state[1], costs.rate, costs.fee_min_micros, state[2], state[3]
    )
    if fills != 1:
        raise InvalidInput(
            "the venue cannot count so large a trade",
            value=f"{order.quantity} at {fill_price(bar)}",
            bound=f"a value of at most {units.COUNT_MAX // units.MICRO:,}",
        )
    return as_fill(order, int(price[0]), int(state[3, 0]), bar.ts, bar.known_at, currency)


def as_fill(
    order: Order, price: int, fee: int, ts: datetime, known_at: datetime, currency: str
) -> Fill:
    """Return what the kernel did to an order as a core value; one fill for one order."""
    return Fill(
        f"X-{order.client_id}",
        order.client_id,
        order.account,
        order.instrument,
        order.side,
        order.quantity,
        from_micros(price),
        from_micros(fee),
        currency,
        ts,
        known_at,
    )


def held_after(fills: Iterable[Fill]) -> dict[InstrumentId, Decimal]:
    """Return what fills add up to by instrument; what stands at zero is left out."""
    held: dict[InstrumentId, Decimal] = {}
    for fill in fills:
        before = held.get(fill.instrument, Decimal(0))
        held[fill.instrument] = before + fill.side.sign * fill.quantity
    return {instrument: quantity for instrument, quantity in held.items() if quantity}

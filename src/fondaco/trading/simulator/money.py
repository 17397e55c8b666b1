"""The kernel's arithmetic of money: exact, towards zero, never in floats where it decides."""

import numpy as np
from numba import int64

from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Account, Counts, Market
from fondaco.trading.simulator.compiled import hot, inner, kernel

_COUNT_MAX = float(x.COUNT_MAX)


@kernel(int64(int64, int64, int64))
def of_parts(amount: int, parts: int, unit: int) -> int:
    """Return amount x parts / unit towards zero, for both not negative; nothing overflows."""
    whole, rest = amount // unit, amount % unit
    return whole * parts + rest * (parts // unit) + rest * (parts % unit) // unit


@kernel(int64(int64, int64))
def share_of(amount: int, whole: int) -> int:
    """Return amount / whole in parts, rounded down, for 0 <= amount and 0 < whole.

    A digit at a time, for amount x PART does not fit where both are money.
    """
    if whole > x.COUNT_MAX // 10:
        amount, whole = amount // 10, whole // 10
    parts, rest = amount // whole, amount % whole
    for _ in range(9):
        parts, rest = parts * 10 + rest * 10 // whole, rest * 10 % whole
    return parts


@inner
def signed_parts(amount: int, parts: int, unit: int) -> int:
    """Return amount x parts / unit towards zero, for any sign of the amount."""
    if amount < 0:
        return -of_parts(-amount, parts, unit)
    return of_parts(amount, parts, unit)


@inner
def countable(quantity: int, price: int) -> bool:
    """Return whether a value can be counted."""
    return abs(float(quantity) * float(price)) <= _COUNT_MAX


@inner
def in_base(m: Market, terms: Counts, t: int, i: int, amount: int) -> int:
    """Return an amount of an instrument's currency in the account's, without cost."""
    if terms[x.FOREIGN] == 0 or m.names[x.CURRENCY, i] == 0:
        return amount
    return signed_parts(amount, m.rows[x.FX + m.names[x.CURRENCY, i], t], x.FX_UNIT)


@inner
def exchanged(m: Market, terms: Counts, t: int, i: int, amount: int) -> int:
    """Return what an amount of the instrument's currency brings (or costs) in the account's.

    The account gives more and gets less by FX_COST; both are rounded against it.
    """
    if terms[x.FOREIGN] == 0 or m.names[x.CURRENCY, i] == 0:
        return amount
    value = signed_parts(amount, m.rows[x.FX + m.names[x.CURRENCY, i], t], x.FX_UNIT)
    cost = of_parts(abs(value), terms[x.FX_COST], x.PART)
    return value - cost - (1 if amount < 0 else 0)


@inner
def on_tick(price: int, tick: int, side: int) -> int:
    """Return a price on the grid of ticks, up for side 1 and down for side -1."""
    below = price - price % tick
    return below + tick if side > 0 and below != price else below


@inner
def note(
    a: Account,
    kind: int,
    t: int,
    k: int,
    column: int,
    quantity: int,
    price: int,
    fee: int,
    cash: int,
    why: int,
) -> None:
    """Write an event to the log, or only count it where there is no room; k < 0: no order."""
    row = a.vector[x.LOGGED]
    if row < len(a.log):
        a.log[row, x.E_KIND], a.log[row, x.E_ROW], a.log[row, x.E_COLUMN] = kind, t, column
        a.log[row, x.E_ORDER] = a.orders[k, x.ID] if k >= 0 else 0
        a.log[row, x.E_DECIDED] = a.orders[k, x.DECIDED] if k >= 0 else t
        a.log[row, x.E_QUANTITY], a.log[row, x.E_PRICE] = quantity, price
        a.log[row, x.E_FEE], a.log[row, x.E_CASH], a.log[row, x.E_WHY] = fee, cash, why
        a.log[row, x.E_FX] = 0
    a.vector[x.LOGGED] = row + 1


@hot
def worth(m: Market, terms: Counts, t: int, a: Account, record: Counts) -> int:
    """Write the account's value at row t to its record and return it.

    Positions stand at their last known close. Sets OVERDRAWN when a sum is too large to count.
    """
    value, gross, guard = 0, 0, abs(float(a.vector[x.CASH]))
    for i in range(m.bars.shape[2]):
        held = a.holding[x.POSITION, i]
        if held == 0:
            continue
        guard += abs(float(held) * float(m.bars[terms[x.MARK], t, i]))
        if guard > _COUNT_MAX:
            a.vector[x.OVERDRAWN] = 1
            return 0
        here = in_base(m, terms, t, i, held * m.bars[terms[x.MARK], t, i])
        value += here
        gross += abs(here)
    equity = value + a.vector[x.CASH]
    record[x.EQUITY, t], record[x.R_CASH, t] = equity, a.vector[x.CASH]
    record[x.EXPOSURE, t] = gross
    return int(equity)


def new_account(names: int, slots: int, room: int, capital: int) -> Account:
    """Return an account that holds `capital` micros and nothing else."""
    vector = np.zeros(x.ACCOUNT_WIDTH, dtype=np.int64)
    vector[x.CASH], vector[x.NEXT_ID], vector[x.ACCRUED] = capital, 1, -1
    vector[x.REQUIRED_ROW] = -1
    return Account(
        vector,
        np.zeros((x.HOLDING_WIDTH, names), dtype=np.int64),
        np.zeros((slots, x.ORDER_WIDTH), dtype=np.int64),
        np.zeros((room, x.EVENT_WIDTH), dtype=np.int64),
    )

"""Whole histories in one compiled call: many sets of targets and orders over one market."""

import numpy as np
from numba import int64

from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import (
    GRID,
    MARKET,
    ROW,
    TABLE,
    Account,
    Counts,
    Market,
)
from fondaco.trading.simulator.compiled import inner, kernel
from fondaco.trading.simulator.step import bar
from fondaco.trading.simulator.targets import EXITS_MAX, place_targets, take_targets
from fondaco.trading.simulator.working import accept


@inner
def send_due(
    m: Market, terms: Counts, t: int, a: Account, orders: Counts, first: int, end: int
) -> int:
    """Send the orders that row t decided; returns the next one, or -1 when the table is full."""
    n = first
    while n < end and orders[n, x.DECIDED] == t:
        k = a.vector[x.LIVE]
        if k == len(a.orders):
            return -1
        for column in range(x.ORDER_WIDTH):
            a.orders[k, column] = orders[n, column]
        accept(m, terms, t, a)
        n += 1
    return n


# fmt: off
@inner
def play(m: Market, terms: Counts, a: Account, rows: Counts, parts: Counts, decision: int,
         decisions: int, orders: Counts, order: int, order_end: int, record: Counts) -> int:
    """Play one set: targets `rows`, `parts` from `decision` to `decisions`, and its orders.

    `orders` (K, 28) are rows of the order table, rising by the row that decides them (DECIDED).
    Returns OK, OVERFLOW or NO_ROOM.
    """
    waits, slots = False, len(a.orders) - (1 + EXITS_MAX) * m.bars.shape[2]
    for t in range(terms[x.FIRST], m.bars.shape[1]):
        status = bar(m, terms, t, a, record)
        if status != x.OK:
            return status
        if order < order_end:
            order = send_due(m, terms, t, a, orders, order, order_end)
            if order < 0:
                return x.NO_ROOM
        if decision < decisions and rows[decision] == t:
            take_targets(parts[decision], a)
            decision, waits = decision + 1, True
        if waits:
            if a.vector[x.LIVE] > slots:
                return x.NO_ROOM
            waits = place_targets(m, terms, t, a, record[x.EQUITY, t])
    return x.OK


@kernel(int64(MARKET, ROW, ROW, ROW, GRID, ROW, GRID, int64[:, :, ::1], int64, TABLE, int64[::1]),
        allocates=True)
def play_all(m: Market, terms: Counts, starts: Counts, rows: Counts, parts: Counts,
             order_starts: Counts, orders: Counts, record: Counts, slots: int, log: Counts,
             logged: Counts) -> int:
    """Play many sets, each on an account of its own; the log serves the last of them."""
    for p in range(len(starts) - 1):
        vector = np.zeros(x.ACCOUNT_WIDTH, dtype=np.int64)
        vector[x.CASH], vector[x.NEXT_ID] = terms[x.CAPITAL], 1
        vector[x.ACCRUED], vector[x.REQUIRED_ROW] = -1, -1
        a = Account(vector, np.zeros((x.HOLDING_WIDTH, m.bars.shape[2]), dtype=np.int64),
                    np.zeros((slots, x.ORDER_WIDTH), dtype=np.int64), log)
        status = play(m, terms, a, rows, parts, starts[p], starts[p + 1], orders,
                      order_starts[p], order_starts[p + 1], record[p])
        logged[p] = vector[x.LOGGED]
        if status != x.OK:
            return status
    return x.OK
# fmt: on

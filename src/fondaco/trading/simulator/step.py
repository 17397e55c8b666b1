"""The kernel: one bar, from before its open to after its close, for one account."""

from numba import int64

from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import (
    ACCOUNT,
    MARKET,
    ROW,
    TABLE,
    Account,
    Counts,
    Market,
)
from fondaco.trading.simulator.compiled import hot, inner, kernel
from fondaco.trading.simulator.events import carry, corporate_actions
from fondaco.trading.simulator.margin import required_for
from fondaco.trading.simulator.matching import match, quiet
from fondaco.trading.simulator.money import of_parts, share_of, worth
from fondaco.trading.simulator.working import accept, compact, end_order


@inner
def _call(t: int, a: Account, missing: int) -> None:
    """Note a margin call once, with what is missing."""
    if a.vector[x.CALLED] == 0:
        row = a.vector[x.LOGGED]
        if row < len(a.log):
            a.log[row] = 0
            a.log[row, x.E_KIND], a.log[row, x.E_ROW] = x.Event.MARGIN_CALL, t
            a.log[row, x.E_PRICE], a.log[row, x.E_DECIDED] = missing, t
        a.vector[x.LOGGED] = row + 1
    a.vector[x.CALLED] = 1


@inner
def _forced(a: Account, i: int, side: int, quantity: int) -> None:
    """Write a liquidating order behind the last live row."""
    k = a.vector[x.LIVE]
    for column in range(x.ORDER_WIDTH):
        a.orders[k, column] = 0
    a.orders[k, x.COLUMN], a.orders[k, x.SIDE], a.orders[k, x.QUANTITY] = i, side, quantity
    a.orders[k, x.KIND], a.orders[k, x.TIF] = x.Kind.MARKET, x.Tif.GTC
    a.orders[k, x.ID] = x.OWN + a.vector[x.MADE]
    a.vector[x.MADE] += 1
    a.orders[k, x.REDUCE], a.orders[k, x.WHY] = 1, x.Why.LIQUIDATION


@inner
def guard_margin(m: Market, terms: Counts, t: int, a: Account, equity: int) -> int:
    """Call an account that holds too little, and cut it down; returns 0 when there is no room.

    In a call all orders end and every position is cut by the same share, up to whole lots, so
    that the initial margin of the rest is covered; the cuts are market orders for the next open.
    """
    needed = required_for(m, terms, t, a, x.POSITION, 1)
    if equity >= needed:
        a.vector[x.CALLED] = 0
        return 1
    names = m.bars.shape[2]
    for k in range(a.vector[x.LIVE]):
        end_order(t, a, k, x.Event.CANCELLED, x.Why.LIQUIDATION)
    compact(a)
    if len(a.orders) < names:
        return 0
    _call(t, a, needed - equity)
    initial = required_for(m, terms, t, a, x.POSITION, 0)
    kept = share_of(max(equity, 0), max(initial, 1))
    for i in range(names):
        held, lot = a.holding[x.POSITION, i], m.names[x.LOT, i]
        if held == 0:
            continue
        keep = of_parts(abs(held), kept, x.PART)
        keep -= keep % lot
        _forced(a, i, -1 if held > 0 else 1, abs(held) - keep)
        accept(m, terms, t, a)
    return 1


@hot
def bar(m: Market, terms: Counts, t: int, a: Account, record: Counts) -> int:
    """Play bar t for an account: actions, carry, fills, value, margin; returns OK or a fault.

    `record` (3, T) takes the account's equity, cash and positions without signs.
    Decisions of this bar are taken after it.
    """
    if a.vector[x.ACTION] < len(m.actions):
        corporate_actions(m, terms, t, a)
    if terms[x.CREDIT] != 0 or terms[x.DEBIT] != 0 or terms[x.BORROWS] != 0:
        carry(m, terms, t, a)
    if a.vector[x.LIVE] > 0 and not quiet(m, terms, t, a):
        match(m, terms, t, a)
        compact(a)
    equity = worth(m, terms, t, a, record)
    if a.vector[x.OVERDRAWN] == 1:
        return x.OVERFLOW
    if terms[x.MAINTENANCE_ON] == 1 and not guard_margin(m, terms, t, a, equity):
        return x.NO_ROOM
    return x.OK


@kernel(int64(MARKET, ROW, int64, ACCOUNT, TABLE))
def step_bar(m: Market, terms: Counts, t: int, a: Account, record: Counts) -> int:
    """Play one bar, for callers in Python: what `bar` is for kernels."""
    return bar(m, terms, t, a, record)


@kernel(int64(MARKET, ROW, int64, int64, int64, ACCOUNT, TABLE))
def step_bars(
    m: Market, terms: Counts, first: int, end: int, events: int, a: Account, record: Counts
) -> int:
    """Play bars from `first` to before `end`; returns the next bar, or -1 - t for a fault in t.

    It stops early where the order table has no room for a margin call, or the log none for
    `events` events for each live order and instrument.
    """
    names = m.bars.shape[2]
    for t in range(first, end):
        live = a.vector[x.LIVE]
        full = live + names > len(a.orders)
        if full or a.vector[x.LOGGED] + events * (live + names) > len(a.log):
            return t
        if bar(m, terms, t, a, record) != x.OK:
            return -1 - t
    return end

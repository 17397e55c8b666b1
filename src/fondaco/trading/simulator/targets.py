"""From target weights to orders: whole lots, cut towards zero, with their exits."""

from numba import boolean, int64

from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import ACCOUNT, MARKET, ROW, Account, Counts, Market
from fondaco.trading.simulator.compiled import inner, kernel
from fondaco.trading.simulator.money import in_base, of_parts
from fondaco.trading.simulator.working import accept, compact, end_order

NO_TARGET = -(2**63)
"""Stands for a weight that is not given (NaN): that instrument is left alone."""
EXITS_MAX = 3


@kernel(int64(int64, int64, int64, int64, int64, int64))
def sized(investable: int, target: int, price: int, lot: int, position: int, trade_min: int) -> int:
    """Return the signed quantity that brings a position to its target, 0 for nothing to do.

    Target value = |target| parts of `investable`, in whole lots towards zero. A trade worth less
    than `trade_min` is skipped, save one that ends a position.
    """
    lots = of_parts(investable, abs(target), x.PART) // (price * lot)
    wanted = lots * lot if target > 0 else -lots * lot
    change = wanted - position
    if change != 0 and wanted != 0 and abs(float(change) * float(price)) < trade_min:
        return 0
    return int(change)


@kernel(int64(int64, int64))
def investable_of(equity: int, buffer: int) -> int:
    """Return equity less the part that is never invested; 0 for an account below zero."""
    return int(max(equity, 0) - of_parts(max(equity, 0), buffer, x.PART))


@inner
def take_targets(row: Counts, a: Account) -> None:
    """Take the weights that a row decides."""
    for i in range(len(row)):
        if row[i] != NO_TARGET:
            a.holding[x.TARGET, i], a.holding[x.DUE, i] = row[i], 1


@inner
def end_exits(t: int, a: Account, i: int) -> None:
    """End the exits of an instrument, for a new target."""
    for k in range(a.vector[x.LIVE]):
        if a.orders[k, x.COLUMN] == i and a.orders[k, x.PARENT] > 0:
            end_order(t, a, k, x.Event.CANCELLED, x.Why.NEW_TARGET)
    compact(a)


@inner
def write_order(a: Account, i: int, side: int, quantity: int, kind: int) -> None:
    """Write a plain order behind the last live row, good till it is cancelled."""
    k = a.vector[x.LIVE]
    for column in range(x.ORDER_WIDTH):
        a.orders[k, column] = 0
    a.orders[k, x.COLUMN], a.orders[k, x.SIDE], a.orders[k, x.QUANTITY] = i, side, quantity
    a.orders[k, x.KIND], a.orders[k, x.TIF] = kind, x.Tif.GTC


@inner
def add_exit(
    m: Market,
    terms: Counts,
    t: int,
    a: Account,
    i: int,
    side: int,
    entry: int,
    kind: int,
    parts: int,
) -> None:
    """Add an exit for all that is held, anchored to its entry's price."""
    write_order(a, i, side, x.ALL, kind)
    k = a.vector[x.LIVE]
    a.orders[k, x.PARENT], a.orders[k, x.GROUP], a.orders[k, x.REDUCE] = entry, entry, 1
    if kind == x.Kind.LIMIT:
        a.orders[k, x.LIMIT_PARTS] = parts
    elif kind == x.Kind.STOP:
        a.orders[k, x.STOP_PARTS] = parts
    else:
        a.orders[k, x.TRAIL_PARTS] = parts
    accept(m, terms, t, a)


@inner
def place(m: Market, terms: Counts, t: int, a: Account, i: int, change: int) -> None:
    """Send one order for a target, with the exits that the terms ask for."""
    held, side = a.holding[x.POSITION, i], 1 if change > 0 else -1
    exits = terms[x.EXIT_STOP] + terms[x.EXIT_TARGET] + terms[x.EXIT_TRAIL] > 0
    after = held + change
    grows = abs(after) > abs(held) or (held > 0) != (after > 0)
    write_order(a, i, side, abs(change), x.Kind.MARKET)
    a.orders[a.vector[x.LIVE], x.AT] = terms[x.TARGETS_AT]
    a.orders[a.vector[x.LIVE], x.REDUCE] = 1 if held * after >= 0 and not grows else 0
    entry = accept(m, terms, t, a)
    if not exits or entry == 0:
        return  # one that was refused leaves the position its exits
    if grows or after == 0:
        end_exits(t, a, i)
    if not grows or after == 0:
        return
    if terms[x.EXIT_STOP] > 0:
        add_exit(m, terms, t, a, i, -side, entry, x.Kind.STOP, terms[x.EXIT_STOP])
    if terms[x.EXIT_TRAIL] > 0:
        add_exit(m, terms, t, a, i, -side, entry, x.Kind.TRAILING_STOP, terms[x.EXIT_TRAIL])
    if terms[x.EXIT_TARGET] > 0:
        add_exit(m, terms, t, a, i, -side, entry, x.Kind.LIMIT, terms[x.EXIT_TARGET])


@kernel(boolean(MARKET, ROW, int64, ACCOUNT, int64))
def place_targets(m: Market, terms: Counts, t: int, a: Account, equity: int) -> bool:
    """Size and send what is due; returns whether a target still waits.

    An instrument is looked at while its target is due, it has a close, and no order works for it.
    `a.orders` needs room for an order and its exits per instrument.
    """
    investable = investable_of(equity, terms[x.BUFFER])
    waits = False
    for i in range(m.bars.shape[2]):
        if a.holding[x.DUE, i] == 0:
            continue
        if m.bars[terms[x.CLOSE], t, i] == 0 or a.holding[x.WORKING, i] != 0:
            waits = True
            continue
        a.holding[x.DUE, i] = 0
        price = in_base(m, terms, t, i, m.bars[terms[x.CLOSE], t, i])
        if a.holding[x.GONE, i] == 1 or price <= 0:
            continue
        change = sized(
            investable,
            a.holding[x.TARGET, i],
            price,
            m.names[x.LOT, i],
            a.holding[x.POSITION, i],
            terms[x.TRADE_MIN],
        )
        if change != 0:
            place(m, terms, t, a, i, change)
    return waits

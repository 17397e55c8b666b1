"""Orders in the table: how one is taken, woken, ended, and how the table is kept in order."""

from numba import int64

from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import ACCOUNT, MARKET, ROW, Account, Counts, Market
from fondaco.trading.simulator.compiled import inner, kernel
from fondaco.trading.simulator.margin import margin_allows
from fondaco.trading.simulator.money import note, of_parts, on_tick


@inner
def watch(a: Account, k: int) -> None:
    """Write between which prices an order has nothing to do."""
    kind, side = a.orders[k, x.KIND], a.orders[k, x.SIDE]
    low, high = x.NEVER, x.NEVER
    plain = a.orders[k, x.AT] == x.At.ANY and a.orders[k, x.TIF] not in (x.Tif.IOC, x.Tif.FOK)
    limited = kind == x.Kind.LIMIT or a.orders[k, x.STATE] == x.State.TRIGGERED
    if a.orders[k, x.STATE] in (x.State.ASLEEP, x.State.OVER):
        low = -1
    elif plain and limited:
        low, high = (a.orders[k, x.LIMIT], x.NEVER) if side > 0 else (-1, a.orders[k, x.LIMIT])
    elif plain and kind in (x.Kind.STOP, x.Kind.STOP_LIMIT):
        low, high = (-1, a.orders[k, x.STOP]) if side > 0 else (a.orders[k, x.STOP], x.NEVER)
    a.orders[k, x.LOW_ACT], a.orders[k, x.HIGH_ACT] = low, high


@inner
def level_of(a: Account, k: int) -> int:
    """Return the stop price of an order: its own, or a trail's distance from the best price."""
    if a.orders[k, x.KIND] != x.Kind.TRAILING_STOP:
        return int(a.orders[k, x.STOP])
    best, side = a.orders[k, x.EXTREME], a.orders[k, x.SIDE]
    distance = a.orders[k, x.TRAIL]
    if a.orders[k, x.TRAIL_PARTS] > 0:
        distance = of_parts(best, a.orders[k, x.TRAIL_PARTS], x.PART)
    return int(max(best + side * distance, 1))


@inner
def end_order(t: int, a: Account, k: int, kind: int, why: int) -> None:
    """End an order; what slept for it ends too if it never traded."""
    if a.orders[k, x.STATE] == x.State.OVER:
        return
    a.vector[x.REQUIRED_ROW] = -1
    i, left = a.orders[k, x.COLUMN], a.orders[k, x.QUANTITY] - a.orders[k, x.DONE]
    if a.orders[k, x.PLANS] == 1:
        a.holding[x.PLANNED, i] -= a.orders[k, x.SIDE] * left
    if a.orders[k, x.PARENT] == 0:
        a.holding[x.WORKING, i] -= 1
    else:
        a.vector[x.CHILDREN] -= 1
    if a.orders[k, x.TIF] in (x.Tif.DAY, x.Tif.GTD):
        a.vector[x.TIMED] -= 1
    a.orders[k, x.STATE] = x.State.OVER
    watch(a, k)
    if kind != 0:
        note(a, kind, t, k, i, a.orders[k, x.SIDE] * min(left, x.ALL), 0, 0, 0, why)
    if a.vector[x.CHILDREN] == 0:
        return
    for child in range(k + 1, a.vector[x.LIVE]):
        asleep = a.orders[child, x.STATE] == x.State.ASLEEP
        if asleep and a.orders[child, x.PARENT] == a.orders[k, x.ID]:
            a.orders[child, x.STATE] = x.State.OVER
            a.vector[x.CHILDREN] -= 1
            if a.orders[child, x.TIF] in (x.Tif.DAY, x.Tif.GTD):
                a.vector[x.TIMED] -= 1
            watch(a, child)
            note(a, x.Event.CANCELLED, t, child, i, 0, 0, 0, 0, x.Why.PARENT_ENDED)


@inner
def anchor(m: Market, a: Account, k: int, price: int) -> None:
    """Set an exit's prices by the mean price of its entry, on the grid, against the account."""
    side, tick = a.orders[k, x.SIDE], m.names[x.TICK, a.orders[k, x.COLUMN]]
    if a.orders[k, x.STOP_PARTS] > 0:
        distance = of_parts(price, a.orders[k, x.STOP_PARTS], x.PART)
        a.orders[k, x.STOP] = max(on_tick(price + side * distance, tick, side), tick)
    if a.orders[k, x.LIMIT_PARTS] > 0:
        distance = of_parts(price, a.orders[k, x.LIMIT_PARTS], x.PART)
        a.orders[k, x.LIMIT] = max(on_tick(price - side * distance, tick, -side), tick)


@inner
def wake_children(m: Market, t: int, a: Account, k: int, quantity: int, at_open: bool) -> None:
    """Let the exits of an order work for what it has traded."""
    if a.vector[x.CHILDREN] == 0:
        return
    mean = a.orders[k, x.NOTIONAL] // a.orders[k, x.DONE]
    for child in range(k + 1, a.vector[x.LIVE]):
        mine = a.orders[child, x.PARENT] == a.orders[k, x.ID]
        if not mine or a.orders[child, x.STATE] == x.State.OVER:
            continue
        if a.orders[child, x.STATE] == x.State.ASLEEP:
            a.orders[child, x.STATE] = x.State.WORKING
            a.orders[child, x.EXTREME] = mean
            a.orders[child, x.SINCE] = t if at_open else t + 1
        if a.orders[child, x.QUANTITY] < x.ALL:
            a.orders[child, x.QUANTITY] += quantity
        anchor(m, a, child, mean)
        watch(a, child)


@inner
def plans(a: Account, k: int) -> int:
    """Return 1 where margin counts an order as if it had traded, else 0.

    A market order does; one that rests does where it adds to a position, for it may fill, and not
    where it would make one smaller, for it may not. Exits never do.
    """
    i, side = a.orders[k, x.COLUMN], a.orders[k, x.SIDE]
    planned = a.holding[x.POSITION, i] + a.holding[x.PLANNED, i]
    smaller = side * planned < 0 and a.orders[k, x.QUANTITY] <= abs(planned)
    if a.orders[k, x.PARENT] > 0 or (a.orders[k, x.REDUCE] == 1 and not smaller):
        return 0
    return 1 if a.orders[k, x.KIND] == x.Kind.MARKET or not smaller else 0


@inner
def works(a: Account, identity: int) -> bool:
    """Return whether an order is still in the table."""
    for k in range(a.vector[x.LIVE]):
        if a.orders[k, x.ID] == identity and a.orders[k, x.STATE] != x.State.OVER:
            return True
    return False


@inner
def refused(m: Market, terms: Counts, t: int, a: Account, k: int) -> bool:
    """Return whether a new order may not work, having noted why."""
    i = a.orders[k, x.COLUMN]
    why = x.Why.NONE
    trails = a.orders[k, x.KIND] == x.Kind.TRAILING_STOP
    if a.holding[x.GONE, i] == 1:
        why = x.Why.DELISTED
    elif trails and a.orders[k, x.PARENT] == 0 and m.bars[terms[x.MARK], t, i] == 0:
        why = x.Why.NO_PRICE
    elif a.orders[k, x.PARENT] > 0:
        why = x.Why.NONE if works(a, a.orders[k, x.PARENT]) else x.Why.PARENT_ENDED
    elif a.orders[k, x.WHY] == x.Why.LIQUIDATION:
        why = x.Why.NONE
    elif a.orders[k, x.PLANS] == 1 and not margin_allows(m, terms, t, a, k):
        why = x.Why.MARGIN
    if why == x.Why.NONE:
        return False
    quantity = a.orders[k, x.SIDE] * a.orders[k, x.QUANTITY]
    note(a, x.Event.REJECTED, t, k, i, quantity, 0, 0, 0, why)
    return True


@kernel(int64(MARKET, ROW, int64, ACCOUNT))
def accept(m: Market, terms: Counts, t: int, a: Account) -> int:
    """Take the order that was written behind the last live row; returns its id, 0 if refused.

    It can trade from the next row on. Prices are put on the grid of ticks: a limit against the
    order, a stop so that it triggers later.
    """
    k = a.vector[x.LIVE]
    i, side, tick = (
        a.orders[k, x.COLUMN],
        a.orders[k, x.SIDE],
        m.names[x.TICK, a.orders[k, x.COLUMN]],
    )
    given = a.orders[k, x.ID]
    identity = given if given > 0 else a.vector[x.NEXT_ID]
    a.orders[k, x.ID], a.orders[k, x.DECIDED], a.orders[k, x.SINCE] = identity, t, t
    if identity < x.OWN:
        a.vector[x.NEXT_ID] = max(a.vector[x.NEXT_ID], identity + 1)
    a.orders[k, x.PLANS] = plans(a, k)
    if refused(m, terms, t, a, k):
        return 0
    a.orders[k, x.LIMIT] = on_tick(a.orders[k, x.LIMIT], tick, -side)
    a.orders[k, x.STOP] = on_tick(a.orders[k, x.STOP], tick, side)
    a.orders[k, x.DONE], a.orders[k, x.NOTIONAL], a.orders[k, x.PAID] = 0, 0, 0
    a.orders[k, x.EXTREME] = m.bars[terms[x.MARK], t, i]
    asleep = a.orders[k, x.PARENT] > 0
    a.orders[k, x.STATE] = x.State.ASLEEP if asleep else x.State.WORKING
    if asleep and a.orders[k, x.QUANTITY] < x.ALL:
        a.orders[k, x.QUANTITY] = 0
    if a.orders[k, x.PARENT] > 0:
        a.vector[x.CHILDREN] += 1
    else:
        a.holding[x.WORKING, i] += 1
    if a.orders[k, x.PLANS] == 1:
        a.holding[x.PLANNED, i] += side * a.orders[k, x.QUANTITY]
    if a.orders[k, x.TIF] in (x.Tif.DAY, x.Tif.GTD):
        a.vector[x.TIMED] += 1
    a.vector[x.LIVE] = k + 1
    watch(a, k)
    quantity = min(a.orders[k, x.QUANTITY], x.ALL)
    note(a, x.Event.ACCEPTED, t, k, i, side * quantity, 0, 0, 0, a.orders[k, x.WHY])
    return int(identity)


@inner
def compact(a: Account) -> None:
    """Take the orders that are over out of the table; the others keep their order."""
    kept = 0
    for k in range(a.vector[x.LIVE]):
        if a.orders[k, x.STATE] == x.State.OVER:
            continue
        if kept != k:
            for column in range(x.ORDER_WIDTH):
                a.orders[kept, column] = a.orders[k, column]
        kept += 1
    a.vector[x.LIVE] = kept


@kernel(int64(int64, ACCOUNT, int64))
def cancel(t: int, a: Account, identity: int) -> int:
    """Cancel an order because its owner asks; returns 1, or 0 when it works no longer."""
    for k in range(a.vector[x.LIVE]):
        if a.orders[k, x.ID] == identity:
            end_order(t, a, k, x.Event.CANCELLED, x.Why.ASKED)
            compact(a)
            return 1
    return 0

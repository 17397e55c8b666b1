"""What one bar does to the working orders: at its open, within it, at its close.

`docs/explanation/fills.md` states every rule. Within a bar the path of the price is not known:
stops and trails are looked at before limits, so that where a bar touches both, the worse one
fills first.
"""

from fondaco.trading.cost_model.impact import conceded_price, concession_ppb
from fondaco.trading.cost_model.kernel import charge_total
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Account, Counts, Market
from fondaco.trading.simulator.compiled import hot, inner
from fondaco.trading.simulator.money import (
    countable,
    exchanged,
    in_base,
    note,
    of_parts,
    on_tick,
)
from fondaco.trading.simulator.working import end_order, level_of, wake_children, watch


@inner
def conceded(m: Market, terms: Counts, t: int, a: Account, k: int, price: int) -> int:
    """Return the price of one who takes: worse by spread and impact, on the tick beyond it."""
    if terms[x.CONCEDES] == 0:
        return price
    i, side = a.orders[k, x.COLUMN], a.orders[k, x.SIDE]
    size = a.orders[k, x.QUANTITY]
    if size >= x.ALL:
        size = abs(a.holding[x.POSITION, i])
    ppb = concession_ppb(
        m.bars[terms[x.HALF_SPREAD], t, i],
        terms[x.IMPACT] / x.PART,
        terms[x.IMPACT_POWER] / x.PART,
        terms[x.IMPACT_LINEAR] / x.PART,
        m.bars[terms[x.SIGMA], t, i],
        size,
        m.bars[terms[x.ADV], t, i],
    )
    if ppb == 0:
        return price
    moved = conceded_price(price, side, ppb)
    return int(max(on_tick(moved, m.names[x.TICK, i], side), m.names[x.TICK, i]))


@inner
def fillable(m: Market, terms: Counts, t: int, a: Account, k: int) -> int:
    """Return how many shares of an order this bar can trade; ends one that can never trade."""
    i, side = a.orders[k, x.COLUMN], a.orders[k, x.SIDE]
    held = a.holding[x.POSITION, i]
    left = a.orders[k, x.QUANTITY] - a.orders[k, x.DONE]
    whole = left
    if a.orders[k, x.REDUCE] == 1:
        left = min(left, max(-side * held, 0))
        if left == 0:
            end_order(t, a, k, x.Event.CANCELLED, x.Why.NOTHING_TO_REDUCE)
            return 0
    if side < 0 and m.names[x.LOCATE, i] >= 0 and held - left < -m.names[x.LOCATE, i]:
        left = max(held + m.names[x.LOCATE, i], 0)
        if left == 0:
            end_order(t, a, k, x.Event.CANCELLED, x.Why.NO_LOCATE)
            return 0
    if terms[x.PARTICIPATION] > 0:
        room = (
            of_parts(m.bars[terms[x.VOLUME], t, i], terms[x.PARTICIPATION], x.PART)
            - a.holding[x.USED, i]
        )
        room = max(room - room % m.names[x.LOT, i], 0)
        left = min(left, room)
    if left < whole and a.orders[k, x.TIF] == x.Tif.FOK:
        return 0
    return int(left)


@inner
def share_group(t: int, a: Account, k: int, quantity: int) -> None:
    """Take what one order of a group traded from the others; end those with nothing left."""
    group = a.orders[k, x.GROUP]
    for other in range(a.vector[x.LIVE]):
        if other == k or a.orders[other, x.GROUP] != group:
            continue
        if a.orders[other, x.STATE] == x.State.OVER:
            continue
        cut = min(quantity, a.orders[other, x.QUANTITY] - a.orders[other, x.DONE])
        if a.orders[other, x.QUANTITY] < x.ALL:
            a.orders[other, x.QUANTITY] -= cut
            if a.orders[other, x.PLANS] == 1:
                i = a.orders[other, x.COLUMN]
                a.holding[x.PLANNED, i] -= a.orders[other, x.SIDE] * cut
        gone = a.orders[other, x.QUANTITY] <= a.orders[other, x.DONE]
        flat = a.holding[x.POSITION, a.orders[other, x.COLUMN]] == 0
        if gone or (a.orders[other, x.REDUCE] == 1 and flat):
            end_order(t, a, other, x.Event.CANCELLED, x.Why.OTHER_FILLED)


@inner
def end_entry(t: int, a: Account, k: int) -> None:
    """End what is left of the entry whose exit has traded."""
    for parent in range(a.vector[x.LIVE]):
        if a.orders[parent, x.ID] == a.orders[k, x.PARENT]:
            end_order(t, a, parent, x.Event.CANCELLED, x.Why.EXIT_FILLED)


@inner
def settle(
    m: Market, terms: Counts, t: int, a: Account, k: int, price: int, quantity: int, at_open: bool
) -> None:
    """Book a fill of an order: shares, cash, charges, and what it does to other orders."""
    i, side = a.orders[k, x.COLUMN], a.orders[k, x.SIDE]
    if not countable(a.orders[k, x.DONE] + quantity, price):
        a.vector[x.OVERDRAWN] = 1
        return
    value = quantity * price
    a.orders[k, x.DONE] += quantity
    a.orders[k, x.NOTIONAL] += value
    total = charge_total(
        m.charges[m.rows[x.SCHEDULE, t]], side, a.orders[k, x.DONE], a.orders[k, x.NOTIONAL]
    )
    if total < 0:
        a.vector[x.OVERDRAWN] = 1
        return
    fee = max(total - a.orders[k, x.PAID], 0)
    a.orders[k, x.PAID] += fee
    flow = exchanged(m, terms, t, i, -side * value - fee)
    a.vector[x.CASH] += flow
    if abs(float(a.vector[x.CASH]) + float(flow)) > x.COUNT_MAX:
        a.vector[x.OVERDRAWN] = 1
    a.holding[x.POSITION, i] += side * quantity
    a.holding[x.USED, i] += quantity
    if a.orders[k, x.PLANS] == 1:
        a.holding[x.PLANNED, i] -= side * quantity
    a.vector[x.TRADED] += abs(in_base(m, terms, t, i, value))
    a.vector[x.FEES] += in_base(m, terms, t, i, fee)
    note(a, x.Event.FILLED, t, k, i, side * quantity, price, fee, flow, a.orders[k, x.WHY])
    if terms[x.FOREIGN] == 1 and a.vector[x.LOGGED] <= len(a.log):
        a.log[a.vector[x.LOGGED] - 1, x.E_FX] = m.rows[x.FX + m.names[x.CURRENCY, i], t]
    if a.orders[k, x.GROUP] > 0:
        share_group(t, a, k, quantity)
    if a.orders[k, x.PARENT] > 0:
        end_entry(t, a, k)
    wake_children(m, t, a, k, quantity, at_open)
    left = a.orders[k, x.QUANTITY] - a.orders[k, x.DONE]
    if left == 0 or (a.orders[k, x.REDUCE] == 1 and a.holding[x.POSITION, i] == 0):
        end_order(t, a, k, 0, x.Why.NONE)


@inner
def trade(
    m: Market, terms: Counts, t: int, a: Account, k: int, price: int, bound: int, at_open: bool
) -> None:
    """Fill what can be filled of an order at a price, conceded, but never beyond its limit.

    `bound` is the limit, 0 for none; a limit that waits gets its own price and concedes nothing.
    """
    quantity = fillable(m, terms, t, a, k)
    if quantity == 0 or a.orders[k, x.STATE] == x.State.OVER:
        return
    side = a.orders[k, x.SIDE]
    at = conceded(m, terms, t, a, k, price)
    if bound > 0:
        at = min(at, bound) if side > 0 else max(at, bound)
    settle(m, terms, t, a, k, at, quantity, at_open)


@inner
def reached(side: int, price: int, stop: int) -> bool:
    """Return whether a price has reached a stop."""
    return price >= stop if side > 0 else price <= stop


@inner
def within(side: int, price: int, limit: int) -> bool:
    """Return whether an order may trade at a price."""
    return price <= limit if side > 0 else price >= limit


@inner
def trigger(t: int, a: Account, k: int, since: int) -> None:
    """Turn a stop-limit whose stop was reached into a limit."""
    a.orders[k, x.STATE], a.orders[k, x.SINCE] = x.State.TRIGGERED, since
    watch(a, k)
    i = a.orders[k, x.COLUMN]
    note(a, x.Event.TRIGGERED, t, k, i, 0, a.orders[k, x.STOP], 0, 0, x.Why.NONE)


@inner
def at_once(m: Market, terms: Counts, t: int, a: Account, k: int, price: int) -> None:
    """Trade an order against one known price: the open, the close, or a quote's side."""
    kind, side = a.orders[k, x.KIND], a.orders[k, x.SIDE]
    limit = a.orders[k, x.LIMIT]
    if kind == x.Kind.MARKET:
        trade(m, terms, t, a, k, price, 0, True)
    elif kind == x.Kind.LIMIT or a.orders[k, x.STATE] == x.State.TRIGGERED:
        if within(side, price, limit):
            trade(m, terms, t, a, k, price, limit, True)
    elif reached(side, price, level_of(a, k)):
        if kind == x.Kind.STOP_LIMIT:
            trigger(t, a, k, t)
            if within(side, price, limit):
                trade(m, terms, t, a, k, price, limit, True)
        else:
            trade(m, terms, t, a, k, price, 0, True)


@inner
def open_phase(m: Market, terms: Counts, t: int, a: Account) -> None:
    """Trade at the open, in the order in which orders came."""
    first = t == 0 or m.rows[x.ENDS, t - 1] == 1
    for k in range(a.vector[x.LIVE]):
        i = a.orders[k, x.COLUMN]
        if (
            a.orders[k, x.STATE] not in (x.State.WORKING, x.State.TRIGGERED)
            or m.bars[terms[x.OPEN], t, i] == 0
        ):
            continue
        when = a.orders[k, x.AT]
        if when == x.At.CLOSE or (when == x.At.OPEN and not first):
            continue
        at_once(m, terms, t, a, k, m.bars[terms[x.OPEN], t, i])
        if a.orders[k, x.TIF] in (x.Tif.IOC, x.Tif.FOK):
            end_order(t, a, k, x.Event.CANCELLED, x.Why.NOT_AT_ONCE)
        elif when == x.At.OPEN and a.orders[k, x.TIF] == x.Tif.DAY:
            end_order(t, a, k, x.Event.EXPIRED, x.Why.SESSION_ENDED)


@inner
def touch_stop(m: Market, terms: Counts, t: int, a: Account, k: int) -> None:
    """Trade a stop that was touched within the bar, at its price; move a trail."""
    i, side, kind = a.orders[k, x.COLUMN], a.orders[k, x.SIDE], a.orders[k, x.KIND]
    if kind == x.Kind.TRAILING_STOP and a.orders[k, x.QUEUE] == t:
        return  # its trail has moved with this bar: the bar's prices came before that
    worst = m.bars[terms[x.HIGH], t, i] if side > 0 else m.bars[terms[x.LOW], t, i]
    level = level_of(a, k)
    if reached(side, worst, level):
        if kind != x.Kind.STOP_LIMIT:
            trade(m, terms, t, a, k, level, 0, False)
        elif within(side, level, a.orders[k, x.LIMIT]):
            trigger(t, a, k, t + 1)
            trade(m, terms, t, a, k, level, a.orders[k, x.LIMIT], False)
        else:
            trigger(t, a, k, t + 1)
    elif kind == x.Kind.TRAILING_STOP and a.orders[k, x.SINCE] <= t:
        best = a.orders[k, x.EXTREME]
        moved = (
            min(best, m.bars[terms[x.LOW], t, i])
            if side > 0
            else max(best, m.bars[terms[x.HIGH], t, i])
        )
        a.orders[k, x.EXTREME], a.orders[k, x.QUEUE] = moved, t
        level = level_of(a, k)
        if reached(side, m.bars[terms[x.CLOSE], t, i], level):
            trade(m, terms, t, a, k, level, 0, False)


@inner
def stops_phase(m: Market, terms: Counts, t: int, a: Account) -> bool:
    """Trade the stops and trails that the bar touched; returns whether anything traded."""
    before = a.vector[x.TRADED]
    for k in range(a.vector[x.LIVE]):
        i, kind = a.orders[k, x.COLUMN], a.orders[k, x.KIND]
        stops = kind in (x.Kind.STOP, x.Kind.STOP_LIMIT, x.Kind.TRAILING_STOP)
        if not stops or a.orders[k, x.STATE] != x.State.WORKING or m.bars[terms[x.OPEN], t, i] == 0:
            continue
        if a.orders[k, x.AT] == x.At.ANY:
            touch_stop(m, terms, t, a, k)
    return bool(a.vector[x.TRADED] != before)


@inner
def limits_phase(m: Market, terms: Counts, t: int, a: Account) -> bool:
    """Trade the limits that the bar traded through; returns whether anything traded."""
    before = a.vector[x.TRADED]
    for k in range(a.vector[x.LIVE]):
        i, side, state = a.orders[k, x.COLUMN], a.orders[k, x.SIDE], a.orders[k, x.STATE]
        limited = state == x.State.WORKING and a.orders[k, x.KIND] == x.Kind.LIMIT
        if not (limited or state == x.State.TRIGGERED) or m.bars[terms[x.OPEN], t, i] == 0:
            continue
        if a.orders[k, x.AT] != x.At.ANY or a.orders[k, x.SINCE] > t:
            continue
        limit = a.orders[k, x.LIMIT]
        best = m.bars[terms[x.LOW], t, i] if side > 0 else m.bars[terms[x.HIGH], t, i]
        if within(side, best, limit) and (best != limit or terms[x.TOUCH_FILLS] == 1):
            quantity = fillable(m, terms, t, a, k)
            if quantity > 0 and a.orders[k, x.STATE] != x.State.OVER:
                settle(m, terms, t, a, k, limit, quantity, False)
    return bool(a.vector[x.TRADED] != before)


@inner
def close_phase(m: Market, terms: Counts, t: int, a: Account) -> None:
    """Trade at the close of a session, then end what works no longer."""
    ends = m.rows[x.ENDS, t] == 1
    for k in range(a.vector[x.LIVE]):
        state, i = a.orders[k, x.STATE], a.orders[k, x.COLUMN]
        if state == x.State.OVER:
            continue
        awake = state != x.State.ASLEEP and m.bars[terms[x.CLOSE], t, i] > 0
        if ends and awake and a.orders[k, x.AT] == x.At.CLOSE and m.bars[terms[x.OPEN], t, i] > 0:
            at_once(m, terms, t, a, k, m.bars[terms[x.CLOSE], t, i])
        if a.orders[k, x.TIF] == x.Tif.DAY and ends and state != x.State.ASLEEP:
            end_order(t, a, k, x.Event.EXPIRED, x.Why.SESSION_ENDED)
        elif a.orders[k, x.TIF] == x.Tif.GTD and m.rows[x.MOMENT, t] >= a.orders[k, x.EXPIRES]:
            end_order(t, a, k, x.Event.EXPIRED, x.Why.TIME_PASSED)


@hot
def quiet(m: Market, terms: Counts, t: int, a: Account) -> bool:
    """Return whether this bar can do nothing to any order."""
    if a.vector[x.TIMED] > 0:
        return False
    for k in range(a.vector[x.LIVE]):
        i = a.orders[k, x.COLUMN]
        if (
            m.bars[terms[x.LOW], t, i] <= a.orders[k, x.LOW_ACT]
            or m.bars[terms[x.HIGH], t, i] >= a.orders[k, x.HIGH_ACT]
        ):
            return False
    return True


@inner
def match(m: Market, terms: Counts, t: int, a: Account) -> None:
    """Let one bar meet the working orders."""
    if terms[x.PARTICIPATION] > 0:
        for i in range(m.bars.shape[2]):
            a.holding[x.USED, i] = 0
    open_phase(m, terms, t, a)
    for _ in range(a.vector[x.LIVE] + 1):
        if not stops_phase(m, terms, t, a) and not limits_phase(m, terms, t, a):
            break
    close_phase(m, terms, t, a)

"""What quotes and trades do to working orders, one event at a time.

A row is an event of one instrument. Those who take trade against the quote, at most its size;
limits that wait stand behind what was displayed when they joined, and fill by trades. Everything
else (charges, groups, exits, margin, carry) is the bars' own.
"""

from numba import int64

from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import (
    ACCOUNT,
    GRID,
    MARKET,
    ROW,
    TABLE,
    Account,
    Counts,
    Market,
)
from fondaco.trading.simulator.compiled import inner, kernel
from fondaco.trading.simulator.events import carry
from fondaco.trading.simulator.matching import fillable, reached, settle, trigger, within
from fondaco.trading.simulator.money import of_parts, worth
from fondaco.trading.simulator.run import send_due
from fondaco.trading.simulator.step import guard_margin
from fondaco.trading.simulator.working import compact, end_order, level_of


@inner
def displayed(m: Market, t: int, a: Account, i: int, side: int) -> int:
    """Return the size that one who takes on a side still finds in the quote."""
    size = m.bars[x.ASK_SIZE if side > 0 else x.BID_SIZE, t, i]
    return int(max(size - a.holding[x.USED, i], 0))


@inner
def take(m: Market, terms: Counts, t: int, a: Account, k: int) -> None:
    """Trade an order against the quote: at its price, up to its size."""
    i, side = a.orders[k, x.COLUMN], a.orders[k, x.SIDE]
    wanted = fillable(m, terms, t, a, k)
    size = displayed(m, t, a, i, side)
    if a.orders[k, x.TIF] == x.Tif.FOK and size < a.orders[k, x.QUANTITY]:
        return
    quantity = min(wanted, size)
    if quantity > 0 and a.orders[k, x.STATE] != x.State.OVER:
        price = m.bars[x.ASK if side > 0 else x.BID, t, i]
        settle(m, terms, t, a, k, price, quantity, True)


@inner
def join(m: Market, terms: Counts, t: int, a: Account, k: int) -> None:
    """Note how much stands before a limit that waits; what is displayed bounds it from above."""
    i, side, limit = a.orders[k, x.COLUMN], a.orders[k, x.SIDE], a.orders[k, x.LIMIT]
    best = m.bars[x.BID if side > 0 else x.ASK, t, i]
    size = m.bars[x.BID_SIZE if side > 0 else x.ASK_SIZE, t, i]
    queue = a.orders[k, x.QUEUE]
    if best == limit:
        ahead = of_parts(size, terms[x.QUEUE_AHEAD], x.PART)
        a.orders[k, x.QUEUE] = ahead if queue < 0 else min(queue, size)
    elif side * (limit - best) > 0:
        a.orders[k, x.QUEUE] = 0  # better than the best: first in the book
    elif queue < 0:
        a.orders[k, x.QUEUE] = x.BEHIND


@inner
def meet_quote(m: Market, terms: Counts, t: int, a: Account, k: int) -> None:
    """Let an order meet the quote that stands."""
    i, side, kind = a.orders[k, x.COLUMN], a.orders[k, x.SIDE], a.orders[k, x.KIND]
    price = m.bars[x.ASK if side > 0 else x.BID, t, i]
    if price == 0:
        return
    stops = kind in (x.Kind.STOP, x.Kind.STOP_LIMIT, x.Kind.TRAILING_STOP)
    if stops and a.orders[k, x.STATE] == x.State.WORKING:
        if not reached(side, price, level_of(a, k)):
            if kind == x.Kind.TRAILING_STOP:
                best = a.orders[k, x.EXTREME]
                a.orders[k, x.EXTREME] = min(best, price) if side > 0 else max(best, price)
            a.orders[k, x.QUEUE] = 0
            return
        trigger(t, a, k, t)
    limited = kind in (x.Kind.LIMIT, x.Kind.STOP_LIMIT)
    if not limited or within(side, price, a.orders[k, x.LIMIT]):
        take(m, terms, t, a, k)
    elif limited:
        join(m, terms, t, a, k)
    if a.orders[k, x.QUEUE] == x.UNTRIED:
        a.orders[k, x.QUEUE] = 0


@inner
def meet_trade(m: Market, terms: Counts, t: int, a: Account, k: int, price: int, left: int) -> int:
    """Let an order meet a trade of others; returns what of its size is left for later orders."""
    side, kind, state = a.orders[k, x.SIDE], a.orders[k, x.KIND], a.orders[k, x.STATE]
    stops = kind in (x.Kind.STOP, x.Kind.STOP_LIMIT, x.Kind.TRAILING_STOP)
    if stops and state == x.State.WORKING:
        if reached(side, price, level_of(a, k)):
            trigger(t, a, k, t)  # it trades against the next quote
        return left
    resting = kind == x.Kind.LIMIT or (kind == x.Kind.STOP_LIMIT and state == x.State.TRIGGERED)
    limit, queue = a.orders[k, x.LIMIT], a.orders[k, x.QUEUE]
    if not resting or not within(side, price, limit) or queue == x.UNTRIED:
        return left
    ahead = 0 if price != limit else (x.NEVER if queue < 0 else queue)
    if price == limit and queue >= 0:
        a.orders[k, x.QUEUE] = max(queue - left, 0)
    open_size = max(left - ahead, 0)
    quantity = min(fillable(m, terms, t, a, k), open_size)
    if quantity == 0 or a.orders[k, x.STATE] == x.State.OVER:
        return left
    settle(m, terms, t, a, k, limit, quantity, True)
    return left - quantity


@inner
def end_by_time(m: Market, t: int, a: Account, k: int) -> None:
    """End an order whose time has passed before this event."""
    gone = a.orders[k, x.TIF] == x.Tif.GTD and m.rows[x.MOMENT, t] > a.orders[k, x.EXPIRES]
    if gone:
        end_order(t, a, k, x.Event.EXPIRED, x.Why.TIME_PASSED)


@inner
def end_session(t: int, a: Account) -> None:
    """End the day orders with the last event of a day (UTC)."""
    for k in range(a.vector[x.LIVE]):
        awake = a.orders[k, x.STATE] in (x.State.WORKING, x.State.TRIGGERED)
        if awake and a.orders[k, x.TIF] == x.Tif.DAY:
            end_order(t, a, k, x.Event.EXPIRED, x.Why.SESSION_ENDED)


@inner
def meet(m: Market, terms: Counts, t: int, a: Account, events: Counts) -> None:
    """Let one event meet the working orders, in the order in which they came.

    A quote meets all orders of its instrument. An order of another instrument that has met no
    quote yet meets the one that stands, unless that is older than STALE_AFTER.
    """
    column, kind = events[t, x.Q_COLUMN], events[t, x.Q_KIND]
    now = m.rows[x.MOMENT, t]
    if kind == x.QUOTE:
        a.holding[x.QUOTED, column], a.holding[x.USED, column] = now, 0
    left = events[t, x.Q_SIZE]
    for k in range(a.vector[x.LIVE]):
        end_by_time(m, t, a, k)
        if a.orders[k, x.STATE] not in (x.State.WORKING, x.State.TRIGGERED):
            continue
        i = a.orders[k, x.COLUMN]
        fresh = now - a.holding[x.QUOTED, i] <= terms[x.STALE_AFTER] and a.holding[x.QUOTED, i] > 0
        untried = a.orders[k, x.QUEUE] == x.UNTRIED
        if i == column and kind == x.QUOTE:
            meet_quote(m, terms, t, a, k)
        elif i == column and not untried:
            left = meet_trade(m, terms, t, a, k, events[t, x.Q_PRICE], left)
        elif untried and fresh:
            meet_quote(m, terms, t, a, k)
        tried = a.orders[k, x.QUEUE] != x.UNTRIED
        if tried and a.orders[k, x.TIF] in (x.Tif.IOC, x.Tif.FOK):
            end_order(t, a, k, x.Event.CANCELLED, x.Why.NOT_AT_ONCE)
    if m.rows[x.ENDS, t] == 1:
        end_session(t, a)


@inner
def event(m: Market, terms: Counts, t: int, a: Account, events: Counts, record: Counts) -> int:
    """Play one event for an account: carry, fills, value, margin; returns OK or a fault."""
    if terms[x.CREDIT] != 0 or terms[x.DEBIT] != 0 or terms[x.BORROWS] != 0:
        carry(m, terms, t, a)
    meet(m, terms, t, a, events)
    compact(a)
    equity = worth(m, terms, t, a, record)
    if a.vector[x.OVERDRAWN] == 1:
        return x.OVERFLOW
    if terms[x.MAINTENANCE_ON] == 1 and not guard_margin(m, terms, t, a, equity):
        return x.NO_ROOM
    return x.OK


@kernel(int64(MARKET, ROW, int64, ACCOUNT, GRID, TABLE))
def step_event(m: Market, terms: Counts, t: int, a: Account, events: Counts, record: Counts) -> int:
    """Play one event, for callers in Python."""
    return event(m, terms, t, a, events, record)


@kernel(int64(MARKET, ROW, ACCOUNT, GRID, GRID, TABLE))
def play_events(
    m: Market, terms: Counts, a: Account, events: Counts, orders: Counts, record: Counts
) -> int:
    """Play a whole stream of events with given orders; returns OK, OVERFLOW or NO_ROOM.

    `orders` rise by the row that decides them; each can trade from the next row on.
    """
    order = 0
    for t in range(len(events)):
        status = event(m, terms, t, a, events, record)
        if status != x.OK:
            return status
        if order < len(orders):
            order = send_due(m, terms, t, a, orders, order, len(orders))
            if order < 0:
                return x.NO_ROOM
    return x.OK

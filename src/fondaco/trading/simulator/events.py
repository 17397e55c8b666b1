"""What time and companies do to an account: splits, dividends, delistings, interest, borrowing."""

from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Account, Counts, Market
from fondaco.trading.simulator.compiled import inner
from fondaco.trading.simulator.money import exchanged, in_base, note, of_parts, on_tick
from fondaco.trading.simulator.working import end_order, watch

DAY_MICROSECONDS = 86_400_000_000


@inner
def rescaled(price: int, old: int, new: int, tick: int, side: int) -> int:
    """Return a price after a split, on the grid against the order; 0 stays 0."""
    if price == 0:
        return 0
    return int(max(on_tick(of_parts(price, old, new), tick, side), tick))


@inner
def split_orders(m: Market, t: int, a: Account, row: int) -> None:
    """Restate the working orders of an instrument for a split; one with no share left ends."""
    i, new, old = m.actions[row, x.A_COLUMN], m.actions[row, 3], m.actions[row, 4]
    tick = m.names[x.TICK, i]
    a.holding[x.PLANNED, i] = 0
    for k in range(a.vector[x.LIVE]):
        if a.orders[k, x.COLUMN] != i or a.orders[k, x.STATE] == x.State.OVER:
            continue
        side = a.orders[k, x.SIDE]
        a.orders[k, x.LIMIT] = rescaled(a.orders[k, x.LIMIT], old, new, tick, -side)
        a.orders[k, x.STOP] = rescaled(a.orders[k, x.STOP], old, new, tick, side)
        a.orders[k, x.TRAIL] = rescaled(a.orders[k, x.TRAIL], old, new, 1, 1)
        a.orders[k, x.EXTREME] = rescaled(a.orders[k, x.EXTREME], old, new, 1, 1)
        if a.orders[k, x.QUANTITY] < x.ALL:
            left = a.orders[k, x.QUANTITY] - a.orders[k, x.DONE]
            left = of_parts(left, new, old)
            left -= left % m.names[x.LOT, i]
            a.orders[k, x.DONE] = of_parts(a.orders[k, x.DONE], new, old)
            a.orders[k, x.QUANTITY] = a.orders[k, x.DONE] + left
            asleep = a.orders[k, x.STATE] == x.State.ASLEEP
            if a.orders[k, x.PLANS] == 1:
                a.holding[x.PLANNED, i] += side * left
            if left == 0 and not asleep:
                end_order(t, a, k, x.Event.CANCELLED, x.Why.SPLIT)
        watch(a, k)


@inner
def split(m: Market, terms: Counts, t: int, a: Account, row: int) -> None:
    """Turn old shares into new ones; a fraction is paid out at the last close."""
    i, new, old = m.actions[row, x.A_COLUMN], m.actions[row, 3], m.actions[row, 4]
    held = a.holding[x.POSITION, i]
    whole, rest = abs(held) * new // old, abs(held) * new % old
    side = 1 if held > 0 else -1
    mark = m.bars[terms[x.MARK], t - 1, i] if t > 0 else m.bars[terms[x.MARK], t, i]
    cash = exchanged(m, terms, t, i, side * (rest * mark // new)) if rest > 0 else 0
    a.holding[x.POSITION, i] = side * whole
    a.vector[x.CASH] += cash
    if held != 0:
        note(a, x.Event.SPLIT, t, -1, i, side * whole - held, 0, 0, cash, x.Why.NONE)
    split_orders(m, t, a, row)


@inner
def dividend(m: Market, terms: Counts, t: int, a: Account, row: int) -> None:
    """Pay a dividend on what was held before the ex-date; a short pays it.

    Buy limits and sell stops that lie below the price go down with it (as FINRA rule 5330 asks).
    """
    i, amount = m.actions[row, x.A_COLUMN], m.actions[row, x.A_FIRST]
    held = a.holding[x.POSITION, i]
    if held != 0:
        cash = exchanged(m, terms, t, i, held * amount)
        a.vector[x.CASH] += cash
        a.vector[x.DIVIDENDS] += cash
        note(a, x.Event.DIVIDEND, t, -1, i, held, amount, 0, cash, x.Why.NONE)
    for k in range(a.vector[x.LIVE]):
        if a.orders[k, x.COLUMN] != i or a.orders[k, x.STATE] == x.State.OVER:
            continue
        side, tick = a.orders[k, x.SIDE], m.names[x.TICK, i]
        if side > 0 and a.orders[k, x.LIMIT] > 0:
            a.orders[k, x.LIMIT] = max(on_tick(a.orders[k, x.LIMIT] - amount, tick, -1), tick)
        if side < 0 and a.orders[k, x.STOP] > 0:
            a.orders[k, x.STOP] = max(on_tick(a.orders[k, x.STOP] - amount, tick, -1), tick)
        if side < 0 and a.orders[k, x.EXTREME] > amount:
            a.orders[k, x.EXTREME] -= amount
        watch(a, k)


@inner
def delisting(m: Market, terms: Counts, t: int, a: Account, row: int) -> None:
    """End all that has to do with an instrument; holders get its last worth, shorts pay it."""
    i, amount = m.actions[row, x.A_COLUMN], m.actions[row, x.A_FIRST]
    held = a.holding[x.POSITION, i]
    if held != 0:
        cash = exchanged(m, terms, t, i, held * amount)
        a.vector[x.CASH] += cash
        note(a, x.Event.DELISTED, t, -1, i, -held, amount, 0, cash, x.Why.NONE)
    a.holding[x.POSITION, i], a.holding[x.GONE, i], a.holding[x.DUE, i] = 0, 1, 0
    for k in range(a.vector[x.LIVE]):
        if a.orders[k, x.COLUMN] == i:
            end_order(t, a, k, x.Event.CANCELLED, x.Why.DELISTED)


@inner
def corporate_actions(m: Market, terms: Counts, t: int, a: Account) -> None:
    """Apply the actions of a row, before its open."""
    while a.vector[x.ACTION] < len(m.actions):
        row = a.vector[x.ACTION]
        if m.actions[row, x.A_ROW] > t:
            return
        a.vector[x.ACTION] = row + 1
        kind = m.actions[row, x.A_KIND]
        if m.actions[row, x.A_ROW] < t:
            continue  # before the run began
        if kind == x.Action.SPLIT:
            split(m, terms, t, a, row)
        elif kind == x.Action.DIVIDEND:
            dividend(m, terms, t, a, row)
        else:
            delisting(m, terms, t, a, row)


@inner
def carry(m: Market, terms: Counts, t: int, a: Account) -> None:
    """Book interest on cash and the cost of borrowed shares for the days since the last row.

    Days are nights passed; what was held through them counts, at the closes before them. Proceeds
    of shorts earn nothing.
    """
    day = m.rows[x.MOMENT, t] // DAY_MICROSECONDS
    nights = day - a.vector[x.ACCRUED] if a.vector[x.ACCRUED] >= 0 else 0
    a.vector[x.ACCRUED] = day
    if nights <= 0 or t == 0:
        return
    shorts = 0
    for i in range(m.bars.shape[2]):
        held = a.holding[x.POSITION, i]
        if held >= 0:
            continue
        value = abs(in_base(m, terms, t, i, held * m.bars[terms[x.MARK], t - 1, i]))
        shorts += value
        cost = of_parts(of_parts(value, m.names[x.BORROW, i], x.PART), nights, terms[x.YEAR_DAYS])
        if cost > 0:
            a.vector[x.CASH] -= cost
            a.vector[x.CARRY] -= cost
            note(a, x.Event.BORROW, t, -1, i, held, 0, 0, -cost, x.Why.NONE)
    free = a.vector[x.CASH] - shorts if a.vector[x.CASH] > 0 else a.vector[x.CASH]
    rate = terms[x.CREDIT] if free > 0 else terms[x.DEBIT]
    if free < 0 and a.vector[x.CASH] > 0:
        return
    amount = of_parts(of_parts(abs(free), rate, x.PART), nights, terms[x.YEAR_DAYS])
    if amount > 0:
        paid = amount if free > 0 else -amount
        a.vector[x.CASH] += paid
        a.vector[x.CARRY] += paid
        note(a, x.Event.INTEREST, t, -1, 0, 0, 0, 0, paid, x.Why.NONE)

"""Margin: what an account must hold for its positions, when it is called, how it is cut down.

Requirements are parts of the value of each position at its last close, by instrument and side, so
that Regulation T (one rate for all) and portfolio haircuts (one rate for each) are the same rule.
"""

from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Account, Counts, Market
from fondaco.trading.simulator.compiled import inner
from fondaco.trading.simulator.money import in_base, of_parts

INITIAL_LONG, MAINTENANCE_LONG, INITIAL_SHORT, MAINTENANCE_SHORT = range(4)


@inner
def required(m: Market, terms: Counts, t: int, i: int, quantity: int, which: int) -> int:
    """Return the margin for a position; `which` 0 is initial, 1 is maintenance."""
    row = which if quantity >= 0 else 2 + which
    parts = m.names[x.MARGIN + row, i]
    return int(
        of_parts(
            abs(in_base(m, terms, t, i, quantity * m.bars[terms[x.MARK], t, i])), parts, x.PART
        )
    )


@inner
def required_for(m: Market, terms: Counts, t: int, a: Account, holding_row: int, which: int) -> int:
    """Return the margin for all that is held (POSITION), or held and ordered (PLANNED)."""
    total = 0
    for i in range(m.bars.shape[2]):
        quantity = a.holding[x.POSITION, i]
        if holding_row == x.PLANNED:
            quantity += a.holding[x.PLANNED, i]
        if quantity != 0:
            total += required(m, terms, t, i, quantity, which)
    return total


@inner
def equity_now(m: Market, terms: Counts, t: int, a: Account) -> int:
    """Return cash and positions at their last known closes."""
    value = a.vector[x.CASH]
    for i in range(m.bars.shape[2]):
        if a.holding[x.POSITION, i] != 0:
            value += in_base(m, terms, t, i, a.holding[x.POSITION, i] * m.bars[terms[x.MARK], t, i])
    return int(value)


@inner
def margin_allows(m: Market, terms: Counts, t: int, a: Account, k: int) -> bool:
    """Return whether equity covers the initial margin of all that is held and ordered.

    An order that lowers the requirement is always allowed.
    """
    if terms[x.MARGIN_ON] == 0:
        return True
    if a.vector[x.REQUIRED_ROW] != t:
        a.vector[x.REQUIRED] = required_for(m, terms, t, a, x.PLANNED, 0)
        a.vector[x.EQUITY_THEN] = equity_now(m, terms, t, a)
        a.vector[x.REQUIRED_ROW] = t
    i = a.orders[k, x.COLUMN]
    before = a.holding[x.POSITION, i] + a.holding[x.PLANNED, i]
    after = before + a.orders[k, x.SIDE] * a.orders[k, x.QUANTITY]
    change = required(m, terms, t, i, after, 0) - required(m, terms, t, i, before, 0)
    if change > 0 and a.vector[x.REQUIRED] + change > a.vector[x.EQUITY_THEN]:
        return False
    a.vector[x.REQUIRED] += change
    return True

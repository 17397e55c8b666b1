"""Many crossing averages on many names, each pair and name on an account of its own.

The rules are those of the venue: a signal at a close trades at the next close, whole shares are
bought with what the account holds less the part kept back, and the schedule charges each fill. So
every cell equals a run of the general engine on that name alone, to the last digit, at a small
part of its time: nothing happens between two crossings, and averages are compared as whole
numbers, several names at once.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.trading.cost_model.kernel import charge_total
from fondaco.trading.costs import COUNT_MAX
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import CUBE, TABLE, VECTOR, Counts
from fondaco.trading.simulator.compiled import inner, kernel
from fondaco.trading.simulator.prices import array_micros
from fondaco.trading.simulator.targets import investable_of, sized
from fondaco.trading.simulator.terms import Terms

ALL_ABOVE: Final = np.uint64(0x0101010101010101)
NONE_ABOVE: Final = np.uint64(0)
A_CASH, A_HELD, A_FAULT = range(3)
Flags = NDArray[np.uint8]
Words = NDArray[np.uint64]
WINDOW_MAX: Final = 10_000


def cross_sweep(
    prices: NDArray[np.float64], pairs: Sequence[tuple[int, int]], terms: Terms
) -> Counts:
    """Return the last equity (P, N) in micros of P pairs of averages on N names' closes (T, N).

    Each account holds all it can while the mean of the last `fast` closes is above that of the
    last `slow`, and nothing else; `terms` give capital, charges and the part kept back. Raises
    InvalidInput for a missing price, a pair that is not 1 <= fast < slow <= 10,000, or terms that
    this short cut does not serve (spread, impact, exits, a share of the volume, margin, interest).
    """
    if terms.concedes or terms.participation is not None or any(_unserved(terms)):
        raise InvalidInput(
            "a sweep of crossings knows charges only",
            value="spread, impact, exits, a share of the volume, margin or interest",
            bound="charges and the part kept back",
            remedy="Run the strategy itself.",
        )
    if len(terms.costs.table.schedules) != 1:
        raise InvalidInput(
            "a sweep of crossings has no days to look rates up for",
            value=f"{len(terms.costs.table.schedules)} schedules in {terms.costs.table.name}",
            bound="one schedule",
            remedy="Use a flat cost model, or run the strategy itself.",
        )
    close = array_micros(prices)
    _check(close, pairs)
    rates = np.ascontiguousarray(terms.costs.table.stacked())
    vector = terms.vector(first=0, foreign=False, borrows=False)
    equity = np.empty((len(pairs), close.shape[1]), dtype=np.int64)
    windows = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    _cross(close, windows, rates, vector, equity)
    if (equity == x.NEVER).any():
        raise InvalidInput("an account grew beyond what the venue can count")
    return equity


def _unserved(terms: Terms) -> tuple[object, ...]:
    exits, carry = terms.exits, terms.carry
    return exits.stop, exits.target, exits.trail, carry.credit, carry.debit, *terms.margin.parts()


def _check(close: Counts, pairs: Sequence[tuple[int, int]]) -> None:
    if (close == 0).any():
        row, column = (int(n) for n in np.argwhere(close == 0)[0])
        raise InvalidInput(
            "a sweep of crossings needs a price in every place",
            value=f"none in row {row}, column {column}",
            remedy="Choose names and a span without gaps.",
        )
    highest = int(close.max(initial=0))
    for fast, slow in pairs:
        if not 1 <= fast < slow <= WINDOW_MAX or fast * slow * highest > COUNT_MAX:
            raise InvalidInput(
                "a pair of averages is out of range",
                value=f"{fast}, {slow}",
                bound=f"1 <= fast < slow <= {WINDOW_MAX:,}",
            )


@inner
def _compare(sums: Counts, fast: int, slow: int, rows: int, above: Flags) -> None:
    """Write 1 where the fast mean is above the slow one; `sums` are running sums of one name.

    Slices from zero, so that several bars go through the processor's vectors at once.
    """
    count = rows - slow
    now, out = sums[slow:rows], above[slow - 1 : rows - 1]
    recent, longer = sums[slow - fast : rows - fast], sums[:count]
    for k in range(count):
        out[k] = (now[k] - recent[k]) * slow > (now[k] - longer[k]) * fast


@inner
def _act(close: Counts, t: int, inside: int, rates: Counts, terms: Counts, account: Counts) -> None:
    """Turn an account round: size at this close, fill at the next one."""
    cash, held = account[A_CASH], account[A_HELD]
    change = -held
    if inside == 1:
        money = investable_of(cash + held * close[t], terms[x.BUFFER])
        change = sized(money, x.PART, close[t], 1, held, terms[x.TRADE_MIN])
    if change == 0:
        return
    price = close[t + 1]
    if abs(float(change) * float(price)) > COUNT_MAX:
        account[A_FAULT] = 1
        return
    side = 1 if change > 0 else -1
    value = abs(change) * price
    account[A_CASH] = cash - side * value - charge_total(rates, side, abs(change), value)
    account[A_HELD] = held + change


@inner
def _play(
    close: Counts,
    above: Flags,
    words: Words,
    first: int,
    rates: Counts,
    terms: Counts,
    account: Counts,
) -> None:
    """Play one account from bar `first`; eight bars at a time are passed over that say the same."""
    last, inside = len(close) - 1, 0
    for w in range(first // 8, last // 8 + 1):
        if words[w] == (ALL_ABOVE if inside == 1 else NONE_ABOVE):
            continue
        for t in range(max(8 * w, first), min(8 * w + 8, last)):
            if above[t] != inside:
                inside ^= 1
                _act(close, t, inside, rates, terms, account)


@kernel((TABLE, TABLE, CUBE, VECTOR, TABLE), allocates=True)
def _cross(close: Counts, pairs: Counts, charges: Counts, terms: Counts, equity: Counts) -> None:
    rows, names = close.shape
    one, sums = np.zeros(rows, np.int64), np.zeros(rows + 1, np.int64)
    above = np.zeros((rows + 15) // 8 * 8, np.uint8)
    words, account = above.view(np.uint64), np.zeros(3, np.int64)
    for i in range(names):
        for t in range(rows):
            one[t] = close[t, i]
            sums[t + 1] = sums[t] + one[t]
        for p in range(len(pairs)):
            account[A_CASH], account[A_HELD], account[A_FAULT] = terms[x.CAPITAL], 0, 0
            fast, slow = pairs[p, 0], pairs[p, 1]
            if slow < rows:
                _compare(sums, fast, slow, rows, above)
                above[rows - 1] = above[rows - 2]
                _play(one, above, words, slow - 1, charges[0], terms, account)
            worth = account[A_CASH] + account[A_HELD] * one[rows - 1]
            equity[p, i] = x.NEVER if account[A_FAULT] == 1 else worth

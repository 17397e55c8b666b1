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

LANES: Final = 16
"""Names that are compared at once: two or four of a processor's vectors."""
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
def _act(close: Counts, t: int, j: int, rates: Counts, terms: Counts, state: Counts) -> None:
    """Turn an account round: size at this close, fill at the next one."""
    cash, held = state[1, j], state[2, j]
    change = -held
    if state[0, j] == 1:
        money = investable_of(cash + held * close[t, j], terms[x.BUFFER])
        change = sized(money, x.PART, close[t, j], 1, held, terms[x.TRADE_MIN])
    if change == 0:
        return
    price = close[t + 1, j]
    if abs(float(change) * float(price)) > COUNT_MAX:
        state[3, j] = 1
        return
    side = 1 if change > 0 else -1
    value = abs(change) * price
    state[1, j] = cash - side * value - charge_total(rates, side, abs(change), value)
    state[2, j] = held + change


@inner
def _play(
    close: Counts, sums: Counts, fast: int, slow: int, rates: Counts, terms: Counts, state: Counts
) -> None:
    """Play one pair on a block of names; `state` (5, LANES): above, cash, held, fault, flips."""
    last = close.shape[0] - 1
    for t in range(slow - 1, last):
        flipped = 0
        for j in range(LANES):
            recent = slow * (sums[t + 1, j] - sums[t + 1 - fast, j])
            longer = fast * (sums[t + 1, j] - sums[t + 1 - slow, j])
            flip = (1 if recent > longer else 0) ^ state[0, j]
            state[4, j] = flip
            flipped |= flip
        if flipped:
            for j in range(LANES):
                if state[4, j] == 1:
                    state[0, j] ^= 1
                    _act(close, t, j, rates, terms, state)


@kernel((TABLE, TABLE, CUBE, VECTOR, TABLE), allocates=True)
def _cross(close: Counts, pairs: Counts, charges: Counts, terms: Counts, equity: Counts) -> None:
    rows, names = close.shape
    rates = charges[0]
    block, sums = np.ones((rows, LANES), np.int64), np.zeros((rows + 1, LANES), np.int64)
    state = np.zeros((5, LANES), np.int64)
    for first in range(0, names, LANES):
        width = min(LANES, names - first)
        for t in range(rows):
            for j in range(width):
                block[t, j] = close[t, first + j]
                sums[t + 1, j] = sums[t, j] + block[t, j]
        for p in range(len(pairs)):
            state[:] = 0
            state[1] = terms[x.CAPITAL]
            _play(block, sums, pairs[p, 0], pairs[p, 1], rates, terms, state)
            for j in range(width):
                worth = state[1, j] + state[2, j] * block[rows - 1, j]
                equity[p, first + j] = x.NEVER if state[3, j] == 1 else worth

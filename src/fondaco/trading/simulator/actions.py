"""Corporate actions on bars: from each bar's factor, and from symbols that ended."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fondaco.core.instrument import Instrument
from fondaco.market.panel import Matrix
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import GRID, TABLE, Counts
from fondaco.trading.simulator.compiled import kernel

NO_ACTIONS: Final[Counts] = np.zeros((0, x.ACTION_WIDTH), dtype=np.int64)
RATIO_MAX: Final = 100
"""The largest number of new shares for old ones, or of old for new ones, that is looked for."""
EXACT: Final = 1e-6
NEAR: Final = 2e-3
DIVIDEND_MAX: Final = 0.2
"""A fall of up to this share without a split's ratio is a dividend."""


def split_ratio(factor: float) -> Fraction:
    """Return new shares per old share for a bar's factor, 1 where it is no split.

    A factor is the price before the bar restated for it: 1/7 after seven for one. One that is a
    ratio of small whole numbers to within a millionth is a split; so is one below 0.8 or above
    1.05 that comes within 0.2 % of such a ratio. The rest is value paid out.

    >>> split_ratio(0.142857), split_ratio(0.985), split_ratio(8.0)
    (Fraction(7, 1), Fraction(1, 1), Fraction(1, 8))
    """
    if not 0 < factor < RATIO_MAX or factor == 1:
        return Fraction(1)
    ratio = Fraction(1 / factor).limit_denominator(10 if factor < 1 else RATIO_MAX)
    if factor > 1:
        ratio = 1 / Fraction(factor).limit_denominator(10)
    if ratio.numerator > RATIO_MAX or ratio.denominator > RATIO_MAX or ratio == 0:
        return Fraction(1)
    miss = abs(float(ratio) * factor - 1)
    large = factor < 1 - DIVIDEND_MAX or factor > 1.05
    if miss <= EXACT or (large and miss <= NEAR):
        return ratio
    return Fraction(1)


def actions_of(factors: Matrix, closes: Counts) -> Counts:
    """Return the splits and dividends in the factors (T, N) of bars with these closes (micros).

    What a factor takes from the price beyond its split is a dividend of that share of the last
    close, restated for the split, paid in cash before the bar's open.
    """
    rows: list[tuple[int, int, int, int, int]] = []
    changed = np.argwhere(np.isfinite(factors) & (factors != 1.0))
    for t, i in changed:
        ratio, before = split_ratio(float(factors[t, i])), _last(closes, int(t), int(i))
        if ratio != 1:
            rows.append((int(t), int(i), x.Action.SPLIT, ratio.numerator, ratio.denominator))
        paid = 1 - float(factors[t, i]) * float(ratio)
        amount = round(before / float(ratio) * paid)
        if before and amount > 0 and paid > (NEAR if ratio != 1 else 0):
            rows.append((int(t), int(i), x.Action.DIVIDEND, amount, 0))
    return np.array(sorted(rows), dtype=np.int64).reshape(-1, x.ACTION_WIDTH)


def delistings_of(
    book: Sequence[Instrument], days: NDArray[np.datetime64], closes: Counts
) -> Counts:
    """Return a delisting for each instrument whose last symbol ended before the last day.

    It takes effect in the session after that end, and pays the last known close.
    """
    rows = []
    for i, instrument in enumerate(book):
        end = _ended(instrument)
        if end is None or np.datetime64(end) >= days[-1]:
            continue
        t = int(np.searchsorted(days, np.datetime64(end), side="right"))
        rows.append((t, i, int(x.Action.DELISTING), _last(closes, t, i), 0))
    return np.array(sorted(rows), dtype=np.int64).reshape(-1, x.ACTION_WIDTH)


def merged(*given: Counts) -> Counts:
    """Return actions in the order in which they take effect: by row, then splits first."""
    rows = np.concatenate(given)
    order = np.lexsort((rows[:, x.A_KIND], rows[:, x.A_COLUMN], rows[:, x.A_ROW]))
    return np.ascontiguousarray(rows[order])


def marks(close: Counts, actions: Counts) -> Counts:
    """Return the last close so far (T, N), restated for splits since; 0 before the first."""
    mark = close.copy()
    _carry_forward(mark, actions)
    return mark


@kernel((TABLE, GRID))
def _carry_forward(mark: Counts, actions: Counts) -> None:
    n = 0
    for t in range(1, len(mark)):
        first = n
        while n < len(actions) and actions[n, x.A_ROW] <= t:
            n += 1
        for i in range(mark.shape[1]):
            if mark[t, i] != 0:
                continue
            mark[t, i] = mark[t - 1, i]
            for row in range(first, n):
                split = actions[row, x.A_KIND] == x.Action.SPLIT
                if split and actions[row, x.A_COLUMN] == i and actions[row, x.A_ROW] == t:
                    new, old = actions[row, x.A_FIRST], actions[row, x.A_SECOND]
                    mark[t, i] = max(mark[t, i] * old // new, 1) if mark[t, i] > 0 else 0


def _last(closes: Counts, t: int, i: int) -> int:
    """Return the last close before a row, 0 for none."""
    known = np.flatnonzero(closes[:t, i])
    return int(closes[known[-1], i]) if len(known) else 0


def _ended(instrument: Instrument) -> date | None:
    """Return the day on which an instrument's last symbol ended, or None."""
    ends = [symbol.end for symbol in instrument.symbols]
    if any(end is None for end in ends):
        return None
    return max(end for end in ends if end is not None)

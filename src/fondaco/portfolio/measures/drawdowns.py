"""Falls from a high: how deep, from when to when, how long until the high was seen again."""

from dataclasses import dataclass
from datetime import date
from math import nan

import numpy as np
from numpy.typing import NDArray

from fondaco.portfolio.measures.numbers import Array, Days, day_at, same_length


@dataclass(frozen=True, slots=True)
class Drawdown:
    """A fall from a high: its depth (0 or below, a share), and its days.

    `recovered` is None while the high has not been reached again; all days are None when there
    was no fall. Lengths are in calendar days.
    """

    depth: float
    peak: date | None
    trough: date | None
    recovered: date | None

    @property
    def days_down(self) -> int | None:
        """Days from the high to the trough."""
        return (self.trough - self.peak).days if self.peak and self.trough else None

    @property
    def days_back(self) -> int | None:
        """Days from the trough until the high was reached again; None while it was not."""
        return (self.recovered - self.trough).days if self.recovered and self.trough else None

    @property
    def days_all(self) -> int | None:
        """Days from the high until it was reached again; None while it was not."""
        return (self.recovered - self.peak).days if self.recovered and self.peak else None


def drawdowns(equity: Array) -> Array:
    """Return equity / its highest value so far - 1 at each session: 0 or below.

    >>> drawdowns(np.array([100.0, 120.0, 90.0])).tolist()
    [0.0, 0.0, -0.25]
    """
    falls: Array = equity / np.maximum.accumulate(equity) - 1.0
    return falls


def max_drawdown(equity: Array, days: Days) -> Drawdown:
    """Return the deepest fall: the lowest of `drawdowns`, the high before it, and when the account
    stood there again. Of equal falls the first counts.

    Source: Magdon-Ismail and Atiya (2004), Risk 17, p. 99-102.
    """
    falls = drawdowns(equity)
    trough = int(np.argmin(falls)) if len(falls) else 0
    if len(falls) == 0 or falls[trough] >= 0:
        return Drawdown(0.0, None, None, None)
    peak = int(np.argmax(equity[: trough + 1]))
    again = np.flatnonzero(equity[trough:] >= equity[peak])
    recovered = day_at(days, trough + int(again[0])) if len(again) else None
    return Drawdown(float(falls[trough]), day_at(days, peak), day_at(days, trough), recovered)


def spells(equity: Array) -> NDArray[np.int64]:
    """Return each time under water as (high, trough, session of recovery or -1), S x 3, in order.

    The high is the last session at the old high, the recovery the first at or above it again.

    >>> spells(np.array([100.0, 90.0, 100.0, 80.0, 70.0])).tolist()
    [[0, 1, 2], [2, 4, -1]]
    """
    falls = drawdowns(equity)
    under = np.concatenate([[False], falls < 0, [False]])
    edges = np.flatnonzero(under[1:] != under[:-1])
    starts, ends = edges[::2], edges[1::2]
    pairs = zip(starts.tolist(), ends.tolist(), strict=True)
    troughs = [start + int(np.argmin(falls[start:end])) for start, end in pairs]
    recovered = np.where(ends < len(equity), ends, -1)
    return np.column_stack([starts - 1, np.array(troughs, dtype=np.int64), recovered])


def worst_drawdowns(equity: Array, days: Days, *, count: int = 5) -> tuple[Drawdown, ...]:
    """Return the deepest falls that share no session, deepest first; of equal ones the earlier.

    Each runs from a high until that high is reached again, so a smaller fall inside a larger one
    is part of it, as in pyfolio's `get_top_drawdowns`. Raises InvalidInput for unequal lengths.
    """
    same_length("an account's equity and its days", equity, days)
    falls, found = drawdowns(equity), spells(equity)
    order = np.argsort(falls[found[:, 1]], kind="stable")[:count]
    return tuple(
        Drawdown(
            float(falls[trough]),
            day_at(days, high),
            day_at(days, trough),
            day_at(days, again) if again >= 0 else None,
        )
        for high, trough, again in found[order].tolist()
    )


def average_drawdown(equity: Array) -> float:
    """Return the mean depth of all falls, each from its high to its trough; 0 without a fall.

    Source: Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd ed.,
    ch. 4, "average drawdown". NaN for no equity.

    >>> round(average_drawdown(np.array([100.0, 90.0, 100.0, 70.0])), 12)
    -0.2
    """
    if len(equity) == 0:
        return nan
    troughs = spells(equity)[:, 1]
    return float(np.mean(drawdowns(equity)[troughs])) if len(troughs) else 0.0


def longest_under_water(equity: Array, days: Days) -> int:
    """Return the most calendar days from a high until it was seen again, or until the last day.

    >>> days = np.arange("2019-07-01", "2019-07-05", dtype="datetime64[D]")
    >>> longest_under_water(np.array([100.0, 90.0, 80.0, 101.0]), days)
    3
    """
    same_length("an account's equity and its days", equity, days)
    found = spells(equity)
    if len(found) == 0:
        return 0
    calendar = days.astype("datetime64[D]")
    ends = np.where(found[:, 2] >= 0, found[:, 2], len(days) - 1)
    return int((calendar[ends] - calendar[found[:, 0]]).astype(np.int64).max())


def ulcer_index(equity: Array) -> float:
    """Return sqrt(mean(drawdown^2)) over all sessions, as a share.

    Source: Martin and McCann (1989), The Investor's Guide to Fidelity Funds, there in
    percent. NaN for no equity.

    >>> round(ulcer_index(np.array([100.0, 80.0])) ** 2, 12)
    0.02
    """
    return float(np.sqrt(np.mean(np.square(drawdowns(equity))))) if len(equity) else nan

"""When a strategy may decide, and how what it wants becomes decisions."""

import numpy as np
from numpy.typing import NDArray

from fondaco.market.panel import Matrix
from fondaco.research.splits import Days, refit_rows

DAILY, WEEKLY, MONTHLY = 1, 2, 3
REBALANCE = "decides at every session (1), the first of a week (2) or of a month (3)"
_TO_MONDAY = 3  # 1970-01-01 was a Thursday: its week began three days before

Rows = NDArray[np.int64]


def rebalance_rows(sessions: Days, every: int) -> Rows:
    """Return the rows that decide: all, or the first sessions of a week or of a month.

    Weeks begin on Monday. Row 0 begins no week or month: that cannot be seen from inside.

    >>> days = np.arange("2020-01-30", "2020-02-05", dtype="datetime64[D]")
    >>> [rebalance_rows(days, every).tolist() for every in (DAILY, WEEKLY, MONTHLY)]
    [[0, 1, 2, 3, 4, 5], [4], [2]]
    """
    if every == DAILY:
        return np.arange(len(sessions), dtype=np.int64)
    if every == WEEKLY:
        week = (sessions.astype("datetime64[D]").astype(np.int64) + _TO_MONDAY) // 7
        return np.flatnonzero(np.diff(week)) + 1
    return np.array(refit_rows(sessions, 1), dtype=np.int64)


def at_rows(wanted: Matrix, rows: Rows) -> Matrix:
    """Return the wanted weights at these rows, and no change at the others."""
    weights = np.full(wanted.shape, np.nan)
    weights[rows] = wanted[rows]
    return weights


def changes(wanted: Matrix) -> Matrix:
    """Return the weights wanted at every session as decisions: only where a name's weight changes.

    NaN is not judged yet: the last judgement stands. A position is left to drift between changes.

    >>> changes(np.array([[np.nan], [0.5], [0.5], [np.nan], [0.5], [0.0]])).T
    array([[nan, 0.5, nan, nan, nan, 0. ]])
    """
    before = np.vstack([np.full((1, wanted.shape[1]), np.nan), held(wanted)[:-1]])
    return np.where(wanted == before, np.nan, wanted)


def held(weights: Matrix) -> Matrix:
    """Return each name's last decided weight at every session, NaN before the first."""
    rows = np.where(np.isnan(weights), 0, np.arange(len(weights))[:, None])
    np.maximum.accumulate(rows, axis=0, out=rows)
    return np.take_along_axis(weights, rows, axis=0)


def starting_at(weights: Matrix, row: int) -> Matrix:
    """Return the decisions as an account sees them that starts at `row`.

    It takes over at once, at that close, what was decided last for each name; without this a
    position that was taken before and is not decided anew would never be bought.

    >>> starting_at(np.array([[0.5, np.nan], [np.nan, 0.5], [np.nan, 0.0]]), 1)
    array([[nan, nan],
           [0.5, 0.5],
           [nan, 0. ]])
    """
    started = weights.copy()
    started[:row] = np.nan
    started[row] = held(weights[: row + 1])[-1]
    return started

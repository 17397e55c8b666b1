"""Compiled loops under the features: one algorithm and one signature each, on (T, N) arrays.

Every window is summed afresh, oldest bar first, so a value depends on its own window alone: not
on where the panel starts or ends, to the last bit. (Running sums drift with the history behind
them, and then two readers of one price see two numbers.) The inner loop runs over instruments,
side by side in memory, which keeps the fresh sums fast. A missing value (NaN) anywhere in a
window makes that value NaN; nothing is filled.
"""

from math import log, sqrt

import numpy as np
from numba import boolean, float64, int64, njit, types
from numpy.typing import NDArray

from fondaco.market.panel import Matrix

_IN = types.Array(float64, 2, "C", readonly=True)
_OUT = float64[:, ::1]
# `error_model="numpy"`: dividing by zero gives NaN or infinity, as in the rest of the arrays.


@njit(_OUT(_IN, int64, int64), cache=True, error_model="numpy")
def change(close: Matrix, lag: int, skip: int) -> Matrix:
    """Return close[t - skip] / close[t - lag] - 1; NaN before row `lag` or without a price."""
    rows, names = close.shape
    out = np.full((rows, names), np.nan)
    for t in range(lag, rows):
        for i in range(names):
            before, after = close[t - lag, i], close[t - skip, i]
            if before > 0.0 and after > 0.0:
                out[t, i] = after / before - 1.0
    return out


@njit(_OUT(_IN), cache=True, error_model="numpy")
def log_change(close: Matrix) -> Matrix:
    """Return ln(close[t] / close[t - 1]); NaN in the first row or without a price."""
    rows, names = close.shape
    out = np.full((rows, names), np.nan)
    for t in range(1, rows):
        for i in range(names):
            if close[t - 1, i] > 0.0 and close[t, i] > 0.0:
                out[t, i] = log(close[t, i] / close[t - 1, i])
    return out


@njit(_OUT(_IN, int64), cache=True, error_model="numpy")
def mean(values: Matrix, window: int) -> Matrix:
    """Return the mean of the last `window` rows."""
    rows, names = values.shape
    out = np.full((rows, names), np.nan)
    total = np.empty(names)
    for t in range(window - 1, rows):
        total[:] = 0.0
        for j in range(t - window + 1, t + 1):
            for i in range(names):
                total[i] += values[j, i]
        for i in range(names):
            out[t, i] = total[i] / window
    return out


@njit(_OUT(_IN, int64, int64), cache=True, error_model="numpy")
def deviation(values: Matrix, window: int, lost: int) -> Matrix:
    """Return the standard deviation of the last `window` rows, with `lost` degrees of freedom.

    Two passes around the newest value, so that a constant window gives exactly zero.
    """
    rows, names = values.shape
    out = np.full((rows, names), np.nan)
    centre = np.empty(names)
    squares = np.empty(names)
    for t in range(window - 1, rows):
        centre[:] = 0.0
        squares[:] = 0.0
        for j in range(t - window + 1, t + 1):
            for i in range(names):
                centre[i] += values[j, i] - values[t, i]
        for i in range(names):
            centre[i] /= window
        for j in range(t - window + 1, t + 1):
            for i in range(names):
                gap = values[j, i] - values[t, i] - centre[i]
                squares[i] += gap * gap
        for i in range(names):
            out[t, i] = sqrt(squares[i] / (window - lost))
    return out


@njit(_OUT(_IN, int64), cache=True, error_model="numpy")
def wilder_rsi(close: Matrix, window: int) -> Matrix:
    """Return Wilder's relative strength index, 0 to 100; a missing close starts it anew."""
    rows, names = close.shape
    out = np.full((rows, names), np.nan)
    gain, loss = np.zeros(names), np.zeros(names)
    seen = np.zeros(names, dtype=np.int64)
    for t in range(1, rows):
        for i in range(names):
            step = close[t, i] - close[t - 1, i]
            if np.isnan(step):
                gain[i], loss[i], seen[i] = 0.0, 0.0, 0
                continue
            up, down = max(step, 0.0), max(-step, 0.0)
            seen[i] += 1
            if seen[i] <= window:  # the seed is the plain mean of the first `window` steps
                gain[i] += up / window
                loss[i] += down / window
            else:
                gain[i] = (gain[i] * (window - 1) + up) / window
                loss[i] = (loss[i] * (window - 1) + down) / window
            if seen[i] >= window:
                out[t, i] = 100.0 * gain[i] / (gain[i] + loss[i])
    return out


@njit(_OUT(_IN), cache=True, error_model="numpy")
def cross_rank(values: Matrix) -> Matrix:
    """Return each row's ranks scaled to 0 (lowest) .. 1 (highest); ties share their mean rank.

    NaN stays NaN and is not counted; a row with fewer than two values has no ranks.
    """
    rows, names = values.shape
    out = np.full((rows, names), np.nan)
    for t in range(rows):
        order = np.sort(values[t][~np.isnan(values[t])])
        if len(order) < 2:
            continue
        for i in range(names):
            if not np.isnan(values[t, i]):
                below = np.searchsorted(order, values[t, i])
                upto = np.searchsorted(order, values[t, i], side="right")
                out[t, i] = 0.5 * (below + upto - 1) / (len(order) - 1)
    return out


@njit(_OUT(_IN, int64), cache=True)
def highest_before(values: Matrix, window: int) -> Matrix:
    """Return the highest of the `window` rows before each row; NaN where one is missing."""
    rows, names = values.shape
    out = np.full((rows, names), np.nan)
    for t in range(window, rows):
        out[t] = values[t - window]
        for j in range(t - window + 1, t):
            for i in range(names):
                x = values[j, i]
                out[t, i] = x if x > out[t, i] or np.isnan(x) else out[t, i]
    return out


@njit(_OUT(_IN, _IN, _IN, _IN, _IN, boolean), cache=True)
def channel_sides(
    close: Matrix, top: Matrix, floor: Matrix, ceiling: Matrix, stop: Matrix, short: bool
) -> Matrix:
    """Return 1 long, 0 out, -1 short at each bar, (T, N); NaN where a close or channel is missing.

    A close above `top` is bought and one below `stop` sold; with `short`, one below `floor` is
    sold short and one above `ceiling` bought back.
    """
    rows, names = close.shape
    out = np.full((rows, names), np.nan)
    side = np.zeros(names)
    for t in range(rows):
        for i in range(names):
            x = close[t, i]
            if np.isnan(x + top[t, i] + stop[t, i]):
                continue
            if x > top[t, i]:
                side[i] = 1.0
            elif short and x < floor[t, i]:
                side[i] = -1.0
            elif (side[i] > 0.0 and x < stop[t, i]) or (side[i] < 0.0 and x > ceiling[t, i]):
                side[i] = 0.0
            out[t, i] = side[i]
    return out


@njit(_OUT(_IN, float64, float64, float64), cache=True)
def spread_positions(scores: Matrix, entry: float, leave: float, stop: float) -> Matrix:
    """Return 1 (long the spread), 0 or -1 at each bar of each spread's z-score, (T, P).

    Enters against a score between `entry` and `stop`, leaves within `leave` of zero or beyond it;
    past `stop` the spread is given up for good. A missing score changes nothing.
    """
    rows, pairs = scores.shape
    out = np.zeros((rows, pairs))
    side, over = np.zeros(pairs), np.zeros(pairs)
    for t in range(rows):
        for p in range(pairs):
            z = scores[t, p]
            if abs(z) >= stop:
                side[p], over[p] = 0.0, 1.0
            elif side[p] * z >= -leave and side[p] != 0.0:
                side[p] = 0.0
            elif abs(z) >= entry and side[p] == 0.0 and over[p] == 0.0:
                side[p] = -1.0 if z > 0.0 else 1.0
            out[t, p] = side[p]
    return out


@njit(float64[::1](_IN, float64, int64), cache=True)
def risk_descent(matrix: Matrix, gap_max: float, cycles_max: int) -> NDArray[np.float64]:
    """Return x with x_i (C x)_i = 1 / N for each i, by cyclic coordinate descent, (N,).

    Ends when no product is further from its part than `gap_max` of it, or after `cycles_max`.
    """
    names = len(matrix)
    part = 1.0 / names
    x = np.empty(names)
    for i in range(names):
        x[i] = sqrt(part / matrix[i, i])
    marginal = matrix @ x
    for _ in range(cycles_max):
        for i in range(names):
            own = matrix[i, i]
            rest = marginal[i] - own * x[i]
            # The positive root of own x^2 + rest x = part, written so that no digits cancel.
            root = sqrt(rest * rest + 4.0 * own * part)
            new = 2.0 * part / (root + rest) if rest > 0.0 else (root - rest) / (2.0 * own)
            step = new - x[i]
            x[i] = new
            for j in range(names):
                marginal[j] += matrix[i, j] * step
        if np.max(np.abs(x * marginal / part - 1.0)) <= gap_max:
            break
    return x

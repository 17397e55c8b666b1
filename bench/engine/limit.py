"""What hand-written loops for one task alone can do: the bound that a general engine is held to.

Floats and fractional shares; no orders, no books, no rules beside those of the one workload.
Prices are in whole cents, so that sums of them are exact.
"""

import numpy as np
from bench.engine.data import FEE, INVESTED, STOP, TARGET
from numba import njit

ABOVE_8 = np.uint64(0x0101010101010101)


@njit(cache=True, error_model="numpy")
def crossing_scalar(close, pairs, growth):
    """W1, one account after another, one bar after another."""
    rows, names = close.shape
    sums = np.zeros(rows + 1)
    for i in range(names):
        for t in range(rows):
            sums[t + 1] = sums[t] + close[t, i]
        for p in range(len(pairs)):
            fast, slow = pairs[p]
            cash, held, inside = 1.0, 0.0, False
            for t in range(slow - 1, rows - 1):
                recent = (sums[t + 1] - sums[t + 1 - fast]) * slow
                above = recent > (sums[t + 1] - sums[t + 1 - slow]) * fast
                if above != inside:
                    wanted = INVESTED * (cash + held * close[t, i]) / close[t, i] if above else 0.0
                    value = (wanted - held) * close[t + 1, i]
                    cash -= value + FEE * abs(value)
                    held, inside = wanted, above
            growth[p, i] = cash + held * close[rows - 1, i]


@njit(error_model="numpy")
def _compare(sums, fast, slow, rows, above):
    """Compare two averages at every bar of one name: sixteen bars at once in 32 bits."""
    n = rows - slow
    now, then, before = sums[slow:rows], sums[slow - fast : rows - fast], sums[0:n]
    short, long, out = np.uint32(fast), np.uint32(slow), above[slow - 1 : rows - 1]
    for k in range(n):
        recent = np.uint32(np.uint32(now[k] - then[k]) * long)
        out[k] = recent > np.uint32(np.uint32(now[k] - before[k]) * short)


@njit(error_model="numpy")
def _account(one, above, words, first, rows):
    """Play one account, eight bars at a time where nothing crosses; returns its growth."""
    cash, held, inside = 1.0, 0.0, np.uint8(0)
    for w in range(first // 8, rows // 8 + 1):
        if words[w] == (ABOVE_8 if inside else np.uint64(0)):
            continue
        for t in range(8 * w, min(8 * w + 8, rows - 1)):
            if above[t] != inside:
                inside = above[t]
                wanted = INVESTED * (cash + held * one[t]) / one[t] if inside else 0.0
                value = (wanted - held) * one[t + 1]
                cash -= value + FEE * abs(value)
                held = wanted
    return cash + held * one[rows - 1]


@njit(cache=True, error_model="numpy")
def crossing_blocks(close, pairs, growth):
    """W1 by vectors: the bars of a name compared in blocks, accounts touched where one crossed."""
    rows, names = close.shape
    sums, one = np.zeros(rows + 1, np.uint32), np.zeros(rows)
    above = np.zeros((rows + 15) // 8 * 8, np.uint8)
    words = above.view(np.uint64)
    for i in range(names):
        for t in range(rows):
            one[t] = close[t, i]
            sums[t + 1] = sums[t] + np.uint32(close[t, i])
        for p in range(len(pairs)):
            fast, slow = pairs[p]
            above[: slow - 1] = 0
            _compare(sums, fast, slow, rows, above)
            growth[p, i] = _account(one, above, words, slow - 1, rows)


@njit(error_model="numpy")
def _exit_price(opened, high, low, stop, target):
    """Return where a long position leaves within a bar, 0 where it stays; the stop comes first."""
    if low <= stop:
        return min(opened, stop)
    if high >= target:
        return max(opened, target)
    return 0.0


@njit(error_model="numpy")
def _note(trades, count, entered, left, paid, got, still):
    trades[count, 0], trades[count, 1], trades[count, 4] = entered, left, still
    trades[count, 2], trades[count, 3] = paid, got


@njit(cache=True, error_model="numpy")
def bracket(bars, fast, slow, trades):
    """W2 in the order of events, one bar after another; returns growth and the trades' count.

    `bars` (4, T) open, high, low, close; `trades` (K, 5): entry row, exit row, entry and exit
    price, and 1 where it is still open at the end.
    """
    opens, highs, lows, closes = bars[0], bars[1], bars[2], bars[3]
    cash, held, count, order = 1.0, 0.0, 0, 0.0
    stop, target, entered = 0.0, 0.0, 0
    inside, recent, longer = False, 0.0, 0.0
    for t in range(len(closes)):
        left = 0.0
        if order > 0:
            held, entered = order, t
            cash -= held * opens[t] * (1 + FEE)
            stop, target = opens[t] * (1 - STOP), opens[t] * (1 + TARGET)
        elif order < 0 and held > 0:
            left = opens[t]
        order = 0.0
        if held > 0 and left == 0.0:
            left = _exit_price(opens[t], highs[t], lows[t], stop, target)
        if left > 0:
            cash += held * left * (1 - FEE)
            held = 0.0
            _note(trades, count, entered, t, opens[entered], left, 0.0)
            count += 1
        recent += closes[t] - (closes[t - fast] if t >= fast else 0.0)
        longer += closes[t] - (closes[t - slow] if t >= slow else 0.0)
        above = t >= slow - 1 and recent * slow > longer * fast
        if above and not inside:
            order = INVESTED * (cash + held * closes[t]) / closes[t]
        elif inside and not above:
            order = -1.0
        inside = above
    if held > 0:
        last = len(closes) - 1
        _note(trades, count, entered, last, opens[entered], closes[last], 1.0)
        count += 1
    return cash + held * closes[-1], count


@njit(cache=True, error_model="numpy")
def rebalance(close, every, window, growth):
    """W3: inverse volatility every `every` sessions, sized at the close, filled at the next."""
    rows, names = close.shape
    held, wanted, weight = np.zeros(names), np.zeros(names), np.zeros(names)
    cash, due = 1.0, False
    for t in range(rows):
        if due:
            for i in range(names):
                value = (wanted[i] - held[i]) * close[t, i]
                cash -= value + FEE * abs(value)
                held[i] = wanted[i]
        equity = cash
        for i in range(names):
            equity += held[i] * close[t, i]
        growth[t] = equity
        due = t % every == 0 and t >= window
        if due:
            total = _inverse(close, t, window, weight)
            for i in range(names):
                wanted[i] = INVESTED * equity * weight[i] / total / close[t, i]


@njit(error_model="numpy")
def _inverse(close, t, window, weight):
    """Write 1 / the deviation of the last `window` returns of each name; returns their sum."""
    names, total = close.shape[1], 0.0
    sums, squares = np.zeros(names), np.zeros(names)
    for k in range(t - window + 1, t + 1):
        for i in range(names):
            change = close[k, i] / close[k - 1, i] - 1
            sums[i] += change
            squares[i] += change * change
    for i in range(names):
        variance = (squares[i] - sums[i] * sums[i] / window) / (window - 1)
        weight[i] = 1 / np.sqrt(variance)
        total += weight[i]
    return total

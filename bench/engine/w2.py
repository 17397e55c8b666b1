"""W2: one name, 500,000 minute bars, averages of 50 and 200, stop 1 %, target 2 %, 5 basis points.

A crossing at a close buys or sells at the next open; the exits hang on the price of the entry. The
account puts INVESTED of its equity in.
`python -m bench.engine.w2 [--quick] [--rivals vectorbt,backtesting] [--rounds 5]`
"""

from pathlib import Path

import numpy as np
from bench.engine.data import FAST, FEE, INVESTED, SLOW, STOP, TARGET
from bench.engine.rivals.harness import crossings
from bench.engine.workload import Found, Side, Verdict, Workload, main

PRICE_TOLERANCE = 1e-8
TOLERANCE = 1e-6
AT_FILL = "it sizes at the fill, fee included, not at the signal: its growth is held to that rule"
AT_SIGNAL = "it fills a signal at the signal's own close: its trades are held to that rule"
STOP_BEFORE_OPEN = (
    AT_FILL + ";\n" + 29 * " " + "where a signal sells at an open, it lets the stop or target of "
    "that bar go first: allowed there alone"
)


def compare(ours: Found, theirs: Found, folder: Path, side: Side) -> Verdict:
    """Compare every trade, then the growth with what these trades make under the side's sizing."""
    bars = np.load(folder / "minutes.npy")[:, : int(theirs["bars"])]
    a, b = _wanted(np.asarray(ours["trades"]), bars, side), np.asarray(theirs["trades"])
    if bars.shape[1] < int(ours["bars"]):
        a, b = a[a[:, 1] < bars.shape[1]], b[b[:, 4] == 0]
    allowed = np.zeros(len(b), dtype=bool)
    if side.explained == STOP_BEFORE_OPEN and len(a) == len(b):
        allowed = _left_before_open(a, b, bars[0])
    fault = _trades_apart(a, np.where(allowed[:, None], a, b) if allowed.any() else b)
    if fault:
        return Verdict(False, fault)
    if "digest" in theirs and str(theirs["digest"]) != str(ours["digest"]):
        return Verdict(False, "the same trades, but not the same log and record")
    at_fill = side.explained in (AT_FILL, STOP_BEFORE_OPEN)
    wanted = growth_of(np.asarray(theirs["trades"]), bars[3], at_fill=at_fill)
    apart = abs(float(theirs["growth"]) / wanted - 1)
    if not apart <= TOLERANCE:
        return Verdict(False, f"the same {len(a):,} trades, but its growth differs by {apart:.1e}")
    exact = f", {allowed.sum()} by its stop before an open" if allowed.any() else ""
    exact += "; log and record to the last bit" if "digest" in theirs else ""
    return Verdict(True, f"{len(a):,} trades, rows and prices; growth within {apart:.1e}{exact}")


def _wanted(ours: np.ndarray, bars: np.ndarray, side: Side) -> np.ndarray:
    """Return the trades a side is held to: ours, or those of its own rule for a fill."""
    return filled_at_signal(bars) if side.explained == AT_SIGNAL else ours


def filled_at_signal(bars: np.ndarray) -> np.ndarray:
    """Return the trades (K, 5) where a signal fills at its own close; plain Python, in cents.

    Rows are those of the next bar, as for a fill at the next open; exits work from that bar on.
    """
    opens, highs, lows, closes = (np.rint(one * 100) for one in bars)
    rise, fall = crossings(closes, FAST, SLOW)
    trades: list[tuple[float, ...]] = []
    entry: tuple[int, float] | None = None
    for t in range(len(closes)):
        if entry is not None and t >= entry[0]:
            left = leaves(opens[t], highs[t], lows[t], entry[1])
            if left is not None:
                trades.append((entry[0], t, entry[1], left, 0))
                entry = None
        if rise[t]:
            entry = (t + 1, closes[t])
        elif fall[t] and entry is not None:
            trades.append((entry[0], t + 1, entry[1], closes[t], 0))
            entry = None
    if entry is not None:
        trades.append((entry[0], len(closes) - 1, entry[1], closes[-1], 1))
    found = np.array(trades, dtype=float).reshape(-1, 5)
    found[:, 2:4] /= 100
    return found


def leaves(opened: float, high: float, low: float, paid: float) -> float | None:
    """Return where a bar's stop or target sells, None where neither is reached; stop first."""
    stop, target = paid * (1 - STOP), paid * (1 + TARGET)
    if low <= stop:
        return min(opened, stop)
    return max(opened, target) if high >= target else None


def _left_before_open(a: np.ndarray, b: np.ndarray, opens: np.ndarray) -> np.ndarray:
    """Return the trades that we left at a bar's open, and the other by its exit in that bar."""
    same = (a[:, :3] == b[:, :3]).all(axis=1) & (a[:, 3] != b[:, 3])
    ours_at_open = a[:, 3] == opens[a[:, 1].astype(int)]
    exits = np.stack([a[:, 2] * (1 - STOP), a[:, 2] * (1 + TARGET)])
    theirs_at_exit = (np.abs(b[:, 3] / exits - 1) < PRICE_TOLERANCE).any(axis=0)
    found: np.ndarray = same & ours_at_open & theirs_at_exit
    return found


def _trades_apart(a: np.ndarray, b: np.ndarray) -> str:
    """Return the first difference between two lists of trades, in words; empty for none."""
    shared = min(len(a), len(b))
    rows = (a[:shared, :2] != b[:shared, :2]).any(axis=1)
    prices = (np.abs(b[:shared, 2:4] / a[:shared, 2:4] - 1) > PRICE_TOLERANCE).any(axis=1)
    bad = np.flatnonzero(rows | prices)
    if len(bad):
        n = int(bad[0])
        return f"{len(bad):,} of {len(a):,} trades, the first {_said(b[n])}; ours {_said(a[n])}" + (
            f"; {len(b):,} trades in all" if len(a) != len(b) else ""
        )
    return "" if len(a) == len(b) else f"{len(b):,} trades, ours {len(a):,}"


def _said(trade: np.ndarray) -> str:
    enter, leave, paid, got, _ = trade
    return f"row {enter:.0f} at {paid:.4f} to row {leave:.0f} at {got:.4f}"


def growth_of(trades: np.ndarray, close: np.ndarray, *, at_fill: bool) -> float:
    """Return what trades make of an account of 1 that puts INVESTED of itself into each.

    Sized at the close before the entry, or `at_fill`: at the entry's price with its fee.
    """
    growth = 1.0
    for enter, _, paid, got, still in trades:
        base = paid * (1 + FEE) if at_fill else close[int(enter) - 1]
        fee = 0.0 if still else FEE
        growth *= 1 + INVESTED / base * (got * (1 - fee) - paid * (1 + FEE))
    return growth


def work(found: Found) -> float:
    """Return the bars of a run."""
    return float(found["bars"])


WORKLOAD = Workload(
    title="W2: 500,000 minute bars of one name, averages 50/200, stop 1 %, target 2 %, 5 bps",
    unit="bars",
    sides=(
        Side("fondaco", "fondaco", "fondaco_w2", rounds=7),
        Side("fondaco, from prices", "fondaco", "fondaco_raw_w2", rounds=7),
        Side("fondaco, on_bar", "fondaco", "fondaco_on_bar_w2"),
        Side("limit", "limit", "limit_w2", rounds=7),
        Side("vectorbt", "vectorbt", "vectorbt_w2", explained=STOP_BEFORE_OPEN),
        Side("backtesting.py", "backtesting", "backtesting_w2", rounds=1, explained=AT_FILL),
        Side("nautilus_trader", "nautilus", "nautilus_w2", rounds=1, explained=AT_SIGNAL),
        Side("backtrader", "backtrader", "backtrader_w2", rounds=1),
    ),
    compare=compare,
    work=work,
)

if __name__ == "__main__":
    main(WORKLOAD)

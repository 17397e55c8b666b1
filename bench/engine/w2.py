"""W2: one name, 500,000 minute bars, averages of 50 and 200, stop 1 %, target 2 %, 5 basis points.

A crossing at a close buys or sells at the next open; the exits hang on the price of the entry. The
account puts INVESTED of its equity in.
`python -m bench.engine.w2 [--quick] [--rivals vectorbt,backtesting] [--rounds 5]`
"""

from pathlib import Path

import numpy as np
from bench.engine.data import FEE, INVESTED, STOP, TARGET
from bench.engine.workload import Found, Side, Verdict, Workload, main

PRICE_TOLERANCE = 1e-8
TOLERANCE = 1e-6
AT_FILL = "it sizes at the fill, fee included, not at the signal: its growth is held to that rule"
STOP_BEFORE_OPEN = (
    AT_FILL + ";\n" + 29 * " " + "where a signal sells at an open, it lets the stop or target of "
    "that bar go first: allowed there alone"
)


def compare(ours: Found, theirs: Found, folder: Path, side: Side) -> Verdict:
    """Compare every trade, then the growth with what these trades make under the side's sizing."""
    bars = int(theirs["bars"])
    a, b = np.asarray(ours["trades"]), np.asarray(theirs["trades"])
    if bars < int(ours["bars"]):
        a, b = a[a[:, 1] < bars], b[b[:, 4] == 0]
    bars_of = np.load(folder / "minutes.npy")
    allowed = np.zeros(len(b), dtype=bool)
    if side.explained == STOP_BEFORE_OPEN and len(a) == len(b):
        allowed = _left_before_open(a, b, bars_of[0])
    fault = _trades_apart(a, np.where(allowed[:, None], a[: len(b)], b) if allowed.any() else b)
    if fault:
        return Verdict(False, fault)
    if "digest" in theirs and str(theirs["digest"]) != str(ours["digest"]):
        return Verdict(False, "the same trades, but not the same log and record")
    wanted = growth_of(np.asarray(theirs["trades"]), bars_of[3], at_fill=bool(side.explained))
    apart = abs(float(theirs["growth"]) / wanted - 1)
    if not apart <= TOLERANCE:
        return Verdict(False, f"the same {len(a):,} trades, but its growth differs by {apart:.1e}")
    exact = f", {allowed.sum()} by its stop before an open" if allowed.any() else ""
    exact += "; log and record to the last bit" if "digest" in theirs else ""
    return Verdict(True, f"{len(a):,} trades, rows and prices; growth within {apart:.1e}{exact}")


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
        Side("nautilus_trader", "nautilus", "nautilus_w2", rounds=1),
        Side("backtrader", "backtrader", "backtrader_w2", rounds=1),
    ),
    compare=compare,
    work=work,
)

if __name__ == "__main__":
    main(WORKLOAD)

"""W3: a monthly rebalance to inverse volatility, 500 names and 2,520 days, 5 basis points.

INVESTED of the account, sized at the close of each 21st session, filled at the next close.
`python -m bench.engine.w3 [--quick] [--rivals vectorbt,bt] [--rounds 5]`
"""

from pathlib import Path

import numpy as np
from bench.engine.data import FEE, INVESTED, MONTH, WINDOW
from bench.engine.rivals.harness import inverse_volatility
from bench.engine.workload import Found, Side, Verdict, Workload, main

TOLERANCE = 1e-6
AT_FILL = "it sizes at the close that fills and pays fees out of the amount; held to that rule"


def compare(ours: Found, theirs: Found, folder: Path, side: Side) -> Verdict:
    """Compare growth at every close; with the side's own rule where that is explained."""
    wanted, beside = np.asarray(ours["growth"]), "ours"
    if side.explained:
        wanted, beside = sized_at_fill(np.load(folder / "closes.npy")), "its own rule"
    found = np.asarray(theirs["growth"])
    if found.shape != wanted.shape:
        return Verdict(False, f"{found.shape} closes, {beside} {wanted.shape}")
    apart = np.abs(found / wanted - 1).max()
    says = f"{len(wanted):,} equities, {beside} within {apart:.1e}"
    if side.explained:
        gap = np.abs(found / np.asarray(ours["growth"]) - 1).max()
        says += f"; ours within {gap:.1e}"
    return Verdict(bool(apart <= TOLERANCE), says)


def sized_at_fill(close: np.ndarray) -> np.ndarray:
    """Return the growth of an account sized at the close it fills at, fees within the amounts.

    To move a position by an amount of money, fee included, it trades amount / price / (1 + fee),
    or / (1 - fee) when it sells.
    """
    rows, weights = inverse_volatility(close, MONTH, WINDOW)
    due = dict(zip((rows + 1).tolist(), weights, strict=True))
    cash, held, growth = 1.0, np.zeros(close.shape[1]), np.ones(len(close))
    for t in range(len(close)):
        if t in due:
            amount = INVESTED * (cash + held @ close[t]) * due[t] - held * close[t]
            cash -= amount.sum()
            held = held + amount / close[t] / (1 + FEE * np.sign(amount))
        growth[t] = cash + held @ close[t]
    return growth


def work(found: Found) -> float:
    """Return the cells of a run: names x sessions."""
    return float(found["cells"])


WORKLOAD = Workload(
    title="W3: monthly inverse volatility, 500 names x 2,520 days, 5 bps",
    unit="cells",
    sides=(
        Side("fondaco", "fondaco", "fondaco_w3", rounds=7),
        Side("fondaco, from prices", "fondaco", "fondaco_raw_w3", rounds=7),
        Side("limit", "limit", "limit_w3", rounds=7),
        Side("vectorbt", "vectorbt", "vectorbt_w3", rounds=3),
        Side("bt", "bt", "bt_w3", rounds=1, explained=AT_FILL),
    ),
    compare=compare,
    work=work,
)

if __name__ == "__main__":
    main(WORKLOAD)

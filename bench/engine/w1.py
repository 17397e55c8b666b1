"""W1: 100 pairs of averages on 500 names and 2,520 days; each pair and name is its own account.

An account holds INVESTED of its equity while the fast average is above the slow one, else nothing;
it is sized at the close that decides and fills at the next close, for 5 basis points.
`python -m bench.engine.w1 [--quick] [--rivals vectorbt,numpy] [--rounds 3]`
"""

from pathlib import Path

import numpy as np
from bench.engine.workload import Found, Side, Verdict, Workload, main

TOLERANCE = 1e-6


def compare(ours: Found, theirs: Found, _folder: Path, _side: Side) -> Verdict:
    """Compare the growth of every account."""
    a, b = np.asarray(ours["growth"]), np.asarray(theirs["growth"])
    if a.shape != b.shape:
        return Verdict(False, f"{b.shape} accounts, ours {a.shape}")
    apart = np.abs(b / a - 1)
    bad = ~(apart <= TOLERANCE)
    if bad.any():
        return Verdict(False, f"{bad.sum():,} of {bad.size:,} accounts, worst by {apart.max():.2e}")
    return Verdict(True, f"{a.size:,} accounts within {apart.max():.1e}")


def work(found: Found) -> float:
    """Return the cells of a run: pairs x names x sessions."""
    return float(found["cells"])


WORKLOAD = Workload(
    title="W1: sweep of averages, 500 names x 2,520 days x 100 pairs, 5 bps",
    unit="cells",
    sides=(
        Side("fondaco", "fondaco", "fondaco_w1", rounds=5),
        Side("limit, SIMD blocks", "limit", "limit_w1", rounds=5),
        Side("limit, one by one", "limit", "limit_scalar_w1"),
        Side("numpy, by session", "numpy", "numpy_w1"),
        Side("numpy, by trade", "numpy", "numpy_trades_w1"),
        Side("vectorbt", "vectorbt", "vectorbt_w1", rounds=1),
    ),
    compare=compare,
    work=work,
)

if __name__ == "__main__":
    main(WORKLOAD)

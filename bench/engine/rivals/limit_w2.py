"""W2 by a hand-written loop in the order of events."""

from pathlib import Path

import numba
import numpy as np
from bench.engine.data import FAST, SLOW
from bench.engine.limit import bracket
from bench.engine.rivals.harness import Found, cents, serve


def load(folder: Path) -> np.ndarray:
    """Return open, high, low and close in cents."""
    return cents(np.load(folder / "minutes.npy"))


def run(bars: np.ndarray) -> Found:
    """Return the trades and the growth."""
    trades = np.empty((bars.shape[1] // 2, 5))
    growth, count = bracket(bars, FAST, SLOW, trades)
    trades = trades[:count].copy()
    trades[:, 2:4] /= 100
    return {"trades": trades, "growth": growth, "bars": bars.shape[1]}


def warm(bars: np.ndarray) -> Found:
    """Compile on a few bars."""
    return run(bars[:, :1_000].copy())


if __name__ == "__main__":
    serve(load, run, warm=warm, version=f"numba {numba.__version__}")

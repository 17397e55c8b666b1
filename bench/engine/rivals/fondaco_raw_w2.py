"""W2 by Fondaco's sweep from float prices: the tape is made within the time."""

from pathlib import Path

import numpy as np
from bench.engine.data import FAST, SLOW
from bench.engine.own import BRACKET, crossing_decisions, found, minute_tape
from bench.engine.rivals.harness import Found, serve

from fondaco.backtest.sweep import sweep_one


def load(folder: Path) -> np.ndarray:
    """Return open, high, low and close."""
    return np.load(folder / "minutes.npy")


def run(bars: np.ndarray) -> Found:
    """Return the run: trades, growth and a hash of all that was written down."""
    tape = minute_tape(bars)
    return {"run": sweep_one(tape, crossing_decisions(tape, FAST, SLOW), BRACKET)}


def warm(bars: np.ndarray) -> Found:
    """Run a few bars."""
    return run(bars[:, :1_000])


def shown(bars: np.ndarray, kept: Found) -> Found:
    """Return what is compared."""
    return found(kept["run"], float(bars[3, -1]))


if __name__ == "__main__":
    serve(load, run, warm=warm, shown=shown, version="this tree")

"""W2 by Fondaco's sweep, on a tape that is ready: averages, decisions, orders, fills, record."""

from pathlib import Path

import numpy as np
from bench.engine.data import FAST, SLOW
from bench.engine.own import BRACKET, crossing_decisions, found, minute_tape
from bench.engine.rivals.harness import Found, serve

from fondaco.backtest.sweep import sweep_one
from fondaco.backtest.tape import Tape

Given = tuple[Tape, float]


def load(folder: Path) -> Given:
    """Return the tape and the last close."""
    bars = np.load(folder / "minutes.npy")
    return minute_tape(bars), float(bars[3, -1])


def run(given: Given) -> Found:
    """Return the run: trades, growth and a hash of all that was written down."""
    tape, _ = given
    return {"run": sweep_one(tape, crossing_decisions(tape, FAST, SLOW), BRACKET)}


def shown(given: Given, kept: Found) -> Found:
    """Return what is compared."""
    return found(kept["run"], given[1])


if __name__ == "__main__":
    serve(load, run, warm=run, shown=shown, version="this tree")

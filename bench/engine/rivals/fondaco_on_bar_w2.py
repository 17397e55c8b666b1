"""W2 by Fondaco's event style: a strategy in Python, called at every bar."""

from pathlib import Path

import numpy as np
from bench.engine.data import FAST, SLOW
from bench.engine.own import BRACKET, found, minute_tape
from bench.engine.rivals.harness import Found, serve

from fondaco.backtest.on_bar import BarDesk, run_on_bar
from fondaco.backtest.tape import Tape

Given = tuple[Tape, float]


class Crossing:
    """Hold all while the fast average is above the slow one; sums are whole numbers."""

    def __init__(self) -> None:
        self.recent, self.longer, self.inside = 0, 0, False

    def on_bar(self, desk: BarDesk) -> None:
        """Take the bar into both sums, and act where one average crosses the other."""
        row, close = desk.row, desk.close_micros()
        self.recent += close - (desk.close_micros(0, FAST) if row >= FAST else 0)
        self.longer += close - (desk.close_micros(0, SLOW) if row >= SLOW else 0)
        above = row >= SLOW - 1 and self.recent * SLOW > self.longer * FAST
        if above != self.inside:
            self.inside = above
            desk.target(1.0 if above else 0.0)


def load(folder: Path) -> Given:
    """Return the tape and the last close."""
    bars = np.load(folder / "minutes.npy")
    return minute_tape(bars), float(bars[3, -1])


def run(given: Given) -> Found:
    """Return the run."""
    return {"run": run_on_bar(given[0], Crossing(), BRACKET)}


def shown(given: Given, kept: Found) -> Found:
    """Return what is compared."""
    return found(kept["run"], given[1])


if __name__ == "__main__":
    serve(load, run, shown=shown, version="this tree")

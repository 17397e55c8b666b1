"""W3 by Fondaco's sweep, on a tape that is ready."""

from pathlib import Path

import numpy as np
from bench.engine.data import MONTH, WINDOW
from bench.engine.own import TERMS, daily_tape, weighted
from bench.engine.rivals.harness import Found, inverse_volatility, serve

from fondaco.backtest.sweep import sweep_one
from fondaco.backtest.tape import Tape
from fondaco.trading.simulator import layout as x

Given = tuple[np.ndarray, Tape]


def load(folder: Path) -> Given:
    """Return closes and their tape."""
    close = np.load(folder / "closes.npy")
    return close, daily_tape(close)


def run(given: Given) -> Found:
    """Return the growth at every close."""
    close, tape = given
    rows, weights = inverse_volatility(close, MONTH, WINDOW)
    record = sweep_one(tape, weighted(tape, rows, weights), TERMS).record
    return {"growth": record[x.EQUITY] / TERMS.capital, "cells": close.size}


def warm(given: Given) -> Found:
    """Run a few names."""
    close = given[0][:, :5].copy()
    return run((close, daily_tape(close)))


if __name__ == "__main__":
    serve(load, run, warm=warm, version="this tree")

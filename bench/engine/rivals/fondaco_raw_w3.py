"""W3 by Fondaco's sweep, from float prices, the tape made within the time."""

from pathlib import Path

import numpy as np
from bench.engine.data import MONTH, WINDOW
from bench.engine.own import TERMS, daily_tape, weighted
from bench.engine.rivals.harness import Found, inverse_volatility, serve

from fondaco.backtest.sweep import sweep_one
from fondaco.trading.simulator import layout as x


def load(folder: Path) -> np.ndarray:
    """Return closes."""
    return np.load(folder / "closes.npy")


def run(close: np.ndarray) -> Found:
    """Return the growth at every close."""
    tape = daily_tape(close)
    rows, weights = inverse_volatility(close, MONTH, WINDOW)
    record = sweep_one(tape, weighted(tape, rows, weights), TERMS).record
    return {"growth": record[x.EQUITY] / TERMS.capital, "cells": close.size}


def warm(close: np.ndarray) -> Found:
    """Run a few names."""
    return run(close[:, :5].copy())


if __name__ == "__main__":
    serve(load, run, warm=warm, version="this tree")

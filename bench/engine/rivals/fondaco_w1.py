"""W1 by Fondaco: the sweep of crossings, in whole micros and whole shares."""

from pathlib import Path

import numpy as np
from bench.engine.own import TERMS
from bench.engine.rivals.harness import Found, serve

from fondaco.backtest.crossing import cross_sweep

Given = tuple[np.ndarray, np.ndarray]


def load(folder: Path) -> Given:
    """Return closes, and the pairs."""
    return np.load(folder / "closes.npy"), np.load(folder / "pairs.npy")


def run(given: Given) -> Found:
    """Return the growth (P, N) of every account."""
    close, pairs = given
    equity = cross_sweep(close, [(int(fast), int(slow)) for fast, slow in pairs], TERMS)
    return {"growth": equity / TERMS.capital, "cells": len(pairs) * close.size}


def warm(given: Given) -> Found:
    """Run a few names and pairs."""
    return run((given[0][:, :2].copy(), given[1][:2]))


if __name__ == "__main__":
    serve(load, run, warm=warm, version="this tree")

"""W3 by a hand-written loop."""

from pathlib import Path

import numba
import numpy as np
from bench.engine.data import MONTH, WINDOW
from bench.engine.limit import rebalance
from bench.engine.rivals.harness import Found, serve


def load(folder: Path) -> np.ndarray:
    """Return closes."""
    return np.load(folder / "closes.npy")


def run(close: np.ndarray) -> Found:
    """Return the growth at every close."""
    growth = np.empty(len(close))
    rebalance(close, MONTH, WINDOW, growth)
    return {"growth": growth, "cells": close.size}


def warm(close: np.ndarray) -> Found:
    """Compile on a few sessions."""
    return run(close[:100].copy())


if __name__ == "__main__":
    serve(load, run, warm=warm, version=f"numba {numba.__version__}")

"""W1 by a hand-written loop, by vectors."""

from pathlib import Path

import numba
import numpy as np
from bench.engine.limit import crossing_blocks
from bench.engine.rivals.harness import Found, cents, serve

Given = tuple[np.ndarray, np.ndarray]


def load(folder: Path) -> Given:
    """Return closes in cents, and the pairs."""
    return cents(np.load(folder / "closes.npy")), np.load(folder / "pairs.npy")


def run(given: Given) -> Found:
    """Return the growth (P, N) of every account."""
    close, pairs = given
    growth = np.empty((len(pairs), close.shape[1]))
    crossing_blocks(close, pairs, growth)
    return {"growth": growth, "cells": len(pairs) * close.size}


def warm(given: Given) -> Found:
    """Compile on a few names and pairs."""
    return run((given[0][:, :2].copy(), given[1][:2]))


if __name__ == "__main__":
    serve(load, run, warm=warm, version=f"numba {numba.__version__}")

"""W1 in plain numpy, as most would write it: averages by running sums, then session by session."""

from pathlib import Path
from typing import Any

import numpy as np
from bench.engine.data import FEE, INVESTED
from bench.engine.rivals.harness import Found, cents, serve, sma

Given = tuple[np.ndarray, np.ndarray]


def load(folder: Path) -> Given:
    """Return closes in cents, and the pairs."""
    return cents(np.load(folder / "closes.npy")), np.load(folder / "pairs.npy")


def run(given: Given) -> Found:
    """Return the growth (P, N) of every account."""
    close, pairs = given
    means = {int(window): sma(close, int(window)) for window in np.unique(pairs)}
    growth = np.array([_pair(close, means[int(f)], means[int(s)]) for f, s in pairs])
    return {"growth": growth, "cells": len(pairs) * close.size}


def _pair(close: np.ndarray, fast: np.ndarray, slow: np.ndarray) -> Any:
    above = fast > slow
    cash, held = np.ones(close.shape[1]), np.zeros(close.shape[1])
    inside = np.zeros(close.shape[1], dtype=bool)
    for t in range(len(close) - 1):
        turned = above[t] != inside
        if turned.any():
            wanted = np.where(above[t], INVESTED * (cash + held * close[t]) / close[t], 0.0)
            change = np.where(turned, wanted - held, 0.0)
            value = change * close[t + 1]
            cash = cash - value - FEE * np.abs(value)
            held = held + change
            inside = above[t]
    return cash + held * close[-1]


if __name__ == "__main__":
    serve(load, run, version=f"numpy {np.__version__}")

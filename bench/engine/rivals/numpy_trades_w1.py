"""W1 in numpy by a shortcut: no sessions, only the product of what each trade made of an account.

It holds for this rule alone: the account is out of the market between trades.
"""

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
    means = {int(window): sma(close, int(window)).T.copy() for window in np.unique(pairs)}
    turned = close.T.copy()
    growth = np.array([_pair(turned, means[int(f)], means[int(s)]) for f, s in pairs])
    return {"growth": growth, "cells": len(pairs) * close.size}


def _pair(close: np.ndarray, fast: np.ndarray, slow: np.ndarray) -> Any:
    names, rows = close.shape
    above = np.zeros((names, rows + 1), dtype=bool)
    above[:, 1:-1] = (fast > slow)[:, :-1]  # nothing before the first, out at the end
    name, edge = np.nonzero(above[:, 1:] != above[:, :-1])  # a turn up, a turn down, ...
    (who, up), down = (name[::2], edge[::2]), edge[1::2]
    closed = down < rows - 1
    leave = np.minimum(down + 1, rows - 1)
    share = INVESTED / close[who, up]
    paid = close[who, up + 1] * (1 + FEE)
    got = close[who, leave] * np.where(closed, 1 - FEE, 1.0)
    made = 1 + share * (got - paid)
    growth = np.ones(names)
    first = np.flatnonzero(np.diff(who, prepend=-1))
    if len(who):
        growth[who[first]] = np.multiply.reduceat(made, first)
    return growth


if __name__ == "__main__":
    serve(load, run, version=f"numpy {np.__version__}")

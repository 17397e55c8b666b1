"""W1 by vectorbt: target percents, ten pairs at a time, for all at once need tens of gigabytes."""

from pathlib import Path

import numpy as np
import pandas as pd
import vectorbt as vbt
from bench.engine.data import CAPITAL, FEE, INVESTED
from bench.engine.rivals.harness import Found, cents, serve

CHUNK = 10

Given = tuple[pd.DataFrame, np.ndarray]


def load(folder: Path) -> Given:
    """Return closes in cents, and the pairs."""
    return pd.DataFrame(cents(np.load(folder / "closes.npy"))), np.load(folder / "pairs.npy")


def run(given: Given) -> Found:
    """Return the growth (P, N) of every account."""
    close, pairs = given
    means = {int(w): vbt.MA.run(close, int(w)).ma.to_numpy() for w in np.unique(pairs)}
    growth = [
        _chunk(close, [(means[int(fast)], means[int(slow)]) for fast, slow in pairs[n : n + CHUNK]])
        for n in range(0, len(pairs), CHUNK)
    ]
    return {"growth": np.concatenate(growth), "cells": len(pairs) * close.size}


def _chunk(close: pd.DataFrame, means: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    above = np.concatenate([fast > slow for fast, slow in means], axis=1)
    turned = above.copy()
    turned[1:] ^= above[:-1]
    size = np.full(above.shape, np.nan)
    size[1:] = np.where(turned, np.where(above, INVESTED, 0.0), np.nan)[:-1]
    prices = pd.concat([close] * len(means), axis=1, ignore_index=True)
    portfolio = vbt.Portfolio.from_orders(
        prices,
        size=size,
        size_type="targetpercent",
        val_price=prices.shift(1).bfill(),
        fees=FEE,
        init_cash=CAPITAL,
        freq="1D",
    )
    return portfolio.final_value().to_numpy().reshape(len(means), -1) / CAPITAL


def warm(given: Given) -> Found:
    """Compile on a few names and pairs."""
    return run((given[0].iloc[:, :3], given[1][:2]))


if __name__ == "__main__":
    serve(load, run, warm=warm, version=f"vectorbt {vbt.__version__}")

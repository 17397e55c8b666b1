"""W3 by bt: it trades on the close that sets weights, so that they are set a session later."""

import warnings
from pathlib import Path

import bt
import numpy as np
import pandas as pd
from bench.engine.data import FEE, INVESTED, MONTH, WINDOW
from bench.engine.rivals.harness import Found, inverse_volatility, serve

warnings.filterwarnings("ignore")
CAPITAL = 1_000_000.0
"""Its shares are fractions, so that the amount does not matter; a large one stops its search for
a quantity that cash covers."""


def load(folder: Path) -> pd.DataFrame:
    """Return closes."""
    close = np.load(folder / "closes.npy")
    index = pd.date_range("2015-01-05", periods=len(close), freq="D")
    return pd.DataFrame(close, index, [f"B{n:03d}" for n in range(close.shape[1])])


def run(close: pd.DataFrame) -> Found:
    """Return the growth at every close."""
    rows, weights = inverse_volatility(close.to_numpy(), MONTH, WINDOW)
    due = pd.DataFrame(INVESTED * weights, close.index[rows + 1], close.columns)
    strategy = bt.Strategy("W3", [bt.algos.WeighTarget(due), bt.algos.Rebalance()])
    test = bt.Backtest(
        strategy,
        close,
        initial_capital=CAPITAL,
        commissions=lambda quantity, price: abs(quantity) * price * FEE,
        integer_positions=False,
        progress_bar=False,
    )
    test.run()
    values = test.strategy.values.to_numpy()[-len(close) :]
    return {"growth": values / CAPITAL, "cells": close.size}


if __name__ == "__main__":
    serve(load, run, version=f"bt {bt.__version__}")

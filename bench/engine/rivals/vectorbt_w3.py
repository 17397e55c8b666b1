"""W3 by vectorbt: target percents with shared cash, valued at the close that decides."""

from pathlib import Path

import numpy as np
import pandas as pd
import vectorbt as vbt
from bench.engine.data import CAPITAL, FEE, INVESTED, MONTH, WINDOW
from bench.engine.rivals.harness import Found, inverse_volatility, serve


def load(folder: Path) -> pd.DataFrame:
    """Return closes."""
    return pd.DataFrame(np.load(folder / "closes.npy"))


def run(close: pd.DataFrame) -> Found:
    """Return the growth at every close."""
    rows, weights = inverse_volatility(close.to_numpy(), MONTH, WINDOW)
    size = np.full(close.shape, np.nan)
    size[rows + 1] = INVESTED * weights  # the close after the one that decides
    portfolio = vbt.Portfolio.from_orders(
        close,
        size=size,
        size_type="targetpercent",
        val_price=close.shift(1).bfill(),
        fees=FEE,
        init_cash=CAPITAL,
        cash_sharing=True,
        group_by=True,
        call_seq="auto",
        freq="1D",
    )
    return {"growth": portfolio.value().to_numpy() / CAPITAL, "cells": close.size}


def warm(close: pd.DataFrame) -> Found:
    """Compile on a few sessions."""
    return run(close.iloc[:100, :5])


if __name__ == "__main__":
    serve(load, run, warm=warm, version=f"vectorbt {vbt.__version__}")

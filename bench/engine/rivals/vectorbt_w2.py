"""W2 by vectorbt: signals, shifted by a bar so that they fill at the next open."""

from pathlib import Path

import numpy as np
import pandas as pd
import vectorbt as vbt
from bench.engine.data import CAPITAL, FAST, FEE, INVESTED, SLOW, STOP, TARGET
from bench.engine.rivals.harness import Found, cents, serve


def load(folder: Path) -> pd.DataFrame:
    """Return open, high, low and close in cents."""
    bars = cents(np.load(folder / "minutes.npy"))
    return pd.DataFrame(dict(zip(("open", "high", "low", "close"), bars, strict=True)))


def run(bars: pd.DataFrame) -> Found:
    """Return the portfolio, with its growth and its trades worked out."""
    fast = vbt.MA.run(bars["close"], FAST).ma.to_numpy()
    slow = vbt.MA.run(bars["close"], SLOW).ma.to_numpy()
    above = fast > slow
    before = np.concatenate([[False], above[:-1]])
    due = np.concatenate([[False], (above & ~before)[:-1]])
    over = np.concatenate([[False], (before & ~above)[:-1]])
    portfolio = vbt.Portfolio.from_signals(
        bars["close"],
        entries=due,
        exits=over,
        open=bars["open"],
        high=bars["high"],
        low=bars["low"],
        price=bars["open"],
        size=INVESTED,
        size_type="percent",
        direction="longonly",
        sl_stop=STOP,
        tp_stop=TARGET,
        stop_entry_price="fillprice",
        stop_exit_price="stopmarket",
        fees=FEE,
        init_cash=CAPITAL,
        freq="1min",
    )
    growth = portfolio.final_value() / CAPITAL
    return {"growth": growth, "bars": len(bars), "kept": portfolio.trades.records_arr}


def warm(bars: pd.DataFrame) -> Found:
    """Compile on a few bars."""
    return run(bars.iloc[:2_000])


def shown(_bars: pd.DataFrame, kept: Found) -> Found:
    """Return the trades as they are compared."""
    records = kept["kept"]
    columns = ["entry_idx", "exit_idx", "entry_price", "exit_price"]
    trades = np.column_stack([*(records[name] for name in columns), records["status"] == 0])
    trades[:, 2:4] /= 100
    return {"growth": kept["growth"], "bars": kept["bars"], "trades": trades}


if __name__ == "__main__":
    serve(load, run, warm=warm, shown=shown, version=f"vectorbt {vbt.__version__}")

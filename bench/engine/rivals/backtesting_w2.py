"""W2 by backtesting.py: exits are set once the fill is known, at the close of the entry's bar."""

import warnings
from pathlib import Path

import backtesting
import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy
from bench.engine.data import CAPITAL, FAST, FEE, INVESTED, SLOW, STOP, TARGET
from bench.engine.rivals.harness import Found, cents, serve, sma

warnings.filterwarnings("ignore")
backtesting.backtesting._tqdm = lambda given, **_: given  # no progress bar in the time


class Crossing(Strategy):
    """Hold while the fast average is above the slow one, with a stop and a target."""

    def init(self) -> None:
        """Work out both averages at once."""
        self.fast = self.I(sma, np.asarray(self.data.Close, dtype=float), FAST)
        self.slow = self.I(sma, np.asarray(self.data.Close, dtype=float), SLOW)
        self.inside = False

    def next(self) -> None:
        """Set the exits of a new trade, then act on a crossing."""
        for trade in self.trades:
            if trade.sl is None:
                trade.sl = trade.entry_price * (1 - STOP)
                trade.tp = trade.entry_price * (1 + TARGET)
        above = self.fast[-1] > self.slow[-1]
        if above == self.inside:
            return
        self.inside = above
        if above:
            self.buy(size=INVESTED)
        else:
            self.position.close()


def load(folder: Path) -> pd.DataFrame:
    """Return the bars in cents."""
    bars = cents(np.load(folder / "minutes.npy"))
    index = pd.date_range("2015-01-05", periods=bars.shape[1], freq="min")
    return pd.DataFrame(dict(zip(("Open", "High", "Low", "Close"), bars, strict=True)), index)


def run(bars: pd.DataFrame) -> Found:
    """Return trades and growth."""
    stats = Backtest(bars, Crossing, cash=CAPITAL * 100, commission=FEE).run()
    return {"stats": stats, "bars": len(bars)}


def shown(bars: pd.DataFrame, kept: Found) -> Found:
    """Return the trades as they are compared, the one that is still open included."""
    stats = kept["stats"]
    every = [*stats["_strategy"].closed_trades, *stats["_strategy"].trades]
    last = len(bars) - 1
    trades = [
        (t.entry_bar, t.exit_bar, t.entry_price / 100, t.exit_price / 100, 0)
        if t.exit_bar is not None
        else (t.entry_bar, last, t.entry_price / 100, bars["Close"].iloc[-1] / 100, 1)
        for t in every
    ]
    growth = stats["Equity Final [$]"] / (CAPITAL * 100)
    return {"trades": np.array(trades, float), "growth": growth, "bars": kept["bars"]}


if __name__ == "__main__":
    serve(load, run, shown=shown, version=f"backtesting.py {backtesting.__version__}")

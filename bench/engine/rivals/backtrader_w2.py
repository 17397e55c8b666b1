"""W2 by backtrader, on fewer bars: exits are sent at the close of the entry's bar."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import backtrader as bt
import numpy as np
from bench.engine.data import CAPITAL, FAST, FEE, INVESTED, SLOW, STOP, TARGET
from bench.engine.rivals.harness import Found, bars_slow, cents, serve

START = datetime(2015, 1, 5, tzinfo=UTC)


class Bars(bt.feed.DataBase):
    """The array as backtrader's lines."""

    params = (("bars", None),)

    def start(self) -> None:
        """Begin at the first bar."""
        super().start()
        self.columns = [column.tolist() for column in self.p.bars]
        self.at = 0

    def _load(self) -> bool:
        if self.at >= len(self.columns[0]):
            return False
        self.l.datetime[0] = bt.date2num(START + timedelta(minutes=self.at))
        self.l.open[0], self.l.high[0] = self.columns[0][self.at], self.columns[1][self.at]
        self.l.low[0], self.l.close[0] = self.columns[2][self.at], self.columns[3][self.at]
        self.l.volume[0] = self.l.openinterest[0] = 0.0
        self.at += 1
        return True


class Crossing(bt.Strategy):
    """Hold while the fast average is above the slow one, with a stop and a target."""

    def __init__(self) -> None:
        """Make both averages."""
        self.fast, self.slow = bt.ind.SMA(period=FAST), bt.ind.SMA(period=SLOW)
        self.inside, self.kept, self.entry, self.guard = False, [], None, None
        self.due = False

    def notify_order(self, order: bt.Order) -> None:
        """Note a fill."""
        if order.status != order.Completed:
            return
        price, row = order.executed.price, len(self.data) - 1
        if order.isbuy():
            self.entry, self.due = (row, price), True
        else:
            self.kept.append((self.entry[0], row, self.entry[1] / 100, price / 100, 0))
            self.entry = None

    def next(self) -> None:
        """Act on a crossing; hang exits on a new entry that is not already to be sold."""
        above = self.fast[0] > self.slow[0]
        if above != self.inside:
            self.inside = above
            self.act(above)
        elif self.due:
            self.protect()
        self.due = False

    def act(self, above: bool) -> None:
        """Buy, or sell what is held."""
        if above:
            value = self.broker.getvalue()
            self.buy(size=float(int(INVESTED * value / self.data.close[0])))
        elif self.position:
            if not self.due:
                self.cancel(self.guard)
            self.close()

    def protect(self) -> None:
        """Send a stop and a limit, of which one cancels the other."""
        price, held = self.entry[1], self.position.size
        self.guard = self.sell(size=held, exectype=bt.Order.Stop, price=price * (1 - STOP))
        self.sell(size=held, exectype=bt.Order.Limit, price=price * (1 + TARGET), oco=self.guard)


def load(folder: Path) -> np.ndarray:
    """Return the bars in cents."""
    return cents(np.load(folder / "minutes.npy"))[:, : bars_slow(folder)]


def run(bars: np.ndarray) -> Found:
    """Return trades and growth."""
    engine = bt.Cerebro(stdstats=False)
    engine.adddata(Bars(bars=bars))
    engine.addstrategy(Crossing)
    engine.broker.setcash(CAPITAL * 100)
    engine.broker.setcommission(commission=FEE)
    strategy = engine.run()[0]
    trades = list(strategy.kept)
    if strategy.entry is not None:
        row, price = strategy.entry
        trades.append((row, bars.shape[1] - 1, price / 100, bars[3, -1] / 100, 1))
    growth = engine.broker.getvalue() / (CAPITAL * 100)
    return {"trades": np.array(trades), "growth": growth, "bars": bars.shape[1]}


if __name__ == "__main__":
    serve(load, run, version=f"backtrader {bt.__version__}")

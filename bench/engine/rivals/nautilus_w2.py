"""W2 by nautilus_trader, on fewer bars: an order sent in `on_bar` fills at that bar's close."""

from decimal import Decimal
from pathlib import Path

import nautilus_trader
import numpy as np
from bench.engine.data import CAPITAL, FAST, FEE, INVESTED, SLOW, STOP, TARGET
from bench.engine.rivals.harness import Found, bars_slow, serve
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

NAME = InstrumentId.from_str("BENCH.SIM")
BARS = BarType.from_str(f"{NAME}-1-MINUTE-LAST-EXTERNAL")
MINUTE = 60_000_000_000
DIGITS = 4  # a stop of 1 % and a target of 2 % lie on this grid

Given = tuple[list[Bar], np.ndarray]


class Crossing(Strategy):
    """Hold while the fast average is above the slow one, with a stop and a target."""

    def __init__(self) -> None:
        """Begin flat; sums are whole numbers of cents."""
        super().__init__()
        self.closes, self.recent, self.longer, self.inside = [], 0, 0, False
        self.kept, self.entry = [], None

    def on_start(self) -> None:
        """Ask for the bars."""
        self.subscribe_bars(BARS)

    def on_bar(self, bar: Bar) -> None:
        """Take the bar into both sums, and act on a crossing."""
        close = round(float(bar.close) * 100)
        self.closes.append(close)
        row = len(self.closes) - 1
        self.recent += close - (self.closes[row - FAST] if row >= FAST else 0)
        self.longer += close - (self.closes[row - SLOW] if row >= SLOW else 0)
        above = row >= SLOW - 1 and self.recent * SLOW > self.longer * FAST
        if above != self.inside:
            self.inside = above
            self.act(above, close)

    def act(self, above: bool, close: int) -> None:
        """Buy, or sell what is held."""
        if above:
            money = self.portfolio.account(Venue("SIM")).balance_total(USD).as_double()
            shares = Quantity.from_int(int(INVESTED * money / (close / 100)))
            self.submit_order(self.order_factory.market(NAME, OrderSide.BUY, shares))
        elif self.entry is not None:
            self.cancel_all_orders(NAME)
            self.close_all_positions(NAME)

    def on_order_filled(self, event: object) -> None:
        """Note a fill; hang exits on an entry's price, end them when the position is gone."""
        price, row = float(event.last_px), len(self.closes) - 1
        if event.order_side == OrderSide.BUY:
            self.entry = (row + 1, price)
            stop = Price(price * (1 - STOP), DIGITS)
            target = Price(price * (1 + TARGET), DIGITS)
            held, make = event.last_qty, self.order_factory
            self.submit_order(make.stop_market(NAME, OrderSide.SELL, held, stop, reduce_only=True))
            self.submit_order(make.limit(NAME, OrderSide.SELL, held, target, reduce_only=True))
            return
        self.cancel_all_orders(NAME)
        # An exit fills before on_bar sees its bar; a sale on a signal is noted as the next bar's,
        # as elsewhere.
        self.kept.append((self.entry[0], row + 1, self.entry[1], price, 0))
        self.entry = None


def load(folder: Path) -> Given:
    """Return the bars as nautilus objects, which takes longer than the run."""
    bars = np.load(folder / "minutes.npy")[:, : bars_slow(folder)]
    volume = Quantity.from_int(10**12)
    made = [
        Bar(BARS, *(Price(one, DIGITS) for one in bars[:, t]), volume, ts, ts)
        for t, ts in enumerate(range(MINUTE, MINUTE * (bars.shape[1] + 1), MINUTE))
    ]
    return made, bars


def run(given: Given) -> Found:
    """Return trades and growth."""
    quiet = LoggingConfig(bypass_logging=True)
    engine = BacktestEngine(BacktestEngineConfig(logging=quiet, run_analysis=False))
    engine.add_venue(
        Venue("SIM"),
        OmsType.NETTING,
        AccountType.MARGIN,
        [Money(CAPITAL, USD)],
        base_currency=USD,
        default_leverage=Decimal(10),
    )
    engine.add_instrument(_instrument())
    engine.add_data(given[0], validate=False)
    strategy = Crossing()
    engine.add_strategy(strategy)
    engine.run()
    account = engine.portfolio.account(Venue("SIM"))
    cash = account.balance_total(USD).as_double()
    trades, bars = list(strategy.kept), given[1]
    if strategy.entry is not None:
        row, paid = strategy.entry
        last = bars[3, -1]
        cash += engine.portfolio.unrealized_pnl(NAME).as_double()
        trades.append((row, bars.shape[1] - 1, paid, last, 1))
    engine.dispose()
    return {"trades": np.array(trades), "growth": cash / CAPITAL, "bars": bars.shape[1]}


def _instrument() -> Equity:
    fee = Decimal(str(FEE))
    return Equity(
        NAME,
        Symbol("BENCH"),
        USD,
        DIGITS,
        Price(10**-DIGITS, DIGITS),
        Quantity.from_int(1),
        0,
        0,
        margin_init=Decimal(0),
        margin_maint=Decimal(0),
        maker_fee=fee,
        taker_fee=fee,
    )


if __name__ == "__main__":
    serve(load, run, version=f"nautilus_trader {nautilus_trader.__version__}")

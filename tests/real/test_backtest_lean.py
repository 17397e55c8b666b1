"""Backtests on the Lean sample data: splits, dividends and a reused ticker pass through accounts.

Expected numbers are those of the companies' own announcements and of the files themselves.
"""

import hashlib
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fondaco.adapters.providers.file import FileProvider
from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.adapters.stores.raw.archive import FolderArchive
from fondaco.backtest.asked import Asked
from fondaco.backtest.play import Given, Played, play
from fondaco.backtest.request import Request
from fondaco.core.activity import ActivityKind
from fondaco.core.clock import FixedClock
from fondaco.core.ids import Ids
from fondaco.core.jobs import Silent
from fondaco.market.book import SymbolBook
from fondaco.market.ingest import Ingestor
from fondaco.market.ports import Ask
from fondaco.market.prices import Prices
from unit.market.rows import exchange

HERE = Path(__file__).parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get("FONDACO_SHARED_DATA", HERE)) / "01_us_equities"
BARS_FILE = DATA / "lean_us_daily_unadjusted.parquet"
CLOCK = FixedClock(datetime(2021, 4, 1, 12, tzinfo=UTC))

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not BARS_FILE.exists(), reason=f"SKIPPED: {BARS_FILE} is not there"),
]


def ids() -> Ids:
    """Return ids whose chance is a counter."""
    numbers = count()
    return Ids(CLOCK, lambda n: hashlib.shake_256(str(next(numbers)).encode()).digest(n))


class Desk:
    """A desk on disk with all of the file, that runs strategies in memory."""

    def __init__(self, folder: Path) -> None:
        self.store = DeltaStore(folder / "market")
        self.book = SymbolBook(self.store)
        calendars = exchange()
        self.ingestor = Ingestor(
            self.store,
            FolderArchive(folder / "raw"),
            self.book,
            calendars,
            {"file": lambda: FileProvider(CLOCK)},
            CLOCK,
            ids(),
        )
        self.prices = Prices(self.store, self.book, calendars)
        options = {
            "path": str(BARS_FILE),
            "factors": str(DATA / "lean_factor_files.csv"),
            "names": str(DATA / "lean_map_files.csv"),
        }
        self.ingestor.ingest("file", Ask(options=options))

    def hold(self, symbol: str, since: date, until: date, day: date | None = None) -> Played:
        """Buy and hold one share with 100,000 USD and no costs."""
        who = self.book.by_symbol(symbol, day or until)
        panels = [
            self.prices.panel((who.id,), as_of=CLOCK.now(), until=until, adjusted=adjusted)
            for adjusted in (True, False)
        ]
        terms = Asked(capital=Decimal(100_000)).terms()
        request = Request("buy_and_hold", {}, since, until, terms, (symbol,), "test")
        return play(Given(panels[0], panels[1]), self.book, request, ids(), Silent())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk that took the whole file in."""
    return Desk(tmp_path_factory.mktemp("lean"))


def _equity(played: Played) -> dict[date, Decimal]:
    days = played.series.days.astype("datetime64[D]").tolist()
    return dict(zip(days, played.run.equity, strict=True))


def _raw(symbol: str, day: date) -> Decimal:
    rows = pl.read_parquet(BARS_FILE).filter(
        (pl.col("symbol") == symbol) & (pl.col("date").cast(pl.Date) == day)
    )
    return Decimal(str(rows["close"][0]))


def test_apples_seven_for_one_of_june_2014_changes_equity_by_nothing(desk: Desk) -> None:
    played = desk.hold("AAPL", date(2014, 5, 12), date(2014, 7, 31))
    (bought,) = played.run.fills
    (split,) = played.run.activities
    assert split.kind is ActivityKind.SPLIT
    assert split.ts.date() == date(2014, 6, 9)
    assert split.quantity == 6 * bought.quantity  # seven for one
    assert split.amount == 0
    equity = _equity(played)
    before, after = _raw("AAPL", date(2014, 6, 6)), _raw("AAPL", date(2014, 6, 9))
    assert (before, after) == (Decimal("645.57"), Decimal("93.7"))
    moved = equity[date(2014, 6, 9)] - equity[date(2014, 6, 6)]
    assert moved == bought.quantity * (7 * after - before)  # the day's own move, and nothing else


def test_apples_dividends_are_what_it_announced(desk: Desk) -> None:
    played = desk.hold("AAPL", date(2013, 6, 3), date(2014, 12, 31))
    (bought,) = played.run.fills
    paid = {
        one.ts.date(): one.amount
        / (bought.quantity * (7 if one.ts.year == 2014 and one.ts.month > 6 else 1))
        for one in played.run.activities
        if one.kind is ActivityKind.DIVIDEND
    }
    announced = {  # Apple's dividend history, per share of the day
        date(2013, 8, 8): 3.05,
        date(2013, 11, 6): 3.05,
        date(2014, 2, 6): 3.05,
        date(2014, 5, 8): 3.29,
        date(2014, 8, 7): 0.47,
        date(2014, 11, 6): 0.47,
    }
    assert list(paid) == list(announced)
    for day, amount in announced.items():
        assert float(paid[day]) == pytest.approx(amount, abs=0.02), day


def test_raw_prices_with_actions_earn_what_adjusted_prices_say(desk: Desk) -> None:
    """Dividends wait as cash here and are reinvested in adjusted prices: a small difference."""
    played = desk.hold("AAPL", date(2014, 5, 12), date(2014, 8, 6))  # no dividend in between
    adjusted = played.panel.close[played.tape.first :, 0]
    (bought,) = played.run.fills
    opened = played.panel.fields["open"][played.tape.first + 1, 0]
    growth = adjusted[-1] / opened
    invested = float(bought.quantity * bought.price)
    assert float(played.run.equity[-1]) - 100_000 == pytest.approx(
        invested * (growth - 1), rel=2e-3
    )


def test_a_reused_ticker_does_not_join_two_companies(desk: Desk) -> None:
    first, second = (
        desk.book.by_symbol("FB", date(1999, 12, 1)),
        desk.book.by_symbol("FB", date(2014, 1, 2)),
    )
    assert first.id != second.id
    played = desk.hold("FB", date(2012, 6, 1), date(2014, 1, 31))
    assert played.tape.instruments == (second.id,)
    known = np.flatnonzero(played.tape.plane("close")[:, 0])
    assert played.tape.moment(int(known[0])).date() >= date(2012, 5, 18)  # Facebook's first day


def test_every_share_of_the_file_runs_and_its_books_hold(desk: Desk) -> None:
    symbols = ("AAPL", "IBM", "SPY", "IWM", "EEM", "GOOG", "WM")
    panel_of = desk.prices.panel
    who = [desk.book.by_symbol(symbol, date(2015, 1, 2)).id for symbol in symbols]
    until = date(2016, 12, 30)
    panels = [panel_of(who, as_of=CLOCK.now(), until=until, adjusted=a) for a in (True, False)]
    request = Request(
        "momentum",
        {"lookback": 126, "names_min": 3},
        date(2005, 1, 3),
        until,
        Asked(capital=Decimal(1_000_000), costs="US_ZERO_COMMISSION").terms(),
        symbols,
        "test",
    )
    with pytest.raises(Exception, match="does not reach back"):
        play(Given(panels[0], panels[1]), desk.book, request, ids(), Silent())
    since = date(2007, 1, 3)
    request = Request("momentum", request.parameters, since, until, request.terms, symbols, "test")
    played = play(Given(panels[0], panels[1]), desk.book, request, ids(), Silent())
    assert len(played.run.fills) > 100
    kinds = {one.kind for one in played.run.activities}
    assert {ActivityKind.DIVIDEND, ActivityKind.SPLIT} <= kinds

"""The Lean sample data through the `file` provider: unadjusted bars, factors and dated tickers.

Expected numbers are those of the data's own description and of its factor file.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import polars as pl
import pytest

from fondaco.adapters.providers.file import FileProvider
from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.adapters.stores.raw.archive import FolderArchive
from fondaco.core.clock import FixedClock
from fondaco.core.ids import Ids
from fondaco.market.book import SymbolBook
from fondaco.market.ingest import Ingestor
from fondaco.market.ports import Ask
from fondaco.market.prices import Prices
from fondaco.market.results import IngestReport
from fondaco.market.tables import BARS
from unit.market.rows import exchange

HERE = Path(__file__).parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get("FONDACO_SHARED_DATA", HERE)) / "01_us_equities"
BARS_FILE = DATA / "lean_us_daily_unadjusted.parquet"
FACTORS = DATA / "lean_factor_files.csv"
CLOCK = FixedClock(datetime(2021, 4, 1, 12, tzinfo=UTC))

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not BARS_FILE.exists(), reason=f"SKIPPED: {BARS_FILE} is not there"),
]


class Desk:
    """A desk on disk that reads files."""

    def __init__(self, folder: Path) -> None:
        numbers = count()
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
            Ids(CLOCK, lambda n: hashlib.shake_256(str(next(numbers)).encode()).digest(n)),
        )
        self.prices = Prices(self.store, self.book, calendars)
        self.report: IngestReport | None = None

    def take(self, **options: str) -> IngestReport:
        """Ingest a file."""
        return self.ingestor.ingest("file", Ask(options=options))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk that took the whole file in, with its factors and names."""
    desk = Desk(tmp_path_factory.mktemp("lean"))
    desk.report = desk.take(
        path=str(BARS_FILE), factors=str(FACTORS), names=str(DATA / "lean_map_files.csv")
    )
    return desk


def _raw_closes(symbol: str) -> dict[date, float]:
    rows = pl.read_parquet(BARS_FILE).filter(pl.col("symbol") == symbol)
    return dict(rows.select(pl.col("date").cast(pl.Date), "close").rows())


def test_every_row_is_either_kept_or_set_aside(desk: Desk) -> None:
    assert desk.report is not None
    given = pl.read_parquet(BARS_FILE).height
    assert desk.report.rows_given == given
    assert desk.report.rows_new + desk.report.rows_quarantined == given
    assert desk.report.rows_quarantined < 0.05 * given
    assert desk.store.read(BARS).height == desk.report.rows_new


def test_no_split_that_the_factor_file_knows_is_taken_for_a_jump(desk: Desk) -> None:
    splits = {
        ("AAPL", date(2000, 6, 21)),
        ("AAPL", date(2005, 2, 28)),
        ("AAPL", date(2014, 6, 9)),
        ("AAPL", date(2020, 8, 31)),
        ("IBM", date(1999, 5, 27)),
        ("EEM", date(2005, 6, 9)),
        ("EEM", date(2008, 7, 24)),
        ("IWM", date(2005, 6, 9)),
    }
    for symbol, day in splits:
        who = desk.book.by_symbol(symbol, day)
        bars = desk.prices.bars(who.id, as_of=CLOCK.now(), since=day, until=day)
        assert [bar.session for bar in bars] == [day], symbol


def test_the_fall_of_2000_09_29_waits_for_a_person(desk: Desk) -> None:
    # 53.38 to 25.81: true, after a profit warning, but nothing in the files explains it.
    apple = desk.book.by_symbol("AAPL", date(2000, 9, 29))
    faults = desk.ingestor.faults(instruments=(apple.id,), rule="jump", resolved=False)
    assert faults[-1].session == date(2000, 9, 29)
    assert "-51.6%" in faults[-1].reason


@pytest.mark.parametrize(
    "day",
    [
        date(2014, 6, 4),
        date(2014, 6, 6),
        date(2014, 6, 9),
        date(2014, 6, 10),
        date(2012, 8, 8),
        date(2012, 8, 9),
        date(2020, 8, 28),
        date(2020, 8, 31),
        date(2005, 2, 25),
    ],
)
def test_apple_is_adjusted_as_its_factor_file_says(desk: Desk, day: date) -> None:
    # adjusted = raw x price factor x split factor, for dates up to and with the row's date.
    table = (
        pl.read_csv(FACTORS)
        .filter(pl.col("symbol") == "AAPL")
        .with_columns(pl.col("date").cast(pl.String).str.to_date("%Y%m%d"))
        .sort("date")
    )
    row = table.filter(pl.col("date") >= day).row(0, named=True)
    expected = _raw_closes("AAPL")[day] * row["price_factor"] * row["split_factor"]
    apple = desk.book.by_symbol("AAPL", day)
    panel = desk.prices.panel((apple.id,), as_of=CLOCK.now(), since=day, until=day)
    assert panel.close[0, 0] == pytest.approx(expected, rel=1e-9)


def test_before_a_split_was_known_prices_are_as_printed(desk: Desk) -> None:
    apple = desk.book.by_symbol("AAPL", date(2014, 6, 6))
    as_of = datetime(2014, 6, 6, 20, 0, tzinfo=UTC)
    panel = desk.prices.panel((apple.id,), as_of=as_of, since=date(2014, 6, 6))
    bar = desk.prices.last_bar(apple.id, as_of=as_of)
    assert panel.close[-1, 0] == 645.57
    assert bar is not None
    assert float(bar.close) == 645.57


def test_a_ticker_that_another_company_took_over_is_two_instruments(desk: Desk) -> None:
    old = desk.book.by_symbol("FB", date(2001, 1, 5))
    new = desk.book.by_symbol("FB", date(2015, 1, 5))
    assert old.id != new.id
    assert max(b.session for b in desk.prices.bars(old.id, as_of=CLOCK.now())) < date(2003, 4, 1)
    first = desk.prices.bars(new.id, as_of=CLOCK.now())[0]
    assert (first.session, float(first.close)) == (date(2012, 5, 18), 38.37)
    merged = desk.book.by_symbol("GOOGL", date(2015, 1, 5))
    assert [s.symbol for s in merged.symbols] == ["GOOG", "GOOGL"]


def test_rows_of_days_on_which_the_ticker_meant_nothing_are_set_aside(desk: Desk) -> None:
    faults = desk.ingestor.faults(rule="symbol")
    assert {fault.instrument for fault in faults} == {"EEM"}
    assert max(f.session for f in faults if f.session) < date(2003, 4, 11)  # EEM's first day


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    content, version = desk.store.content_hash(BARS), desk.store.version(BARS)
    again = desk.take(
        path=str(BARS_FILE), factors=str(FACTORS), names=str(DATA / "lean_map_files.csv")
    )
    assert again.rows_new == 0
    assert (desk.store.content_hash(BARS), desk.store.version(BARS)) == (content, version)

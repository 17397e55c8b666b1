"""The pystock data through the `file` provider: its known faults are quarantined, all else kept.

The known faults are those that the data's own description lists: prices of preferred shares under
a common ticker, and rows without volume.
"""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from fondaco.adapters.providers import file as file_module
from fondaco.market.tables import BARS
from real.test_market_lean import Desk

HERE = Path(__file__).parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get("FONDACO_SHARED_DATA", HERE)) / "01_us_equities"
FILE = DATA / "pystock_sp500_daily_2015_2017.parquet"
NOW = datetime(2021, 4, 1, 12, tzinfo=UTC)

WRONG_SPANS = {
    "MS": [(date(2017, 2, 14), date(2017, 2, 16))],
    "NEE": [(date(2016, 6, 9), date(2016, 11, 21)), (date(2016, 11, 29), date(2017, 1, 30))],
    "VNO": [(date(2015, 6, 30), date(2015, 6, 30))],
}

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not FILE.exists(), reason=f"SKIPPED: {FILE} is not there"),
]


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """The file's own rows."""
    return pl.read_parquet(FILE).with_columns(pl.col("date").cast(pl.Date)).sort("symbol", "date")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk that took the whole file in: the factor known next day is that of the next row."""
    assert file_module.NAME == "file"
    desk = Desk(tmp_path_factory.mktemp("pystock"))
    desk.report = desk.take(path=str(FILE), mapping="next_factor=known_next_day_factor")
    return desk


def _kept(desk: Desk, symbol: str) -> set[date]:
    who = desk.book.by_symbol(symbol, date(2016, 1, 4))
    return {bar.session for bar in desk.prices.bars(who.id, as_of=NOW)}


@pytest.mark.parametrize("symbol", sorted(WRONG_SPANS))
def test_a_span_of_a_preferred_share_is_quarantined_whole_and_nothing_else(
    desk: Desk, rows: pl.DataFrame, symbol: str
) -> None:
    days = set(rows.filter(pl.col("symbol") == symbol)["date"])
    if not days:
        pytest.skip(f"SKIPPED: the file has no row of {symbol}")
    wrong = {day for day in days for first, last in WRONG_SPANS[symbol] if first <= day <= last}
    assert wrong
    assert days - _kept(desk, symbol) == wrong


def test_every_row_without_volume_is_quarantined(desk: Desk, rows: pl.DataFrame) -> None:
    empty = set(rows.filter(pl.col("volume") == 0).select("symbol", "date").rows())
    names = {i.id: i.symbol for i in desk.book.all()}
    found = {(names[f.instrument], f.session) for f in desk.ingestor.faults(rule="zero_volume")}
    assert found == empty
    assert len(empty) >= 4


def test_splits_that_the_next_mornings_factor_explains_are_kept(desk: Desk) -> None:
    # 2-for-1, 7-for-1 and 3-for-1 splits of the period, from the companies' announcements.
    for symbol, day in (
        ("NFLX", date(2015, 7, 15)),
        ("SBUX", date(2015, 4, 9)),
        ("ROST", date(2015, 6, 12)),
        ("MNST", date(2016, 11, 10)),
        ("CMCSA", date(2017, 2, 21)),
    ):
        assert day in _kept(desk, symbol), symbol


def test_nothing_but_faults_is_left_out(desk: Desk, rows: pl.DataFrame) -> None:
    assert desk.report is not None
    assert desk.report.rows_given == rows.height
    assert desk.report.rows_new + desk.report.rows_quarantined == rows.height
    assert desk.report.rows_quarantined < 0.01 * rows.height
    jumped = {f.instrument for f in desk.ingestor.faults(rule="jump")}
    names = {i.id: i.symbol for i in desk.book.all()}
    # Each of these moved by more than 40 % without a supplied factor: two wrong instruments, a
    # split of CF and of UA that the file lacks, and true moves of three shares.
    assert {names[i] for i in jumped} == {"MS", "NEE", "CF", "UA", "ADT", "AMD", "GMCR"}


def test_a_kept_row_is_known_at_its_close(desk: Desk) -> None:
    kept = desk.store.read(BARS)
    assert (kept["ts"] == kept["known_at"]).all()


def test_a_mapped_collection_day_is_the_known_time(tmp_path: Path, rows: pl.DataFrame) -> None:
    some = rows.filter(pl.col("symbol") == "MS").head(20)
    some.write_parquet(tmp_path / "ms.parquet")
    desk = Desk(tmp_path)
    desk.take(path=str(tmp_path / "ms.parquet"), mapping="known_at=first_file_date")
    kept = desk.store.read(BARS).sort("session")
    first = some.row(0, named=True)
    assert first["first_file_date"] > first["date"].strftime("%Y%m%d")
    assert kept["known_at"][0] == datetime(2015, 3, 24, tzinfo=UTC)  # the end of 23 March
    assert (kept["known_at"] > kept["ts"]).all()

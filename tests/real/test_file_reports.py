"""Statements, lists of tickers and ticks of the shared files, with what is special to each."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from real.test_file_kinds import DATA, EQUITIES, FUNDAMENTALS, INTRADAY, Desk, Taken, _events

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.exists(), reason=f"SKIPPED: {DATA} is not there"),
]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """The reports of the first few hundred companies: the book is slow to take in thousands."""
    path = DATA / FUNDAMENTALS / "pystock_reports_2015_2017.parquet"
    if not path.exists():
        pytest.skip(f"SKIPPED: {path} is not there")
    folder = tmp_path_factory.mktemp("reports")
    table = pl.read_parquet(path)
    some = table["symbol"].unique().sort().head(300).to_list()
    table = table.filter(pl.col("symbol").is_in(some))
    table.write_parquet(folder / "reports.parquet")
    desk = Desk(folder)
    return Taken(desk, desk.take(folder / "reports.parquet", layout="pystock-reports"), table)


def test_reports_are_known_on_the_day_they_were_collected(reports: Taken) -> None:
    rows = reports.rows("fundamentals")
    report = reports.report
    assert report.rows_new + report.rows_quarantined == report.rows_given
    assert report.rows_quarantined < 0.01 * report.rows_given
    assert rows.filter(pl.col("known_at") < pl.col("ts")).is_empty()
    day = datetime(2016, 3, 1, tzinfo=UTC)
    known = reports.desk.store.read("fundamentals", as_of=day)
    collected = reports.table.filter(pl.col("collected") < "20160229")
    assert known["instrument"].n_unique() == collected["symbol"].n_unique()


def test_income_is_of_a_quarter_and_cash_flow_runs_from_the_start_of_the_year(
    reports: Taken,
) -> None:
    # Of a year, the third quarter's revenue is about a quarter, its cash flow about three.
    rows = reports.rows("fundamentals").filter(pl.col("value") != 0)
    key = ["instrument", "item", "fiscal_year"]
    third = rows.filter(pl.col("fiscal_period") == "Q3").select(*key, third="value", begun="start")
    year = rows.filter(pl.col("fiscal_period") == "FY").select(*key, whole="value")
    part = (
        third.join(year, on=key).group_by("item").agg((pl.col("third") / pl.col("whole")).median())
    )
    shares = dict(part.rows())
    assert shares["revenues"] == pytest.approx(0.25, abs=0.02)
    assert shares["cash_flow_op"] == pytest.approx(0.72, abs=0.05)


def test_a_list_of_tickers_shows_who_was_listed_and_who_went(tmp_path: Path) -> None:
    path = DATA / EQUITIES / "pystock_symbols.csv"
    if not path.exists():
        pytest.skip(f"SKIPPED: {path} is not there")
    table = pl.read_csv(path, infer_schema=False)
    some = table.sort("symbol").head(1_200)
    some.write_csv(tmp_path / "symbols.csv")
    desk = Desk(tmp_path)
    report = desk.take(tmp_path / "symbols.csv", layout="symbol-list")
    assert report.rows_given == report.rows_new == _events(some)
    assert len(desk.book.all()) == some["symbol"].n_unique()
    gone = some.filter(pl.col("last_seen") != some["last_seen"].max()).row(0, named=True)
    who = next(i for i in desk.book.all() if i.symbol == gone["symbol"])
    assert who.symbols[0].end == datetime.strptime(gone["last_seen"], "%Y%m%d").date()  # noqa: DTZ007
    assert who.name == gone["name"]


@pytest.mark.slow
def test_of_the_quotes_of_one_millisecond_the_last_stands(tmp_path: Path) -> None:
    path = DATA / INTRADAY / "lean_ibm_tick_quotes_20131007.parquet"
    if not path.exists():
        pytest.skip(f"SKIPPED: {path} is not there")
    desk = Desk(tmp_path)
    report = desk.take(path, layout="lean-tick-quotes")
    table = pl.read_parquet(path)
    moments = table["ts"].n_unique()
    assert report.rows_given == table.height
    assert report.rows_new + report.rows_quarantined == moments
    assert desk.ingestor.faults(rule="crossed") == ()

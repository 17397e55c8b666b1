"""Every market file of the shared data through the `file` provider and a real ingestor.

Row counts are those of the files themselves; the faults are those that the data's own description
lists. Splits are from the companies' announcements.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from fondaco.adapters.providers.file import FileProvider
from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.adapters.stores.raw.archive import FolderArchive
from fondaco.core.clock import FixedClock
from fondaco.core.ids import Ids
from fondaco.market.book import SymbolBook
from fondaco.market.ingest import Ingestor
from fondaco.market.ports import Ask, Fault
from fondaco.market.results import IngestReport
from unit.market.rows import exchange

HERE = Path(__file__).parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get("FONDACO_SHARED_DATA", HERE))
CLOCK = FixedClock(datetime(2026, 9, 1, 12, tzinfo=UTC))

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.exists(), reason=f"SKIPPED: {DATA} is not there"),
]

EQUITIES, INDIA, OPTIONS = "01_us_equities", "02_india", "03_options"
INTRADAY, FUNDAMENTALS, MACRO = "04_intraday_crypto", "05_fundamentals", "06_macro"

SPLITS = """symbol,ex_date,action,factor
AAPL,2014-06-09,split,0.142857142857
IBM,1999-05-27,split,0.5
"""


class File(NamedTuple):
    """A file, the options by which it is read, and the rules under which rows may wait.

    `rows` counts the rows that the file says, where that is not one per line; `repeats` are lines
    that say what another said.
    """

    options: dict[str, str]
    rules: frozenset[str] = frozenset()
    rows: Callable[[pl.DataFrame], int] = lambda table: table.height
    repeats: int = 0


def _cells(*ids: str) -> Callable[[pl.DataFrame], int]:
    """Return what counts the filled cells of a wide table."""

    def filled(table: pl.DataFrame) -> int:
        rest = table.drop(ids)
        return sum(int((rest[c].cast(pl.String).fill_null("") != "").sum()) for c in rest.columns)

    return filled


def _valued(table: pl.DataFrame) -> int:
    return table.height - table["value"].null_count()


def _spans(table: pl.DataFrame) -> int:
    return table.height + table["end_date"].drop_nulls().len()


def _events(table: pl.DataFrame) -> int:
    came = table["first_seen"] != table["first_seen"].min()
    left = table["last_seen"] != table["last_seen"].max()
    return int(came.sum() + left.sum())


def _changes(table: pl.DataFrame) -> int:
    return sum(len(cell.split(",")) for name in ("add", "remove") for cell in table[name] if cell)


NONE: frozenset[str] = frozenset()
JUMPS = frozenset({"jump"})
FILES = {
    f"{EQUITIES}/pystock_corporate_actions_derived.parquet": File(
        {"layout": "pystock-actions"}, frozenset({"duplicate"}), repeats=1
    ),
    f"{EQUITIES}/skfolio_factor_etfs.csv.gz": File(
        {"layout": "closes-wide", "asset_class": "etf"}, NONE, _cells("Date")
    ),
    f"{EQUITIES}/skfolio_sp500_index.csv.gz": File(
        {"layout": "closes-wide", "asset_class": "index"}, NONE, _cells("Date")
    ),
    f"{EQUITIES}/sp500_changes_since_2019.csv": File(
        {"layout": "sp500-changes"}, frozenset({"missing"}), _changes
    ),
    f"{EQUITIES}/sp500_ticker_start_end.csv": File({"layout": "sp500-spans"}, NONE, _spans),
    f"{EQUITIES}/sp500_constituents_gics.csv": File({"layout": "gics", "vintage": "2026-08-08"}),
    f"{EQUITIES}/stockindicators_spx.csv": File({"layout": "index-us", "symbol": "SPX"}),
    f"{EQUITIES}/stocknet_88_daily.parquet": File(
        {"layout": "ohlc-adjusted"}, frozenset({"zero_volume", "jump", "missing"})
    ),
    f"{EQUITIES}/stocknet_sector_table.tsv": File({"layout": "sectors", "vintage": "2017-09-01"}),
    f"{INDIA}/lean_india_minute.parquet": File(
        {"layout": "lean-india-minute", "classes": "NIFTY50=index,JUNIORBEES=etf"}
    ),
    f"{OPTIONS}/lean_aapl_2014_chain_daily_bidask.parquet": File(
        {"layout": "lean-chain", "symbol": "AAPL"}
    ),
    f"{OPTIONS}/lean_twx_2014_chain_daily_bidask.parquet": File(
        {"layout": "lean-chain", "symbol": "TWX"}
    ),
    f"{OPTIONS}/lean_aapl_2014_universe_iv_greeks.parquet": File(
        {"layout": "lean-universe", "symbol": "AAPL"}
    ),
    f"{OPTIONS}/lean_spx_universe_iv_greeks.parquet": File(
        {"layout": "lean-universe", "symbol": "SPX", "asset_class": "index"},
        frozenset({"missing"}),
    ),
    f"{OPTIONS}/lean_spy_option_minute_quotes_20230803.parquet": File(
        {"layout": "lean-option-minute"}
    ),
    f"{OPTIONS}/optbt_options_data.csv": File({"layout": "option-quotes", "asset_class": "index"}),
    f"{OPTIONS}/optbt_test_data_stocks.csv": File({"layout": "tiingo-days", "asset_class": "etf"}),
    f"{INTRADAY}/lean_coinbase_minute_trades.parquet": File(
        {"layout": "lean-crypto-minute"}, frozenset({"jump", "spike"})
    ),
    f"{INTRADAY}/lean_es_futures_minute_trades.parquet": File(
        {"layout": "lean-future-minute", "multiplier": "50", "tick": "0.25"}
    ),
    f"{INTRADAY}/lean_us_equity_minute_quotes.parquet": File(
        {"layout": "lean-minute-quotes"}, frozenset({"jump", "spike", "hours", "empty_quote"})
    ),
    f"{INTRADAY}/lean_us_equity_minute_trades.parquet": File(
        {"layout": "lean-minute-trades"}, frozenset({"jump", "spike", "hours"})
    ),
    f"{MACRO}/arch_sp500.csv.gz": File({"layout": "index-us", "symbol": "SPX"}),
    f"{MACRO}/arch_nasdaq.csv.gz": File({"layout": "index-us", "symbol": "IXIC"}),
    f"{MACRO}/arch_vix.csv.gz": File({"layout": "macro-wide"}, frozenset({"unreadable"})),
    f"{MACRO}/arch_wti.csv.gz": File({"layout": "macro-wide"}, frozenset({"unreadable"})),
    f"{MACRO}/arch_default.csv.gz": File(
        {"layout": "macro-wide", "mapping": "frequency='M'"}, NONE, _cells("Date")
    ),
    f"{MACRO}/arch_frenchdata.csv.gz": File({"layout": "french-factors"}, NONE, _cells("Date")),
    f"{MACRO}/fred_us_gov_series_to_2022.parquet": File(
        {
            "layout": "fred-long",
            "about": str(DATA / MACRO / "fred_metadata.csv"),
            "about_mapping": "series=series_id,frequency=freq",
        },
        NONE,
        _valued,
    ),
    f"{MACRO}/us_treasury_par_yields_daily.csv": File(
        {"layout": "treasury-par"}, NONE, _cells("Date")
    ),
}
SLOW = {
    f"{EQUITIES}/skfolio_sp500_20.csv.gz": File({"layout": "closes-wide"}, JUMPS, _cells("Date")),
    f"{EQUITIES}/pystock_sp500_daily_2015_2017.parquet": File(
        {"layout": "pystock-daily"}, frozenset({"jump", "zero_volume", "idle_factor"})
    ),
    f"{INTRADAY}/lean_ibm_tick_trades.parquet": File({"layout": "lean-tick-trades"}),
    f"{INTRADAY}/lean_us_equity_hourly_spy_ibm.parquet": File(
        {"layout": "lean-hour-trades"}, frozenset({"jump", "spike", "hours"})
    ),
}


class Desk:
    """A desk on disk that reads files."""

    def __init__(self, folder: Path) -> None:
        numbers = count()
        self.store = DeltaStore(folder / "market")
        self.book = SymbolBook(self.store)
        self.ingestor = Ingestor(
            self.store,
            FolderArchive(folder / "raw"),
            self.book,
            exchange(),
            {"file": lambda: FileProvider(CLOCK)},
            CLOCK,
            Ids(CLOCK, lambda n: hashlib.shake_256(str(next(numbers)).encode()).digest(n)),
        )

    def take(self, path: Path, *, kind: str = "bars_1d", **options: str) -> IngestReport:
        """Ingest a file."""
        return self.ingestor.ingest("file", Ask(kind=kind, options={"path": str(path)} | options))


class Taken(NamedTuple):
    """What a desk holds of one file."""

    desk: Desk
    report: IngestReport
    table: pl.DataFrame

    def rows(self, kind: str) -> pl.DataFrame:
        """Return the rows in force of a kind."""
        return self.desk.store.read(kind)

    def faults(self, *rules: str) -> list[Fault]:
        """Return the faults of some rules."""
        return [f for rule in rules for f in self.desk.ingestor.faults(rule=rule)]

    def symbols(self) -> dict[str, str]:
        """Return the tickers of the book."""
        return {i.id: i.symbol for i in self.desk.book.all()}


Take = Callable[[str], Taken]


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Take]:
    """Takes a file in once, on a desk of its own that knows two splits."""

    @cache
    def taken(name: str) -> Taken:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"SKIPPED: {path} is not there")
        folder = tmp_path_factory.mktemp("file")
        desk = Desk(folder)
        (folder / "splits.csv").write_text(SPLITS)
        desk.take(folder / "splits.csv", kind="actions", known="ts")
        file = (FILES | SLOW)[name]
        return Taken(desk, desk.take(path, **file.options), _table(path))

    yield taken
    taken.cache_clear()


def _table(path: Path) -> pl.DataFrame:
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    separator = "\t" if path.suffix == ".tsv" else ","
    return pl.read_csv(path, infer_schema=False, separator=separator)


def _check(taken: Taken, file: File) -> None:
    report = taken.report
    assert report.rows_given == file.rows(taken.table)
    kept = report.rows_given - file.repeats
    assert report.rows_new + report.rows_quarantined == kept
    assert report.rows_new > 0
    held = {f.rule for f in taken.desk.ingestor.faults() if f.row}
    assert held <= file.rules
    sources = taken.rows(report.kinds[0].kind)["source"].unique().to_list()
    adjusted = file.options["layout"] in {"closes-wide", "ohlc-adjusted"}
    assert ("file:adjusted" if adjusted else "file") in sources


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_row_of_a_file_is_kept_or_set_aside_for_a_known_reason(take: Take, name: str) -> None:
    _check(take(name), FILES[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SLOW))
def test_every_row_of_a_great_file_is_kept_or_set_aside(take: Take, name: str) -> None:
    _check(take(name), SLOW[name])


def test_a_volatility_of_zero_is_none_and_so_are_its_greeks(take: Take) -> None:
    for file in ("lean_aapl_2014_universe_iv_greeks", "lean_spx_universe_iv_greeks"):
        taken = take(f"{OPTIONS}/{file}.parquet")
        kept = taken.rows("chains")
        zero = taken.table.filter(pl.col("right").is_not_null() & (pl.col("iv") == 0)).height
        told = taken.table.filter(pl.col("iv") > 0).height
        assert zero > 0
        assert (kept["iv"].null_count(), kept["iv"].is_not_null().sum()) == (zero, told)
        assert kept.filter(pl.col("iv").is_null())["vega"].null_count() == zero


def test_the_underlyings_row_of_a_universe_is_no_contract(take: Take) -> None:
    taken = take(f"{OPTIONS}/lean_spx_universe_iv_greeks.parquet")
    blank = taken.table.filter(pl.col("right").is_null()).height
    assert len([f for f in taken.faults("missing") if f.row]) == blank > 0


def test_the_true_close_of_the_underlying_is_read_and_not_the_wrong_one(take: Take) -> None:
    # 645.57 and 93.70 are Apple's closes before and after the split; the file's own row says 92.72.
    kept = take(f"{OPTIONS}/lean_aapl_2014_chain_daily_bidask.parquet").rows("chains")
    assert kept.group_by("ts").agg(pl.col("underlying").unique()).sort("ts").rows() == [
        (datetime(2014, 6, 6, 20, tzinfo=UTC), [645.57]),
        (datetime(2014, 6, 9, 20, tzinfo=UTC), [93.7]),
    ]


def test_contracts_of_a_minute_are_told_apart_by_their_name(take: Take) -> None:
    kept = take(f"{OPTIONS}/lean_spy_option_minute_quotes_20230803.parquet").rows("chains")
    assert set(kept.select("right", "strike", "expiry").unique().rows()) == {
        (right, strike, date(2023, 9, 1)) for right in ("call", "put") for strike in (430.0, 470.0)
    }
    first: Any = kept["ts"].min()
    assert first == datetime(2023, 8, 3, 13, 31, tzinfo=UTC)  # 09:30 in New York, and a minute


def _marked(faults: list[Fault]) -> int:
    """Return how many rows the marks of a rule speak of: "25 rows, the first at ..."."""
    return sum(int(f.reason.split(" ")[0].replace(",", "")) for f in faults if not f.row)


def _held(taken: Taken, is_so: Callable[[dict[str, Any]], bool]) -> int:
    """Return how many rows that were set aside are so."""
    return sum(is_so(json.loads(f.row)) for f in taken.desk.ingestor.faults() if f.row)


def test_quotes_are_crossed_and_locked_as_often_as_the_file_says(take: Take) -> None:
    # The data's description: crossed 0, locked 223, one-sided 12.
    taken = take(f"{INTRADAY}/lean_us_equity_minute_quotes.parquet")
    assert taken.faults("crossed") == []
    locked = _held(taken, lambda row: row["bid"] == row["ask"] and bool(row["bid"]))
    assert _marked(taken.faults("locked")) + locked == 223
    single = _held(taken, lambda row: bool(row["bid"]) != bool(row["ask"]))
    assert _marked(taken.faults("one_sided")) + single == 12


def test_an_index_is_not_divided_like_a_share(take: Take) -> None:
    kept = take(f"{INDIA}/lean_india_minute.parquet")
    names, rows = kept.symbols(), kept.rows("bars_intraday")
    rows = rows.with_columns(pl.col("instrument").replace_strict(names).alias("symbol"))
    middle = dict(rows.group_by("symbol").agg(pl.col("close").median()).rows())
    assert 10_600 < middle["NIFTY50"] < 11_000
    assert 283 < middle["JUNIORBEES"] < 293
    assert 90 < middle["YESBANK"] < 97
    local = rows["ts"].dt.convert_time_zone("Asia/Kolkata").dt.hour()
    assert (local.min(), local.max()) == (9, 15)


def test_each_month_of_a_future_is_an_instrument_and_each_pair_has_its_currency(
    take: Take,
) -> None:
    futures = take(f"{INTRADAY}/lean_es_futures_minute_trades.parquet").desk.book.all()
    es = {i.symbol: i for i in futures if i.asset_class.value == "future"}
    assert set(es) >= {"ES-201312", "ES-201403", "ES-202003"}
    assert {(i.venue, i.multiplier) for i in es.values()} == {("XCME", 50)}
    pairs = take(f"{INTRADAY}/lean_coinbase_minute_trades.parquet").desk.book.all()
    assert {(i.symbol, i.currency) for i in pairs if i.venue == "XCRY"} == {
        ("BTC-EUR", "EUR"), ("BTC-USD", "USD"), ("ETH-USD", "USD"), ("LTC-USD", "USD"),
    }  # fmt: skip


def test_dividends_give_the_adjusted_closes_that_the_file_itself_has(take: Take) -> None:
    taken = take(f"{OPTIONS}/optbt_test_data_stocks.csv")
    rows = taken.rows("bars_1d").with_columns(
        pl.col("instrument").replace_strict(taken.symbols()).alias("symbol")
    )
    told = taken.table.select(
        "symbol", pl.col("date").str.to_date().alias("session"), pl.col("adjClose").cast(pl.Float64)
    )
    met = rows.join(told, on=["symbol", "session"]).sort("symbol", "session")
    ratio = (pl.col("adjClose") / pl.col("close")).alias("ratio")
    steps = met.with_columns(ratio).with_columns(
        wanted=pl.col("ratio").shift(1).over("symbol") / pl.col("ratio")
    )
    paid = steps.filter(pl.col("factor") < 1)
    assert paid.height == 5
    # The file buys for a dividend at the close of its ex-date, we at the close before.
    assert (paid["wanted"] / paid["factor"] - 1).abs().max() < 1e-4  # type: ignore[operator]
    plain = steps.filter((pl.col("factor") == 1) & pl.col("wanted").is_not_null())
    assert (plain["wanted"] - 1).abs().max() < 1e-9  # type: ignore[operator]


def test_a_mixed_file_of_yields_is_read_by_both_ways_of_writing_days(take: Take) -> None:
    taken = take(f"{MACRO}/us_treasury_par_yields_daily.csv")
    kept = taken.rows("yields")
    told = taken.table.filter(pl.any_horizontal(pl.exclude("Date").is_not_null()))
    assert kept["day"].n_unique() == told.height == taken.table.height - 1  # one line is empty
    assert (kept["day"].min(), kept["day"].max()) == (date(1990, 1, 2), date(2022, 12, 23))
    last = kept.filter(pl.col("day") == date(2022, 12, 23)).sort("tenor")
    assert last["percent"].to_list()[-3:] == [3.75, 3.99, 3.82]  # the file's first line
    assert (kept["known_at"] == kept["ts"]).all()


def test_the_newest_vintage_of_fred_is_not_known_before_it_was_read(take: Take) -> None:
    taken = take(f"{MACRO}/fred_us_gov_series_to_2022.parquet")
    kept = taken.rows("macro")
    assert kept["known_at"].unique().to_list() == [CLOCK.now()]
    assert kept["vintage"].any() is False
    assert taken.desk.store.read("macro", as_of=datetime(2022, 12, 31, tzinfo=UTC)).is_empty()
    january = kept.filter((pl.col("series") == "PAYEMS") & (pl.col("period") == date(2020, 1, 1)))
    assert january["ts"].to_list() == [datetime(2020, 2, 1, 5, tzinfo=UTC)]


def test_a_holiday_without_a_number_is_set_aside_at_its_row(take: Take) -> None:
    taken = take(f"{MACRO}/arch_vix.csv.gz")
    none = taken.table.filter(pl.col("vix").cast(pl.Float64, strict=False).is_null())
    assert len(taken.faults("unreadable")) == none.height > 0
    assert all("arch_vix.csv row " in f.where for f in taken.faults("unreadable"))


def test_members_are_those_of_the_day_and_no_one_leaves_before_it_is_known(take: Take) -> None:
    taken = take(f"{EQUITIES}/sp500_ticker_start_end.csv")
    names = taken.symbols()
    for day in (date(2008, 9, 15), date(2017, 6, 19), date(2024, 1, 2)):
        moment = datetime(day.year, day.month, day.day, 20, tzinfo=UTC)
        rows = taken.desk.store.read("memberships", as_of=moment)
        now = rows.filter(pl.col("end").is_null() | (pl.col("end") >= day))
        told = taken.table.filter(
            (pl.col("start_date") <= str(day))
            & (pl.col("end_date").is_null() | (pl.col("end_date") > str(day)))
        )
        assert sorted(names[m] for m in now["member"]) == sorted(told["ticker"])
        assert 480 < now.height < 520


def test_sectors_are_known_from_the_day_of_their_list(take: Take) -> None:
    taken = take(f"{EQUITIES}/sp500_constituents_gics.csv")
    before = taken.desk.store.read("classifications", as_of=datetime(2026, 8, 8, tzinfo=UTC))
    assert before.is_empty()
    assert taken.rows("classifications")["sector"].n_unique() == 11  # GICS has eleven sectors


def test_a_factor_is_of_the_next_session_and_known_when_it_was_collected(take: Take) -> None:
    taken = take(f"{EQUITIES}/pystock_corporate_actions_derived.parquet")
    rows = taken.rows("actions").with_columns(
        pl.col("instrument").replace_strict(taken.symbols()).alias("symbol")
    )
    splits = {
        symbol: rows.filter((pl.col("symbol") == symbol) & (pl.col("action") == "split"))
        for symbol in ("SBUX", "ROST")
    }
    # Two for one each, on 9 April and 12 June 2015.
    assert [s["ex_date"].to_list() for s in splits.values()] == [
        [date(2015, 4, 9)],
        [date(2015, 6, 12)],
    ]
    assert all(s["factor"].to_list() == [pytest.approx(0.5, rel=0.01)] for s in splits.values())
    assert splits["SBUX"]["known_at"].to_list() == [datetime(2015, 4, 10, 4, tzinfo=UTC)]

"""Real files as rows of kinds: what a desk has kept already, and what comes in next."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument
from fondaco.market.identity import UNDATED, instrument_id

DAILY_SYMBOLS = 40
DAILY_HISTORY = 300
WRONG = {"MS", "NEE", "VNO", "CF", "UA", "ADT", "AMD", "GMCR", "DTV"}
"""Symbols of the daily file with faults or unexplained moves of their own."""
NEW_YORK = "America/New_York"


@dataclass(frozen=True, slots=True)
class Scene:
    """Rows of one kind out of a real file. `at` is when both parts were asked for."""

    name: str
    kind: str
    instruments: tuple[Instrument, ...]
    history: pl.DataFrame
    fresh: pl.DataFrame
    at: datetime

    @property
    def of(self) -> str:
        """The column that says what a row is about."""
        return {"yields": "curve", "macro": "series"}.get(self.kind, "instrument")


def share(symbol: str, venue: str = "XNYS") -> Instrument:
    """Return a share."""
    return Instrument(
        id=instrument_id(AssetClass.EQUITY, venue, symbol, UNDATED),
        symbols=(DatedSymbol(symbol, UNDATED),),
        asset_class=AssetClass.EQUITY,
        venue=venue,
        currency="USD",
    )


def daily(data: Path) -> Scene:
    """Return unadjusted daily bars of 40 shares, with the factors known next morning."""
    rows = pl.read_parquet(data / "01_us_equities" / "pystock_sp500_daily_2015_2017.parquet")
    rows = rows.filter(~pl.col("symbol").is_in(WRONG))
    full = rows.group_by("symbol").len().filter(pl.col("len") == pl.col("len").max())
    symbols = full.sort("symbol")["symbol"].to_list()[:DAILY_SYMBOLS]
    rows = rows.filter(pl.col("symbol").is_in(symbols)).sort("symbol", "date")
    rows = rows.select(
        instrument=_ids("symbol"),
        session=pl.col("date").cast(pl.Date),
        **{name: pl.col(name).cast(pl.Float64) for name in ("open", "high", "low", "close")},
        volume=pl.col("volume").cast(pl.Float64),
        factor=pl.col("known_next_day_factor").shift(1).over("symbol").fill_null(1.0),
    )
    first = rows["session"].unique().sort()[DAILY_HISTORY]
    return _scene("daily bars, pystock", "bars_1d", symbols, rows, pl.col("session") < first)


def minutes(data: Path) -> Scene:
    """Return minute bars of three shares over five days of October 2013; the last day is new."""
    rows = _minute_rows(data, "trades").select(
        "instrument",
        "ts",
        *("open", "high", "low", "close"),
        seconds=pl.lit(60),
        final=pl.lit(True),
        volume=pl.col("volume").cast(pl.Float64),
    )
    return _minute_scene("minute bars, Lean", "bars_intraday", rows)


def quotes(data: Path) -> Scene:
    """Return minute quotes of the same shares and days."""
    rows = _minute_rows(data, "quotes").select(
        "instrument",
        "ts",
        "bid",
        "ask",
        *(pl.col(name).cast(pl.Float64) for name in ("bid_size", "ask_size")),
        last=pl.lit(None, pl.Float64),
    )
    return _minute_scene("minute quotes, Lean", "quotes", rows)


def chain(data: Path) -> Scene:
    """Return the closing quotes of Apple's options on 2014-06-09, after the 7-for-1 split."""
    rows = pl.read_parquet(data / "03_options" / "lean_aapl_2014_chain_daily_bidask.parquet")
    rows = rows.filter((pl.col("date") == "20140609") & (pl.col("ask") > 0))
    close = datetime(2014, 6, 9, 20, 0, tzinfo=UTC)
    rows = rows.select(
        instrument=pl.lit(share("AAPL").id),
        ts=pl.lit(close),
        expiry=pl.col("expiry").str.to_date("%Y%m%d"),
        strike="strike",
        right=pl.col("right").replace({"C": "call", "P": "put"}),
        root=pl.lit("AAPL"),
        bid="bid",
        ask="ask",
        underlying="underlying_close",
        iv=pl.lit(0.3),
        delta=pl.lit(0.5),
    ).unique(["expiry", "strike", "right"], keep="first", maintain_order=True)
    rows = rows.sort("expiry", "right", "strike")
    return _scene("option chain, Lean AAPL", "chains", ["AAPL"], rows, pl.lit(False))


def treasury(data: Path) -> Scene:
    """Return par yields of the Treasury from 2015; from September 2020 on they are new."""
    rows = pl.read_csv(data / "06_macro" / "us_treasury_par_yields_daily.csv")
    tenors = {"3 Mo": 0.25, "6 Mo": 0.5, "1 Yr": 1.0, "2 Yr": 2.0, "3 Yr": 3.0, "5 Yr": 5.0}
    tenors |= {"7 Yr": 7.0, "10 Yr": 10.0, "20 Yr": 20.0, "30 Yr": 30.0}
    day = pl.col("Date").str.replace_all("-", "/").str.to_date("%m/%d/%Y")
    rows = rows.with_columns(day=day).filter(pl.col("day") >= date(2015, 1, 1))
    rows = rows.unpivot(list(tenors), index="day", variable_name="name", value_name="percent")
    rows = rows.select(
        "day",
        curve=pl.lit("UST"),
        ts=pl.col("day").cast(pl.Datetime("us", "UTC")) + timedelta(hours=21),
        rate=pl.lit("par"),
        tenor=pl.col("name").replace_strict(tenors, return_dtype=pl.Float64),
        percent=pl.col("percent").cast(pl.Float64, strict=False),
        currency=pl.lit("USD"),
    ).drop_nulls("percent")
    rows = rows.sort("tenor", "day")
    return _scene("par yields, US Treasury", "yields", [], rows, pl.col("day") < date(2020, 9, 1))


def macro(data: Path) -> Scene:
    """Return the monthly and slower series of FRED; what is after 2010 is new."""
    rows = pl.read_parquet(data / "06_macro" / "fred_us_gov_series_to_2022.parquet")
    rows = rows.with_columns(period=pl.col("date").str.to_date()).drop_nulls("value")
    often = rows.group_by("series").agg(pl.col("period").sort().diff().median().alias("step"))
    slow = often.filter(pl.col("step") >= timedelta(days=28))["series"].to_list()
    rows = rows.filter(pl.col("series").is_in(slow)).select(
        "series",
        "period",
        "value",
        ts=pl.col("period").cast(pl.Datetime("us", "UTC")),
        known_at=pl.lit(None, pl.Datetime("us", "UTC")),
        vintage=pl.lit(False),
    )
    rows = rows.sort("series", "period")
    return _scene("macro series, FRED", "macro", [], rows, pl.col("period") < date(2010, 1, 1))


SCENES = {one.__name__: one for one in (daily, minutes, quotes, chain, treasury, macro)}


def _ids(column: str) -> pl.Expr:
    return pl.col(column).map_elements(lambda symbol: share(symbol).id, pl.String)


def _minute_rows(data: Path, what: str) -> pl.DataFrame:
    path = data / "04_intraday_crypto" / f"lean_us_equity_minute_{what}.parquet"
    rows = pl.read_parquet(path).filter(pl.col("symbol").is_in(["AIG", "BAC", "IBM"]))
    rows = rows.filter(pl.col("ts").dt.date().is_between(date(2013, 10, 7), date(2013, 10, 11)))
    local = pl.col("ts").dt.replace_time_zone(NEW_YORK).dt.convert_time_zone("UTC")
    return rows.with_columns(instrument=_ids("symbol"), ts=local + timedelta(minutes=1))


def _minute_scene(name: str, kind: str, rows: pl.DataFrame) -> Scene:
    rows = rows.sort("instrument", "ts")
    symbols = ["AIG", "BAC", "IBM"]
    return _scene(name, kind, symbols, rows, pl.col("ts").dt.date() < date(2013, 10, 11))


def _scene(name: str, kind: str, symbols: list[str], rows: pl.DataFrame, before: pl.Expr) -> Scene:
    rows = rows.with_columns(where=pl.format("r{}", pl.int_range(pl.len())))
    time = "session" if kind == "bars_1d" else "ts"
    newest = rows[time].max()
    if not isinstance(newest, date):
        raise ValueError(f"{name} has no rows")
    at = datetime(newest.year, newest.month, newest.day, 23, 59, tzinfo=UTC) + timedelta(days=1)
    known = tuple(share(symbol) for symbol in symbols)
    return Scene(name, kind, known, rows.filter(before), rows.filter(~before), at)

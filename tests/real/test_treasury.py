"""The Treasury's own download of par yields, 1990 to 2022, beside the series that FRED keeps.

The file mixes 12/23/2022 and 12-12-2022 and is newest first. FRED keeps the same points as DGS2,
DGS10 and DGS30.
"""

import os
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

import httpx2
import polars as pl
import pytest

from fondaco.adapters.providers.parts import Parts
from fondaco.adapters.providers.treasury import Treasury
from fondaco.adapters.providers.wire import HttpWire
from fondaco.core.clock import FixedClock
from fondaco.market.ports import Ask, Parsed, Raw

HERE = Path(__file__).parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get("FONDACO_SHARED_DATA", HERE)) / "06_macro"
DOWNLOAD = DATA / "us_treasury_par_yields_daily.csv"
FRED = DATA / "fred_us_gov_series_to_2022.parquet"
CLOCK = FixedClock(datetime(2022, 12, 27, 12, tzinfo=UTC))

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DOWNLOAD.exists(), reason=f"SKIPPED: {DOWNLOAD} is not there"),
]


@cache
def parsed() -> Parsed:
    """Return what the whole download says."""
    wire = HttpWire(
        Treasury.sheet, CLOCK, transport=httpx2.MockTransport(lambda _: httpx2.Response(404))
    )
    provider = Treasury(Parts(CLOCK, wire, lambda _: None))
    body = DOWNLOAD.read_bytes()
    raw = Raw("treasury", "UST/csv/all", body, CLOCK.now(), sha256(body).hexdigest())
    return provider.parse(raw, Ask(kind="yields", symbols=("UST",)))


def yields() -> pl.DataFrame:
    """Return the points of the download."""
    return parsed().rows["yields"]


def test_every_day_is_read_in_either_way_of_writing_it() -> None:
    rows = yields()
    days = rows["day"].unique().sort()
    assert (days[0], days[-1]) == (date(1990, 1, 2), date(2022, 12, 23))
    first = rows.filter(pl.col("day") == date(1990, 1, 2), pl.col("tenor") == 10)
    assert first["percent"].to_list() == [7.94]
    last = rows.filter(pl.col("day") == date(2022, 12, 12), pl.col("tenor") == 10)
    assert last["percent"].to_list() == [3.61]


def test_every_filled_cell_is_a_point_and_every_hole_is_told_or_was_never_quoted() -> None:
    table = pl.read_csv(DOWNLOAD, infer_schema_length=0)
    assert table.height == 8_253
    filled = sum(table[name].drop_nulls().len() for name in table.columns if name != "Date")
    assert yields().height == filled
    holes = {(f.where.split()[1], f.where.split()[2]) for f in parsed().faults}
    # The file has no column of the 4-month bill, which the curve has since 2022-10-19.
    months = {day for day, tenor in holes if tenor == "4M"}
    assert min(months) == "2022-10-19"
    assert len(months) == yields().filter(pl.col("day") >= date(2022, 10, 19))["day"].n_unique()
    # A holiday stands in the file without a point; three days of 2008 have no 3-month one.
    left = {(day, tenor) for day, tenor in holes if tenor != "4M"}
    assert {tenor for day, tenor in left if day == "2010-10-11"} == {
        *("1M", "3M", "6M", "1Y", "2Y", "3Y", "5Y", "7Y", "10Y", "20Y", "30Y")
    }
    assert {hole for hole in left if hole[0] != "2010-10-11"} == {
        ("2008-12-10", "3M"),
        ("2008-12-18", "3M"),
        ("2008-12-24", "3M"),
    }


@pytest.mark.parametrize(("series", "tenor"), [("DGS2", 2), ("DGS10", 10), ("DGS30", 30)])
def test_no_point_differs_from_the_one_that_fred_keeps(series: str, tenor: int) -> None:
    fred = pl.read_parquet(FRED).filter(pl.col("series") == series).drop_nulls("value")
    fred = fred.select(day=pl.col("date").str.to_date(), value="value")
    both = yields().filter(pl.col("tenor") == tenor).join(fred, on="day")
    assert both.height > 7_200
    assert both.filter((pl.col("percent") - pl.col("value")).abs() > 1e-9).is_empty()

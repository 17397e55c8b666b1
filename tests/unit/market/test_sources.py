"""Which source a reading rests on."""

from datetime import date, timedelta

import polars as pl
import pytest

from fondaco.core.errors import Refused
from fondaco.core.instrument import InstrumentId, Origin
from fondaco.market.sources import SESSIONS_MIN, choose_source

FIRST = date(2020, 1, 1)
A = InstrumentId("A")


def bars(source: str, names: str, days: int, start: int = 0) -> pl.DataFrame:
    """Return bars of instruments on consecutive days from number `start` on."""
    rows = [
        (name, FIRST + timedelta(days=start + n), source) for name in names for n in range(days)
    ]
    return pl.DataFrame(rows, schema=["instrument", "session", "source"], orient="row")


def test_made_up_prices_never_stand_in_for_true_ones() -> None:
    rows = pl.concat([bars("bundled", "AB", 400), bars("simulated", "AS", 900)])
    assert choose_source(rows, None) == "bundled"
    assert choose_source(rows, (A,)) == "bundled"
    assert choose_source(rows, (InstrumentId("S"),)) == "simulated"
    assert choose_source(rows, None, Origin.SIMULATED) == "simulated"
    assert choose_source(bars("simulated", "S", 5), None) == "simulated"


def test_a_few_rows_of_one_share_are_no_market_where_another_source_has_a_year() -> None:
    wide = bars("bundled", "AB", SESSIONS_MIN)
    assert choose_source(pl.concat([wide, bars("file", "T", 2, 900)]), None) == "bundled"
    enough = bars("file", "T", SESSIONS_MIN, 900)
    assert choose_source(pl.concat([wide, enough]), None) == "file"
    short = pl.concat([bars("bundled", "AB", SESSIONS_MIN - 1), bars("file", "T", 2, 900)])
    assert choose_source(short, None) == "file"


def test_a_share_that_is_named_is_read_where_its_bars_reach_furthest_however_few() -> None:
    rows = pl.concat([bars("bundled", "AB", 400), bars("live:tiingo", "A", 3, 900)])
    assert choose_source(rows, (A,)) == "live:tiingo"


def test_of_equal_reach_the_persons_own_comes_before_what_is_bundled() -> None:
    rows = pl.concat([bars(s, "A", 400) for s in ("simulated", "bundled", "file", "live:b")])
    assert choose_source(rows, None) == "live:b"
    assert choose_source(rows.filter(pl.col("source") != "live:b"), None) == "file"


def test_instruments_of_which_no_source_has_all_are_refused_and_no_rows_are_none() -> None:
    rows = pl.concat([bars("bundled", "A", 3), bars("file", "B", 3)])
    with pytest.raises(Refused, match="bundled has 1 of 2; file has 1 of 2"):
        choose_source(rows, (A, InstrumentId("B")))
    assert choose_source(rows.clear(), None) is None

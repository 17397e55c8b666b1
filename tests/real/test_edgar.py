"""Answers and forms of the SEC as they were filed, through the `edgar` provider.

Snowflake's company facts (to May 2025) and ownership documents out of the edgartools repository.
Expected numbers are read out of the files by other means: the plain JSON, and the forms' own text.
"""

import gzip
import hashlib
import json
import os
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fondaco.adapters.providers.edgar import SHEET, Edgar
from fondaco.adapters.providers.parts import Parts
from fondaco.adapters.providers.wire import HttpWire
from fondaco.core.clock import FixedClock
from fondaco.market.ports import Ask, Parsed, Raw

HERE = Path(__file__).parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get("FONDACO_SHARED_DATA", HERE)) / "05_fundamentals"
FACTS = DATA / "edgar_companyfacts_SNOW.json.gz"
FORMS = DATA / "sec_forms"
CLOCK = FixedClock(datetime(2025, 6, 2, 12, tzinfo=UTC))
NEW_YORK = ZoneInfo("America/New_York")
ACCEPTED = datetime(2025, 5, 3, 1, tzinfo=UTC)

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not FACTS.exists(), reason=f"SKIPPED: {FACTS} is not there"),
]


def read(name: str, body: bytes, ask: Ask) -> Parsed:
    """Parse an answer as the provider would have kept it."""
    edgar = Edgar(Parts(CLOCK, HttpWire(SHEET, CLOCK), lambda _: None))
    raw = Raw("edgar", name, body, CLOCK.now(), hashlib.sha256(body).hexdigest(), "GET")
    return edgar.parse(raw, ask)


def form(name: str, cik: int) -> Parsed:
    """Parse an ownership document."""
    known = ACCEPTED.isoformat()
    number = "0001640147-25-000001"
    body = (FORMS / name).read_bytes()
    return read(f"deals SNOW {cik} {number} {known}", body, Ask(kind="deals", symbols=("SNOW",)))


class Told(list[tuple[str, str, dict[str, Any]]]):
    """Facts with item and unit; hypothesis shows its arguments, so it shows as little."""

    def __repr__(self) -> str:
        return f"{len(self)} facts"


@pytest.fixture(scope="module")
def told() -> Told:
    """Every fact of the file by item and unit, read as plain JSON."""
    data = json.loads(gzip.decompress(FACTS.read_bytes()))
    return Told(
        (f"{taxonomy}:{concept}", unit, fact)
        for taxonomy, concepts in data["facts"].items()
        for concept, about in concepts.items()
        for unit, facts in about["units"].items()
        for fact in facts
    )


@pytest.fixture(scope="module")
def facts() -> pl.DataFrame:
    """The rows of the whole file."""
    ask = Ask(kind="fundamentals", symbols=("SNOW",))
    parsed = read("fundamentals SNOW 1640147", gzip.decompress(FACTS.read_bytes()), ask)
    assert parsed.faults == ()
    return parsed.rows["fundamentals"]


def test_every_fact_comes_out_with_its_filing(told: Told, facts: pl.DataFrame) -> None:
    expected = {
        (item, unit, f.get("start", f["end"]), f["end"], f["accn"], float(f["val"]))
        for item, unit, f in told
    }
    columns = ("item", "unit", "start", "end", "filing", "value")
    days = [pl.col(name).cast(pl.String) for name in ("start", "end")]
    rows = facts.with_columns(days).select(columns).rows()
    assert len(rows) == len(told) == 8163
    assert set(rows) == expected


def test_the_first_quarter_of_2025_is_what_the_company_reported(facts: pl.DataFrame) -> None:
    # Form 10-Q of 30 May 2025: revenue of 1,042,074 thousand in the three months to 30 April.
    quarter = facts.filter(
        pl.col("item").str.ends_with(":RevenueFromContractWithCustomerExcludingAssessedTax"),
        pl.col("start") == date(2025, 2, 1),
        pl.col("end") == date(2025, 4, 30),
    )
    assert quarter.select("value", "form", "fiscal_year", "fiscal_period").rows() == [
        (1_042_074_000.0, "10-Q", 2026, "Q1")
    ]
    assert quarter["known_at"].to_list() == [datetime(2025, 5, 31, 4, tzinfo=UTC)]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(nth=st.integers(0, 1_000), days=st.integers(-1, 1), hour=st.integers(0, 23))
def test_as_of_a_moment_only_facts_of_days_that_had_ended_are_known(
    told: Told, facts: pl.DataFrame, nth: int, days: int, hour: int
) -> None:
    filed = sorted({date.fromisoformat(f["filed"]) for _, _, f in told})
    day = filed[nth % len(filed)] + timedelta(days=days)
    as_of = datetime.combine(day, time(hour), NEW_YORK).astimezone(UTC)
    known = facts.filter(pl.col("known_at") <= as_of)
    ended = {f["accn"] for _, _, f in told if date.fromisoformat(f["filed"]) < day}
    assert set(known["filing"]) == ended
    assert known.height == sum(f["accn"] in ended for _, _, f in told)
    assert (known["ts"] <= as_of).all()


def test_what_is_asked_by_its_day_of_filing_is_a_part_of_all(facts: pl.DataFrame) -> None:
    body = gzip.decompress(FACTS.read_bytes())
    ask = Ask(date(2022, 1, 1), date(2022, 12, 31), None, "fundamentals", ("SNOW",))
    some = read("fundamentals SNOW 1640147", body, ask).rows["fundamentals"]
    year = facts.filter(
        (pl.col("known_at").dt.convert_time_zone("America/New_York") - timedelta(seconds=1))
        .dt.year()
        .eq(2022)
    )
    assert some.height == year.height > 1_000
    assert set(some["filing"]) == set(year["filing"])


def test_a_form_4_gives_each_transaction_and_no_holding_or_option() -> None:
    # As printed on the form: one exercise, six sales from 150.841 to 154.76 dollars.
    parsed = form("form4.snow.xml", 1640147)
    rows = parsed.rows["deals"]
    assert parsed.faults == ()
    assert rows["trade"].to_list() == ["exercise", *["sell"] * 5]
    assert rows["shares"].to_list() == [200000, 73170, 74907, 41986, 5496, 4441]
    assert rows["price"].to_list() == [8.88, 150.841, 151.814, 152.655, 153.872, 154.76]
    assert rows["holds_after"].to_list() == [301097, 227927, 153020, 111034, 105538, 101097]
    assert set(rows["who"]) == {"Scarpelli Michael"}
    assert set(rows["role"]) == {"Chief Financial Officer"}
    assert rows["ts"].to_list()[0] == datetime(2022, 12, 13, 21, tzinfo=UTC)
    assert set(rows["known_at"]) == {ACCEPTED}
    assert rows["id"].n_unique() == 6


def test_a_form_4_that_writes_true_and_false_is_read_too() -> None:
    rows = form("374WaterForm4.xml", 933972).rows["deals"]
    assert rows.select("trade", "shares", "price", "who", "role").rows() == [
        ("grant", 757756.0, 0.0, "Melkote Rajesh Ramaswamy", "Chief Technology Officer")
    ]


def test_a_gift_on_form_5_is_neither_bought_nor_sold() -> None:
    rows = form("form5.snow.xml", 1640147).rows["deals"]
    assert rows.select("trade", "shares", "price", "role").rows() == [
        ("other", 61386.0, 0.0, "director")
    ]


def test_a_form_3_lists_holdings_and_is_said_to() -> None:
    parsed = form("form3.snow.nonderiv.xml", 1640147)
    assert not parsed.rows
    assert [(f.rule, f.reason) for f in parsed.faults] == [
        ("answer", "Form 3 tells of no deals"),
    ]


def test_another_company_s_form_is_not_taken_for_the_asked_one() -> None:
    (fault,) = form("374WaterForm4.xml", 1640147).faults
    assert "issuer 0000933972, not of 1640147" in fault.reason

"""The nse provider: what it asks for, its session, bhavcopies and tickers through time.

Answers have the shape of the exchange's own. Days, ratios and tickers are those of real events,
named where they stand; nothing here reaches the network.
"""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from conformance.recorded.nse import CHAIN, FLOWS, OLD, UDIFF, zipped
from fondaco.adapters.providers.nse import DAYS_MAX, SYMBOLS_MAX
from fondaco.adapters.providers.nse_bars import bhavcopy_url
from fondaco.adapters.providers.nse_cells import amount, day, is_fund
from fondaco.adapters.providers.read_json import Useless
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import AssetClass
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Ask
from unit.adapters.providers.nse_asks import Site, old_bhavcopy, parse

OLD_DAY = "bars_1d 2024-07-05"


def test_the_format_changes_over_on_8_july_2024() -> None:
    # NSE stopped the old bhavcopy after Friday 5 July 2024.
    assert bhavcopy_url(date(2024, 7, 5)).endswith("/2024/JUL/cm05JUL2024bhav.csv.zip")
    assert bhavcopy_url(date(2024, 7, 8)).endswith("_CM_0_0_0_20240708_F_0000.csv.zip")


def test_a_span_asks_each_weekday_and_weekends_only_when_told() -> None:
    site = Site({})
    span = Ask(since=date(2024, 7, 4), until=date(2024, 7, 8))
    assert [raw.name[-2:] for raw in site.nse().ask(span)] == ["04", "05", "08"]
    told = Ask(since=date(2024, 7, 4), until=date(2024, 7, 8), options={"weekends": "yes"})
    assert len(site.nse().ask(told)) == 5


def test_without_a_span_the_day_in_mumbai_is_asked() -> None:
    # 21:00 UTC on Friday 27 November 2026 is Saturday in Mumbai: no weekday is left.
    with pytest.raises(InvalidInput, match="no weekday"):
        Site({}).nse().ask(Ask())
    (raw,) = Site({}).nse().ask(Ask(options={"weekends": "yes"}))
    assert raw.name == "bars_1d 2026-11-28"


def test_a_day_without_a_file_is_said_and_the_others_come() -> None:
    site = Site({"cm05JUL2024bhav.csv.zip": zipped("cm05JUL2024bhav.csv", OLD)})
    nse, ask = site.nse(), Ask(since=date(2024, 7, 4), until=date(2024, 7, 5))
    missing, there = (nse.parse(raw, ask) for raw in nse.ask(ask))
    assert [fault.rule for fault in missing.faults] == ["answer"]
    assert "holiday" in missing.faults[0].reason
    assert there.bars.height == 3


def test_prices_are_raw_and_shares_are_told_from_funds_and_bonds() -> None:
    parsed = parse(OLD_DAY, zipped("x.csv", OLD), Ask())
    rows = parsed.bars.select("session", "open", "high", "low", "close", "volume", "factor").rows()
    assert rows[1] == (date(2024, 7, 5), 3104.45, 3197.0, 3097.65, 3177.25, 8021473.0, 1.0)
    kinds = {i.symbol: (i.asset_class, i.venue, i.currency) for i in parsed.instruments}
    assert kinds == {
        "NIFTYBEES": (AssetClass.ETF, "XNSE", "INR"),
        "RELIANCE": (AssetClass.EQUITY, "XNSE", "INR"),
        "TCS": (AssetClass.EQUITY, "XNSE", "INR"),  # in series BE that day: the same share
    }
    udiff = parse("bars_1d 2024-07-08", zipped("x.csv", UDIFF), Ask(symbols=("RELIANCE",)))
    assert udiff.bars.select("close", "volume").rows() == [(3201.8, 6620161.0)]
    assert udiff.bars["instrument"][0] == parsed.bars["instrument"][1]


def test_a_symbol_that_the_file_lacks_is_a_fault() -> None:
    parsed = parse(OLD_DAY, zipped("x.csv", OLD), Ask(symbols=("RELIANCE", "ETERNAL")))
    assert parsed.bars.height == 1
    assert [(f.instrument, f.reason) for f in parsed.faults] == [
        ("ETERNAL", "the day's file has no such symbol")
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("TCS,EQ,1,2,1,x,1,1,10,10,05-JUL-2024,1,INE467B01029,", "close 'x' is no number"),
        ("TCS,EQ,1,2,1,1,1,1,10,10,04-JUL-2024,1,INE467B01029,", "the file of 2024-07-05"),
        ("TCS,EQ,1,2,1,1,1,1,10,10,05-JUL-2024,1,INE467B01028,", "check digit"),
        ("TCS,EQ,1,2,1,1,1,1,10,10,05-JUL-2024,1", "more or fewer cells"),
        ("TCS,1,1,2,1,1,1,1,10,10,05-JUL-2024,1,INE467B01029,", "is no series"),
        ("TCS,EQ,1,2,1,1,1,1,-,10,05-JUL-2024,1,INE467B01029,", "volume '-' is no number"),
        ("T CS,EQ,1,2,1,1,1,1,9,10,05-JUL-2024,1,INE467B01029,", "is no symbol"),
    ],
)
def test_a_bad_line_is_a_fault_at_its_place(row: str, reason: str) -> None:
    good = "RELIANCE,EQ,1,2,1,1,1,1,10,10,05-JUL-2024,1,INE002A01018,"
    parsed = parse(OLD_DAY, old_bhavcopy(good, row), Ask())
    (fault,) = parsed.faults
    assert reason in fault.reason
    assert fault.where == "2024-07-05 line 3"
    assert parsed.bars.height == 1


def test_a_ticker_twice_in_a_file_is_a_fault() -> None:
    row = "RELIANCE,{},1,2,1,1,1,1,10,10,05-JUL-2024,1,INE002A01018,"
    parsed = parse(OLD_DAY, old_bhavcopy(row.format("EQ"), row.format("BE")), Ask())
    assert [f.reason for f in parsed.faults] == ["RELIANCE stands twice in the file"]


def test_the_home_page_is_asked_first_and_its_cookies_go_along() -> None:
    site = Site({"fiidiiTradeReact": b"[]"})
    site.nse().ask(Ask(kind="flows"))
    home, interface = site.asked
    assert (str(home.url), interface.url.path) == (
        "https://www.nseindia.com",
        "/api/fiidiiTradeReact",
    )
    assert interface.headers["cookie"] == "nsit=abc"
    assert interface.headers["referer"] == "https://www.nseindia.com/"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_session_needs_a_person(status: int) -> None:
    with pytest.raises(Unanswered) as caught:
        Site({}, {"fiidiiTradeReact": status}).nse().ask(Ask(kind="flows"))
    assert caught.value.cause is Cause.AUTH


@pytest.mark.parametrize(
    "answers",
    [
        {"fiidiiTradeReact": b"<!DOCTYPE html><html>Resource not found</html>"},
        {"/": b"<html><head><title>Access Denied</title></head></html>"},
        {"/": b"<html><title>National Stock Exchange"},
    ],
)
def test_a_page_in_the_place_of_data_is_a_dead_session(answers: dict[str, bytes]) -> None:
    with pytest.raises(Unanswered, match="the session is dead") as caught:
        Site(answers).nse().ask(Ask(kind="flows"))
    assert caught.value.cause is Cause.AUTH


def test_files_need_no_session() -> None:
    site = Site({"equities/bulk.csv": b"x"})
    site.nse().ask(Ask(kind="deals", options={"deal": "bulk"}))
    assert [request.url.host for request in site.asked] == ["nsearchives.nseindia.com"]


@pytest.mark.parametrize(
    ("ask", "path", "query"),
    [
        (
            Ask(kind="chains", symbols=("NIFTY",)),
            "/api/option-chain-indices",
            {"symbol": "NIFTY"},
        ),
        (
            Ask(kind="chains", symbols=("M&M",)),
            "/api/option-chain-equities",
            {"symbol": "M&M"},
        ),
        (
            Ask(kind="chains", symbols=("TCS",), options={"expiry": "2024-10-31"}),
            "/api/option-chain-v3",
            {"type": "Equity", "symbol": "TCS", "expiry": "31-Oct-2024"},
        ),
        (
            Ask(date(2026, 4, 1), date(2026, 4, 30), None, "deals", ("HCLTECH",)),
            "/api/corporates-pit",
            {
                "index": "equities",
                "from_date": "01-04-2026",
                "to_date": "30-04-2026",
                "symbol": "HCLTECH",
            },
        ),
        (
            Ask(date(2026, 4, 1), date(2026, 4, 30), None, "actions"),
            "/api/corporates-corporateActions",
            {"index": "equities", "from_date": "01-04-2026", "to_date": "30-04-2026"},
        ),
    ],
)
def test_each_kind_asks_as_the_site_s_own_pages_do(
    ask: Ask, path: str, query: dict[str, str]
) -> None:
    site = Site({path: b"{}"})
    site.nse().ask(ask)
    assert site.asked[-1].url.path == path
    assert dict(site.asked[-1].url.params) == query


@pytest.mark.parametrize(
    "ask",
    [
        Ask(symbols=("A/B",)),
        Ask(symbols=("a",)),
        Ask(symbols=tuple(f"A{n}" for n in range(SYMBOLS_MAX + 1))),
        Ask(kind="chains"),
        Ask(kind="chains", symbols=("TCS",), options={"expiry": "31-Oct-2024"}),
        Ask(kind="deals", options={"deal": "short"}),
        Ask(kind="deals", options={"weekends": "yes"}),
        Ask(kind="memberships", symbols=("NIFTY 51",)),
        Ask(kind="flows", symbols=("US",)),
        Ask(since=date(1994, 1, 1), until=date(1994, 2, 1)),
        Ask(since=date(2024, 2, 1), until=date(2024, 1, 1)),
        Ask(since=date(2010, 1, 1), until=date(2010 + DAYS_MAX // 200, 1, 1)),
        Ask(kind="actions", since=date(2010, 1, 1), until=date(2024, 1, 1)),
        Ask(kind="actions", since=date(2024, 2, 1), until=date(2024, 1, 1)),
    ],
)
def test_what_cannot_be_asked_is_refused_before_a_request(ask: Ask) -> None:
    site = Site({})
    with pytest.raises(InvalidInput):
        site.nse().ask(ask)
    assert site.asked == []


def test_flows_are_rupees_of_the_session_s_close() -> None:
    rows = parse("flows", FLOWS, Ask(kind="flows")).rows["flows"]
    assert rows.select(
        "market", "group", "segment", "bought", "sold", "net", "currency"
    ).rows() == [
        ("IN", "DII", "cash", 243_848_000_000.0, 114_706_800_000.0, 129_141_200_000.0, "INR"),
        ("IN", "FPI", "cash", 166_148_700_000.0, 318_581_400_000.0, -152_432_700_000.0, "INR"),
    ]
    assert set(rows["ts"]) == {datetime(2024, 10, 3, 10, 0, tzinfo=UTC)}  # 15:30 in Mumbai


def test_a_net_flow_that_does_not_follow_is_a_fault() -> None:
    wrong: list[dict[str, Any]] = [FLOWS[0], FLOWS[1] | {"netValue": "-1,524.33"}]
    parsed = parse("flows", wrong, Ask(kind="flows"))
    assert parsed.rows["flows"].height == 1
    assert "is not bought" in parsed.faults[0].reason


def test_the_chain_s_time_is_that_of_mumbai() -> None:
    rows = parse("chains NIFTY", CHAIN, Ask(kind="chains", symbols=("NIFTY",))).rows["chains"]
    assert set(rows["ts"]) == {datetime(2024, 10, 3, 10, 0, tzinfo=UTC)}
    assert set(rows["expiry"]) == {date(2024, 10, 31)}


@pytest.mark.parametrize("text", ["1,23,456.70", "123456.70", "123,456.70"])
def test_numbers_may_have_commas_in_either_way(text: str) -> None:
    assert amount(text, "x") == 123456.7


@pytest.mark.parametrize("text", ["", "-", ".", "1,2,3", "1_000", "0x1A", "1e5", "nan", "١٢x"])
def test_what_is_no_number_is_useless(text: str) -> None:
    with pytest.raises(Useless):
        amount(text, "x")


@pytest.mark.parametrize("text", ["31-FEB-2024", "5-7-24", "2024/07/05", "05-ABC-2024", "0"])
def test_what_is_no_day_is_useless(text: str) -> None:
    with pytest.raises(Useless):
        day(text, "x")


def test_an_isin_s_check_digit_is_that_of_iso_6166() -> None:
    # Apple's US0378331005 is the standard's known example; those of India begin with IN.
    assert is_fund("INF204KB14I2")
    assert not is_fund("INE002A01018")
    for wrong in ("INE002A01019", "US0378331005", "INE002A0101"):
        with pytest.raises(Useless):
            is_fund(wrong)

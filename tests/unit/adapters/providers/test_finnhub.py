"""The finnhub provider against answers of its documented shape; nothing reaches the network."""

import json
from datetime import UTC, date, datetime
from typing import Any

import httpx2
import pytest

from conformance.recorded import finnhub as cases
from fondaco.adapters.providers.conformance.case import Recorded, reply
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Ask, Parsed

CLOCK = FixedClock(datetime(2026, 11, 27, 21, tzinfo=UTC))
CASES = {case.id: case for case in cases.RECORDED}
KEY = cases.SECRETS["FONDACO_FINNHUB_KEY"]
Row = dict[str, Any]


def read(name: str, body: bytes | None = None) -> Parsed:
    """Return what the one answer of a case says, with another body if one is given."""
    case = CASES[name]
    provider = case.build(CLOCK, case.answer if body is None else lambda _: reply(200, body))
    (raw,) = provider.ask(case.ask)
    return provider.parse(raw, case.ask)


def rows(name: str, body: bytes | None = None) -> list[Row]:
    """Return the rows of a case, which has no fault."""
    parsed = read(name, body)
    assert not parsed.faults
    return [row for frame in parsed.rows.values() for row in frame.to_dicts()]


def asked(case: Recorded) -> httpx2.Request:
    """Return the request that a case comes to."""
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return case.answer(request)

    case.build(CLOCK, answer).ask(case.ask)
    return seen[0]


def test_the_key_travels_in_a_header_and_in_no_address() -> None:
    request = asked(CASES["quote"])
    assert request.headers["X-Finnhub-Token"] == KEY
    assert KEY not in str(request.url)
    assert dict(request.url.params) == {"symbol": "AAPL"}


def test_without_a_span_news_reach_back_a_week_in_new_york() -> None:
    params = asked(CASES["news"]).url.params
    assert (params["from"], params["to"]) == ("2026-11-20", "2026-11-27")


def test_a_quote_is_of_its_own_second() -> None:
    (row,) = rows("quote")
    assert row["ts"] == datetime(2026, 11, 27, 19, tzinfo=UTC)
    assert (row["last"], row["previous_close"], row["bid"]) == (271.49, 270.37, None)


def test_a_quote_of_zeros_is_an_unknown_symbol_and_no_price() -> None:
    zeros = {"c": 0, "d": None, "dp": None, "h": 0, "l": 0, "o": 0, "pc": 0, "t": 0}
    parsed = read("quote", json.dumps(zeros).encode())
    assert [f.reason for f in parsed.faults] == ["all is zero: Finnhub does not know the symbol"]
    assert all(frame.is_empty() for frame in parsed.rows.values())


def test_news_keep_their_own_id_and_time() -> None:
    first, second = rows("news")
    assert (first["id"], first["ts"]) == ("137461210", datetime(2026, 11, 27, 9, tzinfo=UTC))
    assert (first["title"], first["symbols"]) == ("Apple opens a shop in Venice", "AAPL")
    assert second["body"] is None


def test_a_time_in_milliseconds_is_a_fault() -> None:
    body = cases.NEWS.replace(b"1795770000", b"1795770000000")
    parsed = read("news", body)
    assert [f.rule for f in parsed.faults] == ["unreadable"]
    assert parsed.rows["news"]["id"].to_list() == ["137401877"]


def test_a_surprise_has_estimate_and_actual_and_is_known_when_asked_for() -> None:
    row = rows("surprises")[0]
    assert (row["end"], row["mean"], row["actual"]) == (date(2026, 6, 30), 1.6072, 1.64)
    assert (row["item"], row["known_at"]) == ("eps", None)


def test_a_filing_is_public_when_the_sec_accepts_it_by_its_own_clock() -> None:
    first = rows("filings")[0]
    assert first["ts"] == first["known_at"] == datetime(2026, 10, 30, 22, 1, 22, tzinfo=UTC)
    assert (first["filing"], first["form"]) == ("0000320193-26-000101", "10-K")


def test_an_insider_who_sells_is_known_at_the_end_of_the_day_of_filing() -> None:
    sold, exercised = rows("insiders")
    assert (sold["trade"], sold["shares"], sold["holds_after"]) == ("sell", 35_493, 3_280_180)
    assert sold["known_at"] == datetime(2026, 10, 4, 4, tzinfo=UTC)
    assert sold["ts"] == datetime(2026, 10, 1, 4, tzinfo=UTC)
    assert sold["value"] == pytest.approx(35_493 * 256.53)
    assert (exercised["trade"], exercised["price"], exercised["value"]) == ("exercise", None, None)
    assert sold["id"] != exercised["id"]


def test_a_sale_that_adds_shares_is_a_fault() -> None:
    parsed = read("insiders", cases.INSIDERS.replace(b"-35493", b"35493"))
    assert "does not fit a change of 35493 shares" in parsed.faults[0].reason
    assert parsed.rows["deals"].height == 1


def test_an_answer_that_is_full_is_told_to_lack_what_is_older() -> None:
    one = json.loads(cases.FILINGS)[0]
    many = [{**one, "accessNumber": f"0000320193-26-{n:06}"} for n in range(250)]
    parsed = read("filings", json.dumps(many).encode())
    assert parsed.rows["filings"].height == 250
    assert ["older ones may be missing" in f.reason for f in parsed.faults] == [True]


def test_a_profile_names_the_exchange_and_the_industry() -> None:
    parsed = read("profile")
    (row,), (apple,) = parsed.rows["classifications"].to_dicts(), parsed.instruments
    assert (row["scheme"], row["sector"]) == ("own", "Technology")
    assert row["ts"] == datetime(2026, 11, 27, 5, tzinfo=UTC)
    assert (apple.venue, apple.name, apple.symbol) == ("XNAS", "Apple Inc", "AAPL")


def test_an_empty_profile_is_an_unknown_symbol() -> None:
    parsed = read("profile", b"{}")
    assert [f.reason for f in parsed.faults] == [
        "the answer is empty: Finnhub does not know the symbol"
    ]


def test_earnings_are_due_before_the_open_or_from_the_close() -> None:
    after, before, untold = rows("earnings")
    assert (after["id"], after["ts"]) == ("AVGO:2026Q4", datetime(2026, 12, 2, 21, tzinfo=UTC))
    assert before["ts"] == datetime(2026, 11, 24, 5, tzinfo=UTC)
    assert untold["ts"] == datetime(2026, 11, 25, 5, tzinfo=UTC)
    assert (before["forecast"], before["actual"]) == (0.5, 0.55)
    assert before["surprise"] == pytest.approx(0.1)
    assert (after["actual"], after["surprise"]) == (None, None)


def test_an_offering_is_forecast_by_the_middle_of_its_range_until_it_is_priced() -> None:
    due, priced = rows("ipo")
    assert (due["title"], due["forecast"], due["actual"]) == (
        "Lagoon Robotics Inc. (LGNR): expected",
        18.0,
        None,
    )
    assert (priced["forecast"], priced["actual"], priced["unit"]) == (None, 10.0, "USD/share")


def test_economic_times_are_utc_and_impact_is_a_number() -> None:
    first, second = rows("economic")
    assert (first["country"], first["ts"]) == ("AU", datetime(2026, 11, 25, 1, 30, tzinfo=UTC))
    assert (first["actual"], first["forecast"], first["previous"]) == (8.4, 6.9, 1.0)
    assert (first["importance"], second["importance"], second["unit"]) == (1, 3, "%")


def test_a_plan_that_does_not_hold_the_calendar_is_a_matter_for_a_person() -> None:
    case = CASES["economic"]
    told = b'{"error": "You don\'t have access to this resource."}'
    with pytest.raises(Unanswered) as refused:
        case.build(CLOCK, lambda _: reply(403, told)).ask(case.ask)
    assert refused.value.cause is Cause.AUTH


def test_earnings_of_one_company_are_asked_for_by_an_option() -> None:
    case = CASES["earnings"]
    ask = Ask(case.ask.since, case.ask.until, {"symbol": "avgo"}, "events", ("earnings",))
    request = asked(Recorded("", case.provider, ask, case.answers, 3, cases.SECRETS))
    assert request.url.params["symbol"] == "AVGO"


@pytest.mark.parametrize(
    "ask",
    [
        Ask(kind="quotes"),
        Ask(kind="quotes", symbols=("A PL",)),
        Ask(kind="events", symbols=("weather",)),
        Ask(kind="events", symbols=("ipo",), options={"symbol": "AAPL"}),
        Ask(date(2026, 2, 1), date(2026, 1, 1), None, "news", ("AAPL",)),
    ],
)
def test_what_cannot_be_asked_for_is_refused(ask: Ask) -> None:
    with pytest.raises(InvalidInput):
        CASES["quote"].build(CLOCK, CASES["quote"].answer).ask(ask)

"""The edgar provider: what it asks for, when a filing was known, and what insiders did.

Acceptance times are real ones: the header of the filing, in New York time, says what they mean
(U.S. Steel and two others, measured in github.com/theOGognf/finagg/issues/64 and
github.com/dgunning/edgartools/issues/557). Nothing here reaches the network.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conformance.recorded.edgar import (
    AGENT,
    FACTS,
    FORM4,
    LIST,
    OLDER,
    SUBMISSIONS,
    columns,
    dumped,
    fact,
)
from fondaco.adapters.providers.conformance.case import reply
from fondaco.adapters.providers.edgar import FORMS_MAX, SHEET, SYMBOLS_MAX, Edgar
from fondaco.adapters.providers.edgar_times import accepted, filed_by
from fondaco.adapters.providers.parts import Parts
from fondaco.adapters.providers.read_json import Useless
from fondaco.adapters.providers.wire import HttpWire
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Ask, Parsed, Raw

CLOCK = FixedClock(datetime(2026, 11, 27, 21, tzinfo=UTC))
NEW_YORK = ZoneInfo("America/New_York")
KNOWN = datetime(2022, 12, 14, 23, 5, 11, tzinfo=UTC)
SNOW_FORM = f"deals SNOW 1640147 0001640147-22-000119 {KNOWN.isoformat()}"


class Site:
    """Answers by the end of a path; 404 for the rest. `asked` are the requests that came."""

    def __init__(self, answers: Mapping[str, bytes] = LIST) -> None:
        self.answers = answers
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        path = request.url.path
        body = next((b for end, b in self.answers.items() if path.endswith(end)), None)
        return reply(404, b"") if body is None else reply(200, body)

    def edgar(self, secrets: Callable[[str], str | None] = AGENT.get) -> Edgar:
        """Return the provider that asks here."""
        wire = HttpWire(SHEET, CLOCK, transport=httpx2.MockTransport(self))
        return Edgar.build(Parts(CLOCK, wire, secrets))


def parse(name: str, body: bytes | Any, ask: Ask) -> Parsed:
    """Read an answer of a name."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    digest = hashlib.sha256(content).hexdigest()
    return Site().edgar().parse(Raw("edgar", name, content, CLOCK.now(), digest, "GET"), ask)


def form(text: str) -> Parsed:
    """Read a Form 4 of Snowflake."""
    return parse(SNOW_FORM, text.encode(), Ask(kind="deals", symbols=("SNOW",)))


def facts(data: dict[str, Any], **span: date) -> Parsed:
    """Read company facts of Snowflake."""
    ask = Ask(kind="fundamentals", symbols=("SNOW",), **span)  # type: ignore[arg-type]
    return parse("fundamentals SNOW 1640147", data, ask)


def test_the_agent_goes_along_and_shows_nowhere() -> None:
    site = Site()
    raws = site.edgar().ask(Ask(kind="filings", symbols=("SNOW",)))
    agent = AGENT["FONDACO_SEC_AGENT"]
    assert {request.headers["user-agent"] for request in site.asked} == {agent}
    assert not any(agent in f"{raw.name} {raw.request}" for raw in raws)


@pytest.mark.parametrize("agent", [None, "", "fondaco", "a@b", "x\r\nHost: y a@b.c", "Ä a@b.c"])
def test_without_a_name_and_an_address_nobody_is_asked(agent: str | None) -> None:
    site = Site()
    with pytest.raises(Unanswered) as caught:
        site.edgar(lambda _: agent).ask(Ask(kind="filings", symbols=("SNOW",)))
    assert (caught.value.cause, site.asked) == (Cause.KEY, [])
    assert not agent or agent not in str(caught.value)


@pytest.mark.parametrize(
    "ask",
    [
        Ask(kind="filings"),
        Ask(kind="filings", symbols=("A/B",)),
        Ask(kind="filings", symbols=tuple(f"A{n}" for n in range(SYMBOLS_MAX + 1))),
        Ask(kind="filings", symbols=("A", "B"), options={"cik": "1"}),
        Ask(kind="filings", symbols=("A",), options={"cik": "CIK1"}),
        Ask(date(2024, 2, 1), date(2024, 1, 1), None, "deals", ("SNOW",)),
    ],
)
def test_what_cannot_be_asked_is_refused_before_a_request(ask: Ask) -> None:
    site = Site()
    with pytest.raises(InvalidInput):
        site.edgar().ask(ask)
    assert site.asked == []


def test_a_ticker_is_looked_up_and_a_cik_is_not() -> None:
    tickers = dumped({"0": {"cik_str": 1067983, "ticker": "BRK-B", "title": "BERKSHIRE"}})
    answers = {"company_tickers.json": tickers, "companyfacts/CIK0001067983.json": b"{}"}
    site = Site(answers)
    (raw,) = site.edgar().ask(Ask(kind="fundamentals", symbols=("BRK.B",)))
    assert (raw.name, len(site.asked)) == ("fundamentals BRK.B 1067983", 2)
    given_ask = Ask(kind="fundamentals", symbols=("OLD",), options={"cik": "1067983"})
    (raw,) = site.edgar().ask(given_ask)
    assert (raw.name, len(site.asked)) == ("fundamentals OLD 1067983", 3)


def test_a_ticker_that_is_not_listed_is_unknown() -> None:
    with pytest.raises(Unanswered, match="no such ticker") as caught:
        Site().edgar().ask(Ask(kind="filings", symbols=("ZZZZ",)))
    assert caught.value.cause is Cause.EMPTY


def test_only_pages_of_the_span_are_asked() -> None:
    site = Site()
    edgar = site.edgar()
    new = Ask(kind="filings", symbols=("SNOW",), since=date(2022, 12, 1))
    (raw,) = edgar.ask(new)
    assert edgar.parse(raw, new).rows["filings"]["form"].to_list() == ["4", "10-Q"]
    every = Ask(kind="filings", symbols=("SNOW",))
    assert [raw.name for raw in edgar.ask(every)] == [
        "filings SNOW 1640147",
        "filings SNOW 1640147 2",
    ]


def test_a_page_that_does_not_come_fails_the_ask() -> None:
    answers = {end: body for end, body in LIST.items() if "-001" not in end}
    with pytest.raises(Unanswered):
        Site(answers).edgar().ask(Ask(kind="filings", symbols=("SNOW",)))


def test_a_page_with_fewer_filings_than_told_is_useless() -> None:
    (fault,) = parse("filings SNOW 1640147 3", OLDER, Ask(kind="filings")).faults
    assert "the page holds 2 filings, not 3" in fault.reason


def test_filings_have_their_address_form_and_period() -> None:
    rows = parse("filings SNOW 1640147", SUBMISSIONS, Ask(kind="filings")).rows["filings"]
    row = rows.row(1, named=True)
    assert (row["form"], row["period"], row["filing"]) == (
        "10-Q",
        date(2022, 10, 31),
        "0001640147-22-000104",
    )
    assert row["url"] == (
        "https://www.sec.gov/Archives/edgar/data/1640147/000164014722000104/snow-20221031.htm"
    )


def test_letters_that_are_shown_weeks_later_have_no_known_time() -> None:
    cells = (
        "0000000000-22-000001",
        "2022-12-01",
        "",
        "2022-12-01T15:00:00.000Z",
        "CORRESP",
        "",
        "",
    )
    rows = parse("filings SNOW 1640147 1", columns(cells), Ask(kind="filings")).rows["filings"]
    assert rows.select("known_at", "url", "period", "title").rows() == [(None, None, None, None)]


@pytest.mark.parametrize(
    ("told", "filed", "form_name", "true"),
    [
        # U.S. Steel, header 20250501162159: the clock of New York with a Z.
        ("2025-05-01T16:21:59.000Z", "2025-05-01", "8-K", "2025-05-01 16:21:59"),
        # Hess, header 20250430073032: 03:30 is no hour of EDGAR's, so it is New York's clock.
        ("2025-04-30T07:30:32.000Z", "2025-04-30", "8-K", "2025-04-30 07:30:32"),
        # VMAR, shown as 17:14:45: 22:14 is no hour of EDGAR's, so it is UTC.
        ("2025-12-19T22:14:45.000Z", "2025-12-19", "6-K", "2025-12-19 17:14:45"),
        # INDP, shown as 19:06:26, so filed the next business day: it is New York's clock.
        ("2025-12-23T19:06:26.000Z", "2025-12-24", "8-K", "2025-12-23 19:06:26"),
    ],
)
def test_a_time_of_acceptance_is_read_as_it_was(
    told: str, filed: str, form_name: str, true: str
) -> None:
    read = accepted(told, date.fromisoformat(filed), form_name, CLOCK.now())
    assert read == datetime.fromisoformat(true).replace(tzinfo=NEW_YORK)


def test_the_day_of_filing_tells_utc_after_the_cut_off_save_for_late_forms() -> None:
    told, filed = "2022-12-14T20:05:11.000Z", date(2022, 12, 14)
    ten_q = accepted(told, filed, "10-Q", CLOCK.now())
    assert ten_q == datetime(2022, 12, 14, 20, 5, 11, tzinfo=UTC)  # 20:05 there: filed the 15th
    form_4 = accepted(told, filed, "4", CLOCK.now())
    assert form_4 == datetime(2022, 12, 15, 1, 5, 11, tzinfo=UTC)  # either: the later counts


@given(
    day=st.dates(date(2003, 1, 1), date(2026, 11, 1)),
    seconds=st.integers(0, 16 * 3600 - 1),
    form_name=st.sampled_from(("10-K", "8-K", "4", "SC 13D/A")),
    as_utc=st.booleans(),
    weekend=st.integers(1, 3),
)
def test_a_filing_is_never_known_before_it_was_accepted(
    day: date, seconds: int, form_name: str, as_utc: bool, weekend: int
) -> None:
    clock = time(6 + seconds // 3600, seconds // 60 % 60, seconds % 60)
    here = datetime.combine(day, clock, NEW_YORK)
    late = here.time() > time(17, 30)
    next_day = late and form_name in {"10-K", "8-K"}
    filed = here.date() + timedelta(days=weekend if next_day else 0)
    written = here.astimezone(UTC) if as_utc else here
    assume(written.time() != time())  # midnight stands for a time that is not known
    told = f"{written:%Y-%m-%dT%H:%M:%S}.000Z"
    read = accepted(told, filed, form_name, CLOCK.now())
    assert read >= here
    assert read - here <= timedelta(hours=5)


def test_a_time_that_is_not_known_counts_as_the_end_of_the_day() -> None:
    read = accepted("1997-03-28T00:00:00.000Z", date(1997, 3, 28), "10-K", CLOCK.now())
    assert read == datetime(1997, 3, 29, 5, tzinfo=UTC)


@pytest.mark.parametrize("told", [None, 1, "", "soon", "2022-12-01", "0001-01-01T00:00:00.000Z"])
def test_what_is_no_time_is_useless(told: Any) -> None:
    with pytest.raises(Useless):
        accepted(told, date(2022, 12, 1), "4", CLOCK.now())


def test_what_was_filed_today_is_known_when_it_was_seen() -> None:
    assert filed_by("2026-11-27", CLOCK.now()) == CLOCK.now()
    assert filed_by("2026-11-26", CLOCK.now()) == datetime(2026, 11, 27, 5, tzinfo=UTC)
    with pytest.raises(Useless):
        filed_by("2026-11-28", CLOCK.now())


def test_a_number_said_again_is_another_row_known_later() -> None:
    rows = facts(FACTS).rows["fundamentals"]
    quarter = rows.filter(rows["end"] == date(2021, 4, 30))
    assert quarter["value"].to_list() == [228_914_000.0] * 2
    assert quarter["known_at"].to_list() == [
        datetime(2021, 6, 5, 4, tzinfo=UTC),
        datetime(2022, 6, 2, 4, tzinfo=UTC),
    ]
    assert quarter["filing"].n_unique() == 2
    balance = rows.filter(rows["item"] == "dei:EntityCommonStockSharesOutstanding").row(
        0, named=True
    )
    assert balance["start"] == balance["end"] == date(2021, 3, 1)


def test_facts_are_asked_by_their_day_of_filing() -> None:
    rows = facts(FACTS, since=date(2021, 6, 4), until=date(2021, 6, 4)).rows["fundamentals"]
    assert rows.height == 3


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"val": "1"}, "no number"),
        ({"filed": "2021-01-01"}, "before its period ended"),
        ({"filed": "2099-01-01"}, "has not come yet"),
        ({"start": "2021-05-01"}, "starts on 2021-05-01"),
        ({"start": None}, "start 'None' is no day"),
        ({"accn": "1"}, "is no filing"),
        ({"fy": "2021"}, "is no year"),
        ({"fp": 1}, "is no text"),
    ],
)
def test_a_fact_that_cannot_be_true_is_a_fault(cells: dict[str, Any], reason: str) -> None:
    number = "0001640147-21-000122"
    more = {"start": "2021-02-01", "end": "2021-04-30"}
    good, other = (fact(n, "2021-06-04", number, **more) for n in (1, 2))
    concept = {"units": {"USD": [other, good | cells]}}
    data = FACTS | {"facts": {"dei": FACTS["facts"]["dei"], "us-gaap": {"Revenues": concept}}}  # type: ignore[index]
    (fault,) = facts(data).faults
    assert reason in fault.reason
    assert fault.where == "us-gaap:Revenues USD 2"


def test_facts_of_another_company_are_useless() -> None:
    (fault,) = facts(FACTS | {"cik": 320193}).faults
    assert (fault.rule, fault.reason) == ("answer", "the answer is of CIK 320193, not of 1640147")


def test_owners_reports_of_the_span_are_fetched_as_plain_xml() -> None:
    site = Site(LIST | {"000164014722000119/form4.xml": FORM4.encode()})
    ask = Ask(date(2022, 12, 1), date(2022, 12, 31), None, "deals", ("SNOW",))
    (raw,) = site.edgar().ask(ask)
    assert site.asked[-1].url.path.endswith("/1640147/000164014722000119/form4.xml")
    assert raw.name == SNOW_FORM.replace(KNOWN.isoformat(), "2022-12-14T23:05:11+00:00")
    assert (
        site.edgar().ask(Ask(date(2022, 11, 1), date(2022, 11, 30), None, "deals", ("SNOW",))) == ()
    )


def test_too_many_reports_are_refused() -> None:
    many = [
        (f"0001640147-22-{n:06}", "2022-12-14", "", "2022-12-14T23:05:11.000Z", "4", "a.xml", "")
        for n in range(FORMS_MAX + 1)
    ]
    filings = {"recent": columns(*many), "files": []}
    answers = {"CIK0001640147.json": dumped(SUBMISSIONS | {"filings": filings})} | LIST
    site = Site(answers)
    ask = Ask(date(2022, 12, 1), date(2022, 12, 31), None, "deals", ("SNOW",))
    with pytest.raises(InvalidInput, match="too many reports"):
        site.edgar().ask(ask)


def test_a_form_4_tells_who_did_what_and_what_is_left() -> None:
    rows = form(FORM4).rows["deals"]
    names = ("trade", "shares", "price", "value", "holds_after", "who", "role")
    owner = ("Scarpelli Michael", "Chief Financial Officer")
    assert rows.select(names).rows() == [
        ("exercise", 200000.0, 8.88, 1_776_000.0, 301097.0, *owner),
        ("sell", 73170.0, 150.841, 11_037_035.97, 227927.0, *owner),
    ]
    assert rows["id"].to_list() == ["0001640147-22-000119:1", "0001640147-22-000119:2"]
    assert set(rows["known_at"]) == {KNOWN}
    assert set(rows["ts"]) == {datetime(2022, 12, 13, 21, tzinfo=UTC)}  # 16:00 in New York


@pytest.mark.parametrize(
    ("was", "now", "reason"),
    [
        (">S<", ">Q<", "code 'Q' is not known"),
        ("<value>D</value></transactionA", "<value>A</value></transactionA", "is no deal"),
        (">73170<", "><", "does not say how many"),
        (">73170<", ">7e4<", "is no number"),
        (">150.841<", ">-1<", "is no number"),
    ],
)
def test_a_transaction_that_cannot_be_true_is_a_fault(was: str, now: str, reason: str) -> None:
    assert was in FORM4
    parsed = form(FORM4.replace(was, now))
    assert parsed.rows["deals"].height == 1
    assert reason in parsed.faults[0].reason


def test_a_price_in_a_footnote_is_left_empty() -> None:
    text = FORM4.replace("<value>150.841</value>", '<footnoteId id="F1"/>')
    assert form(text).rows["deals"].select("price", "value").row(1) == (None, None)


def test_a_deal_that_is_dated_after_its_filing_is_a_fault() -> None:
    text = FORM4.replace("<value>2022-12-13</value>", "<value>2022-12-15</value>")
    assert [f.reason for f in form(text).faults] == [
        "it is dated 2022-12-15, after it was filed"
    ] * 2


@pytest.mark.parametrize(
    ("was", "now", "reason"),
    [
        ('<?xml version="1.0"?>', '<!DOCTYPE a [<!ENTITY x "y">]>', "declares"),
        ('<?xml version="1.0"?>', "<!doctype html>", "declares"),
        ("</ownershipDocument>", "", "not whole XML"),
        ("<documentType>4<", "<documentType>3<", "Form 3 tells of no deals"),
        ("0001640147</issuerCik>", "0000320193</issuerCik>", "not of 1640147"),
        ("<remarks/>", "<surprise/>", "not known: surprise"),
        ("<officerTitle>Chief Financial Officer</officerTitle>", "", "officer"),
    ],
)
def test_a_report_that_is_not_of_its_form_is_useless(was: str, now: str, reason: str) -> None:
    assert was in FORM4
    parsed = form(FORM4.replace(was, now))
    assert not parsed.rows
    assert [f.rule for f in parsed.faults] == ["answer"]
    assert reason in parsed.faults[0].reason


def test_a_report_of_options_alone_is_a_known_nothing() -> None:
    start, end = FORM4.index("<nonDerivativeTable>"), FORM4.index("<remarks/>")
    parsed = form(FORM4[:start] + "<derivativeTable/>" + FORM4[end:])
    assert parsed.faults == ()
    assert parsed.rows["deals"].is_empty()

"""The treasury provider against answers of its documented shape; nothing here reaches the network.

Par yields of October 2024 and March 2025 are those that the Treasury published.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import httpx2
import pytest

from conformance.recorded import treasury as cases
from fondaco.adapters.providers.conformance.case import Recorded, reply
from fondaco.adapters.providers.parts import Parts
from fondaco.adapters.providers.treasury import Treasury
from fondaco.adapters.providers.wire import HttpWire
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Ask, Fault, Parsed

CLOCK = FixedClock(datetime(2026, 11, 27, 21, tzinfo=UTC))
CASES = {case.id: case for case in cases.RECORDED}
Row = dict[str, Any]


def treasury(answer: Callable[[httpx2.Request], httpx2.Response]) -> Treasury:
    """Return the provider with a transport that answers by a function."""
    wire = HttpWire(Treasury.sheet, CLOCK, transport=httpx2.MockTransport(answer))
    return Treasury(Parts(CLOCK, wire, lambda _: None))


def read(
    case: Recorded, body: bytes | None = None, **changes: Any
) -> tuple[list[Row], list[Fault]]:
    """Return rows and faults of a case, with another body if one is given."""
    ask = Ask(**{"since": case.ask.since, "until": case.ask.until} | changes)
    ask = Ask(ask.since, ask.until, case.ask.options, "yields", case.ask.symbols)
    given = body if body is not None else next(iter(case.answers.values()))
    provider = treasury(lambda _: reply(200, given))
    parsed: list[Parsed] = [provider.parse(raw, ask) for raw in provider.ask(ask)]
    rows = [row for p in parsed for frame in p.rows.values() for row in frame.to_dicts()]
    return rows, [fault for p in parsed for fault in p.faults]


def test_tenors_are_years_and_yields_are_per_cent() -> None:
    rows, faults = read(CASES["par"])
    day = [row for row in rows if row["day"] == date(2025, 3, 3)]
    assert not faults
    assert [(round(r["tenor"] * 12, 6), r["percent"]) for r in day][:4] == [
        (1, 4.38),
        (1.5, 4.38),
        (2, 4.37),
        (3, 4.34),
    ]
    assert next(r["percent"] for r in day if r["tenor"] == 10) == 4.16
    assert {(r["curve"], r["rate"], r["currency"]) for r in day} == {("UST", "par", "USD")}


def test_a_day_is_quoted_at_half_past_three_and_known_at_its_end_in_new_york() -> None:
    rows, _ = read(CASES["par"])
    assert rows[0]["ts"] == datetime(2025, 3, 3, 20, 30, tzinfo=UTC)
    assert rows[0]["known_at"] == datetime(2025, 3, 4, 5, tzinfo=UTC)


def test_bills_come_by_their_coupon_equivalent_and_real_yields_as_real() -> None:
    rows, _ = read(CASES["bills"])
    first = {round(r["tenor"] * 52): r["percent"] for r in rows if r["day"] == date(2026, 3, 9)}
    assert first == {4: 3.70, 6: 3.71, 8: 3.71, 13: 3.68, 17: 3.69, 26: 3.63, 52: 3.54}
    assert {r["rate"] for r in rows} == {"bill"}
    rows, _ = read(CASES["real"])
    assert [(r["tenor"], r["percent"], r["rate"]) for r in rows[:2]] == [
        (5.0, 1.43, "real"),
        (7.0, 1.64, "real"),
    ]


def test_a_download_says_the_same_newest_first_and_in_both_ways_of_writing_days() -> None:
    mixed = cases.CSV_2024.replace(b"10/04/2024", b"10-04-2024")
    rows, faults = read(CASES["download"], mixed)
    assert not faults
    assert [r["percent"] for r in rows if r["tenor"] == 10] == [4.03, 3.98, 3.85]
    assert [r["day"].day for r in rows if r["tenor"] == 10] == [7, 4, 3]


def test_days_outside_the_span_are_left_out() -> None:
    rows, faults = read(CASES["par"], since=date(2025, 3, 4), until=date(2025, 3, 4))
    assert {r["day"] for r in rows} == {date(2025, 3, 4)}
    assert not faults


def test_a_point_that_the_curve_has_since_long_is_a_fault_when_it_is_missing() -> None:
    gone = cases.PAR_2025.replace(b'<d:BC_10YEAR m:type="Edm.Double">4.22</d:BC_10YEAR>', b"")
    rows, faults = read(CASES["par"], gone)
    assert len(rows) == 3 * 14 - 1
    assert [(f.rule, f.where) for f in faults] == [("unreadable", "UST/xml/2025 2025-03-04 10Y")]


def test_a_point_that_did_not_exist_yet_is_not_missing() -> None:
    rows, faults = read(CASES["download"])
    assert not faults
    assert 1.5 / 12 not in {r["tenor"] for r in rows}


def test_the_thirty_year_point_pauses_while_no_bond_was_sold() -> None:
    body = (
        b'Date,"1 Mo","3 Mo","6 Mo","1 Yr","2 Yr","3 Yr","5 Yr","7 Yr","10 Yr","20 Yr","30 Yr"\n'
        b"02/19/2002,1.74,1.76,1.86,2.25,2.99,3.56,4.26,4.73,4.88,5.64,\n"
        b"02/15/2002,1.73,1.75,1.84,2.24,2.99,3.54,4.24,4.71,4.86,5.62,\n"
    )
    ask = {"since": date(2002, 1, 1), "until": date(2002, 12, 31)}
    _, faults = read(CASES["download"], body, **ask)
    assert [f.where for f in faults] == ["UST/csv/2002 2002-02-15 30Y"]


def test_a_tenor_that_is_not_known_is_told_and_the_others_come() -> None:
    new = cases.PAR_2025.replace(b"BC_30YEAR>", b"BC_40YEAR>").replace(b"BC_30YEAR ", b"BC_40YEAR ")
    rows, faults = read(CASES["par"], new)
    assert "'BC_40YEAR' is no tenor that is known here" in [f.reason for f in faults]
    assert len(rows) == 3 * 13


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<feed ", b'<!DOCTYPE feed [<!ENTITY x "4.38">]><feed '),
        (b"<feed ", b'<!DOCTYPE feed SYSTEM "https://elsewhere.example/feed.dtd"><feed '),
        (b"<feed ", b"<html "),
        (b"2025-03-04T", b"2024-03-04T"),
    ],
)
def test_what_is_no_feed_of_that_year_gives_no_row_of_it(before: bytes, after: bytes) -> None:
    body = cases.PAR_2025.replace(before, after)
    rows, faults = read(CASES["par"], body)
    assert faults
    assert date(2024, 3, 4) not in {r["day"] for r in rows}
    assert len(rows) in {0, 2 * 14}


def test_an_entity_is_never_expanded_nor_fetched() -> None:
    outside = b'<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/hostname">]><feed '
    body = cases.PAR_2025.replace(b"<feed ", outside).replace(b">4.16<", b">&x;<")
    rows, faults = read(CASES["par"], body)
    assert not rows
    assert [f.rule for f in faults] == ["answer"]
    assert "declares a document type" in faults[0].reason


def test_each_year_of_a_span_is_asked_for_and_all_must_come() -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.params["field_tdr_date_value"])
        return reply(503 if asked[-1] == "2026" else 200, cases.PAR_2025)

    ask = Ask(date(2024, 12, 30), date(2026, 1, 2), None, "yields", ("UST",))
    with pytest.raises(Unanswered) as down:
        treasury(answer).ask(ask)
    assert asked == ["2024", "2025", "2026"]
    assert down.value.cause is Cause.DOWN


@pytest.mark.parametrize(
    "ask",
    [
        Ask(kind="yields"),
        Ask(kind="yields", symbols=("BUND",)),
        Ask(kind="yields", symbols=("UST",), options={"format": "xls"}),
        Ask(None, date(1980, 1, 1), None, "yields", ("UST",)),
    ],
)
def test_what_cannot_be_asked_for_is_refused(ask: Ask) -> None:
    with pytest.raises(InvalidInput):
        treasury(lambda _: reply(200, b"")).ask(ask)

"""Rows and faults of one answer, and which rows cannot be true."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.fits import check_row
from fondaco.adapters.providers.read_json import Useless
from fondaco.market.ports import Parsed, Raw

ASKED = datetime(2026, 11, 27, 21, tzinfo=UTC)
RAW = Raw("toy", "AAPL", b"[]", ASKED, "d" * 64, "GET https://toy.example")
QUOTE: Mapping[str, Any] = {"instrument": "I-1", "ts": ASKED, "bid": 1.0, "ask": 2.0}
DAY: Mapping[str, Any] = {"instrument": "I-1", "session": date(2026, 11, 27), "factor": 1.0}


def _collected(kind: str, *rows: Mapping[str, Any] | None) -> Parsed:
    got = Collected(kind, RAW, "live:toy")
    for n, row in enumerate(rows):
        got.take(f"row {n + 1}", "I-1", row, lambda row=row: row)
    return got.parsed()


def test_a_row_is_kept_with_its_source_and_place() -> None:
    rows = _collected("quotes", QUOTE, None, QUOTE).rows["quotes"].to_dicts()
    assert [(row["source"], row["where"]) for row in rows] == [
        ("live:toy", "row 1"),
        ("live:toy", "row 3"),
    ]
    assert (rows[0]["bid"], rows[0]["last"], rows[0]["ts"]) == (1.0, None, ASKED)


def test_daily_bars_come_in_their_own_frame() -> None:
    parsed = _collected("bars_1d", {**DAY, "close": 2.0})
    assert parsed.bars.select("session", "close", "factor").rows() == [
        (date(2026, 11, 27), 2.0, 1.0)
    ]
    assert not parsed.rows


def test_a_row_that_cannot_be_true_is_a_fault_at_its_place_and_the_others_stay() -> None:
    parsed = _collected("quotes", QUOTE, {**QUOTE, "bid": 1e10})
    assert parsed.rows["quotes"].height == 1
    (fault,) = parsed.faults
    assert (fault.rule, fault.where, fault.kind) == ("unreadable", "row 2", "quotes")
    assert fault.reason == "bid '10000000000.0' is outside -1e+09 to 1e+09"


def test_an_answer_with_neither_row_nor_fault_is_useless() -> None:
    (fault,) = _collected("quotes", None).faults
    assert (fault.rule, fault.reason) == ("answer", "the answer holds no row")


def test_a_useless_answer_has_no_row() -> None:
    parsed = useless("quotes", RAW, "live:toy", "x" * 500)
    assert (parsed.bars.height, parsed.rows, len(parsed.faults[0].reason)) == (0, {}, 300)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"ts": None}, "ts is missing"),
        ({"instrument": None}, "instrument is missing"),
        ({"bid": "1.0"}, "bid '1.0' is no currency per unit"),
        ({"bid": True}, "bid 'True' is no"),
        ({"bid": float("nan")}, "bid 'nan' is no"),
        ({"bid_size": -1.0}, "bid_size '-1.0' is outside 0 to"),
        ({"instrument": 5}, "instrument '5' is no permanent instrument id"),
        ({"ts": ASKED.replace(tzinfo=None)}, "is no UTC"),
        ({"ts": ASKED.date()}, "is no UTC"),
        ({"ts": datetime(1970, 1, 20, 18, tzinfo=UTC)}, "not between 1980-01-01"),
        ({"ts": datetime(1, 1, 1, tzinfo=UTC)}, "no plausible day"),
        ({"ts": datetime(2099, 1, 4, tzinfo=UTC)}, "not between"),
        ({"ts": ASKED + timedelta(days=1, seconds=1)}, "not between"),
        ({"known_at": ASKED + timedelta(days=2)}, "known_at"),
    ],
)
def test_a_quote_that_cannot_be_true_is_told(cells: dict[str, Any], reason: str) -> None:
    check_row("quotes", QUOTE, ASKED)
    with pytest.raises(Useless, match=reason):
        check_row("quotes", {**QUOTE, **cells}, ASKED)


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    check_row("quotes", {**QUOTE, "ts": ASKED.astimezone(india)}, ASKED)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"factor": None}, "factor is missing"),
        ({"session": None}, "session is missing"),
        ({"session": ASKED}, "session .* is no"),
        ({"session": date(1850, 1, 2)}, "no plausible day"),
        ({"session": date(2026, 11, 29)}, "not between"),
        ({"close": float(2**63)}, "close .* is outside"),
        ({"volume": 2e15}, "volume .* is outside"),
    ],
)
def test_a_day_that_cannot_be_true_is_told(cells: dict[str, Any], reason: str) -> None:
    check_row("bars_1d", {**DAY, "session": date(1962, 1, 2), "close": None}, ASKED)
    with pytest.raises(Useless, match=reason):
        check_row("bars_1d", {**DAY, **cells}, ASKED)


def test_what_is_announced_may_lie_ahead_but_not_for_ever() -> None:
    row = {
        "event": "earnings",
        "id": "AAPL-2027Q1",
        "ts": ASKED + timedelta(days=60),
        "title": "Apple reports",
    }
    check_row("events", row, ASKED)
    for wrong in ({"ts": datetime(2099, 1, 4, tzinfo=UTC)}, {"event": "party"}, {"importance": 4}):
        with pytest.raises(Useless):
            check_row("events", {**row, **wrong}, ASKED)


def test_an_integer_beyond_what_a_column_can_hold_is_told() -> None:
    bar = {**QUOTE, "seconds": 60, "open": 1.0, "high": 1.0, "low": 1.0, "close": 1.0}
    bar = {k: v for k, v in bar.items() if k not in ("bid", "ask")} | {"final": True}
    check_row("bars_intraday", {**bar, "trades": 10**15}, ASKED)
    for trades in (10**15 + 1, 2**63, 1.5, -1):
        with pytest.raises(Useless, match="trades"):
            check_row("bars_intraday", {**bar, "trades": trades}, ASKED)


def test_a_column_of_no_such_name_is_the_providers_mistake() -> None:
    with pytest.raises(KeyError):
        check_row("quotes", {**QUOTE, "bids": 1.0}, ASKED)


def test_a_fault_is_seen_when_the_answer_was_asked_for() -> None:
    later = replace(RAW, asked_at=ASKED + timedelta(days=3))
    assert useless("quotes", later, "live:toy", "x").faults[0].seen_at == later.asked_at

"""The coinbase provider against recorded answers; nothing here reaches the network."""

from datetime import UTC, date, datetime

import pytest

from conformance.recorded.coinbase import CANDLES_DAY, RECORDED, TICKER
from fondaco.adapters.providers.coinbase import Coinbase
from fondaco.core.clock import FixedClock
from fondaco.market.ports import Ask
from unit.adapters.providers.crypto_cases import asked, parsed, rows

CASES = {case.ask.kind: case for case in RECORDED}


def test_a_candle_says_low_and_high_before_open_and_close() -> None:
    bars = parsed(CASES["bars_1d"]).bars.sort("session")
    first = bars.row(0, named=True)
    names = ("session", "open", "high", "low", "close", "volume", "factor")
    assert [first[name] for name in names] == [
        date(2024, 1, 1),
        42276.05,
        44240.8,
        42174.48,
        44184.97,
        8134.51,
        1.0,
    ]


def test_a_day_that_has_not_ended_is_no_bar_yet() -> None:
    noon = FixedClock(datetime(2024, 1, 3, 12, tzinfo=UTC))
    found = parsed(CASES["bars_1d"], clock=noon)
    assert (found.bars["session"].max(), found.faults) == (date(2024, 1, 2), ())


def test_a_shorter_candle_is_not_final_before_its_close() -> None:
    clock = FixedClock(datetime(2024, 1, 1, 1, 59, 59, tzinfo=UTC))
    bars = rows(parsed(CASES["bars_intraday"], clock=clock), "bars_intraday").sort("ts")
    assert bars["ts"].to_list() == [datetime(2024, 1, 1, n, tzinfo=UTC) for n in (1, 2)]
    assert bars["final"].to_list() == [True, False]
    assert bars["trades"].null_count() == 2


def test_a_quote_is_of_the_moment_that_the_answer_names() -> None:
    (quote,) = rows(parsed(CASES["quotes"]), "quotes").to_dicts()
    assert quote["ts"] == datetime(2024, 1, 1, 1, 59, 59, 512345, tzinfo=UTC)
    assert (quote["bid"], quote["ask"], quote["last"]) == (42612.34, 42612.35, 42612.34)
    assert quote["bid_size"] is None


def test_the_side_of_a_trade_is_that_of_the_order_in_the_book() -> None:
    trades = rows(parsed(CASES["trades"]), "trades")
    assert trades["aggressor"].to_list() == ["sell", "buy"]


def test_levels_of_the_book_count_their_orders() -> None:
    depth = rows(parsed(CASES["depth"]), "depth")
    assert depth.select("side", "price", "orders").rows() == [
        ("bid", 42612.34, 3),
        ("bid", 42612.01, 1),
        ("ask", 42612.35, 2),
        ("ask", 42613.1, 4),
    ]


def test_pages_hold_at_most_three_hundred_candles_and_meet() -> None:
    ask = Ask(date(2023, 1, 1), date(2023, 12, 31), symbols=("BTC-USD",))
    pages = asked(Coinbase, ask)
    starts = [datetime.fromisoformat(page["start"]) for page in pages]
    ends = [datetime.fromisoformat(page["end"]) for page in pages]
    assert [(end - start).days + 1 for start, end in zip(starts, ends, strict=True)] == [300, 65]
    assert (starts[1] - ends[0]).total_seconds() == 1
    assert {page["granularity"] for page in pages} == {"86400"}


def test_an_error_is_told_in_its_words() -> None:
    (fault,) = parsed(CASES["bars_1d"], b'{"message": "NotFound"}').faults
    assert (fault.rule, fault.reason) == ("answer", "Coinbase says: NotFound")


@pytest.mark.parametrize(
    ("cell", "to", "reason"),
    [
        (b"42276.05", b'"42276.05"', "open '42276.05' is no number"),
        (b"42276.05", b"null", "the open is missing"),
        (b"[1704067200,", b"[1704067200000,", "is not between"),
        (b"[1704067200,", b"[1704067260,", "does not open at 00:01:00"),
        (b"[1704067200,", b'["1704067200",', "no whole number"),
    ],
)
def test_a_bad_cell_is_a_fault_at_its_candle(cell: bytes, to: bytes, reason: str) -> None:
    found = parsed(CASES["bars_1d"], CANDLES_DAY.replace(cell, to))
    (fault,) = found.faults
    assert fault.where == "bars_1d/BTC-USD/86400/1 candle 3"
    assert reason in fault.reason
    assert found.bars.height == 2


@pytest.mark.parametrize("moment", ["2024-01-01T01:59:59", "2124-01-01T01:59:59Z", "soon", "1"])
def test_a_moment_that_is_none_is_a_fault(moment: str) -> None:
    body = TICKER.replace(b"2024-01-01T01:59:59.512345Z", moment.encode())
    found = parsed(CASES["quotes"], body)
    assert [fault.rule for fault in found.faults] == ["unreadable"]
    assert found.rows["quotes"].is_empty()

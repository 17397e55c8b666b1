"""The binance provider against recorded answers; nothing here reaches the network."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from conformance.recorded.binance import DEPTH, KLINES_DAY, RECORDED
from fondaco.adapters.providers.binance import Binance
from fondaco.adapters.providers.conformance.case import reply
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.instrument import AssetClass
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Ask
from unit.adapters.providers.crypto_cases import CLOCK, asked, parsed, rows

CASES = {case.ask.kind: case for case in RECORDED}


def test_daily_candles_are_sessions_of_the_utc_day_with_no_adjustment() -> None:
    found = parsed(CASES["bars_1d"])
    assert found.faults == ()
    assert found.bars["session"].to_list() == [date(2024, 1, n) for n in (1, 2, 3)]
    assert found.bars["close"].to_list() == [44179.55, 44946.91, 42845.23]
    assert found.bars["volume"][0] == 27174.29903
    assert set(found.bars["factor"]) == {1.0}
    assert set(found.bars["source"]) == {"live:binance"}
    (who,) = found.instruments
    assert (who.symbol, who.venue, who.currency) == ("BTC-USDT", "XCRY", "USDT")


def test_a_day_that_has_not_ended_is_no_bar_yet() -> None:
    noon = FixedClock(datetime(2024, 1, 3, 12, tzinfo=UTC))
    found = parsed(CASES["bars_1d"], clock=noon)
    assert found.bars["session"].to_list() == [date(2024, 1, 1), date(2024, 1, 2)]
    assert found.faults == ()


def test_a_shorter_candle_is_stamped_with_its_close_and_not_final_until_then() -> None:
    case, clock = CASES["bars_intraday"], FixedClock(datetime(2024, 1, 1, 1, 30, tzinfo=UTC))
    bars = rows(parsed(case, clock=clock), "bars_intraday")
    assert bars["ts"].to_list() == [datetime(2024, 1, 1, n, tzinfo=UTC) for n in (1, 2)]
    assert bars["final"].to_list() == [True, False]
    assert bars["trades"].to_list() == [47134, 48396]
    assert set(bars["seconds"]) == {3600}


def test_a_seller_who_met_the_makers_bid_crossed_the_spread() -> None:
    trades = rows(parsed(CASES["trades"]), "trades")
    assert trades["aggressor"].to_list() == ["sell", "buy"]
    assert trades["ts"][0] == datetime(2024, 1, 1, 1, 59, 59, 1000, tzinfo=UTC)
    assert trades["trade"].to_list() == ["3364216871", "3364216872"]


def test_a_quote_and_a_book_are_of_the_moment_of_asking() -> None:
    (quote,) = rows(parsed(CASES["quotes"]), "quotes").to_dicts()
    assert (quote["ts"], quote["bid"], quote["ask_size"]) == (CLOCK.now(), 42613.55, 9.0)
    depth = rows(parsed(CASES["depth"]), "depth")
    assert depth.select("side", "level", "price").rows() == [
        ("bid", 1, 42613.55),
        ("bid", 2, 42613.10),
        ("ask", 1, 42613.56),
        ("ask", 2, 42614.0),
    ]


def test_a_book_out_of_order_is_a_fault_at_its_level() -> None:
    body = DEPTH.replace(b"42613.10000000", b"42699.10000000")
    (fault,) = parsed(CASES["depth"], body).faults
    assert (fault.rule, fault.where) == ("unreadable", "depth/BTC-USDT/0/1 bid 2")


def test_funding_and_open_interest_are_of_the_perpetual_future() -> None:
    found = parsed(CASES["funding"])
    assert rows(found, "funding")["rate"].to_list() == [0.00037409, -0.0001]
    assert rows(found, "funding")["ts"][1] == datetime(2024, 1, 1, 8, 0, 0, 3000, tzinfo=UTC)
    (who,) = found.instruments
    assert (who.symbol, who.asset_class) == ("BTC-USDT-PERP", AssetClass.FUTURE)
    (row,) = rows(parsed(CASES["open_interest"]), "open_interest").to_dicts()
    assert (row["contracts"], row["instrument"]) == (80659.509, who.id)


def test_the_desk_may_name_the_perpetual_by_its_own_symbol() -> None:
    (one,) = asked(Binance, Ask(kind="open_interest", symbols=("BTC-USDT-PERP",)))
    assert (one["symbol"], one["host"]) == ("BTCUSDT", "fapi.binance.com")


def test_a_long_span_is_asked_in_pages_that_meet_and_do_not_overlap() -> None:
    ask = Ask(date(2020, 1, 1), date(2023, 12, 31), symbols=("eth-usdt",))
    pages = asked(Binance, ask)
    assert len(pages) == 2  # 1,461 days at 1,000 a page
    assert [page["symbol"] for page in pages] == ["ETHUSDT", "ETHUSDT"]
    assert int(pages[0]["endTime"]) + 1 == int(pages[1]["startTime"])
    assert pages[0]["startTime"] == "1577836800000"  # 2020-01-01
    assert int(pages[1]["endTime"]) == 1704067200000 - 1  # the last moment of 2023
    assert {page["interval"] for page in pages} == {"1d"}


def test_without_a_start_one_page_up_to_now_is_asked() -> None:
    (page,) = asked(Binance, Ask(kind="bars_intraday", symbols=("BTC-USDT",)))
    span = int(page["endTime"]) + 1 - int(page["startTime"])
    assert (page["interval"], span) == ("1m", 999 * 60_000)


def test_too_many_pages_are_refused_before_the_first_is_asked() -> None:
    ask = Ask(date(2020, 1, 1), kind="bars_intraday", symbols=("BTC-USDT",))
    with pytest.raises(InvalidInput, match="too many pages"):
        asked(Binance, ask)


def test_the_error_of_a_wrong_symbol_is_told_in_its_words() -> None:
    case = CASES["bars_1d"]
    body = b'{"code": -1121, "msg": "Invalid symbol."}'
    provider = case.build(CLOCK, lambda _: reply(400, body))
    (raw,) = provider.ask(case.ask)
    (fault,) = provider.parse(raw, case.ask).faults
    assert (fault.rule, fault.reason) == ("answer", "Binance says: Invalid symbol. (-1121)")


def test_a_banned_address_is_a_limit_that_says_when_to_ask_again() -> None:
    case = CASES["quotes"]
    provider = case.build(CLOCK, lambda _: reply(418, b"", {"retry-after": "120"}))
    with pytest.raises(Unanswered) as error:
        provider.ask(case.ask)
    assert (error.value.cause, error.value.retry_after) == (Cause.LIMIT, 120.0)


@pytest.mark.parametrize(
    ("cell", "to", "reason"),
    [
        (b'"44946.91000000", "45500', b'44946.91, "45500', "open '44946.91' is no number written"),
        (b"1704240000000,", b"1704240000,", "is not between"),
        (b"1704240000000,", b"1704240000001,", "is not 86400 seconds long"),
        (b"1704326399999", b"1704243599999", "is not 86400 seconds long"),
        (b"3018878", b'"3018878"', "trades '3018878' is no whole number"),
    ],
)
def test_a_bad_cell_is_a_fault_at_its_candle(cell: bytes, to: bytes, reason: str) -> None:
    assert cell in KLINES_DAY
    found = parsed(CASES["bars_1d"], KLINES_DAY.replace(cell, to))
    (fault,) = found.faults
    assert found.bars.height == 2
    assert (fault.rule, fault.where) == ("unreadable", "bars_1d/BTC-USDT/86400/1 candle 3")
    assert reason in fault.reason


def test_an_empty_list_says_nothing() -> None:
    (fault,) = parsed(CASES["bars_1d"], b"[]").faults
    assert (fault.rule, fault.reason) == ("answer", "the answer holds no candles")


def test_an_answer_of_another_pair_is_refused() -> None:
    quote: dict[str, Any] = json.loads(next(iter(CASES["quotes"].answers.values())))
    (fault,) = parsed(CASES["quotes"], json.dumps(quote | {"symbol": "ETHUSDT"}).encode()).faults
    assert fault.reason == "the answer is of ETHUSDT, not of BTCUSDT"


@pytest.mark.parametrize(
    "ask",
    [
        Ask(),
        Ask(symbols=("BTCUSDT",)),
        Ask(symbols=("BTC-USDT/../x",)),
        Ask(symbols=("BTC-USDT",), options={"seconds": "60"}),
        Ask(symbols=("BTC-USDT",), kind="quotes", options={"colour": "red"}),
        Ask(symbols=("BTC-USDT",), kind="bars_intraday", options={"seconds": "61"}),
        Ask(symbols=("BTC-USDT",), since=date(2024, 1, 9), until=date(2024, 1, 1)),
        Ask(symbols=("BTC-USDT-PERP",)),
        Ask(symbols=tuple(f"A{n}-USDT" for n in range(51))),
    ],
)
def test_what_cannot_be_asked_is_refused(ask: Ask) -> None:
    with pytest.raises(InvalidInput):
        asked(Binance, ask)


def test_a_kind_that_it_does_not_give_is_not_found() -> None:
    with pytest.raises(NotFound, match="does not give"):
        asked(Binance, Ask(kind="news", symbols=("BTC-USDT",)))

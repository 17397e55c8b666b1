"""The kraken provider against recorded answers; nothing here reaches the network."""

from datetime import UTC, date, datetime

import pytest

from conformance.recorded.kraken import OHLC_DAY, RECORDED, TRADES
from fondaco.adapters.providers.conformance.case import reply
from fondaco.adapters.providers.kraken import Kraken
from fondaco.core.clock import FixedClock
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Ask
from unit.adapters.providers.crypto_cases import CLOCK, asked, parsed, rows

CASES = {case.ask.kind: case for case in RECORDED}


def test_the_volume_of_a_candle_is_not_its_average_price() -> None:
    found = parsed(CASES["bars_1d"])
    assert found.faults == ()
    assert found.bars["session"].to_list() == [date(2024, 1, n) for n in (1, 2, 3)]
    assert found.bars["close"].to_list() == [44182.4, 44946.0, 42840.7]
    assert found.bars["volume"][0] == 1650.30219844
    (who,) = found.instruments
    assert (who.symbol, who.venue, who.currency) == ("BTC-USD", "XCRY", "USD")


def test_the_candle_of_today_that_kraken_always_sends_is_no_bar() -> None:
    noon = FixedClock(datetime(2024, 1, 3, 12, tzinfo=UTC))
    found = parsed(CASES["bars_1d"], clock=noon)
    assert (found.bars["session"].max(), found.faults) == (date(2024, 1, 2), ())


def test_a_shorter_candle_is_stamped_with_its_close() -> None:
    bars = rows(parsed(CASES["bars_intraday"]), "bars_intraday")
    assert bars["ts"].to_list() == [datetime(2024, 1, 1, n, tzinfo=UTC) for n in (1, 2)]
    assert bars["trades"].to_list() == [1109, 1187]


def test_a_quote_has_sizes_in_coins_and_the_last_trade() -> None:
    (quote,) = rows(parsed(CASES["quotes"]), "quotes").to_dicts()
    names = ("bid", "bid_size", "ask", "ask_size", "last", "last_size", "volume", "ts")
    assert [quote[name] for name in names] == [
        42610.1,
        3.25,
        42610.2,
        1.0,
        42610.1,
        0.0025,
        1650.30219844,
        CLOCK.now(),
    ]


def test_a_trade_has_parts_of_a_second_and_says_who_crossed_the_spread() -> None:
    trades = rows(parsed(CASES["trades"]), "trades")
    assert trades["ts"][1] == datetime(2024, 1, 1, 1, 59, 59, 500_000, tzinfo=UTC)
    assert trades["aggressor"].to_list() == ["sell", "buy"]
    assert trades["trade"].to_list() == ["65432100", "65432101"]


def test_each_side_of_the_book_begins_with_its_best() -> None:
    depth = rows(parsed(CASES["depth"]), "depth")
    best = depth.select("side", "level", "price", "size").rows()
    assert best[0] == ("bid", 1, 42610.1, 3.25)
    assert best[2] == ("ask", 1, 42610.2, 1.0)


@pytest.mark.parametrize(
    ("symbol", "name"), [("BTC-USD", "XBTUSD"), ("DOGE-EUR", "XDGEUR"), ("ETH-BTC", "ETHXBT")]
)
def test_pairs_are_asked_by_krakens_names(symbol: str, name: str) -> None:
    (one,) = asked(Kraken, Ask(date(2024, 1, 1), symbols=(symbol,)), b"{}")
    assert (one["pair"], one["interval"]) == (name, "1440")
    assert one["since"] == str(1704067200 - 1)  # the second before 2024 began


@pytest.mark.parametrize("name", ["XBTUSD", "XXBTZUSD"])
def test_the_answer_may_use_the_short_or_the_long_name(name: str) -> None:
    body = OHLC_DAY.replace(b"XXBTZUSD", name.encode())
    assert parsed(CASES["bars_1d"], body).bars.height == 3


def test_an_answer_of_another_pair_is_refused() -> None:
    (fault,) = parsed(CASES["bars_1d"], OHLC_DAY.replace(b"XXBTZUSD", b"XETHZUSD")).faults
    assert fault.reason == "the answer is of XETHZUSD, not of XBTUSD"


def test_an_error_with_status_200_is_told_in_its_words() -> None:
    found = parsed(CASES["bars_1d"], b'{"error": ["EQuery:Unknown asset pair"]}')
    (fault,) = found.faults
    assert (fault.rule, fault.reason) == ("answer", "Kraken says: EQuery:Unknown asset pair")


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ("EAPI:Rate limit exceeded", Cause.LIMIT),
        ("EGeneral:Too many requests", Cause.LIMIT),
        ("EService:Unavailable", Cause.DOWN),
    ],
)
def test_a_busy_kraken_has_not_answered(told: str, cause: Cause) -> None:
    case = CASES["bars_1d"]
    body = f'{{"error": ["{told}"], "result": {{}}}}'.encode()
    with pytest.raises(Unanswered, match=told) as error:
        case.build(CLOCK, lambda _: reply(200, body)).ask(case.ask)
    assert error.value.cause is cause


@pytest.mark.parametrize(
    ("cell", "to", "reason"),
    [
        (b'"s"', b'"x"', "neither b nor s"),
        (b"1704074398.9515", b'"1704074398.9515"', "is no time"),
        (b"1704074398.9515", b"1704074398951.5", "is not between"),
        (b'"42610.10000"', b"42610.1", "no number written as text"),
        (b"65432100", b"null", "trade id 'None' is no whole number"),
    ],
)
def test_a_bad_cell_is_a_fault_at_its_trade(cell: bytes, to: bytes, reason: str) -> None:
    found = parsed(CASES["trades"], TRADES.replace(cell, to))
    (fault,) = found.faults
    assert fault.where == "trades/BTC-USD/0/1 trade 1"
    assert reason in fault.reason
    assert found.rows["trades"].height == 1

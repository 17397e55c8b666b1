"""The polygon provider against recorded answers; nothing here reaches the network.

Factors are checked against the actions of AAPL in 2020: 0.82 USD on 7 August after a close of
455.61, and four shares for one on 31 August.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import prod

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.recorded.polygon import (
    AAPL,
    DAYS,
    DETAILS,
    DIVIDENDS,
    NBBO,
    NEWS,
    PACK,
    RECORDED,
    SECRETS,
    SPLITS,
    TRADES,
)
from fondaco.adapters.providers.conformance.case import Recorded, reply
from fondaco.adapters.providers.polygon import Polygon
from fondaco.adapters.providers.polygon_shares import Event, factors
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import AssetClass
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Ask, Parsed, Raw

CLOCK = FixedClock(datetime(2020, 9, 2, 21, tzinfo=UTC))
CASES = {case.ask.kind: case for case in RECORDED}
KEY = SECRETS["FONDACO_POLYGON_KEY"]


def parsed(kind: str, changes: Mapping[str, bytes] | None = None, ask: Ask | None = None) -> Parsed:
    """Ask once and read the answer, with other bodies for some paths."""
    case = replace(CASES[kind], answers={**CASES[kind].answers, **(changes or {})})
    provider = case.build(CLOCK, case.answer)
    (raw,) = provider.ask(ask or case.ask)
    return provider.parse(raw, ask or case.ask)


def requests(ask: Ask, *bodies: bytes) -> tuple[list[httpx2.Request], tuple[Raw, ...]]:
    """Return the requests that an ask makes when these bodies come, and its raw answers."""
    seen: list[httpx2.Request] = []
    left = list(bodies)

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return reply(200, left.pop(0) if left else b"{}")

    case = Recorded("x", Polygon, ask, {}, 0, SECRETS)
    return seen, case.build(CLOCK, answer).ask(ask)


def test_raw_prices_come_with_the_factors_of_splits_and_dividends() -> None:
    found = parsed("bars_1d")
    assert found.faults == ()
    assert found.bars["session"].to_list() == [
        date(2020, 8, 6),
        date(2020, 8, 7),
        date(2020, 8, 28),
        date(2020, 8, 31),
        date(2020, 9, 1),
    ]
    assert found.bars["close"].to_list() == [455.61, 444.45, 499.23, 129.04, 134.18]
    assert found.bars["factor"].to_list() == pytest.approx([1, 1 - 0.82 / 455.61, 1, 0.25, 1])
    assert found.bars["known_at"].null_count() == 5


def test_the_close_before_the_span_is_used_and_not_shown() -> None:
    ask = Ask(date(2020, 8, 7), date(2020, 8, 7), symbols=AAPL)
    found = parsed("bars_1d", {"/range/1/day/2020-07-24/2020-08-07": DAYS}, ask)
    assert found.bars["factor"].to_list() == pytest.approx([1 - 0.82 / 455.61])


def test_the_share_is_that_of_the_details() -> None:
    (who,) = parsed("bars_1d").instruments
    assert (who.symbol, who.name, who.venue, who.asset_class) == (
        "AAPL",
        "Apple Inc.",
        "XNAS",
        AssetClass.EQUITY,
    )


def test_a_delisted_fund_keeps_its_last_day() -> None:
    gone = b'"type": "ETF", "delisted_utc": "2020-09-01T04:00:00Z"'
    body = DETAILS.replace(b'"type": "CS"', gone)
    (who,) = parsed("bars_1d", {"/v3/reference/tickers/AAPL": body}).instruments
    assert (who.asset_class, who.symbols[0].end) == (AssetClass.ETF, date(2020, 9, 1))


def test_without_the_close_before_a_dividend_its_bar_is_set_aside() -> None:
    found = parsed(
        "bars_1d",
        {"/range/1/day/2020-07-23/2020-09-01": DAYS.replace(b'"c": 455.61', b'"c": "455.61"')},
    )
    assert [fault.where.rpartition("/1 ")[2] for fault in found.faults] == [
        "page 1 bar 1",
        "page 1 bar 2",
    ]
    assert "the close before its dividend is not known" in found.faults[1].reason
    assert found.bars.height == 3


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/stocks/v1/splits", SPLITS.replace(b'"split_to": 4', b'"split_to": 0'), "the split is"),
        ("/stocks/v1/splits", SPLITS.replace(b"AAPL", b"TSLA"), "of TSLA, not of AAPL"),
        ("/stocks/v1/dividends", DIVIDENDS.replace(b"USD", b"CAD"), "in CAD, not in USD"),
        ("/stocks/v1/dividends", b"<html>", "web page"),
        ("/v3/reference/tickers/AAPL", DETAILS.replace(b"XNAS", b"OTCM"), "not listed on an"),
        (
            "/range/1/day/2020-07-23/2020-09-01",
            DAYS.replace(b"false", b"true"),
            "the bars are adjusted",
        ),
        (
            "/range/1/day/2020-07-23/2020-09-01",
            b'{"status": "NOT_AUTHORIZED", "message": "Your plan does not include this."}',
            "Massive says: NOT_AUTHORIZED Your plan",
        ),
    ],
)
def test_bars_whose_factors_cannot_be_known_are_none(path: str, body: bytes, reason: str) -> None:
    found = parsed("bars_1d", {path: body})
    (fault,) = found.faults
    assert fault.rule == "answer"
    assert reason in fault.reason
    assert found.bars.is_empty()


def test_a_dividend_that_stands_twice_is_not_counted_at_all() -> None:
    first = DIVIDENDS.index(b'{"id"')
    item = DIVIDENDS[first:-2]
    body = DIVIDENDS[:first] + item + b"," + item + b"]}"
    (fault,) = parsed("bars_1d", {"/stocks/v1/dividends": body}).faults
    assert "stands twice" in fault.reason


def test_a_dividend_is_known_when_its_day_of_declaration_has_ended() -> None:
    split, dividend = parsed("actions").rows["actions"].to_dicts()
    assert (split["action"], split["factor"], split["known_at"]) == ("split", 0.25, None)
    assert split["ts"] == datetime(2020, 8, 31, 4, tzinfo=UTC)  # midnight in New York
    assert (dividend["amount"], dividend["currency"]) == (0.82, "USD")
    assert dividend["pay_date"] == date(2020, 8, 13)
    assert dividend["known_at"] == datetime(2020, 7, 31, 4, tzinfo=UTC)


def test_a_share_without_actions_in_the_span_has_none() -> None:
    empty = b'{"status": "OK", "results": []}'
    found = parsed("actions", {"/stocks/v1/splits": empty, "/stocks/v1/dividends": empty})
    assert (found.faults, found.rows) == ((), {})


def test_a_shorter_bar_is_stamped_with_its_close() -> None:
    bars = parsed("bars_intraday").rows["bars_intraday"]
    assert bars["ts"].to_list() == [datetime(2020, 9, 1, 13, n, tzinfo=UTC) for n in (31, 32)]
    assert bars["final"].all()


def test_a_quote_without_a_bid_has_none() -> None:
    (quote,) = parsed("quotes").rows["quotes"].to_dicts()
    assert (quote["bid"], quote["ask"], quote["bid_size"]) == (134.18, 134.2, 100)
    assert quote["ts"] == datetime(2020, 9, 1, 19, 59, 59, 15, tzinfo=UTC)
    body = NBBO.replace(b'"p": 134.18', b'"p": 0')
    (quote,) = parsed("quotes", {"/v2/last/nbbo/AAPL": body}).rows["quotes"].to_dicts()
    assert (quote["bid"], quote["bid_size"], quote["ask"]) == (None, None, 134.2)


def test_trades_are_told_apart_by_their_number_within_the_ticker() -> None:
    trades = parsed("trades").rows["trades"]
    assert trades.select("trade", "price", "conditions").rows() == [
        ("1063", 129.05, "12,41"),
        ("1064", 129.06, "37"),
    ]


def test_a_trade_that_was_cancelled_is_set_aside() -> None:
    body = TRADES.replace(b'"id": "1"', b'"id": "1", "correction": 8')
    found = parsed("trades", {"/v3/trades/AAPL": body})
    assert found.rows["trades"].height == 1
    assert "corrected or cancelled: 8" in found.faults[0].reason


def test_a_chain_tells_the_terms_of_each_contract() -> None:
    call, put = parsed("chains").rows["chains"].to_dicts()
    names = ("root", "expiry", "strike", "right", "style", "deliverable", "bid", "iv", "delta")
    assert [call[name] for name in names] == [
        "AAPL",
        date(2020, 10, 16),
        150.0,
        "call",
        "american",
        100.0,
        1.19,
        0.49,
        0.18,
    ]
    assert call["theta"] is None  # its unit is not documented
    assert (put["strike"], put["bid"], put["volume"], put["open_interest"]) == (
        97.5,
        None,
        None,
        12,
    )


def test_a_contract_whose_symbol_says_other_terms_is_a_fault() -> None:
    body = CASES["chains"].answers["/v3/snapshot/options/AAPL"]
    body = body.replace(b'"strike_price": 150,', b'"strike_price": 15,')
    found = parsed("chains", {"/v3/snapshot/options/AAPL": body})
    assert "does not say call 15 of 2020-10-16" in found.faults[0].reason


def test_news_are_known_when_published() -> None:
    (row,) = parsed("news").rows["news"].to_dicts()
    assert row["known_at"] == row["ts"] == datetime(2020, 8, 31, 13, 30, tzinfo=UTC)
    assert (row["publisher"], row["symbols"]) == ("A Paper", "AAPL,TSLA")
    none = {"/v2/reference/news": b'{"status": "OK", "results": []}'}
    assert parsed("news", none).faults == ()


def test_the_next_page_is_asked_with_the_key_in_a_header_and_never_in_its_address() -> None:
    first = NEWS.replace(
        b'"count": 1,',
        b'"next_url": "https://api.polygon.io/v2/reference/news?cursor=abc&apiKey=theirs",',
    )
    seen, raws = requests(Ask(kind="news"), first, NEWS)
    assert [raw.name for raw in raws] == ["news//0/1", "news//0/2"]
    assert str(seen[1].url) == "https://api.massive.com/v2/reference/news?cursor=abc"
    assert {request.headers["authorization"] for request in seen} == {f"Bearer {KEY}"}
    assert all(KEY not in raw.request and "theirs" not in raw.request for raw in raws)


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/v2/reference/news?cursor=abc",
        "http://api.massive.com/v2/reference/news?cursor=abc",
        "https://api.massive.com@elsewhere.example/v2/reference/news",
        "https://api.massive.com:8443/v2/reference/news",
        "https://api.massive.com/v3/trades/AAPL?cursor=abc",
        "//elsewhere.example/v2/reference/news",
        "7",
    ],
)
def test_the_key_never_goes_to_another_address(url: str) -> None:
    first = NEWS.replace(b'"count": 1,', f'"next_url": "{url}",'.encode())
    with pytest.raises(Unanswered, match="not its own") as error:
        requests(Ask(kind="news"), first, NEWS)
    assert error.value.cause is Cause.BAD


def test_a_page_that_does_not_come_fails_the_whole_ask() -> None:
    first = NEWS.replace(
        b'"count": 1,', b'"next_url": "https://api.massive.com/v2/reference/news?c=1",'
    )
    replies = [reply(200, first), reply(503, b"")]
    case = Recorded("x", Polygon, Ask(kind="news"), {}, 0, SECRETS)
    with pytest.raises(Unanswered) as error:
        case.build(CLOCK, lambda _: replies.pop(0)).ask(case.ask)
    assert error.value.cause is Cause.DOWN


def test_without_a_key_nothing_is_asked() -> None:
    case = replace(CASES["bars_1d"], secrets={})
    with pytest.raises(Unanswered, match="FONDACO_POLYGON_KEY") as error:
        case.build(CLOCK, case.answer).ask(case.ask)
    assert error.value.cause is Cause.KEY


def test_each_answer_of_a_pack_is_kept_byte_for_byte() -> None:
    case = CASES["bars_1d"]
    (raw,) = case.build(CLOCK, case.answer).ask(case.ask)
    assert all(body in raw.body for body in (DAYS, *PACK.values()))


@pytest.mark.parametrize(
    "ask",
    [
        Ask(),
        Ask(symbols=("AAPL/../x",)),
        Ask(symbols=AAPL, options={"seconds": "60"}),
        Ask(symbols=AAPL, kind="bars_intraday", options={"seconds": "7"}),
        Ask(symbols=AAPL, kind="chains", options={"expiry": "soon"}),
        Ask(date(2020, 9, 2), date(2020, 9, 1), symbols=AAPL),
    ],
)
def test_what_cannot_be_asked_is_refused(ask: Ask) -> None:
    with pytest.raises(InvalidInput):
        requests(ask)


def test_an_event_on_a_day_without_a_bar_takes_effect_with_the_next() -> None:
    bars = [(date(2024, 1, 5), 100.0), (date(2024, 1, 8), 49.0), (date(2024, 1, 9), 50.0)]
    split = Event(date(2024, 1, 6), "split", ratio=0.5)
    paid = Event(date(2024, 1, 8), "dividend", amount=2.0)
    assert factors(bars, [split, paid]) == pytest.approx([1.0, 0.5 * 0.98, 1.0])


def test_a_dividend_as_large_as_the_close_before_leaves_the_factor_unknown() -> None:
    bars = [(date(2024, 1, 5), 2.0), (date(2024, 1, 8), 1.0)]
    assert factors(bars, [Event(date(2024, 1, 8), "special", amount=2.0)]) == [1.0, None]


def test_a_dividend_after_a_bar_that_could_not_be_read_has_no_factor() -> None:
    paid = Event(date(2024, 1, 9), "dividend", amount=1.0)
    bars = [(date(2024, 1, 5), 100.0), None, (date(2024, 1, 9), 98.0), (date(2024, 1, 10), 97.0)]
    assert factors(bars, [paid]) == [1.0, None, None, 1.0]


@given(
    closes=st.lists(st.floats(1.0, 1000.0), min_size=2, max_size=12),
    ratios=st.dictionaries(st.integers(1, 11), st.sampled_from([0.1, 0.25, 0.5, 2.0, 10.0])),
)
def test_the_factors_of_splits_give_back_the_prices_that_they_divided(
    closes: list[float], ratios: dict[int, float]
) -> None:
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(len(closes))]
    raw = [
        close / prod(ratio for n, ratio in ratios.items() if at < n < len(closes))
        for at, close in enumerate(closes)
    ]
    events = [Event(days[n], "split", ratio=r) for n, r in ratios.items() if n < len(closes)]
    found = [factor or 0.0 for factor in factors(list(zip(days, raw, strict=True)), events)]
    back = [price * prod(found[at + 1 :]) for at, price in enumerate(raw)]
    assert back == pytest.approx(closes)

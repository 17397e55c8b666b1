"""The alpaca provider against recorded answers; nothing here reaches the network.

Factors are checked against the actions of AAPL in 2020: 0.82 USD on 7 August after a close of
455.61, and four shares for one on 31 August.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import httpx2
import pytest

from conformance.recorded.alpaca import (
    AAPL,
    ACTIONS,
    DAYS,
    MINUTES,
    NEWS,
    QUOTE,
    RECORDED,
    SECRETS,
    TRADES,
)
from fondaco.adapters.providers.alpaca import Alpaca
from fondaco.adapters.providers.conformance.case import Recorded, reply
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Ask, Parsed, Raw

CLOCK = FixedClock(datetime(2020, 12, 1, 21, tzinfo=UTC))
CASES = {case.ask.kind: case for case in RECORDED}


def parsed(
    kind: str,
    changes: Mapping[str, bytes] | None = None,
    ask: Ask | None = None,
    clock: FixedClock = CLOCK,
) -> Parsed:
    """Ask once and read the answer, with other bodies for some paths."""
    case = replace(CASES[kind], answers={**CASES[kind].answers, **(changes or {})})
    provider = case.build(clock, case.answer)
    (raw,) = provider.ask(ask or case.ask)
    return provider.parse(raw, ask or case.ask)


def requests(ask: Ask, *bodies: bytes) -> tuple[list[httpx2.Request], tuple[Raw, ...]]:
    """Return the requests that an ask makes when these bodies come, and its raw answers."""
    seen: list[httpx2.Request] = []
    left = list(bodies)

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return reply(200, left.pop(0) if left else b"{}")

    case = Recorded("x", Alpaca, ask, {}, 0, SECRETS)
    return seen, case.build(CLOCK, answer).ask(ask)


def test_raw_prices_come_with_the_factors_of_splits_and_dividends() -> None:
    found = parsed("bars_1d")
    assert found.faults == ()
    assert found.bars["session"].to_list()[0::4] == [date(2020, 8, 6), date(2020, 9, 1)]
    assert found.bars["close"].to_list() == [455.61, 444.45, 499.23, 129.04, 134.18]
    assert found.bars["factor"].to_list() == pytest.approx([1, 1 - 0.82 / 455.61, 1, 0.25, 1])
    (who,) = found.instruments
    assert (who.symbol, who.venue, who.currency) == ("AAPL", "USEQ", "USD")


def test_bars_are_asked_raw_of_iex_with_days_before_and_actions_paid_later() -> None:
    ask = Ask(date(2020, 8, 7), date(2020, 8, 7), symbols=("aapl",))
    (bars, actions), _ = requests(ask, DAYS, ACTIONS)
    assert bars.url.path == "/v2/stocks/AAPL/bars"
    names = ("timeframe", "adjustment", "feed", "start", "end")
    assert [bars.url.params[n] for n in names] == ["1Day", "raw", "iex", "2020-07-24", "2020-08-07"]
    assert (actions.url.params["start"], actions.url.params["end"]) == ("2020-07-24", "2020-12-05")


@pytest.mark.parametrize(
    ("was", "now", "reason"),
    [
        (b'"new_rate": 4', b'"new_rate": 0', "the split is 0"),
        (b'"rate": 0.82', b'"rate": "0.82"', "is no number"),
        (b'"cash_dividends"', b'"stock_dividends"', "rate of a stock dividend"),
        (b'"cash_dividends"', b'"cash_mergers"', "not asked for: cash_mergers"),
        (b'"symbol": "AAPL", "cusip"', b'"symbol": "TSLA", "cusip"', "of TSLA, not of AAPL"),
    ],
)
def test_bars_whose_factors_cannot_be_known_are_none(was: bytes, now: bytes, reason: str) -> None:
    assert was in ACTIONS
    found = parsed("bars_1d", {"/v1/corporate-actions": ACTIONS.replace(was, now)})
    (fault,) = found.faults
    assert fault.rule == "answer"
    assert reason in fault.reason
    assert found.bars.is_empty()


def test_a_bar_that_does_not_begin_with_its_day_is_a_fault() -> None:
    body = DAYS.replace(b"2020-08-28T04", b"2020-08-28T05")
    found = parsed("bars_1d", {"/v2/stocks/AAPL/bars": body})
    assert "does not begin at 01:00:00" in found.faults[0].reason
    assert found.bars.height == 4


def test_actions_tell_splits_dividends_and_spin_offs_of_the_span() -> None:
    spun = b"""{"corporate_actions": {"spin_offs": [{"id": "1", "source_symbol": "AAPL",
    "source_rate": 1, "new_symbol": "PEAR", "new_rate": 0.5, "process_date": "2020-08-20",
    "ex_date": "2020-08-20"}], """ + ACTIONS.split(b"{", 2)[2].lstrip()
    ask = Ask(date(2020, 8, 10), date(2020, 9, 1), kind="actions", symbols=AAPL)
    found = parsed("actions", {"/v1/corporate-actions": spun}, ask)
    assert found.faults == ()
    actions = found.rows["actions"].select("action", "ex_date", "factor", "symbol", "ts").rows()
    assert actions == [
        ("split", date(2020, 8, 31), 0.25, None, datetime(2020, 8, 31, 4, tzinfo=UTC)),
        ("spin_off", date(2020, 8, 20), None, "PEAR", datetime(2020, 8, 20, 4, tzinfo=UTC)),
    ]
    (first, _) = parsed("actions").rows["actions"].to_dicts()
    names = ("amount", "currency", "pay_date", "known_at")
    assert [first[name] for name in names] == [0.82, "USD", date(2020, 8, 13), None]


def test_actions_outside_the_span_are_none_and_no_action_at_all_is_unknown() -> None:
    ask = Ask(date(2020, 8, 10), date(2020, 8, 20), kind="actions", symbols=AAPL)
    found = parsed("actions", ask=ask)
    assert (found.faults, found.rows) == ((), {})
    (fault,) = parsed("actions", {"/v1/corporate-actions": b'{"corporate_actions": {}}'}).faults
    assert fault.reason == "the answer holds no row"


def test_a_shorter_bar_is_stamped_with_its_close_and_not_final_before() -> None:
    clock = FixedClock(datetime(2020, 9, 1, 13, 31, 30, tzinfo=UTC))
    bars = parsed("bars_intraday", clock=clock).rows["bars_intraday"]
    assert bars["ts"].to_list() == [datetime(2020, 9, 1, 13, n, tzinfo=UTC) for n in (31, 32)]
    assert bars["final"].to_list() == [True, False]


def test_a_quote_has_no_sizes_and_no_bid_of_zero() -> None:
    (quote,) = parsed("quotes").rows["quotes"].to_dicts()
    assert (quote["bid"], quote["ask"], quote["bid_size"]) == (134.18, 134.2, None)
    assert quote["ts"] == datetime(2020, 9, 1, 19, 59, 59, 15, tzinfo=UTC)
    body = QUOTE.replace(b'"ap": 134.2', b'"ap": 0')
    (quote,) = parsed("quotes", {"/v2/stocks/AAPL/quotes/latest": body}).rows["quotes"].to_dicts()
    assert (quote["bid"], quote["ask"]) == (134.18, None)


def test_a_trade_that_was_cancelled_is_set_aside() -> None:
    assert parsed("trades").rows["trades"].select("trade", "conditions").rows() == [
        ("V-1063", "@"),
        ("V-1064", "@,I"),
    ]
    body = TRADES.replace(b'"i": 1063', b'"i": 1063, "u": "canceled"')
    found = parsed("trades", {"/v2/stocks/AAPL/trades": body})
    assert found.faults[0].reason == "the trade was canceled"
    assert found.rows["trades"].height == 1


def test_news_are_known_as_they_stand_from_their_last_change() -> None:
    (row,) = parsed("news").rows["news"].to_dicts()
    assert row["ts"] == datetime(2020, 8, 31, 13, 30, tzinfo=UTC)
    assert row["known_at"] == datetime(2020, 8, 31, 13, 45, 10, tzinfo=UTC)
    assert (row["id"], row["publisher"], row["symbols"]) == ("24843171", "benzinga", "AAPL,TSLA")


def test_pages_follow_their_token_with_both_keys_in_headers() -> None:
    first = MINUTES.replace(b'"next_page_token": null', b'"next_page_token": "QUFQTHxN"')
    ask = Ask(date(2020, 9, 1), date(2020, 9, 1), kind="bars_intraday", symbols=AAPL)
    seen, raws = requests(ask, first, MINUTES)
    assert [raw.name for raw in raws] == ["bars_intraday/AAPL/60/1", "bars_intraday/AAPL/60/2"]
    assert seen[1].url.params["page_token"] == "QUFQTHxN"
    assert seen[1].url.params["timeframe"] == "1Min"
    for request in seen:
        assert request.headers["apca-api-key-id"] == SECRETS["FONDACO_ALPACA_KEY"]
        assert request.headers["apca-api-secret-key"] == SECRETS["FONDACO_ALPACA_SECRET"]
    assert not any(secret in raw.request for raw in raws for secret in SECRETS.values())


def test_the_last_page_may_be_empty_and_the_only_one_may_not() -> None:
    empty = b'{"bars": [], "symbol": "AAPL", "next_page_token": null}'
    first = MINUTES.replace(b'"next_page_token": null', b'"next_page_token": "QUFQTHxN"')
    ask = CASES["bars_intraday"].ask
    _, raws = requests(ask, first, empty)
    provider = CASES["bars_intraday"].build(CLOCK, lambda _: reply(404, b""))
    assert [len(provider.parse(raw, ask).faults) for raw in raws] == [0, 0]
    (fault,) = parsed("bars_intraday", {"/v2/stocks/AAPL/bars": empty}).faults
    assert fault.rule == "answer"


def test_a_page_that_does_not_come_fails_the_whole_ask() -> None:
    first = NEWS.replace(b'"next_page_token": null', b'"next_page_token": "more"')
    replies = [reply(200, first), reply(503, b"")]
    case = CASES["news"]
    with pytest.raises(Unanswered) as error:
        case.build(CLOCK, lambda _: replies.pop(0)).ask(case.ask)
    assert error.value.cause is Cause.DOWN


def test_an_answer_without_end_is_refused() -> None:
    first = NEWS.replace(b'"next_page_token": null', b'"next_page_token": "more"')
    case = CASES["news"]
    with pytest.raises(InvalidInput, match="too many pages"):
        case.build(CLOCK, lambda _: reply(200, first)).ask(case.ask)


@pytest.mark.parametrize("name", list(SECRETS))
def test_without_one_of_its_keys_nothing_is_asked(name: str) -> None:
    case = replace(CASES["quotes"], secrets={n: v for n, v in SECRETS.items() if n != name})
    with pytest.raises(Unanswered, match=name) as error:
        case.build(CLOCK, case.answer).ask(case.ask)
    assert error.value.cause is Cause.KEY


@pytest.mark.parametrize(
    "ask",
    [
        Ask(),
        Ask(symbols=("AAPL/../x",)),
        Ask(symbols=AAPL, options={"feed": "otc"}),
        Ask(symbols=AAPL, kind="news", options={"feed": "iex"}),
        Ask(symbols=AAPL, kind="bars_intraday", options={"seconds": "7"}),
    ],
)
def test_what_cannot_be_asked_is_refused(ask: Ask) -> None:
    with pytest.raises(InvalidInput):
        requests(ask)

"""The yahoo provider against recorded answers; nothing here reaches the network.

The answers have the shape of Yahoo's chart service. Prices around the 7-for-1 split of AAPL on
2014-06-09 are those printed on the day (Lean sample data: 645.57, then 93.70); Yahoo shows them
divided by the splits that followed, here 7 and, in 2020, 4.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from conformance.recorded.yahoo import CHAIN, MINUTES, QUOTES, RECORDED
from fondaco.adapters.providers.parts import Parts
from fondaco.adapters.providers.yahoo import EXPIRIES_MAX, SYMBOLS_MAX, Yahoo
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import AssetClass, Origin
from fondaco.market.ports import Ask, Fault, Parsed, Raw

CLOCK = FixedClock(datetime(2024, 6, 28, 21, tzinfo=UTC))
OPEN_EDT = "T13:30:00+00:00"
DAY = 1402320600  # the opening of 9 June 2014


def _at(day: str) -> int:
    return int(datetime.fromisoformat(day + OPEN_EDT).timestamp())


def answer(**changes: Any) -> dict[str, Any]:
    """Return a chart answer for AAPL of four sessions around its split."""
    days = ["2014-06-05", "2014-06-06", "2014-06-09", "2014-06-10"]
    closes = [647.35 / 28, 645.57 / 28, 93.70 / 4, 94.25 / 4]
    quote = {
        "open": closes,
        "high": [c * 1.01 for c in closes],
        "low": [c * 0.99 for c in closes],
        "close": closes,
        "volume": [28 * n for n in (10, 20, 30, 40)],
    }
    result = {
        "meta": {
            "currency": "USD",
            "symbol": "AAPL",
            "exchangeName": "NMS",
            "instrumentType": "EQUITY",
            "firstTradeDate": 345479400,
            "exchangeTimezoneName": "America/New_York",
            "longName": "Apple Inc.",
        },
        "timestamp": [_at(day) for day in days],
        "events": {
            "splits": {
                "1402320600": {"date": _at("2014-06-09"), "numerator": 7, "denominator": 1},
                "1598880600": {"date": _at("2020-08-31"), "numerator": 4, "denominator": 1},
            }
        },
        "indicators": {"quote": [quote], "adjclose": [{"adjclose": closes}]},
    }
    for path, value in changes.items():
        place: Any = result
        *steps, last = path.split("__")
        for step in steps:
            place = place[int(step) if step.isdigit() else step]
        if value is None:
            del place[int(last) if last.isdigit() else last]
        else:
            place[int(last) if last.isdigit() else last] = value
    return {"chart": {"result": [result], "error": None}}


class Wire:
    """A wire that gives what it is told to, and keeps what it was asked."""

    def __init__(self, body: bytes, clock: FixedClock = CLOCK) -> None:
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self._body = body
        self._clock = clock

    def get(
        self,
        url: str,
        *,
        name: str,
        params: Mapping[str, str] | None = None,
        secret: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (200,),
    ) -> Raw:
        """Return the body."""
        assert not secret
        assert not headers
        assert set(accept) == {200, 404}
        self.asked.append((url, params or {}))
        digest = hashlib.sha256(self._body).hexdigest()
        return Raw("yahoo", name, self._body, self._clock.now(), digest, f"GET {url}")


def _no_secret(_: str) -> None:
    return None


def provider(body: bytes | Mapping[str, Any]) -> Yahoo:
    """Return the provider with one recorded answer for every symbol."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return asking(Wire(content))


def asking(wire: Wire) -> Yahoo:
    """Return the provider with a wire."""
    return Yahoo.build(Parts(CLOCK, wire, _no_secret))


def parse(body: bytes | Mapping[str, Any], ask: Ask | None = None) -> Parsed:
    """Ask for AAPL and read the answer."""
    ask = ask or Ask(symbols=("AAPL",))
    yahoo = provider(body)
    (raw, *_) = yahoo.ask(ask)
    return yahoo.parse(raw, ask)


def _fault(body: bytes | Mapping[str, Any]) -> Fault:
    parsed = parse(body)
    assert parsed.bars.is_empty()
    (fault,) = parsed.faults
    assert fault.rule == "answer"
    return fault


def test_prices_are_those_printed_on_the_day_and_splits_are_factors() -> None:
    bars = parse(answer()).bars
    assert bars["close"].to_list() == pytest.approx([647.35, 645.57, 93.70, 94.25])
    assert bars["factor"].to_list() == pytest.approx([1.0, 1.0, 1 / 7, 1.0])
    assert bars["volume"].to_list() == [10.0, 20.0, 30 * 7, 40 * 7]
    assert bars["session"].to_list() == [
        date(2014, 6, 5),
        date(2014, 6, 6),
        date(2014, 6, 9),
        date(2014, 6, 10),
    ]
    assert bars["known_at"].null_count() == 4
    assert set(bars["source"]) == {"live:yahoo"}


def test_a_dividend_is_a_factor_of_the_close_before() -> None:
    paid = {"x": {"date": _at("2014-06-10"), "amount": 0.47 / 4}}
    bars = parse(answer(events__dividends=paid)).bars
    assert bars["factor"].to_list() == pytest.approx([1, 1, 1 / 7, 1 - 0.47 / 93.70])


def test_an_event_on_a_day_without_a_bar_takes_effect_with_the_next() -> None:
    splits = {"a": {"date": _at("2014-06-07"), "numerator": 7, "denominator": 1}}
    bars = parse(answer(events__splits=splits)).bars
    assert bars["factor"].to_list() == pytest.approx([1, 1, 1 / 7, 1])


def test_the_instrument_is_that_of_the_answer() -> None:
    (who,) = parse(answer()).instruments
    assert (who.symbol, who.name, who.venue, who.currency, who.asset_class) == (
        "AAPL",
        "Apple Inc.",
        "XNAS",
        "USD",
        AssetClass.EQUITY,
    )
    assert who.symbols[0].start == date(1980, 12, 12)  # Apple's first day of trading


def test_an_index_loses_its_caret() -> None:
    body = answer(meta__symbol="^GSPC", meta__instrumentType="INDEX", meta__exchangeName="SNP")
    ask = Ask(symbols=("^GSPC",))
    yahoo = provider(body)
    (raw,) = yahoo.ask(ask)
    (who,) = yahoo.parse(raw, ask).instruments
    assert (who.symbol, who.asset_class, who.venue) == ("GSPC", AssetClass.INDEX, "XNYS")


def test_a_span_is_cut_after_the_splits_were_seen() -> None:
    bars = parse(answer(), Ask(date(2014, 6, 6), date(2014, 6, 6), symbols=("AAPL",))).bars
    assert bars["close"].to_list() == pytest.approx([645.57])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!DOCTYPE html><html>Will be right back", "web page"),
        (json.dumps(answer()).encode()[:-40], "not whole JSON"),
        (b"[]", "no chart"),
        (b"{}", "no chart"),
        (
            b'{"chart": {"result": null, "error": {"code": "Not Found", '
            b'"description": "No data found, symbol may be delisted"}}}',
            "No data found",
        ),
        (b'{"chart": {"result": null, "error": "limit"}}', "limit"),
        (b'{"chart": {"result": [], "error": null}}', "no result"),
        (b'{"chart": {"result": null, "error": null}}', "no result"),
        (b'{"chart": {"result": [{}], "error": null}}', "no meta"),
    ],
)
def test_a_bad_body_is_a_fault_with_its_reason(body: bytes, reason: str) -> None:
    assert reason in _fault(body).reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"timestamp": None}, "no bars"),
        ({"timestamp": []}, "no bars"),
        ({"indicators": None}, "no indicators"),
        ({"indicators__quote": []}, "does not match"),
        ({"indicators__quote__0__close": [1.0]}, "close does not match its 4 times"),
        ({"indicators__quote__0__volume": None}, "volume does not match"),
        ({"meta__symbol": "MSFT"}, "is of MSFT, not of AAPL"),
        ({"meta__exchangeName": "ZZZ"}, "not known here"),
        ({"meta__instrumentType": "CRYPTOCURRENCY"}, "not known here"),
        ({"meta__currency": None}, "not known here"),
        ({"meta__exchangeTimezoneName": "Mars/Olympus"}, "time zone"),
        ({"events__splits": {"a": {"date": 1402320600, "numerator": 0, "denominator": 1}}}, "is 0"),
        (
            {"events__splits": {"a": {"date": 1402320600, "numerator": "7", "denominator": 1}}},
            "is '7'",
        ),
        ({"events__splits": {"a": {"date": None, "numerator": 7, "denominator": 1}}}, "no date"),
        ({"events__splits": [1]}, "cannot be read"),
        ({"events": [1]}, "cannot be read"),
    ],
)
def test_an_answer_that_says_nothing_usable_is_a_fault(
    changes: dict[str, Any], reason: str
) -> None:
    assert reason in _fault(answer(**changes)).reason


@pytest.mark.parametrize("cell", ["23.1", True, [1], {"raw": 23.1}])
def test_a_cell_that_is_no_number_is_a_fault_at_its_bar(cell: Any) -> None:
    parsed = parse(answer(indicators__quote__0__close__1=cell))
    (fault,) = parsed.faults
    assert (fault.rule, fault.where) == ("unreadable", "bars_1d/AAPL/0/1 bar 2")
    assert parsed.bars.height == 3


@pytest.mark.parametrize("moment", ["1402061400", 1e12, True, -(10**18)])
def test_a_time_that_is_none_is_a_fault_at_its_bar(moment: Any) -> None:
    parsed = parse(answer(timestamp__1=moment))
    assert [fault.where for fault in parsed.faults] == ["bars_1d/AAPL/0/1 bar 2"]
    assert parsed.bars.height == 3


def test_empty_cells_are_left_to_the_quality_gate() -> None:
    body = answer(indicators__quote__0__close__1="HERE")
    text = json.dumps(body).replace('"HERE"', "null")
    closes = parse(text.encode()).bars["close"].to_list()
    assert closes[1] is None
    assert closes[0] == pytest.approx(647.35)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "1e999"])
def test_an_answer_with_what_is_no_number_is_no_json(word: str) -> None:
    text = json.dumps(answer(indicators__quote__0__close__1="HERE")).replace('"HERE"', word)
    assert "not whole JSON" in _fault(text.encode()).reason


def test_without_the_close_before_a_dividend_its_bar_is_set_aside() -> None:
    paid = {"x": {"date": _at("2014-06-10"), "amount": 0.47 / 4}}
    body = answer(events__dividends=paid, indicators__quote__0__close__2="93.70")
    parsed = parse(body)
    assert [fault.where.rpartition(" ")[2] for fault in parsed.faults] == ["3", "4"]
    assert "the close before its dividend" in parsed.faults[1].reason


def test_each_symbol_is_asked_for_once_and_always_up_to_now() -> None:
    wire = Wire(b"{}")
    ask = Ask(date(2014, 6, 19), date(2014, 6, 20), symbols=("aapl", " msft", "AAPL"))
    raws = asking(wire).ask(ask)
    assert [raw.name for raw in raws] == ["bars_1d/AAPL/0/1", "bars_1d/MSFT/0/1"]
    assert [url.rpartition("/")[2] for url, _ in wire.asked] == ["AAPL", "MSFT"]
    params = wire.asked[0][1]
    # Two weeks earlier than asked for, so that a dividend of the first day has a close before it.
    assert params["period1"] == str(int(datetime(2014, 6, 5, tzinfo=UTC).timestamp()))
    assert params["period2"] == str(int(datetime(2024, 6, 29, tzinfo=UTC).timestamp()))
    assert (params["interval"], params["events"]) == ("1d", "div,splits,capitalGains")
    assert (Yahoo.name, Yahoo.origin) == ("yahoo", Origin.LIVE)


@pytest.mark.parametrize(
    "ask",
    [
        Ask(),
        Ask(symbols=(" ", "")),
        Ask(symbols=("AAPL",), options={"path": "x"}),
        Ask(symbols=("AAPL",), options={"symbols": "AAPL"}),
        Ask(symbols=("AAPL/../x",)),
        Ask(symbols=("А",)),
        Ask(symbols=tuple(f"A{n}" for n in range(SYMBOLS_MAX + 1))),
        Ask(symbols=("AAPL",), kind="bars_intraday", options={"seconds": "7"}),
        Ask(symbols=("AAPL",), since=date(2024, 7, 9)),
    ],
)
def test_wrong_asks_are_refused(ask: Ask) -> None:
    with pytest.raises(InvalidInput):
        provider(b"{}").ask(ask)


def test_actions_are_in_the_money_of_their_day() -> None:
    paid = {"x": {"date": _at("2014-06-05"), "amount": 3.29 / 28}}
    ask = Ask(date(2014, 6, 1), date(2014, 6, 30), kind="actions", symbols=("AAPL",))
    parsed = parse(answer(events__dividends=paid), ask)
    assert parsed.faults == ()
    split, dividend = parsed.rows["actions"].to_dicts()
    assert (split["ex_date"], split["factor"]) == (date(2014, 6, 9), pytest.approx(1 / 7))
    assert (dividend["action"], dividend["currency"]) == ("dividend", "USD")
    assert dividend["amount"] == pytest.approx(3.29)  # before the splits of 2014 and 2020
    assert dividend["ts"] == datetime(2014, 6, 5, 4, tzinfo=UTC)  # midnight in New York


def test_actions_outside_the_span_are_none_and_no_action_at_all_is_unknown() -> None:
    ask = Ask(date(2015, 6, 1), date(2015, 6, 30), kind="actions", symbols=("AAPL",))
    assert parse(answer(), ask).faults == ()
    (fault,) = parse(answer(events=None), ask).faults
    assert fault.reason == "the answer holds no row"


def test_an_event_outside_the_answer_makes_it_useless() -> None:
    old = {"a": {"date": _at("2004-06-09"), "numerator": 7, "denominator": 1}}
    assert "lies outside the answer" in _fault(answer(events__splits=old)).reason


INTRADAY = Ask(date(2024, 5, 15), date(2024, 5, 15), kind="bars_intraday", symbols=("AAPL",))


def test_a_shorter_bar_is_stamped_with_its_close() -> None:
    bars = parse(MINUTES, INTRADAY).rows["bars_intraday"]
    assert bars["ts"].to_list() == [datetime(2024, 5, 15, 13, n, tzinfo=UTC) for n in (31, 32)]
    assert bars["final"].all()
    assert bars["close"].to_list() == [188.2, 188.35]


def test_the_cell_of_this_moment_is_a_bar_of_its_own_or_none() -> None:
    same = MINUTES.replace(b"1715779860]", b"1715779859]")  # in the minute of the bar before
    assert parse(same, INTRADAY).rows["bars_intraday"].height == 1
    new = MINUTES.replace(b"1715779860]", b"1715779883]")  # 13:31:23
    bars = parse(new, INTRADAY).rows["bars_intraday"]
    assert bars["ts"].to_list()[1] == datetime(2024, 5, 15, 13, 32, tzinfo=UTC)


def test_a_bar_is_not_final_before_its_close() -> None:
    now = MINUTES.replace(b"[1715779800, 1715779860]", b"[1719608340, 1719608400]")
    ask = Ask(kind="bars_intraday", symbols=("AAPL",))
    bars = parse(now, ask).rows["bars_intraday"]
    assert bars["ts"].to_list()[0] == CLOCK.now()
    assert bars["final"].to_list() == [True, False]


def test_a_minute_without_trades_has_no_bar() -> None:
    body = MINUTES
    for cell in (b"187.91", b"188.3,", b"187.8", b"[188.2,", b"2103012"):
        empty = cell.replace(cell.strip(b"[,"), b"null")
        body = body.replace(cell, empty)
    bars = parse(body, INTRADAY).rows["bars_intraday"]
    assert bars["ts"].to_list() == [datetime(2024, 5, 15, 13, 32, tzinfo=UTC)]


def test_hours_begin_with_the_session() -> None:
    hourly = MINUTES.replace(b'"1m"', b'"60m"').replace(b"1715779860]", b"1715783400]")
    ask = Ask(INTRADAY.since, INTRADAY.until, {"seconds": "3600"}, "bars_intraday", ("AAPL",))
    bars = parse(hourly, ask).rows["bars_intraday"]
    assert bars["ts"].to_list()[0] == datetime(2024, 5, 15, 14, 30, tzinfo=UTC)
    (fault,) = parse(hourly, INTRADAY).faults
    assert fault.reason == "the bars are of 60m, not of 1m"


def test_a_quote_is_of_its_last_trade_and_has_no_bid_of_zero() -> None:
    ask = Ask(kind="quotes", symbols=("AAPL",))
    (quote,) = parse(QUOTES, ask).rows["quotes"].to_dicts()
    assert quote["ts"] == datetime(2024, 5, 15, 20, tzinfo=UTC)
    names = ("bid", "ask", "last", "previous_close", "volume")
    assert [quote[name] for name in names] == [189.7, 189.75, 189.72, 187.43, 70400000.0]
    (quote,) = parse(QUOTES.replace(b"189.7,", b"0,"), ask).rows["quotes"].to_dicts()
    assert (quote["bid"], quote["ask"]) == (None, 189.75)


def test_quotes_charts_and_chains_speak_of_one_instrument() -> None:
    found = {
        instrument.id
        for case in RECORDED
        for raw in [case.build(CLOCK, case.answer).ask(case.ask)[0]]
        for instrument in case.build(CLOCK, case.answer).parse(raw, case.ask).instruments
    }
    assert len(found) == 1


def test_a_chain_tells_the_terms_of_each_contract() -> None:
    call, put = parse(CHAIN, Ask(kind="chains", symbols=("AAPL",))).rows["chains"].to_dicts()
    names = ("root", "expiry", "strike", "right", "bid", "iv", "open_interest", "underlying")
    assert [call[name] for name in names] == [
        "AAPL",
        date(2024, 6, 21),
        190.0,
        "call",
        4.55,
        0.212,
        20313,
        189.72,
    ]
    assert (put["right"], put["deliverable"], put["ts"]) == ("put", None, CLOCK.now())


def test_each_further_expiry_is_a_page_of_its_own() -> None:
    three = CHAIN.replace(b"[1718928000]", b"[1718928000, 1721347200, 1724371200]")
    wire = Wire(three)
    raws = asking(wire).ask(Ask(kind="chains", symbols=("AAPL",)))
    assert [raw.name for raw in raws] == [f"chains/AAPL/0/{n}" for n in (1, 2, 3)]
    assert [params.get("date") for _, params in wire.asked] == [None, "1721347200", "1724371200"]
    many = ", ".join(str(1718928000 + n) for n in range(EXPIRIES_MAX + 1)).encode()
    with pytest.raises(InvalidInput, match="too many expiries"):
        asking(Wire(CHAIN.replace(b"[1718928000]", b"[" + many + b"]"))).ask(
            Ask(kind="chains", symbols=("AAPL",))
        )


def test_a_contract_whose_symbol_says_other_terms_is_a_fault() -> None:
    body = CHAIN.replace(b'"strike": 190.0', b'"strike": 19.0')
    (fault,) = parse(body, Ask(kind="chains", symbols=("AAPL",))).faults
    assert "does not say call 19 of 2024-06-21" in fault.reason

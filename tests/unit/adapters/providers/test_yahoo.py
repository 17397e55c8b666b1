"""The yahoo provider against recorded answers; nothing here reaches the network.

The answers have the shape of Yahoo's chart service. Prices around the 7-for-1 split of AAPL on
2014-06-09 are those printed on the day (Lean sample data: 645.57, then 93.70); Yahoo shows them
divided by the splits that followed, here 7 and, in 2020, 4.
"""

import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest

from fondaco.adapters.providers.yahoo import SYMBOLS_MAX, Yahoo, yfinance_fetch
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, Unavailable
from fondaco.core.instrument import AssetClass, Origin
from fondaco.market.ports import Ask, Fault, Parsed

CLOCK = FixedClock(datetime(2024, 6, 28, 21, tzinfo=UTC))
OPEN_EDT = "T13:30:00+00:00"


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


def provider(body: bytes | Mapping[str, Any]) -> Yahoo:
    """Return the provider with one recorded answer for every symbol."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Yahoo(CLOCK, lambda *_: content)


def parse(body: bytes | Mapping[str, Any], ask: Ask | None = None) -> Parsed:
    """Ask for AAPL and read the answer."""
    ask = Ask(since=ask and ask.since, until=ask and ask.until, options={"symbols": "AAPL"})
    yahoo = provider(body)
    (raw,) = yahoo.ask(ask)
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
    ask = Ask(options={"symbols": "^GSPC"})
    yahoo = provider(body)
    (raw,) = yahoo.ask(ask)
    (who,) = yahoo.parse(raw, ask).instruments
    assert (who.symbol, who.asset_class, who.venue) == ("GSPC", AssetClass.INDEX, "XNYS")


def test_a_span_is_cut_after_the_splits_were_seen() -> None:
    bars = parse(answer(), Ask(since=date(2014, 6, 6), until=date(2014, 6, 6))).bars
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
        ({"events__splits": {"a": {"date": 1, "numerator": 0, "denominator": 1}}}, "is 0"),
        ({"events__splits": {"a": {"date": 1, "numerator": "7", "denominator": 1}}}, "is '7'"),
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
    assert (fault.rule, fault.where, fault.session) == (
        "unreadable",
        "AAPL bar 2",
        date(2014, 6, 6),
    )
    assert parsed.bars.height == 3


@pytest.mark.parametrize("moment", ["1402061400", 1e12, True, -(10**18)])
def test_a_time_that_is_none_is_a_fault_at_its_bar(moment: Any) -> None:
    parsed = parse(answer(timestamp__1=moment))
    assert [fault.where for fault in parsed.faults] == ["AAPL bar 2"]
    assert parsed.bars.height == 3


def test_empty_and_not_a_number_cells_are_left_to_the_quality_gate() -> None:
    body = json.dumps(
        answer(
            indicators__quote__0__close__1="NULL",
            indicators__quote__0__close__2="NAN",
            indicators__quote__0__close__3="BIG",
        )
    )
    for word, number in (("NULL", "null"), ("NAN", "NaN"), ("BIG", "1e999")):
        body = body.replace(f'"{word}"', number)
    closes = parse(body.encode()).bars["close"].to_list()
    assert closes[1] is None
    assert closes[2] != closes[2]
    assert closes[3] == float("inf")


def test_each_symbol_is_asked_for_once_and_always_up_to_now() -> None:
    asked: list[tuple[str, Mapping[str, str]]] = []

    def fetch(url: str, params: Mapping[str, str]) -> bytes:
        asked.append((url, params))
        return b"{}"

    ask = Ask(
        since=date(2014, 6, 5), until=date(2014, 6, 10), options={"symbols": "aapl, msft,AAPL"}
    )
    raws = Yahoo(CLOCK, fetch).ask(ask)
    assert [raw.name for raw in raws] == ["AAPL", "MSFT"]
    assert [url.rpartition("/")[2] for url, _ in asked] == ["AAPL", "MSFT"]
    params = asked[0][1]
    assert params["period1"] == str(int(datetime(2014, 6, 5, tzinfo=UTC).timestamp()))
    assert params["period2"] == str(int(datetime(2024, 6, 29, tzinfo=UTC).timestamp()))
    assert (params["interval"], params["events"]) == ("1d", "div,splits,capitalGains")
    assert (Yahoo.name, Yahoo.origin) == ("yahoo", Origin.LIVE)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"symbols": " , "},
        {"symbols": "AAPL", "path": "x"},
        {"symbols": "AAPL/../x"},
        {"symbols": "А"},
        {"symbols": ",".join(f"A{n}" for n in range(SYMBOLS_MAX + 1))},
    ],
)
def test_wrong_options_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        provider(b"{}").ask(Ask(options=options))


def test_without_yfinance_it_is_unavailable_and_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "yfinance.data", None)
    with pytest.raises(Unavailable, match=r"fondaco\[providers\]"):
        Yahoo(CLOCK).ask(Ask(options={"symbols": "AAPL"}))


class _Answer:
    """What yfinance's session gives back."""

    def __init__(self, status_code: int, content: bytes = b"{}") -> None:
        self.status_code = status_code
        self.content = content


def _with_session(monkeypatch: pytest.MonkeyPatch, get: Callable[..., _Answer]) -> None:
    """Put a session that answers from the test in the place of yfinance's."""

    class Session:
        def get(self, url: str, params: dict[str, str], timeout: float) -> _Answer:
            assert timeout > 0
            return get(url, params)

    class YFException(Exception):
        pass

    data, errors = ModuleType("yfinance.data"), ModuleType("yfinance.exceptions")
    data.YfData = Session  # type: ignore[attr-defined]
    errors.YFException = YFException  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "yfinance", ModuleType("yfinance"))
    monkeypatch.setitem(sys.modules, "yfinance.data", data)
    monkeypatch.setitem(sys.modules, "yfinance.exceptions", errors)


def test_the_body_comes_as_it_is_also_with_404(monkeypatch: pytest.MonkeyPatch) -> None:
    for status in (200, 404):
        _with_session(monkeypatch, lambda *_, s=status: _Answer(s, b"as it came"))
        assert yfinance_fetch()("https://x/AAPL", {}) == b"as it came"


def test_no_answer_and_a_refusal_are_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    for status in (401, 429, 500):
        _with_session(monkeypatch, lambda *_, s=status: _Answer(s))
        with pytest.raises(Unavailable, match=f"HTTP {status}"):
            yfinance_fetch()("https://x/AAPL", {})

    def down(url: str, params: dict[str, str]) -> _Answer:
        raise ConnectionError("no route to host")

    _with_session(monkeypatch, down)
    with pytest.raises(Unavailable, match="no route to host"):
        yfinance_fetch()("https://x/AAPL", {})

    def limited(url: str, params: dict[str, str]) -> _Answer:
        raise sys.modules["yfinance.exceptions"].YFException("Too Many Requests")

    _with_session(monkeypatch, limited)
    with pytest.raises(Unavailable, match="Too Many Requests"):
        yfinance_fetch()("https://x/AAPL", {})

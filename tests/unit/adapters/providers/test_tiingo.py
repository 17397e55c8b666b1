"""What Tiingo's answers are read as, to the cent and the second."""

import json
from datetime import UTC, date, datetime
from typing import Any

import httpx2
import pytest

from conformance.recorded import tiingo as recorded
from fondaco.adapters.providers.conformance.case import reply
from fondaco.adapters.providers.tiingo import PAGES_MAX, Tiingo
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Ask, Parsed, Raw

CLOCK = FixedClock(datetime(2026, 11, 27, 21, tzinfo=UTC))
CASES = {case.id: case for case in recorded.RECORDED}


def _asked(ask: Ask, body: Any) -> tuple[tuple[Raw, ...], list[Parsed], list[httpx2.Request]]:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return reply(200, json.dumps(body(request) if callable(body) else body).encode())

    provider = CASES["bars_1d"].build(CLOCK, answer)
    raws = provider.ask(ask)
    return raws, [provider.parse(raw, ask) for raw in raws], seen


def _days(days: list[Any], **span: date) -> Parsed:
    ask = Ask(kind="bars_1d", symbols=("AAPL",), **span)  # type: ignore[arg-type]
    return _asked(ask, days)[1][0]


def test_prices_are_those_that_were_printed_and_events_give_the_factor() -> None:
    bars = _days(recorded.DAYS).bars
    assert bars["session"].to_list()[-2:] == [date(2020, 8, 7), date(2020, 8, 31)]
    assert bars["close"].to_list()[-2:] == [444.45, 129.04]
    assert bars["factor"].to_list() == pytest.approx([1, 1, 1, 1 - 0.82 / 455.61, 0.25])
    assert bars["volume"].to_list()[-1] == 225702700.0
    assert bars["known_at"].null_count() == 5


def test_the_factor_of_a_first_day_that_was_asked_for_rests_on_the_close_before_it() -> None:
    ask = Ask(kind="bars_1d", symbols=("AAPL",), since=date(2020, 8, 7), until=date(2020, 8, 31))
    _, (parsed,), (request,) = _asked(ask, recorded.DAYS)
    assert request.url.params["startDate"] == "2020-07-24"
    assert parsed.bars["session"].to_list() == [date(2020, 8, 7), date(2020, 8, 31)]
    assert parsed.bars["factor"].to_list() == pytest.approx([1 - 0.82 / 455.61, 0.25])


def test_a_dividend_after_a_day_that_cannot_be_read_has_no_factor() -> None:
    days = [dict(day) for day in recorded.DAYS]
    days[2]["close"] = "455.61"
    parsed = _days(days)
    assert [fault.where.rpartition(" ")[2] for fault in parsed.faults] == ["3", "4"]
    assert "the close before this dividend cannot be read" in parsed.faults[1].reason
    assert parsed.bars.height == 3


def test_a_close_that_no_column_can_hold_is_no_close_before_a_dividend() -> None:
    days = [dict(day) for day in recorded.DAYS]
    days[2]["close"] = 1e12
    assert len(_days(days).faults) == 2


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"divCash": 500.0}, "is not below the close before"),
        ({"divCash": -0.82}, "cannot be"),
        ({"splitFactor": 0.0}, "cannot be"),
        ({"splitFactor": 1e6}, "cannot be"),
        ({"date": "2020-08-06T00:00:00.000Z"}, "does not come after"),
        ({"date": "2020-08-07"}, "is no day"),
        ({"date": "2020-08-07T04:00:00.000Z"}, "is no day"),
        ({"volume": 1.5}, "is no whole number"),
    ],
)
def test_a_day_that_cannot_be_is_a_fault_at_its_row(cells: dict[str, Any], reason: str) -> None:
    days = [dict(day) for day in recorded.DAYS]
    days[3] |= cells
    (fault,) = _days(days).faults
    assert (fault.rule, fault.where) == ("unreadable", "bars_1d/AAPL/ row 4")
    assert reason in fault.reason


def test_the_token_travels_in_a_header_alone() -> None:
    _, _, (request,) = _asked(Ask(kind="quotes", symbols=("AAPL",)), recorded.QUOTE)
    assert request.headers["authorization"] == "Token tiingo-made-up"
    assert "tiingo-made-up" not in str(request.url)


def test_a_class_of_shares_is_written_with_a_hyphen() -> None:
    quote = [{**recorded.QUOTE[0], "ticker": "BRK-B"}]
    _, (parsed,), (request,) = _asked(Ask(kind="quotes", symbols=("BRK.B",)), quote)
    assert request.url.path == "/iex/brk-b"
    assert parsed.rows["quotes"].height == 1
    assert parsed.instruments[0].symbols[0].symbol == "BRK.B"


def test_the_listing_names_the_exchange() -> None:
    case = CASES["bars_1d-listing"]
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.url.path)
        return case.answer(request)

    provider = case.build(CLOCK, answer)
    (raw,) = provider.ask(case.ask)
    assert seen == [
        "/tiingo/daily/aapl",
        "/tiingo/daily/aapl/prices",
    ]
    assert provider.parse(raw, case.ask).instruments[0].venue == "XNAS"


def test_a_place_that_the_desk_has_no_code_for_is_no_exchange() -> None:
    def body(request: httpx2.Request) -> Any:
        prices = request.url.path.endswith("prices")
        return recorded.DAYS if prices else {**recorded.LISTING, "exchangeCode": "PINK"}

    ask = Ask(kind="bars_1d", symbols=("AAPL",), options={"listing": "yes"})
    assert _asked(ask, body)[1][0].instruments[0].venue == "USEQ"


def test_minutes_are_stamped_at_their_end_and_the_running_one_is_not_final() -> None:
    start = {"date": "2026-11-27T20:58:00.000Z", "open": 1, "high": 1, "low": 1, "close": 1}
    minutes = [start, {**start, "date": "2026-11-27T21:00:00.000Z"}]
    ask = Ask(kind="bars_intraday", symbols=("AAPL",), options={"every": "1min"})
    rows = _asked(ask, minutes)[1][0].rows["bars_intraday"]
    assert rows["ts"].to_list() == [
        datetime(2026, 11, 27, 20, 59, tzinfo=UTC),
        datetime(2026, 11, 27, 21, 1, tzinfo=UTC),
    ]
    assert rows["final"].to_list() == [True, False]
    assert rows["seconds"].to_list() == [60, 60]
    assert rows["volume"].null_count() == 2


def test_a_long_span_of_minutes_is_asked_for_in_stretches_that_leave_no_day_out() -> None:
    ask = Ask(
        kind="bars_intraday",
        symbols=("AAPL",),
        since=date(2026, 11, 2),
        until=date(2026, 11, 20),
        options={"every": "1min"},
    )
    _, _, seen = _asked(ask, recorded.MINUTES)
    spans = [(r.url.params["startDate"], r.url.params["endDate"]) for r in seen]
    assert spans == [
        ("2026-11-02", "2026-11-06"),
        ("2026-11-07", "2026-11-11"),
        ("2026-11-12", "2026-11-16"),
        ("2026-11-17", "2026-11-20"),
    ]


def test_a_span_of_minutes_that_needs_too_many_answers_is_refused() -> None:
    ask = Ask(kind="bars_intraday", symbols=("AAPL",), since=date(1990, 1, 2))
    with pytest.raises(InvalidInput, match="too many for one ask"):
        _asked(ask, recorded.MINUTES)


def test_a_quote_has_its_moment_in_utc_and_the_last_reference_price() -> None:
    _, (parsed,), _ = _asked(Ask(kind="quotes", symbols=("AAPL",)), recorded.QUOTE)
    (row,) = parsed.rows["quotes"].to_dicts()
    assert row["ts"] == datetime(2026, 11, 25, 20, 59, 58, 186520, tzinfo=UTC)
    assert (row["bid"], row["ask"], row["last"], row["previous_close"]) == (
        271.44,
        271.5,
        271.45,
        269.75,
    )
    assert row["volume"] is None


def test_a_quote_after_hours_may_lack_bid_and_ask() -> None:
    quote = [{**recorded.QUOTE[0], "bidPrice": None, "askPrice": None}]
    _, (parsed,), _ = _asked(Ask(kind="quotes", symbols=("AAPL",)), quote)
    assert not parsed.faults
    assert parsed.rows["quotes"]["bid"].to_list() == [None]


def test_news_are_known_when_tiingo_found_them() -> None:
    _, (parsed,), (request,) = _asked(Ask(kind="news", symbols=("AAPL", "MSFT")), recorded.NEWS)
    row = parsed.rows["news"].to_dicts()[0]
    assert row["ts"] == datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert row["known_at"] == datetime(2026, 11, 23, 14, 5, 12, 345678, tzinfo=UTC)
    assert (row["id"], row["symbols"]) == ("70000003", "AAPL,MSFT")
    assert request.url.params["tickers"] == "aapl,msft"


def test_news_are_asked_for_page_by_page_until_one_is_not_full() -> None:
    def body(request: httpx2.Request) -> Any:
        offset = int(request.url.params["offset"])
        count = 100 if offset < 200 else 0
        return [{**recorded.NEWS[0], "id": offset + n} for n in range(count)]

    raws, parsed, seen = _asked(Ask(kind="news", symbols=("AAPL",)), body)
    assert [r.url.params["offset"] for r in seen] == ["0", "100", "200"]
    assert [p.rows["news"].height for p in parsed] == [100, 100]
    assert [raw.name for raw in raws] == ["news/AAPL/1", "news/AAPL/2"]


def test_news_without_end_are_refused() -> None:
    seen: list[int] = []

    def body(request: httpx2.Request) -> Any:
        seen.append(int(request.url.params["offset"]))
        return [recorded.NEWS[0]] * 100

    with pytest.raises(InvalidInput, match="too many for one ask"):
        _asked(Ask(kind="news", symbols=("AAPL",)), body)
    assert len(seen) == PAGES_MAX


def test_a_later_page_of_news_that_is_none_leaves_nothing_half() -> None:
    def body(request: httpx2.Request) -> Any:
        first = request.url.params["offset"] == "0"
        return [recorded.NEWS[0]] * 100 if first else {"detail": "Over the limit."}

    with pytest.raises(Unanswered, match="Over the limit") as caught:
        _asked(Ask(kind="news", symbols=("AAPL",)), body)
    assert caught.value.cause is Cause.BAD


def test_no_price_is_unknown_and_not_none() -> None:
    parsed = _days([])
    assert (parsed.bars.height, [f.rule for f in parsed.faults]) == (0, ["answer"])


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (Ask(kind="chains", symbols=("AAPL",)), NotFound),
        (Ask(kind="bars_1d"), InvalidInput),
        (Ask(kind="bars_1d", symbols=("../x",)), InvalidInput),
        (Ask(kind="bars_1d", symbols=("AAPL",), options={"listing": "maybe"}), InvalidInput),
        (Ask(kind="quotes", symbols=("AAPL",), options={"every": "1min"}), InvalidInput),
        (Ask(kind="bars_1d", symbols=("AAPL",), since=date(2027, 1, 1)), InvalidInput),
        (Ask(kind="bars_1d", symbols=tuple(f"A{n}" for n in range(51))), InvalidInput),
    ],
)
def test_what_cannot_be_asked_for_is_refused(ask: Ask, error: type[Exception]) -> None:
    with pytest.raises(error):
        _asked(ask, [])


def test_its_sheet_says_that_it_was_never_run_against_the_live_service() -> None:
    assert Tiingo.sheet.tried.startswith("never run against the live service")

"""What Alpha Vantage's answers are read as, to the cent and the second."""

import copy
import json
from datetime import UTC, date, datetime
from typing import Any

import httpx2
import pytest

from conformance.recorded import alphavantage as recorded
from fondaco.adapters.providers.alphavantage import AlphaVantage
from fondaco.adapters.providers.alphavantage_words import NEWS_MAX
from fondaco.adapters.providers.conformance.case import reply
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.instrument import AssetClass
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Ask, Parsed, Raw

NOW = datetime(2026, 11, 27, 21, tzinfo=UTC)
ONE = ("AAPL",)
ADJUSTED = {"adjusted": "yes"}
CASE = recorded.RECORDED[0]


def _asked(
    ask: Ask, body: Any, now: datetime = NOW
) -> tuple[tuple[Raw, ...], list[Parsed], list[httpx2.Request]]:
    seen: list[httpx2.Request] = []
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return reply(200, sent)

    provider = CASE.build(FixedClock(now), answer)
    raws = provider.ask(ask)
    return raws, [provider.parse(raw, ask) for raw in raws], seen


def _rows(ask: Ask, body: Any, now: datetime = NOW) -> list[dict[str, Any]]:
    parsed = _asked(ask, body, now)[1][0]
    assert not parsed.faults
    return parsed.rows[ask.kind].to_dicts()


def _adjusted(**days: dict[str, str]) -> Parsed:
    body = copy.deepcopy(recorded.ADJUSTED)
    for day, cells in days.items():
        body["Time Series (Daily)"][day.removeprefix("d").replace("_", "-")] |= cells  # type: ignore[index]
    return _asked(Ask(kind="bars_1d", symbols=ONE, options=ADJUSTED), body)[1][0]


def test_days_come_from_the_oldest_on_with_the_factors_of_their_events() -> None:
    bars = _adjusted().bars
    assert bars["session"].to_list() == [
        date(2020, 8, 5),
        date(2020, 8, 6),
        date(2020, 8, 7),
        date(2020, 8, 31),
    ]
    assert bars["close"].to_list() == [440.25, 455.61, 444.45, 129.04]
    assert bars["factor"].to_list() == pytest.approx([1, 1, 1 - 0.82 / 455.61, 0.25])


def test_days_without_events_have_the_factor_one() -> None:
    _, (parsed,), (request,) = _asked(Ask(kind="bars_1d", symbols=ONE), recorded.DAILY)
    assert parsed.bars["factor"].to_list() == [1.0] * 4
    assert parsed.bars["volume"].to_list()[-1] == 225702700.0
    assert request.url.params["function"] == "TIME_SERIES_DAILY"


def test_a_dividend_after_a_day_that_cannot_be_read_has_no_factor() -> None:
    parsed = _adjusted(d2020_08_06={"4. close": "n/a"})
    assert [f.where.rpartition(" ")[2] for f in parsed.faults] == ["2020-08-06", "2020-08-07"]
    assert parsed.bars.height == 2


def test_a_day_of_an_unknown_date_leaves_every_dividend_without_a_factor() -> None:
    body = copy.deepcopy(recorded.ADJUSTED)
    series: dict[str, Any] = body["Time Series (Daily)"]
    series["2020-13-45"] = series.pop("2020-08-06")
    parsed = _asked(Ask(kind="bars_1d", symbols=ONE, options=ADJUSTED), body)[1][0]
    assert parsed.bars["session"].to_list() == [date(2020, 8, 5), date(2020, 8, 31)]
    assert len(parsed.faults) == 2


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"7. dividend amount": "500"}, "is not below the close before"),
        ({"7. dividend amount": "-0.82"}, "cannot be"),
        ({"8. split coefficient": "0.0"}, "cannot be"),
        ({"8. split coefficient": "1e9"}, "cannot be"),
        ({"8. split coefficient": "4:1"}, "is no number written as text"),
    ],
)
def test_an_event_that_cannot_be_is_a_fault_at_its_day(cells: dict[str, str], reason: str) -> None:
    (fault,) = _adjusted(d2020_08_07=cells).faults
    assert reason in fault.reason


@pytest.mark.parametrize(
    ("since", "size"),
    [(None, "full"), (date(2026, 1, 2), "full"), (date(2026, 11, 2), "compact")],
)
def test_a_short_span_is_asked_for_in_short(since: date | None, size: str) -> None:
    _, _, (request,) = _asked(Ask(kind="bars_1d", symbols=ONE, since=since), recorded.DAILY)
    assert request.url.params["outputsize"] == size


@pytest.mark.parametrize(
    ("at", "cells", "reason"),
    [
        ("2. Symbol", "MSFT", "the answer is of MSFT"),
        ("5. Time Zone", "UTC", "not of US/Eastern"),
    ],
)
def test_an_answer_of_something_else_is_useless(at: str, cells: str, reason: str) -> None:
    body = copy.deepcopy(recorded.DAILY)
    body["Meta Data"][at] = cells
    (fault,) = _asked(Ask(kind="bars_1d", symbols=ONE), body)[1][0].faults
    assert fault.rule == "answer"
    assert reason in fault.reason


def _minutes(*times: str) -> dict[str, Any]:
    bar = {**recorded.prices("1", "1", "1", "1"), "5. volume": "10"}
    meta = recorded.meta("Interval", "Output Size")
    return {"Meta Data": meta, "Time Series (5min)": dict.fromkeys(times, bar)}


def test_minutes_of_new_york_are_stamped_at_their_end_in_utc_summer_and_winter() -> None:
    body = _minutes("2026-10-30 15:55:00", "2026-11-02 15:55:00")
    rows = _rows(Ask(kind="bars_intraday", symbols=ONE), body)
    assert [row["ts"] for row in rows] == [
        datetime(2026, 10, 30, 20, 0, tzinfo=UTC),
        datetime(2026, 11, 2, 21, 0, tzinfo=UTC),
    ]
    assert [row["seconds"] for row in rows] == [300, 300]


def test_a_bar_that_still_runs_is_not_final() -> None:
    now = datetime(2026, 11, 27, 15, 2, tzinfo=UTC)
    body = _minutes("2026-11-27 09:55:00", "2026-11-27 10:00:00")
    rows = _rows(Ask(kind="bars_intraday", symbols=ONE), body, now)
    assert [row["final"] for row in rows] == [True, False]


def test_a_span_of_minutes_is_asked_for_month_by_month_as_printed() -> None:
    ask = Ask(kind="bars_intraday", symbols=ONE, since=date(2025, 12, 30), until=date(2026, 2, 1))
    raws, _, seen = _asked(ask, recorded.MINUTES)
    assert [r.url.params["month"] for r in seen] == ["2025-12", "2026-01", "2026-02"]
    assert {r.url.params["adjusted"] for r in seen} == {"false"}
    assert raws[0].name == "bars_intraday/AAPL/5min/2025-12"


def test_a_bar_of_another_month_than_asked_for_is_a_fault() -> None:
    ask = Ask(kind="bars_intraday", symbols=ONE, since=date(2026, 11, 2))
    parsed = _asked(ask, _minutes("2026-10-30 15:55:00", "2026-11-02 15:55:00"))[1][0]
    assert parsed.rows["bars_intraday"].height == 1
    assert "the month asked for" in parsed.faults[0].reason


def test_a_quote_counts_as_of_its_days_close_or_of_the_asking_when_that_is_earlier() -> None:
    (row,) = _rows(Ask(kind="quotes", symbols=ONE), recorded.QUOTE)
    assert row["ts"] == datetime(2026, 11, 25, 21, 0, tzinfo=UTC)
    assert (row["last"], row["previous_close"], row["volume"]) == (271.45, 269.75, 41234567.0)
    early = datetime(2026, 11, 25, 16, 30, tzinfo=UTC)
    (row,) = _rows(Ask(kind="quotes", symbols=ONE), recorded.QUOTE, early)
    assert row["ts"] == early


def test_a_symbol_that_it_does_not_know_is_unknown() -> None:
    parsed = _asked(Ask(kind="quotes", symbols=ONE), {"Global Quote": {}})[1][0]
    assert len(parsed.faults) == 1
    assert not parsed.rows or not parsed.rows["quotes"].height


def test_earnings_are_known_when_the_day_of_their_report_ends() -> None:
    row = _rows(Ask(kind="estimates", symbols=ONE), recorded.EARNINGS)[0]
    assert row["ts"] == datetime(2024, 10, 31, 4, tzinfo=UTC)
    assert row["known_at"] == datetime(2024, 11, 1, 4, tzinfo=UTC)
    assert (row["item"], row["end"], row["mean"], row["actual"]) == (
        "eps",
        date(2024, 9, 30),
        1.6,
        1.64,
    )


def test_a_quarter_without_an_estimate_has_none() -> None:
    body = copy.deepcopy(recorded.EARNINGS)
    body["quarterlyEarnings"][0]["estimatedEPS"] = "None"  # type: ignore[index]
    body["quarterlyEarnings"][1] |= {"estimatedEPS": "None", "reportedEPS": "None"}  # type: ignore[index,operator]
    parsed = _asked(Ask(kind="estimates", symbols=ONE), body)[1][0]
    assert parsed.rows["estimates"]["mean"].to_list() == [None, 1.5]
    assert len(parsed.faults) == 1


def test_news_have_their_tone_and_their_tickers() -> None:
    row = _rows(Ask(kind="news", symbols=ONE), recorded.NEWS)[0]
    assert row["ts"] == datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
    assert (row["tone"], row["symbols"], row["id"]) == (
        0.625,
        "AAPL",
        "https://news.example/apple/5",
    )


def test_a_full_answer_of_news_says_that_there_may_be_more() -> None:
    body = {"feed": [recorded.NEWS["feed"][0]] * NEWS_MAX}  # type: ignore[index]
    (fault,) = _asked(Ask(kind="news", symbols=ONE), body)[1][0].faults
    assert "there may be more" in fault.reason


def test_listings_tell_first_and_last_days_of_what_was_asked_for() -> None:
    body = "\r\n".join(recorded.ACTIVE).encode()
    ask = Ask(kind="actions", symbols=("A", "AAAU", "ZZZ"))
    parsed = _asked(ask, body)[1][0]
    rows = parsed.rows["actions"].to_dicts()
    assert [(r["action"], r["ex_date"]) for r in rows] == [
        ("listing", date(1999, 11, 18)),
        ("listing", date(2018, 8, 15)),
    ]
    kinds = [(i.venue, i.asset_class) for i in parsed.instruments]
    assert kinds == [("XNYS", AssetClass.EQUITY), ("BATS", AssetClass.ETF)]
    assert [f.reason for f in parsed.faults] == ["it does not hold ZZZ"]


def test_a_listing_that_is_gone_has_its_last_day() -> None:
    body = "\r\n".join(recorded.GONE).encode()
    (row,) = _rows(Ask(kind="actions", symbols=("TWTR",), options={"state": "delisted"}), body)
    assert (row["action"], row["ex_date"]) == ("delisting", date(2022, 10, 27))


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ({"Note": "Our standard call frequency is 5 calls a minute."}, Cause.LIMIT),
        ({"Information": "The rate limit is 25 a day; see our premium plans."}, Cause.LIMIT),
        ({"Information": "This is a premium endpoint."}, Cause.AUTH),
        ({"Error Message": "the parameter apikey is invalid or missing."}, Cause.AUTH),
        ({"Error Message": "Invalid API call."}, Cause.BAD),
    ],
)
def test_words_in_place_of_data_are_unanswered_with_their_cause(
    body: dict[str, str], cause: Cause
) -> None:
    with pytest.raises(Unanswered, match="in place of the data") as caught:
        _asked(Ask(kind="quotes", symbols=ONE), body)
    assert caught.value.cause is cause


def test_words_that_repeat_the_key_do_not_show_it() -> None:
    key = recorded.SECRETS["FONDACO_ALPHAVANTAGE_KEY"]
    with pytest.raises(Unanswered) as caught:
        _asked(Ask(kind="quotes", symbols=ONE), {"Information": f"We see your key {key}: wait."})
    assert key not in str(caught.value)
    raws, _, (request,) = _asked(Ask(kind="quotes", symbols=ONE), recorded.QUOTE)
    assert request.url.params["apikey"] == key
    assert key not in raws[0].request + raws[0].name


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (Ask(kind="chains", symbols=ONE), NotFound),
        (Ask(kind="bars_1d"), InvalidInput),
        (Ask(kind="bars_1d", symbols=("../x",)), InvalidInput),
        (Ask(kind="bars_1d", symbols=ONE, options={"adjusted": "maybe"}), InvalidInput),
        (Ask(kind="quotes", symbols=ONE, options=ADJUSTED), InvalidInput),
        (Ask(kind="bars_intraday", symbols=ONE, since=date(2020, 1, 2)), InvalidInput),
        (Ask(kind="bars_intraday", symbols=ONE, since=date(2027, 1, 2)), InvalidInput),
        (
            Ask(kind="bars_1d", symbols=ONE, since=date(2026, 2, 1), until=date(2026, 1, 1)),
            InvalidInput,
        ),
    ],
)
def test_what_cannot_be_asked_for_is_refused(ask: Ask, error: type[Exception]) -> None:
    with pytest.raises(error):
        _asked(ask, {})


def test_its_sheet_says_that_it_was_never_run_against_the_live_service() -> None:
    assert AlphaVantage.sheet.tried.startswith("never run against the live service")

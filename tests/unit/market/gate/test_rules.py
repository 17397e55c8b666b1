"""The rules of each kind: each catches what it names, and leaves good rows alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import exp, sin

import pytest

from fondaco.core.errors import NotFound
from fondaco.core.instrument import AssetClass
from unit.market.gate.kinds import NOON, KindDesk, Row
from unit.market.rows import AAA, BBB, share

OPEN = datetime(2024, 6, 27, 14, 30, tzinfo=UTC)


def bar(minute: int, close: float, name: str = AAA.id, **cells: object) -> Row:
    """Return a minute bar of a session, stamped by its close."""
    return {
        "instrument": name,
        "seconds": 60,
        "ts": OPEN + timedelta(minutes=minute + 1),
        "open": close,
        "high": close * 1.001,
        "low": close * 0.999,
        "close": close,
        "volume": 1_000.0 + minute % 7,
        "final": True,
    } | cells


def price(minute: int) -> float:
    """Return a price that wanders by a tenth of a per cent."""
    return round(100 * exp(0.004 * sin(minute / 9) + 0.001 * sin(minute * 1.7)), 4)


def wander(count: int, first: int = 0, **cells: object) -> list[Row]:
    """Return minute bars of a price that wanders a little."""
    return [bar(n, price(n), **cells) for n in range(first, first + count)]


def quote(second: int, **cells: object) -> Row:
    """Return a good quote at a second."""
    when = OPEN + timedelta(seconds=second)
    return {"instrument": AAA.id, "ts": when, "bid": 99.99, "ask": 100.01, "last": 100.0} | cells


def test_bars_that_wander_give_no_fault() -> None:
    desk = KindDesk()
    report = desk.give("bars_intraday", wander(120))
    assert (report.rows_new, report.faults) == (120, ())


@pytest.mark.parametrize(
    ("rule", "cells"),
    [
        ("price", {"low": 0.0}),
        ("price", {"close": -1.0}),
        ("high_low", {"high": 99.0, "low": 101.0}),
        ("outside", {"close": 102.0}),
        ("outside", {"open": 98.0}),
        ("hours", {"ts": datetime(2024, 6, 27, 3, 0, tzinfo=UTC)}),
        ("hours", {"ts": datetime(2024, 6, 22, 15, 0, tzinfo=UTC)}),
        ("bounds", {"seconds": 0}),
        ("missing", {"final": None}),
    ],
)
def test_a_bar_that_cannot_be_is_set_aside(rule: str, cells: Row) -> None:
    desk = KindDesk()
    rows = wander(30)
    rows[10] |= cells
    report = desk.give("bars_intraday", rows)
    assert desk.rules() == [rule]
    assert (report.rows_new, report.rows_quarantined) == (29, 1)


def test_a_bar_before_the_open_or_after_the_close_is_let_in_and_labelled() -> None:
    import polars as pl

    from fondaco.market.fakes import FixedCalendar
    from fondaco.market.gate.intraday import phases, session_spans

    desk = KindDesk()
    moments = {
        "pre": datetime(2024, 6, 27, 9, 30, tzinfo=UTC),
        "regular": datetime(2024, 6, 27, 21, 0, tzinfo=UTC),
        "post": datetime(2024, 6, 28, 1, 0, tzinfo=UTC),
    }
    desk.give("bars_intraday", [bar(0, 100.0) | {"ts": at} for at in moments.values()])
    assert desk.rules() == []
    closed = datetime(2024, 6, 28, 1, 1, tzinfo=UTC)
    rows = pl.DataFrame({"venue": ["XNYS"] * 4, "ts": [*moments.values(), closed]})
    spans = session_spans(FixedCalendar(), date(2024, 6, 26), date(2024, 6, 29))
    assert phases(rows, spans).to_list() == [*moments, None]


def test_a_bar_that_is_not_over_is_known_as_such_and_never_as_final() -> None:
    desk = KindDesk()
    now = OPEN + timedelta(minutes=30, seconds=20)
    live = bar(30, 100.0, final=False)
    desk.give("bars_intraday", [live], at=now)
    assert [(r["final"], r["known_at"]) for r in desk.kept("bars_intraday")] == [(False, now)]
    later = now + timedelta(minutes=1)
    desk.give("bars_intraday", [live | {"final": True, "close": 100.05}], at=later)
    assert [(r["final"], r["close"]) for r in desk.kept("bars_intraday")] == [(True, 100.05)]
    early = desk.store.read("bars_intraday", as_of=now)
    assert early["final"].to_list() == [False]


def test_an_unfinished_bar_that_says_it_is_final_is_set_aside() -> None:
    desk = KindDesk()
    now = OPEN + timedelta(minutes=30, seconds=57)
    desk.give("bars_intraday", [bar(30, 100.0)], at=now)
    assert desk.rules() == ["unfinished"]
    assert desk.kept("bars_intraday") == []


def test_a_spike_is_set_aside_and_a_move_that_lasts_is_not() -> None:
    desk = KindDesk()
    rows = wander(60)
    rows[40] |= bar(40, 93.0)
    for n in range(50, 60):
        rows[n] |= bar(n, 95.0 + n / 100)
    desk.give("bars_intraday", rows)
    spikes = desk.ingestor.faults(rule="spike")
    assert [f.where for f in spikes] == ["line 40"]
    assert len(desk.kept("bars_intraday")) == 59


@pytest.mark.parametrize("times", [100.0, 0.01, 1_000.0, 0.001])
def test_a_change_of_unit_waits_for_a_person_and_then_is_believed(times: float) -> None:
    desk = KindDesk()
    desk.give("bars_intraday", wander(30))
    shifted = [bar(n, price(n) * times) for n in range(30, 40)]
    desk.give("bars_intraday", shifted)
    faults = desk.ingestor.faults(rule="unit")
    assert len(faults) == 10
    desk.ingestor.replay(faults, by="ann", reason="quoted in pence from today")
    report = desk.give("bars_intraday", [bar(n, price(n) * times) for n in range(40, 50)])
    assert report.rows_new == 10
    assert desk.ingestor.faults(resolved=False) == ()


def test_prices_of_another_share_are_set_aside_whole_until_the_level_returns() -> None:
    desk = KindDesk()
    rows = wander(40)
    for n in range(20, 30):
        rows[n] |= bar(n, 25.0 + n / 1000)
    desk.give("bars_intraday", rows)
    assert len(desk.ingestor.faults(rule="jump")) == 10
    assert len(desk.kept("bars_intraday")) == 30


def _earlier(rows: list[Row], days: int) -> list[Row]:
    return [row | {"ts": row["ts"] - timedelta(days=days)} for row in rows]


@pytest.mark.parametrize(("times", "rules"), [(7.5, set()), (100.0, {"unit"})])
def test_after_a_month_of_silence_a_price_may_stand_anywhere_but_in_another_unit(
    times: float, rules: set[str]
) -> None:
    desk = KindDesk()
    desk.give("bars_intraday", _earlier(wander(30), 35))  # 2024-05-23, a Thursday
    desk.give("bars_intraday", [bar(n, price(n) * times) for n in range(30)])
    assert set(desk.rules()) - {"stale"} == rules
    short = KindDesk()
    short.give("bars_intraday", _earlier(wander(30), 7))
    short.give("bars_intraday", [bar(n, price(n) * 7.5) for n in range(30)])
    assert set(short.rules()) - {"stale"} == {"jump"}


def test_a_split_that_the_actions_tell_of_is_no_jump() -> None:
    split = {
        "instrument": AAA.id,
        "ts": datetime(2024, 6, 28, tzinfo=UTC),
        "ex_date": date(2024, 6, 28),
        "action": "split",
        "factor": 0.1,
    }
    next_day = timedelta(days=1)
    after = [bar(n, 10.0 + n / 1000) for n in range(10)]
    after = [row | {"ts": row["ts"] + next_day} for row in after]
    told, untold = KindDesk(), KindDesk()
    told.give("actions", [split])
    for desk in (told, untold):
        desk.give("bars_intraday", wander(30))
        desk.give("bars_intraday", after)
    assert told.rules() == []
    assert set(untold.rules()) == {"jump"}


def test_a_future_may_trade_below_zero_and_a_share_may_not() -> None:
    # WTI for May 2020 settled at -37.63 on 2020-04-20, after 18.27 the day before (CME).
    closes = [18.27, 12.0, 8.0, 5.0, -37.63, 10.01]
    rows = [bar(n, c) | {"high": c + 1, "low": c - 1} for n, c in enumerate(closes)]
    desk = KindDesk()
    desk.lines.instruments = (replace(AAA, asset_class=AssetClass.FUTURE),)
    report = desk.give("bars_intraday", rows)
    assert report.rows_new == 6
    assert -37.63 in {r["close"] for r in desk.kept("bars_intraday")}
    assert "price" not in desk.rules()
    shares = KindDesk()
    shares.give("bars_intraday", rows)
    assert "price" in shares.rules()


def test_a_value_that_stands_still_while_others_move_is_marked() -> None:
    desk = KindDesk()
    others = (AAA, BBB, share("CCC"), share("DDD"))
    desk.lines.instruments = others
    rows = [
        bar(n, 50.0 if one is AAA and n > 20 else price(n + 5 * k), name=one.id)
        for k, one in enumerate(others)
        for n in range(70)
    ]
    rows = [row | {"high": row["close"] + 1, "low": row["close"] - 1} for row in rows]
    desk.give("bars_intraday", [r for r in rows if r["instrument"] != AAA.id or r["close"] == 50])
    marks = desk.ingestor.faults(rule="frozen")
    assert [(f.instrument, f.row) for f in marks] == [(AAA.id, "")]
    assert marks[0].reason.startswith("20 rows")


def test_a_volume_beyond_all_measure_is_marked_and_the_bar_is_kept() -> None:
    # Yahoo once gave a volume of 309,685,915,250 for a live bar (yahooquery issue 127).
    desk = KindDesk()
    rows = wander(60)
    rows[50] |= {"volume": 309_685_915_250.0}
    report = desk.give("bars_intraday", rows)
    assert desk.rules() == ["high_volume"]
    assert report.rows_new == 60


@pytest.mark.parametrize(
    ("rule", "cells", "kept"),
    [
        ("crossed", {"bid": 100.05, "ask": 100.01}, 0),
        ("empty_quote", {"bid": 0.0, "ask": 0.0, "last": None}, 0),
        ("price", {"bid": -1.0}, 0),
        ("locked", {"bid": 100.01}, 1),
        ("one_sided", {"bid": 0.0}, 1),
        ("one_sided", {"ask": None}, 1),
        ("stub", {"ask": 500.0}, 1),
        ("stub", {"bid": 20.0}, 1),
        ("stub", {"bid": 0.01, "ask": 199_999.99, "last": None, "previous_close": 40.0}, 1),
        ("hours", {"ts": datetime(2024, 6, 23, 15, 0, tzinfo=UTC)}, 0),
    ],
)
def test_what_is_no_quote_is_set_aside_and_what_has_no_mid_is_marked(
    rule: str, cells: Row, kept: int
) -> None:
    desk = KindDesk()
    desk.give("quotes", [quote(0) | cells])
    assert desk.rules() == [rule]
    assert len(desk.kept("quotes")) == kept


def test_a_thousand_locked_quotes_are_one_line_for_a_person() -> None:
    desk = KindDesk()
    desk.give("quotes", [quote(n, bid=100.01) for n in range(1_000)])
    (fault,) = desk.ingestor.faults()
    assert fault.reason.startswith("1,000 rows, the first at 2024-06-27T14:30:00")
    assert len(desk.kept("quotes")) == 1_000


def test_a_crossed_book_is_set_aside_whole() -> None:
    desk = KindDesk()
    level = {"instrument": AAA.id, "ts": OPEN, "size": 1.0}
    book = [
        level | {"side": side, "level": n, "price": at}
        for side, prices in (("bid", (100.2, 100.0)), ("ask", (100.1, 100.3)))
        for n, at in enumerate(prices, 1)
    ]
    desk.give("depth", book)
    assert desk.rules() == ["crossed"] * 4
    assert desk.kept("depth") == []


def test_a_trade_without_size_is_none() -> None:
    desk = KindDesk()
    trade = {"instrument": AAA.id, "ts": OPEN, "trade": "1", "price": 100.0, "size": 0.0}
    desk.give("trades", [trade])
    assert desk.rules() == ["volume"]


def test_a_latest_vintage_cannot_have_been_known_on_its_day() -> None:
    desk = KindDesk()
    day = datetime(2024, 4, 30, tzinfo=UTC)
    row = {"series": "GDP", "ts": day, "known_at": day, "period": day.date(), "value": 1.0}
    desk.give("macro", [row | {"vintage": False}])
    assert desk.rules() == ["leak"]
    desk.give("macro", [row | {"vintage": True, "series": "GDP2"}])
    assert [r["series"] for r in desk.kept("macro")] == ["GDP2"]


def yields(days: int, times: float = 1.0) -> list[Row]:
    """Return a curve of four tenors on days up to now; the last one in another unit."""
    return [
        {
            "curve": "UST",
            "ts": NOON - timedelta(days=days - 1 - n, hours=1),
            "day": (NOON - timedelta(days=days - 1 - n)).date(),
            "rate": "par",
            "tenor": tenor,
            "percent": (4.0 + 0.1 * tenor + 0.05 * sin(n + tenor))
            * (times if n == days - 1 else 1),
            "currency": "USD",
        }
        for n in range(days)
        for tenor in (1.0, 2.0, 5.0, 10.0)
    ]


def test_yields_told_as_shares_instead_of_per_cent_wait_for_a_person() -> None:
    desk = KindDesk()
    desk.give("yields", yields(20))
    assert desk.rules() == []
    other = KindDesk()
    other.give("yields", yields(20, 0.01))
    assert other.rules() == ["unit"] * 4


def test_a_rate_that_often_changes_threefold_has_no_unit_to_change() -> None:
    desk = KindDesk()
    rows = [
        {
            "series": "FF",
            "ts": NOON - timedelta(days=20 - n),
            "period": (NOON - timedelta(days=20 - n)).date(),
            "value": value,
            "vintage": False,
        }
        for n, value in enumerate([0.05, 0.2] * 9 + [5.0])
    ]
    desk.give("macro", rows)
    assert desk.rules() == []


@pytest.mark.parametrize(("day", "rules"), [(26, []), (25, ["stale"])])
def test_the_newest_row_of_a_live_feed_must_be_new(day: int, rules: list[str]) -> None:
    # Closes at 21:00 of the 26th, 27th and 28th passed since the first, one more since the second.
    desk = KindDesk(datetime(2024, 6, 28, 23, 0, tzinfo=UTC))
    when = datetime(2024, 6, day, 20, 59, tzinfo=UTC)
    desk.give("bars_intraday", [bar(0, 100.0) | {"ts": when}])
    assert len(desk.kept("bars_intraday")) == 1
    assert desk.rules() == rules


def test_a_rename_that_is_taken_in_dates_the_tickers_of_the_book() -> None:
    desk = KindDesk()
    rename = {
        "instrument": AAA.id,
        "ts": datetime(2024, 6, 10, tzinfo=UTC),
        "known_at": datetime(2024, 6, 3, tzinfo=UTC),
        "ex_date": date(2024, 6, 10),
        "action": "rename",
        "symbol": "NEW",
    }
    desk.give("actions", [rename])
    assert desk.book.by_symbol("NEW", date(2024, 6, 10)).id == AAA.id
    assert desk.book.by_symbol("AAA", date(2024, 6, 9)).id == AAA.id
    with pytest.raises(NotFound):
        desk.book.by_symbol("AAA", date(2024, 6, 10))

"""Models: they learn from kept rows alone, mark what is odd, and drop nothing of the unknown."""

import re
from datetime import timedelta

import polars as pl

from fondaco.market.gate import models
from unit.market.gate.kinds import KindDesk, Row
from unit.market.gate.test_rules import OPEN, bar, price, wander
from unit.market.rows import AAA, BBB, SESSIONS, Desk, page, share


def days_of_bars(count: int) -> list[Row]:
    """Return an hour of minute bars on each of some days before the 27th."""
    return [
        bar(n, price(n + 60 * day)) | {"ts": OPEN + timedelta(minutes=n + 1, days=-1 - day)}
        for day in range(count)
        for n in range(60)
        if (OPEN - timedelta(days=1 + day)).weekday() < 5
    ]


def test_a_first_seen_series_is_not_judged_by_models() -> None:
    desk = KindDesk()
    rows = wander(100)
    rows[99] |= bar(99, price(99) * 1.1)
    desk.give("bars_intraday", rows)
    assert desk.rules() == []


def test_usual_rows_after_a_history_are_not_marked() -> None:
    desk = KindDesk()
    desk.give("bars_intraday", days_of_bars(10))
    report = desk.give("bars_intraday", wander(60))
    assert report.rows_new == 60
    assert desk.ingestor.faults(rule="odd") == ()
    assert desk.ingestor.faults(rule="outlier") == ()


def test_what_all_models_hold_for_impossible_is_set_aside_after_a_long_history() -> None:
    desk = KindDesk()
    desk.give("bars_intraday", days_of_bars(10))
    desk.give("bars_intraday", wander(30))
    last = bar(30, price(30) * 1.2) | {"volume": 1e8, "low": price(30)}
    desk.give("bars_intraday", [last])
    (fault,) = desk.ingestor.faults(rule="outlier")
    assert "models: z, forest, season" in fault.reason
    desk.ingestor.replay([fault], by="ann", reason="a takeover was announced")
    assert desk.store.read("bars_intraday")["volume"].max() == 1e8


def test_the_same_row_after_a_short_history_is_kept_and_marked() -> None:
    desk = KindDesk()
    desk.give("bars_intraday", [*days_of_bars(2), *wander(30)])
    kept = desk.store.read("bars_intraday").height
    assert models.HISTORY_MIN <= kept < models.HISTORY_OUTLIER
    last = bar(30, price(30) * 1.2) | {"volume": 1e8, "low": price(30)}
    assert desk.give("bars_intraday", [last]).rows_new == 1
    assert "odd" in desk.rules()


def test_a_wrong_row_teaches_the_models_nothing() -> None:
    wrong = bar(30, price(30) * 1.2) | {"volume": 1e8, "low": price(30)}
    again = wrong | {"ts": wrong["ts"] + timedelta(minutes=1), "open": wrong["close"]}
    told, untold = KindDesk(), KindDesk()
    for desk in (told, untold):
        desk.give("bars_intraday", days_of_bars(10))
        desk.give("bars_intraday", wander(30))
    told.give("bars_intraday", [wrong])
    assert told.rules() == ["outlier"]
    for desk in (told, untold):
        desk.give("bars_intraday", [again])
    at = again["ts"].isoformat()
    said = [{f.reason for f in d.ingestor.faults() if at in f.row} for d in (told, untold)]
    assert said[0] == said[1]
    assert said[0]


def test_the_verdict_does_not_depend_on_what_came_later() -> None:
    early, late = KindDesk(), KindDesk()
    wild = [row | {"volume": 1e5 + n} for n, row in enumerate(wander(300, 30))]
    new = [*wander(30), *wild]
    new[20] |= {"volume": 1e7}
    said = []
    for desk, rows in ((early, new[:30]), (late, new)):
        desk.give("bars_intraday", days_of_bars(10))
        desk.give("bars_intraday", rows)
        at = new[20]["ts"].isoformat()
        found = [f for f in desk.ingestor.faults() if at in f.row or f"first at {at}" in f.reason]
        said.append({n for f in found for n in re.findall(r"\d+ deviations", f.reason)})
    assert said[0] == said[1]
    assert said[0]


def daily(count: int, first: int = 0, **cells: object) -> pl.DataFrame:
    """Return daily bars that wander."""
    close = [price(7 * n) for n in range(first, first + count)]
    volume = [1e6 + 1e4 * (n % 9) for n in range(first, first + count)]
    rows = page(AAA, close, first=first, volume=volume)
    return rows.with_columns(
        open=pl.col("close"), high=pl.col("close") * 1.01, low=pl.col("close") * 0.99
    ).with_columns(pl.lit(value).alias(name) for name, value in cells.items())


def test_an_odd_daily_bar_is_marked_and_always_kept() -> None:
    desk = Desk()
    desk.take(daily(100))
    odd = daily(1, 100).with_columns(pl.col("close", "high", "open") * 1.3)
    report = desk.take(odd)
    assert (report.rows_new, report.rows_quarantined) == (1, 0)
    (fault,) = desk.ingestor.faults(resolved=False)
    assert (fault.rule, fault.row, fault.session) == ("odd", "", SESSIONS[100])


def test_a_daily_volume_beyond_all_measure_is_marked_and_kept() -> None:
    desk = Desk()
    rows = daily(60).with_columns(
        volume=pl.when(pl.int_range(pl.len()) == 50).then(1e9).otherwise("volume")
    )
    assert desk.take(rows).rows_new == 60
    assert desk.rules() == ["high_volume"]


def test_a_daily_close_that_stands_still_while_others_move_is_marked() -> None:
    desk = Desk()
    more = (AAA, BBB, share("CCC"), share("DDD"))
    pages = [page(one, [price(n + 5 * k) for n in range(20)]) for k, one in enumerate(more)]
    pages[0] = page(AAA, [price(min(n, 10)) for n in range(20)])
    desk.take(*pages, instruments=more)
    assert {(f.instrument, f.rule) for f in desk.ingestor.faults(rule="frozen")} == {
        (AAA.id, "frozen")
    }
    assert len(desk.ingestor.faults(rule="frozen")) == 5


def test_a_daily_change_of_unit_is_told_from_a_jump() -> None:
    desk = Desk()
    desk.take(page(AAA, [10.0, 10.1, 1_012.0, 1_015.0, 10.2]))
    assert desk.rules() == ["unit", "unit"]
    assert desk.closes() == [10.0, 10.1, 10.2]


def test_a_daily_future_may_close_below_zero() -> None:
    # WTI for May 2020: 18.27, -37.63, 10.01 from 2020-04-17 to 04-21 (CME).
    from dataclasses import replace

    from fondaco.core.instrument import AssetClass

    future = replace(AAA, asset_class=AssetClass.FUTURE)
    desk = Desk()
    desk.take(page(AAA, [18.27, -37.63, 10.01]), instruments=(future,))
    assert desk.closes() == [18.27, -37.63, 10.01]
    assert desk.rules() == []

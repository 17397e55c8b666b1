"""The quality gate: each rule catches what it names, and nothing else."""

from datetime import UTC, datetime, time, timedelta
from math import inf, nan

import polars as pl
import pytest

from fondaco.core.errors import InvalidInput
from fondaco.market.kinds import kind_named
from unit.market.rows import AAA, BBB, NOW, SESSIONS, Desk, page

BAR = {
    "open": [10.0, 10.0, 10.0],
    "high": [11.0, 11.0, 11.0],
    "low": [9.0, 9.0, 9.0],
    "volume": [100.0, 100.0, 100.0],
}
FLAT = [10.0, 10.0, 10.0]


def _spoilt(**cells: float | None) -> Desk:
    """Take in three good bars of which the second is spoilt in some cells."""
    columns = {"close": list(FLAT)} | {name: list(values) for name, values in BAR.items()}
    for name, value in cells.items():
        columns[name][1] = value
    close = columns.pop("close")
    desk = Desk()
    desk.take(page(AAA, close, **columns))
    return desk


@pytest.mark.parametrize(
    ("rule", "cells"),
    [
        ("missing", {"close": None}),
        ("missing", {"close": nan}),
        ("missing", {"close": inf}),
        ("missing", {"open": None}),
        ("missing", {"volume": None}),
        ("price", {"close": 0.0}),
        ("price", {"open": -1.0}),
        ("price", {"low": -0.01}),
        ("factor", {"factor": 0.0}),
        ("factor", {"factor": nan}),
        ("volume", {"volume": -5.0}),
        ("high_low", {"high": 8.0, "low": 9.0}),
        ("outside", {"close": 11.5}),
        ("outside", {"close": 8.5}),
        ("outside", {"open": 11.01}),
        ("zero_volume", {"volume": 0.0}),
    ],
)
def test_a_bad_row_is_set_aside_under_its_rule_and_the_good_ones_stay(
    rule: str, cells: dict[str, float | None]
) -> None:
    if "factor" in cells:
        BARS = page(AAA, FLAT, **BAR).with_columns(factor=pl.Series([1.0, cells["factor"], 1.0]))
        desk = Desk()
        desk.take(BARS)
    else:
        desk = _spoilt(**cells)
    assert desk.rules() == [rule]
    assert desk.closes() == [10.0, 10.0]
    fault = desk.ingestor.faults()[0]
    assert fault.session == SESSIONS[1]
    assert fault.where == "row 1"


def test_good_rows_give_no_fault() -> None:
    desk = Desk()
    report = desk.take(page(AAA, FLAT, **BAR), page(BBB, [5.0, 5.1, 5.2]))
    assert (report.rows_new, report.rows_quarantined, report.faults) == (6, 0, ())


def test_no_volume_at_all_is_not_a_fault_but_zero_among_volumes_is() -> None:
    desk = Desk()
    desk.take(page(AAA, FLAT), page(BBB, FLAT, volume=[5.0, 0.0, 5.0]))
    assert [(f.rule, f.instrument) for f in desk.ingestor.faults()] == [("zero_volume", BBB.id)]


def test_a_row_on_a_day_without_a_session_is_set_aside() -> None:
    saturday = SESSIONS[0] + timedelta(days=5)
    rows = page(AAA, [10.0, 10.1]).with_columns(session=pl.Series([SESSIONS[0], saturday]))
    assert saturday.weekday() == 5
    desk = Desk()
    desk.take(rows)
    assert desk.rules() == ["session"]


def test_a_session_that_had_not_closed_when_it_was_fetched_is_set_aside() -> None:
    desk = Desk(asked_at=NOW - timedelta(seconds=1))  # one second before the last close
    desk.take(page(AAA, FLAT, first=len(SESSIONS) - 3))
    assert desk.rules() == ["future"]
    assert desk.closes() == [10.0, 10.0]
    desk = Desk(asked_at=NOW)
    desk.take(page(AAA, FLAT, first=len(SESSIONS) - 3))
    assert desk.rules() == []


def test_a_far_future_date_and_a_future_known_time_are_set_aside() -> None:
    rows = page(AAA, [10.0, 10.0]).with_columns(
        session=pl.Series([SESSIONS[0], SESSIONS[0].replace(year=2091)])
    )
    desk = Desk()
    desk.take(rows, page(BBB, [5.0], known_at=NOW + timedelta(days=1)))
    assert desk.rules() == ["future", "future"]


def test_a_row_known_before_its_close_is_set_aside() -> None:
    desk = Desk()
    desk.take(page(AAA, FLAT, known_at=NOW.replace(month=1, day=2, hour=20)))
    assert desk.rules() == ["known", "known"]  # 2 January 20:00: after the first close only


def test_equal_rows_of_a_session_are_kept_once_and_the_others_are_listed() -> None:
    rows = page(AAA, FLAT)
    desk = Desk()
    desk.take(pl.concat([rows, rows[1:2]]).with_columns(where=pl.Series(list("abcd"))))
    assert desk.closes() == FLAT
    assert desk.rules() == ["repeated"]


def test_rows_of_a_session_that_differ_are_all_set_aside() -> None:
    rows = page(AAA, FLAT)
    other = rows[1:2].with_columns(close=pl.lit(10.2))
    desk = Desk()
    report = desk.take(pl.concat([rows, other]))
    assert desk.closes() == [10.0, 10.0]
    assert desk.rules() == ["duplicate", "duplicate"]
    assert report.rows_given == 4


@pytest.mark.parametrize(
    ("close", "caught"), [(14.0, False), (14.01, True), (6.0, False), (5.99, True)]
)
def test_a_close_may_move_by_forty_per_cent_and_no_further(close: float, caught: bool) -> None:
    desk = Desk()
    desk.take(page(AAA, [10.0, close]))
    assert desk.rules() == (["jump"] if caught else [])


def test_a_span_of_another_instrument_is_caught_whole_and_the_level_comes_back() -> None:
    wrong = [25.6, 25.7, 25.6, 25.5]
    desk = Desk()
    desk.take(page(AAA, [45.0, 45.2, *wrong, 46.1, 46.2]))
    assert desk.closes() == [45.0, 45.2, 46.1, 46.2]
    assert desk.rules() == ["jump"] * 4


def test_a_ratio_that_looks_like_a_split_explains_nothing_but_a_supplied_factor_does() -> None:
    closes = [100.0, 20.0, 20.2]
    desk = Desk()
    desk.take(page(AAA, closes), page(BBB, closes).with_columns(factor=pl.Series([1.0, 0.2, 1.0])))
    assert desk.closes(AAA) == [100.0]
    assert desk.closes(BBB) == closes


def test_a_factor_that_the_close_does_not_bear_out_is_not_believed() -> None:
    closes = [700.0, 702.0, 98.0, 99.0]  # a 7-for-1 split that the source announces a day early
    rows = page(AAA, closes).with_columns(factor=pl.Series([1.0, 1 / 7, 1 / 7, 1.0]))
    desk = Desk()
    desk.take(rows)
    assert desk.rules() == ["idle_factor"]
    assert desk.closes() == [700.0, 98.0, 99.0]
    panel = desk.prices.panel((AAA.id,), as_of=NOW)
    assert panel.close[:, 0] == pytest.approx([100.0, 98.0, 99.0])


def test_the_factor_of_a_row_set_aside_still_adjusts_what_came_before() -> None:
    rows = page(AAA, [100.0, 20.0, 20.2], volume=[9.0, 0.0, 9.0]).with_columns(
        factor=pl.Series([1.0, 0.2, 1.0])
    )
    desk = Desk()
    desk.take(rows)
    assert desk.rules() == ["zero_volume"]
    panel = desk.prices.panel((AAA.id,), as_of=NOW)
    assert panel.close[:, 0] == pytest.approx([20.0, 20.2])


def test_a_jump_is_seen_across_two_ingests() -> None:
    desk = Desk()
    desk.take(page(AAA, [45.0, 45.2]))
    desk.take(page(AAA, [25.6, 25.7, 46.1], first=2))
    assert desk.closes() == [45.0, 45.2, 46.1]
    desk.take(page(AAA, [80.0], first=5))
    assert desk.closes() == [45.0, 45.2, 46.1]


def test_older_rows_that_do_not_meet_the_kept_ones_leave_a_note() -> None:
    desk = Desk()
    desk.take(page(AAA, [45.0, 45.2], first=2))
    desk.take(page(AAA, [10.0, 10.1]))
    assert desk.rules() == ["seam"]
    assert desk.ingestor.faults()[0].row == ""


def test_missing_sessions_are_one_fault_per_run_and_filling_them_resolves_it() -> None:
    desk = Desk()
    desk.take(page(AAA, [10.0, 10.1]), page(AAA, [10.2], first=5), page(AAA, [10.3], first=7))
    gaps = desk.ingestor.faults(rule="gap")
    assert [(g.session, g.reason) for g in reversed(gaps)] == [
        (SESSIONS[2], "3 sessions without a row"),
        (SESSIONS[6], "1 session without a row"),
    ]
    desk.take(page(AAA, [10.0, 10.0, 10.0], first=2))
    assert [g.session for g in desk.ingestor.faults(rule="gap", resolved=False)] == [SESSIONS[6]]
    assert desk.ingestor.faults(rule="gap", resolved=True)[0].resolved == (
        "data: a later ingest brought the rows"
    )


def test_a_quarantined_row_is_not_a_gap() -> None:
    desk = Desk()
    desk.take(page(AAA, [10.0, None, 10.0]))
    assert desk.rules() == ["missing"]


def test_faults_of_rows_that_break_nothing_new_are_listed_once() -> None:
    desk = Desk()
    rows = page(AAA, [10.0, None, 10.0])
    desk.take(rows)
    desk.take(rows)
    assert len(desk.ingestor.faults()) == 1


def test_an_answer_without_rows_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no rows"):
        Desk().take(page(AAA, []))


def _with_split(desk: Desk, at: int, factor: float, *sources: str) -> Desk:
    """Let the desk know of a split on the session of a number, as so many sources tell it."""
    spec = kind_named("actions")
    when = datetime.combine(SESSIONS[at], time(), UTC)
    rows = [
        {
            "instrument": AAA.id,
            "ts": when,
            "known_at": when,
            "ex_date": SESSIONS[at],
            "action": "split",
            "factor": factor,
            "source": source,
        }
        for source in sources
    ]
    frame = spec.frame(rows).drop("where").with_columns(ingest_id=pl.lit("1"))
    desk.store.append("actions", frame, ingest_id="1")
    return desk


def test_a_split_that_an_action_tells_explains_the_jump_of_a_bar_without_a_factor() -> None:
    closes = [70.0, 70.0, 10.0, 10.1]
    untold = Desk()
    untold.take(page(AAA, closes))
    assert set(untold.rules()) == {"jump"}
    told = _with_split(Desk(), 2, 1 / 7, "live:a", "live:b")  # told twice, it happened once
    told.take(page(AAA, closes))
    assert told.rules() == []
    assert told.closes() == closes


def test_an_action_explains_its_own_day_and_size_alone() -> None:
    for desk in (
        _with_split(Desk(), 3, 1 / 7, "live:a"),  # a day too late
        _with_split(Desk(), 2, 1 / 2, "live:a"),  # of another size
    ):
        desk.take(page(AAA, [70.0, 70.0, 10.0]))
        assert desk.rules() == ["jump"]


def test_an_action_leaves_prices_alone_that_their_source_adjusted() -> None:
    desk = _with_split(Desk(), 2, 1 / 7, "live:a")
    desk.take(page(AAA, [10.0, 10.0, 10.1, 10.2]))
    assert desk.rules() == []
    own = _with_split(Desk(), 2, 1 / 7, "live:a")
    own.take(page(AAA, [70.0, 70.0, 10.0, 10.1], factor=[1.0, 1.0, 1 / 7, 1.0]))
    assert own.rules() == []


def test_a_split_on_a_day_without_a_bar_explains_the_next_one() -> None:
    desk = _with_split(Desk(), 2, 1 / 7, "live:a")
    desk.take(pl.concat([page(AAA, [70.0, 70.0]), page(AAA, [10.0], first=3)]))
    assert [rule for rule in desk.rules() if rule != "gap"] == []

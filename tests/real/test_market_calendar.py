"""Our calendars against the answer files of the exchange_calendars project."""

import os
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from unit.market.rows import exchange

HERE = Path(__file__).parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get("FONDACO_SHARED_DATA", HERE)) / "09_reference" / "exchange_calendars"
Answers = dict[date, tuple[datetime, datetime]]

NEW_YORK_UNSCHEDULED = {
    # The answer file has scheduled hours alone. These are openings and closings that New York
    # decided on the day, as the first library tells them from the exchange's own chronicle.
    date(1990, 12, 27),
    date(1991, 1, 17),
    date(1991, 2, 25),
    date(1994, 2, 11),  # snow
    date(1995, 12, 18),  # computers
    date(1996, 1, 8),  # snow
    date(1997, 10, 27),  # circuit breakers
    date(2001, 9, 17),
    date(2001, 10, 8),
    date(2002, 9, 11),
    date(2003, 3, 20),
    date(2004, 6, 7),
    date(2005, 6, 1),  # a failed order system
    date(2006, 12, 27),
}


def _answers(name: str) -> Answers:
    """Return open and close of each session in a file; skips the test when it is not there."""
    found = [path for path in (DATA / f"{name}.csv.gz", DATA / f"{name}.csv") if path.exists()]
    if not found:
        pytest.skip(f"SKIPPED: {DATA / name}.csv.gz is not there")
    rows = pl.read_csv(found[0])
    return {
        date.fromisoformat(day[:10]): (
            datetime.fromisoformat(opened),
            datetime.fromisoformat(closed),
        )
        for day, opened, closed in rows.select(rows.columns[:3]).rows()
    }


def _in_reach(venue: str, name: str) -> tuple[set[date], Answers]:
    """Return our sessions over what both know, and the answers."""
    calendar, answers = exchange()(venue), _answers(name)
    first, last = max(calendar.reach[0], min(answers)), min(calendar.reach[1], max(answers))
    kept = {day: hours for day, hours in answers.items() if first <= day <= last}
    return set(calendar.sessions(first, last)), kept


@pytest.mark.real
def test_every_session_open_and_close_since_1990_is_that_of_the_answer_file() -> None:
    sessions, expected = _in_reach("XNYS", "xnys")
    calendar = exchange()("XNYS")
    assert sessions == set(expected)
    differ = {day for day in sessions if (calendar.open(day), calendar.close(day)) != expected[day]}
    assert differ == NEW_YORK_UNSCHEDULED
    for day in differ:
        assert calendar.open(day) >= expected[day][0]
        assert calendar.close(day) <= expected[day][1]


@pytest.mark.real
@pytest.mark.parametrize(
    ("venue", "name"),
    [("XBOM", "xbom"), ("XNSE", "xbom"), ("XCME", "cmes"), ("XCRY", "24-7")],
)
def test_sessions_differ_from_the_answer_file_only_where_we_tell_why(venue: str, name: str) -> None:
    sessions, expected = _in_reach(venue, name)
    calendar = exchange()(venue)
    told = {d.day for d in exchange().disagreements(venue)}
    differ = sessions ^ set(expected)
    assert {day for day in differ if day not in told and not calendar.note(day)} == set()
    assert len(sessions & set(expected)) > 0.95 * len(expected)


@pytest.mark.real
def test_a_crypto_day_runs_from_midnight_to_midnight_as_in_the_answer_file() -> None:
    sessions, expected = _in_reach("XCRY", "24-7")
    calendar = exchange()("XCRY")
    assert all((calendar.open(d), calendar.close(d)) == expected[d] for d in sessions)


@pytest.mark.real
def test_bombay_closes_as_in_the_answer_file_since_its_hours_are_todays() -> None:
    sessions, expected = _in_reach("XBOM", "xbom")
    calendar = exchange()("XBOM")
    told = {d.day for d in exchange().disagreements("XBOM")}
    days = [d for d in sessions & set(expected) if d >= date(2010, 10, 18) and d not in told]
    assert len(days) > 2000
    assert not [d for d in days if calendar.close(d) != expected[d][1] and not calendar.note(d)]

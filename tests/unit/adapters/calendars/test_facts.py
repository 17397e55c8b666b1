"""Calendars against facts that exchanges and the press told of single days.

`facts.csv` was typed by hand from the sources that it names; times are those of the exchange's
town. `closed`, `open HH:MM`, `close HH:MM`, or all windows; a window whose open is not before its
close began the evening before, and 00:00 to 00:00 is a whole day.
"""

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from unit.market.rows import exchange

FACTS = Path(__file__).with_name("facts.csv")
ZONES = {
    "XNYS": "America/New_York",
    "XNAS": "America/New_York",
    "XNSE": "Asia/Kolkata",
    "XBOM": "Asia/Kolkata",
    "XCME": "America/Chicago",
    "XCRY": "UTC",
}
Row = tuple[str, date, str, str]


def _rows() -> list[Row]:
    with FACTS.open(newline="") as file:
        return [
            (row["venue"], date.fromisoformat(row["day"]), row["expectation"], row["source"])
            for row in csv.DictReader(file)
        ]


def _found(venue: str, day: date, expectation: str) -> str:
    """Return what our calendar says, in the words of the expectation."""
    calendar, zone = exchange()(venue), ZoneInfo(ZONES[venue])
    if calendar.sessions(day, day) == ():
        return "closed"
    if expectation.startswith("open"):
        return f"open {calendar.open(day).astimezone(zone):%H:%M}"
    if expectation.startswith("close "):
        return f"close {calendar.close(day).astimezone(zone):%H:%M}"
    return " ".join(
        f"{opened.astimezone(zone):%H:%M}-{closed.astimezone(zone):%H:%M}"
        for opened, closed in calendar.windows(day)
    )


@pytest.mark.parametrize("venue", sorted(ZONES))
def test_every_fact_of_an_exchange_holds(venue: str) -> None:
    wrong = [
        f"{day}: {expectation} by {source}, we say {found}"
        for where, day, expectation, source in _rows()
        if where == venue and (found := _found(venue, day, expectation)) != expectation
    ]
    assert wrong == []


def test_there_are_many_facts_of_six_exchanges_each_with_a_source_and_none_told_twice() -> None:
    rows = _rows()
    assert len(rows) >= 120
    assert {row[0] for row in rows} == set(ZONES)
    assert len({(venue, day) for venue, day, _, _ in rows}) == len(rows)
    assert all(source.strip() for _, _, _, source in rows)


def test_windows_lie_on_the_day_that_names_the_session() -> None:
    for venue, day, expectation, _ in _rows():
        if expectation == "closed":
            continue
        opened, closed = exchange()(venue).open(day), exchange()(venue).close(day)
        zone = ZoneInfo(ZONES[venue])
        assert (closed.astimezone(zone) - timedelta(microseconds=1)).date() == day
        assert opened >= datetime.combine(day - timedelta(days=1), time(15, 30), zone)

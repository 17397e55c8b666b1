"""Events on the time axis of a chart."""

import doctest
from typing import Any

import pytest

from fondaco.core.text import plain
from fondaco.core.view import Chart, Series
from fondaco.surfaces.web import marks
from fondaco.surfaces.web.chart import chart_options, chart_table, spoken
from fondaco.surfaces.web.marks import MARKS_MAX, marked, span
from fondaco.surfaces.web.palette import DARK

DAYS = ("2019-06-27", "2019-06-28", "2019-07-01", "2019-07-02")
CLOSES = Chart("AAPL", DAYS, (Series("Close", (1.0, 2.0, 3.0, 4.0)),), label="bundled")


def event(at: str, kind: str = "earnings", **more: Any) -> dict[str, Any]:
    """Return an event as `market.events` tells it."""
    return {"at": f"{at}:00Z", "event": kind, "title": f"of {at}"} | more


@pytest.mark.parametrize(
    ("at", "place"),
    [
        ("2019-06-26T20:30", None),
        ("2019-06-27T00:00", "2019-06-27"),
        ("2019-06-29T12:00", "2019-07-01"),
        ("2019-07-02T23:59", "2019-07-02"),
        ("2019-07-03T00:00", None),
    ],
)
def test_an_event_stands_on_the_first_point_that_is_not_before_it(
    at: str, place: str | None
) -> None:
    assert [mark.x for mark in marked(CLOSES, [event(at)]).marks] == ([place] if place else [])


def test_on_a_chart_of_minutes_it_stands_on_its_minute() -> None:
    times = ("2019-06-28 13:31", "2019-06-28 13:32", "2019-06-28 13:35")
    chart = Chart("AAPL", times, (Series("Close", (1.0, 2.0, 3.0)),))
    found = marked(chart, [event("2019-06-28T13:33"), event("2019-06-28T12:00")])
    assert [mark.x for mark in found.marks] == ["2019-06-28 13:31", "2019-06-28 13:35"]


def test_marks_are_a_series_on_an_axis_of_their_own() -> None:
    chart = marked(
        CLOSES,
        [
            event("2019-06-28T20:30", surprise=-0.05),
            event("2019-06-28T09:00", "dividend"),
            event("2019-07-01T09:00", "split"),
        ],
    )
    options = chart_options(chart, DARK, pixels=400)
    drawn = options["series"][-1]
    assert (drawn["name"], drawn["yAxisIndex"], len(options["yAxis"])) == ("Events", 1, 2)
    hidden = options["yAxis"][1]
    assert (hidden["gridIndex"], hidden["show"], hidden["axisPointer"]) == (
        0,
        False,
        {"show": False},
    )
    assert [(d["value"][0], d["label"]["formatter"]) for d in drawn["data"]] == [
        ("2019-06-28", "2"),
        ("2019-07-01", "S"),
    ]
    assert "-5.0 % against the forecast" in drawn["data"][0]["value"][2]
    assert "legend" in options
    assert "legend" not in chart_options(CLOSES, DARK, pixels=400)


def test_what_is_marked_stands_in_the_table_and_in_words_too() -> None:
    chart = marked(CLOSES, [event("2019-06-28T20:30")])
    table = chart_table(chart)
    assert [column.title for column in table.columns] == ["At", "Close", "Events"]
    assert [row[2] for row in table.rows] == ["", "earnings: of 2019-06-28T20:30", "", ""]
    assert "1 events" in spoken(chart)
    assert "Events: 2019-06-28 earnings" in plain([chart])
    assert [column.title for column in chart_table(CLOSES).columns] == ["At", "Close"]


def test_of_too_many_the_latest_are_drawn() -> None:
    days = tuple(f"{2000 + at // 28}-01-{at % 28 + 1:02d}" for at in range(MARKS_MAX + 5))
    chart = Chart("Long", days, (Series("Close", (1.0,) * len(days)),))
    found = marked(chart, [event(f"{day}T09:00") for day in reversed(days)])
    assert [mark.x for mark in found.marks] == list(days[5:])


def test_events_are_asked_for_the_chart_s_own_days() -> None:
    assert span(CLOSES) == {"since": "2019-06-27", "until": "2019-07-02"}


def test_the_examples_of_marks_hold() -> None:
    assert doctest.testmod(marks).failed == 0

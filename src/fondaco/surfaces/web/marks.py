"""Events on a chart's time axis: a letter where one happened, its words in the crosshair. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from fondaco.core.view import Chart, Mark
from fondaco.surfaces.web.axes import Options
from fondaco.surfaces.web.palette import Palette

MARKS_MAX = 400
DAYS_MAX = 3_650
"""How far back events are asked for."""
NAME = "Events"
_HEIGHT = 0.04
"""How high above its floor a mark stands, as a share of the uppermost pane."""


def span(chart: Chart) -> dict[str, str]:
    """Return the days of a chart, the last ten years of them at most.

    >>> span(Chart("A", ("2001-01-02", "2019-06-27 16:00"), ()))
    {'since': '2009-06-29', 'until': '2019-06-27'}
    """
    last = date.fromisoformat(chart.x[-1][:10])
    first = max(date.fromisoformat(chart.x[0][:10]), last - timedelta(days=DAYS_MAX))
    return {"since": first.isoformat(), "until": last.isoformat()}


def marked(chart: Chart, events: Iterable[Mapping[str, Any]]) -> Chart:
    """Return a chart with events on its axis, each on the first point that is not before it.

    Events beyond its ends are left out; of more than `MARKS_MAX` the latest stand.

    >>> event = {"at": "2019-06-29T20:30:00Z", "event": "earnings", "title": "Q2"}
    >>> marked(Chart("A", ("2019-06-28", "2019-07-01"), ()), [event]).marks
    (Mark(x='2019-07-01', letter='E', words='earnings: Q2'),)
    """
    found = []
    for event in events:
        at = datetime.fromisoformat(event["at"])
        words = f"{at:%Y-%m-%d %H:%M}"
        place = bisect_left(chart.x, words if len(chart.x[0]) > 10 else words[:10])
        if words[:10] >= chart.x[0][:10] and place < len(chart.x):
            kind = str(event["event"])
            found.append((place, Mark(chart.x[place], kind[:1].upper(), _words(kind, event))))
    found.sort(key=lambda one: one[0])
    return replace(chart, marks=tuple(mark for _, mark in found[-MARKS_MAX:]))


def _words(kind: str, event: Mapping[str, Any]) -> str:
    told = f"{kind}: {event['title']}"
    surprise = event.get("surprise")
    return told if surprise is None else f"{told}, {100 * surprise:+.1f} % against the forecast"


def mark_series(chart: Chart, pane: int, axis: int, colours: Palette) -> Options:
    """Return the marks as a series of the uppermost pane, on the y axis `axis` of their own."""
    places: dict[str, list[Mark]] = {}
    for mark in chart.marks:
        places.setdefault(mark.x, []).append(mark)
    return {
        "name": NAME,
        "type": "scatter",
        "xAxisIndex": pane,
        "yAxisIndex": axis,
        "data": [
            {
                "value": [x, _HEIGHT, "; ".join(mark.words for mark in marks)],
                "label": {"formatter": marks[0].letter if len(marks) == 1 else str(len(marks))},
            }
            for x, marks in places.items()
        ],
        "symbol": "roundRect",
        "symbolSize": [15, 13],
        "itemStyle": {"color": colours.raised, "borderColor": colours.info, "borderWidth": 1},
        "label": {"show": True, "color": colours.text, "fontSize": 9, "fontWeight": "bold"},
        "labelLayout": {"hideOverlap": True},
        "z": 5,
    }


def mark_axis(pane: int) -> Options:
    """Return the axis on which marks stand; it is not seen."""
    unseen = {"show": False, "axisPointer": {"show": False}}
    return {"type": "value", "gridIndex": pane, "min": 0, "max": 1} | unseen


def mark_column(chart: Chart) -> list[str]:
    """Return the words of the marks at each point, empty where there is none."""
    words: dict[str, list[str]] = {}
    for mark in chart.marks:
        words.setdefault(mark.x, []).append(mark.words)
    return ["; ".join(words.get(x, ())) for x in chart.x]

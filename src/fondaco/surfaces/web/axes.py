"""The frame of a chart as options of ECharts: panes, axes, crosshair, zoom. Pure."""

from collections.abc import Iterable
from math import floor, log10
from typing import Any

from fondaco.core.view import Chart
from fondaco.surfaces.web.palette import Palette

_DIGITS_SEEN = 7
LOWER_PANE_SHARE = 0.26
_LEGEND_PIXELS, _AXIS_PIXELS, _ZOOM_PIXELS, _GAP_PIXELS = 26, 22, 30, 18
_LEFT_PIXELS, _RIGHT_PIXELS = 8, 62
Options = dict[str, Any]


def digits_seen(numbers: Iterable[float]) -> int:
    """Return the decimals that show seven digits of the largest number: a screen shows no more.

    >>> digits_seen([0.5, -1234.0])
    3
    """
    largest = max(map(abs, numbers), default=0.0)
    return max(0, _DIGITS_SEEN - 1 - floor(log10(largest))) if largest > 0 else 0


def grids(panes: int, pixels: int, *, legend: bool, zoomed: bool, named: int = 0) -> list[Options]:
    """Return the panes' places below each other; `named` pixels hold the name of the x axis."""
    top = _LEGEND_PIXELS if legend else 10
    bottom = _AXIS_PIXELS + named + (_ZOOM_PIXELS if zoomed else 2)
    room = pixels - top - bottom - _GAP_PIXELS * (panes - 1)
    lower = min(LOWER_PANE_SHARE, 0.6 / max(1, panes - 1))
    shares = [1 - lower * (panes - 1), *[lower] * (panes - 1)]
    places, at = [], top
    for share in shares:
        height = int(room * share)
        places.append(
            {
                "left": _LEFT_PIXELS,
                "right": _RIGHT_PIXELS,
                "top": at,
                "height": height,
                "outerBoundsMode": "none",
            }
        )
        at += height + _GAP_PIXELS
    return places


def x_axis(chart: Chart, at: int, lowest: bool, colours: Palette) -> Options:
    """Return the axis of dates or categories of one pane; the lowest one carries the words."""
    return {
        "type": "category",
        "gridIndex": at,
        "boundaryGap": any(s.kind in {"candle", "bar"} for s in chart.series),
        "axisLine": {"show": lowest, "lineStyle": {"color": colours.line}},
        "axisTick": {"show": False},
        "splitLine": {"show": False},
        "axisLabel": {
            "show": lowest,
            "color": colours.muted,
            "fontSize": 11,
            "hideOverlap": True,
            "alignMinLabel": "left",
            "alignMaxLabel": "right",
        },
        "axisPointer": {"label": {"show": lowest}},
    }


def y_axis(at: int, log: bool, colours: Palette) -> Options:
    """Return the axis of numbers on the right of one pane."""
    return {
        "type": "log" if log else "value",
        "gridIndex": at,
        "scale": True,
        "position": "right",
        "splitNumber": 4 if at == 0 else 2,
        "axisLine": {"show": False},
        "axisTick": {"show": False},
        "splitLine": {"lineStyle": {"color": colours.line, "opacity": 0.6}},
        "axisLabel": {
            "color": colours.muted,
            "fontSize": 11,
            "hideOverlap": True,
            ":formatter": "v => window.fondaco.short(v)",
        },
        "axisPointer": {"label": {":formatter": "p => window.fondaco.number(p.value)"}},
    }


def tooltip(colours: Palette) -> Options:
    """Return the crosshair with the values at it."""
    return {
        "trigger": "axis",
        "axisPointer": {
            "type": "cross",
            "lineStyle": {"color": colours.muted},
            "crossStyle": {"color": colours.muted},
        },
        "backgroundColor": colours.raised,
        "borderColor": colours.line,
        "borderWidth": 1,
        "padding": [8, 10],
        "confine": True,
        "transitionDuration": 0,
        "textStyle": {"color": colours.text, "fontSize": 12},
    }


def zoom(points: int, panes: int, start: int, colours: Palette) -> list[Options]:
    """Return zoom by wheel and by bar, from the point `start` on."""
    shared = {
        "xAxisIndex": list(range(panes)),
        "startValue": start,
        "endValue": points - 1,
        "minValueSpan": 5,
    }
    return [{"type": "inside", **shared}, zoom_bar(colours) | shared]


def zoom_bar(colours: Palette) -> Options:
    """Return the bar below a chart that shows and moves what is seen."""
    return {
        "type": "slider",
        "bottom": 4,
        "height": 20,
        "left": _LEFT_PIXELS,
        "right": _RIGHT_PIXELS,
        "brushSelect": False,
        "borderColor": "transparent",
        "backgroundColor": colours.raised,
        "fillerColor": colours.line + "aa",
        "handleStyle": {"color": colours.muted, "borderColor": colours.muted},
        "moveHandleSize": 0,
        "showDetail": False,
        "dataBackground": {
            "lineStyle": {"color": colours.muted, "opacity": 0.5},
            "areaStyle": {"color": colours.muted, "opacity": 0.12},
        },
        "selectedDataBackground": {
            "lineStyle": {"color": colours.info, "opacity": 0.6},
            "areaStyle": {"color": colours.info, "opacity": 0.1},
        },
    }

"""A chart as the options of ECharts, and as a table. Pure: nothing here draws."""

from datetime import date, timedelta
from math import floor, log10
from typing import Any

from fondaco.core.view import Cell, Chart, Column, Series, Table
from fondaco.surfaces.web.palette import Palette

ZOOM_FROM = 80
"""Points from which a chart gets a zoom bar."""
SAMPLED_FROM = 3_000
RANGES = (("1M", 31), ("3M", 92), ("6M", 183), ("1Y", 366), ("5Y", 1827))
_DIGITS_SEEN = 7
LOWER_PANE_SHARE = 0.26
_LEGEND_PIXELS, _AXIS_PIXELS, _ZOOM_PIXELS, _GAP_PIXELS = 26, 22, 30, 18
_LEFT_PIXELS, _RIGHT_PIXELS = 8, 62
_FONT = '"Segoe UI", Roboto, "Liberation Sans", system-ui, sans-serif'
_NUMBER = "v => window.fondaco.number(v)"
_Options = dict[str, Any]


def chart_options(
    chart: Chart, colours: Palette, *, pixels: int, log: bool = False, start: int = 0
) -> _Options:
    """Return ECharts options: panes below each other, one crosshair, zoom by wheel and bar.

    `points` are the values of every x axis, sent once; numbers are rounded to what can be seen.
    `pixels` is the height of the whole chart, `start` the first point shown at first; `log` makes
    the uppermost pane logarithmic.
    """
    panes = sorted({series.pane for series in chart.series}) or [0]
    zoomed = len(chart.x) >= ZOOM_FROM
    options: _Options = {
        "animation": False,
        "aria": {"enabled": True, "label": {"description": spoken(chart)}},
        "textStyle": {"fontFamily": _FONT, "color": colours.muted},
        "color": list(colours.lines),
        "grid": _grids(len(panes), pixels, legend=len(chart.series) > 1, zoomed=zoomed),
        "axisPointer": {
            "link": [{"xAxisIndex": "all"}],
            "label": {"backgroundColor": colours.line, "color": colours.text},
        },
        "tooltip": _tooltip(colours),
        "points": list(chart.x),
        "xAxis": [_x_axis(chart, at, at == len(panes) - 1, colours) for at in range(len(panes))],
        "yAxis": [_y_axis(at, log and at == 0, colours) for at in range(len(panes))],
        "series": [
            _series(s, panes.index(s.pane), at, colours) for at, s in enumerate(chart.series)
        ],
        "dataZoom": _zoom(len(chart.x), len(panes), start, colours) if zoomed else [],
    }
    if len(chart.series) > 1:
        options["legend"] = {
            "top": 0,
            "left": 0,
            "itemWidth": 12,
            "itemHeight": 3,
            "icon": "rect",
            "textStyle": {"color": colours.muted, "fontSize": 11},
            "inactiveColor": colours.line,
            "type": "scroll",
        }
    return options


def ranges(x: tuple[str, ...]) -> list[tuple[str, int]]:
    """Return the range buttons of a dated axis: each name with the first point it shows.

    >>> ranges(("2020-01-01", "2020-06-01", "2021-06-01"))
    [('1M', 2), ('3M', 2), ('6M', 2), ('1Y', 1), ('All', 0)]
    """
    if len(x) < 2:
        return []
    try:
        last = date.fromisoformat(x[-1][:10])
    except ValueError:
        return []
    found = []
    for name, days in RANGES:
        first = (last - timedelta(days=days)).isoformat()
        if first > x[0][:10]:
            found.append((name, next(at for at, day in enumerate(x) if day[:10] > first)))
    return [*found, ("All", 0)]


def chart_table(chart: Chart) -> Table:
    """Return the chart's numbers as a table: a candle becomes four columns."""
    columns: list[Column] = [Column("At")]
    values: list[list[float | None]] = []
    for series in chart.series:
        if series.kind == "candle":
            columns += [
                Column(f"{series.name} {part}", "number", digits=4)
                for part in ("open", "close", "low", "high")
            ]
            values += [[_part(v, at) for v in series.values] for at in range(4)]
        else:
            columns.append(Column(series.name, "number", digits=4))
            values.append([_part(v, 0) for v in series.values])
    rows: list[tuple[Cell, ...]] = list(zip(chart.x, *values, strict=True))
    return Table(chart.title, tuple(columns), tuple(rows), label=chart.label)


def as_line(chart: Chart) -> Chart:
    """Return the chart with its candles as a line of closes."""
    series = tuple(
        Series("Close", tuple(_part(v, 1) for v in s.values), "line", s.pane)
        if s.kind == "candle"
        else s
        for s in chart.series
    )
    return Chart(chart.title, chart.x, series, chart.y_title, chart.label)


def has_candles(chart: Chart) -> bool:
    """Return whether the chart can be shown both as candles and as a line."""
    return any(series.kind == "candle" for series in chart.series)


def spoken(chart: Chart) -> str:
    """Return what a screen reader says of a chart."""
    names = ", ".join(series.name for series in chart.series)
    span = f" from {chart.x[0]} to {chart.x[-1]}" if chart.x else ""
    return f"{chart.title}: {names}, {len(chart.x)} points{span}. The table shows the numbers."


def _seen(series: Series) -> list[Any]:
    """Return the values to seven digits of the largest: a screen shows no more."""
    flat = [
        abs(part)
        for v in series.values
        if v is not None
        for part in (v if isinstance(v, tuple) else (v,))
    ]
    largest = max(flat, default=0.0)
    digits = max(0, _DIGITS_SEEN - 1 - floor(log10(largest))) if largest > 0 else 0
    nothing = "-" if series.kind == "candle" else None
    return [
        nothing
        if v is None
        else [round(part, digits) for part in v]
        if isinstance(v, tuple)
        else round(v, digits)
        for v in series.values
    ]


def _part(value: float | tuple[float, float, float, float] | None, at: int) -> float | None:
    return value[at] if isinstance(value, tuple) else value


def _grids(panes: int, pixels: int, *, legend: bool, zoomed: bool) -> list[_Options]:
    top = _LEGEND_PIXELS if legend else 10
    bottom = _AXIS_PIXELS + (_ZOOM_PIXELS if zoomed else 2)
    room = pixels - top - bottom - _GAP_PIXELS * (panes - 1)
    lower = min(LOWER_PANE_SHARE, 0.6 / max(1, panes - 1))
    shares = [1 - lower * (panes - 1), *[lower] * (panes - 1)]
    grids, at = [], top
    for share in shares:
        height = int(room * share)
        grids.append(
            {
                "left": _LEFT_PIXELS,
                "right": _RIGHT_PIXELS,
                "top": at,
                "height": height,
                "outerBoundsMode": "none",
            }
        )
        at += height + _GAP_PIXELS
    return grids


def _x_axis(chart: Chart, at: int, lowest: bool, colours: Palette) -> _Options:
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


def _y_axis(at: int, log: bool, colours: Palette) -> _Options:
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


def _tooltip(colours: Palette) -> _Options:
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
        ":valueFormatter": _NUMBER,
    }


def _zoom(points: int, panes: int, start: int, colours: Palette) -> list[_Options]:
    shared = {
        "xAxisIndex": list(range(panes)),
        "startValue": start,
        "endValue": points - 1,
        "minValueSpan": 5,
    }
    return [
        {"type": "inside", **shared},
        {
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
            **shared,
        },
    ]


def _series(series: Series, pane: int, at: int, colours: Palette) -> _Options:
    colour = colours.lines[at % len(colours.lines)]
    shared: _Options = {"name": series.name, "xAxisIndex": pane, "yAxisIndex": pane}
    if series.kind == "candle":
        return shared | {
            "type": "candlestick",
            "data": _seen(series),
            "itemStyle": {
                "color": colours.gain,
                "color0": colours.loss,
                "borderColor": colours.gain,
                "borderColor0": colours.loss,
            },
        }
    values = _seen(series)
    if series.kind == "bar":
        return shared | {
            "type": "bar",
            "data": values,
            "large": len(values) > SAMPLED_FROM,
            "itemStyle": {"color": colours.muted, "opacity": 0.55},
        }
    if any(v is not None for v in values) and all(v is None or v <= 0 for v in values):
        colour = colours.loss
    line: _Options = {
        "type": "line",
        "data": values,
        "showSymbol": False,
        "connectNulls": False,
        "lineStyle": {"width": 1.5, "color": colour},
        "itemStyle": {"color": colour},
    }
    if len(values) > SAMPLED_FROM:
        line["sampling"] = "lttb"
    if series.kind == "area":
        line["areaStyle"] = {"color": colour, "opacity": 0.14}
    return shared | line

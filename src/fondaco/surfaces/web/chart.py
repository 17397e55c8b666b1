"""A chart as the options of ECharts, and as a table. Pure: nothing here draws."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from fondaco.core.view import Candle, Cell, Chart, Column, Pair, Series, Table, reach
from fondaco.surfaces.web.axes import Options, digits_seen, grids, tooltip, x_axis, y_axis, zoom
from fondaco.surfaces.web.cloud import cloud_options, cloud_table
from fondaco.surfaces.web.marks import NAME, mark_axis, mark_column, mark_series
from fondaco.surfaces.web.palette import Palette

ZOOM_FROM = 80
"""Points from which a chart gets a zoom bar."""
SAMPLED_FROM = 3_000
RANGES = (("1M", 31), ("3M", 92), ("6M", 183), ("1Y", 366), ("5Y", 1827))
_TIP = "found => window.fondaco.tip(found)"
_FONT = '"Segoe UI", Roboto, "Liberation Sans", system-ui, sans-serif'


def chart_options(
    chart: Chart, colours: Palette, *, pixels: int, log: bool = False, start: int = 0
) -> Options:
    """Return ECharts options: panes below each other, one crosshair, zoom by wheel and bar.

    `points` are the values of every x axis, sent once; numbers are rounded to what can be seen.
    `pixels` is the height of the whole chart, `start` the first point shown at first; `log` makes
    the uppermost pane logarithmic.
    """
    options: Options = {
        "animation": False,
        "aria": {"enabled": True, "label": {"description": spoken(chart)}},
        "textStyle": {"fontFamily": _FONT, "color": colours.muted},
        "color": list(colours.lines),
    }
    if len(chart.series) > 1 or chart.marks:
        options["legend"] = _legend(colours, shaped=chart.paired)
    if chart.paired:
        return options | cloud_options(chart, colours, pixels=pixels, log=log)
    return options | _dated_options(chart, colours, pixels, log, start)


def _dated_options(chart: Chart, colours: Palette, pixels: int, log: bool, start: int) -> Options:
    panes = sorted({series.pane for series in chart.series}) or [0]
    zoomed = len(chart.x) >= ZOOM_FROM
    named = len(chart.series) > 1 or bool(chart.marks)
    series = [_series(s, panes.index(s.pane), at, colours) for at, s in enumerate(chart.series)]
    y_axes = [y_axis(at, log and at == 0, colours) for at in range(len(panes))]
    if chart.marks:
        series.append(mark_series(chart, 0, len(y_axes), colours))
        y_axes.append(mark_axis(0))
    return {
        "grid": grids(len(panes), pixels, legend=named, zoomed=zoomed),
        "axisPointer": {
            "link": [{"xAxisIndex": "all"}],
            "label": {"backgroundColor": colours.line, "color": colours.text},
        },
        "tooltip": tooltip(colours) | {":formatter": _TIP},
        "points": list(chart.x),
        "xAxis": [x_axis(chart, at, at == len(panes) - 1, colours) for at in range(len(panes))],
        "yAxis": y_axes,
        "series": series,
        "dataZoom": zoom(len(chart.x), len(panes), start, colours) if zoomed else [],
    }


def _legend(colours: Palette, *, shaped: bool) -> Options:
    """Return the names of the series; those of a cloud stand beside their own symbols."""
    legend: Options = {
        "top": 0,
        "left": 0,
        "itemWidth": 12,
        "textStyle": {"color": colours.muted, "fontSize": 11},
        "inactiveColor": colours.line,
        "type": "scroll",
    }
    return legend | ({"itemHeight": 9} if shaped else {"itemHeight": 3, "icon": "rect"})


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
    """Return the chart's numbers as a table: a candle becomes four columns, a pair one row."""
    if chart.paired:
        return cloud_table(chart)
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
    told: list[list[Any]] = [mark_column(chart)] if chart.marks else []
    columns += [Column(NAME)] if chart.marks else []
    rows: list[tuple[Cell, ...]] = list(zip(chart.x, *values, *told, strict=True))
    return Table(chart.title, tuple(columns), tuple(rows), label=chart.label)


def as_line(chart: Chart) -> Chart:
    """Return the chart with its candles as a line of closes."""
    series = tuple(
        Series("Close", tuple(_part(v, 1) for v in s.values), "line", s.pane)
        if s.kind == "candle"
        else s
        for s in chart.series
    )
    return replace(chart, series=series)


def has_candles(chart: Chart) -> bool:
    """Return whether the chart can be shown both as candles and as a line."""
    return any(series.kind == "candle" for series in chart.series)


def spoken(chart: Chart) -> str:
    """Return what a screen reader says of a chart."""
    names = ", ".join(series.name for series in chart.series)
    if chart.paired:
        return f"{chart.title}: {names}; {reach(chart)}. The table shows the numbers."
    span = f" from {chart.x[0]} to {chart.x[-1]}" if chart.x else ""
    events = f", {len(chart.marks)} events" if chart.marks else ""
    return (
        f"{chart.title}: {names}, {len(chart.x)} points{span}{events}. The table shows the numbers."
    )


def _seen(series: Series) -> list[Any]:
    """Return the values to seven digits of the largest: a screen shows no more."""
    flat = [
        part
        for v in series.values
        if v is not None
        for part in (v if isinstance(v, tuple) else (v,))
    ]
    digits = digits_seen(flat)
    nothing = "-" if series.kind == "candle" else None
    return [
        nothing
        if v is None
        else [round(part, digits) for part in v]
        if isinstance(v, tuple)
        else round(v, digits)
        for v in series.values
    ]


def _part(value: float | Pair | Candle | None, at: int) -> float | None:
    return value[at] if isinstance(value, tuple) else value


def _series(series: Series, pane: int, at: int, colours: Palette) -> Options:
    colour = colours.lines[at % len(colours.lines)]
    shared: Options = {"name": series.name, "xAxisIndex": pane, "yAxisIndex": pane}
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
    line: Options = {
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

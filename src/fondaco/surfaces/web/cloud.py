"""A chart of pairs as options of ECharts, and as a table: every point brings its own x. Pure."""

from fondaco.core.view import Cell, Chart, Column, Series, Table
from fondaco.surfaces.web.axes import Options, digits_seen, grids, tooltip, y_axis, zoom_bar
from fondaco.surfaces.web.palette import Palette

DENSE_FROM = 400
"""Points from which a cloud has a zoom bar and is drawn smaller and paler: thick parts show."""
SYMBOLS = ("circle", "triangle", "rect", "pin")
MARK = "diamond"
NAME_PIXELS = 16
ROOM = ["0%", "12%"]
"""Room below and above the points, so that the name of a mark stands inside."""
_MARK_PIXELS, _POINT_PIXELS, _DENSE_PIXELS = 15, 9, 6
_SHORT = "v => window.fondaco.short(v)"


def cloud_options(chart: Chart, colours: Palette, *, pixels: int, log: bool = False) -> Options:
    """Return the options of a chart of pairs: numbers on both axes, a shape for each series.

    The wheel zooms both axes, a dense cloud's bar the x axis. A scatter of one point beside other
    series is a mark, on every chart the same: larger, above the rest, with its name.
    """
    panes = sorted({series.pane for series in chart.series})
    zoomed = any(_is_dense(series) for series in chart.series)
    every = list(range(len(panes)))
    inside = {"type": "inside", "filterMode": "none"}
    zooms = [inside | {"xAxisIndex": every}, inside | {"yAxisIndex": every}]
    if zoomed:
        bar = {"xAxisIndex": every, "filterMode": "none", "showDataShadow": False}
        zooms.append(zoom_bar(colours) | bar)
    return {
        "grid": grids(
            len(panes), pixels, legend=len(chart.series) > 1, zoomed=zoomed, named=NAME_PIXELS
        ),
        "tooltip": _tooltip(chart, colours),
        "points": [x for series in chart.series for x, _ in series.pairs],
        "xAxis": [_x_axis(chart, at, len(panes), colours) for at in every],
        "yAxis": [y_axis(at, log and at == 0, colours) | {"boundaryGap": ROOM} for at in every],
        "series": [
            _series(chart, s, at, panes.index(s.pane), colours) for at, s in enumerate(chart.series)
        ],
        "dataZoom": zooms,
    }


def cloud_table(chart: Chart) -> Table:
    """Return every pair as a row: x, y, and the series that it is of."""
    columns = (
        Column(chart.x_title, "number", digits=4),
        Column(chart.y_title or "y", "number", digits=4),
        Column("Series"),
    )
    rows: list[tuple[Cell, ...]] = [(x, y, s.name) for s in chart.series for x, y in s.pairs]
    return Table(chart.title, columns, tuple(rows), label=chart.label)


def can_be_log(chart: Chart) -> bool:
    """Return whether a logarithm of y says anything: not where a pair lies at or below 0."""
    return not chart.paired or all(y > 0 for series in chart.series for _, y in series.pairs)


def _tooltip(chart: Chart, colours: Palette) -> Options:
    """Return what a point says: of one point in a cloud, of every curve where there is none."""
    shown = tooltip(colours) | {":valueFormatter": _SHORT}
    if any(series.kind == "scatter" for series in chart.series):
        shown["trigger"] = "item"
    return shown


def _x_axis(chart: Chart, at: int, panes: int, colours: Palette) -> Options:
    lowest = at == panes - 1
    axis: Options = {
        "type": "value",
        "gridIndex": at,
        "scale": True,
        "name": chart.x_title if lowest else "",
        "nameLocation": "middle",
        "nameGap": NAME_PIXELS + 8,
        "nameTextStyle": {"color": colours.muted, "fontSize": 11},
        "axisLine": {"show": lowest, "onZero": False, "lineStyle": {"color": colours.line}},
        "axisTick": {"show": False},
        "splitLine": {"lineStyle": {"color": colours.line, "opacity": 0.6}},
        "axisLabel": {
            "show": lowest,
            "color": colours.muted,
            "fontSize": 11,
            "hideOverlap": True,
            ":formatter": _SHORT,
        },
        "axisPointer": {"label": {":formatter": "p => window.fondaco.short(p.value)"}},
    }
    if panes > 1:  # panes below each other share one x
        across = [x for series in chart.series for x, _ in series.pairs]
        axis |= {"min": min(across, default=0.0), "max": max(across, default=1.0)}
    return axis


def _series(chart: Chart, series: Series, at: int, pane: int, colours: Palette) -> Options:
    colour = colours.lines[at % len(colours.lines)]
    shared: Options = {
        "name": series.name,
        "xAxisIndex": pane,
        "yAxisIndex": pane,
        "dimensions": [chart.x_title, chart.y_title or "y"],
        "encode": {"x": 0, "y": 1, "tooltip": [0, 1]},
        "data": _seen(series),
    }
    if series.kind == "scatter":
        return shared | _points(series, at, colour, colours, alone=len(chart.series) == 1)
    line: Options = {
        "type": "line",
        "symbol": "circle",
        "symbolSize": 5,
        "connectNulls": False,
        "lineStyle": {"width": 1.5, "color": colour},
        "itemStyle": {"color": colour, "opacity": 0},
        "emphasis": {"itemStyle": {"opacity": 1}},
    }
    if series.kind == "area":
        line["areaStyle"] = {"color": colour, "opacity": 0.14}
    return shared | line


def _points(series: Series, at: int, colour: str, colours: Palette, *, alone: bool) -> Options:
    if len(series.pairs) == 1 and not alone:
        return {
            "type": "scatter",
            "symbol": MARK,
            "symbolSize": _MARK_PIXELS,
            "z": 5,
            "itemStyle": {"color": colours.text, "borderColor": colours.panel, "borderWidth": 1.5},
            "label": {
                "show": True,
                "formatter": "{a}",
                "position": "top",
                "color": colours.text,
                "fontSize": 11,
                "textBorderColor": colours.panel,
                "textBorderWidth": 3,
            },
        }
    dense = _is_dense(series)
    return {
        "type": "scatter",
        "symbol": SYMBOLS[at % len(SYMBOLS)],
        "symbolSize": _DENSE_PIXELS if dense else _POINT_PIXELS,
        "itemStyle": {"color": colour, "opacity": 0.45 if dense else 0.7},
        "emphasis": {"itemStyle": {"opacity": 1, "borderColor": colours.text}},
    }


def _is_dense(series: Series) -> bool:
    return series.kind == "scatter" and len(series.pairs) >= DENSE_FROM


def _seen(series: Series) -> list[list[float] | None]:
    """Return the pairs to what can be seen, each axis by its own largest number."""
    pairs = series.pairs
    x_digits, y_digits = (digits_seen(pair[axis] for pair in pairs) for axis in (0, 1))
    return [
        [round(value[0], x_digits), round(value[1], y_digits)] if isinstance(value, tuple) else None
        for value in series.values
    ]

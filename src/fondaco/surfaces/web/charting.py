"""A chart on the page: range buttons, candles or line, logarithm, its table, CSV and picture."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from nicegui import json, ui
from nicegui.element import Element
from nicegui.elements.echart import EChart
from nicegui.elements.mixins.text_element import TextElement

from fondaco.core.view import Chart, Table
from fondaco.surfaces.web.chart import (
    as_line,
    chart_options,
    chart_table,
    has_candles,
    ranges,
    spoken,
)
from fondaco.surfaces.web.cloud import can_be_log
from fondaco.surfaces.web.grid import file_name, table_csv
from fondaco.surfaces.web.room import Room
from fondaco.surfaces.web.tags import button, html, panel, tag

CHART_PIXELS = 250
PANE_PIXELS = 76
EXPANDED_PIXELS = 760
TABLE_ROWS_MAX = 1_000


class Curves(EChart, component="assets/chart.js"):
    """NiceGUI's chart with our own small client.

    It may be left before it has been drawn, and it takes its options packed: NiceGUI would watch
    each of ten thousand candles for changes.
    """

    def __init__(self, options: dict[str, Any], pixels: int) -> None:
        super().__init__({})
        self._update_method = None
        self.props["packed"] = json.dumps(options)
        self.style(f"height:{pixels}px")


DrawGrid = Callable[[Table], Any]


@dataclass(slots=True)
class _Shown:
    """How a chart is shown now."""

    chart: Chart
    room: Room
    pixels: int
    body: Element
    section: Element
    draw_grid: DrawGrid
    first: str = "All"
    line: bool = False
    log: bool = False
    table: bool = False
    expanded: bool = False
    element: Curves | None = None
    buttons: dict[str, TextElement] = field(default_factory=dict)

    def start(self) -> int:
        """The first point shown."""
        return dict(ranges(self.chart.x)).get(self.first, 0)

    def redraw(self) -> None:
        """Draw the body again as it is now wanted."""
        self.body.clear()
        with self.body:
            chart = as_line(self.chart) if self.line else self.chart
            if self.table:
                self.element = None
                self._rows(chart_table(chart))
                return
            pixels = EXPANDED_PIXELS if self.expanded else self.pixels
            options = chart_options(
                chart, self.room.colours, pixels=pixels, log=self.log, start=self.start()
            )
            self.element = Curves(options, pixels)
            self.element.props["role"] = "img"
            self.element.props["aria-label"] = spoken(chart)

    def _rows(self, table: Table) -> None:
        """Draw the latest rows, newest first, of pairs the first; the file holds them all."""
        paired = self.chart.paired
        rows = table.rows[:TABLE_ROWS_MAX] if paired else table.rows[-TABLE_ROWS_MAX:][::-1]
        shown = replace(table, rows=rows)
        if len(table.rows) > TABLE_ROWS_MAX:
            which = "first" if paired else "latest"
            words = f"The {which} {TABLE_ROWS_MAX:,} of {len(table.rows):,} rows; the CSV has all."
            tag("p", words, "note")
        self.draw_grid(shown)

    def mark(self) -> None:
        """Say on each button whether it is pressed."""
        pressed = {
            "line": self.line,
            "log": self.log,
            "table": self.table,
            "expand": self.expanded,
            f"range {self.first}": True,
        }
        for name, element in self.buttons.items():
            element.props["aria-pressed"] = "true" if pressed.get(name) else "false"

    def toggle(self, name: str) -> None:
        """Turn one of the ways to show it on or off."""
        setattr(self, name, not getattr(self, name))
        if name == "expanded":
            self.section.classes(toggle="expanded")
            self.room.escape = (lambda: self.toggle("expanded")) if self.expanded else None
        self.mark()
        self.redraw()

    def show_range(self, name: str) -> None:
        """Show the last month, year or all, without drawing again."""
        self.first = name
        self.mark()
        if self.element is not None:
            last = len(self.chart.x) - 1
            self.element.run_chart_method(
                "dispatchAction", {"type": "dataZoom", "startValue": self.start(), "endValue": last}
            )

    def csv(self) -> None:
        """Download the numbers."""
        table = chart_table(self.chart)
        ui.download(
            table_csv(table).encode(), file_name(table.title, table.label, "csv"), "text/csv"
        )

    def picture(self) -> None:
        """Download the picture, with the data's label in its name and what y is in its title."""
        if self.element is not None:
            words = [
                self.element.id,
                file_name(self.chart.title, self.chart.label, "png"),
                _headed(self.chart),
                self.room.colours.panel,
                self.room.colours.text,
            ]
            ui.run_javascript(f"window.fondaco.picture(...{json.dumps(words)})")


def _headed(chart: Chart) -> str:
    return " · ".join(part for part in (chart.title, chart.y_title, chart.label) if part)


def chart_panel(
    room: Room, chart: Chart, draw_grid: DrawGrid, *, pixels: int = 0, first: str = "All"
) -> None:
    """Draw a chart in its panel. `first` names the range shown at first."""
    with panel(chart.title, label=chart.label, as_of=chart.y_title) as box:
        if not chart.points:
            html("No points yet.", "empty", name="p")
            return
        body = tag("div", classes="chart-body")
    panes = len({series.pane for series in chart.series})
    shown = _Shown(
        chart,
        room,
        pixels or CHART_PIXELS + PANE_PIXELS * max(0, panes - 1),
        body,
        box.section,
        draw_grid,
    )
    names = [name for name, _ in ranges(chart.x)]
    shown.first = first if first in names else "All"
    with box.tools:
        _tools(shown, names)
    shown.mark()
    shown.redraw()


def _tools(shown: _Shown, names: list[str]) -> None:
    title = shown.chart.title
    for name in names:
        shown.buttons[f"range {name}"] = button(
            name, lambda n=name: shown.show_range(n), "tool", aria_label=f"Show {name} of {title}"
        )
    toggles = [("table", "Table", "table"), ("expand", "Expand", "expanded")]
    if can_be_log(shown.chart):
        toggles.insert(0, ("log", "Log", "log"))
    if has_candles(shown.chart):
        toggles.insert(0, ("line", "Line", "line"))
    for key, words, attribute in toggles:
        shown.buttons[key] = button(
            words, lambda a=attribute: shown.toggle(a), "tool", aria_label=f"{words}: {title}"
        )
    button("CSV", shown.csv, "tool", aria_label=f"Download {title} as CSV")
    button("PNG", shown.picture, "tool wide", aria_label=f"Download {title} as a picture")

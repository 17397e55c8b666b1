"""Chart: the prices of one instrument, with indicators."""

from nicegui import ui

from fondaco.core.errors import FondacoError, told
from fondaco.core.view import Column, Table
from fondaco.surfaces.web.charting import draw_chart
from fondaco.surfaces.web.draw import draw_grid, draw_table
from fondaco.surfaces.web.pages.parts import page_head
from fondaco.surfaces.web.ports import Listing
from fondaco.surfaces.web.room import Room
from fondaco.surfaces.web.tags import button, fault, tag, waiting

CHART_PIXELS = 640
PANE_PIXELS = 60
_COLUMNS = (Column("Symbol"), Column("Name"), Column("Detail"))


class ChartPage:
    """One symbol's chart beside the list of all symbols."""

    def __init__(self, room: Room, symbol: str | None) -> None:
        self._room = room
        self._symbol = symbol
        self._chosen: list[str] = list(room.views.indicators[:2])

    async def build(self) -> None:
        """Draw the page; the chart follows."""
        page_head("Chart", "prices as they were known")
        with tag("div", classes="columns chart-page"):
            self._list = tag("div", classes="stack list")
            self._place = tag("div", classes="stack")
        with self._list:
            with waiting("Reading the symbols"):
                listings = await self._listings()
            self._draw_list(listings)
        if self._symbol is None and listings:
            self._symbol = listings[0].symbol
        self._room.refresh = self._read
        await self._read()

    async def _listings(self) -> tuple[Listing, ...]:
        try:
            return await self._room.view(self._room.views.listings)
        except FondacoError as error:
            fault(told(error))
            return ()

    def _draw_list(self, listings: tuple[Listing, ...]) -> None:
        rows = tuple((one.symbol, one.name, one.detail) for one in listings)
        keep = [at for at in range(3) if at == 0 or any(row[at] for row in rows)]
        table = Table(
            "Instruments",
            tuple(_COLUMNS[at] for at in keep),
            tuple(tuple(row[at] for at in keep) for row in rows),
            empty="No instrument yet. `fondaco market ingest bundled` loads prices.",
        )
        draw_table(self._room, table, main=True, on_row=lambda row: self._open(rows[row][0]))

    async def _open(self, symbol: str) -> None:
        self._symbol = symbol
        ui.navigate.history.replace(f"/chart/{symbol}")
        await self._read()

    async def _read(self) -> None:
        if self._symbol is None:
            return
        with self._place:
            try:
                with waiting(f"Reading {self._symbol}"):
                    chart = await self._room.view(
                        self._room.views.chart, self._symbol, tuple(self._chosen)
                    )
            except FondacoError as error:
                self._place.clear()
                fault(told(error))
                return
        self._place.clear()
        with self._place:
            self._indicators()
            panes = len({series.pane for series in chart.series})
            draw_chart(
                self._room,
                chart,
                lambda table: draw_grid(self._room, table),
                pixels=CHART_PIXELS + PANE_PIXELS * max(0, panes - 2),
                first="1Y",
            )

    def _indicators(self) -> None:
        names = self._room.views.indicators
        if not names:
            return
        with tag("div", classes="row indicators", role="group", aria_label="Indicators"):
            tag("span", "Indicators", "note")
            for name in names:
                button(
                    name,
                    lambda n=name: self._toggle(n),
                    "tool",
                    aria_pressed="true" if name in self._chosen else "false",
                )

    async def _toggle(self, name: str) -> None:
        if name in self._chosen:
            self._chosen.remove(name)
        else:
            self._chosen.append(name)
        await self._read()

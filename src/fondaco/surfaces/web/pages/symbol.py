"""Symbol: one instrument as it was known on a day: quote, chart, events, statements, options."""

from asyncio import gather
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from fondaco.core.errors import FondacoError, NotFound, told
from fondaco.core.view import Card, Chart, Chip, Table, Tone
from fondaco.surfaces.web.asked import INTERVALS, Asked, asked, meant, no_day
from fondaco.surfaces.web.draw import draw, draw_chart, draw_table, row_sheet
from fondaco.surfaces.web.grid import picked
from fondaco.surfaces.web.lineage import draw_brief, lineage_place
from fondaco.surfaces.web.marks import marked, span
from fondaco.surfaces.web.options import OptionsSection
from fondaco.surfaces.web.pages.parts import Part, absence
from fondaco.surfaces.web.quoted import draw_quote
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.tags import button, chip_html, fault, html, tag, waiting

CHART_PIXELS, PANE_PIXELS = 400, 60
LAST_BAR = "Source of the last bar"
EVENT_COLUMNS = ("At", "Event", "Title", "Actual", "Forecast", "Surprise", "Unit", "Known at")
STATEMENT_COLUMNS = ("Item", "To", "Value", "Unit", "Form", "Restated", "Known at")
LINES, EVENTS_MAX = 100, 5_000


class SymbolPage:
    """One symbol; its address says the interval, the day and whether prices are adjusted."""

    def __init__(self, room: Room, symbol: str, query: Mapping[str, str]) -> None:
        self._room = room
        self._asked = asked(symbol, query)
        self._chosen: list[str] = list(room.views.indicators[:2])
        self._buttons: dict[str, TextElement] = {}
        self._source: Part | None = None
        self._turn = 0

    async def build(self) -> None:
        """Draw the frame, then each part when it is there."""
        self._head = tag("div", classes="page-head")
        self._controls()
        self._body = tag("div", classes="stack")
        self._room.refresh = self._read
        await self._read()

    # what is asked

    def _controls(self) -> None:
        with tag("div", classes="panel slim controls"):
            with tag("div", classes="row", role="group", aria_label="Length of a bar"):
                for name in INTERVALS:
                    self._buttons[name] = button(name, partial(self._interval, name), "tool")
            with tag("div", classes="row", role="group", aria_label="What was known when"):
                tag("span", "As of", "note")
                self._day = ui.date_input(
                    value=self._asked.as_of, placeholder="now", on_change=self._typed
                )
                self._day.props('dense outlined aria-label="As of, an ISO day" autocomplete=off')
                self._day.button.props('aria-label="Choose the day" dense size=sm')
                self._buttons["now"] = button("Now", partial(self._see, ""), "tool")
            self._buttons["adjusted"] = button(
                "Adjusted", self._adjust, "tool", title="for splits and dividends known then"
            )
            self._indicators = tag("div", classes="row", role="group", aria_label="Indicators")
        self._wrong = tag("p", "", "paragraph warning", role="status")
        self._mark()

    def _mark(self) -> None:
        pressed = {self._asked.interval, *(["adjusted"] if self._asked.adjusted else [])}
        for name, element in self._buttons.items():
            element.props["aria-pressed"] = "true" if name in pressed else "false"
        self._buttons["now"].props.set_bool("disabled", not self._asked.as_of)
        self._indicators.clear()
        with self._indicators:
            if not self._asked.plain:
                return  # they stand on the whole daily history as it is known now
            for name in self._room.views.indicators:
                chosen = "true" if name in self._chosen else "false"
                button(name, partial(self._toggle, name), "tool", aria_pressed=chosen)

    async def _typed(self, event: Any) -> None:
        words = str(event.value or "").strip()
        if words == self._asked.as_of or 0 < len(words) < len("2019-06-28"):
            return
        await self._see(words)

    async def _see(self, day: str) -> None:
        """Look at everything as of another day."""
        if self._day.value != day:
            self._day.value = day  # tells `_typed`, which has nothing left to do
        await self._ask(self._asked.on(day), everything=True)

    async def _interval(self, name: str) -> None:
        await self._ask(replace(self._asked, interval=name))

    async def _adjust(self) -> None:
        await self._ask(replace(self._asked, adjusted=not self._asked.adjusted))

    async def _toggle(self, name: str) -> None:
        if name in self._chosen:
            self._chosen.remove(name)
        else:
            self._chosen.append(name)
        await self._ask(self._asked)

    async def _ask(self, wanted: Asked, *, everything: bool = False) -> None:
        self._asked = wanted
        ui.navigate.history.replace(wanted.place)
        self._mark()
        if everything or self._source is None:
            await self._read()
        else:
            await gather(self._read_chart(), self._source.read(self._last_bar()))

    # what is shown

    async def _read(self) -> None:
        self._source = None
        now = self._room.desk.clock.now().date()
        self._wrong.text = no_day(self._asked.as_of, now)
        self._wrong.visible = bool(self._wrong.text)
        self._body.clear()
        with self._body:
            if self._wrong.text:
                self._title(None)
                return
            place = tag("div", classes="stack")
        with place:
            try:
                with waiting(f"Reading {self._asked.symbol}"):
                    found = await self._found()
            except FondacoError as error:
                self._title(None)
                fault(told(error))
                return
        self._title(found)
        with place:
            parts = self._parts(await self._market_day(now)) if found else self._strange()
        await gather(*(part.read() for part in parts), *([self._read_chart()] if found else []))

    async def _found(self) -> Mapping[str, Any] | None:
        inputs: dict[str, Any] = {"match": self._asked.symbol, "limit": LINES}
        if self._asked.as_of:
            inputs["on"] = self._asked.as_of
        return meant(self._asked.symbol, (await self._room.ask("market.search", inputs)).data)

    async def _market_day(self, now: date) -> date:
        """Return the day of the latest price, or today where that is not known."""
        try:
            status = await self._room.view(self._room.views.status)
        except FondacoError:
            return now  # the top bar says what is wrong with the desk
        return status.market_time.date() if status.market_time else now

    def _title(self, found: Mapping[str, Any] | None) -> None:
        self._head.clear()
        with self._head:
            tag("h1", self._asked.symbol)
            if found is not None:
                tag("span", found["name"], "name")
                about = (found[n] for n in ("asset_class", "venue", "currency", "sector"))
                tag("span", " · ".join(words for words in about if words), "note")
                tag("span", "; ".join(found["symbols"]), "note dated")
            if self._asked.as_of and not self._wrong.text:
                chip = Chip(f"AS KNOWN {self._asked.as_of}", Tone.WARNING)
                html(chip_html(chip), name="span")
            tag("a", "All symbols", "tool", href="/symbol")

    def _strange(self) -> list[Part]:
        """Draw that no instrument has the symbol; a source may have a quote of it all the same."""
        missing = NotFound(
            "no instrument of this desk has this symbol",
            value=", as known ".join(filter(None, (self._asked.symbol, self._asked.as_of))),
            remedy="`fondaco market ingest PROVIDER` brings one in; `/` finds those known.",
        )
        fault(missing.body())
        return [self._quote()]

    def _parts(self, day: date) -> list[Any]:
        known = self._asked.known
        quote = self._quote()
        with tag("div", classes="columns lead symbol-page"):
            with tag("div", classes="stack"):
                self._chart = tag("div", classes="stack")
                options = OptionsSection(self._room, known())
            with tag("div", classes="stack"):
                self._source = Part(
                    self._room,
                    "market.lineage",
                    self._way,
                    inputs=self._last_bar(),
                    absent=absence(LAST_BAR),
                )
                events = Part(
                    self._room,
                    "market.events",
                    partial(self._rows, EVENT_COLUMNS, latest_first=True),
                    inputs=self._asked.events(day) | {"limit": LINES},
                    absent=absence("Events"),
                )
                statements = Part(
                    self._room,
                    "market.fundamentals",
                    partial(self._rows, STATEMENT_COLUMNS),
                    inputs=known(limit=LINES),
                    absent=absence("Statements"),
                )
        return [quote, self._source, events, statements, options]

    def _quote(self) -> Part:
        return Part(
            self._room,
            "market.quote",
            lambda drawn: draw_quote(self._room, drawn.blocks),
            inputs=self._asked.known() | {"symbol": [self._asked.symbol]},
            absent=absence("Quote"),
        )

    def _last_bar(self) -> dict[str, Any]:
        return self._asked.known(kind=self._asked.bars, limit=1)

    def _way(self, drawn: Drawn) -> None:
        asked = self._asked
        place = lineage_place(symbol=asked.symbol, kind=asked.bars, as_of=asked.as_of)
        cards = [block for block in drawn.blocks if isinstance(block, Card)]
        if not cards:
            draw(self._room, drawn.blocks)
        for card in cards[-1:]:
            draw_brief(card, LAST_BAR, place)

    def _rows(self, titles: tuple[str, ...], drawn: Drawn, *, latest_first: bool = False) -> None:
        for block in drawn.blocks:
            if not isinstance(block, Table):
                draw(self._room, [block])
                continue
            rows = block.rows[::-1] if latest_first else block.rows
            table = replace(block, rows=rows)
            draw_table(
                self._room, picked(table, titles), on_row=partial(row_sheet, self._room, table)
            )

    async def _read_chart(self) -> None:
        """Read the bars that are asked for; an answer that was overtaken is not drawn."""
        self._turn += 1
        turn, asked, place = self._turn, self._asked, self._chart
        chart: Chart | None = None
        try:
            with place, waiting(f"Reading {asked.symbol}, {asked.interval}"):
                chart = await self._bars(asked)
        except FondacoError as error:
            body = told(error)
        if turn != self._turn or place.is_deleted:
            return
        place.clear()
        with place:
            if chart is not None:
                self._draw_chart(chart, "1Y" if asked.interval == INTERVALS[0] else "All")
            elif body.code == NotFound.code:
                absence(f"Chart, {asked.words}")(body)
            else:
                fault(body)

    async def _bars(self, asked: Asked) -> Chart:
        if asked.plain:
            chosen = tuple(self._chosen)
            chart = await self._room.view(self._room.views.chart, asked.symbol, chosen)
            return await self._marked(chart, asked)
        drawn = await self._room.ask("market.history", asked.history())
        chart = next(block for block in drawn.blocks if isinstance(block, Chart))
        return await self._marked(replace(chart, title=f"{asked.symbol} {asked.words}"), asked)

    async def _marked(self, chart: Chart, asked: Asked) -> Chart:
        """Return the chart with the events of its days, where any can be read."""
        if not chart.x or not self._room.knows("market.events"):
            return chart
        try:
            drawn = await self._room.ask(
                "market.events", asked.known(limit=EVENTS_MAX, **span(chart))
            )
        except FondacoError:
            return chart  # the list of events beside it says what is wrong
        return marked(chart, drawn.data["events"])

    def _draw_chart(self, chart: Chart, first: str) -> None:
        panes = len({series.pane for series in chart.series})
        draw_chart(
            self._room,
            chart,
            pixels=CHART_PIXELS + PANE_PIXELS * max(0, panes - 2),
            first=first,
        )

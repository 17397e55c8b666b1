"""Data: how providers are, what the store holds, what waits in quarantine, whence a number came."""

from asyncio import gather
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from fondaco.core.view import Table
from fondaco.surfaces.web.draw import draw, draw_table, row_fields
from fondaco.surfaces.web.grid import picked, words_in
from fondaco.surfaces.web.pages.lineage import LineageView
from fondaco.surfaces.web.pages.parts import Part, page_head
from fondaco.surfaces.web.pages.quarantine import QuarantineView
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.tags import tag

VIEWS = {"health": "Health", "quarantine": "Quarantine", "lineage": "Lineage"}
PROVIDER_COLUMNS = (
    "Provider",
    "Breaker",
    "Key",
    "Answered",
    "Failed",
    "Last answer",
    "Limits left",
    "Last fault",
)
COVERAGE_COLUMNS = ("Kind", "Source", "Rows", "Newest", "Age")
BARS, ROWS, DAYS = "bars_1d", 20, 30
"""Daily bars are read on their symbol's page; of other kinds so many rows of the last days: a table
of minutes is too large to read whole for a look."""
FAULT_COLUMNS = ("Rule", "Source", "Kind", "Severity", "Open", "Resolved")
"""What fits beside each other, first what is looked for; a row's sheet has every column."""


def view_of(query: Mapping[str, str]) -> str:
    """Return which view an address asks for: a fact or a card leads to its lineage.

    >>> view_of({"fact": "F-0123456789abcdef"}), view_of({"view": "no such"})
    ('lineage', 'health')
    """
    asked = query.get("view", "")
    if asked in VIEWS:
        return asked
    return "lineage" if query.get("fact") or query.get("card") else "health"


def place_of_view(view: str, **asked: str) -> str:
    """Return the place of a view with what is asked in it."""
    given = {"view": view} if view != "health" else {}
    return "/data" + (f"?{urlencode(given | asked)}" if given | asked else "")


class DataPage:
    """The three views, one at a time; the address says which."""

    def __init__(self, room: Room, query: Mapping[str, str]) -> None:
        self._room = room
        self._query = query
        self._view = view_of(query)

    async def build(self) -> None:
        """Draw the views' names, then the one that is asked for."""
        page_head("Data", "every row has a source, every doubt a reason, every number a way back")
        with tag("nav", classes="tabs", aria_label="Views of data"):
            for name, title in VIEWS.items():
                link = tag("a", title, href=place_of_view(name))
                if name == self._view:
                    link.props["aria-current"] = "true"
        if self._view == "quarantine":
            await QuarantineView(self._room, self._query).build()
        elif self._view == "lineage":
            await LineageView(self._room, self._query).build()
        else:
            await self._health()

    async def _health(self) -> None:
        with tag("div", classes="stack"):
            providers = Part(self._room, "providers.status", self._providers)
            quality = Part(self._room, "market.quality", self._quality)

        async def read() -> None:
            await gather(providers.read(), quality.read())

        self._room.refresh = self._room.changed = read
        await read()

    def _providers(self, drawn: Drawn) -> None:
        for block in drawn.blocks:
            if isinstance(block, Table):
                self._table(block, PROVIDER_COLUMNS, self._provider, main=True)
            else:
                draw(self._room, [block])

    def _quality(self, drawn: Drawn) -> None:
        """Draw what the store holds, then the faults; a line of them leads to those it counts."""
        with tag("div", classes="columns two"):
            for block in reversed(drawn.blocks):
                if not isinstance(block, Table):
                    draw(self._room, [block])
                elif any(column.title == "Rule" for column in block.columns):
                    self._table(block, FAULT_COLUMNS, _quarantine)
                else:
                    self._table(block, COVERAGE_COLUMNS, self._held)

    def _table(
        self,
        table: Table,
        titles: tuple[str, ...],
        opened: Callable[[Table, int], Any],
        *,
        main: bool = False,
    ) -> None:
        """Draw the columns that fit; a row opens with all of them."""
        draw_table(self._room, picked(table, titles), main=main, on_row=partial(opened, table))

    async def _provider(self, table: Table, row: int) -> None:
        name = words_in(table, row, "Provider")
        with self._room.sheet.open(f"Provider {name}"):
            row_fields(table, row)
            part = Part(
                self._room,
                "providers.show",
                lambda drawn: draw(self._room, drawn.blocks, whole=True),
                inputs={"provider": name},
            )
        await part.read()

    async def _held(self, table: Table, row: int) -> None:
        """Open what the store holds of a kind by a source: its figures, then its newest rows."""
        kind, source, newest = (words_in(table, row, t) for t in ("Kind", "Source", "Newest"))
        since = (date.fromisoformat(newest[:10]) - timedelta(days=DAYS)).isoformat()
        with self._room.sheet.open(f"{kind} of {source}"):
            row_fields(table, row)
            if kind == BARS or not self._room.knows("market.rows"):
                return
            part = Part(
                self._room,
                "market.rows",
                lambda drawn: draw(self._room, drawn.blocks, whole=True),
                inputs={"kind": kind, "source": source, "since": since, "limit": ROWS},
            )
        await part.read()


def _quarantine(table: Table, row: int) -> None:
    asked = {name.lower(): words_in(table, row, name) for name in ("Kind", "Rule", "Source")}
    ui.navigate.to(place_of_view("quarantine", **asked))

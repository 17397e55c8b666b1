"""Symbols: the instruments of the desk, searched; a row leads to the page of its symbol."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from fondaco.core.view import Table
from fondaco.surfaces.web.draw import draw, draw_table
from fondaco.surfaces.web.grid import words_in
from fondaco.surfaces.web.pages.parts import Part, page_head
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.search import Search
from fondaco.surfaces.web.tags import tag

READS = "market.search"
ASKED = ("match", "asset_class", "sector", "on")
LIMIT = 1_000


class SymbolsPage:
    """The search and the list."""

    def __init__(self, room: Room, query: Mapping[str, str]) -> None:
        self._room = room
        self._query = {name: query[name] for name in ASKED if query.get(name)}

    async def build(self) -> None:
        """Draw the search, then what it finds."""
        page_head("Symbols", "what can be traded or quoted, with the days of each ticker")
        with tag("section", classes="panel slim", aria_label="Search"):
            Search(self._room.desk.catalogue[READS], ASKED, self._query, self._search)
        with tag("div", classes="stack tall"):
            found = Part(self._room, READS, self._draw, inputs=self._query | {"limit": LIMIT})
        self._room.refresh = self._room.changed = found.read
        await found.read()

    def _search(self, given: dict[str, str]) -> None:
        ui.navigate.to(f"/symbol?{urlencode(given)}" if given else "/symbol")

    def _draw(self, drawn: Drawn) -> None:
        for block in drawn.blocks:
            if isinstance(block, Table):
                draw_table(self._room, block, main=True, on_row=partial(_open, block))
            else:
                draw(self._room, [block])


def _open(table: Table, row: int) -> None:
    ui.navigate.to(f"/symbol/{words_in(table, row, 'Symbol')}")

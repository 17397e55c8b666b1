"""Lineage: a fact, a card or a symbol's row, followed down to the bytes it came in."""

from collections.abc import Mapping

from nicegui import ui

from fondaco.surfaces.web.lineage import draw_lineage, lineage_place
from fondaco.surfaces.web.pages.parts import Part
from fondaco.surfaces.web.room import Room
from fondaco.surfaces.web.search import Search
from fondaco.surfaces.web.tags import tag

READS = "market.lineage"
ASKED = ("fact", "card", "symbol", "kind", "on", "as_of")
THINGS = ASKED[:3]


class LineageView:
    """The question, then the way down."""

    def __init__(self, room: Room, query: Mapping[str, str]) -> None:
        self._room = room
        self._query = {name: query[name] for name in ASKED if query.get(name)}

    async def build(self) -> None:
        """Draw the question, then its answer."""
        with tag("section", classes="panel slim", aria_label="Search"):
            Search(self._room.desk.catalogue[READS], ASKED, self._query, self._search)
        if not any(name in self._query for name in THINGS):
            tag("p", "Name a fact, a card, or a symbol with the kind and day of a row.", "empty")
            return
        with tag("div", classes="stack wide-way"):
            way = Part(
                self._room,
                READS,
                lambda drawn: draw_lineage(self._room, drawn.blocks),
                inputs=dict(self._query),
            )
        self._room.refresh = way.read
        await way.read()

    def _search(self, given: dict[str, str]) -> None:
        ui.navigate.to(lineage_place(**given))

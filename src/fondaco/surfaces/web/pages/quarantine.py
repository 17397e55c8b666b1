"""Quarantine: what the quality gate holds back, chosen from a list and decided by a person."""

from collections.abc import Mapping
from urllib.parse import urlencode

from nicegui import ui

from fondaco.core.view import Table
from fondaco.surfaces.web.draw import draw, draw_table
from fondaco.surfaces.web.faults import Held, chosen_of, held
from fondaco.surfaces.web.grid import picked
from fondaco.surfaces.web.pages.parts import Part
from fondaco.surfaces.web.review import Review
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.search import Search
from fondaco.surfaces.web.tags import tag

READS = "market.faults"
ASKED = ("kind", "rule", "symbol", "source", "state")
COLUMNS = ("Symbol", "Session", "Rule", "Reason", "Source")
SETTLED = (*COLUMNS, "Resolved")
OPEN = "open"
LIMIT = 500


class QuarantineView:
    """The filters, the list, and the review of what is opened or ticked in it."""

    def __init__(self, room: Room, query: Mapping[str, str]) -> None:
        self._room = room
        self._query = {name: query[name] for name in ASKED if query.get(name)}
        self._faults: tuple[Held, ...] = ()
        self._ticked: list[int] = []

    async def build(self) -> None:
        """Draw the filters, then what they find."""
        with tag("section", classes="panel slim", aria_label="Search"):
            Search(self._room.desk.catalogue[READS], ASKED, self._query, self._search)
        with tag("div", classes="columns lead") as self._columns:
            with tag("div", classes="stack list tall"):
                self._list = Part(
                    self._room, READS, self._draw, inputs=self._query | {"limit": LIMIT}
                )
            with tag("div", classes="stack"):
                self._review = Review(self._room, self._list.read)
        self._room.refresh = self._room.changed = self._list.read
        self._room.escape = self._let_go
        await self._list.read()

    def _search(self, given: dict[str, str]) -> None:
        ui.navigate.to(f"/data?{urlencode({'view': 'quarantine'} | given)}")

    def _draw(self, drawn: Drawn) -> None:
        self._faults, self._ticked = held(drawn.data), []
        for block in drawn.blocks:
            if isinstance(block, Table):
                draw_table(
                    self._room,
                    picked(block, SETTLED if self._query.get("state", OPEN) != OPEN else COLUMNS),
                    main=True,
                    on_row=self._open,
                    on_tick=self._tick,
                )
            else:
                draw(self._room, [block])

    def _open(self, row: int) -> None:
        """Review one row; rows that are ticked come first, since they were chosen on purpose."""
        if not self._ticked:
            self._review.show(chosen_of(self._faults, [row]))
            self._columns.classes("opened")

    def _tick(self, rows: list[int]) -> None:
        self._ticked = rows
        self._review.show(chosen_of(self._faults, rows))

    def _let_go(self) -> None:
        if not self._ticked:
            self._review.show(())
            self._columns.classes(remove="opened")

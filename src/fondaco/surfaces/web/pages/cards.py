"""Cards: the proposals, one of them open beside the list."""

from functools import partial

from nicegui import ui

from fondaco.core.errors import FondacoError, told
from fondaco.core.view import Block, Table
from fondaco.surfaces.web.approval import Approval
from fondaco.surfaces.web.draw import LINEAGE, draw_table
from fondaco.surfaces.web.explained import draw_explanation
from fondaco.surfaces.web.lineage import lineage_place
from fondaco.surfaces.web.pages.parts import Part, page_head
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.tags import fault, tag, waiting
from fondaco.surfaces.web.ticket import Ticket, ticket
from fondaco.surfaces.web.words import row_place

SHOWN_ABOVE = ("Guardrails",)


class CardsPage:
    """The list of cards and the one that is open."""

    def __init__(self, room: Room, card: str | None) -> None:
        self._room = room
        self._card = card
        self._shown: Ticket | None = None

    async def build(self) -> None:
        """Draw the list and the open card."""
        page_head("Cards", "nothing is sent before you approve exactly what you see")
        with tag("div", classes="columns side") as self._columns:
            with tag("div", classes="stack list"):
                self._list = Part(self._room, "cards.list", self._draw_list)
            self._detail = tag("div", classes="stack", aria_live="polite")
        self._room.refresh = self._room.changed = self._refresh
        await self._list.read()
        if self._card is not None:
            await self.open(self._card)
        else:
            with self._detail:
                tag("p", "Choose a card: j and k move, Enter opens.", "empty")

    def _draw_list(self, drawn: Drawn) -> None:
        for block in drawn.blocks:
            if isinstance(block, Table):
                draw_table(self._room, block, main=True, on_row=partial(self._choose, block))

    async def _choose(self, table: Table, row: int) -> None:
        place = row_place(table, row)
        if place is not None:
            ui.navigate.history.replace(place)
            self._shown = None
            await self.open(place.rpartition("/")[2])

    async def open(self, card: str) -> None:
        """Show a card beside the list."""
        self._card = card
        if self._shown is None:
            self._detail.clear()
        try:
            with self._detail, waiting(f"Reading {card}"):
                drawn = await self._room.ask("cards.show", {"card": card})
        except FondacoError as error:
            self._detail.clear()
            self._shown = None
            with self._detail:
                fault(told(error))
            return
        self._draw(ticket(drawn.data), drawn.blocks)

    async def _refresh(self) -> None:
        await self._list.read()
        if self._card is not None:
            await self.open(self._card)

    def _draw(self, card: Ticket, blocks: list[Block]) -> None:
        if self._detail.is_deleted or card == self._shown:
            return  # what the person is filling in stays
        self._shown = card
        self._detail.clear()
        self._columns.classes("opened")
        with self._detail:
            Approval(self._room, card, self._refresh).draw()
            draw_explanation(self._room, card.id)
            if self._room.knows(LINEAGE):
                tag(
                    "a",
                    f"Where the numbers of {card.id} come from",
                    "tool follow",
                    href=lineage_place(card=card.id),
                )
            for block in blocks:
                if isinstance(block, Table) and block.title not in SHOWN_ABOVE and block.rows:
                    draw_table(self._room, block)
        self._room.escape = self._close

    def _close(self) -> None:
        self._card = self._shown = None
        self._columns.classes(remove="opened")
        self._detail.clear()
        ui.navigate.history.replace("/cards")

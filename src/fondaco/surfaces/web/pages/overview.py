"""Overview: the whole situation on one page."""

from functools import partial

from nicegui import ui
from nicegui.element import Element

from fondaco.core.view import Block, Card, Chart, Table, Text
from fondaco.surfaces.web.charting import draw_chart
from fondaco.surfaces.web.draw import draw_chips, draw_grid, draw_table, draw_text, figures
from fondaco.surfaces.web.pages.parts import Part, page_head
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.tags import coded, html, panel, tag
from fondaco.surfaces.web.words import row_place

EQUITY_PIXELS = 400


class OverviewPage:
    """The account's figures above its equity, with the cards and the positions beside."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def build(self) -> None:
        """Draw the account, its equity and positions, and the cards that wait."""
        page_head("Overview", "what the account holds and what waits for you")
        self._account = Part(self._room, "portfolio.overview", self._draw_account)
        with tag("div", classes="columns lead"):
            self._curves = tag("div", classes="stack")
            with tag("div", classes="stack"):
                self._cards = Part(self._room, "cards.list", self._draw_cards)
                self._holdings = tag("div", classes="stack")
        self._room.refresh = self._read
        await self._read()

    async def _read(self) -> None:
        await self._account.read()
        await self._cards.read()

    def _draw_account(self, drawn: Drawn) -> None:
        blocks = [block for block in drawn.blocks if not isinstance(block, Card)]
        self._fill(self._curves, [b for b in blocks if isinstance(b, Chart)])
        self._fill(self._holdings, [b for b in blocks if not isinstance(b, Chart)])
        for block in drawn.blocks:
            if isinstance(block, Card):
                _figures(self._room, block)

    def _fill(self, place: Element, blocks: list[Block]) -> None:
        place.clear()
        with place:
            for block in blocks:
                if isinstance(block, Chart):
                    draw_chart(self._room, block, partial(draw_grid, self._room),
                               pixels=EQUITY_PIXELS)
                elif isinstance(block, Table):
                    draw_table(self._room, block)
                elif isinstance(block, Text):
                    draw_text(block)

    def _draw_cards(self, drawn: Drawn) -> None:
        for block in drawn.blocks:
            if isinstance(block, Table):
                draw_table(self._room, block, main=True, on_row=partial(_open, block))


def _figures(room: Room, card: Card) -> None:
    with panel(card.title, label=card.label):
        if card.chips:
            draw_chips(room, card.chips)
        figures(card.fields)
        if card.footer:
            html(coded(card.footer), "footer", name="p")


def _open(table: Table, row: int) -> None:
    ui.navigate.to(row_place(table, row) or "/cards")

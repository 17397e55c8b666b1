"""Overview: the whole situation on one page."""

from functools import partial

from nicegui import ui

from fondaco.core.view import Card, Chart, Table, Text
from fondaco.surfaces.web.draw import draw_chart, draw_table, draw_text, figures
from fondaco.surfaces.web.pages.parts import Part, page_head
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.tags import panel, tag
from fondaco.surfaces.web.words import row_place

EQUITY_PIXELS = 400


class OverviewPage:
    """The account's figures above its equity, with the cards and the positions beside."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def build(self) -> None:
        """Draw the account, its equity and positions, and the cards that wait."""
        page_head("Overview", "what the account holds and what waits for you")
        account = Part(self._room, "portfolio.overview", self._draw)
        self._room.refresh = self._room.changed = account.read
        await account.read()

    def _draw(self, drawn: Drawn) -> None:
        for block in drawn.blocks:
            if isinstance(block, Card):
                _figures(block)
        curves = [block for block in drawn.blocks if isinstance(block, Chart)]
        rest = [block for block in drawn.blocks if not isinstance(block, Card | Chart)]
        with tag("div", classes="columns lead" if curves else "stack"):
            with tag("div", classes="stack"):
                for chart in curves:
                    draw_chart(self._room, chart, pixels=EQUITY_PIXELS)
            with tag("div", classes="stack"):
                for block in sorted(rest, key=lambda block: not _opens(block)):
                    self._draw_rest(block)

    def _draw_rest(self, block: Table | Text) -> None:
        if isinstance(block, Text):
            draw_text(block)
        elif _opens(block):
            draw_table(self._room, block, main=True, on_row=partial(_open, block))
        else:
            draw_table(self._room, block)


def _opens(block: Table | Text) -> bool:
    """Return whether a block lists what has pages of its own: such lists come first."""
    return isinstance(block, Table) and any(column.kind == "id" for column in block.columns)


def _figures(card: Card) -> None:
    with panel(card.title, label=card.label, chips=card.chips, as_of=card.footer):
        figures(card.fields)


def _open(table: Table, row: int) -> None:
    ui.navigate.to(row_place(table, row) or "/cards")

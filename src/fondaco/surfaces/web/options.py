"""The option chain of a symbol, one expiry at a time; nothing at all where there is no chain."""

from functools import partial
from typing import Any

from fondaco.core.errors import FondacoError, NotFound, told
from fondaco.core.view import Card, Table
from fondaco.surfaces.web.draw import draw_table, fields, row_sheet
from fondaco.surfaces.web.grid import picked
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.tags import button, fault, panel, tag

READS = "market.chain"
COLUMNS = ("Strike", "Right", "Bid", "Ask", "IV", "Delta", "Open interest", "Volume", "Last")
EXPIRIES_SHOWN = 10
STRIKES = 8


class OptionsSection:
    """Reads the chain; the nearest expiry is shown first."""

    def __init__(self, room: Room, inputs: dict[str, Any]) -> None:
        self._room = room
        self._inputs = inputs | {"strikes": STRIKES}
        self._place = tag("div", classes="stack")

    async def read(self, expiry: str = "") -> None:
        """Ask for one expiry, by default the nearest, and draw it."""
        inputs = self._inputs | ({"expiry": expiry} if expiry else {})
        try:
            drawn = await self._room.ask(READS, inputs)
            if not expiry and drawn.data["expiries"]:
                expiry = drawn.data["expiries"][0]
                drawn = await self._room.ask(READS, inputs | {"expiry": expiry})
        except FondacoError as error:
            body = told(error)
            if not self._place.is_deleted:
                self._place.clear()
                with self._place:
                    if body.code != NotFound.code:
                        fault(body)
            return
        if not self._place.is_deleted:
            self._place.clear()
            with self._place:
                self._draw(drawn, expiry)

    def _draw(self, drawn: Drawn, expiry: str) -> None:
        for block in drawn.blocks:
            if isinstance(block, Card):
                self._card(block, drawn.data["expiries"], expiry)
            elif isinstance(block, Table):
                draw_table(
                    self._room, picked(block, COLUMNS), on_row=partial(row_sheet, self._room, block)
                )

    def _card(self, card: Card, expiries: list[str], expiry: str) -> None:
        with panel(card.title, label=card.label):
            fields(card.fields, "fields across")
            with tag("div", classes="row", role="group", aria_label="Expiry"):
                tag("span", "Expiry", "note")
                for day in expiries[:EXPIRIES_SHOWN]:
                    pressed = "true" if day == expiry else "false"
                    button(day, partial(self.read, day), "tool", aria_pressed=pressed)

"""Journal: every call through the door, in a chain that anyone can check."""

from fondaco.core.errors import FondacoError, told
from fondaco.core.view import Table
from fondaco.surfaces.web.draw import draw, draw_table
from fondaco.surfaces.web.pages.parts import Part, page_head
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.tags import button, fault, panel, tag, waiting

LINES_SHOWN = 200


class JournalPage:
    """The latest lines, and a button that walks the whole chain."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def build(self) -> None:
        """Draw the check and the lines."""
        page_head("Journal", "who asked for what, and how it ended")
        with panel("The chain") as box:
            with box.tools:
                button("Verify every line", self._verify, "tool", data_action="verify")
            self._place = tag("div", classes="stack", aria_live="polite")
            with self._place:
                tag(
                    "p",
                    "Each line holds the hash of the line before it: a byte that was changed "
                    "afterwards breaks the chain at its place.",
                    "note",
                )
        self._lines = Part(self._room, "journal.list", self._draw, inputs={"limit": LINES_SHOWN})
        self._room.refresh = self._lines.read
        await self._lines.read()

    def _draw(self, drawn: Drawn) -> None:
        for block in drawn.blocks:
            if isinstance(block, Table):
                draw_table(self._room, block, main=True)
            else:
                draw(self._room, [block])

    async def _verify(self) -> None:
        self._place.clear()
        with self._place:
            try:
                with waiting("Walking the chain"):
                    drawn = await self._room.ask("journal.verify")
            except FondacoError as error:
                fault(told(error))
            else:
                draw(self._room, drawn.blocks)

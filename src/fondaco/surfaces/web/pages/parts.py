"""What the pages share: their head, and a part of a page that reads itself."""

from collections.abc import Callable
from typing import Any

from fondaco.core.errors import ErrorBody, FondacoError, NotFound, told
from fondaco.core.view import Block
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.tags import coded, fault, html, panel, tag, waiting


def page_head(title: str, note: str = "") -> None:
    """Draw the page's title."""
    with tag("div", classes="page-head"):
        tag("h1", title)
        if note:
            html(coded(note), "note", name="span")


def absence(title: str) -> Callable[[ErrorBody], None]:
    """Return what draws, in calm words, that there is nothing of a kind."""

    def draw(body: ErrorBody) -> None:
        with panel(title):
            words = " ".join(
                part
                for part in (f"{body.reason[:1].upper()}{body.reason[1:]}.", body.remedy)
                if part
            )
            html(coded(words), "empty", name="p")

    return draw


class Part:
    """A part of a page that asks a READ capability and draws its answer; it can read again.

    While it reads again what was there stays, and if nothing has changed it stays for good, so
    that nothing jumps. `absent` draws what there is not; by default it is an error as any other.
    """

    def __init__(
        self,
        room: Room,
        name: str,
        draw: Callable[[Drawn], Any],
        *,
        inputs: dict[str, Any] | None = None,
        absent: Callable[[ErrorBody], Any] = fault,
    ) -> None:
        self._room = room
        self._name = name
        self._draw = draw
        self._absent = absent
        self._inputs = inputs or {}
        self._shown: list[Block] | None = None
        self._wait = tag("div")
        self._place = tag("div", classes="stack")

    async def read(self, inputs: dict[str, Any] | None = None) -> None:
        """Ask and draw; an error is drawn in the place of the answer."""
        self._inputs = self._inputs if inputs is None else inputs
        try:
            with self._wait, waiting():
                drawn = await self._room.ask(self._name, self._inputs)
        except FondacoError as error:
            body = told(error)
            draw = self._absent if body.code == NotFound.code else fault
            self._fill(lambda: draw(body))
            self._shown = None
        else:
            if drawn.blocks != self._shown:
                self._shown = drawn.blocks
                self._fill(lambda: self._draw(drawn))

    def _fill(self, draw: Callable[[], Any]) -> None:
        if self._place.is_deleted:
            return
        self._place.clear()
        with self._place:
            draw()

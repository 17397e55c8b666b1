"""One open tab: whose session it is, how it looks, and its way through the one door."""

from asyncio import CancelledError
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from nicegui import app, run

from fondaco.core.errors import Unavailable
from fondaco.core.invoke import Answer, invoke
from fondaco.core.view import Block
from fondaco.surfaces.web.access import Access, Session
from fondaco.surfaces.web.palette import Palette
from fondaco.surfaces.web.ports import Desk, Status, Views

if TYPE_CHECKING:
    from fondaco.surfaces.web.sheet import Sheet

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Drawn:
    """An answer with the blocks that draw it, made in the thread of the call."""

    answer: Answer
    blocks: list[Block]

    @property
    def data(self) -> Any:
        """The result as plain JSON."""
        return self.answer.data


@dataclass(slots=True)
class Room:
    """What the pages of one tab share.

    A page sets `refresh` to read again when asked to, `changed` when something on the desk has
    changed, `escape` to close what it has opened; `rows` opens the rows of its lists.
    """

    desk: Desk
    views: Views
    access: Access
    session: Session
    colours: Palette
    sheet: "Sheet"
    rows: dict[str, Callable[[int], Any]] = field(default_factory=dict)
    refresh: Callable[[], Any] | None = None
    changed: Callable[[], Any] | None = None
    escape: Callable[[], Any] | None = None
    status: Status | None = None

    def form_id(self) -> str:
        """Return a request id for a form that opens now: sent twice, it happens once."""
        return str(self.desk.ids.new())

    def knows(self, name: str) -> bool:
        """Return whether the catalogue has a capability."""
        return name in self.desk.catalogue.names

    async def ask(
        self, name: str, inputs: Mapping[str, Any] | None = None, *, request_id: str | None = None
    ) -> Drawn:
        """Ask for a capability as this tab's person, off the event loop; raises FondacoError."""
        return await self.view(self._ask, name, dict(inputs or {}), request_id)

    async def view(self, function: Callable[..., T], *given: Any) -> T:
        """Call a function off the event loop and return what it gives; raises FondacoError."""
        held = await run.io_bound(lambda: (function(*given),))
        if held is not None:
            return held[0]
        if not app.is_stopping:  # NiceGUI gives None for a call whose page has gone, too
            raise CancelledError
        raise Unavailable("the desk is stopping", remedy="Start it again with `fondaco up`.")

    def _ask(self, name: str, inputs: dict[str, Any], request_id: str | None) -> Drawn:
        caller = self.access.caller(self.session, request_id)
        answer = invoke(self.desk, self.desk.catalogue[name], inputs, caller)
        return Drawn(answer, answer.blocks())

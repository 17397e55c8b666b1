"""The review of what waits in quarantine: what is held and why, then release or discard."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from fondaco.core.errors import FondacoError, told
from fondaco.surfaces.web.draw import draw, fields
from fondaco.surfaces.web.faults import Decision, Held
from fondaco.surfaces.web.room import Room
from fondaco.surfaces.web.tags import button, coded, done, fault, html, panel, tag, waiting

SHOWN_MAX = 4
RELEASE, DISCARD = "market.replay", "market.discard"
PAST = {RELEASE: "released", DISCARD: "discarded"}


class Review:
    """The chosen faults with their raw rows, a reason, and the two decisions."""

    def __init__(self, room: Room, changed: Callable[[], Awaitable[Any]]) -> None:
        self._room = room
        self._changed = changed
        self._decision = Decision(())
        self._request = room.form_id()
        self._busy = False
        self._place = tag("div", classes="stack")
        self._answer = tag("div", classes="stack", aria_live="assertive")
        self.show(())

    def show(self, faults: tuple[Held, ...]) -> None:
        """Show what was chosen; a decision begins anew when the choice has changed."""
        if faults == self._decision.faults and self._place.default_slot.children:
            return  # what the person is filling in stays
        self._decision = Decision(faults)
        self._request = self._room.form_id()
        self._place.clear()
        if faults:
            self._answer.clear()
        with self._place:
            if faults:
                self._draw()
            else:
                with panel("Review"):
                    tag("p", "Enter opens a row, Space ticks several to decide together.", "empty")

    def _draw(self) -> None:
        faults = self._decision.faults
        title = "1 fault chosen" if len(faults) == 1 else f"{len(faults)} faults chosen"
        with panel(f"Review: {title}"):
            for one in faults[:SHOWN_MAX]:
                _fault(one)
            if len(faults) > SHOWN_MAX:
                tag("p", f"… and {len(faults) - SHOWN_MAX:,} more, as ticked in the list.", "note")
            if self._decision.open:
                self._decide()
            elif any(one.resolved for one in faults):
                tag("p", "Settled already: choose open ones only to decide.", "note")

    def _decide(self) -> None:
        decision = self._decision
        with tag("div", classes="ticket"):
            html(coded(decision.words), name="p")
            with tag("div", classes="row decide"):
                self._reason = ui.input(
                    placeholder="Why, in at least 8 characters; kept for good"
                ).props('dense outlined autocomplete=off aria-label="Reason"')
                self._reason.classes("grow")
                self._factor = None
                if decision.takes_factor and not decision.stuck:
                    self._factor = ui.input(placeholder="Split factor").props(
                        'dense outlined autocomplete=off aria-label="Split factor, 0.2 for 5-for-1"'
                    )
                    self._factor.classes("factor")
                if not decision.stuck:
                    button("Release", self._release, "button primary", data_action="release")
                button("Discard", self._discard, "button", data_action="discard")

    async def _release(self) -> None:
        factor = str(self._factor.value or "").strip() if self._factor is not None else ""
        await self._act(RELEASE, {"factor": factor} if factor else {})

    async def _discard(self) -> None:
        await self._act(DISCARD, {})

    async def _act(self, name: str, more: dict[str, Any]) -> None:
        if self._busy:
            return
        self._busy = True
        faults = self._decision.faults
        inputs = {"fault": [one.id for one in faults], "reason": self._reason.value or "", **more}
        self._answer.clear()
        with self._answer:
            try:
                with waiting("Deciding"):
                    drawn = await self._room.ask(name, inputs, request_id=self._request)
            except FondacoError as error:
                fault(told(error))
                return
            finally:
                self._busy = False
            what = faults[0].title if len(faults) == 1 else f"{len(faults)} faults"
            again = " It had been done before." if drawn.answer.repeated else ""
            done(f"{what}: {PAST[name]}.{again}")
            draw(self._room, drawn.blocks)
        self.show(())
        await self._changed()


def _fault(one: Held) -> None:
    with tag("section", classes="held", aria_label=one.id):
        tag("h3", one.title)
        tag("p", f"{one.reason[:1].upper()}{one.reason[1:]}.".replace("..", "."))
        fields(
            (
                ("Place", one.where),
                ("Source", one.source),
                ("Fault", one.id),
                *((("Settled", one.resolved),) if one.resolved else ()),
            )
        )
        if one.cells:
            tag("h3", "Raw row", "paragraph head")
            fields(one.cells, "fields cells")
        else:
            tag("p", "The row was kept as it came; this fault only marks it.", "note")

"""A trade card and its approval: exactly what will happen before the button, what did after it."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui
from nicegui.element import Element

from fondaco.core.errors import FondacoError, told
from fondaco.core.view import Chip
from fondaco.surfaces.web.draw import digest_html, draw, fact_button, fields
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.tags import (
    button,
    chip_html,
    done,
    fault,
    html,
    panel,
    tag,
    waiting,
)
from fondaco.surfaces.web.ticket import Judged, Ticket
from fondaco.surfaces.web.words import tone_of


class Approval:
    """Draws one card; approves or rejects it once for each time it is opened."""

    def __init__(self, room: Room, card: Ticket, changed: Callable[[], Awaitable[Any]]) -> None:
        self._room = room
        self._card = card
        self._changed = changed
        self._request = room.form_id()
        self._boxes: dict[str, ui.checkbox] = {}
        self._answer: Element | None = None
        self._busy = False

    def draw(self) -> None:
        """Draw the order, its verdicts and, while it waits for a person, the approval."""
        card = self._card
        states = [card.state, *["REPLAY"] * card.replay, *["OVERRIDE"] * card.overridden]
        with panel(
            f"{card.id} · {card.order}",
            label=card.origin,
            chips=[Chip(state, tone_of(state)) for state in states],
        ):
            with tag("div", classes="columns two"):
                with tag("div", classes="stack"):
                    with tag("div", classes="ticket"):
                        tag("h3", "What will happen" if card.can_be_approved else "The order")
                        fields(card.before)
                    fields(card.about)
                with tag("div", classes="stack"):
                    tag("h3", "Guardrails")
                    self._verdicts()
            with tag("dl", classes="fields digest-line"):
                tag("dt", "Digest")
                html(digest_html(card.digest), name="dd")
            self._decide()

    def _verdicts(self) -> None:
        with tag("div", classes="verdicts", role="list", aria_label="Guardrails"):
            for verdict in self._card.verdicts:
                press = html(
                    chip_html(Chip(verdict.judgement, tone_of(verdict.judgement))),
                    "bare",
                    name="button",
                )
                press.props["type"] = "button"
                press.props["aria-label"] = f"{verdict.rule}: {verdict.judgement}, explain"
                press.on("click", lambda v=verdict: self._explain(v), args=[])
                with tag("div"):
                    tag("span", verdict.rule, "rule")
                    tag("span", verdict.value)
                    tag("div", f"limit: {verdict.limit}", "limit")

    def _explain(self, verdict: Judged) -> None:
        with self._room.sheet.open(f"Guardrail: {verdict.rule}"):
            html(chip_html(Chip(verdict.judgement, tone_of(verdict.judgement))), name="span")
            fields(
                (
                    ("Value", verdict.value),
                    ("Limit", verdict.limit),
                    ("Would pass", verdict.would_pass),
                )
            )
            if verdict.fact_ids:
                marks = " ".join(fact_button(ref, ref) for ref in verdict.fact_ids)
                html(f"Facts: {marks}", "paragraph", name="p")

    def _decide(self) -> None:
        if not self._card.can_be_approved:
            return
        for rule in self._card.not_judged:
            box = ui.checkbox(
                f"I know that {rule} was not judged, and approve all the same",
                on_change=self._allow,
            ).props("dense size=sm")
            box.props["data-acknowledge"] = rule
            self._boxes[rule] = box
        with tag("div", classes="row"):
            self._approve = button(
                f"Approve {self._card.order}", self._send, "button primary", data_action="approve"
            )
            self._reason = (
                ui.input(placeholder="Reason to reject")
                .props('dense outlined aria-label="Reason to reject"')
                .classes("reason")
            )
            button("Reject", self._reject, "button", data_action="reject")
        self._answer = tag("div", classes="stack", aria_live="assertive")
        self._allow()

    def _allow(self) -> None:
        ready = all(box.value for box in self._boxes.values())
        self._approve.props.set_bool("disabled", not ready)

    async def _send(self) -> None:
        if not all(box.value for box in self._boxes.values()):
            return
        card = self._card
        await self._act(
            "cards.approve",
            {"card": card.id, "digest": card.digest, "acknowledge": list(self._boxes)},
            "Approving",
        )

    async def _reject(self) -> None:
        await self._act(
            "cards.reject", {"card": self._card.id, "reason": self._reason.value or ""}, "Rejecting"
        )

    async def _act(self, name: str, inputs: dict[str, Any], words: str) -> None:
        place = self._answer
        if place is None or self._busy:
            return
        self._busy = True
        place.clear()
        with place:
            try:
                with waiting(words):
                    drawn = await self._room.ask(name, inputs, request_id=self._request)
            except FondacoError as error:
                fault(told(error))
                return
            finally:
                self._busy = False
            self._tell(name, drawn)
        await self._changed()

    def _tell(self, name: str, drawn: Drawn) -> None:
        past = "approved" if name == "cards.approve" else "rejected"
        again = " It had been done before." if drawn.answer.repeated else ""
        with self._room.sheet.open(f"{self._card.id} {past}"):
            done(f"{self._card.order}: {past}.{again}")
            draw(self._room, drawn.blocks)

"""Ask: every goal of the catalogue, with a form drawn from its inputs."""

from itertools import groupby
from typing import Any

from nicegui.element import Element

from fondaco.core.capability import Capability, Effect
from fondaco.core.errors import FondacoError, NotFound, told
from fondaco.core.view import Chip, Tone
from fondaco.surfaces.web.draw import draw, fields
from fondaco.surfaces.web.follow import Follower
from fondaco.surfaces.web.forms import Form
from fondaco.surfaces.web.pages.parts import page_head
from fondaco.surfaces.web.room import Room
from fondaco.surfaces.web.tags import (
    button,
    chip_html,
    coded,
    done,
    fault,
    html,
    panel,
    tag,
    waiting,
)

_TONES = {Effect.READ: Tone.MUTED, Effect.WRITE: Tone.INFO, Effect.MONEY: Tone.WARNING}
_OWN_PAGES = {"cards.approve": "/cards", "backtest.run": "/backtest"}


def build_all(room: Room) -> None:
    """Draw the whole catalogue, by its first word."""
    page_head("Ask", "everything the desk can do; `fondaco` offers the same words")
    capabilities = sorted(room.desk.catalogue, key=lambda cap: cap.name)
    with tag("div", classes="goals"):
        for area, group in groupby(capabilities, key=lambda cap: cap.name.partition(".")[0]):
            with panel(area.capitalize()):
                for cap in group:
                    with tag("div", classes="goal"):
                        tag(
                            "a",
                            cap.name.replace(".", " ").replace("_", " "),
                            href=_OWN_PAGES.get(cap.name, f"/ask/{cap.name}"),
                        )
                        tag("span", cap.summary, "note")
                        html(chip_html(Chip(cap.effect.value, _TONES[cap.effect])), name="span")


class AskPage:
    """One goal: its form, then what came of it."""

    def __init__(self, room: Room, name: str) -> None:
        self._room = room
        self._name = name
        self._request = room.form_id()
        self._cap: Capability

    async def build(self) -> None:
        """Draw the form; a goal that only reads and asks for nothing is asked at once."""
        try:
            self._cap = self._room.desk.catalogue[self._name]
        except NotFound as error:
            page_head("Ask")
            fault(told(error))
            return
        page_head(self._name.replace(".", " "), self._cap.summary)
        with tag("div", classes="columns with-form"):
            with panel("Ask"):
                html(chip_html(Chip(self._cap.effect.value, _TONES[self._cap.effect])), name="span")
                self._form = Form(self._cap)
                money = self._cap.effect is Effect.MONEY
                button(
                    "Review" if money else "Ask",
                    self._review if money else self._send,
                    "button" if money else "button primary",
                    data_action="ask",
                )
            self._place = tag("div", classes="stack", aria_live="polite")
        needed = any(field.required for field in self._form.fields)
        if self._cap.effect is Effect.READ and not needed:
            self._room.refresh = self._send
            await self._send()

    def _review(self) -> None:
        values = self._form.values()
        self._place.clear()
        with self._place, panel("What will happen"):
            html(coded(self._cap.summary), "paragraph", name="p")
            fields((name, _words(value)) for name, value in values.items())
            place = tag("div", classes="stack")
            button(
                f"Confirm: {self._cap.name.replace('.', ' ')}",
                lambda: self._ask(values, place),
                "button primary",
                data_action="confirm",
            )

    async def _send(self) -> None:
        self._place.clear()
        with self._place:
            place = tag("div", classes="stack")
        await self._ask(self._form.values(), place)

    async def _ask(self, values: dict[str, Any], place: Element) -> None:
        place.clear()
        with place:
            try:
                with waiting("Asking"):
                    drawn = await self._room.ask(self._name, values, request_id=self._request)
            except FondacoError as error:
                fault(told(error))
                return
            if self._cap.effect is not Effect.READ:
                again = " It had been done before." if drawn.answer.repeated else ""
                done(f"Done: {self._name.replace('.', ' ')}.{again}")
            if self._cap.job is not None:
                Follower(self._room, str(drawn.data["id"]))
            else:
                draw(self._room, drawn.blocks)


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

"""The frame around every page: the rail, the top bar, the palette, the side sheet."""

from collections.abc import Callable
from typing import Any

from nicegui import Client, ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from fondaco.core.errors import FondacoError, told
from fondaco.core.view import Chip, Tone
from fondaco.surfaces.web.commands import Help, Palette
from fondaco.surfaces.web.draw import open_fact
from fondaco.surfaces.web.places import PLACES
from fondaco.surfaces.web.ports import Status
from fondaco.surfaces.web.room import Room
from fondaco.surfaces.web.tags import button, chip_html, fault, html, label_chip, tag

STATUS_SECONDS = 3.0


class Shell:
    """Draws the frame and answers the keys that are the same on every page."""

    def __init__(self, room: Room, routes: dict[str, Callable[..., Any]]) -> None:
        self._room = room
        self._palette = Palette(room)
        self._help = Help()
        self._links: dict[str, Element] = {}
        self._rail()
        self._top = tag("header", classes="top", role="banner")
        with tag("div", classes="main", id="main", role="main") as main:
            ui.sub_pages(routes, show_404=False)
        ui.skip_link("Skip to the page", target=main)
        _give_up_main(ui.context.client)
        self._mark(ui.context.client.sub_pages_router.current_path)
        ui.context.client.sub_pages_router.on_path_changed(self._changed)
        self._listen()
        with self._top:
            self._status_place = tag("div", classes="row status")
        self._draw_top(None, None)
        ui.timer(STATUS_SECONDS, self._look, immediate=True)

    def _rail(self) -> None:
        with tag("nav", classes="rail", aria_label="Pages"):
            tag("span", classes="brand", role="img", aria_label="Fondaco")
            for place in PLACES:
                with tag(
                    "a",
                    classes="" if place.narrow else "wide",
                    href=place.path,
                    data_letter=place.letter,
                ) as link:
                    tag("kbd", place.letter.upper(), aria_hidden="true")
                    tag("span", place.title)
                self._links[place.path] = link
            tag("span", classes="gap")
            with button("", self._settings, "wide", aria_label="Settings"):
                tag("kbd", "◐", aria_hidden="true")
                tag("span", "Look")
            with button("", self._help.open, "wide", aria_label="Keys"):
                tag("kbd", "?", aria_hidden="true")
                tag("span", "Keys")

    def _changed(self, path: str) -> None:
        self._room.rows.clear()
        self._room.refresh = self._room.changed = self._room.escape = None
        self._mark(path)

    def _mark(self, path: str) -> None:
        first = "/" + path.partition("?")[0].strip("/").partition("/")[0]
        for place, link in self._links.items():
            link.props.set_optional("aria-current", "page" if place == first else None)

    def _listen(self) -> None:
        ui.on("fondaco_palette", self._palette.open, args=[])
        ui.on("fondaco_help", self._help.open, args=[])
        ui.on("fondaco_refresh", lambda: self._call(self._room.refresh), args=[])
        ui.on("fondaco_escape", lambda: self._call(self._room.escape), args=[])
        ui.on("fondaco_row", self._row)
        ui.on("fondaco_fact", lambda e: open_fact(self._room, str(e.args["fact"])))

    async def _row(self, event: GenericEventArguments) -> None:
        opened = self._room.rows.get(str(event.args["list"]))
        if opened is not None:
            await self._call(lambda: opened(int(event.args["row"])))

    async def _call(self, action: Callable[[], Any] | None) -> None:
        result = action() if action is not None else None
        if result is not None and hasattr(result, "__await__"):
            await result

    async def _look(self) -> None:
        try:
            status = await self._room.view(self._room.views.status)
        except FondacoError as error:
            self._draw_top(self._room.status, error)
            return
        before, self._room.status = self._room.status, status
        if status != before:
            self._draw_top(status, None)
        if before is not None and status.change != before.change:
            await self._call(self._room.changed)

    def _draw_top(self, status: Status | None, error: FondacoError | None) -> None:
        place = self._top
        place.clear()
        with place:
            with button("", self._palette.open, "search", aria_label="Open the search"):
                tag("span", "Symbol, page or command")
                tag("kbd", "/")
            tag("span", classes="grow")
            if status is not None:
                _desk_facts(status)
            self._health(status, error)
            with button("", self._settings, "tool only-narrow", aria_label="Settings"):
                tag("span", "◐")

    def _health(self, status: Status | None, error: FondacoError | None) -> None:
        if error is not None:
            tone, words = "bad", "No answer"
        elif status is None:
            tone, words = "muted", "Connecting"
        else:
            tone = status.health.value
            words = {Tone.GOOD: "Healthy", Tone.WARNING: "Look"}.get(status.health, "Fault")
        with button(
            "",
            lambda: self._explain(status, error),
            f"health {tone}",
            aria_label=f"Health: {words}",
        ):
            tag("i")
            tag("span", words)

    def _explain(self, status: Status | None, error: FondacoError | None) -> None:
        with self._room.sheet.open("Health of the desk"):
            if error is not None:
                fault(told(error))
            elif status is not None:
                html(chip_html(Chip(status.health.value, status.health)), name="span")
                tag("p", status.health_detail)
                if status.stale:
                    html(chip_html(Chip("STALE", Tone.WARNING)), name="span")
                    tag("p", f"Prices are old: {status.stale}.")
            with tag("p"):
                tag("a", "Run every check", href="/ask/doctor").on(
                    "click", self._room.sheet.close, args=[]
                )

    def _settings(self) -> None:
        look = self._room.colours
        with self._room.sheet.open("How it looks"):
            for name, choices in (
                ("theme", ("dark", "light")),
                ("colours", ("standard", "colourblind")),
            ):
                with tag("div", classes="row"):
                    for choice in choices:
                        words = {"colourblind": "Blue and orange"}.get(choice, choice.capitalize())
                        button(
                            words,
                            lambda n=name, c=choice: ui.run_javascript(
                                f"window.fondaco.look('{n}', '{c}')"
                            ),
                        )
            tag(
                "p",
                f"Now {'dark' if look.dark else 'light'}. The choice is kept in this browser.",
                "note",
            )
            tag("a", "End this session", href="/login?leave=1", target="_self", download="")


def _give_up_main(client: Client) -> None:
    """Quasar wraps every page in a `main` of its own; a page has one such landmark, ours."""
    slot = client.content.parent_slot
    if slot is not None:
        slot.parent.props["role"] = "presentation"


def _desk_facts(status: Status) -> None:
    live = " live" if status.mode.upper() == "LIVE" else ""
    with tag("span", classes="fact-of-desk wide"):
        tag("small", "Account")
        tag("span", status.account)
    tag("span", status.mode.upper(), f"chip mode{live}")
    with tag("span", classes="fact-of-desk wide"):
        tag("small", "Market time, replay" if status.replay else "Market time")
        tag("span", _moment(status))
    if status.replay:
        html(chip_html(Chip("REPLAY", Tone.WARNING)), "wide", name="span")
    if status.stale:
        html(chip_html(Chip("STALE", Tone.WARNING)), name="span").props["title"] = status.stale
    label_chip(status.label)


def _moment(status: Status) -> str:
    if status.market_time is None:
        return "no price yet"
    return status.market_time.strftime("%Y-%m-%d %H:%M %Z").strip()

"""The command palette, and the list of keys."""

from nicegui import events, ui

from fondaco.core.errors import FondacoError
from fondaco.surfaces.web.places import PLACES, Found, entries, find
from fondaco.surfaces.web.room import Room
from fondaco.surfaces.web.tags import button, tag

KEYS = (
    ("/  or  Ctrl K", "search symbols, pages and commands"),
    ("g  then a letter", "go to a page"),
    ("j  k", "down and up in a list"),
    ("Enter", "open what is marked"),
    ("r", "read the page again"),
    ("Esc", "close, or go back to the list"),
    ("Tab", "next control"),
    ("?", "these keys"),
)


class Palette:
    """One palette for each tab: type, choose with the arrows, Enter opens."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._all: list[Found] = []
        self._found: list[Found] = []
        self._at = 0
        self._dialog = ui.dialog().props(
            'position=top transition-duration=0 aria-label="Command palette"'
        )
        with self._dialog, ui.card().classes("box palette"):
            self._entry = ui.input(placeholder="Symbol, page or command").props(
                'borderless autofocus aria-label="Search" autocomplete=off role=combobox '
                "aria-expanded=true aria-controls=found"
            )
            self._entry.on_value_change(self._search)
            for key, action in (("down", self._down), ("up", self._up), ("enter", self._enter)):
                self._entry.on(f"keydown.{key}.prevent", action, args=[])
            self._list = tag("ul", classes="found", id="found", role="listbox")
        self._dialog.on("show", lambda: self._entry.run_method("focus"), args=[])

    async def open(self) -> None:
        """Show the palette, empty, with all it knows."""
        if not self._all:
            try:
                listings = await self._room.view(self._room.views.listings)
            except FondacoError:
                listings = ()  # prices cannot be read now; pages and commands still can
            self._all = entries(self._room.desk.catalogue, listings)
        self._entry.value = ""
        self._show(find("", self._all))
        self._dialog.open()

    def _search(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        self._show(find(event.value or "", self._all))

    def _show(self, found: list[Found]) -> None:
        self._found, self._at = found, 0
        self._list.clear()
        with self._list:
            if not found:
                tag("li", "Nothing is called that. Try a symbol, a page or a verb.", "empty")
            for at, one in enumerate(found):
                with (
                    tag("li"),
                    tag(
                        "button",
                        classes="",
                        type="button",
                        role="option",
                        tabindex="-1",
                        aria_selected="true" if at == 0 else "false",
                    ) as line,
                ):
                    tag("span", one.words)
                    tag("span", one.what, "what")
                    tag("span", one.kind, "kind")
                line.on("click", lambda o=one: self._go(o), args=[])

    def _down(self) -> None:
        self._mark(self._at + 1)

    def _up(self) -> None:
        self._mark(self._at - 1)

    def _mark(self, at: int) -> None:
        if not self._found:
            return
        lines = [child.default_slot.children[0] for child in self._list.default_slot.children]
        lines[self._at].props["aria-selected"] = "false"
        self._at = at % len(lines)
        lines[self._at].props["aria-selected"] = "true"
        lines[self._at].run_method("scrollIntoView", {"block": "nearest"})

    def _enter(self) -> None:
        if self._found:
            self._go(self._found[self._at])

    def _go(self, one: Found) -> None:
        self._dialog.close()
        ui.navigate.to(one.path)


class Help:
    """The list of keys."""

    def __init__(self) -> None:
        self._dialog = ui.dialog().props('transition-duration=0 aria-label="Keys"')
        with self._dialog, ui.card().classes("box"):
            with tag("header"):
                tag("h2", "Keys")
                button("Close", self._dialog.close, "tool")
            with tag("div", classes="keys"):
                for keys, words in KEYS:
                    tag("kbd", keys)
                    tag("span", words)
                for place in PLACES:
                    tag("kbd", f"g {place.letter}")
                    tag("span", f"{place.title}: {place.purpose}")

    def open(self) -> None:
        """Show the keys."""
        self._dialog.open()

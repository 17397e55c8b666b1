"""A search in one row: a few inputs of a READ capability; what is given is kept in the address."""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from nicegui import ui

from fondaco.core.capability import Capability
from fondaco.surfaces.fields import Input, inputs_of
from fondaco.surfaces.web.tags import button, html, tag


class Search:
    """Draws the inputs that a capability has of those named, with what was given before."""

    def __init__(
        self,
        cap: Capability,
        names: Iterable[str],
        given: Mapping[str, str],
        on_search: Callable[[dict[str, str]], Any],
    ) -> None:
        known = {one.name: one for one in inputs_of(cap)}
        self._read: dict[str, Callable[[], Any]] = {}
        self._on_search = on_search
        with tag("div", classes="search-row", role="search", aria_label=cap.summary) as row:
            asked = [name for name in names if name in known]
            row.style(f"--fields:{len(asked)}")
            for name in asked:
                self._read[name] = self._field(known[name], given.get(name, ""))
            with tag("div", classes="row"):
                button("Search", self._send, "button", data_action="search")
                if any(given.get(name) for name in self._read):
                    button("Clear", lambda: on_search({}), "tool", data_action="clear")

    def _field(self, one: Input, first: str) -> Callable[[], Any]:
        title = one.name.replace("_", " ").capitalize()
        with tag("div", classes="field"):
            label = html(escape(title), name="label")
            if one.choices:
                choice = ui.select(
                    ["", *one.choices], value=first if first in one.choices else ""
                ).props("dense outlined options-dense")
                choice.props["aria-label"] = title
                choice.on_value_change(self._send)
                return lambda: choice.value
            entry = ui.input(value=first).props("dense outlined autocomplete=off")
            entry.props["data-field"] = one.name
            label.props["for"] = entry.html_id
            entry.on("keydown.enter", self._send, args=[])
            return lambda: entry.value

    def _send(self) -> None:
        given = {name: str(read() or "").strip() for name, read in self._read.items()}
        self._on_search({name: words for name, words in given.items() if words})

"""A form drawn from a capability's inputs."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from nicegui import ui

from fondaco.core.capability import Capability
from fondaco.surfaces.fields import Input, inputs_of
from fondaco.surfaces.web.tags import html, tag


def raw(field: Input, given: Any) -> Any:
    """Return what the person gave as an input for the door, None when nothing was given."""
    if field.flag:
        return bool(given)
    text = "" if given is None else str(given).strip()
    if not text:
        return None
    if field.many:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def first_words(field: Input, first: Any) -> str:
    """Return what stands in a field at first."""
    value = field.default if first is None else first
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    return "" if value is None else str(value)


class Form:
    """A form on the page. `values()` reads it; `start` gives what stands in it at first."""

    def __init__(self, cap: Capability, start: Mapping[str, Any] | None = None) -> None:
        self.fields = inputs_of(cap)
        self._read: dict[str, Callable[[], Any]] = {}
        given = start or {}
        plain = [
            f for f in self.fields if f.required or f.flag or first_words(f, given.get(f.name))
        ]
        rest = [field for field in self.fields if field not in plain]
        with tag("div", classes="form"):
            self._draw(plain, given)
            if not rest:
                return
            if plain:
                with tag("details"):
                    tag("summary", f"More: {', '.join(field.name for field in rest)}")
                    with tag("div", classes="form"):
                        self._draw(rest, given)
            else:
                self._draw(rest, given)

    def _draw(self, fields: list[Input], start: Mapping[str, Any]) -> None:
        for field in fields:
            with tag("div", classes="field"):
                self._read[field.name] = _draw(field, start.get(field.name))

    def values(self) -> dict[str, Any]:
        """Return the raw inputs that were given, by public name."""
        given = {field.name: raw(field, self._read[field.name]()) for field in self.fields}
        return {name: value for name, value in given.items() if value is not None}


def _draw(field: Input, first: Any) -> Callable[[], Any]:
    title = field.name.replace("_", " ").capitalize()
    if field.flag:
        box = ui.checkbox(title, value=bool(field.default if first is None else first))
        box.props("dense size=sm").props["data-field"] = field.name
        _note(field)
        return lambda: box.value
    words = first_words(field, first)
    need = "" if field.required else ' <span class="need">optional</span>'
    label = html(f"{escape(title)}{need}", name="label")
    if field.choices and not field.many:
        first_choice = field.choices[0] if field.required else None
        select = ui.select(
            list(field.choices), value=words or first_choice, clearable=not field.required
        ).props("dense outlined")
        select.props["aria-label"] = title
        _note(field)
        return lambda: select.value
    entry = ui.input(value=words).props("dense outlined autocomplete=off")
    entry.props["data-field"] = field.name
    label.props["for"] = entry.html_id
    _note(field)
    return lambda: entry.value


def _note(field: Input) -> None:
    several = "several by comma" if field.many else ""
    words = ", ".join(part for part in (field.description or field.bounds, several) if part)
    if words:
        tag("p", words, "note")

"""Plain HTML elements with text: what Quasar's widgets would only weigh down."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from fondaco.core.errors import ErrorBody
from fondaco.core.view import Chip, Tone
from fondaco.surfaces.web.words import shape_of

WAIT_SHOWN_TENTHS = 3
"""A call that takes longer than this shows how long it has taken, in tenths of a second."""


def tag(name: str, text: str = "", classes: str = "", **props: str) -> TextElement:
    """Create an element; a prop written with an underscore becomes an attribute with a dash."""
    element = TextElement(tag=name, text=text)
    if classes:
        element.classes(classes)
    with element.props.suspend_updates():
        for key, value in props.items():
            element.props[key.strip("_").replace("_", "-")] = value
    return element


def button(
    text: str, on_click: Callable[..., Any], classes: str = "button", **props: str
) -> TextElement:
    """Create a native button."""
    element = tag("button", text, classes, type="button", **props)
    element.on("click", on_click, args=[])
    return element


def html(content: str, classes: str = "", name: str = "div") -> Element:
    """Create an element from markup whose variable parts have been escaped by the caller."""
    return ui.html(content, sanitize=False, tag=name).classes(classes)


def coded(text: str) -> str:
    """Return text as markup, with what stands in backticks as code.

    >>> coded("`fondaco cards list` shows <all>")
    '<code>fondaco cards list</code> shows &lt;all&gt;'
    """
    parts = escape(text, quote=False).split("`")
    if len(parts) % 2 == 0:
        return "`".join(parts)
    return "".join(part if at % 2 == 0 else f"<code>{part}</code>" for at, part in enumerate(parts))


def chip_html(chip: Chip) -> str:
    """Return a chip as markup: its sign is hidden from screen readers, its word is not."""
    sign = shape_of(chip.word, chip.tone)
    mark = f'<span class="mark" aria-hidden="true">{sign}</span>' if sign else ""
    return f'<span class="chip {chip.tone.value}">{mark}{escape(chip.word)}</span>'


def label_chip(label: str) -> None:
    """Draw the word that says where data comes from; nothing where there is no data."""
    if label:
        tag("span", label, "chip label")


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel's own element, and the place for its tools, in its header."""

    section: Element
    tools: Element


@contextmanager
def panel(
    title: str, *, label: str = "", as_of: str = "", chips: Iterable[Chip] = (), main: bool = False
) -> Iterator[Panel]:
    """Open a panel to draw in."""
    with tag("section", classes="panel", aria_label=title) as section:
        if main:
            section.props["data-main"] = ""
        with tag("header"):
            tag("h2", title)
            for chip in chips:
                html(chip_html(chip), name="span")
            label_chip(label)
            if as_of:
                tag("span", as_of, "as-of")
            tools = tag("div", classes="tools")
        yield Panel(section, tools)


@contextmanager
def waiting(words: str = "Reading") -> Iterator[None]:
    """Show how long the call inside has taken, once it takes longer than 300 ms."""
    note = tag("p", "", "waiting", role="status")
    note.visible = False
    tenths = 0

    def tick() -> None:
        nonlocal tenths
        tenths += 1
        if tenths >= WAIT_SHOWN_TENTHS:
            note.text = f"{words} · {tenths / 10:.1f} s"
            note.visible = True

    timer = ui.timer(0.1, tick)
    try:
        yield
    finally:
        timer.cancel()
        if not note.is_deleted:
            note.delete()


_TITLES = {
    "invalid_input": "Not valid",
    "not_found": "Not found",
    "refused": "Refused",
    "conflict": "Refused: it has changed or was done before",
    "unavailable": "Not available now",
    "cancelled": "Cancelled",
}


def fault(body: ErrorBody) -> None:
    """Draw an error: what, why, what to do."""
    warning = " warning" if body.code in {"unavailable", "not_found"} else ""
    with tag("section", classes=f"fault{warning}", role="alert"):
        tag("h2", _TITLES.get(body.code, "The desk failed"))
        bounds = [
            f"{name} {value}"
            for name, value in (("given:", body.value), ("allowed:", body.bound))
            if value
        ]
        html(coded(". ".join([body.reason.rstrip("."), *bounds]) + "."), name="p")
        if body.remedy:
            html(coded(body.remedy), "remedy", name="p")


def done(words: str) -> None:
    """Draw what did happen, after an action."""
    html(coded(words), "done", name="p").props('role="status"')


def tone_class(tone: Tone) -> str:
    """Return the style class of a tone."""
    return "" if tone is Tone.PLAIN else tone.value

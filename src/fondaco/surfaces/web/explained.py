"""An explanation on the page: each number in it opens the rows that it came from."""

from collections.abc import Mapping
from typing import Any

from nicegui.element import Element

from fondaco.core.errors import FondacoError, told
from fondaco.surfaces.web.draw import draw, fact_button
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.tags import button, coded, fault, html, panel, tag, waiting


def draw_explanation(room: Room, subject: str) -> None:
    """Draw a panel that explains a card or a backtest when asked to."""
    with panel(f"Why {subject}") as box:
        place = tag("div", classes="stack", aria_live="polite")
    with place:
        tag("p", "Every number in the explanation opens its source rows.", "note")
    with box.tools:
        press = button(
            "Explain",
            lambda: _explain(room, subject, place),
            "tool",
            aria_label=f"Explain {subject}",
        )
        press.props["data-explain"] = subject


async def _explain(room: Room, subject: str, place: Element) -> None:
    place.clear()
    with place:
        try:
            with waiting("Explaining"):
                drawn = await room.ask("explain", {"id": subject})
        except FondacoError as error:
            fault(told(error))
        else:
            _draw(room, drawn)


def _draw(room: Room, drawn: Drawn) -> None:
    passages = drawn.data.get("passages") if isinstance(drawn.data, Mapping) else None
    if not passages:
        draw(room, drawn.blocks)
        return
    for passage in passages:
        tag("h3", passage["heading"], "paragraph head")
        html(" ".join(sentence_html(s) for s in passage["sentences"]), "paragraph", name="p")


def sentence_html(sentence: Mapping[str, Any]) -> str:
    """Return a sentence as markup, each of its facts as a button that opens it.

    >>> sentence_html({"text": "It fell.", "spans": []})
    'It fell.'
    """
    text, result, last = sentence["text"], "", 0
    for span in sentence["spans"]:
        if span["kind"] != "fact":
            continue
        result += coded(text[last : span["start"]])
        result += fact_button(span["ref"], text[span["start"] : span["end"]])
        last = span["end"]
    return result + coded(text[last:])

"""The way of a number down to the bytes it came in: number, row, ingest, raw answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from fondaco.core.view import Block, Card, Table
from fondaco.surfaces.web.draw import draw, draw_table, fields, row_sheet
from fondaco.surfaces.web.grid import words_in
from fondaco.surfaces.web.room import Room
from fondaco.surfaces.web.tags import chip_html, coded, html, panel, tag

Pairs = tuple[tuple[str, str], ...]
INGEST, RAW = "Ingest", "Raw answer"
"""The fields with which the second and the third step of a row's way begin."""
BRIEF = ("Let in by", "Asked of", RAW, "Place", "Came at")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way, with its fields."""

    title: str
    fields: Pairs


def steps(card: Card) -> tuple[Step, ...]:
    """Return a row's way: the row itself, its ingest, its raw answer; steps without fields go.

    >>> card = Card("bars_1d", (("close", "1.5"), ("Ingest", "01a2"), ("Raw answer", "a.csv")))
    >>> [step.title for step in steps(card)]
    ['Row of the store', 'Ingest', 'Raw answer']
    """
    names = [name for name, _ in card.fields]
    raw = names.index(RAW) if RAW in names else len(names)
    ingest = names.index(INGEST) if INGEST in names else raw
    parts = (
        ("Row of the store", card.fields[:ingest]),
        (INGEST, card.fields[ingest:raw]),
        (RAW, card.fields[raw:]),
    )
    return tuple(Step(title, pairs) for title, pairs in parts if pairs)


def lineage_place(**asked: str | None) -> str:
    """Return the place that follows a fact, a card, or the row of a symbol.

    >>> lineage_place(fact="F-0123456789abcdef", on=None)
    '/data?view=lineage&fact=F-0123456789abcdef'
    """
    return f"/data?{urlencode({'view': 'lineage'} | {k: v for k, v in asked.items() if v})}"


def draw_lineage(room: Room, blocks: Iterable[Block]) -> None:
    """Draw the numbers, then of each row its way, step by step, with what reading it again says."""
    for block in blocks:
        if isinstance(block, Card) and len(steps(block)) > 1:
            draw_way(block)
        elif isinstance(block, Table):
            draw_table(room, block, main=True, on_row=partial(_follow, room, block))
        else:
            draw(room, [block])


def _follow(room: Room, table: Table, row: int) -> None:
    """Follow the fact of a number; one that was not kept as a fact opens its sheet."""
    fact = words_in(table, row, "Fact")
    if fact.startswith("F-"):
        ui.navigate.to(lineage_place(fact=fact))
    else:
        row_sheet(room, table, row)


def draw_brief(card: Card, title: str, place: str) -> None:
    """Draw where one row comes from in a few lines, with the way to all of it."""
    with panel(title, label=card.label) as box:
        with box.tools:
            tag("a", "Follow", "tool", href=place, aria_label=f"{title}: follow its rows")
        _verdicts(card)
        last = steps(card)[0].fields[-1:]
        fields((("Row", card.title), *last, *(f for f in card.fields if f[0] in BRIEF)))


def _verdicts(card: Card) -> None:
    for chip in card.chips:
        with tag("p", classes="row verdict-line"):
            html(chip_html(chip), name="span")
            html(coded(chip.detail), name="span")


def draw_way(card: Card) -> None:
    """Draw one row's way in a panel: its verdict in words, then the steps with arrows between."""
    with panel(card.title, label=card.label):
        _verdicts(card)
        with tag("ol", classes="way", aria_label=f"Way of {card.title}"):
            for step in steps(card):
                with tag("li"):
                    tag("h3", step.title)
                    fields(step.fields)

"""A quote on the page: its numbers in figures, its freshness as a chip, its doubts in words."""

from collections.abc import Iterable

from fondaco.core.view import Block, Chip, Table, Tone, show
from fondaco.surfaces.web.draw import draw, fields, figures
from fondaco.surfaces.web.grid import heading
from fondaco.surfaces.web.room import Room
from fondaco.surfaces.web.tags import panel, tag
from fondaco.surfaces.web.words import tone_of

FRESHNESS = "Freshness"
NUMBERS = ("number", "money", "percent")
FIRST = ("Last", "Change", "Bid", "Ask", "Volume")
HIDDEN = ("Symbol", "Currency")
Pairs = list[tuple[str, str]]


def freshness_chip(words: str) -> Chip:
    """Return how fresh a quote is as a chip, with all its words as detail.

    >>> freshness_chip("not a quote: the stored close of 2022-12-28").word
    'NOT A QUOTE'
    """
    if words.startswith("as known at"):
        return Chip("AS KNOWN", Tone.MUTED, words)
    word = words.partition(": ")[0].partition(", ")[0].upper()
    return Chip(word, tone_of(word), words)


def figures_of(table: Table) -> tuple[Pairs, Pairs]:
    """Return the only row of a table as figures and as fields; what is not known is left out."""
    cells = {
        column.title: (column, show(column, cell))
        for column, cell in zip(table.columns, table.rows[0], strict=True)
        if cell is not None and column.title not in (*HIDDEN, FRESHNESS)
    }
    order = [*(title for title in FIRST if title in cells), *(t for t in cells if t not in FIRST)]
    numbers = [
        (heading(cells[title][0]), cells[title][1])
        for title in order
        if cells[title][0].kind in NUMBERS
    ]
    rest = [(title, cells[title][1]) for title in order if cells[title][0].kind not in NUMBERS]
    return numbers, rest


def lines_of(table: Table) -> Pairs:
    """Return each row as the words of its first column, and those of the others in a line."""
    return [
        (show(table.columns[0], row[0]), ": ".join(map(show, table.columns[1:], row[1:])))
        for row in table.rows
    ]


def draw_quote(room: Room, blocks: Iterable[Block]) -> None:
    """Draw the quote of one symbol; what was tried stands folded below."""
    for block in blocks:
        if not isinstance(block, Table) or len(block.rows) == 0:
            draw(room, [block])
        elif any(column.title == FRESHNESS for column in block.columns):
            _quote(block)
        else:
            with tag("details", classes="panel slim tried"):
                tag("summary", f"{block.title}: {len(block.rows)} sources")
                fields(lines_of(block))


def _quote(table: Table) -> None:
    at = [column.title for column in table.columns].index(FRESHNESS)
    chip = freshness_chip(show(table.columns[at], table.rows[0][at]))
    currency = next(
        (
            str(cell)
            for column, cell in zip(table.columns, table.rows[0], strict=True)
            if column.title == "Currency" and cell
        ),
        "",
    )
    with panel("Quote", label=table.label, as_of=currency, chips=[chip]):
        numbers, rest = figures_of(table)
        with tag("div", classes="columns lead quote"):
            figures(numbers)
            fields([(FRESHNESS, chip.detail), *rest])

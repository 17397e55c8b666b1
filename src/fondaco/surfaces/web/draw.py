"""Draws the four kinds of block, so that any capability's result can be shown."""

import re
from collections.abc import Callable, Iterable
from functools import partial
from html import escape
from typing import Any

from nicegui import ui
from nicegui.elements.aggrid import AgGrid

from fondaco.core.errors import FondacoError, told
from fondaco.core.view import Block, Card, Chart, Chip, Table, Text, show
from fondaco.surfaces.web.charting import chart_panel
from fondaco.surfaces.web.grid import (
    TICKED,
    file_name,
    grid_options,
    grid_pixels,
    heading,
    table_csv,
)
from fondaco.surfaces.web.room import Room
from fondaco.surfaces.web.tags import (
    button,
    chip_html,
    coded,
    fault,
    html,
    label_chip,
    panel,
    tag,
    tone_class,
    waiting,
)
from fondaco.surfaces.web.words import named_place, tone_of

_HEX64 = re.compile(r"^[0-9a-f]{64}$")
_NUMBER = re.compile(  # neither a part of a date or time, nor of a name
    r"(?<![\w.-])(?<!\d:)[-−+]?\d+(?:,\d{3})*(?:\.\d+)?(?![\w-]|:\d|\.\d)(?: ?%| bps)?"
)
LONG_VALUE_CHARS = 18
LINEAGE = "market.lineage"
Opened = Callable[[int], Any]
Ticked = Callable[[list[int]], Any]


def draw(room: Room, blocks: Iterable[Block], *, whole: bool = False) -> None:
    """Draw blocks below each other; `whole` tables keep every column and scroll sideways."""
    for block in blocks:
        if isinstance(block, Text):
            draw_text(block)
        elif isinstance(block, Table):
            draw_table(room, block, whole=whole)
        elif isinstance(block, Card):
            draw_card(room, block)
        else:
            draw_chart(room, block)


def draw_chart(room: Room, chart: Chart, *, pixels: int = 0, first: str = "All") -> None:
    """Draw a chart; the table of its numbers keeps every column. `first` names the range shown."""
    chart_panel(room, chart, partial(draw_grid, room, whole=True), pixels=pixels, first=first)


def draw_text(block: Text) -> None:
    """Draw a paragraph; a number that points at a fact opens it."""
    html(linked(block), f"paragraph {tone_class(block.tone)}", name="p")


def linked(block: Text) -> str:
    """Return a paragraph as markup, each number with the fact it points at.

    Where numbers and facts cannot be told apart one by one, the facts follow the text.
    """
    found = list(_NUMBER.finditer(block.text))
    if not block.fact_ids:
        return coded(block.text)
    if len(found) != len(block.fact_ids):
        marks = " ".join(fact_button(ref, f"[{at}]") for at, ref in enumerate(block.fact_ids, 1))
        return f"{coded(block.text)} {marks}"
    text, last = "", 0
    for match, ref in zip(found, block.fact_ids, strict=True):
        text += coded(block.text[last : match.start()]) + fact_button(ref, match[0])
        last = match.end()
    return text + coded(block.text[last:])


def fact_button(fact: str, words: str) -> str:
    """Return markup that opens a fact's source rows."""
    return (
        f'<button type="button" class="fact" data-fact="{escape(fact)}" '
        f'title="{escape(fact)}">{escape(words)}</button>'
    )


def draw_card(room: Room, block: Card) -> None:
    """Draw a card: a titled list of fields with chips."""
    with panel(block.title, label=block.label):
        if block.chips:
            draw_chips(room, block.chips)
        fields(block.fields)
        if block.footer:
            html(coded(block.footer), "footer", name="p")


def draw_chips(room: Room, chips: Iterable[Chip]) -> None:
    """Draw chips; one with a detail opens it in the side sheet."""
    with tag("div", classes="chips"):
        for chip in chips:
            if not chip.detail:
                html(chip_html(chip), name="span")
                continue
            press = html(chip_html(chip), "bare", name="button")
            press.props(f'type=button aria-label="{escape(chip.word)}: explain"')
            press.on("click", lambda c=chip: _explain(room, c), args=[])


def _explain(room: Room, chip: Chip) -> None:
    with room.sheet.open(chip.word):
        html(chip_html(chip), name="span")
        html(coded(chip.detail), "paragraph", name="p")


def fields(pairs: Iterable[tuple[str, str]], classes: str = "fields") -> None:
    """Draw names with their values."""
    with tag("dl", classes=classes):
        for name, words in pairs:
            tag("dt", name)
            html(value_html(words, name), name="dd")


def figures(pairs: Iterable[tuple[str, str]]) -> None:
    """Draw the few numbers that matter, large, in a row."""
    with tag("dl", classes="figures"):
        for name, words in pairs:
            with tag("div"):
                tag("dt", name)
                shown = value_html(words, name) if named_place(name, words) else _with_unit(words)
                html(shown, "long" if len(words) > LONG_VALUE_CHARS else "", "dd")


def _with_unit(words: str) -> str:
    number, space, unit = words.rpartition(" ")
    if space and len(unit) == 3 and unit.isalpha() and unit.isupper():
        return f"{escape(number)} <small>{escape(unit)}</small>"
    return escape(words)


def value_html(words: str, name: str = "") -> str:
    """Return a named value as markup: ids as links, digests in groups, code as code."""
    place = named_place(name, words)
    if place:
        return f'<a class="ident" href="{escape(place)}">{escape(words)}</a>'
    if _HEX64.match(words):
        return digest_html(words)
    if words.startswith("F-"):
        return fact_button(words, words)
    return coded(words)


def digest_html(digest: str) -> str:
    """Return a whole digest in groups of eight, so that a person can compare it."""
    groups = " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))
    return f'<span class="digest" data-digest="{digest}">{groups}</span>'


def draw_table(
    room: Room,
    block: Table,
    *,
    on_row: Opened | None = None,
    main: bool = False,
    on_tick: Ticked | None = None,
    whole: bool = False,
    marked: int | None = None,
) -> None:
    """Draw a table in its panel, with its label and its CSV; `marked` is the row that is open."""
    with panel(block.title, label=block.label, main=main) as box:
        if not block.rows:
            html(coded(block.empty), "empty", name="p")
            return
        with box.tools:
            button(
                "CSV", lambda: download(block), "tool", aria_label=f"Download {block.title} as CSV"
            )
        draw_grid(room, block, on_row=on_row, on_tick=on_tick, whole=whole, marked=marked)


def download(block: Table) -> None:
    """Download a table as CSV, in full precision."""
    ui.download(table_csv(block).encode(), file_name(block.title, block.label, "csv"), "text/csv")


def draw_grid(
    room: Room,
    block: Table,
    *,
    on_row: Opened | None = None,
    on_tick: Ticked | None = None,
    whole: bool = False,
    marked: int | None = None,
) -> AgGrid:
    """Draw a table's rows as a grid; a row opens by click or Enter, by default its sheet.

    With `on_tick` rows have boxes, and it is called with all that are ticked.
    """
    options = grid_options(block, whole=whole)
    if on_tick is not None:
        options |= TICKED
    grid = AgGrid(options, theme="quartz", auto_size_columns=False)
    if on_tick is not None:
        _tell_ticks(grid, on_tick)
    key = f"list-{grid.id}"
    options = grid.options
    options["context"] = {"list": key, "title": block.title, "keep": whole}
    options[":onRowClicked"] = "p => window.fondaco.open(p)"
    options[":onCellKeyDown"] = "p => window.fondaco.enter(p)"
    if marked is not None:
        options["rowClassRules"] = {"marked": f"data.i === {marked:d}"}
        options[":onFirstDataRendered"] = f"p => p.api.ensureIndexVisible({marked:d}, 'middle')"
    if not whole:
        room.rows[key] = on_row or (lambda row: row_sheet(room, block, row))
    grid.style(
        f"height:{'auto' if options['domLayout'] == 'autoHeight' else grid_pixels(block)}"
        + ("" if options["domLayout"] == "autoHeight" else "px")
    )
    grid.props["aria-label"] = block.title
    return grid


def _tell_ticks(grid: AgGrid, on_tick: Ticked) -> None:
    async def tell() -> None:
        on_tick(sorted(int(row["i"]) for row in await grid.get_selected_rows()))

    grid.on("selectionChanged", tell, args=[])


def row_sheet(room: Room, block: Table, row: int) -> None:
    """Open one row beside the page: every column with its words."""
    with room.sheet.open(f"{block.title}: {show(block.columns[0], block.rows[row][0])}"):
        row_fields(block, row)


def row_fields(block: Table, row: int) -> None:
    """Draw a row's columns below each other, each with its words, and the data's label."""
    with tag("div"):
        label_chip(block.label)
    with tag("dl", classes="fields"):
        for column, cell in zip(block.columns, block.rows[row], strict=True):
            tag("dt", heading(column))
            words = show(column, cell)
            content = (
                chip_html(Chip(words, tone_of(words, column.title)))
                if column.kind == "chip"
                else value_html(words, column.title)
            )
            html(content, name="dd")


async def open_fact(room: Room, fact: str) -> None:
    """Open a fact beside the page: its value, unit and method, then its source rows."""
    with room.sheet.open("Where this number comes from"):
        place = tag("div", classes="stack")
    with place:
        try:
            with waiting("Reading the source rows"):
                drawn = await room.ask("facts.show", {"fact": fact})
        except FondacoError as error:
            fault(told(error))
        else:
            draw(room, drawn.blocks, whole=True)
            if room.knows(LINEAGE):
                with tag("p"):
                    tag("a", "Where from?", href=f"/data?fact={fact}").on(
                        "click", room.sheet.close, args=[]
                    )

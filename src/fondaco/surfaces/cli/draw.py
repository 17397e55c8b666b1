"""Blocks on a terminal: tables that fit, chips with words, charts in braille with numbers."""

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table as Grid
from rich.text import Text as Words

from fondaco.core.text import extremes, headed, values, visible
from fondaco.core.view import (
    Block,
    Card,
    Cell,
    Chart,
    Column,
    Series,
    Table,
    Text,
    Tone,
    happened,
    reach,
    show,
)
from fondaco.surfaces.cli.cloud import cloud_lines
from fondaco.surfaces.cli.plot import braille

STYLES = {
    Tone.PLAIN: "",
    Tone.MUTED: "dim",
    Tone.GOOD: "green",
    Tone.BAD: "red",
    Tone.WARNING: "yellow",
    Tone.INFO: "blue",
}
_RIGHT = {"number", "money", "percent"}
_WHOLE = {"id", "chip", "day", *_RIGHT}
_GAP = 3
_TEXT_WIDTH_MIN = 14
PLOT_HEIGHT = 8
PLOT_WIDTH_MAX = 100


def output_console() -> Console:
    """Return a console on standard output, without colour where it is not a terminal."""
    return Console(highlight=False, markup=False, emoji=False)


def draw(blocks: Iterable[Block], console: Console) -> None:
    """Print blocks, a blank line between them."""
    for number, block in enumerate(blocks):
        if number:
            console.print()
        console.print(rendered(block, console.width))


def rendered(block: Block, width: int) -> RenderableType:
    """Return a block as rich draws it within a width."""
    if isinstance(block, Text):
        return _text(block)
    if isinstance(block, Table):
        return _table(block, width)
    if isinstance(block, Chart):
        return _chart(block, width)
    return _card(block)


def _words(text: str, style: str = "") -> Words:
    return Words(visible(text), style)


def _title(title: str, label: str) -> Words:
    return _words(headed(title, label), "bold")


def _text(block: Text) -> Words:
    words = _words(block.text, STYLES[block.tone])
    if block.fact_ids:
        words.append(f" [{', '.join(map(visible, block.fact_ids))}]", "dim")
    return words


def _table(table: Table, width: int) -> RenderableType:
    title = _title(table.title, table.label)
    if not table.rows:
        return Group(title, _words(table.empty, "dim"))
    cells = [
        [_cell(c, cell) for c, cell in zip(table.columns, row, strict=True)] for row in table.rows
    ]
    return Group(title, *(_grid(table, cells, places) for places in _pieces(table, cells, width)))


def _grid(table: Table, cells: list[list[Words]], places: list[int]) -> Grid:
    grid = Grid(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for place in places:
        column = table.columns[place]
        grid.add_column(
            _words(_head(column)),
            justify="right" if column.kind in _RIGHT else "left",
            overflow="fold",
            no_wrap=column.kind in _WHOLE,
        )
    for row in cells:
        grid.add_row(*(row[place] for place in places))
    return grid


def _pieces(table: Table, cells: list[list[Words]], width: int) -> list[list[int]]:
    """Return the columns in pieces that fit side by side; each piece begins with the first.

    A number is never cut short: what does not fit goes below, beside its row's first column.
    """
    needs = [
        _need(column, [row[place] for row in cells]) for place, column in enumerate(table.columns)
    ]
    pieces, used = [[0]], needs[0]
    for place in range(1, len(needs)):
        if used + _GAP + needs[place] > width and len(pieces[-1]) > 1:
            pieces.append([0])
            used = needs[0]
        pieces[-1].append(place)
        used += _GAP + needs[place]
    return pieces


def _need(column: Column, cells: list[Words]) -> int:
    head = len(_head(column)) if column.kind in _WHOLE else max(map(len, _head(column).split()))
    widest = max((cell.cell_len for cell in cells), default=0)
    return max(head, widest if column.kind in _WHOLE else min(widest, _TEXT_WIDTH_MIN))


def _head(column: Column) -> str:
    return f"{column.title} [{column.unit}]" if column.unit else column.title


def _cell(column: Column, cell: Cell) -> Words:
    text = show(column, cell)
    if column.signed and text[:1] in "+-" and text.strip("+-0., %"):
        return _words(text, STYLES[Tone.GOOD if text[0] == "+" else Tone.BAD])
    return _words(text, "bold" if column.kind == "chip" else "")


def _card(card: Card) -> RenderableType:
    parts: list[RenderableType] = [_title(card.title, card.label)]
    if card.chips:
        parts.append(_chips(card))
    fields = Grid.grid(padding=(0, 2))
    fields.add_column(style="dim", no_wrap=True)
    fields.add_column(overflow="fold")
    for name, value in card.fields:
        fields.add_row(_words(name), _words(value))
    parts.append(fields)
    if card.footer:
        parts.append(_words(card.footer, "dim"))
    return Group(*parts)


def _chips(card: Card) -> Grid:
    grid = Grid.grid(padding=(0, 2))
    for chip in card.chips:
        style = f"{STYLES[chip.tone]} reverse".strip()
        grid.add_row(_words(f" {chip.word} ", style), _words(chip.detail))
    return grid


def _chart(chart: Chart, width: int) -> RenderableType:
    span, title = reach(chart), _title(chart.title, chart.label)
    axis = f"{span}; {chart.y_title}" if chart.y_title else span
    parts: list[RenderableType] = [title, _words(axis, "dim")]
    if chart.paired:
        lines = cloud_lines(chart, min(width, PLOT_WIDTH_MAX), PLOT_HEIGHT)
        parts += [Words(visible(line), no_wrap=True, overflow="fold") for line in lines]
        return Group(*parts)
    for series in chart.series:
        parts += _series(series, min(width, PLOT_WIDTH_MAX))
    if chart.marks:
        parts.append(_words(happened(chart), "dim"))
    return Group(*parts)


def _series(series: Series, width: int) -> list[RenderableType]:
    rows = braille(values(series), width, PLOT_HEIGHT)
    plot = [Words("\n".join(rows), no_wrap=True, overflow="crop")] if rows else []
    return [*plot, _words(f"{series.name}: {extremes(series)}")]

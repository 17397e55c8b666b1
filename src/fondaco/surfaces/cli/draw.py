"""Blocks on a terminal: tables that fit, chips with words, charts in braille with numbers."""

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table as Grid
from rich.text import Text as Words

from fondaco.core.text import extremes, headed, values, visible
from fondaco.core.view import Block, Card, Cell, Chart, Column, Series, Table, Text, Tone, show
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
        return _table(block)
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


def _table(table: Table) -> RenderableType:
    title = _title(table.title, table.label)
    if not table.rows:
        return Group(title, _words(table.empty, "dim"))
    grid = Grid(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for column in table.columns:
        head = f"{column.title} [{column.unit}]" if column.unit else column.title
        grid.add_column(
            _words(head),
            justify="right" if column.kind in _RIGHT else "left",
            overflow="fold",
            no_wrap=column.kind in _WHOLE,
        )
    for row in table.rows:
        grid.add_row(*(_cell(c, cell) for c, cell in zip(table.columns, row, strict=True)))
    return Group(title, grid)


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
    span = f"{chart.x[0]} to {chart.x[-1]}, {len(chart.x):,} points" if chart.x else "no points"
    title = _title(chart.title, chart.label)
    axis = f"{span}; {chart.y_title}" if chart.y_title else span
    parts: list[RenderableType] = [title, _words(axis, "dim")]
    for series in chart.series:
        parts += _series(series, min(width, PLOT_WIDTH_MAX))
    return Group(*parts)


def _series(series: Series, width: int) -> list[RenderableType]:
    rows = braille(values(series), width, PLOT_HEIGHT)
    plot = [Words("\n".join(rows), no_wrap=True, overflow="crop")] if rows else []
    return [*plot, _words(f"{series.name}: {extremes(series)}")]

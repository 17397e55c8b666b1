"""Blocks as plain text: for language models, logs and pipes."""

import re
from collections.abc import Iterable, Sequence
from math import isfinite

from fondaco.core.view import Block, Card, Chart, Series, Table, Text, extent, happened, reach, show

SPARK = "▁▂▃▄▅▆▇█"
SPARK_WIDTH = 48
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_RIGHT = {"number", "money", "percent"}


def visible(text: str) -> str:
    """Return a text without control characters: data must not move a terminal's cursor.

    >>> visible("red \\x1b[31m alert\\n")
    'red �[31m alert\\n'
    """
    return _CONTROL.sub("\ufffd", text)


def plain(blocks: Iterable[Block]) -> str:
    """Return blocks as text, a blank line between them."""
    return "\n\n".join(visible(_block(block)) for block in blocks)


def _block(block: Block) -> str:
    if isinstance(block, Text):
        facts = f" [{', '.join(block.fact_ids)}]" if block.fact_ids else ""
        return f"{block.text}{facts}"
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Chart):
        return _chart(block)
    return _card(block)


def headed(title: str, label: str) -> str:
    """Return a title with the label of the data's origin, where there is one.

    >>> headed("Prices", "bundled")
    'Prices (bundled)'
    """
    return f"{title} ({label})" if label else title


def _table(table: Table) -> str:
    title = headed(table.title, table.label)
    if not table.rows:
        return f"{title}\n{table.empty}"
    heads = [f"{c.title} [{c.unit}]" if c.unit else c.title for c in table.columns]
    cells = [
        [show(c, cell) for c, cell in zip(table.columns, row, strict=True)] for row in table.rows
    ]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    right = [column.kind in _RIGHT for column in table.columns]
    lines = [_line(heads, widths, right), "  ".join("-" * width for width in widths)]
    return "\n".join([title, *lines, *(_line(row, widths, right) for row in cells)])


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    aligned = (
        cell.rjust(width) if to_right else cell.ljust(width)
        for cell, width, to_right in zip(cells, widths, right, strict=True)
    )
    return "  ".join(aligned).rstrip()


def _card(card: Card) -> str:
    lines = [headed(card.title, card.label)]
    lines += [f"[{chip.word}] {chip.detail}".rstrip() for chip in card.chips]
    width = max((len(name) for name, _ in card.fields), default=0)
    lines += [f"{name.ljust(width)}  {value}" for name, value in card.fields]
    return "\n".join([*lines, card.footer] if card.footer else lines)


def _chart(chart: Chart) -> str:
    lines = [headed(chart.title, chart.label), reach(chart)]
    if chart.paired:
        y = f"; y: {chart.y_title}" if chart.y_title else ""
        return "\n".join([lines[0], lines[1] + y, *(_pairs(s) for s in chart.series)])
    lines += [f"{s.name}: {sparkline(values(s))}  {extremes(s)}" for s in chart.series]
    lines += [happened(chart)] if chart.marks else []
    return "\n".join(lines)


def _pairs(series: Series) -> str:
    """Return a series of pairs in words; a curve also with its shape, in its order."""
    shape = "" if series.kind == "scatter" else f"{sparkline(values(series))}  "
    return f"{series.name}: {shape}{extent(series)}"


def values(series: Series) -> list[float | None]:
    """Return one number per point, a candle by its close, a pair by its y; None for none or NaN."""
    numbers = (v[1] if isinstance(v, tuple) else v for v in series.values)
    return [v if v is not None and isfinite(v) else None for v in numbers]


def extremes(series: Series) -> str:
    """Return a series' first, lowest, highest and last number in words.

    >>> extremes(Series("a", (2.0, 1.0, None, 4.0)))
    'first 2, low 1, high 4, last 4'
    """
    known = [v for v in values(series) if v is not None]
    if not known:
        return "no values"
    words = (("first", known[0]), ("low", min(known)), ("high", max(known)), ("last", known[-1]))
    return ", ".join(f"{name} {value:,.6g}" for name, value in words)


def sparkline(numbers: Sequence[float | None], width: int = SPARK_WIDTH) -> str:
    """Return numbers as a row of bars, the last of each bucket where there are too many.

    >>> sparkline([0, 1, None, 7])
    '▁▂ █'
    """
    shown = thinned(numbers, width)
    known = [v for v in shown if v is not None]
    if not known:
        return ""
    low, span = min(known), max(known) - min(known)
    steps = len(SPARK) - 1
    return "".join(
        " " if v is None else SPARK[round((v - low) / span * steps) if span else steps // 2]
        for v in shown
    )


def thinned(numbers: Sequence[float | None], width: int) -> list[float | None]:
    """Return at most `width` numbers: the last of each of as many equal spans."""
    count = len(numbers)
    if count <= width:
        return list(numbers)
    return [numbers[(i + 1) * count // width - 1] for i in range(width)]

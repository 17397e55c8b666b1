"""The pieces of a report: sections with a chart, tables, numbers in words."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape

from fondaco.backtest.svg import Line, legend
from fondaco.core.view import Block, Card, Table, Text, Tone, show

GAIN, LOSS, INFO, MUTED, WARN = (
    f"var(--{name})" for name in ("gain", "loss", "info", "muted", "warn")
)


def section(title: str, label: str, inside: str, note: str = "") -> str:
    """Return a section with its title and the data's label; what is inside is HTML already."""
    below = f"<p class='note'>{escape(note)}</p>" if note else ""
    return (
        f"<section><h2>{escape(title)} <span class='chip'>{escape(label)}</span></h2>"
        f"{inside}{below}</section>"
    )


def panel_part(lines: Sequence[Line], chart: str) -> str:
    """Return a chart below its legend."""
    return f"<p class='legend'>{legend(lines)}</p><div class='scroll'>{chart}</div>"


def panel(title: str, label: str, lines: Sequence[Line], chart: str) -> str:
    """Return a chart in a section of its own."""
    return section(title, label, panel_part(lines, chart))


def table(
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    classes: str = "",
    empty: str = "",
    note: str = "",
) -> str:
    """Return a table; its cells are HTML already, its title and heads are not."""
    if not rows:
        return f"<section><h2>{escape(title)}</h2><p class='note'>{escape(empty)}</p></section>"
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in heads)
    body = "".join(
        f"<tr><th scope='row'>{first}</th>" + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>"
        for first, *rest in rows
    )
    return (
        f"<section><h2>{escape(title)}</h2><div class='scroll'><table class='{classes}'>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f"{f'<p class=note>{escape(note)}</p>' if note else ''}</section>"
    )


def price(price: Decimal) -> str:
    """Return a price with the decimals that it has, at least two."""
    places = max(2, -int(price.normalize().as_tuple().exponent))
    return f"{price:,.{places}f}"


def number(value: float | None, *, percent: bool) -> str:
    """Return a number in words, a dash for none."""
    if value is None:
        return "–"
    return f"{value * 100:+,.2f} %" if percent else f"{value:,.2f}"


def block_html(block: Block) -> str:
    """Return a text, card or table as every surface has it; a chart has its own drawing here."""
    if isinstance(block, Text):
        kind = " class='caution'" if block.tone is Tone.WARNING else ""
        return f"<p{kind}>{escape(block.text)}</p>"
    if isinstance(block, Card):
        cells = "".join(
            f"<div><dt>{escape(name)}</dt><dd>{escape(words)}</dd></div>"
            for name, words in block.fields
        )
        chips = "".join(f" <span class='chip'>{escape(chip.word)}</span>" for chip in block.chips)
        note = f"<p class='note'>{escape(block.footer)}</p>" if block.footer else ""
        return (
            f"<section><h2>{escape(block.title)}{chips}</h2>"
            f"<dl class='figures'>{cells}</dl>{note}</section>"
        )
    if isinstance(block, Table):
        rows = [
            [escape(show(column, cell)) for column, cell in zip(block.columns, row, strict=True)]
            for row in block.rows
        ]
        heads = [column.title for column in block.columns]
        return table(block.title, heads, rows, classes="words", empty=block.empty)
    raise TypeError(f"a report draws {block.title!r} by itself")

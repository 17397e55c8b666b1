"""Verdicts with their reasons in sight: a chip for each, what was found and needed beside it."""

from collections.abc import Iterable

from fondaco.core.view import Block, Card, Chip, Table, show
from fondaco.surfaces.web.draw import download, draw, fields
from fondaco.surfaces.web.room import Room
from fondaco.surfaces.web.tags import button, chip_html, coded, html, panel, tag
from fondaco.surfaces.web.words import tone_of

VERDICT = "Verdict"
"""The column that makes a table one of verdicts."""


def draw_judged(room: Room, blocks: Iterable[Block]) -> None:
    """Draw blocks below each other; those that hold verdicts say each with its reason."""
    for block in blocks:
        if isinstance(block, Card) and block.chips:
            _card(block)
        elif isinstance(block, Table) and block.rows and _verdict_at(block) is not None:
            _table(block)
        else:
            draw(room, [block])


def reasons(table: Table, row: int) -> tuple[Chip, str, list[str]]:
    """Return a row of a table of verdicts as its chip, what was judged, and what is told of it.

    >>> from fondaco.core.view import Column
    >>> columns = (Column("Rule"), Column("Verdict", "chip"), Column("Found"), Column("Remedy"))
    >>> chip, rule, told = reasons(Table("Gate", columns, (("data", "PASS", "bundled", ""),)), 0)
    >>> chip.word, rule, told
    ('PASS', 'data', ['Found: bundled'])
    """
    words = [show(c, cell) for c, cell in zip(table.columns, table.rows[row], strict=True)]
    verdict = _verdict_at(table) or 0
    chip = Chip(words[verdict], tone_of(words[verdict]))
    names = [column.title for column in table.columns]
    rest = [at for at in range(len(words)) if at != verdict and words[at]]
    return chip, words[rest[0]], [f"{names[at]}: {words[at]}" for at in rest[1:]]


def _verdict_at(table: Table) -> int | None:
    found = (
        at for at, c in enumerate(table.columns) if (c.kind, c.title) == ("chip", VERDICT) and at
    )
    return next(found, None)


def _card(block: Card) -> None:
    with panel(block.title, label=block.label):
        with tag("div", classes="verdicts", role="list", aria_label=block.title):
            for chip in block.chips:
                html(chip_html(chip), name="span")
                html(coded(chip.detail), name="span")
        fields(block.fields)
        if block.footer:
            html(coded(block.footer), "footer", name="p")


def _table(block: Table) -> None:
    with panel(block.title, label=block.label) as box:
        with box.tools:
            button(
                "CSV", lambda: download(block), "tool", aria_label=f"Download {block.title} as CSV"
            )
        with tag("div", classes="verdicts", role="list", aria_label=block.title):
            for row in range(len(block.rows)):
                chip, judged, told = reasons(block, row)
                html(chip_html(chip), name="span")
                with tag("div"):
                    tag("span", judged, "rule")
                    tag("span", told[0] if told else "")
                    for more in told[1:]:
                        tag("div", more, "limit")

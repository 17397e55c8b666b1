"""Standings side by side: what is left of each result after the trials behind it."""

from collections.abc import Sequence

from fondaco.core.view import Block, Cell, Column, Table, Text, Tone
from fondaco.research.trial_results import Standing
from fondaco.research.trial_words import counted_words

_COLUMNS = (
    Column("Account"),
    Column("Sharpe", "number"),
    Column("from", "number"),
    Column("to", "number"),
    Column("Deflated", "percent", digits=1),
    Column("Over the desk", "percent", digits=1),
    Column("PBO", "percent", digits=1),
    Column("Least track record", "number", "sessions"),
    Column("Trials of its family"),
    Column("Trials of the desk"),
)


def standings_table(
    names: Sequence[str], standings: Sequence[Standing | None], label: str
) -> list[Block]:
    """Return the standings as a table, and each one's meaning; none where none is known."""
    known = [(name, one) for name, one in zip(names, standings, strict=False) if one is not None]
    if not known:
        return []
    rows = tuple(_row(name, one) for name, one in known)
    said = (Text(f"{name}: {one.said}", Tone.MUTED) for name, one in known)
    return [Table("After every trial", _COLUMNS, rows, label), *said]


def _row(name: str, one: Standing) -> tuple[Cell, ...]:
    return (
        name,
        one.sharpe,
        one.sharpe_low,
        one.sharpe_high,
        one.deflated,
        one.deflated_desk,
        one.overfit,
        one.track_record,
        counted_words(one.family),
        counted_words(one.desk),
    )

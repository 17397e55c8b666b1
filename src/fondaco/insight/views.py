"""How explanations and facts are drawn."""

from datetime import datetime
from typing import TYPE_CHECKING

from fondaco.core.facts import plain_digits
from fondaco.core.view import Block, Card, Chip, Column, Table, Text, Tone

if TYPE_CHECKING:
    from fondaco.insight.capabilities import FactShown
    from fondaco.insight.explain import Explanation, Passage

_SAID = (
    Column("Fact", "id"),
    Column("What"),
    Column("Value"),
    Column("Unit"),
    Column("As of", "time"),
)
KEYS_SHOWN_MAX = 5


def view_explanation(result: "Explanation") -> list[Block]:
    """Return each passage under its heading, then the facts behind the numbers."""
    blocks: list[Block] = [Text(f"{result.title} · {result.label}", Tone.MUTED)]
    for passage in result.passages:
        blocks += [Text(passage.heading, Tone.INFO), _paragraph(passage)]
    rows = tuple((s.fact, s.name, plain_digits(s.value), s.unit, s.as_of) for s in result.facts)
    blocks.append(
        Table(
            "Facts behind the numbers", _SAID, rows, label=result.label, empty="No number was said."
        )
    )
    return blocks


def _paragraph(passage: "Passage") -> Text:
    ids = tuple(ref for sentence in passage.sentences for ref in sentence.fact_ids)
    return Text(" ".join(s.text for s in passage.sentences), fact_ids=ids)


def view_fact(result: "FactShown") -> list[Block]:
    """Return the fact as a card, then its source rows."""
    rows = result.rows
    fields = [
        ("Value", f"{plain_digits(result.value)} {result.unit}".strip()),
        ("As of", result.as_of.strftime("%Y-%m-%d %H:%M UTC")),
        ("Method", result.method),
        ("Source", _place(result)),
    ]
    if result.since or result.until:
        fields.append(
            ("Span", f"{_moment(result.since, 'first')} to {_moment(result.until, 'last')}")
        )
    blocks: list[Block] = [
        Card(result.name, tuple(fields), (Chip(result.id, Tone.INFO),), footer=rows.note)
    ]
    if rows.more:
        blocks.append(
            Text(f"{rows.more:,} earlier rows are left out; `--limit` shows more.", Tone.MUTED)
        )
    blocks.append(
        Table(
            f"Source rows: {rows.table}",
            tuple(Column(c) for c in rows.columns),
            rows.rows,
            empty=rows.note or "No row is left at the source.",
        )
    )
    return blocks


def _place(result: "FactShown") -> str:
    version = "" if result.rows.version is None else f", version {result.rows.version}"
    keys = ", ".join(result.keys[:KEYS_SHOWN_MAX])
    more = (
        f" and {len(result.keys) - KEYS_SHOWN_MAX} more"
        if len(result.keys) > KEYS_SHOWN_MAX
        else ""
    )
    return f"{result.rows.table}{version}: {keys}{more}"


def _moment(moment: datetime | None, end: str) -> str:
    return f"the {end} row" if moment is None else moment.strftime("%Y-%m-%d")

"""How providers are drawn."""

from fondaco.core.view import Block, Card, Chip, Column, Table, Text, Tone
from fondaco.market.provider_results import (
    KeyTrial,
    LimitLine,
    ProviderLine,
    ProviderList,
    ProviderSheet,
)

HEALTH_TONES = {"closed": Tone.GOOD, "half-open": Tone.WARNING, "open": Tone.BAD}
SPANS = {1: "second", 60: "minute", 3_600: "hour", 86_400: "day"}


def view_providers(result: ProviderList) -> list[Block]:
    """Return every provider as a row."""
    columns = (
        Column("Provider", "id"),
        Column("Title"),
        Column("Origin", "chip"),
        Column("Key", "chip"),
        Column("Breaker", "chip"),
        Column("Answered", "number"),
        Column("Failed", "number"),
        Column("Last answer", "time"),
        Column("Last ingest", "time"),
        Column("Limits left"),
        Column("Kinds"),
        Column("Last fault"),
    )
    rows = tuple(
        (
            p.name,
            p.title,
            p.origin.value,
            p.key,
            p.breaker,
            p.answered,
            p.failed,
            p.answered_at,
            p.last_ingest_at,
            "; ".join(map(limit_words, p.limits)) or "none stated",
            ", ".join(p.kinds),
            p.reason or None,
        )
        for p in result.providers
    )
    return [Table(f"Providers ({len(rows)})", columns, rows)]


def limit_words(limit: LimitLine) -> str:
    """Return a limit in words.

    >>> limit_words(LimitLine(50, 3600, 48))
    '48 of 50 per hour'
    """
    span = SPANS.get(limit.seconds, f"{limit.seconds:,} s")
    return f"{limit.left:,} of {limit.calls:,} per {span}"


def view_provider(result: ProviderSheet) -> list[Block]:
    """Return a provider's state, then what it gives."""
    line = result.line
    fields = [
        ("Name", line.name),
        ("Key", line.key),
        ("Limits left", "; ".join(map(limit_words, line.limits)) or "none stated"),
        ("Answered", f"{line.answered:,}"),
        ("Failed", f"{line.failed:,}"),
        ("Tried", result.tried),
        ("Terms", result.terms or "–"),
    ]
    if result.key_names:
        fields += [
            ("Key from", result.key_url),
            ("How", result.key_steps),
            ("Environment", ", ".join(result.key_names)),
        ]
    if line.reason:
        fields.append(("Last fault", line.reason))
    columns = (
        Column("Kind", "id"),
        Column("Markets"),
        Column("History"),
        Column("Delay", "number", "min", 0),
    )
    rows = tuple((o.kind, ", ".join(o.markets), o.history, o.delay_minutes) for o in result.offers)
    return [
        Card(line.title, tuple(fields), (_health(line),), label=line.origin.value),
        Table("What it gives", columns, rows),
    ]


def _health(line: ProviderLine) -> Chip:
    return Chip(line.breaker.upper(), HEALTH_TONES[line.breaker], line.reason)


def view_trial(result: KeyTrial) -> list[Block]:
    """Return what came of a set-up, and what is to be done."""
    word, tone = {
        None: ("NOT TRIED", Tone.MUTED),
        True: ("ANSWERS", Tone.GOOD),
        False: ("REFUSED", Tone.BAD),
    }[result.worked]
    fields = [("Key", result.key), ("Result", result.words)]
    if result.kept:
        fields.append(("Kept in", result.kept))
    if result.names:
        fields += [
            ("Get a key at", result.url),
            ("How", result.steps),
            ("Or set", ", ".join(result.names)),
        ]
    blocks: list[Block] = [Card(result.title, tuple(fields), (Chip(word, tone),))]
    if result.worked is None:
        words = f"Then: `fondaco providers setup {result.name} --key -` reads the key unseen."
        blocks.append(Text(words, Tone.MUTED))
    return blocks

"""How market data, its faults and its ingests are drawn."""

from fondaco.core.view import Block, Card, Chip, Column, Table, Text, Tone
from fondaco.market.results import (
    DiscardReport,
    FaultList,
    IngestReport,
    QualitySummary,
    ReplayReport,
)


def view_faults(result: FaultList) -> list[Block]:
    """Return the faults as a table, with what may be done about them."""
    columns = (
        Column("Fault", "id"),
        Column("Rule", "chip"),
        Column("Symbol"),
        Column("Session", "day"),
        Column("Reason"),
        Column("Where"),
        Column("Source"),
        Column("Can be let in"),
        Column("Resolved"),
    )
    rows = tuple(
        (f.id, f.rule, f.symbol, f.session, f.reason, f.where, f.source, f.replayable, f.resolved)
        for f in result.faults
    )
    return [
        Table(
            _counted("Faults", len(rows), result.total),
            columns,
            rows,
            empty="No fault: every row that came was let in.",
        )
    ]


def view_ingest(result: IngestReport) -> list[Block]:
    """Return what an ingest did, then its faults by rule."""
    span = f"{result.since} to {result.until}" if result.since else "–"
    tone = Tone.WARNING if result.faults else Tone.GOOD
    card = Card(
        f"Ingest from {result.provider}",
        (
            ("Instruments", f"{result.instruments:,}"),
            ("Sessions", span),
            ("Rows given", f"{result.rows_given:,}"),
            ("Rows new", f"{result.rows_new:,}"),
            ("Rows in quarantine", f"{result.rows_quarantined:,}"),
            ("Store version", f"{result.version}"),
            ("Ingest", result.ingest_id),
        ),
        (Chip("FAULTS" if result.faults else "CLEAN", tone),),
        label=result.origin.value,
    )
    rows = tuple((f.rule, f.says, f.count) for f in result.faults)
    return [
        card,
        *_by_kind(result),
        Table(
            "Faults by rule",
            (Column("Rule", "chip"), Column("Says"), Column("Count", "number")),
            rows,
            label=result.origin.value,
            empty="No fault was found.",
        ),
    ]


def _by_kind(result: IngestReport) -> list[Block]:
    if len(result.kinds) < 2:
        return []
    columns = (
        Column("Kind", "id"),
        Column("Rows given", "number"),
        Column("Rows new", "number"),
        Column("Rows in quarantine", "number"),
        Column("Store version", "number"),
    )
    rows = tuple(
        (k.kind, k.rows_given, k.rows_new, k.rows_quarantined, k.version) for k in result.kinds
    )
    return [Table("By kind of data", columns, rows, label=result.origin.value)]


def view_replay(result: ReplayReport) -> list[Block]:
    """Return what was let in, by whom and why."""
    words = (
        f"{_many(len(result.faults), 'fault')} resolved, {_many(result.rows_new, 'row')} let in "
        f"as store version {result.version}."
    )
    return [
        Text(words, Tone.GOOD),
        Card(
            "Decision", (("By", result.by), ("Reason", result.reason), ("Ingest", result.ingest_id))
        ),
    ]


def view_discard(result: DiscardReport) -> list[Block]:
    """Return what was kept out for good, by whom and why."""
    return [
        Text(f"{_many(len(result.faults), 'fault')} resolved, to stay out for good.", Tone.GOOD),
        Card("Decision", (("By", result.by), ("Reason", result.reason))),
    ]


def view_quality(result: QualitySummary) -> list[Block]:
    """Return the faults by source, kind and rule, then what the store holds of each kind."""
    faults = tuple(
        (f.source, f.kind, f.rule, f.severity, f.open, f.resolved, f.last_seen)
        for f in result.faults
    )
    coverage = tuple(
        (c.kind, c.source, c.things, c.rows, c.first_ts, c.last_ts, c.last_known_at, c.age_hours)
        for c in result.coverage
    )
    return [
        Table(
            "Faults by source, kind and rule",
            (
                Column("Source"),
                Column("Kind", "id"),
                Column("Rule", "chip"),
                Column("Severity", "chip"),
                Column("Open", "number"),
                Column("Resolved", "number"),
                Column("Last seen", "time"),
            ),
            faults,
            empty="No fault: every row that came was let in.",
        ),
        Table(
            "What the store holds",
            (
                Column("Kind", "id"),
                Column("Source"),
                Column("Things", "number"),
                Column("Rows", "number"),
                Column("First", "time"),
                Column("Newest", "time"),
                Column("Last known at", "time"),
                Column("Age", "number", "hours", 1),
            ),
            coverage,
            empty="The store is empty. `fondaco market ingest bundled` loads some prices.",
        ),
    ]


def _counted(title: str, shown: int, total: int) -> str:
    return f"{title} ({shown} of {total})" if shown < total else f"{title} ({total})"


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"

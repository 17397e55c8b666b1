"""How versions, checks and copies of the store are drawn."""

from fondaco.core.view import Block, Card, Chip, Column, Table, Text, Tone
from fondaco.market.keeping import VersionLine
from fondaco.market.store_results import (
    BackupReport,
    ComparisonReport,
    ExportReport,
    RetainReport,
    VerifyReport,
    VersionList,
)

SOUND = Chip("SOUND", Tone.GOOD, "every commit and file is as it was written")
DAMAGED = Chip("DAMAGED", Tone.BAD, "something is not as it was written")


def view_versions(result: VersionList) -> list[Block]:
    """Return versions as a table, newest first."""
    columns = (
        Column("Version", "number"),
        Column("At", "time"),
        Column("By what", "chip"),
        Column("Rows added", "number"),
        Column("Rows gone", "number"),
        Column("Ingest", "id"),
        Column("By"),
        Column("Reason"),
        Column("Readable"),
    )
    rows = tuple(
        (
            v.version,
            v.at,
            v.operation,
            v.rows_added,
            v.rows_gone,
            v.ingest_id or None,
            v.by or None,
            v.reason or None,
            v.readable,
        )
        for v in result.versions
    )
    title = f"Versions of {result.table} ({len(rows)} of {result.total})"
    return [Table(title, columns, rows, empty="The table has no version yet.")]


def view_restored(result: VersionLine) -> list[Block]:
    """Return the version that a restore made."""
    fields = (
        ("Version", str(result.version)),
        ("Rows back", f"{result.rows_added:,}"),
        ("Rows out of sight", f"{result.rows_gone:,}"),
        ("By", result.by),
        ("Reason", result.reason),
    )
    return [Card("Restored; older versions stay readable", fields)]


def view_comparison(result: ComparisonReport) -> list[Block]:
    """Return counts, then the first rows that differ."""
    words = (
        f"From version {result.version_a} to {result.version_b}: {result.added:,} rows added, "
        f"{result.revised:,} revised, {result.gone:,} gone."
    )
    columns = (Column("Change", "chip"), *(Column(name) for name in result.columns))
    table = Table(
        f"Rows of {result.table} that differ, the first", columns, result.rows, empty="None."
    )
    return [Text(words), table]


def view_verified(result: VerifyReport) -> list[Block]:
    """Return what was read and compared, then what is damaged."""
    columns = (
        Column("Table", "id"),
        Column("Version", "number"),
        Column("Commits", "number"),
        Column("Files", "number"),
        Column("Rows", "number"),
        Column("Without hash", "number"),
        Column("Content hash", "id"),
        Column("State", "chip"),
    )
    rows = tuple(
        (
            t.table,
            t.version,
            t.commits,
            t.files,
            t.rows,
            t.unhashed,
            t.content_hash or None,
            "sound" if t.sound else "damaged",
        )
        for t in result.tables
    )
    damage = tuple((t.table, d.where, d.what) for t in result.tables for d in t.damage)
    blocks: list[Block] = [
        Card("The store", (("Tables", str(len(rows))),), (SOUND if result.sound else DAMAGED,)),
        Table("Every commit and file read", columns, rows, empty="The store has no table yet."),
    ]
    if damage:
        heads = (Column("Table", "id"), Column("Where"), Column("What is wrong"))
        blocks.append(Table("Damage", heads, damage))
    return blocks


def view_retained(result: RetainReport) -> list[Block]:
    """Return what was let go."""
    words = (
        f"Versions of {result.table} below {result.oldest} are gone for good: "
        f"{result.files_removed:,} files, {result.bytes_freed:,} bytes freed."
    )
    return [Text(words, Tone.WARNING)]


def view_exported(result: ExportReport) -> list[Block]:
    """Return where the file lies."""
    known = "now" if result.as_of is None else f"{result.as_of:%Y-%m-%d %H:%M UTC}"
    fields = (("File", result.place), ("Rows", f"{result.rows:,}"), ("As known", known))
    return [Card(f"Export of {result.table}", fields)]


def view_backup(result: BackupReport) -> list[Block]:
    """Return what a backup holds, and what of it is damaged."""
    columns = (Column("Table", "id"), Column("Version", "number"), Column("Rows", "number"))
    rows = tuple((k.table, k.version, k.rows) for k in result.tables)
    fields = (
        ("Place", result.place),
        ("Files", f"{result.files:,}"),
        ("Bytes", f"{result.bytes:,}"),
    )
    blocks: list[Block] = [
        Card("Backup of the store", fields, (DAMAGED if result.damage else SOUND,)),
        Table("Tables", columns, rows),
    ]
    if result.damage:
        damage = tuple((d.where, d.what) for d in result.damage)
        blocks.append(Table("Damage", (Column("Where"), Column("What is wrong")), damage))
    return blocks

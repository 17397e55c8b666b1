"""The commits of a Delta table: JSON files by version, each with its own hash and the last one's.

Written by the Delta Lake protocol (reader 1, writer 2), so that any Delta reader opens the tables;
`deltalake` writes no hashes and does not sync, so the store of record writes commits itself.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import polars as pl

from fondaco.adapters.stores.delta.disk import make_folder, write_first
from fondaco.core.errors import Unavailable
from fondaco.market.keeping import Operation

LOG = "_delta_log"
OWN = "_fondaco"
NO_SUM = "0" * 64
MARKS = (b'"engineInfo":"fondaco"', b'"fondaco":{"operation":', b'"sum":"')
DELTA_NAMES: dict[Operation, str] = {
    "append": "WRITE",
    "restore": "RESTORE",
    "compact": "OPTIMIZE",
    "retain": "VACUUM END",
}
TYPES: dict[pl.DataType, str] = {
    pl.String(): "string",
    pl.Float64(): "double",
    pl.Int64(): "long",
    pl.Int32(): "integer",
    pl.Boolean(): "boolean",
    pl.Date(): "date",
    pl.Datetime("us", "UTC"): "timestamp",
}


class Damaged(OSError):
    """Something that was committed is not as it was written."""


@dataclass(frozen=True, slots=True)
class File:
    """A data file of a table. `low` and `high` bound the columns that files are chosen by.

    Bounds are as the log has them: text, with days and moments in ISO 8601.
    """

    path: str
    size: int
    rows: int
    partition: Mapping[str, str | None]
    low: Mapping[str, Any]
    high: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """Who made a version by what, and what it changed: kept in the commit."""

    operation: Operation
    ingest_id: str = ""
    rows_added: int = 0
    rows_gone: int = 0
    by: str = ""
    reason: str = ""
    oldest: int = 0


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit as read: `digest` is the hash of its bytes, `before` of the one it follows."""

    version: int
    at: datetime | None
    note: Note
    added: tuple[File, ...]
    removed: tuple[str, ...]
    columns: tuple[str, ...] | None
    partitions: tuple[str, ...] | None
    digest: str
    before: str | None


@dataclass(frozen=True, slots=True)
class NewCommit:
    """What the next commit does. `schema` is given where the table's columns change."""

    note: Note
    added: Sequence[File] = ()
    removed: Sequence[File] = ()
    schema: Mapping[str, pl.DataType] | None = None
    partitions: Sequence[str] = ()
    options: Mapping[str, str] = field(default_factory=dict)


def commit_path(table: Path, version: int) -> Path:
    """Return where a version's commit lies."""
    return table / LOG / f"{version:020}.json"


def commits(table: Path, since: int, until: int | None = None) -> Iterator[Commit]:
    """Read the commits from version `since` on; raises Damaged for one that was changed."""
    version = since
    while until is None or version <= until:
        try:
            content = commit_path(table, version).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return
        yield read_commit(version, content)
        version += 1


def write_commit(table: Path, version: int, commit: NewCommit, before: str) -> str | None:
    """Commit a version durably; returns its digest, or None when another writer was first."""
    if version == 0:
        make_folder(table / LOG)
    make_folder(table / OWN)
    content = _content(version, commit, before)
    if not write_first(commit_path(table, version), content, table / OWN):
        return None
    return hashlib.sha256(content).hexdigest()


def _content(version: int, commit: NewCommit, before: str) -> bytes:
    moment = int(time.time() * 1000)
    # Laying rows out anew, as a compaction does, changes no data.
    changes = commit.note.operation != "compact"
    lines: list[dict[str, Any]] = []
    if version == 0:
        lines.append({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}})
    if commit.schema is not None:
        lines.append({"metaData": _metadata(table_schema=commit, moment=moment)})
    lines += [
        {
            "remove": {
                "path": quote(file.path, safe="/=-_.~"),
                "deletionTimestamp": moment,
                "dataChange": changes,
                "extendedFileMetadata": True,
                "partitionValues": dict(file.partition),
                "size": file.size,
            }
        }
        for file in commit.removed
    ]
    lines += [{"add": add_action(file, moment, changes=changes)} for file in commit.added]
    note = {name: getattr(commit.note, name) for name in Note.__slots__}
    lines.append(
        {
            "commitInfo": {
                "timestamp": moment,
                "operation": DELTA_NAMES[commit.note.operation],
                "operationParameters": {},
                "engineInfo": "fondaco",
                "fondaco": note | {"before": before, "sum": NO_SUM},
            }
        }
    )
    blank = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()
    return blank.replace(_sum(NO_SUM), _sum(hashlib.sha256(blank).hexdigest()))


def _sum(digest: str) -> bytes:
    return f'"sum":"{digest}"'.encode()


def _metadata(*, table_schema: NewCommit, moment: int) -> dict[str, Any]:
    schema = table_schema.schema or {}
    fields = [
        {"name": name, "type": TYPES[dtype], "nullable": True, "metadata": {}}
        for name, dtype in schema.items()
    ]
    return {
        # The table is known by its folder; the protocol wants an id, so it is made of its columns.
        "id": _uuid_of(json.dumps(fields)),
        "format": {"provider": "parquet", "options": {}},
        "schemaString": json.dumps({"type": "struct", "fields": fields}),
        "partitionColumns": list(table_schema.partitions),
        "configuration": dict(table_schema.options),
        "createdTime": moment,
    }


def _uuid_of(text: str) -> str:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


def add_action(file: File, moment: int, *, changes: bool = True) -> dict[str, Any]:
    """Return the `add` action of a file, with the bounds by which readers choose files."""
    stats = {
        "numRecords": file.rows,
        "minValues": dict(file.low),
        "maxValues": dict(file.high),
        "nullCount": {},
    }
    return {
        "path": quote(file.path, safe="/=-_.~"),
        "partitionValues": dict(file.partition),
        "size": file.size,
        "modificationTime": moment,
        "dataChange": changes,
        "stats": json.dumps(stats, separators=(",", ":")),
    }


def read_commit(version: int, content: bytes) -> Commit:
    """Read a commit; raises Damaged when it is not what was written."""
    where = f"commit {version}"
    try:
        actions = [json.loads(line) for line in content.splitlines() if line.strip()]
        info: dict[str, Any] = next((a["commitInfo"] for a in actions if "commitInfo" in a), {})
        own = info.get("fondaco")
        # One flipped bit may hide one of the marks, and make the commit look like another's.
        if any(mark in content for mark in MARKS):
            _check_sum(where, content, info["fondaco"]["sum"])
        return _commit(version, content, actions, info, own)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"{where} cannot be read: {type(error).__name__}") from error


def _check_sum(where: str, content: bytes, written: str) -> None:
    blank = content.replace(_sum(written), _sum(NO_SUM))
    if hashlib.sha256(blank).hexdigest() != written:
        raise Damaged(f"{where} is not what was written: its hash differs")


def _commit(
    version: int,
    content: bytes,
    actions: Sequence[Mapping[str, Any]],
    info: Mapping[str, Any],
    own: Mapping[str, Any] | None,
) -> Commit:
    columns = partitions = None
    for action in actions:
        if "metaData" in action:
            schema = json.loads(action["metaData"]["schemaString"])
            columns = tuple(one["name"] for one in schema["fields"])
            partitions = tuple(action["metaData"]["partitionColumns"])
        if action.get("protocol", {}).get("minReaderVersion", 1) > 1:
            raise Unavailable(
                "another program changed this table so that Fondaco cannot read it",
                value=f"version {version}, Delta reader {action['protocol']['minReaderVersion']}",
                bound="Delta reader 1",
                remedy="Restore the table from a backup.",
            )
    added = tuple(_file(a["add"]) for a in actions if "add" in a)
    removed = tuple(unquote(a["remove"]["path"]) for a in actions if "remove" in a)
    note = _note(own, info, added)
    moment = info.get("timestamp")
    at = None if moment is None else datetime.fromtimestamp(moment / 1000, UTC)
    return Commit(
        version,
        at,
        note,
        added,
        removed,
        columns,
        partitions,
        hashlib.sha256(content).hexdigest(),
        None if own is None else own["before"],
    )


def _note(own: Mapping[str, Any] | None, info: Mapping[str, Any], added: tuple[File, ...]) -> Note:
    if own is not None:
        return Note(**{name: own[name] for name in Note.__slots__})
    appended = info.get("operation") == "WRITE"
    rows = sum(file.rows for file in added)
    return Note("append", rows_added=rows) if appended else Note("foreign", rows_added=rows)


def _file(add: Mapping[str, Any]) -> File:
    stats = json.loads(add.get("stats") or "{}")
    return File(
        unquote(add["path"]),
        add["size"],
        stats.get("numRecords", 0),
        add.get("partitionValues", {}),
        stats.get("minValues", {}),
        stats.get("maxValues", {}),
    )

"""What a keeper of the store may do beside reading and adding: versions, checks, copies.

A store of record implements `StoreKeeper`; its values are here. Nothing is changed in place: a
restore is a new version, and only `retain`, asked for by a person, lets old versions go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from fondaco.core.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    import polars as pl

Operation = Literal["append", "restore", "compact", "retain", "foreign"]
"""What made a version; "foreign" is another program's commit."""


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of a table: when it was committed, by what, and what it changed.

    `rows_gone` counts rows that a restore took out of sight; they stay in older versions. `by` and
    `reason` are a person's, empty for an append. `readable` is False where `retain` let it go.
    """

    version: int
    at: datetime | None
    operation: Operation
    rows_added: int
    rows_gone: int
    ingest_id: str
    by: str
    reason: str
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a table differs between two versions, as rows of the table.

    `added` are rows of keys that the first did not have, `revised` further revisions of keys that
    it had, `gone` rows that only the first has. Bookkeeping columns do not count.
    """

    table: str
    version_a: int
    version_b: int
    added: "pl.DataFrame"
    revised: "pl.DataFrame"
    gone: "pl.DataFrame"


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that is not as it was written: where, and what is wrong."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of a table found: every commit and file was read and compared with its hash.

    `unhashed` counts files and commits that were written without a hash (by another program);
    of these only sizes were compared. `content_hash` is empty when the table cannot be read.
    """

    table: str
    version: int
    commits: int
    files: int
    rows: int
    content_hash: str
    unhashed: int
    damage: tuple[Damage, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found damaged."""
        return not self.damage


@dataclass(frozen=True, slots=True)
class Retained:
    """What a retention let go: versions below `oldest` can no longer be read."""

    table: str
    version: int
    oldest: int
    files_removed: int
    bytes_freed: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One table in a backup: its newest version, rows of all revisions, hash of its last commit."""

    table: str
    version: int
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of tables, each at one version with all older ones; its manifest has the hashes.

    `damage` is what a check of it found; empty for one just made.
    """

    place: Path
    tables: tuple[Kept, ...]
    files: int
    bytes: int
    damage: tuple[Damage, ...] = ()


Written = Literal["parquet", "csv"]


class StoreKeeper(Protocol):
    """Keeps a store in order; every change is a new version and says who made it and why."""

    def versions(self, table: str) -> tuple[VersionLine, ...]:
        """Return every version, oldest first."""
        ...

    def compare(self, table: str, a: int, b: int) -> Comparison:
        """Return how the table's content differs from version `a` to version `b`.

        Raises NotFound when one cannot be read.
        """
        ...

    def restore(self, table: str, version: int, *, by: str, reason: str) -> VersionLine:
        """Make a new version that says what an older one said; nothing is deleted.

        Raises NotFound for a version that cannot be read, InvalidInput without who and why.
        """
        ...

    def compact(self, table: str) -> int:
        """Lay the newest version out in few, sorted files; return the version then.

        The content stays the same, and older versions stay readable.
        """
        ...

    def behind(self, table: str) -> int:
        """Return how many rows `refresh` would bring to what reads are fast from."""
        ...

    def refresh(self, table: str) -> bool:
        """Make what reads are fast from; False where the store or the table has no such thing."""
        ...

    def verify(self, table: str) -> Verified:
        """Read everything that was kept of a table and compare it with its hashes."""
        ...

    def retain(
        self,
        table: str,
        *,
        by: str,
        reason: str,
        keep_versions: int | None = None,
        keep_since: datetime | None = None,
    ) -> Retained:
        """Let old versions go for good: all but the newest so many, or those before a time.

        What was in force at `keep_since` stays readable. Rows that the newest version holds are
        never lost. Raises InvalidInput without who and why, or without exactly one bound.
        """
        ...

    def export(
        self,
        table: str,
        path: Path,
        *,
        as_of: datetime | None = None,
        revisions: bool = False,
        written: Written = "parquet",
    ) -> int:
        """Write a table to a file, as it was known at `as_of`, and return the rows written.

        `revisions` writes every revision known by then instead of those in force.
        """
        ...

    def backup(self, place: Path) -> Backup:
        """Copy every table, with all readable versions, into a new folder or a `.tar` file.

        Raises Conflict when something lies there already.
        """
        ...

    def verify_backup(self, place: Path) -> Backup:
        """Compare every file of a backup with its manifest; raises Unavailable when it has none."""
        ...

    def recover(self, place: Path) -> Backup:
        """Bring a backup's tables into this store, which has none of them yet.

        Raises Conflict when one is there, Unavailable when the backup is damaged.
        """
        ...


def check_decision(by: str, reason: str) -> None:
    """Raise InvalidInput unless a person and a reason are named."""
    if not by.strip() or not reason.strip():
        raise InvalidInput(
            "a change of the store's versions needs who decides and why",
            value=f"by {by!r}, reason {reason!r}",
            bound="both not empty",
        )


def oldest_kept(
    lines: Sequence[VersionLine], keep_versions: int | None, keep_since: datetime | None
) -> int:
    """Return the oldest version that a retention keeps; raises InvalidInput for no single bound."""
    if (keep_versions is None) == (keep_since is None):
        raise InvalidInput(
            "a retention has exactly one bound",
            value=f"keep_versions {keep_versions}, keep_since {keep_since}",
            bound="one of the two",
        )
    if keep_since is not None:
        before = [line.version for line in lines if line.at is None or line.at <= keep_since]
        return max(before, default=0)
    if keep_versions is None or keep_versions < 1:
        raise InvalidInput(
            "a store keeps at least its newest version", value=keep_versions, bound=">= 1"
        )
    return max(0, lines[-1].version + 1 - keep_versions) if lines else 0


def compare_rows(
    a: "pl.DataFrame", b: "pl.DataFrame", identity: Sequence[str], key: Sequence[str]
) -> tuple["pl.DataFrame", "pl.DataFrame", "pl.DataFrame"]:
    """Return rows of `b` with keys new to `a`, rows of `b` that revise `a`, rows only in `a`."""
    more = b.join(a, on=list(identity), how="anti", nulls_equal=True)
    gone = a.join(b, on=list(identity), how="anti", nulls_equal=True)
    added = more.join(a, on=list(key), how="anti")
    return added, more.join(a, on=list(key), how="semi"), gone


def write_rows(rows: "pl.DataFrame", path: Path, written: Written) -> None:
    """Write rows to a new file as Parquet, or as CSV that is safe to open in a spreadsheet.

    Raises InvalidInput for another format, Conflict when something lies there already.
    """
    from fondaco.market.spreadsheet import inert

    if written not in {"parquet", "csv"}:
        raise InvalidInput(
            "a table is exported as Parquet or CSV", value=written, bound="parquet, csv"
        )
    if path.exists():
        raise Conflict(
            "an export is never written over another file", value=path, remedy="Name a new file."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    if written == "csv":
        inert(rows).write_csv(path)
    else:
        rows.write_parquet(path, compression="zstd")

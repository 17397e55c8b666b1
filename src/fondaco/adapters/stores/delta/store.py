"""The market store on Delta Lake: one Delta table per store table, read into polars frames."""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from fondaco.adapters.stores.delta.backup import back_up, restore_backup, verify_backup
from fondaco.adapters.stores.delta.checks import check_table, files_since
from fondaco.adapters.stores.delta.fast import part_of
from fondaco.adapters.stores.delta.faults import unreadable, unwritable
from fondaco.adapters.stores.delta.files import Part, by_subjects, loose_files, write_files
from fondaco.adapters.stores.delta.layout import Unmappable
from fondaco.adapters.stores.delta.log import Commit, File, Note, commits
from fondaco.adapters.stores.delta.mapped import build
from fondaco.adapters.stores.delta.state import State
from fondaco.adapters.stores.delta.tables import COMMIT_ATTEMPTS_MAX, FRAME_ROWS_MAX, Tables
from fondaco.core.errors import Unavailable
from fondaco.market.keeping import (
    Backup,
    Comparison,
    Retained,
    Verified,
    VersionLine,
    Written,
    check_decision,
    compare_rows,
    oldest_kept,
    write_rows,
)
from fondaco.market.revisions import Reading, content_hash_of, in_order
from fondaco.market.tables import BARS, INGESTS, INSTRUMENTS, QUARANTINE, Table, table_named

PART_ROWS = 1_000_000
"""Rows of a table that are in memory at a time while all of it is gone through."""
_READ_FAULTS = (OSError, ValueError, pl.exceptions.PolarsError, pl.exceptions.PanicException)


class DeltaStore(Tables):
    """A point-in-time store in a folder, for many readers and many writers.

    An append is one Delta commit: it is there whole or not at all, after kill -9 and after a power
    cut, and what was returned stays. A writer that meets another's commit looks again and keeps
    only what is still new, at most `COMMIT_ATTEMPTS_MAX` times. Small tables are kept in memory;
    great ones are read from memory-mapped files once `refresh` made these, else from data files.
    """

    def content_hash(self, table: str) -> str:
        """Return the hash of all that the table says, bookkeeping left out."""
        spec = table_named(table)
        state = self._newest(spec)
        if state.version < 0:
            return content_hash_of([spec.empty()], spec)
        path = self._path(table)
        try:
            return content_hash_of(
                by_subjects(self._reader, path, spec, list(state.files.values()), PART_ROWS), spec
            )
        except _READ_FAULTS as error:
            raise unreadable(path, error) from error

    def versions(self, table: str) -> tuple[VersionLine, ...]:
        """Return every version, oldest first."""
        spec = table_named(table)
        oldest = self._newest(spec).oldest
        try:
            found = list(commits(self._path(table), 0))
        except (OSError, ValueError) as error:
            raise unreadable(self._path(table), error) from error
        return tuple(_line(commit, readable=commit.version >= oldest) for commit in found)

    def compare(self, table: str, a: int, b: int) -> Comparison:
        """Return how the table's content differs from version `a` to version `b`.

        Only data files that one of the two lacks are read, and rows of the keys in them. Raises
        NotFound when one cannot be read.
        """
        spec = table_named(table)
        newest = self._newest(spec)
        states = [self._at(spec, newest, version) for version in (a, b)]
        only_a, only_b = (
            State(0, {p: f for p, f in one.files.items() if p not in other.files}, (), (), 0, "")
            for one, other in (states, states[::-1])
        )
        rows_a, rows_b = (self._load(spec, one, Part()) for one in (only_a, only_b))
        added, revised, gone = compare_rows(rows_a, rows_b, spec.identity, spec.key)
        # What is new in these files may revise rows of files that both versions have.
        more = pl.concat([added, revised])
        known = self._load(spec, states[0], part_of(more, spec)) if more.height else spec.empty()
        key = list(spec.key)
        added = in_order(more.join(known, on=key, how="anti"), spec)
        revised = in_order(more.join(known, on=key, how="semi"), spec)
        return Comparison(table, a, b, added, revised, in_order(gone, spec))

    def restore(self, table: str, version: int, *, by: str, reason: str) -> VersionLine:
        """Make a new version that says what an older one said; nothing is deleted."""
        check_decision(by, reason)
        spec = table_named(table)

        def change(state: State) -> tuple[Note, Sequence[File], Sequence[File]]:
            old = self._at(spec, state, version)
            added = [f for path, f in old.files.items() if path not in state.files]
            gone = [f for path, f in state.files.items() if path not in old.files]
            difference = self.compare(table, state.version, old.version)
            rows = difference.added.height + difference.revised.height
            note = Note(
                "restore",
                rows_added=rows,
                rows_gone=difference.gone.height,
                by=by,
                reason=reason,
            )
            return note, added, gone

        made = self._changed(spec, change)
        return self.versions(table)[made]

    def compact(self, table: str) -> int:
        """Lay the newest version out in few, sorted files; return the version then.

        Older versions stay readable. Nothing is done where every part has few files already.
        """
        spec = table_named(table)
        path = self._path(table)

        def change(state: State) -> tuple[Note, Sequence[File], Sequence[File]] | None:
            loose = loose_files(state.files.values(), spec)
            added = [
                file
                for together in loose
                for part in by_subjects(self._reader, path, spec, together, PART_ROWS)
                for file in write_files(path, spec, part, state.partitions)
            ]
            gone = [file for together in loose for file in together]
            return (Note("compact"), added, gone) if loose else None

        try:
            return self._changed(spec, change)
        except _READ_FAULTS as error:
            raise unreadable(path, error) from error

    def behind(self, table: str) -> int:
        """Return how many rows were added since the fast copy was made; 0 where none is needed."""
        spec = table_named(table)
        state = self._newest(spec)
        if state.rows <= FRAME_ROWS_MAX:
            return 0
        folder = self._mapped_folder(table)
        made = [int(one.name) for one in folder.glob("[0-9]*") if one.name.isdigit()]
        if not made:
            return state.rows
        try:
            later = list(commits(self._path(table), max(made) + 1, state.version))
        except _READ_FAULTS as error:
            raise unreadable(self._path(table), error) from error
        return sum(commit.note.rows_added for commit in later)

    def refresh(self, table: str) -> bool:
        """Make the fast copy of the newest version; False where the table cannot have one.

        Readers use it from then on, with what is added later on top; it is needed again when
        `fast.TAIL_ROWS_MAX` rows were added.
        """
        spec = table_named(table)
        state = self._newest(spec)
        if state.version < 0:
            return False
        path, files = self._path(table), list(state.files.values())
        try:
            parts = by_subjects(self._reader, path, spec, files, PART_ROWS)
            build(self._mapped_folder(table), spec, state.version, state.digest, parts)
        except Unmappable:
            return False
        except _READ_FAULTS as error:
            raise unreadable(path, error) from error
        with self._lock:
            self._fast.pop(table, None)
            self._looked.pop(table, None)
        return True

    def verify(self, table: str) -> Verified:
        """Read everything that was kept of a table and compare it with its hashes."""
        spec = table_named(table)
        found = check_table(self._path(table), self._mapped_folder(table), spec)
        return replace(found, content_hash=self.content_hash(table)) if found.sound else found

    def retain(
        self,
        table: str,
        *,
        by: str,
        reason: str,
        keep_versions: int | None = None,
        keep_since: datetime | None = None,
    ) -> Retained:
        """Let old versions go for good, and free the files that no kept version needs."""
        check_decision(by, reason)
        spec = table_named(table)
        lines = self.versions(table)
        oldest = oldest_kept(lines, keep_versions, keep_since)
        oldest = max(oldest, self._newest(spec).oldest)
        note = Note("retain", by=by, reason=reason, oldest=oldest)
        started = time.time()
        made = self._changed(spec, lambda _: (note, (), ()))
        # Committed first: a reader is told that a version is gone before its files are.
        removed, size = _freed(self._path(table), oldest, started)
        return Retained(table, made, oldest, removed, size)

    def export(
        self,
        table: str,
        path: Path,
        *,
        as_of: datetime | None = None,
        revisions: bool = False,
        written: Written = "parquet",
    ) -> int:
        """Write a table to a file, as it was known at `as_of`, and return the rows written."""
        spec = table_named(table)
        if revisions:
            rows = self._scanned(spec, self._newest(spec), Reading(as_of=as_of))
        else:
            rows = self.read(table, as_of=as_of)
        try:
            write_rows(rows, path, written)
        except OSError as error:
            raise unwritable(path, error) from error
        return rows.height

    def backup(self, place: Path) -> Backup:
        """Copy every table, with all readable versions, into a new folder or a `.tar` file.

        Each table is copied as it is at one moment, and bookkeeping after the rows that rest on
        it.
        """
        from fondaco.market.kinds import KINDS

        # What is written first is looked at last: so every row has its ingest and its instrument.
        names = (BARS, *KINDS, QUARANTINE, INSTRUMENTS, INGESTS)
        states = [(name, self._newest(table_named(name))) for name in names]
        return back_up(
            self._folder, [(name, state) for name, state in states if state.version >= 0], place
        )

    def verify_backup(self, place: Path) -> Backup:
        """Compare every file of a backup with its manifest."""
        return verify_backup(place)

    def recover(self, place: Path) -> Backup:
        """Bring a backup's tables into this store, which has none of them yet."""
        return restore_backup(place, self._folder)

    def _changed(
        self,
        spec: Table,
        change: Callable[[State], tuple[Note, Sequence[File], Sequence[File]] | None],
    ) -> int:
        """Commit what a change makes of the newest version; return the version then."""
        for _ in range(COMMIT_ATTEMPTS_MAX):
            state = self._newest(spec)
            made = change(state)
            if made is None:
                return state.version
            note, added, removed = made
            if self._write(spec, state, note, added=added, removed=removed):
                return state.version + 1
        raise Unavailable(
            "other writers kept this change from the store",
            value=f"{COMMIT_ATTEMPTS_MAX} attempts on {spec.name}",
            remedy="Try again when the other ingest has ended.",
        )


def _line(commit: Commit, *, readable: bool) -> VersionLine:
    note = commit.note
    return VersionLine(
        commit.version,
        commit.at,
        note.operation,
        note.rows_added,
        note.rows_gone,
        note.ingest_id,
        note.by,
        note.reason,
        readable,
    )


def _freed(table: Path, oldest: int, started: float) -> tuple[int, int]:
    """Remove the files that no version from `oldest` on needs; returns how many, and their bytes.

    A file that was written since `started` stays: a writer at work may be about to commit it.
    """
    kept = files_since(table, oldest)
    named = {file.path for commit in commits(table, 0) for file in commit.added}
    removed = size = 0
    for name in sorted(named - set(kept)):
        with contextlib.suppress(FileNotFoundError):
            stamp = (table / name).stat()
            if stamp.st_mtime < started:
                (table / name).unlink()
                removed, size = removed + 1, size + stamp.st_size
    return removed, size

"""Reading and adding: what every reader and writer of the store does."""

import shutil
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import polars as pl

from fondaco.adapters.stores.delta.blocks import Untrue
from fondaco.adapters.stores.delta.fast import Fast, part_of
from fondaco.adapters.stores.delta.faults import unreadable, unwritable
from fondaco.adapters.stores.delta.files import Part, Reader, partitions_of, write_files
from fondaco.adapters.stores.delta.log import (
    Commit,
    Damaged,
    File,
    NewCommit,
    Note,
    commits,
    write_commit,
)
from fondaco.adapters.stores.delta.mapped import MANIFEST, Mapped
from fondaco.adapters.stores.delta.state import EMPTY, State, caught_up, keep_state, state_at
from fondaco.core.errors import NotFound, Unavailable
from fondaco.core.instrument import InstrumentId
from fondaco.market.ports import Ingest
from fondaco.market.revisions import (
    Reading,
    check_columns,
    day_of,
    in_order,
    narrow,
    new_rows,
    read_rows,
    subject_of,
)
from fondaco.market.tables import Table, table_named

COMMIT_ATTEMPTS_MAX = 50
FRAMES_KEPT_MAX = 6
FRAME_ROWS_MAX = 250_000
"""Rows of a table that is kept in memory whole; greater ones are read from disk by parts."""
MAPPED = "mapped"
# Every version stays readable: a store of record forgets nothing by itself.
KEEP_ALL = {
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.deletedFileRetentionDuration": "interval 36500 days",
}
T = TypeVar("T")
# Polars panics, instead of raising, on some damaged files.
_READ_FAULTS = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)


class Tables:
    """The tables of a store, for many readers and many writers; `DeltaStore` is what others use.

    One lock guards what is kept in memory; files are guarded by the order in which they are named.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._frames: dict[tuple[str, int], pl.DataFrame] = {}
        self._states: dict[str, State] = {}
        self._fast: dict[str, Fast] = {}
        self._looked: dict[str, tuple[int, int]] = {}
        self._reader = Reader()
        self._lock = threading.RLock()

    def append(
        self, table: str, rows: pl.DataFrame, *, ingest_id: str, seen_at: datetime | None = None
    ) -> Ingest:
        """Add rows that are not there yet, in one atomic version; no version when none is new.

        What is returned is on disk for good. Raises Unavailable when the disk is full, the folder
        cannot be written or other writers never let this one commit.
        """
        spec = table_named(table)
        given = spec.conform(rows)
        for _ in range(COMMIT_ATTEMPTS_MAX):
            state = self._newest(spec)
            stored = self._like(spec, state, given)
            new = new_rows(stored, given, spec, seen_at=seen_at)
            if new.is_empty():
                return Ingest(ingest_id, table, state.version, given.height, 0, 0)
            if self._commit(spec, new, state, ingest_id):
                self._carry(spec, state, new)
                return Ingest(ingest_id, table, state.version + 1, given.height, new.height, 0)
        raise Unavailable(
            "other writers kept this one from the store",
            value=f"{COMMIT_ATTEMPTS_MAX} attempts on {table}",
            remedy="Try again when the other ingest has ended.",
        )

    def read(
        self,
        table: str,
        *,
        as_of: datetime | None = None,
        version: int | None = None,
        instruments: tuple[InstrumentId, ...] | None = None,
        since: date | None = None,
        until: date | None = None,
        first: bool = False,
        columns: tuple[str, ...] | None = None,
    ) -> pl.DataFrame:
        """Return the latest revision of each row that was known at `as_of`, in key order."""
        spec = table_named(table)
        reading = Reading(as_of, instruments, since, until, first, columns)
        if columns is not None:
            check_columns(columns, spec)
        newest = self._newest(spec)
        state = self._at(spec, newest, version)
        if state.version == newest.version:
            found = self._try_fast(spec, newest, lambda fast: fast.read(reading))
            if found is not None:
                return found
        if state.rows <= FRAME_ROWS_MAX:
            rows = self._frame(spec, state)
            if instruments is not None and len(instruments) == 1 and _starts_with_subject(spec):
                rows = _slice(rows, spec.key[0], instruments[0])
            return read_rows(rows, spec, reading)
        return read_rows(self._scanned(spec, state, reading), spec, reading)

    def version(self, table: str) -> int:
        """Return the newest version; -1 when the table has no row yet."""
        return self._newest(table_named(table)).version

    def _newest(self, spec: Table) -> State:
        path = self._path(spec.name)
        with self._lock:
            state = self._states.get(spec.name, EMPTY)
            try:
                if state.version < 0 or not path.is_dir():
                    state = state_at(path)
                else:
                    state, _ = caught_up(path, state)
            except (OSError, ValueError) as error:
                raise unreadable(path, error) from error
            self._states[spec.name] = state
            return state

    def _at(self, spec: Table, newest: State, version: int | None) -> State:
        if version is None or version == newest.version >= 0:
            return newest
        if not newest.oldest <= version <= newest.version:
            raise NotFound(
                f"{spec.name} has no such version",
                value=version,
                bound=f"{newest.oldest} to {newest.version}",
            )
        try:
            return state_at(self._path(spec.name), version)
        except (OSError, ValueError) as error:
            raise unreadable(self._path(spec.name), error) from error

    def _like(self, spec: Table, state: State, given: pl.DataFrame) -> pl.DataFrame:
        """Return every stored row that has the key of a given one, and some others."""
        if state.version < 0 or given.is_empty():
            return spec.empty()
        part = part_of(given, spec)
        found = self._try_fast(spec, state, lambda fast: fast.revisions(part))
        if found is not None:
            return found
        with self._lock:
            kept = self._frames.get((spec.name, state.version))
        if kept is None:
            return self._load(spec, state, part)
        rows = kept
        if part.subjects is not None:
            rows = rows.filter(pl.col(subject_of(spec)).is_in(list(part.subjects)))
        return narrow(rows, since=part.since, until=part.until, day=day_of(spec))

    def _commit(self, spec: Table, new: pl.DataFrame, state: State, ingest_id: str) -> bool:
        """Write rows as the version after a state; False when another writer was first."""
        path = self._path(spec.name)
        partitions = state.partitions if state.version >= 0 else partitions_of(spec)
        try:
            added = write_files(path, spec, new, partitions)
        except OSError as error:
            raise unwritable(path, error) from error
        note = Note("append", ingest_id=ingest_id, rows_added=new.height)
        return self._write(spec, state, note, added=added)

    def _write(
        self,
        spec: Table,
        state: State,
        note: Note,
        *,
        added: Sequence[File] = (),
        removed: Sequence[File] = (),
    ) -> bool:
        """Commit a version; False when another writer was first."""
        path = self._path(spec.name)
        first = state.version < 0
        partitions = partitions_of(spec) if first else state.partitions
        wanted = dict.fromkeys(partitions, pl.Int32()) | spec.schema
        changed = first or not set(wanted) <= set(state.columns)
        commit = NewCommit(note, added, removed, wanted if changed else None, partitions, KEEP_ALL)
        try:
            if write_commit(path, state.version + 1, commit, state.digest) is None:
                return False
        except OSError as error:
            raise unwritable(path, error) from error
        with self._lock:
            reached = self._newest(spec)
            # A list of files only saves time later: without room for it nothing is lost.
            with suppress(OSError):
                if reached.version == state.version + 1:
                    keep_state(path, reached)
        return True

    def _frame(self, spec: Table, state: State) -> pl.DataFrame:
        if state.version < 0:
            return spec.empty()
        with self._lock:
            kept = self._frames.get((spec.name, state.version))
            if kept is None:
                kept = in_order(self._load(spec, state, Part()), spec)
                while len(self._frames) >= FRAMES_KEPT_MAX:
                    self._frames.pop(next(iter(self._frames)))
                self._frames[spec.name, state.version] = kept
            return kept

    def _carry(self, spec: Table, state: State, new: pl.DataFrame) -> None:
        """Keep the frame of the version that an append made, from the one it was added to."""
        with self._lock:
            kept = self._frames.pop((spec.name, state.version), None)
            if kept is not None and kept.height + new.height <= FRAME_ROWS_MAX:
                rows = in_order(pl.concat([kept, new]), spec)
                self._frames[spec.name, state.version + 1] = rows

    def _load(
        self,
        spec: Table,
        state: State,
        part: Part,
        columns: Sequence[str] | None = None,
        as_of: datetime | None = None,
    ) -> pl.DataFrame:
        path = self._path(spec.name)
        try:
            return self._reader.read(path, spec, state.files.values(), part, columns, as_of)
        except _READ_FAULTS as error:
            raise unreadable(path, error) from error

    def _scanned(self, spec: Table, state: State, reading: Reading) -> pl.DataFrame:
        """Return the rows from which a reading is taken, in order, read from data files."""
        part = Part(
            reading.instruments if subject_of(spec) in spec.key else None,
            *((reading.since, reading.until) if day_of(spec) in spec.key else (None, None)),
        )
        names: list[str] | None = None
        if reading.columns is not None:
            needed = (*reading.columns, *spec.order, subject_of(spec), day_of(spec))
            names = [name for name in spec.schema if name in needed]
        return in_order(self._load(spec, state, part, names, reading.as_of), spec)

    def _try_fast(self, spec: Table, state: State, ask: Callable[[Fast], T]) -> T | None:
        """Ask the fast copy; None where there is none that leads to this state."""
        with self._lock:
            try:
                fast = self._fast_at(spec, state)
                return None if fast is None else ask(fast)
            except Untrue:
                # It is a cache: what is not as written goes, and is made anew by `refresh`.
                self._fast.pop(spec.name, None)
                shutil.rmtree(self._mapped_folder(spec.name), ignore_errors=True)
                return None

    def _fast_at(self, spec: Table, state: State) -> Fast | None:
        fast = self._fast.get(spec.name)
        if fast is not None and fast.version == state.version:
            return fast
        if fast is not None and fast.version > state.version:
            return None  # another thread has seen a newer version
        if fast is None or not self._advanced(spec, fast, state):
            self._fast.pop(spec.name, None)
            fast = self._opened(spec, state)
            if fast is None:
                return None
            self._fast[spec.name] = fast
        return fast

    def _opened(self, spec: Table, state: State) -> Fast | None:
        """Open the newest fast copy that leads to a state; look again only when one was made."""
        folder = self._mapped_folder(spec.name)
        try:
            looked = (folder.stat().st_mtime_ns, state.version)
        except OSError:
            return None
        if self._looked.get(spec.name) == looked:
            return None
        self._looked[spec.name] = looked
        made = sorted(int(one.name) for one in folder.iterdir() if one.name.isdigit())
        for version in reversed(made):
            try:
                fast = Fast(Mapped(folder / f"{version}", spec), spec)
            except (OSError, ValueError, KeyError) as error:
                raise Untrue(f"{MANIFEST} of version {version} cannot be read") from error
            if version <= state.version and self._advanced(spec, fast, state):
                return fast
        return None

    def _advanced(self, spec: Table, fast: Fast, state: State) -> bool:
        path = self._path(spec.name)

        def load(files: Sequence[File]) -> pl.DataFrame:
            return self._reader.read(path, spec, files, Part())

        try:
            # The copy's own commit is read again: its hash tells whether it is of this table.
            more = list(_since(path, fast, state.version))
            return more[0].digest == fast.digest and fast.advance(more[1:], load)
        except _READ_FAULTS:
            return False

    def _path(self, table: str) -> Path:
        return self._folder / table

    def _mapped_folder(self, table: str) -> Path:
        return self._folder / MAPPED / table


def _since(path: Path, fast: Fast, version: int) -> list[Commit]:
    found = list(commits(path, fast.version, version))
    if not found:
        raise Damaged(f"commit {fast.version} is missing")
    return found


def _starts_with_subject(spec: Table) -> bool:
    return spec.key[0] == subject_of(spec)


def _slice(rows: pl.DataFrame, column: str, subject: str) -> pl.DataFrame:
    """Return one subject's rows of a frame that is sorted by subject."""
    names = rows[column].set_sorted()
    start = names.search_sorted(subject, side="left")
    return rows.slice(start, names.search_sorted(subject, side="right") - start)

"""The market store on Delta Lake: one Delta table per store table, read into polars frames."""

import threading
from datetime import date, datetime
from pathlib import Path

import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from fondaco.adapters.stores.delta.faults import unreadable, unwritable
from fondaco.core.errors import NotFound, Unavailable
from fondaco.core.instrument import InstrumentId
from fondaco.market.ports import Ingest
from fondaco.market.revisions import content_hash, in_force, narrow, new_rows
from fondaco.market.tables import Table, table_named

COMMIT_ATTEMPTS_MAX = 50
FRAMES_KEPT_MAX = 6
WRITER = "fondaco"
# Every version stays readable: a store of record forgets nothing by itself.
KEEP_ALL = {
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.deletedFileRetentionDuration": "interval 36500 days",
}


class DeltaStore:
    """A point-in-time store in a folder, for many readers and many writers.

    An append is one Delta commit: it is there whole or not at all, also after kill -9. A writer
    that meets another's commit reads the table again and keeps only what is still new, at most
    `COMMIT_ATTEMPTS_MAX` times. Frames are kept in memory by table and version.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._frames: dict[tuple[str, int], pl.DataFrame] = {}
        self._handles: dict[str, DeltaTable] = {}
        self._lock = threading.RLock()

    def append(
        self, table: str, rows: pl.DataFrame, *, ingest_id: str, seen_at: datetime | None = None
    ) -> Ingest:
        """Add rows that are not there yet, in one atomic version; no version when none is new.

        Raises Unavailable when the disk is full, the folder cannot be written or other writers
        never let this one commit.
        """
        spec = table_named(table)
        given = spec.conform(rows)
        for _ in range(COMMIT_ATTEMPTS_MAX):
            version = self.version(table)
            stored = self._frame(spec, version)
            new = new_rows(stored, given, spec, seen_at=seen_at)
            if new.is_empty():
                return Ingest(ingest_id, table, version, given.height, 0, 0)
            if self._commit(spec, new, version):
                return Ingest(ingest_id, table, version + 1, given.height, new.height, 0)
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
    ) -> pl.DataFrame:
        """Return the latest revision of each row that was known at `as_of`, in key order."""
        spec = table_named(table)
        rows = self._frame(spec, self._wanted(table, version))
        if instruments is not None and len(instruments) == 1:
            rows, instruments = _slice(rows, instruments[0]), None
        rows = narrow(rows, instruments=instruments, since=since, until=until)
        return in_force(rows, spec, as_of=as_of, first=first)

    def version(self, table: str) -> int:
        """Return the newest version; -1 when the table has no row yet."""
        name = table_named(table).name
        with self._lock:
            try:
                handle = self._handles.get(name)
                if handle is None:
                    self._handles[name] = handle = DeltaTable(self._path(name))
                handle.update_incremental()
                return handle.version()
            except TableNotFoundError:
                self._handles.pop(name, None)
                return -1
            except (DeltaError, OSError) as error:
                raise unreadable(self._path(name), error) from error

    def content_hash(self, table: str) -> str:
        """Return the hash of all that the table says, bookkeeping left out."""
        spec = table_named(table)
        return content_hash(self._frame(spec, self.version(table)), spec)

    def _commit(self, spec: Table, new: pl.DataFrame, version: int) -> bool:
        """Write rows as the version after `version`; False when another writer was first."""
        path = self._path(spec.name)
        # Two appends do not clash by Delta's own rules. The transaction mark makes them: whoever
        # comes second must look again, or both would add the same rows.
        mark = CommitProperties(
            max_commit_retries=0, app_transactions=[Transaction(WRITER, version + 1)]
        )
        try:
            path.mkdir(parents=True, exist_ok=True)
            if version < 0:
                write_deltalake(
                    path, new, mode="error", configuration=KEEP_ALL, commit_properties=mark
                )
            else:
                write_deltalake(
                    DeltaTable(path, version=version), new, mode="append", commit_properties=mark
                )
        except CommitFailedError:
            return False
        except (DeltaError, OSError) as error:
            if self.version(spec.name) > version:
                return False
            raise unwritable(path, error) from error
        return True

    def _wanted(self, table: str, version: int | None) -> int:
        newest = self.version(table)
        if version is None:
            return newest
        if not 0 <= version <= newest:
            raise NotFound(f"{table} has no such version", value=version, bound=f"0 to {newest}")
        return version

    def _frame(self, spec: Table, version: int) -> pl.DataFrame:
        if version < 0:
            return spec.empty()
        with self._lock:
            kept = self._frames.get((spec.name, version))
            if kept is None:
                kept = self._load(spec, version)
                while len(self._frames) >= FRAMES_KEPT_MAX:
                    self._frames.pop(next(iter(self._frames)))
                self._frames[spec.name, version] = kept
            return kept

    def _load(self, spec: Table, version: int) -> pl.DataFrame:
        path = self._path(spec.name)
        try:
            handle = DeltaTable(path, version=version)
            _check_sizes(path, handle)
            rows = pl.read_delta(handle)
        # Polars panics, instead of raising, on some damaged files.
        except (
            DeltaError,
            OSError,
            pl.exceptions.PolarsError,
            pl.exceptions.PanicException,
        ) as error:
            raise unreadable(path, error) from error
        return spec.conform(rows).sort(spec.order)

    def _path(self, table: str) -> Path:
        return self._folder / table


def _check_sizes(path: Path, handle: DeltaTable) -> None:
    """Raise OSError when a data file does not have the size that it was committed with."""
    files = pl.DataFrame(handle.get_add_actions(flatten=True))
    for name, committed in files.select("path", "size_bytes").rows():
        size = (path / name).stat().st_size
        if size != committed:
            raise OSError(f"{name} has {size:,} bytes and was written with {committed:,}")


def _slice(rows: pl.DataFrame, instrument: InstrumentId) -> pl.DataFrame:
    """Return one instrument's rows of a frame that is sorted by instrument."""
    names = rows["instrument"].set_sorted()
    start = names.search_sorted(instrument, side="left")
    return rows.slice(start, names.search_sorted(instrument, side="right") - start)

"""What the outside may ask of the market store itself: versions, checks, copies, retention."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput, Refused
from fondaco.core.limits import REASON_CHARS_MAX
from fondaco.core.quantities import AsOf, Moment
from fondaco.market.keeping import Backup, StoreKeeper, VersionLine
from fondaco.market.moments import known_moment
from fondaco.market.store_results import (
    BackupReport,
    ComparisonReport,
    ExportReport,
    RetainReport,
    VerifyReport,
    VersionList,
)
from fondaco.market.store_views import (
    view_backup,
    view_comparison,
    view_exported,
    view_restored,
    view_retained,
    view_verified,
    view_versions,
)

if TYPE_CHECKING:
    import polars as pl

SHOWN_ROWS = 20

TableName = Annotated[
    str, Field(pattern=r"^[a-z0-9_]{2,32}$", description="table of the store, e.g. bars_1d")
]
VersionNumber = Annotated[int, Field(ge=0, description="version of the table; the first is 0")]
Reason = Annotated[
    str,
    Field(min_length=8, max_length=REASON_CHARS_MAX, description="why; kept for good"),
]
Place = Annotated[
    str,
    Field(
        min_length=1, max_length=1_024, description="path of a new folder or .tar file of the desk"
    ),
]


@capability("store.versions", view=view_versions, to_model=False)
def list_versions(
    store: StoreKeeper,
    /,
    *,
    table: TableName,
    limit: Annotated[int, Field(ge=1, le=1_000, description="most versions, the newest")] = 50,
) -> VersionList:
    """List the versions of a table of market data: when, by which ingest or person, what changed.

    Example:
        fondaco store versions bars_1d
    """
    found = store.versions(table)
    return VersionList(table, len(found), tuple(reversed(found[-limit:])))


@capability("store.compare", view=view_comparison, to_model=False)
def compare_versions(
    store: StoreKeeper,
    /,
    *,
    table: TableName,
    a: VersionNumber,
    b: VersionNumber,
) -> ComparisonReport:
    """Compare two versions of a table: rows added, revised and gone, the first of them shown.

    Example:
        fondaco store compare bars_1d --a 0 --b 0
    """
    found = store.compare(table, a, b)
    columns = tuple(name for name in found.added.columns if name != "ingest_id")
    changes = (("added", found.added), ("revised", found.revised), ("gone", found.gone))
    rows = [(change, *row) for change, frame in changes for row in _words(frame, columns)]
    return ComparisonReport(
        table,
        a,
        b,
        found.added.height,
        found.revised.height,
        found.gone.height,
        columns,
        tuple(rows[:SHOWN_ROWS]),
    )


def _words(frame: "pl.DataFrame", columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    shown = frame.select(columns).head(SHOWN_ROWS)
    return [tuple("" if cell is None else str(cell) for cell in row) for row in shown.rows()]


@capability("store.verify", view=view_verified, to_model=False)
def verify_store(
    store: StoreKeeper,
    /,
    *,
    table: TableName | None = None,
) -> VerifyReport:
    """Read everything that was kept of a table, or of all, and compare it with its hashes.

    Example:
        fondaco store verify --table bars_1d
    """
    from fondaco.market.tables import every_table

    names = every_table() if table is None else (table,)
    found = tuple(store.verify(name) for name in names)
    shown = tuple(one for one in found if table is not None or one.version >= 0 or one.damage)
    return VerifyReport(all(one.sound for one in shown), shown)


@capability("store.restore", Effect.WRITE, view=view_restored, to_model=False)
def restore_version(
    store: StoreKeeper,
    caller: Caller,
    /,
    *,
    table: TableName,
    version: VersionNumber,
    reason: Reason,
) -> VersionLine:
    """Roll a table back: a new version says what an older one said; nothing is deleted.

    Example:
        fondaco store restore bars_1d --version 0 --reason "the last ingest was of another feed"
    """
    _person(caller)
    return store.restore(table, version, by=caller.actor, reason=reason)


@capability("store.retain", Effect.WRITE, view=view_retained, to_model=False)
def retain_versions(
    store: StoreKeeper,
    caller: Caller,
    /,
    *,
    table: TableName,
    reason: Reason,
    keep_versions: Annotated[
        int | None, Field(ge=1, le=1_000_000, description="how many of the newest stay")
    ] = None,
    keep_since: Moment | None = None,
) -> RetainReport:
    """Let old versions of a table go for good, and free their files; every revision stays.

    Name how many versions stay, or from which time on. What was in force at that time stays
    readable as a version; readings as of any time stay as they are.

    Example:
        fondaco store retain bars_1d --reason "room on the disk" --keep-versions 10
    """
    _person(caller)
    since: datetime | None = keep_since
    done = store.retain(
        table, by=caller.actor, reason=reason, keep_versions=keep_versions, keep_since=since
    )
    return RetainReport(done.table, done.version, done.oldest, done.files_removed, done.bytes_freed)


@capability("store.export", Effect.WRITE, view=view_exported, to_model=False)
def export_table(
    store: StoreKeeper,
    caller: Caller,
    clock: Clock,
    /,
    *,
    table: TableName,
    path: Place,
    shape: Annotated[Literal["parquet", "csv"], Field(description="parquet or csv")] = "parquet",
    as_of: AsOf = None,
    revisions: Annotated[
        bool, Field(description="every revision known by then, not those in force alone")
    ] = False,
) -> ExportReport:
    """Write a table to a new file, as it was known at a time, as Parquet or CSV.

    A text that a spreadsheet would take for a formula gets an apostrophe in CSV.

    Example:
        fondaco store export bars_1d --path bars.parquet --as-of 2019-06-28
    """
    _person(caller)
    moment = None if as_of is None else known_moment(as_of, clock)
    place = _placed(path)
    rows = store.export(table, place, as_of=moment, revisions=revisions, written=shape)
    return ExportReport(table, str(place), rows, moment)


@capability("store.backup", Effect.WRITE, view=view_backup, to_model=False)
def back_up(store: StoreKeeper, caller: Caller, /, *, path: Place) -> BackupReport:
    """Copy all market data with its versions into a new folder or `.tar`, with a manifest.

    The desk's database (books, cards, journal) and the raw answers are not in it.

    Example:
        fondaco store backup market.tar
    """
    _person(caller)
    return _told(store.backup(_placed(path)))


@capability("store.check", view=view_backup, to_model=False)
def check_backup(store: StoreKeeper, caller: Caller, /, *, path: Place) -> BackupReport:
    """Compare every file of a backup with its manifest.

    Example:
        fondaco store check market.tar
    """
    _person(caller)
    return _told(store.verify_backup(_placed(path)))


@capability("store.recover", Effect.WRITE, view=view_backup, to_model=False)
def recover(store: StoreKeeper, caller: Caller, /, *, path: Place) -> BackupReport:
    """Bring a backup of market data back, whole, into a desk that has none yet.

    Example:
        fondaco store recover market.tar
    """
    _person(caller)
    return _told(store.recover(_placed(path)))


def _told(backup: Backup) -> BackupReport:
    return BackupReport(str(backup.place), backup.tables, backup.files, backup.bytes, backup.damage)


def _placed(path: str) -> Path:
    if "\x00" in path:
        raise InvalidInput("a path holds a zero byte", value=repr(path[:40]))
    return Path(path).expanduser().absolute()


def _person(caller: Caller) -> None:
    if not caller.person:
        raise Refused(
            "only a person may do this to the store",
            value=f"{caller.actor} on {caller.surface}",
            remedy="Ask the person at the desk to do it in the terminal or on the CLI.",
        )

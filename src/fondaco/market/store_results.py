"""What the store's keepers give back: plain values, light to import."""

from dataclasses import dataclass
from datetime import datetime

from fondaco.market.keeping import Damage, Kept, Verified, VersionLine


@dataclass(frozen=True, slots=True)
class VersionList:
    """The versions of a table, newest first. `total` counts all of them."""

    table: str
    total: int
    versions: tuple[VersionLine, ...]


@dataclass(frozen=True, slots=True)
class ComparisonReport:
    """How a table differs between two versions: counts, and the first rows of each kind."""

    table: str
    version_a: int
    version_b: int
    added: int
    revised: int
    gone: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a check of tables found; `sound` when nothing is damaged."""

    sound: bool
    tables: tuple[Verified, ...]


@dataclass(frozen=True, slots=True)
class RetainReport:
    """What a retention let go."""

    table: str
    version: int
    oldest: int
    files_removed: int
    bytes_freed: int


@dataclass(frozen=True, slots=True)
class ExportReport:
    """A file that was written."""

    table: str
    place: str
    rows: int
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A backup, made, checked or brought back."""

    place: str
    tables: tuple[Kept, ...]
    files: int
    bytes: int
    damage: tuple[Damage, ...]

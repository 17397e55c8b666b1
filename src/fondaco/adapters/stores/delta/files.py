"""Data files: Parquet, sorted, named by the hash of their bytes, chosen by what they hold."""

import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from fondaco.adapters.stores.delta.disk import digest_of, make_folder, write_whole
from fondaco.adapters.stores.delta.log import Damaged, File
from fondaco.market.revisions import day_of, in_order, start_of, subject_of
from fondaco.market.tables import Table

FILE_ROWS_MAX = 1_000_000
GROUP_ROWS = 65_536
DIGEST_LENGTH = 64
BOUND_LENGTH_MAX = 200
YEARLY = frozenset({"bars_intraday", "quotes", "trades", "depth", "chains"})
"""Tables that are parted by the year of `ts`: theirs grow by millions of rows a year."""
YEAR = "year"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a table by what its rows are about and on which days; None means all.

    `since` and `until` bound the day column, both included.
    """

    subjects: tuple[str, ...] | None = None
    since: date | None = None
    until: date | None = None


def partitions_of(table: Table) -> tuple[str, ...]:
    """Return the columns by which a new table is parted."""
    return (YEAR,) if table.name in YEARLY else ()


def write_files(
    folder: Path, table: Table, rows: pl.DataFrame, partitions: Sequence[str]
) -> tuple[File, ...]:
    """Write rows durably as sorted files of at most `FILE_ROWS_MAX` rows; none is read yet."""
    if tuple(partitions) not in {(), (YEAR,)}:
        raise Damaged(f"the table is parted by {', '.join(partitions)}, which Fondaco never does")
    rows = in_order(rows, table)
    parts: Iterable[tuple[Mapping[str, str], pl.DataFrame]] = [({}, rows)]
    if partitions:
        years = rows["ts"].dt.year()
        parts = [({YEAR: str(year)}, rows.filter(years == year)) for year in sorted(years.unique())]
    return tuple(
        _write(folder, table, some, partition)
        for partition, part in parts
        for some in part.iter_slices(FILE_ROWS_MAX)
    )


def _write(folder: Path, table: Table, rows: pl.DataFrame, partition: Mapping[str, str]) -> File:
    buffer = io.BytesIO()
    rows.write_parquet(buffer, compression="zstd", compression_level=1, row_group_size=GROUP_ROWS)
    content = buffer.getbuffer()
    name = f"{hashlib.sha256(content).hexdigest()}.parquet"
    path = "/".join([*(f"{key}={value}" for key, value in partition.items()), name])
    make_folder((folder / path).parent)
    write_whole(folder / path, content)
    low, high = _bounds(rows, table)
    return File(path, len(content), rows.height, partition, low, high)


def _bounds(rows: pl.DataFrame, table: Table) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the least and greatest value of each column by which files are chosen."""
    low, high = {}, {}
    for name in dict.fromkeys((subject_of(table), day_of(table), "ts", "known_at")):
        bounds = _plain(rows[name].min(), up=False), _plain(rows[name].max(), up=True)
        if all(bounds) and all(len(bound) <= BOUND_LENGTH_MAX for bound in bounds):
            low[name], high[name] = bounds
    return low, high


def _plain(value: object, *, up: bool) -> str:
    """Return a bound as the log has it: moments to the millisecond, rounded outwards."""
    if isinstance(value, datetime):
        moment = value + timedelta(microseconds=999) if up else value
        return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value or "")


def chosen(files: Iterable[File], table: Table, part: Part) -> list[File]:
    """Return the files that may hold rows of a part."""
    subject, day = subject_of(table), day_of(table)
    wanted = None if part.subjects is None else sorted(part.subjects)
    since, until = part.since, part.until
    return [
        file
        for file in files
        if _may_hold(file, subject, wanted) and _may_reach(file, day, since, until)
    ]


def _may_hold(file: File, subject: str, wanted: Sequence[str] | None) -> bool:
    if wanted is None or subject not in file.high or subject not in file.low:
        return True
    low, high = file.low[subject], file.high[subject]
    return any(low <= name <= high for name in wanted)


def _may_reach(file: File, day: str, since: date | None, until: date | None) -> bool:
    if day not in file.high or day not in file.low:
        return True
    if since is not None and file.high[day][:10] < since.isoformat():
        return False
    return until is None or file.low[day][:10] <= until.isoformat()


class Reader:
    """Reads data files of one store; each is compared with its hash before it is first read."""

    def __init__(self) -> None:
        self._checked: set[tuple[str, int]] = set()

    def read(
        self,
        folder: Path,
        table: Table,
        files: Iterable[File],
        part: Part,
        columns: Sequence[str] | None = None,
        as_of: datetime | None = None,
    ) -> pl.DataFrame:
        """Return the rows of a part, known by `as_of`, as they lie: file by file, as they came.

        Raises OSError (`Damaged`) for a file that is missing or changed.
        """
        names = list(columns or table.schema)
        paths = [self.checked(folder, file) for file in chosen(files, table, part)]
        if not paths:
            return table.empty().select(names)
        # Files from before a table was given a column lack it.
        rows = pl.scan_parquet(
            paths,
            schema=table.schema,
            missing_columns="insert",
            extra_columns="ignore",
            hive_partitioning=False,
            glob=False,
        )
        for condition in _conditions(table, part, as_of):
            rows = rows.filter(condition)
        return rows.select(names).collect()

    def checked(self, folder: Path, file: File) -> Path:
        """Return where a file lies; raises `Damaged` when it is not as it was written."""
        path = folder / file.path
        stamp = path.stat()
        if stamp.st_size != file.size:
            raise Damaged(
                f"{file.path} has {stamp.st_size:,} bytes and was written with {file.size:,}"
            )
        seen = (str(path), stamp.st_mtime_ns)
        if seen not in self._checked:
            if is_hashed(file) and digest_of(path) != path.stem:
                raise Damaged(f"{file.path} is not what was written: its hash differs")
            self._checked.add(seen)
        return path


def is_hashed(file: File) -> bool:
    """Whether a file's name is the hash of its bytes; other programs name theirs otherwise."""
    stem = file.path.rpartition("/")[2].removesuffix(".parquet")
    return len(stem) == DIGEST_LENGTH and not set(stem) - set("0123456789abcdef")


def _conditions(table: Table, part: Part, as_of: datetime | None) -> Iterator[pl.Expr]:
    day = day_of(table)
    moments = table.schema[day] != pl.Date
    if part.subjects is not None:
        yield pl.col(subject_of(table)).is_in(list(part.subjects))
    if part.since is not None:
        yield pl.col(day) >= (start_of(part.since) if moments else part.since)
    if part.until is not None:
        end = part.until + timedelta(days=1)
        yield pl.col(day) < start_of(end) if moments else pl.col(day) <= part.until
    if as_of is not None:
        yield pl.col("known_at") <= as_of


def by_subjects(
    reader: Reader, folder: Path, table: Table, files: Sequence[File], rows_max: int
) -> Iterator[pl.DataFrame]:
    """Give a whole table in parts of about `rows_max` rows, sorted, each with all of its subjects.

    The parts come in order. A table whose first key is not what its rows are about comes as one.
    """
    subject = subject_of(table)
    if table.key[0] != subject or sum(file.rows for file in files) <= rows_max:
        yield in_order(reader.read(folder, table, files, Part()), table)
        return
    counts = (
        reader.read(folder, table, files, Part(), [subject]).group_by(subject).len().sort(subject)
    )
    names: list[str] = []
    held = 0
    for name, count in counts.rows():
        if names and held + count > rows_max:
            yield _sorted_part(reader, folder, table, files, names)
            names, held = [], 0
        names.append(name)
        held += count
    if names:
        yield _sorted_part(reader, folder, table, files, names)


def loose_files(files: Iterable[File], table: Table) -> list[list[File]]:
    """Return the files of each partition that compaction would lay out better.

    A partition is well laid out when its files follow one another by what their rows are about,
    and are not many more than their rows need.
    """
    subject = subject_of(table)
    together: dict[tuple[tuple[str, str | None], ...], list[File]] = {}
    for file in files:
        together.setdefault(tuple(sorted(file.partition.items())), []).append(file)
    return [group for _, group in sorted(together.items()) if not _well_laid(group, subject)]


def _well_laid(files: list[File], subject: str) -> bool:
    needed = -(-sum(file.rows for file in files) // FILE_ROWS_MAX)
    if len(files) > 2 * needed + 1:
        return False
    if not all(subject in file.low and subject in file.high for file in files):
        return len(files) == 1
    inside = sorted((file.low[subject], file.high[subject], file.rows) for file in files)
    return all(
        high < low or rows == FILE_ROWS_MAX for (_, high, rows), (low, _, _) in pairwise(inside)
    )


def _sorted_part(
    reader: Reader, folder: Path, table: Table, files: Sequence[File], names: Sequence[str]
) -> pl.DataFrame:
    return in_order(reader.read(folder, table, files, Part(tuple(names))), table)

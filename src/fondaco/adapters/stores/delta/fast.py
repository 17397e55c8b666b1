"""The fast copy of a table with what was added since it was made."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

import polars as pl

from fondaco.adapters.stores.delta.files import Part
from fondaco.adapters.stores.delta.log import Commit, File
from fondaco.adapters.stores.delta.mapped import Mapped
from fondaco.market.revisions import Reading, day_of, in_order, narrow, read_rows, subject_of
from fondaco.market.tables import Table

TAIL_ROWS_MAX = 200_000
"""Rows held in memory on top of the fast copy; beyond, it waits until it is made anew."""

Load = Callable[[Sequence[File]], pl.DataFrame]


class Fast:
    """Reads the newest version of a table: mapped rows, and rows added since, held in memory."""

    def __init__(self, mapped: Mapped, table: Table) -> None:
        self._mapped, self._table = mapped, table
        self._tail = table.empty()
        self._new_keys = True
        self._joined: Mapped | None = None
        self._joined_rows = 0
        self._days: tuple[date, date] | None = None
        self.version, self.digest = mapped.version, mapped.digest
        self._subject, self._day = subject_of(table), day_of(table)

    def advance(self, commits: Iterable[Commit], load: Load) -> bool:
        """Take in the commits after this version; False where these do more than add rows."""
        for commit in commits:
            if commit.note.operation == "append" and not commit.removed:
                more = sum(file.rows for file in commit.added)
                if self._tail.height + more > TAIL_ROWS_MAX:
                    return False
                self._take(load(commit.added))
            elif commit.note.operation not in {"compact", "retain"}:
                return False
            self.version, self.digest = commit.version, commit.digest
        return True

    def check(self) -> None:
        """Compare the fast copy with its hashes; raises Untrue."""
        self._mapped.check()

    def revisions(self, part: Part) -> pl.DataFrame:
        """Return all revisions of a part, in the table's order."""
        mapped, tail = self._mapped.read(part, None), self._tail_of(part)
        if tail.is_empty():
            return mapped
        return in_order(pl.concat([mapped, tail]), self._table)

    def read(self, reading: Reading) -> pl.DataFrame:
        """Return what a reader asks for."""
        part = Part(reading.instruments, reading.since, reading.until)
        keep = (reading.as_of, reading.first)
        if not self._meets(part):
            return self._mapped.read(part, keep, reading.columns)
        one_day = part.since is not None and part.since == part.until
        joined = None if one_day else self._together()
        if joined is not None:
            return joined.read(part, keep, reading.columns)
        # One day of many, or rows that revise mapped ones: few, or else until `refresh`.
        if self._day not in self._table.key:
            part = Part(reading.instruments)
        return read_rows(self.revisions(part), self._table, reading)

    def _together(self) -> Mapped | None:
        """Return mapped rows and added ones as one, where the added ones follow; made on demand."""
        if self._joined_rows != self._tail.height:
            self._joined_rows = self._tail.height
            self._joined = self._mapped.with_more(self._tail) if self._new_keys else None
        return self._joined

    def _meets(self, part: Part) -> bool:
        """Whether rows that were added since may lie in a part."""
        if self._tail.is_empty():
            return False
        if self._days is None:
            return True
        first, last = self._days
        return (part.since is None or part.since <= last) and (
            part.until is None or first <= part.until
        )

    def _tail_of(self, part: Part) -> pl.DataFrame:
        rows = self._tail
        if rows.is_empty():
            return rows
        if part.subjects is not None and len(part.subjects) == 1:
            names = rows[self._subject].set_sorted()
            start = names.search_sorted(part.subjects[0], side="left")
            end = names.search_sorted(part.subjects[0], side="right")
            rows = rows.slice(start, end - start)
        elif part.subjects is not None:
            rows = rows.filter(pl.col(self._subject).is_in(list(part.subjects)))
        if self._day not in self._table.key:
            return rows
        return narrow(rows, since=part.since, until=part.until, day=self._day)

    def _take(self, rows: pl.DataFrame) -> None:
        if rows.is_empty():
            return
        table = self._table
        held = self._mapped.read(part_of(rows, table), None, table.key)
        self._new_keys &= rows.join(held, on=list(table.key), how="semi").is_empty()
        self._tail = in_order(pl.concat([self._tail, rows]), table)
        part = part_of(self._tail, table)
        self._days = (part.since, part.until) if part.since and part.until else None


def part_of(rows: pl.DataFrame, table: Table) -> Part:
    """Return the part of a table in which every row lies that has the key of one of these."""
    subject, day = subject_of(table), day_of(table)
    subjects = tuple(rows[subject].unique()) if subject in table.key else None
    if day not in table.key:
        return Part(subjects)
    days = rows[day] if rows.schema[day] == pl.Date else rows[day].dt.date()
    return Part(subjects, days.min(), days.max())  # type: ignore[arg-type]

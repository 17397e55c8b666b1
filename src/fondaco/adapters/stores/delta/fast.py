"""The fast copy of a table with what was added since it was made."""

from collections.abc import Callable, Iterable, Sequence

import polars as pl

from fondaco.adapters.stores.delta.files import Part
from fondaco.adapters.stores.delta.layout import Keep
from fondaco.adapters.stores.delta.log import Commit, File
from fondaco.adapters.stores.delta.mapped import Mapped
from fondaco.market.revisions import Reading, day_of, narrow, read_rows, subject_of
from fondaco.market.tables import Table

TAIL_ROWS_MAX = 200_000
"""Rows held in memory on top of the fast copy; beyond, it waits until it is made anew."""

Load = Callable[[Sequence[File]], pl.DataFrame]


class Fast:
    """Reads the newest version of a table: mapped rows, and rows added since, held in memory."""

    def __init__(self, mapped: Mapped, table: Table) -> None:
        self._mapped, self._table = mapped, table
        self._tail = table.empty()
        self._revises = False
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
        return pl.concat([mapped, tail]).sort(self._table.order)

    def read(self, reading: Reading) -> pl.DataFrame:
        """Return what a reader asks for."""
        part = Part(reading.instruments, reading.since, reading.until)
        keep = (reading.as_of, reading.first)
        tail = self._tail_of(part)
        if tail.is_empty():
            return self._mapped.read(part, keep, reading.columns)
        if self._revises or self._day not in self._table.key:
            rows = self.revisions(Part(reading.instruments))
            return read_rows(rows, self._table, reading)
        return self._together(part, keep, reading, tail)

    def _together(
        self, part: Part, keep: Keep, reading: Reading, tail: pl.DataFrame
    ) -> pl.DataFrame:
        """Return mapped rows and rows of keys that no mapped row has."""
        table = self._table
        names = list(reading.columns or table.schema)
        wanted = list(dict.fromkeys((*names, *table.key)))
        mapped = self._mapped.read(part, keep, wanted)
        fresh = read_rows(tail, table, Reading(as_of=reading.as_of, first=reading.first))
        found = pl.concat([mapped, fresh.select(wanted)])
        if not self._follows(mapped, fresh, part):
            found = found.sort(table.key)
        return found.select(names)

    def _follows(self, mapped: pl.DataFrame, fresh: pl.DataFrame, part: Part) -> bool:
        """Whether the rows of one subject are in order when the fresh ones are put last."""
        if mapped.is_empty() or fresh.is_empty():
            return True
        one = part.subjects is not None and len(part.subjects) == 1
        if not one or self._table.key[1] != self._day:
            return False
        return bool(mapped[self._day][-1] < fresh[self._day][0])

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
        part = self._part_of(rows)
        held = self._mapped.read(part, None, table.key)
        self._revises |= not rows.join(held, on=list(table.key), how="semi").is_empty()
        self._tail = pl.concat([self._tail, rows]).sort(table.order)

    def _part_of(self, rows: pl.DataFrame) -> Part:
        return part_of(rows, self._table)


def part_of(rows: pl.DataFrame, table: Table) -> Part:
    """Return the part of a table in which every row lies that has the key of one of these."""
    subject, day = subject_of(table), day_of(table)
    subjects = tuple(rows[subject].unique()) if subject in table.key else None
    if day not in table.key:
        return Part(subjects)
    days = rows[day] if rows.schema[day] == pl.Date else rows[day].dt.date()
    return Part(subjects, days.min(), days.max())  # type: ignore[arg-type]

"""The fast copy of a table: columns in memory-mapped files, by what rows are about and by day.

It is made from the store of record and never trusted beyond its hashes. Layout: one folder a
version with `by_subject/` (rows in the table's order) and, for tables of sessions, `by_day/` (by
session, then the same order); `manifest.json` has the hashes, the words and where each run lies.
"""

import hashlib
import json
import os
import shutil
import uuid
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from copy import copy
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from fondaco.adapters.stores.delta.blocks import Blocks, Numbers, Untrue, Writer
from fondaco.adapters.stores.delta.files import Part
from fondaco.adapters.stores.delta.layout import (
    MARKS,
    NUMBERS,
    Joined,
    Keep,
    Manifest,
    Sheet,
    Unmappable,
    Words,
    marks_of,
    micros,
    numbers_of,
)
from fondaco.market.revisions import day_of, start_of, subject_of
from fondaco.market.tables import Table

FORMAT = 1
MANIFEST = "manifest.json"
BY_SUBJECT, BY_DAY = "by_subject", "by_day"
SUBJECTS_BY_DAY_MIN = 20
"""From so many instruments on, one day is read where it lies together."""
_FIRST_DAY = date(1970, 1, 1)
Run = tuple[tuple[str | int | float, ...], int, int]
"""Rows that share what stands in the key before the day: these values, first row, end."""


def build(
    folder: Path, table: Table, version: int, digest: str, parts: Iterable[pl.DataFrame]
) -> Path:
    """Write a version of a table's fast copy; returns its folder, there whole or not at all.

    `parts` are all its rows in order, each with all rows of some subjects. `digest` is that of the
    version's commit. Raises Unmappable for a table that numbers cannot hold.
    """
    if table.key[0] != subject_of(table):
        raise Unmappable(f"{table.name} is not ordered by what its rows are about")
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"temporary-{uuid.uuid4().hex}"
    target = folder / f"{version}"
    try:
        manifest = _write_by_subject(temporary / BY_SUBJECT, table, parts)
        if "session" in table.key:
            manifest[BY_DAY] = _write_by_day(temporary, table, manifest)
        manifest |= {
            "format": FORMAT,
            "table": table.name,
            "version": version,
            "digest": digest,
            "schema": {name: str(dtype) for name, dtype in table.schema.items()},
        }
        body = json.dumps(manifest, separators=(",", ":")).encode()
        line = hashlib.sha256(body).hexdigest().encode() + b"\n"
        (temporary / MANIFEST).write_bytes(line + body)
        shutil.rmtree(target, ignore_errors=True)
        os.rename(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    for old in folder.iterdir():
        if old.name.isdigit() and int(old.name) < version:
            shutil.rmtree(old, ignore_errors=True)
    return target


def _write_by_subject(folder: Path, table: Table, parts: Iterable[pl.DataFrame]) -> Manifest:
    folder.mkdir(parents=True)
    kinds = {name: NUMBERS[dtype] for name, dtype in table.schema.items()} | MARKS
    words = {name: Words() for name in table.schema}
    blanks = dict.fromkeys(table.schema, False)
    runs: list[Run] = []
    rows = 0
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(Writer(folder / f"{name}.bin", kind))
            for name, kind in kinds.items()
        }
        for part in parts:
            for name in table.schema:
                writers[name].add(numbers_of(part[name], words[name]))
                blanks[name] |= part[name].null_count() > 0
            for name, mark in marks_of(part, table).items():
                writers[name].add(mark)
            runs += _runs(part, table, rows)
            rows += part.height
        digests = {name: writer.close() for name, writer in writers.items()}
    return {
        "rows": rows,
        "blanks": blanks,
        "runs": runs,
        "words": {name: list(one.places) for name, one in words.items() if one.places},
        BY_SUBJECT: digests,
    }


def _runs(part: pl.DataFrame, table: Table, start: int) -> list[Run]:
    """Return the runs of rows within which the day column rises: what they share, start, end."""
    day, key = day_of(table), list(table.key)
    fixed = key[: key.index(day)] if day in key else key[:1]
    found = part.select(fixed).with_row_index("at").group_by(fixed, maintain_order=True)
    ends = found.agg(pl.col("at").min().alias("start"), (pl.col("at").max() + 1).alias("end"))
    texts = ends.with_columns(pl.col(pl.Date, pl.Datetime).cast(pl.String))
    return [
        (tuple(row[:-2]), start + row[-2], start + row[-1])
        for row in texts.select(*fixed, "start", "end").rows()
    ]


def _write_by_day(folder: Path, table: Table, manifest: Manifest) -> Manifest:
    (folder / BY_DAY).mkdir()
    rows = manifest["rows"]

    def written(name: str) -> Numbers:
        kind = (MARKS | {n: NUMBERS[d] for n, d in table.schema.items()})[name]
        return np.fromfile(folder / BY_SUBJECT / f"{name}.bin", dtype=kind, count=rows)

    sessions = written("session")
    order = np.argsort(sessions, kind="stable")
    digests = {}
    for name in manifest[BY_SUBJECT]:
        numbers = written(name)
        with Writer(folder / BY_DAY / f"{name}.bin", numbers.dtype.str) as writer:
            writer.add(numbers[order])
            digests[name] = writer.close()
    days, starts = np.unique(sessions[order], return_index=True)
    return {"digests": digests, "days": days.tolist(), "starts": [*starts.tolist(), rows]}


class Mapped:
    """A version of a table, read from its fast copy; raises `Untrue` where it was changed."""

    def __init__(self, folder: Path, table: Table) -> None:
        manifest = _manifest(folder, table)
        self.version: int = manifest["version"]
        self.digest: str = manifest["digest"]
        self.rows: int = manifest["rows"]
        self._table = table
        words = {name: pl.Series(one, dtype=pl.String) for name, one in manifest["words"].items()}
        self._words = words
        self._coded = {name: Words(manifest["words"].get(name, ())) for name in table.schema}
        self._blanks: dict[str, bool] = manifest["blanks"]
        self._places = self._coded[subject_of(table)].places
        self._columns = _columns(folder, table, BY_SUBJECT, manifest)
        self._by_subject = Sheet(table, self._columns, words, self._blanks)
        self._by_day: Sheet | None = None
        self._day_columns: dict[str, Blocks] = {}
        if BY_DAY in manifest:
            found = manifest[BY_DAY]
            self._day_columns = _columns(folder, table, BY_DAY, manifest)
            self._by_day = Sheet(table, self._day_columns, words, self._blanks)
            self._days: list[int] = found["days"]
            self._starts: list[int] = found["starts"]
        self._runs: dict[str, list[Run]] = {}
        for fixed, start, end in manifest["runs"]:
            self._runs.setdefault(fixed[0], []).append((tuple(fixed), start, end))
        self._subjects = list(self._runs)
        self._day = day_of(table)
        self._rising = self._day in table.key

    def read(
        self, part: Part, keep: Keep | None, columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """Return the rows of a part, in order: those in force as `keep` says, or all revisions."""
        names = list(columns or self._table.schema)
        together = self._day_together(part)
        if together is not None and self._by_day is not None:
            codes = self._by_day.column(subject_of(self._table)).span(*together)
            also = None if part.subjects is None else self._of(part.subjects, codes)
            return self._by_day.frame(names, [together], keep, also)
        spans = self._spans(part)
        return self._by_subject.frame(names, spans, keep, self._on(part, spans))

    def check(self) -> None:
        """Compare everything with its hash; raises `Untrue`."""
        for columns in (self._columns, self._day_columns):
            for column in columns.values():
                column.check()

    def with_more(self, rows: pl.DataFrame) -> "Mapped | None":
        """Return this with more rows in memory that follow its own in every run; None else.

        `rows` are in the table's order, of keys that this does not hold.
        """
        table = self._table
        try:
            more = {name: numbers_of(rows[name], self._coded[name]) for name in table.schema}
        except Unmappable:
            return None
        more |= marks_of(rows, table)
        runs = self._runs_with(_runs(rows, table, self.rows), more[self._day])
        if runs is None:
            return None
        joined = copy(self)
        columns = {name: Joined(self._columns[name], numbers) for name, numbers in more.items()}
        words = {
            name: pl.Series(list(one.places), dtype=pl.String)
            if len(one.places) != len(self._words.get(name, ()))
            else self._words[name]
            for name, one in self._coded.items()
            if one.places
        }
        blanks = {n: b or rows[n].null_count() > 0 for n, b in self._blanks.items()}
        joined._by_subject = Sheet(table, columns, words, blanks)
        joined._by_day = None
        joined._runs, joined._subjects = runs, sorted(runs)
        return joined

    def _runs_with(self, more: Sequence[Run], days: Numbers) -> dict[str, list[Run]] | None:
        """Return the runs with others after them; None where one would have to lie within."""
        runs = dict(self._runs)
        for fixed, start, end in more:
            subject = str(fixed[0])
            held = [run for run in runs.get(subject, ()) if run[0] == fixed]
            if held and not self._rising:
                return None
            if held:
                last = self._columns[self._day].span(held[-1][2] - 1, held[-1][2])[0]
                if last >= days[start - self.rows]:
                    return None
            # Sorting is stable and compares what runs share alone: the new one follows its own.
            runs[subject] = sorted(
                [*runs.get(subject, ()), (fixed, start, end)], key=lambda run: run[0]
            )
        return runs

    def _day_together(self, part: Part) -> tuple[int, int] | None:
        if self._by_day is None or part.since is None or part.since != part.until:
            return None
        if part.subjects is not None and len(part.subjects) < SUBJECTS_BY_DAY_MIN:
            return None
        day = (part.since - _FIRST_DAY).days
        at = bisect_left(self._days, day)
        if at == len(self._days) or self._days[at] != day:
            return (0, 0)
        return self._starts[at], self._starts[at + 1]

    def _of(self, subjects: Sequence[str], codes: Numbers) -> Numbers | None:
        wanted = np.zeros(len(self._places) + 1, np.bool_)
        wanted[[self._places.get(subject, -1) for subject in subjects]] = True
        wanted[-1] = False
        found: Numbers = wanted[codes]
        return None if found.all() else found

    def _spans(self, part: Part) -> list[tuple[int, int]]:
        """Return where the rows of a part lie, neighbours together."""
        if part.subjects is None:
            found = [run for one in self._subjects for run in self._runs[one]]
        else:
            found = [run for one in sorted(set(part.subjects)) for run in self._runs.get(one, ())]
        runs = [(start, end) for _, start, end in found]
        if self._rising and (part.since is not None or part.until is not None):
            low, high = self._bounds(part.since, part.until)
            runs = [self._within(run, low, high) for run in runs]
        spans: list[tuple[int, int]] = []
        for start, end in runs:
            if start == end:
                continue
            if spans and spans[-1][1] == start != self.rows:  # there, memory begins
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
        return spans

    def _within(self, run: tuple[int, int], low: int, high: int) -> tuple[int, int]:
        days = self._by_subject.column(self._day).span(*run)
        first, last = np.searchsorted(days, [low, high])
        return run[0] + int(first), run[0] + int(last)

    def _bounds(self, since: date | None, until: date | None) -> tuple[int, int]:
        """Return the first number of a span's days, and the first after it."""
        low, high = since or date.min, until or date.max - timedelta(days=1)
        after = high + timedelta(days=1)
        if self._day == "session":
            return (low - _FIRST_DAY).days, (after - _FIRST_DAY).days
        return micros(start_of(low)), micros(start_of(after))

    def _on(self, part: Part, spans: Sequence[tuple[int, int]]) -> Numbers | None:
        """Return which rows fall on a part's days; None where their place says so already."""
        if self._rising or (part.since is None and part.until is None):
            return None
        low, high = self._bounds(part.since, part.until)
        days = self._by_subject.numbers(self._day, spans)
        found: Numbers = (days >= low) & (days < high)
        return found


def _manifest(folder: Path, table: Table) -> Manifest:
    line, _, body = (folder / MANIFEST).read_bytes().partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != line:
        raise Untrue("the manifest is not what was written")
    manifest: Manifest = json.loads(body)
    schema = {name: str(dtype) for name, dtype in table.schema.items()}
    if manifest["format"] != FORMAT or manifest["schema"] != schema:
        raise Untrue("the fast copy is of other columns")
    return manifest


def _columns(folder: Path, table: Table, order: str, manifest: Manifest) -> dict[str, Blocks]:
    kinds = {name: NUMBERS[dtype] for name, dtype in table.schema.items()} | MARKS
    digests = manifest[BY_SUBJECT] if order == BY_SUBJECT else manifest[BY_DAY]["digests"]
    return {
        name: Blocks(folder / order / f"{name}.bin", kind, manifest["rows"], digests[name])
        for name, kind in kinds.items()
    }

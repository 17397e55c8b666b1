"""Rows as columns of numbers: how each cell is written, and read back as a frame.

Text is a place in a list of words, an empty cell a number that no cell of its column has. Two
columns beside the table's own say which revision is in force: `until_known` is when the next
revision of the same key was known, `first` is 1 for the first revision.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import numpy as np
import polars as pl

from fondaco.adapters.stores.delta.blocks import Blocks, Numbers
from fondaco.market.tables import UTC_TIME, Table

WORDS_MAX = 65_536
"""Different words in one column; beyond, a table is not worth mapping."""
SPANS_EXPECTED_MAX = 64
NEVER = np.iinfo(np.int64).max
NO_INT64 = np.iinfo(np.int64).min
NO_INT32 = np.iinfo(np.int32).min
NO_BOOL = 2
UNTIL_KNOWN, FIRST = "until_known", "first"
MARKS = {UNTIL_KNOWN: "<i8", FIRST: "u1"}
_NO_WORDS = pl.Series("words", [], dtype=pl.String)
Keep = tuple[datetime | None, bool]
"""Which revisions to take: those in force at a time (None: now), or the first known by then."""
Manifest = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

NUMBERS: dict[pl.DataType, str] = {
    pl.String(): "<i4",
    pl.Float64(): "<f8",
    pl.Int64(): "<i8",
    pl.Boolean(): "u1",
    pl.Date(): "<i4",
    UTC_TIME: "<i8",
}


class Unmappable(Exception):
    """A table holds what numbers cannot say; it is read from the store of record alone."""


class Words:
    """The words of one column, each by its place."""

    def __init__(self, words: Sequence[str | None] = ()) -> None:
        self.places: dict[str | None, int] = {word: n for n, word in enumerate(words)}

    def coded(self, texts: pl.Series) -> Numbers:
        """Return texts as places, taking in words not met before; raises Unmappable at too many."""
        found = texts.unique()
        for word in found:
            self.places.setdefault(word, len(self.places))
        if len(self.places) > WORDS_MAX:
            raise Unmappable(f"{texts.name} has more than {WORDS_MAX:,} different words")
        if len(found) == 1:
            return np.full(len(texts), self.places[found[0]], np.int32)
        codes = pl.Series([self.places[word] for word in found], dtype=pl.Int32)
        return texts.replace_strict(found, codes, return_dtype=pl.Int32).to_numpy()


def numbers_of(cells: pl.Series, words: Words) -> Numbers:
    """Return a column as numbers; raises Unmappable for cells that these cannot say."""
    dtype = cells.dtype
    if dtype == pl.String:
        return words.coded(cells)
    if dtype == pl.Float64:
        if cells.is_nan().any():
            raise Unmappable(f"{cells.name} holds a number that is none")
        return cells.fill_null(float("nan")).to_numpy()
    if dtype == pl.Boolean:
        return cells.cast(pl.UInt8).fill_null(NO_BOOL).to_numpy()
    whole = cells.to_physical()
    blank = NO_INT32 if dtype == pl.Date else NO_INT64
    if (whole == blank).any():
        raise Unmappable(f"{cells.name} holds the number that stands for an empty cell")
    return whole.fill_null(blank).to_numpy()


def cells_of(
    name: str, numbers: Numbers, dtype: pl.DataType, words: pl.Series, *, blanks: bool
) -> pl.Series:
    """Return a column from its numbers. `blanks` says that some of its cells are empty."""
    if dtype == pl.String:
        return _texts(name, numbers, words)
    if dtype == pl.Boolean:
        found = pl.Series(name, numbers)
        return (found.set(found == NO_BOOL, None) if blanks else found).cast(pl.Boolean)
    found = pl.Series(name, numbers)
    if blanks and dtype == pl.Float64:
        found = found.fill_nan(None)
    elif blanks:
        found = found.set(found == (NO_INT32 if dtype == pl.Date else NO_INT64), None)
    return found if found.dtype == dtype else found.cast(dtype)


def _texts(name: str, numbers: Numbers, words: pl.Series) -> pl.Series:
    if len(numbers) and (numbers[0] == numbers).all():
        return (
            words[int(numbers[0]) : int(numbers[0]) + 1].new_from_index(0, len(numbers)).alias(name)
        )
    return words.gather(numbers.astype(np.uint32)).alias(name)


def marks_of(rows: pl.DataFrame, table: Table) -> dict[str, Numbers]:
    """Return the marks of rows that are in the table's order and hold every revision."""
    key = list(table.key)
    differs = rows.select(
        pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in key)
    ).to_series()
    first = differs.to_numpy().copy()
    first[:1] = True
    last = np.append(first[1:], True)
    known = rows["known_at"].to_physical().to_numpy()
    until = np.where(last, NEVER, np.append(known[1:], NEVER))
    return {UNTIL_KNOWN: until, FIRST: first.astype(np.uint8)}


def micros(moment: datetime) -> int:
    """Return a moment as microseconds since 1970, as cells hold it."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def seen(
    known: Numbers, until: Numbers, first: Numbers, as_of: datetime | None, *, of_first: bool
) -> Numbers | None:
    """Return which rows were in force at a time; None when all were."""
    if of_first:
        mask = first == 1
        if as_of is not None:
            mask &= known <= micros(as_of)
    elif as_of is None:
        mask = until == NEVER
    else:
        moment = micros(as_of)
        mask = (known <= moment) & (until > moment)
    return None if mask.all() else mask


class Column(Protocol):
    """Numbers by row."""

    def span(self, start: int, end: int) -> Numbers:
        """Return the numbers from row `start` to before `end`."""
        ...

    def expect(self, start: int, end: int) -> None:
        """Be told that these rows are wanted soon."""
        ...


class Joined:
    """A column on disk with more numbers in memory: rows go on counting where the disk ends."""

    def __init__(self, column: Blocks, more: Numbers) -> None:
        self._column, self._more, self._rows = column, more, len(column)

    def span(self, start: int, end: int) -> Numbers:
        """Return rows that all lie on disk, or all in memory."""
        if end <= self._rows:
            return self._column.span(start, end)
        return self._more[start - self._rows : end - self._rows]

    def expect(self, start: int, end: int) -> None:
        """Pass on what lies on disk."""
        if end <= self._rows:
            self._column.expect(start, end)


class Sheet:
    """The rows of a mapped table in one order, column by column."""

    def __init__(
        self,
        table: Table,
        columns: Mapping[str, Column],
        words: Mapping[str, pl.Series],
        blanks: Mapping[str, bool],
    ) -> None:
        self._table, self._columns, self._words, self._blanks = table, columns, words, blanks

    def column(self, name: str) -> Column:
        """Return a column of numbers."""
        return self._columns[name]

    def frame(
        self,
        names: Sequence[str],
        spans: Sequence[tuple[int, int]],
        keep: Keep | None,
        also: Numbers | None = None,
    ) -> pl.DataFrame:
        """Return some spans of rows as a frame.

        `keep` (as-of time, first) leaves only the revisions in force then; None leaves all. `also`
        says which of the rows to take besides.
        """
        # Disks read many places at once faster than one after the other.
        for name in names if keep is None else (*names, *MARKS):
            for span in spans[:SPANS_EXPECTED_MAX]:
                self._columns[name].expect(*span)
        mask = also
        if keep is not None:
            known, until, first = (self.numbers(n, spans) for n in ("known_at", UNTIL_KNOWN, FIRST))
            found = seen(known, until, first, keep[0], of_first=keep[1])
            mask = found if also is None else also if found is None else also & found
        return pl.DataFrame([self._cells(name, spans, mask) for name in names])

    def _cells(
        self, name: str, spans: Sequence[tuple[int, int]], mask: Numbers | None
    ) -> pl.Series:
        numbers = self.numbers(name, spans)
        if mask is not None:
            numbers = numbers[mask]
        words = self._words.get(name, _NO_WORDS)
        dtype = self._table.schema[name]
        return cells_of(name, numbers, dtype, words, blanks=self._blanks[name])

    def numbers(self, name: str, spans: Sequence[tuple[int, int]]) -> Numbers:
        """Return a column's numbers in some spans of rows."""
        column = self._columns[name]
        if len(spans) == 1:
            return column.span(*spans[0])
        if not spans:
            return column.span(0, 0)
        return np.concatenate([column.span(*span) for span in spans])

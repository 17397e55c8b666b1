"""A kind of data: the columns of its rows, what identifies a row, and how it is stored.

Each kind is declared once as a frozen dataclass whose annotations carry units and bounds; the
store's table, the check at the edge and the reference page are derived from it.
"""

import types
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import polars as pl

from fondaco.core.errors import NotFound
from fondaco.market.tables import UTC_TIME, Table

T = TypeVar("T")
STAMPS = ("ts", "known_at", "source")
"""What every row has: when it happened, when it could be known, which source says so."""


class In(NamedTuple):
    """What a column holds: its unit in words, and the least and greatest value that can be true.

    `one_of` lists the words that a text column may hold; empty means any.
    """

    unit: str
    low: float | None = None
    high: float | None = None
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind. `required` cells may not be empty."""

    name: str
    dtype: pl.DataType
    required: bool
    holds: In


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of data. `row` is its typed row; `key` says which thing a row speaks of.

    `of` names the column that says what a row is about (an instrument, a series, a text), by
    which a table is laid out on disk and read.
    """

    name: str
    says: str
    row: type
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    of: str

    @property
    def table(self) -> Table:
        """Return the store's table of this kind."""
        return Table(
            self.name,
            {c.name: c.dtype for c in self.columns} | {"ingest_id": pl.String()},
            self.key,
            ("ingest_id",),
        )

    @property
    def parsed(self) -> dict[str, pl.DataType]:
        """Return the columns of parsed rows: `known_at` may be empty, `where` locates the row."""
        return {c.name: c.dtype for c in self.columns} | {"where": pl.String()}

    def empty(self) -> pl.DataFrame:
        """Return no parsed rows."""
        return pl.DataFrame(schema=self.parsed)

    def frame(self, rows: list[dict[str, Any]]) -> pl.DataFrame:
        """Return parsed rows from plain dicts; columns that are left out are empty.

        A cell that does not fit its column becomes a fault of the caller: check it first.
        """
        names = list(self.parsed)
        return pl.DataFrame(
            [[row.get(name) for name in names] for row in rows], schema=self.parsed, orient="row"
        )


KINDS: dict[str, Kind] = {}
"""Every kind by name; `fondaco.market.kinds` fills it."""

_DTYPES: dict[Any, pl.DataType] = {
    str: pl.String(),
    float: pl.Float64(),
    int: pl.Int64(),
    bool: pl.Boolean(),
    date: pl.Date(),
    datetime: UTC_TIME,
}


def kind(name: str, *, key: tuple[str, ...], of: str) -> Callable[[type[T]], type[T]]:
    """Declare a dataclass as the row of a kind; `source` is part of every key."""

    def declare(row: type[T]) -> type[T]:
        says = (row.__doc__ or "").partition("\n")[0]
        KINDS[name] = Kind(name, says, row, _columns(row), (*key, "source"), of)
        return row

    return declare


def kind_named(name: str) -> Kind:
    """Return a kind; raises NotFound naming those that exist."""
    if name not in KINDS:
        raise NotFound(
            "there is no such kind of data", value=name, remedy=f"Kinds are {', '.join(KINDS)}."
        )
    return KINDS[name]


def _columns(row: type) -> tuple[Column, ...]:
    hints = get_type_hints(row, include_extras=True)
    return tuple(_column(field.name, hints[field.name]) for field in fields(row))


def _column(name: str, hint: Any) -> Column:
    holds, plain, required = In(""), hint, True
    if get_origin(hint) in (Union, types.UnionType):
        plain = next(part for part in get_args(hint) if part is not type(None))
        required = False
    if hasattr(plain, "__metadata__"):
        holds = next(mark for mark in plain.__metadata__ if isinstance(mark, In))
        plain = plain.__origin__
    return Column(name, _DTYPES[plain], required, holds)

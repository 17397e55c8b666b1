"""Whether a parsed row can be true: the types and bounds of its columns, plausible times."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import polars as pl

from fondaco.adapters.providers.read_json import Useless
from fondaco.market.kinds import Column, In, kind_named
from fondaco.market.tables import BARS, PARSED, PRICES

DAY_FIRST = date(1900, 1, 1)
DAY_LAST = date(2200, 1, 1)
ELECTRONIC_FIRST = date(1980, 1, 1)
ELECTRONIC = frozenset(
    (
        "bars_intraday",
        "quotes",
        "trades",
        "depth",
        "chains",
        "funding",
        "open_interest",
        "transfers",
        "odds",
        "posts",
        "filings",
        "social_trades",
    )
)
"""Kinds of which nothing was kept before 1980: an earlier time is one read in a wrong unit."""

SCHEDULED = frozenset(("events", "actions", "macro", "memberships", "estimates"))
AHEAD = timedelta(days=1)
SCHEDULED_AHEAD = timedelta(days=6 * 366)
"""How far after the moment of asking a row's `ts` may lie; `SCHEDULED` kinds tell the future."""

_BARS_HOLD = dict.fromkeys(PRICES, In("currency per share", -1e9, 1e9)) | {
    "volume": In("shares", -1e15, 1e15),
    "factor": In("price before over price after", -1e9, 1e9),
}
_FILLED_LATER = frozenset(("known_at", "source", "where"))
_LONG = 2**63


def check_row(kind: str, row: Mapping[str, Any], asked_at: datetime) -> None:
    """Raise Useless when a row cannot be true; KeyError when it has a column of no such name.

    Required cells must be there, words must be of the list, numbers inside the bounds of their
    column, days between 1900 and 2200, `ts` not before its kind's first day nor after the asking.
    """
    columns = columns_of(kind)
    for name, cell in row.items():
        column = columns[name]
        if cell is not None:
            _check_cell(column, cell)
    for name, column in columns.items():
        if column.required and row.get(name) is None:
            raise Useless(f"{name} is missing")
    _check_times(kind, row, asked_at)


@cache
def columns_of(kind: str) -> dict[str, Column]:
    """Return the columns of a kind's parsed rows, daily bars among them."""
    if kind == BARS:
        must = ("instrument", "session", "factor")
        return {
            name: Column(name, dtype, name in must, _BARS_HOLD.get(name, In("")))
            for name, dtype in PARSED.items()
        }
    found = {c.name: c for c in kind_named(kind).columns} | {
        "where": Column("where", pl.String(), False, In(""))
    }
    for name in _FILLED_LATER & found.keys():
        found[name] = Column(name, found[name].dtype, False, found[name].holds)
    return found


def _check_cell(column: Column, cell: Any) -> None:
    if not _FITS[type(column.dtype)](cell):
        raise _wrong(column, cell, f"is no {column.holds.unit or column.dtype}")
    low, high, words = column.holds.low, column.holds.high, column.holds.one_of
    if words and cell not in words:
        raise _wrong(column, cell, f"is none of {', '.join(words)}")
    if (low is not None and cell < low) or (high is not None and cell > high):
        raise _wrong(column, cell, f"is outside {low:g} to {high:g}")
    if isinstance(cell, date):
        day = cell.astimezone(UTC).date() if isinstance(cell, datetime) else cell
        if not DAY_FIRST <= day <= DAY_LAST:
            raise _wrong(column, cell, "is no plausible day")


def _wrong(column: Column, cell: Any, says: str) -> Useless:
    return Useless(f"{column.name} {str(cell)[:40]!r} {says}")


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and _finite(cell)


def _is_whole(cell: Any) -> bool:
    return isinstance(cell, int) and not isinstance(cell, bool) and -_LONG <= cell < _LONG


def _is_time(cell: Any) -> bool:
    return isinstance(cell, datetime) and cell.utcoffset() is not None


def _is_day(cell: Any) -> bool:
    return isinstance(cell, date) and not isinstance(cell, datetime)


_FITS: dict[type[pl.DataType], Callable[[Any], bool]] = {
    pl.Float64: _is_number,
    pl.Int64: _is_whole,
    pl.Datetime: _is_time,
    pl.Date: _is_day,
    pl.Boolean: lambda cell: isinstance(cell, bool),
    pl.String: lambda cell: isinstance(cell, str),
}
"""Whether a cell is of a column's type; by class, since comparing types of polars is slow."""


def _finite(cell: float) -> bool:
    return abs(cell) <= 1e300 and math.isfinite(cell)


def _check_times(kind: str, row: Mapping[str, Any], asked_at: datetime) -> None:
    ahead = SCHEDULED_AHEAD if kind in SCHEDULED else AHEAD
    first = ELECTRONIC_FIRST if kind in ELECTRONIC else DAY_FIRST
    for name in ("ts", "session", "known_at"):
        cell = row.get(name)
        if cell is None:
            continue
        day = cell.astimezone(UTC).date() if isinstance(cell, datetime) else cell
        last = asked_at + (AHEAD if name == "known_at" else ahead)
        if not first <= day <= last.date() or (isinstance(cell, datetime) and cell > last):
            raise Useless(f"{name} {cell} is not between {first} and {last:%Y-%m-%d %H:%M} UTC")

"""The figures by which sources of one kind are compared: the newest price, value or rate."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from fondaco.market.feed.values import Reading

if TYPE_CHECKING:
    import polars as pl


class Figure(NamedTuple):
    """Which column is compared and what must be equal for two rows to speak of one thing.

    Without `by` the newest rows are compared as they are.
    """

    columns: tuple[str, ...]
    by: tuple[str, ...] = ()


FIGURES: Mapping[str, Figure] = {
    "bars_1d": Figure(("close",), ("session",)),
    "bars_intraday": Figure(("close",), ("seconds", "ts")),
    "quotes": Figure(("last", "mid")),
    "trades": Figure(("price",)),
    "macro": Figure(("value",), ("period",)),
    "yields": Figure(("percent",), ("rate", "day", "tenor")),
    "funding": Figure(("rate",), ("ts",)),
    "open_interest": Figure(("contracts",)),
    "estimates": Figure(("mean",), ("item", "end")),
}
"""Kinds that can be compared; of others the first source that answers is taken."""


def newest(kind: str, rows: "pl.DataFrame") -> float | None:
    """Return the newest figure of rows, or None when the kind has none or the rows lack it."""
    points = _points(kind, rows)
    return points[-1][1] if points else None


def readings(kind: str, answers: Sequence[tuple[str, "pl.DataFrame"]]) -> tuple[Reading, ...]:
    """Return each source's figure of the newest thing that most sources speak of.

    A source that does not speak of it gives no reading. `answers` pairs source and rows.
    """
    figure = FIGURES.get(kind)
    if figure is None:
        return ()
    if not figure.by:
        found = [(source, newest(kind, rows)) for source, rows in answers]
        return tuple(Reading(source, value) for source, value in found if value is not None)
    tables = [(source, dict(_points(kind, rows))) for source, rows in answers]
    things = {thing for _, table in tables for thing in table}
    if not things:
        return ()
    shared = max(sum(thing in table for _, table in tables) for thing in things)
    common = max(t for t in things if sum(t in table for _, table in tables) == shared)
    return tuple(Reading(source, table[common]) for source, table in tables if common in table)


def _points(kind: str, rows: "pl.DataFrame") -> list[tuple[Any, float]]:
    """Return thing and figure of each row, oldest first."""
    import polars as pl

    figure = FIGURES.get(kind)
    if figure is None or rows.is_empty():
        return []
    if {"bid", "ask"} <= set(rows.columns):
        rows = rows.with_columns(mid=(pl.col("bid") + pl.col("ask")) / 2)
    there = [name for name in figure.columns if name in rows.columns]
    if not there:
        return []
    by = figure.by or ("ts",)
    points = rows.select(*by, figure=pl.coalesce(there)).drop_nulls().sort(by)
    return [(row[:-1], row[-1]) for row in points.iter_rows()]

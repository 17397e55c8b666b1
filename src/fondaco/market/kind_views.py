"""How rows of any kind, members of an index and surprises look on every surface."""

from datetime import date, datetime
from math import isfinite

from fondaco.core.view import Block, Cell, Column, Table
from fondaco.core.view import Kind as Look
from fondaco.market.kind_results import MemberList, RowCell, RowColumn, RowList, SurpriseList

DIGITS_MAX = 6
TICKER = "ticker"
"""The column that names the instrument of a row by its ticker."""

TITLES = {"ts": "At", "known_at": "Known at"}


def view_rows(result: RowList) -> list[Block]:
    """Return rows as a table under the kind's own column names."""
    from fondaco.market.kinds import kind_named

    types = {c.name: str(c.dtype) for c in kind_named(result.kind).columns}
    cells = list(zip(*result.rows, strict=True)) or [() for _ in result.columns]
    columns = tuple(
        _column(column, types.get(column.name, ""), held)
        for column, held in zip(result.columns, cells, strict=True)
    )
    dtypes = [types.get(column.name, "") for column in result.columns]
    rows = tuple(tuple(map(_cell, dtypes, row)) for row in result.rows)
    return [
        Table(
            f"{_heading(result.kind)}, {len(rows):,} of {result.total:,}",
            columns,
            rows,
            label=", ".join(origin.value for origin in result.origins),
            empty=f"None was known then. `fondaco market ingest PROVIDER --kind {result.kind}` "
            "brings some in.",
        )
    ]


def _column(column: RowColumn, dtype: str, cells: tuple[RowCell, ...]) -> Column:
    title = TITLES.get(column.name) or _heading(column.name)
    if dtype in ("Float64", "Int64"):
        return Column(title, "number", digits=_digits(cells))
    return Column(title, _look(column.name, dtype))


def _heading(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _look(name: str, dtype: str) -> Look:
    if name in (TICKER, "instrument", "member"):
        return "id"
    if dtype == "Date":
        return "day"
    return "time" if dtype.startswith("Datetime") else "text"


def _digits(cells: tuple[RowCell, ...]) -> int:
    """Return how many decimals the numbers of a column need, six at most."""
    held = [c for c in cells if isinstance(c, float) and isfinite(c)]
    for digits in range(DIGITS_MAX):
        if all(abs(c - round(c, digits)) <= 1e-9 * max(1.0, abs(c)) for c in held):
            return digits
    return DIGITS_MAX


def _cell(dtype: str, cell: RowCell) -> Cell:
    if not isinstance(cell, str):
        return cell
    if dtype.startswith("Datetime"):
        return datetime.fromisoformat(cell)
    return date.fromisoformat(cell) if dtype == "Date" else cell


def view_members(result: MemberList) -> list[Block]:
    """Return the members of an index as a table, by symbol."""
    days = str(result.until)
    if result.since != result.until:
        days = f"{result.since} to {result.until}"
    columns = (
        Column("Symbol", "id"),
        Column("Name"),
        Column("From", "day"),
        Column("To", "day"),
        Column("Weight", "percent", digits=2),
    )
    rows = tuple((m.symbol, m.name, m.start, m.end, m.weight) for m in result.members)
    return [
        Table(
            f"{result.index}, {days}: {len(rows):,} members",
            columns,
            rows,
            label=", ".join(origin.value for origin in result.origins),
            empty="Nobody belonged to it then.",
        )
    ]


def view_surprises(result: SurpriseList) -> list[Block]:
    """Return surprises as a table, newest first."""
    columns = (
        Column("About"),
        Column("Period", "day"),
        Column("Expected", "number", digits=4),
        Column("Actual", "number", digits=4),
        Column("Surprise", "percent", signed=True, digits=1),
        Column("Standardised", "number", signed=True),
        Column("Known at", "time"),
    )
    rows = tuple(
        (s.about, s.period, s.estimate, s.actual, s.share, s.standardised, s.known_at)
        for s in result.lines
    )
    return [
        Table(
            f"Surprises of {result.of}, {len(rows):,} of {result.total:,}",
            columns,
            rows,
            label=", ".join(origin.value for origin in result.origins),
            empty=f"No actual with an estimate was known. `fondaco market ingest PROVIDER --kind "
            f"{result.kind}` brings some in.",
        )
    ]

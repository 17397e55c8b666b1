"""A table as the options of an AG Grid, and as CSV. Pure: nothing here draws."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from fondaco.core.view import Cell, Column, Table, show
from fondaco.surfaces.web.words import named_place, shape_of, tone_of

ROW_PIXELS = 28
HEADER_PIXELS = 30
ROWS_SHOWN_MAX = 14
TEXT_PIXELS_MAX = 340
TEXT_PIXELS_MIN = 96
TICKED: Final[dict[str, Any]] = {
    "rowSelection": {
        "mode": "multiRow",
        "checkboxes": True,
        "headerCheckbox": True,
        "enableClickSelection": False,
    },
    "selectionColumnDef": {"width": 34, "minWidth": 34},
}
"""What a grid has more when several of its rows can be ticked."""
_NUMBERS = frozenset({"number", "money", "percent"})


def grid_options(table: Table, *, whole: bool = False) -> dict[str, Any]:
    """Return AG Grid options: raw values to sort by, the words of `core.view.show` to read.

    A column of words may be cut short where there is little room, unless the table is `whole`.
    """
    short = len(table.rows) <= ROWS_SHOWN_MAX
    ranks = _ranks(table)
    return {
        "columnDefs": [
            _column(table, at, ranks.index(at), whole) for at in range(len(table.columns))
        ],
        "rowData": [_row(table, at, row) for at, row in enumerate(table.rows)],
        "rowHeight": ROW_PIXELS,
        "headerHeight": HEADER_PIXELS,
        "domLayout": "autoHeight" if short else "normal",
        "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
        "suppressCellFocus": False,
        "suppressMovableColumns": False,
        "animateRows": False,
        "suppressNoRowsOverlay": True,
        "loading": False,
        "suppressColumnVirtualisation": True,
        "enableCellTextSelection": True,
        "ensureDomOrder": True,
        ":getRowId": "p => String(p.data.i)",
        ":onGridSizeChanged": "p => window.fondaco.fit(p)",
        "defaultColDef": {
            "sortable": True,
            "resizable": True,
            "filter": True,
            "suppressHeaderMenuButton": True,
            "suppressHeaderFilterButton": True,
        },
    }


def grid_pixels(table: Table) -> int:
    """Return how high the grid stands: all rows when they are few, else a window of them."""
    return HEADER_PIXELS + ROW_PIXELS * min(len(table.rows), ROWS_SHOWN_MAX) + 2


def heading(column: Column) -> str:
    """Return a column's title with its unit.

    >>> heading(Column("Cash", "money", unit="USD"))
    'Cash, USD'
    """
    return f"{column.title}, {column.unit}" if column.unit else column.title


def picked(table: Table, titles: Sequence[str]) -> Table:
    """Return the table with the columns of these titles, in their order; those it lacks are left.

    >>> picked(Table("T", (Column("A"), Column("B")), (("a", "b"),)), ("B", "C")).rows
    (('b',),)
    """
    known = [column.title for column in table.columns]
    order = [known.index(title) for title in titles if title in known]
    columns = tuple(table.columns[at] for at in order)
    return replace(
        table, columns=columns, rows=tuple(tuple(r[at] for at in order) for r in table.rows)
    )


def words_in(table: Table, row: int, title: str) -> str:
    """Return the words of a row under a title; empty where the table has no such column."""
    found = (
        show(column, cell)
        for column, cell in zip(table.columns, table.rows[row], strict=True)
        if column.title == title
    )
    return next(found, "")


def _ranks(table: Table) -> list[int]:
    """Return the columns by how much they matter: where there is no room the last ones go."""
    kinds = [column.kind for column in table.columns]
    first = table.rows[0] if table.rows else (None,) * len(kinds)
    pages = [
        at
        for at, column in enumerate(table.columns)
        if column.kind == "id" and named_place(column.title, str(first[at]))
    ]
    named = [at for at, column in enumerate(table.columns) if column.title == "Symbol"]
    order = [at for at, kind in enumerate(kinds) if kind == "chip"] + pages
    order += [at for at, kind in enumerate(kinds) if kind in _NUMBERS]
    order += [at for at, kind in enumerate(kinds) if kind != "id"]
    return list(dict.fromkeys([*(named or [0]), *order, *range(len(kinds))]))


def _column(table: Table, at: int, rank: int, whole: bool) -> dict[str, Any]:
    column = table.columns[at]
    pixels = _pixels(table, at)
    definition: dict[str, Any] = {
        "field": f"c{at}",
        "headerName": heading(column),
        "context": {"rank": rank},
        "flex": min(pixels, TEXT_PIXELS_MAX),
        "minWidth": min(pixels, TEXT_PIXELS_MAX if whole else TEXT_PIXELS_MIN)
        if _is_prose(column)
        else pixels,
        ":valueFormatter": f"p => p.data.s{at}",
        "filter": "agNumberColumnFilter" if column.kind in _NUMBERS else "agTextColumnFilter",
    }
    if column.kind in _NUMBERS:
        definition |= {
            "cellClass": "ag-right-aligned-cell num",
            "headerClass": "ag-right-aligned-header",
        }
        if column.signed:
            definition["cellClassRules"] = {"gain": "x > 0", "loss": "x < 0"}
    elif column.kind in {"time", "day"}:
        definition["cellClass"] = "num"
    renderer = {"chip": "chip", "id": "ident"}.get(column.kind)
    if column.title == "Symbol":
        renderer = "symbol"
    if renderer:
        definition[":cellRenderer"] = f"p => window.fondaco.{renderer}(p)"
    return definition


def _pixels(table: Table, at: int) -> int:
    column = table.columns[at]
    longest = max((len(show(column, row[at])) for row in table.rows[:500]), default=0)
    if column.kind == "chip":  # capitals, in bold, with a sign before them
        return max(int(longest * 8.2) + 50, int(len(heading(column)) * 7.2) + 22)
    return int(max(longest, len(heading(column))) * 7.2) + 26


def _is_prose(column: Column) -> bool:
    """Return whether a column may be cut short: words may, numbers and states may not."""
    return column.kind == "text" and column.title != "Symbol"


def _row(table: Table, index: int, row: tuple[Cell, ...]) -> dict[str, Any]:
    data: dict[str, Any] = {"i": index}
    for at, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
        data[f"c{at}"] = _sortable(cell)
        data[f"s{at}"] = words = show(column, cell)
        if column.kind == "chip":
            tone = tone_of(words, column.title)
            data[f"t{at}"] = tone.value
            data[f"m{at}"] = shape_of(words, tone)
        elif column.kind == "id":
            data[f"p{at}"] = named_place(column.title, words)
    return data


def _sortable(cell: Cell) -> str | int | float | bool | None:
    if isinstance(cell, Decimal):
        return float(cell)
    if isinstance(cell, date | datetime):
        return cell.isoformat()
    return cell


def table_csv(table: Table) -> str:
    """Return the table as CSV in full precision, with the data's label in a last column."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*(heading(column) for column in table.columns), "data"])
    for row in table.rows:
        writer.writerow([*(_plain(cell) for cell in row), table.label])
    return text.getvalue()


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date | datetime):
        return cell.isoformat()
    if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell:
        return "'" + cell  # a spreadsheet would run it as a formula
    return str(cell)


def file_name(title: str, label: str, ending: str) -> str:
    """Return a file name that carries the data's label.

    >>> file_name("Equity, USD", "BUNDLED", "csv")
    'equity-usd-bundled.csv'
    """
    text = f"{title} {label}".lower()
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in text).split()
    return f"{'-'.join(words) or 'table'}.{ending}"

"""What a result looks like, defined once: four kinds of block that every surface can draw."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from typing import Literal

Cell = str | int | float | bool | Decimal | date | datetime | None
"""A value in a table: raw, so that a surface can sort it; `show` gives its words."""


class Tone(StrEnum):
    """What a block or chip says by colour and word; never by colour alone."""

    PLAIN = "plain"
    MUTED = "muted"
    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"
    INFO = "info"


Kind = Literal["text", "number", "money", "percent", "time", "day", "chip", "id"]


@dataclass(frozen=True, slots=True)
class Column:
    """A table column: key, title with the unit, how to show its cells, decimal places."""

    title: str
    kind: Kind = "text"
    unit: str = ""
    digits: int = 2
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. `fact_ids` are the facts that its numbers point at, in order."""

    text: str
    tone: Tone = Tone.PLAIN
    fact_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns, with a title and, where data is shown, the data's label."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    label: str = ""
    empty: str = "Nothing here yet."


@dataclass(frozen=True, slots=True)
class Series:
    """One line, bar set or candle set of a chart. Candles hold (open, close, low, high)."""

    name: str
    values: tuple[float | tuple[float, float, float, float] | None, ...]
    kind: Literal["line", "bar", "candle", "area"] = "line"
    pane: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over one axis of ISO dates or categories; `label` names the data's origin."""

    title: str
    x: tuple[str, ...]
    series: tuple[Series, ...]
    y_title: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A word in a filled shape: a verdict, a state, a label."""

    word: str
    tone: Tone
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A titled list of fields with chips: a trade card, an account, a health check."""

    title: str
    fields: tuple[tuple[str, str], ...]
    chips: tuple[Chip, ...] = ()
    label: str = ""
    footer: str = ""


Block = Text | Table | Chart | Card


def show(column: Column, cell: Cell) -> str:
    """Return a cell's words: thousands by comma, sign where asked, a dash for nothing or NaN.

    >>> show(Column("Cash", "money"), Decimal("1234.5"))
    '1,234.50'
    >>> show(Column("Change", "percent", signed=True), 0.0123)
    '+1.23 %'
    """
    if cell is None:
        return "–"
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M %Z").strip()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float | Decimal):
        return _number(column, cell)
    return cell


def _number(column: Column, cell: int | float | Decimal) -> str:
    if not isfinite(cell):
        return "–"
    sign = "+z" if column.signed else "z"  # z: what rounds to nothing shows no minus
    if column.kind == "percent":
        return f"{cell * 100:{sign},.{column.digits}f} %"
    if isinstance(cell, int) and column.kind == "number":
        return f"{cell:{sign.rstrip('z')},d}"
    if column.kind in {"number", "money"}:
        return f"{cell:{sign},.{column.digits}f}"
    return str(cell)

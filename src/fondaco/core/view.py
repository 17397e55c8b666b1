"""What a result looks like, defined once: four kinds of block that every surface can draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from math import floor, isfinite, log10
from typing import Literal

from fondaco.core.errors import InvalidInput

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


Pair = tuple[float, float]
Candle = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Series:
    """One line, bar set, candle set or cloud of a chart; None where there is no value.

    Candles hold (open, close, low, high). The points of a `scatter` are pairs (x, y); so are those
    of a `line` or `area` that stands in a chart of pairs.
    """

    name: str
    values: tuple[float | Pair | Candle | None, ...]
    kind: Literal["line", "bar", "candle", "area", "scatter"] = "line"
    pane: int = 0

    @property
    def pairs(self) -> list[Pair]:
        """The points of a series of pairs, without its gaps."""
        return [(v[0], v[1]) for v in self.values if isinstance(v, tuple) and len(v) == 2]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a point `x` of a chart: a letter to draw, words to read."""

    x: str
    letter: str
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over one axis of ISO dates or categories; `label` names the data's origin.

    `marks` are what happened at points of that axis, in its order.

    A chart of pairs has no such axis: its `x` is empty, every point brings its own x, and
    `x_title` names that axis with its unit. A point to be marked is a series of its own.
    Raises InvalidInput for a chart of pairs with anything but pairs of finite numbers, and for a
    mark that stands on no point.

    >>> cloud = Series("Trials", ((5.0, 0.4), (15.0, 1.1)), "scatter")
    >>> Chart("Trials", (), (cloud,), "Sharpe ratio", x_title="Span, years").points
    2
    """

    title: str
    x: tuple[str, ...]
    series: tuple[Series, ...]
    y_title: str = ""
    label: str = ""
    x_title: str = ""
    marks: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        lost = {mark.x for mark in self.marks}.difference(self.x)
        if lost:
            raise InvalidInput(
                "a mark of a chart stands on no point of its axis", value=", ".join(sorted(lost))
            )
        if not self.paired:
            return
        if self.x or not self.x_title:
            raise InvalidInput(
                "a chart of pairs has no axis of dates or categories, and names its x",
                value=f"{len(self.x)} categories, x_title {self.x_title!r}",
                bound="0 categories and a title with its unit",
            )
        for series in self.series:
            _check_pairs(series)

    @property
    def paired(self) -> bool:
        """Whether every point brings its own x."""
        return any(s.kind == "scatter" or (s.values and not self.x) for s in self.series)

    @property
    def points(self) -> int:
        """How many points there are: along the axis, or of pairs in all."""
        return sum(len(s.pairs) for s in self.series) if self.paired else len(self.x)


def _check_pairs(series: Series) -> None:
    if series.kind in {"bar", "candle"}:
        raise InvalidInput(
            f"the series {series.name!r} cannot stand in a chart of pairs",
            value=series.kind,
            bound="scatter, line or area",
        )
    for at, value in enumerate(series.values):
        if value is None:
            continue
        if not isinstance(value, tuple) or len(value) != 2 or not all(map(isfinite, value)):
            raise InvalidInput(
                f"point {at} of the series {series.name!r} is no pair of finite numbers",
                value=str(value),
                bound="(x, y), both finite, or None",
                remedy="Leave out what could not be computed, or give None in its place.",
            )


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


def reach(chart: Chart) -> str:
    """Return in words how far a chart's x goes, and how many points there are.

    >>> reach(Chart("Equity", ("2019-06-26", "2019-06-27"), ()))
    '2019-06-26 to 2019-06-27, 2 points'
    >>> cloud = Series("Trials", ((5.0, 0.4), (15.0, 1.1)), "scatter")
    >>> reach(Chart("Trials", (), (cloud,), x_title="Span, years"))
    'Span, years: 5 to 15, 2 points'
    """
    if not chart.points:
        return "no points"
    if not chart.paired:
        return f"{chart.x[0]} to {chart.x[-1]}, {_counted(chart.points)}"
    across = [x for series in chart.series for x, _ in series.pairs]
    return f"{chart.x_title}: {_from_to(across)}, {_counted(chart.points)}"


def happened(chart: Chart, most: int = 5) -> str:
    """Return in words what is marked on a chart, the latest first; empty where nothing is.

    >>> marks = Mark("2019-06-28", "E", "earnings: Q2"), Mark("2019-07-01", "D", "dividend: 0.77")
    >>> happened(Chart("A", ("2019-06-28", "2019-07-01"), (), marks=marks), most=1)
    'Events: 2019-07-01 dividend: 0.77; 1 before'
    """
    if not chart.marks:
        return ""
    told = [f"{mark.x} {mark.words}" for mark in chart.marks[::-1][:most]]
    left = len(chart.marks) - len(told)
    return f"Events: {'; '.join([*told, *([f'{left:,} before'] if left else [])])}"


def extent(series: Series) -> str:
    """Return in words where the points of a series of pairs lie.

    >>> extent(Series("Trials", ((5.0, 0.4), None, (15.0, 1.1)), "scatter"))
    '2 points, x 5 to 15, y 0.4 to 1.1'
    >>> extent(Series("this trial", ((5.0, 0.4),), "scatter"))
    '1 point, x 5, y 0.4'
    """
    pairs = series.pairs
    if not pairs:
        return "no points"
    across, up = zip(*pairs, strict=True)
    return f"{_counted(len(pairs))}, x {_from_to(across)}, y {_from_to(up)}"


def _counted(points: int) -> str:
    return f"{points:,} point" if points == 1 else f"{points:,} points"


def _from_to(numbers: Sequence[float]) -> str:
    low, high = bounds(numbers)
    return low if low == high else f"{low} to {high}"


def bounds(numbers: Sequence[float]) -> tuple[str, str]:
    """Return the lowest and the highest number in words, to four digits of the larger.

    >>> bounds((2.03e-11, 1.97412)), bounds((252, 13976.2))
    (('0', '1.974'), ('252', '13,976'))
    """
    low, high = min(numbers), max(numbers)
    largest = max(abs(low), abs(high))
    digits = max(0, 3 - floor(log10(largest))) if largest > 0 else 0
    return f"{round(low, digits) + 0.0:,.12g}", f"{round(high, digits) + 0.0:,.12g}"


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

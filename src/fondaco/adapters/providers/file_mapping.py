"""The mapping of a file's columns: a column, a constant, a template or a scaled column.

`close=Last Price` is a column, `right='call'` a constant (`''` leaves it empty),
`symbol={root}-{month}` a template of columns, `strike=Strike/1000` a column scaled by a number.
"""

import re
from collections.abc import Mapping

import polars as pl

from fondaco.core.errors import InvalidInput

_PART = re.compile(r"\s*(?:'[^']*'|[^,'])+")
_SCALED = re.compile(r"(?P<column>.+?)\s*(?P<sign>[*/])\s*(?P<by>\d+(?:\.\d+)?(?:e-?\d+)?)")
_FIELD = re.compile(r"\{([^{}]+)\}")
MADE = "\x00="
"""What the name of a column begins with that a mapping has made; the file has none such."""


def pairs(
    name: str, text: str, names: tuple[str, ...] | None = None, remedy: str | None = None
) -> dict[str, str]:
    """Return `ours=theirs` pairs separated by commas; raises InvalidInput for anything else.

    A comma inside single quotes separates nothing.

    >>> pairs("words", "C=call,P=put")
    {'C': 'call', 'P': 'put'}
    """
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in _PART.findall(text))):
        ours, equals, theirs = (piece.strip() for piece in part.partition("="))
        if not (equals and ours and theirs) or ours in found or (names and ours not in names):
            raise InvalidInput(
                f"the {name} has a part that cannot be read",
                value=part,
                bound=f"name=column, each name once{': ' if names else ''}{', '.join(names or ())}",
                remedy=remedy or "Write it like A=x,B=y.",
            )
        found[ours] = theirs
    return found


def resolved(
    table: pl.DataFrame, mapping: Mapping[str, str]
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the table with a column for each part of a mapping that is no plain column, and the
    mapping with these columns instead.
    """
    plain: dict[str, str] = {}
    for ours, theirs in mapping.items():
        made = None if theirs in table.columns else _made(table, theirs)
        if made is not None:
            table = table.with_columns(made.alias(MADE + theirs))
        plain[ours] = theirs if made is None else MADE + theirs
    return table, plain


def used_columns(mapping: Mapping[str, str]) -> set[str]:
    """Return the columns that a mapping may speak of, inside templates and scalings too."""
    told = set(mapping.values())
    for theirs in mapping.values():
        told |= set(_FIELD.findall(theirs))
        if (scaled := _SCALED.fullmatch(theirs)) is not None:
            told.add(scaled["column"])
    return told


def label(column: str) -> str:
    """Return a column as a person knows it."""
    return column.removeprefix(MADE)


def _made(table: pl.DataFrame, theirs: str) -> pl.Series | None:
    if len(theirs) >= 2 and theirs[0] == theirs[-1] == "'":
        return pl.Series([theirs[1:-1]]).new_from_index(0, table.height)
    if fields := _FIELD.findall(theirs):
        if set(fields) - set(table.columns):
            return None
        words = pl.format(_FIELD.sub("{}", theirs), *(pl.col(f).cast(pl.String) for f in fields))
        return table.select(words).to_series()
    scaled = _SCALED.fullmatch(theirs)
    if scaled is None or scaled["column"] not in table.columns:
        return None
    cells = table[scaled["column"]]
    numbers, by = cells.cast(pl.Float64, strict=False), float(scaled["by"])
    numbers = numbers * by if scaled["sign"] == "*" else numbers / by
    if cells.dtype != pl.String:
        return numbers
    # A cell that is no number stays as it is, so that its fault can show it.
    text = pl.when(numbers.is_null()).then(cells).otherwise(numbers.cast(pl.String))
    return pl.select(text).to_series()

"""How a file is cut: wide tables, names inside cells, lists of changes, spans."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import polars as pl

from fondaco.adapters.providers.file_mapping import pairs, used_columns
from fondaco.adapters.providers.file_table import PLACE
from fondaco.core.errors import InvalidInput

Span = Literal["", "revisions", "listings"]
Ends = Literal["last", "after"]
Per = Literal["day", "quarter", "year_to_date"]
PERS = ("day", "quarter", "year_to_date")
PATTERN_CHARS_MAX = 400


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a statement: its unit, and over what it is counted."""

    unit: str
    per: Per


@dataclass(frozen=True, slots=True)
class Shape:
    """`wide` names what the column headings are and what the cells are (`symbol:close`).

    `items` are the headings to take of a wide table of statements. `extract` takes a column apart
    by the named groups of a pattern. `changes` are the columns of who came and who left on a day.
    `spans` "revisions" makes two rows of a span that ended, "listings" two events of a ticker's
    first and last day. `ends` says whether the end of a span is its last day or the day after.
    `empty` names a column whose empty cells are no rows. `words` are words and what they mean.
    """

    wide: tuple[str, str] | None = None
    items: Mapping[str, Item] | None = None
    extract: tuple[str, str] | None = None
    changes: tuple[str, str] | None = None
    spans: Span = ""
    ends: Ends = "last"
    empty: str = ""
    words: Mapping[str, str] | None = None


def read_shape(texts: Mapping[str, str]) -> Shape:
    """Return the shape that options tell; raises InvalidInput naming what is wrong."""
    _one_of(texts, "spans", ("", "revisions", "listings"))
    _one_of(texts, "ends", ("last", "after"))
    return Shape(
        wide=_two("wide", texts["wide"]) if "wide" in texts else None,
        items=_items(texts["items"]) if "items" in texts else None,
        extract=_pattern(texts["extract"]) if "extract" in texts else None,
        changes=_two("changes", texts["changes"]) if "changes" in texts else None,
        spans=cast(Span, texts.get("spans", "")),
        ends=cast(Ends, texts.get("ends", "last")),
        empty=texts.get("empty", ""),
        words=pairs("words", texts["words"]) if "words" in texts else None,
    )


def reshaped(
    table: pl.DataFrame, shape: Shape, mapping: Mapping[str, str]
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the table with one row per thing, and the mapping with the columns that this made."""
    named = dict(mapping)
    if shape.extract is not None:
        table = _taken_apart(table, *shape.extract)
    if shape.wide is not None:
        names, cells = shape.wide
        ids = [c for c in table.columns if c in used_columns(mapping)]
        table = _long(table, ids, names, cells, shape.items)
        named |= {names: names, cells: cells}
    return table, named


def _taken_apart(table: pl.DataFrame, column: str, pattern: str) -> pl.DataFrame:
    if column not in table.columns:
        raise InvalidInput(
            "there is no such column to take apart",
            value=column,
            bound=", ".join(c for c in table.columns if c != PLACE),
        )
    parts = table[column].cast(pl.String).str.strip_chars().str.extract_groups(pattern)
    fields = parts.struct.unnest()
    return table.with_columns(fields[name] for name in fields.columns)


def _long(
    table: pl.DataFrame, ids: list[str], names: str, cells: str, items: Mapping[str, Item] | None
) -> pl.DataFrame:
    """Return one row per cell; an empty cell is no row."""
    if not ids:
        raise InvalidInput(
            "a wide table needs a mapping of the columns that are not spread out",
            value=", ".join(c for c in table.columns if c != PLACE),
            bound="at least the day",
            remedy='Say which they are: --mapping "date=Date".',
        )
    spread = [c for c in table.columns if c not in (*ids, PLACE)]
    if items is not None:
        absent = [name for name in items if name not in spread]
        if absent:
            raise InvalidInput(
                "the file has no column for some items",
                value=", ".join(absent),
                bound=", ".join(spread),
            )
        spread = list(items)
    if len({table[c].dtype for c in spread}) > 1:
        table = table.with_columns(pl.col(c).cast(pl.String) for c in spread)
    long = table.unpivot(
        spread, index=[*ids, PLACE], variable_name="\x00heading", value_name="\x00cell"
    )
    said = pl.col("\x00cell").is_not_null()
    if long["\x00cell"].dtype == pl.String:
        said &= pl.col("\x00cell").str.strip_chars() != ""
    return (
        long.filter(said)
        .with_columns(
            pl.format("{} column {}", PLACE, "\x00heading").alias(PLACE),
            pl.col("\x00heading").str.strip_chars(),
        )
        .drop(c for c in (names, cells) if c in ids)
        .rename({"\x00heading": names, "\x00cell": cells})
    )


def _two(name: str, text: str) -> tuple[str, str]:
    first, colon, second = (part.strip() for part in text.partition(":"))
    if not (colon and first and second):
        raise InvalidInput(
            f"{name} needs two names with a colon between", value=text, bound="symbol:close"
        )
    return first, second


def _pattern(text: str) -> tuple[str, str]:
    column, pattern = _two("extract", text)
    try:
        if len(pattern) > PATTERN_CHARS_MAX:
            raise re.error(f"longer than {PATTERN_CHARS_MAX} characters")
        groups = re.compile(pattern.replace("(?<", "(?P<")).groupindex
        pl.Series([""]).str.extract_groups(pattern)
    except (re.error, pl.exceptions.PolarsError) as error:
        raise InvalidInput(
            "the pattern cannot be read", value=f"{pattern}: {error}"[:PATTERN_CHARS_MAX]
        ) from error
    if not groups:
        raise InvalidInput(
            "the pattern names nothing that it finds",
            value=pattern,
            bound="at least one named group, like (?<root>[A-Z]+)",
        )
    return column, pattern


def _items(text: str) -> dict[str, Item]:
    found = {}
    for name, says in pairs("items", text).items():
        unit, _, per = says.partition(":")
        if per not in PERS or not unit:
            raise InvalidInput(
                "an item needs a unit and what it is counted over",
                value=f"{name}={says}",
                bound=f"unit:one of {', '.join(PERS)}",
                remedy="Write it like revenues=USD:quarter.",
            )
        found[name] = Item(unit, cast(Per, per))
    return found


def _one_of(texts: Mapping[str, str], name: str, words: tuple[str, ...]) -> None:
    if texts.get(name, words[0]) not in words:
        raise InvalidInput(
            f"no such {name}", value=texts[name], bound=", ".join(filter(None, words))
        )

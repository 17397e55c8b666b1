"""What insight needs of the world: what is to be explained, and the rows that a fact came from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Protocol

from pydantic import Field

from fondaco.core.facts import Fact, Source

SubjectId = Annotated[
    str,
    Field(
        pattern=r"^(TC|BT)-\d{1,12}$", description="trade card or backtest id, e.g. TC-17 or BT-3"
    ),
]

Cell = str | int | float | bool | None
"""A stored value as a row shows it: exact numbers and times stand as text."""


class WordKind(StrEnum):
    """What a word is, and so whether digits may stand in it.

    TEXT is free text of anyone: a number in it is not ours and is never repeated. The other kinds
    name things and must look like what they say they are.
    """

    TEXT = "text"
    DATE = "date"
    TIME = "time"
    SYMBOL = "symbol"
    ID = "id"
    NAME = "name"


SHAPES: dict[WordKind, re.Pattern[str]] = {
    WordKind.DATE: re.compile(r"\d{4}-\d{2}-\d{2}"),
    WordKind.TIME: re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC"),
    WordKind.SYMBOL: re.compile(r"[A-Z0-9][A-Z0-9.\-^=_]{0,31}"),
    WordKind.ID: re.compile(r"[A-Z]{1,3}-[0-9a-f]{1,64}"),
    WordKind.NAME: re.compile(r"[A-Za-z][A-Za-z0-9 ._/-]{0,63}"),
}
"""What a word of each kind must look like, whole; TEXT may look like anything."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word for a slot of a sentence. A name that does not look like one is refused.

    >>> Word("2019-06-28", WordKind.DATE).text
    '2019-06-28'
    """

    text: str
    kind: WordKind = WordKind.TEXT

    def __post_init__(self) -> None:
        shape = SHAPES.get(self.kind)
        if shape is not None and shape.fullmatch(self.text) is None:
            raise ValueError(f"{self.text!r} does not look like a {self.kind}: {shape.pattern}")


def day(moment: datetime) -> Word:
    """Return the date of a moment as a word."""
    return Word(moment.date().isoformat(), WordKind.DATE)


def minute(moment: datetime) -> Word:
    """Return a UTC moment, to the minute, as a word."""
    return Word(moment.strftime("%Y-%m-%d %H:%M UTC"), WordKind.TIME)


@dataclass(frozen=True, slots=True)
class Item:
    """One of many alike (a verdict, a piece of evidence): its own words and facts."""

    words: Mapping[str, Word] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """Something to be explained, as words and facts: all that insight ever sees of it.

    `kind` is `card` or `backtest` and chooses the templates; `lists` holds what comes many times.
    A fact or word that is not here is said to be not known.
    """

    id: str
    kind: str
    title: str
    label: str
    words: Mapping[str, Word]
    facts: Mapping[str, Fact]
    lists: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)


class Subjects(Protocol):
    """Finds what is to be explained."""

    def subject(self, subject_id: str) -> Subject:
        """Return a card or a backtest as words and facts, its facts kept; raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class SourceRows:
    """The rows that a fact was derived from, read again at the version it was read at.

    `note` says what cannot be read again, if anything; `more` how many rows were left out.
    """

    table: str
    version: int | None
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: int = 0
    note: str = ""


class Rows(Protocol):
    """Reads the rows behind a fact."""

    def rows(self, source: Source, *, limit: int) -> SourceRows:
        """Return at most `limit` of the rows, the latest ones, oldest first."""
        ...

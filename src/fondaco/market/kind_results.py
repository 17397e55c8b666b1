"""What reading rows of any kind, members of an index and surprises returns."""

from dataclasses import dataclass
from datetime import date, datetime

from fondaco.core.instrument import Origin

RowCell = str | int | float | bool | None
"""A cell of a row; days and times are ISO text."""


@dataclass(frozen=True, slots=True)
class RowColumn:
    """A column of a kind: its name and what it holds, with the unit."""

    name: str
    holds: str


@dataclass(frozen=True, slots=True)
class RowList:
    """Rows of a kind as they were known, newest first. `total` counts those that match."""

    kind: str
    says: str
    as_of: datetime
    version: int
    total: int
    origins: tuple[Origin, ...]
    columns: tuple[RowColumn, ...]
    rows: tuple[tuple[RowCell, ...], ...]


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member of an index from `start` to `end`, both included; no `end` means still."""

    symbol: str
    instrument: str
    name: str
    start: date
    end: date | None
    weight: float | None


@dataclass(frozen=True, slots=True)
class MemberList:
    """Who belonged to an index on any day of a span, as was known at a time, by symbol."""

    index: str
    since: date
    until: date
    as_of: datetime
    origins: tuple[Origin, ...]
    members: tuple[MemberLine, ...]


@dataclass(frozen=True, slots=True)
class Surprise:
    """One period's actual against what was expected of it just before it was known.

    `of` is the instrument, else the country; `about` the item or the event's title; `period` the
    period's end, or the event's day. `surprise` is actual - estimate in their unit, `share` that
    over the size of the estimate (None when it is 0), `standardised` that over the deviation of
    those before (None with fewer than four, or when they were all the same). `known_at`
    is when the actual was first known.
    """

    of: str
    about: str
    period: date
    estimate: float
    actual: float
    surprise: float
    share: float | None
    standardised: float | None
    known_at: datetime


@dataclass(frozen=True, slots=True)
class SurpriseList:
    """Surprises of one company or country, newest first. `total` counts all that were known."""

    of: str
    as_of: datetime
    kind: str
    origins: tuple[Origin, ...]
    total: int
    lines: tuple[Surprise, ...]

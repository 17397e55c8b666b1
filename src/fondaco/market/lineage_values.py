"""What lineage says of numbers and rows: plain values, light to import."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Proof(StrEnum):
    """What reading the raw answer again says of a stored row."""

    SAME = "same"
    DIFFERS = "differs"
    ABSENT = "absent"
    LOST = "raw answer lost"
    UNRECORDED = "ingest not recorded"


@dataclass(frozen=True, slots=True)
class RawPlace:
    """Where in which raw answer a row stands. `request` is what was asked of the provider."""

    digest: str
    name: str
    request: str
    asked_at: datetime
    size_bytes: int
    where: str


@dataclass(frozen=True, slots=True)
class RowOrigin:
    """A stored row with where it came from. `cells` are its values in words, in table order.

    `first_known_at` is when its key was first stated: before `known_at`, the row is a revision.
    `let_in` says who released it from quarantine and why; empty for a row that no rule met.
    """

    table: str
    cells: tuple[tuple[str, str], ...]
    source: str
    known_at: datetime
    first_known_at: datetime
    ingest: str
    provider: str
    asked_at: datetime | None
    asked: str
    raw: RawPlace | None
    proof: Proof
    let_in: str = ""


@dataclass(frozen=True, slots=True)
class NumberLine:
    """A number on the way down. `depth` 0 is what was asked for; `value` None was not kept."""

    depth: int
    name: str
    value: Decimal | None
    unit: str
    as_of: datetime | None
    rests_on: str
    method: str
    fact: str = ""


@dataclass(frozen=True, slots=True)
class LineageReport:
    """Where something comes from: its numbers, then the rows they rest on, the newest of them.

    `rows_in_all` counts every row that the numbers rest on.
    """

    title: str
    numbers: tuple[NumberLine, ...]
    rows_in_all: int
    rows: tuple[RowOrigin, ...]

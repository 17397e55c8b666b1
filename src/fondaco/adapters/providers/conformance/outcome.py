"""What came of one ask: rows and faults, or no answer; and how it differs from the good one."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import httpx2
import polars as pl

from fondaco.adapters.providers.conformance.case import Answer, Recorded
from fondaco.adapters.providers.fits import columns_of
from fondaco.adapters.providers.read_json import Useless
from fondaco.adapters.providers.wire import ANSWER_BYTES_MAX
from fondaco.core.clock import Clock
from fondaco.core.errors import FondacoError
from fondaco.market.errors import Unanswered
from fondaco.market.ports import Fault, Raw
from fondaco.market.tables import BARS

Row = dict[str, Any]
CRASHES = (
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    OSError,
    RuntimeError,
    EOFError,
    MemoryError,
    AssertionError,
    zlib.error,
    BadZipFile,
    ParseError,
    pl.exceptions.PolarsError,
    httpx2.HTTPError,
    FondacoError,
    Useless,
)
"""What a provider may let slip where only `Unanswered` or faults are right."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Rows and faults of an ask, or the `Unanswered` or the crash that ended it."""

    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()
    raws: tuple[Raw, ...] = ()
    unanswered: Unanswered | None = None
    crash: str = ""

    @property
    def said(self) -> bool:
        """Whether it says that something is wrong."""
        return self.unanswered is not None or bool(self.faults)


class Server:
    """Answers the requests of an ask with what was recorded, one of them with something else."""

    def __init__(self, recorded: Recorded, at: int = -1, other: Answer | None = None) -> None:
        self._recorded = recorded
        self._at = at
        self._other = other
        self.bodies: list[bytes] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        place = len(self.bodies)
        self.bodies.append(self._recorded.body(request) or b"")
        if place == self._at and self._other is not None:
            return self._other(request)
        return self._recorded.answer(request)


def outcome(
    recorded: Recorded, clock: Clock, server: Answer, *, bytes_max: int = ANSWER_BYTES_MAX
) -> Outcome:
    """Ask and parse; what must not be raised becomes the `crash` of the outcome."""
    try:
        provider = recorded.build(clock, server, bytes_max=bytes_max)
        raws = provider.ask(recorded.ask)
        parsed = [provider.parse(raw, recorded.ask) for raw in raws]
    except Unanswered as error:
        return Outcome(unanswered=error)
    except CRASHES as error:
        return Outcome(crash=f"{type(error).__name__}: {error}"[:300])
    kind = recorded.ask.kind
    rows = [row for p in parsed for row in _dicts(p.bars if kind == BARS else p.rows.get(kind))]
    return Outcome(tuple(rows), tuple(f for p in parsed for f in p.faults), raws)


def _dicts(frame: pl.DataFrame | None) -> list[Row]:
    return [] if frame is None else frame.to_dicts()


def key_of(row: Row, leave: Iterable[str] = ("where",)) -> tuple[Any, ...]:
    """Return a row as a value that can be compared; `where` says nothing of its content."""
    out = set(leave)
    return tuple((name, cell) for name, cell in row.items() if name not in out)


def strangers(kind: str, good: Outcome, got: Outcome, *, absent: bool) -> list[Row]:
    """Return the rows that the good answer does not hold.

    With `absent` a cell that the kind does not require may be empty, and a factor may be 1.
    """
    known = {key_of(row) for row in good.rows}
    odd = [row for row in got.rows if key_of(row) not in known]
    if not absent:
        return odd
    columns = columns_of(kind)
    soft = {n for n, c in columns.items() if not c.required and n != "where"}
    return [row for row in odd if not any(_poorer(row, full, soft) for full in good.rows)]


def _poorer(row: Row, full: Row, soft: set[str]) -> bool:
    return all(
        cell == full[name]
        or name == "where"
        or (cell is None and name in soft)
        or (cell == 1.0 and name == "factor")
        for name, cell in row.items()
    )


def changed(good: Outcome, got: Outcome) -> frozenset[str] | None:
    """Return the columns in which rows differ; None when they cannot be laid side by side."""
    if got.said or got.crash or len(got.rows) != len(good.rows):
        return None
    pairs = zip(good.rows, got.rows, strict=True)
    return frozenset(
        name for was, now in pairs for name in was if name != "where" and was[name] != now.get(name)
    )


DATING = frozenset(("ts", "session", "known_at"))
"""Columns whose times may not lie far after the moment of asking."""


def temporal(row: Row) -> frozenset[str]:
    """Return the columns of a row that hold days and moments."""
    return frozenset(name for name, cell in row.items() if isinstance(cell, date | datetime))


def worded(row: Row) -> frozenset[str]:
    """Return the columns of a row that hold words."""
    return frozenset(name for name, cell in row.items() if isinstance(cell, str))


def unchanged(good: Outcome, got: Outcome) -> bool:
    """Return whether nothing at all came of a change."""
    return not got.said and not got.crash and changed(good, got) == frozenset()


def moved(good: Outcome, tries: Iterable[Outcome], *, dated: bool = False) -> frozenset[str]:
    """Return the columns that move by the first small change that is let through.

    With `dated` the value looks like a time: when every change of it is refused, it is read as one.
    """
    refused = False
    for got in tries:
        if columns := changed(good, got):
            return columns
        refused = got.said
        if not refused:
            dated = False
    return DATING if dated and refused else frozenset()

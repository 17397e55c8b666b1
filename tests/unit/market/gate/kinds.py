"""Rows of every kind for tests, and a desk that takes them in."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import polars as pl

from fondaco.core.clock import SteppedClock
from fondaco.core.ids import Ids
from fondaco.core.instrument import AssetClass, Instrument, Origin
from fondaco.market.fakes import FixedCalendar
from fondaco.market.ingest import Ingestor
from fondaco.market.kinds import kind_named
from fondaco.market.ports import Ask, Fault, Parsed, Raw
from fondaco.market.results import IngestReport
from fondaco.market.sheets import Sheet
from fondaco.market.tables import PARSED
from unit.market.rows import AAA, BBB, Desk

NOON = datetime(2024, 6, 28, 16, 0, tzinfo=UTC)
SOURCE = "live:lines"

Row = dict[str, Any]


class LinesProvider:
    """Gives answers that a test hands in: each answer is JSON lines of rows by kind."""

    name = "lines"
    origin = Origin.LIVE
    sheet = Sheet("lines", "Lines of a test", Origin.LIVE, ())

    def __init__(self) -> None:
        self.answers: list[tuple[Mapping[str, Sequence[Row]], datetime]] = []
        self.instruments: tuple[Instrument, ...] = (AAA, BBB)
        self.faults: tuple[Fault, ...] = ()
        self.read: Callable[[str, Row], Row] = lambda _, row: row

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Return each answer as bytes."""
        raws = []
        for number, (rows, asked_at) in enumerate(self.answers):
            body = json.dumps(rows, default=lambda value: value.isoformat()).encode()
            digest = hashlib.sha256(body).hexdigest()
            raws.append(Raw(self.name, f"answer {number}", body, asked_at, digest, f"/{ask.kind}"))
        return tuple(raws)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read an answer."""
        said: dict[str, list[Row]] = json.loads(raw.body)
        frames = {name: self._frame(name, rows) for name, rows in said.items()}
        return Parsed(pl.DataFrame(schema=PARSED), self.instruments, self.faults, rows=frames)

    def _frame(self, name: str, rows: list[Row]) -> pl.DataFrame:
        kind = kind_named(name)
        typed = []
        for number, row in enumerate(rows):
            cells = {"source": SOURCE, "where": f"line {number}", **self.read(name, row)}
            for column, dtype in kind.parsed.items():
                text = cells.get(column)
                if isinstance(text, str) and isinstance(dtype, pl.Datetime):
                    cells[column] = datetime.fromisoformat(text)
                if isinstance(text, str) and isinstance(dtype, pl.Date):
                    cells[column] = datetime.fromisoformat(text).date()
            typed.append(cells)
        return kind.frame(typed)


class KindDesk(Desk):
    """A desk in memory with a provider of any kind."""

    def __init__(self, at: datetime = NOON) -> None:
        super().__init__(asked_at=at)
        numbers = count()
        self.clock: SteppedClock = SteppedClock(at)  # type: ignore[assignment]
        self.ids = Ids(
            self.clock, lambda size: hashlib.shake_256(str(next(numbers)).encode()).digest(size)
        )
        self.lines = LinesProvider()
        self.calendar = FixedCalendar
        self.ingestor = Ingestor(
            self.store,
            self.archive,
            self.book,
            lambda venue: self.calendar(venue),
            {"lines": lambda: self.lines},
            self.clock,
            self.ids,
        )

    def give(
        self,
        kind: str,
        *answers: Sequence[Row],
        at: datetime | None = None,
        **others: Sequence[Row],
    ) -> IngestReport:
        """Ingest rows of a kind, one list an answer; `others` are rows of other kinds."""
        when = at or self.clock.now()
        self.lines.answers = [({kind: rows}, when) for rows in answers]
        if others:
            self.lines.answers.append((others, when))
        return self.ingestor.ingest("lines", Ask(kind=kind, symbols=("AAA",)))

    def kept(self, kind: str) -> list[Row]:
        """Return the rows in force of a kind, in key order."""
        return self.store.read(kind).to_dicts()


def future() -> Instrument:
    """Return a future on XNYS."""
    from dataclasses import replace

    return replace(AAA, asset_class=AssetClass.FUTURE)

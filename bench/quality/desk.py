"""A desk in memory that takes frames of rows of any kind in, with the calendars of real venues."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from pathlib import Path

import polars as pl

from fondaco.adapters.calendars.exchange import ExchangeCalendars
from fondaco.core.clock import SteppedClock
from fondaco.core.ids import Ids
from fondaco.core.instrument import Instrument, Origin
from fondaco.market.book import SymbolBook
from fondaco.market.fakes import MemoryArchive, MemoryStore
from fondaco.market.ingest import Ingestor
from fondaco.market.kinds import kind_named
from fondaco.market.ports import Ask, Fault, Parsed, Raw
from fondaco.market.results import IngestReport
from fondaco.market.sheets import Sheet
from fondaco.market.tables import BARS, PARSED

SOURCE = "file:planted"
CALENDARS = ExchangeCalendars()


class FramesProvider:
    """Gives one answer: a frame of rows that was handed in."""

    name = "planted"
    origin = Origin.FILE
    sheet = Sheet("planted", "Rows of a real file", Origin.FILE, ())

    def __init__(self, clock: SteppedClock, instruments: Sequence[Instrument]) -> None:
        self._clock = clock
        self._instruments = tuple(instruments)
        self.rows = pl.DataFrame()

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Return the frame's name as a raw answer; the frame itself stays in memory."""
        body = f"{ask.kind} {self._clock.now()}".encode()
        digest = hashlib.sha256(body).hexdigest()
        return (Raw(self.name, ask.kind, body, self._clock.now(), digest),)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:  # noqa: ARG002 - the signature of the port
        """Return the frame as parsed rows; columns that it lacks are empty."""
        daily = ask.kind == BARS
        schema = PARSED if daily else kind_named(ask.kind).parsed
        rows = self.rows.select(
            (pl.col(name) if name in self.rows.columns else pl.lit(None).alias(name)).cast(dtype)
            for name, dtype in schema.items()
        ).with_columns(source=pl.lit(SOURCE))
        empty = pl.DataFrame(schema=PARSED)
        if daily:
            return Parsed(rows, self._instruments, ())
        return Parsed(empty, self._instruments, (), rows={ask.kind: rows})


class PlantDesk:
    """A desk that remembers how each row fared."""

    def __init__(self, at: datetime, instruments: Sequence[Instrument] = ()) -> None:
        numbers = count()
        self.clock = SteppedClock(at)
        self.store = MemoryStore()
        self.provider = FramesProvider(self.clock, instruments)
        self.ingestor = Ingestor(
            self.store,
            MemoryArchive(),
            SymbolBook(self.store),
            CALENDARS,
            {"planted": lambda: self.provider},
            self.clock,
            Ids(self.clock, lambda n: hashlib.shake_256(str(next(numbers)).encode()).digest(n)),
        )

    def take(self, kind: str, rows: pl.DataFrame, at: datetime | None = None) -> IngestReport:
        """Take rows of a kind in, at a moment."""
        if at is not None:
            self.clock.move_to(at)
        self.provider.rows = rows
        return self.ingestor.ingest("planted", Ask(kind=kind))

    def faults(self) -> tuple[Fault, ...]:
        """Return every fault, of whatever kind."""
        return self.ingestor.faults()


def shared_data() -> Path:
    """Return where the real files lie, beside the checkout or where FONDACO_SHARED_DATA says."""
    import os

    beside = Path(__file__).parents[2].parent / "shared" / "data"
    return Path(os.environ.get("FONDACO_SHARED_DATA", beside))

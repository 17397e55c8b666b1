"""Small market data for tests: rows, a desk in memory, calendars and instruments."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from itertools import count

import polars as pl

from fondaco.adapters.calendars.exchange import ExchangeCalendars
from fondaco.core.clock import FixedClock
from fondaco.core.ids import Ids
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument
from fondaco.market.book import SymbolBook
from fondaco.market.fakes import FixedCalendar, MemoryArchive, MemoryStore, PagesProvider
from fondaco.market.identity import UNDATED, instrument_id
from fondaco.market.ingest import Ingestor
from fondaco.market.ports import Ask, Store
from fondaco.market.prices import Prices
from fondaco.market.results import IngestReport
from fondaco.market.tables import BARS, TABLES

NOW = datetime(2024, 6, 28, 21, 0, tzinfo=UTC)
CALENDAR = FixedCalendar()


def share(symbol: str, start: date = UNDATED, end: date | None = None) -> Instrument:
    """Return a share on XNYS."""
    return Instrument(
        id=instrument_id(AssetClass.EQUITY, "XNYS", symbol, start),
        symbols=(DatedSymbol(symbol, start, end),),
        asset_class=AssetClass.EQUITY,
        venue="XNYS",
        currency="USD",
        name=f"{symbol} Company",
    )


AAA, BBB = share("AAA"), share("BBB")
SESSIONS = CALENDAR.sessions(date(2024, 1, 1), date(2024, 6, 28))


def page(
    instrument: Instrument, closes: Sequence[float | None], *, first: int = 0, **columns: object
) -> pl.DataFrame:
    """Return parsed rows of an instrument on the sessions from number `first` on."""
    rows = pl.DataFrame({"close": closes}, schema={"close": pl.Float64}).with_columns(
        session=pl.Series(SESSIONS[first : first + len(closes)]),
        instrument=pl.lit(instrument.id),
        factor=1.0,
    )
    return rows.with_columns(
        pl.Series(name, value) if isinstance(value, list) else pl.lit(value).alias(name)
        for name, value in columns.items()
    )


def bar_rows(
    rows: pl.DataFrame, *, ingest_id: str = "1", source: str = "simulated"
) -> pl.DataFrame:
    """Return parsed rows as rows of `bars_1d`, each known at its close."""
    closes = [CALENDAR.close(day) for day in rows["session"]]
    schema = TABLES[BARS].schema
    stamped = rows.with_columns(
        pl.Series("ts", closes, dtype=schema["ts"]), ingest_id=pl.lit(ingest_id)
    )
    if "source" not in stamped.columns:
        stamped = stamped.with_columns(source=pl.lit(source))
    if "known_at" not in stamped.columns:
        stamped = stamped.with_columns(known_at=pl.col("ts"))
    missing = [name for name in schema if name not in stamped.columns]
    return (
        stamped.with_columns(pl.lit(None).alias(name) for name in missing)
        .select(list(schema))
        .cast(schema)
    )  # type: ignore[arg-type]


@cache
def exchange() -> ExchangeCalendars:
    """Return real exchange calendars; deriving one takes seconds, so a process does it once."""
    return ExchangeCalendars()


class Desk:
    """A market in memory with one ingestor; `asked_at` is when its providers are asked."""

    def __init__(self, store: Store | None = None, asked_at: datetime = NOW) -> None:
        counter = count()
        self.clock = FixedClock(asked_at)
        self.store = store or MemoryStore()
        self.book = SymbolBook(self.store)
        self.archive = MemoryArchive()
        self._pages: list[pl.DataFrame] = []
        self._instruments: tuple[Instrument, ...] = ()
        entropy_seed = id(self.clock)
        self.ids = Ids(
            self.clock,
            lambda size: hashlib.shake_256(f"{entropy_seed}/{next(counter)}".encode()).digest(size),
        )
        self.ingestor = Ingestor(
            self.store,
            self.archive,
            self.book,
            FixedCalendar,
            {"pages": self._provider},
            self.clock,
            self.ids,
        )
        self.prices = Prices(self.store, self.book, FixedCalendar)

    def _provider(self) -> PagesProvider:
        return PagesProvider(self._pages, self._instruments, self.clock.now())

    def take(
        self,
        *pages: pl.DataFrame,
        instruments: Sequence[Instrument] = (AAA, BBB),
        ask: Ask | None = None,
    ) -> IngestReport:
        """Ingest pages in one ask."""
        self._pages, self._instruments = list(pages), tuple(instruments)
        return self.ingestor.ingest("pages", ask or Ask())

    def closes(self, instrument: Instrument = AAA) -> list[float]:
        """Return the kept closes of an instrument."""
        rows = self.store.read(BARS).filter(pl.col("instrument") == instrument.id)
        return rows["close"].to_list()

    def rules(self) -> list[str]:
        """Return the rules of the open faults, oldest session first."""
        return [f.rule for f in reversed(self.ingestor.faults(resolved=False))]

"""A desk whose only source is the simulated market, and short ways to ask that market."""

from datetime import UTC, date, datetime
from functools import cache
from itertools import count

import polars as pl

from fondaco.adapters.providers.simulated import Simulated
from fondaco.core.clock import FixedClock
from fondaco.core.ids import Ids
from fondaco.market.book import SymbolBook
from fondaco.market.fakes import MemoryArchive, MemoryStore
from fondaco.market.ingest import Ingestor
from fondaco.market.ports import Ask, Parsed
from unit.market.rows import exchange

NOW = datetime(2024, 6, 28, 21, 0, tzinfo=UTC)


def desk(now: datetime = NOW) -> tuple[Ingestor, MemoryStore]:
    """Return an ingestor over memory with true calendars, and its store."""
    store, clock, counter = MemoryStore(), FixedClock(now), count()
    provider = Simulated(clock)
    made = Ingestor(
        store,
        MemoryArchive(),
        SymbolBook(store),
        exchange(),
        {"simulated": lambda: provider},
        clock,
        Ids(clock, lambda size: next(counter).to_bytes(size, "big")),
    )
    return made, store


def parsed(ask: Ask, now: datetime = NOW) -> list[Parsed]:
    """Return what the market says to a question; nothing may be unreadable."""
    provider = Simulated(FixedClock(now))
    found = [provider.parse(raw, ask) for raw in provider.ask(ask)]
    assert not [fault for one in found for fault in one.faults]
    return found


def rows(
    kind: str,
    *symbols: str,
    since: date | None = None,
    until: date | None = None,
    now: datetime = NOW,
    **options: str,
) -> pl.DataFrame:
    """Return the rows of a kind, of some names or of all."""
    ask = Ask(since, until, options, kind, symbols)
    found = parsed(ask, now)
    if kind == "bars_1d":
        return pl.concat([one.bars for one in found])
    return pl.concat([one.rows[kind] for one in found if kind in one.rows])


@cache
def history(seed: str = "7") -> pl.DataFrame:
    """Return all daily bars, with `symbol`: the first ticker of each."""
    found = parsed(Ask(options={"seed": seed}))
    names = {i.id: i.symbols[0].symbol for one in found for i in one.instruments}
    bars = pl.concat([one.bars for one in found])
    return bars.with_columns(symbol=pl.col("instrument").replace_strict(names)).sort(
        "symbol", "session"
    )

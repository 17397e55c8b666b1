"""A feed on fakes: tables of rows, a clock that is stepped, a market that never closes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import polars as pl

from fondaco.core.clock import SteppedClock
from fondaco.core.instrument import Origin
from fondaco.market.feed.budget import Pacer
from fondaco.market.feed.fakes import (
    MemoryChoices,
    MemoryHealthStore,
    MemoryPaceStore,
    MemoryQueryLog,
    NothingKept,
    TableIntake,
)
from fondaco.market.feed.feed import Feed
from fondaco.market.feed.fetching import Fetching
from fondaco.market.feed.freshness import Trading
from fondaco.market.feed.hybrid import Hybrid
from fondaco.market.feed.memory import MemoryCache
from fondaco.market.feed.ports import Asked, Intake, Kept, Later, SharedCache
from fondaco.market.feed.routes import Routes
from fondaco.market.feed.sourcing import Sources
from fondaco.market.feed.tiers import Tiers
from fondaco.market.feed.values import Wanted
from fondaco.market.sheets import Market, Offer, Sheet

NOW = datetime(2024, 7, 1, 15, tzinfo=UTC)
KINDS = ("quotes", "news", "fundamentals", "bars_1d")


def quote(price: float, at: datetime = NOW) -> pl.DataFrame:
    """Return one quote with a last price."""
    return pl.DataFrame({"instrument": ["I-1"], "ts": [at], "last": [price]})


def want(*symbols: str, kind: str = "quotes") -> Wanted:
    """Return a question for the United States."""
    return Wanted(kind, Market.US, symbols)


@dataclass
class Toy:
    """The parts of a feed on fakes, and the feed."""

    tables: Mapping[str, Mapping[str, pl.DataFrame]]
    shared: SharedCache | None = None
    kept: Kept = field(default_factory=NothingKept)
    later: Later | None = None
    trading: Trading | None = None
    lacking: dict[str, str] = field(default_factory=dict)
    log: Sequence[Asked] = ()
    bytes_max: int = 10_000_000

    def __post_init__(self) -> None:
        self.clock = SteppedClock(NOW)
        self.intake = TableIntake(self.tables)
        self.health = MemoryHealthStore()
        self.pacer = Pacer(MemoryPaceStore(self.clock), self.clock)
        self.choices = MemoryChoices()
        self.queries = MemoryQueryLog(self.log)
        self.feed = self.over(self.intake)

    def over(self, intake: Intake) -> Feed:
        """Return a feed with its own memory over an intake; the rest is shared."""
        offers = tuple(Offer(kind, (Market.US,), "long") for kind in KINDS)
        routes = Routes(
            [Sheet(name, name, Origin.LIVE, offers) for name in self.tables],
            {(kind, Market.US): tuple(self.tables) for kind in KINDS},
        )
        sources = Sources(self.clock, intake, routes, self.health, self.pacer, self.lacking.get)
        tiers = Tiers(self.clock, MemoryCache(Hybrid(self.bytes_max)), self.shared, self.kept)
        fetching = Fetching(self.clock, sources, tiers, lambda *_: self.trading, self.choices)
        return Feed(self.clock, tiers, fetching, self.queries, self.later)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(seconds=seconds))

    @property
    def asked(self) -> list[str]:
        """Return which providers were asked, in order."""
        return [provider for provider, _ in self.intake.asked]

"""Replays a query log through the real feed, with providers that take time by a virtual clock."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from bench.cache.loads import BUSY

from fondaco.core.clock import SteppedClock
from fondaco.core.instrument import Origin
from fondaco.market.fakes import FixedCalendar
from fondaco.market.feed.analytics import percentile
from fondaco.market.feed.budget import Pacer
from fondaco.market.feed.fakes import (
    MemoryChoices,
    MemoryHealthStore,
    MemoryPaceStore,
    MemoryQueryLog,
    NothingKept,
)
from fondaco.market.feed.feed import Feed
from fondaco.market.feed.fetching import Fetching
from fondaco.market.feed.freshness import Trading
from fondaco.market.feed.hybrid import policy_named
from fondaco.market.feed.memory import MemoryCache
from fondaco.market.feed.ports import Asked, Taken
from fondaco.market.feed.routes import Routes
from fondaco.market.feed.sourcing import Sources
from fondaco.market.feed.tiers import Tiers
from fondaco.market.feed.values import Tier, Wanted
from fondaco.market.hours import Phase, market_state
from fondaco.market.ports import Ask
from fondaco.market.sheets import Market, Offer, Sheet

ROWS = {"bars_1d": 250, "news": 20, "fundamentals": 300, "quotes": 1}
"""Rows of one symbol, about as they come."""
ROW_BYTES = 88
LATENCY_SECONDS, LATENCY_SPREAD = 0.18, 0.35
"""Median and log-spread of a provider's answer."""
REFRESH_SECONDS = 2.0
WARM_MINUTES = 30
WARM_CALLS = 8
STRATEGIES = ("none", "lru", "lfu", "hybrid", "hybrid+warming")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a replay gave. Seconds are virtual, `own_micros` real: the desk's own time per ask."""

    load: str
    strategy: str
    asks: int
    hit_rate: float
    stale_rate: float
    calls: int
    p50: float
    p95: float
    p99: float
    waste: float
    own_micros: float


class SlowProvider:
    """Gives rows after a time drawn at random; in the background nobody waits for it."""

    def __init__(self, clock: SteppedClock, rng: np.random.Generator) -> None:
        self.calls = 0
        self.background = False
        self._clock = clock
        self._rng = rng
        self._rows = {
            kind: pl.DataFrame({f"c{n}": np.zeros(rows) for n in range(ROW_BYTES // 8)})
            for kind, rows in ROWS.items()
        }

    def take(self, provider: str, ask: Ask) -> Taken:
        """Return the rows of every symbol asked."""
        self.calls += 1
        seconds = LATENCY_SECONDS * float(np.exp(LATENCY_SPREAD * self._rng.standard_normal()))
        if not self.background:
            self._clock.advance(timedelta(seconds=seconds))
        rows = dict.fromkeys(ask.symbols, self._rows[ask.kind])
        return Taken(rows, f"ingest-{self.calls}", f"live:{provider}")


def replay(load: str, lines: Sequence[Asked], strategy: str, megabytes: float) -> Measured:
    """Return what a strategy gives on a load, with so much room."""
    clock = SteppedClock(lines[0].at - timedelta(hours=1))
    provider = SlowProvider(clock, np.random.default_rng(1))
    feed = _feed(clock, provider, strategy, int(megabytes * 1e6))
    refreshed = warmed = clock.now()
    waits: list[float] = []
    hits = stale = 0
    began = time.process_time()
    for line in lines:
        at = line.at
        while strategy.endswith("warming") and warmed + timedelta(minutes=WARM_MINUTES) <= at:
            warmed += timedelta(minutes=WARM_MINUTES)
            if warmed.hour not in BUSY:
                continue
            _behind(clock, provider, warmed, lambda: feed.warm(WARM_CALLS))
        if at - refreshed >= timedelta(seconds=REFRESH_SECONDS):
            refreshed = at
            _behind(clock, provider, at, feed.refresh)
        _move(clock, at)
        before = clock.now()
        answer = feed.ask(Wanted(line.kind, line.market, (line.symbol,)))
        waits.append((clock.now() - before).total_seconds())
        hits += answer.freshness.tiers == (Tier.MEMORY,)
        stale += answer.freshness.stale
    micros = (time.process_time() - began) / len(lines) * 1e6
    room = feed.report().room
    return Measured(
        load=load,
        strategy=strategy,
        asks=len(lines),
        hit_rate=hits / len(lines),
        stale_rate=stale / len(lines),
        calls=provider.calls,
        p50=percentile(waits, 0.50),
        p95=percentile(waits, 0.95),
        p99=percentile(waits, 0.99),
        waste=sum(room.wasted.values()) / max(sum(room.came.values()), 1),
        own_micros=micros,
    )


def trading(_: Market, moment: datetime) -> Trading | None:
    """Return the hours of a market that trades from 14:30 to 21:00 UTC on weekdays."""
    state = market_state(FixedCalendar(), moment)
    return Trading(state.phase is Phase.OPEN, state.next_open, state.next_close, state.reason)


def _behind(clock: SteppedClock, provider: SlowProvider, at: datetime, work: object) -> None:
    """Do something that nobody waits for."""
    _move(clock, at)
    provider.background = True
    work()  # type: ignore[operator]
    provider.background = False


def _move(clock: SteppedClock, at: datetime) -> None:
    if at > clock.now():
        clock.move_to(at)


def _feed(clock: SteppedClock, provider: SlowProvider, strategy: str, room: int) -> Feed:
    offers = tuple(Offer(kind, (Market.US,), "long") for kind in ROWS)
    routes = Routes([Sheet("slow", "Slow", Origin.SIMULATED, offers)])
    pacer = Pacer(MemoryPaceStore(clock), clock)
    sources = Sources(clock, provider, routes, MemoryHealthStore(), pacer, lambda _: None)
    memory = MemoryCache(policy_named(strategy.partition("+")[0], room))
    tiers = Tiers(clock, memory, None, NothingKept())
    fetching = Fetching(clock, sources, tiers, trading, MemoryChoices())
    return Feed(clock, tiers, fetching, MemoryQueryLog())

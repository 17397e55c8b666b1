"""What the cache is worth, by kind: hit rates, waiting times, waste, and advice in words."""

import threading
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from fondaco.market.feed.memory import Room
from fondaco.market.feed.values import Tier

LATENCIES_KEPT = 2_048
BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Upper bounds of the histogram in seconds."""
ASKS_MIN = 100
HIT_RATE_LOW = 0.5
WASTE_HIGH = 0.5
FULL = 0.9
P95_SECONDS_HIGH = 0.1
STALE_HIGH = 0.05


@dataclass(frozen=True, slots=True)
class KindFigures:
    """What happened to the asks of one kind. A part is one symbol of one ask.

    `hits` by tier are parts that needed no source; `fetched` parts needed one; `failed` parts got
    none. `stale` parts were given with that label. Seconds are per ask, of the last 2,048.
    `waste` is the share of what came into memory and left it, or was pushed out, without one use.
    """

    kind: str
    asks: int
    hits: Mapping[Tier, int]
    fetched: int
    failed: int
    stale: int
    p50: float
    p95: float
    p99: float
    waste: float
    buckets: tuple[int, ...]
    seconds: float

    @property
    def hit_rate(self) -> float:
        """Return the share of parts that needed no source; 0 when nothing was asked."""
        hits = sum(self.hits.values())
        total = hits + self.fetched + self.failed
        return hits / total if total else 0.0


@dataclass(slots=True)
class _Counts:
    asks: int = 0
    hits: dict[Tier, int] = field(default_factory=dict)
    fetched: int = 0
    failed: int = 0
    stale: int = 0
    seconds: float = 0.0
    latest: deque[float] = field(default_factory=lambda: deque(maxlen=LATENCIES_KEPT))
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))


@dataclass(frozen=True, slots=True)
class Served:
    """What became of one ask: by tier how many parts, how many of them stale, how many unknown."""

    tiers: Sequence[Tier]
    stale: int
    failed: int
    seconds: float


class Analytics:
    """Counts what the feed does; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, _Counts] = {}

    def served(self, kind: str, what: Served) -> None:
        """Count one ask."""
        with self._lock:
            counts = self._counts.setdefault(kind, _Counts())
            counts.asks += 1
            counts.stale += what.stale
            counts.failed += what.failed
            for tier in what.tiers:
                if tier is Tier.PROVIDER:
                    counts.fetched += 1
                else:
                    counts.hits[tier] = counts.hits.get(tier, 0) + 1
            counts.latest.append(what.seconds)
            counts.seconds += what.seconds
            counts.buckets[bisect_left(BUCKETS, what.seconds)] += 1

    def figures(self, room: Room) -> tuple[KindFigures, ...]:
        """Return the figures of every kind that was asked, by name."""
        with self._lock:
            return tuple(
                _figures(kind, counts, room) for kind, counts in sorted(self._counts.items())
            )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile; 0 of nothing.

    >>> percentile([15, 20, 35, 40, 50], 0.4)
    20
    """
    if not values:
        return 0.0
    ranked = sorted(values)
    return ranked[max(ceil(share * len(ranked)) - 1, 0)]


def advice(figures: Sequence[KindFigures], room: Room) -> tuple[str, ...]:
    """Return what should be changed, each with its figures; nothing when all is well."""
    full = room.bytes_max > 0 and room.bytes_held > FULL * room.bytes_max
    found: list[str] = []
    for one in figures:
        if one.asks >= ASKS_MIN:
            found.extend(_advice(one, full, room))
    return tuple(found)


def _advice(one: KindFigures, full: bool, room: Room) -> list[str]:
    said = []
    rate = f"{one.kind}: {one.hit_rate:.0%} of its parts needed no source"
    if one.hit_rate < HIT_RATE_LOW and full:
        said.append(
            f"{rate} and the cache is full ({room.bytes_held:,} of {room.bytes_max:,} bytes): "
            "give it more room (FONDACO_CACHE_MB)."
        )
    elif one.hit_rate < HIT_RATE_LOW:
        said.append(f"{rate} though there is room: ask with a longer max_age, or warm it.")
    if one.waste > WASTE_HIGH:
        said.append(
            f"{one.kind}: {one.waste:.0%} of what came in was never asked again: "
            "leave these asks out of warming, or ask fewer symbols."
        )
    if one.p95 > P95_SECONDS_HIGH:
        said.append(
            f"{one.kind}: one ask in twenty waits {one.p95 * 1000:,.0f} ms or more: "
            "warm it before its hour."
        )
    parts = sum(one.hits.values()) + one.fetched + one.failed
    if parts and one.stale / parts > STALE_HIGH:
        said.append(
            f"{one.kind}: {one.stale / parts:.0%} of its parts were stale: "
            "refresh due keys more often, or look at the health of its sources."
        )
    return said


def _figures(kind: str, counts: _Counts, room: Room) -> KindFigures:
    came = room.came.get(kind, 0)
    return KindFigures(
        kind=kind,
        asks=counts.asks,
        hits=dict(counts.hits),
        fetched=counts.fetched,
        failed=counts.failed,
        stale=counts.stale,
        p50=percentile(counts.latest, 0.50),
        p95=percentile(counts.latest, 0.95),
        p99=percentile(counts.latest, 0.99),
        waste=room.wasted.get(kind, 0) / came if came else 0.0,
        buckets=tuple(counts.buckets),
        seconds=counts.seconds,
    )

"""Looks for what was asked before: in this process, in what processes share, in the store."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fondaco.core.clock import Clock
from fondaco.core.errors import Unavailable
from fondaco.market.feed.figures import FIGURES
from fondaco.market.feed.freshness import stale_seconds
from fondaco.market.feed.memory import MemoryCache, Room
from fondaco.market.feed.ports import Kept, SharedCache
from fondaco.market.feed.values import Held, Tier, Wanted


class Age(StrEnum):
    """What may be done with an entry."""

    FRESH = "fresh"  # give it
    STALE = "stale"  # give it, say so, and fetch a newer one meanwhile
    OLD = "old"  # fetch first; give it, labelled, only where no source answers
    REFUSED = "refused"  # older than the asker allows: never given


@dataclass(frozen=True, slots=True)
class Found:
    """An entry and the tier that had it."""

    held: Held
    tier: Tier


def age_of(held: Held, kind: str, now: datetime, max_age: timedelta | None) -> Age:
    """Return what may be done with an entry now.

    An asker that names the age it allows is given anything younger, labelled when its life is
    over.
    """
    age = max(now - held.asked_at, timedelta(0))
    if max_age is not None and age > max_age:
        return Age.REFUSED
    if now < held.fresh_until:
        return Age.FRESH
    if max_age is not None or now < held.fresh_until + timedelta(seconds=stale_seconds(kind)):
        return Age.STALE
    return Age.OLD


def suits(held: Held, kind: str, witnesses: int) -> bool:
    """Return whether an entry was compared with as many sources as are asked for now."""
    return kind not in FIGURES or held.witnesses >= witnesses


class Tiers:
    """The tiers in their order; what is found below is taken up into memory."""

    def __init__(
        self, clock: Clock, memory: MemoryCache, shared: SharedCache | None, kept: Kept
    ) -> None:
        self._clock = clock
        self._memory = memory
        self._shared = shared
        self._kept = kept
        self.shared_faults = 0

    def find(
        self, wanted: Wanted, symbol: str, max_age: timedelta | None, witnesses: int
    ) -> Found | None:
        """Return the youngest entry that the tiers have, or None.

        The shared tier is asked when memory has nothing fresh, the store when neither has
        anything: it is the slowest.
        """
        key, now = wanted.key(symbol), self._clock.now()

        def fresh(held: Held | None) -> bool:
            return (
                held is not None
                and suits(held, wanted.kind, witnesses)
                and age_of(held, wanted.kind, now, max_age) is Age.FRESH
            )

        mine = self._memory.get(key)
        if mine is not None and fresh(mine):
            return Found(mine, Tier.MEMORY)
        ours = self._from_shared(str(key))
        if ours is not None and (mine is None or ours.asked_at > mine.asked_at):
            self._memory.put(key, ours)
            return self._suited(Found(ours, Tier.SHARED), wanted.kind, witnesses)
        if mine is not None:
            return self._suited(Found(mine, Tier.MEMORY), wanted.kind, witnesses)
        kept = self._kept.kept(wanted, symbol)
        if kept is None:
            return None
        self._memory.put(key, kept)
        return self._suited(Found(kept, Tier.STORE), wanted.kind, witnesses)

    def peek(self, wanted: Wanted, symbol: str) -> Held | None:
        """Return what memory has, without counting a use."""
        return self._memory.peek(wanted.key(symbol))

    def put(self, wanted: Wanted, symbol: str, held: Held) -> None:
        """Hold an entry here and, where there is one, in the shared tier."""
        key = wanted.key(symbol)
        self._memory.put(key, held)
        if self._shared is None:
            return
        from fondaco.market.feed.parcel import packed  # polars takes half a second to load

        body = packed(held)
        lives = (held.fresh_until - self._clock.now()).total_seconds()
        if body is None:
            return
        try:
            self._shared.put(str(key), body, max(lives, 0.0) + stale_seconds(wanted.kind))
        except Unavailable:
            self.shared_faults += 1

    def room(self) -> Room:
        """Return how full memory is."""
        return self._memory.room()

    def _suited(self, found: Found, kind: str, witnesses: int) -> Found | None:
        return found if suits(found.held, kind, witnesses) else None

    def _from_shared(self, key: str) -> Held | None:
        if self._shared is None:
            return None
        try:
            body = self._shared.get(key)
        except Unavailable:  # a cache that is down costs time, never an answer
            self.shared_faults += 1
            return None
        from fondaco.market.feed.parcel import unpacked

        return None if body is None else unpacked(body)

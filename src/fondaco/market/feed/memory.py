"""The tier in this process: a policy under a lock, that knows what it held in vain."""

import threading
from collections import Counter
from dataclasses import dataclass

from fondaco.market.feed.policy import Policy, Thrown
from fondaco.market.feed.values import Held, Key

ENTRY_BYTES = 1_024
"""What an entry costs beside its rows: keys, times, objects."""


@dataclass(frozen=True, slots=True)
class Room:
    """How full the cache is, and by kind how much came in and went out without one use."""

    bytes_held: int
    bytes_max: int
    entries: int
    came: dict[str, int]
    wasted: dict[str, int]


class MemoryCache:
    """Entries by key, up to a number of bytes; safe for several threads."""

    def __init__(self, policy: Policy[Held]) -> None:
        self._policy = policy
        self._lock = threading.Lock()
        self._came: Counter[str] = Counter()
        self._wasted: Counter[str] = Counter()

    def get(self, key: Key) -> Held | None:
        """Return an entry and count the use."""
        with self._lock:
            return self._policy.get(str(key))

    def peek(self, key: Key) -> Held | None:
        """Return an entry without counting a use."""
        with self._lock:
            return self._policy.peek(str(key))

    def put(self, key: Key, held: Held) -> None:
        """Hold an entry in place of the one that is there."""
        size = held.rows.estimated_size() + ENTRY_BYTES
        with self._lock:
            if self._policy.peek(str(key)) is None:
                self._came[key.kind] += 1
            self._count(self._policy.put(str(key), held, int(size)))

    def room(self) -> Room:
        """Return how full it is."""
        with self._lock:
            return Room(
                self._policy.bytes_held,
                self._policy.bytes_max,
                len(self._policy.keys()),
                dict(self._came),
                dict(self._wasted),
            )

    def _count(self, thrown: Thrown[Held]) -> None:
        for name, slot in thrown:
            if not slot.hits:
                self._wasted[name.partition("/")[0]] += 1

"""The hybrid policy: newcomers prove themselves before they may push out what is well known."""

from collections.abc import Callable
from hashlib import blake2b
from itertools import chain
from typing import Any, Generic

from fondaco.core.errors import InvalidInput
from fondaco.market.feed.policy import Lfu, Lru, Nothing, Policy, Slot, Thrown, V, checked_room

WINDOW_SHARE = 0.05
"""Of the bytes, those of newcomers; the paper's 1 % is for far more keys than a desk has."""
PROTECTED_SHARE = 0.8
"""Of the rest, those of keys that were asked again."""
SKETCH_ROWS = 4
SKETCH_WIDTH = 4_096
SKETCH_SAMPLE = 10
"""Counts are halved after so many asks for each entry held: old fame fades."""
ENTRIES_MIN = 64
COUNT_MAX = 255
_HALVES = bytes(count >> 1 for count in range(COUNT_MAX + 1))


class Sketch:
    """Estimates how often keys were asked lately, in fixed room: count-min with halving.

    An estimate is never below the true count since the last halving, up to `COUNT_MAX`.
    Source: Cormode and Muthukrishnan (2005); aging as in Einziger, Friedman and Manes (2017).
    """

    def __init__(self, width: int = SKETCH_WIDTH) -> None:
        self._width = width
        self._rows = [bytearray(width) for _ in range(SKETCH_ROWS)]
        self._asks = 0

    def add(self, key: str) -> None:
        """Count an ask; only the smallest of the key's counters rise."""
        places = self._places(key)
        least = min(row[at] for row, at in zip(self._rows, places, strict=True))
        if least < COUNT_MAX:
            for row, at in zip(self._rows, places, strict=True):
                if row[at] == least:
                    row[at] = least + 1
        self._asks += 1

    def age(self, entries: int) -> None:
        """Halve the counts when they speak of more asks than so many entries warrant."""
        if self._asks >= SKETCH_SAMPLE * max(entries, ENTRIES_MIN):
            self._rows = [row.translate(_HALVES) for row in self._rows]
            self._asks //= 2

    def estimate(self, key: str) -> int:
        """Return about how often a key was asked."""
        places = self._places(key)
        return min(row[at] for row, at in zip(self._rows, places, strict=True))

    def _places(self, key: str) -> list[int]:
        digest = blake2b(key.encode(), digest_size=4 * SKETCH_ROWS).digest()
        return [
            int.from_bytes(digest[4 * n : 4 * n + 4], "big") % self._width
            for n in range(SKETCH_ROWS)
        ]


class Hybrid(Generic[V]):
    """Newcomers pass a small window; only what was asked oftener than the next victim stays.

    Three parts, each LRU: a window, a probation and a protected part for keys that were asked
    again. What leaves the window must have been asked more often lately than the oldest of the
    probation, so that a scan of many keys asked once cannot push out what is asked all the time.
    Source: W-TinyLFU, Einziger, Friedman and Manes (2017), ACM Transactions on Storage 13(4).
    """

    def __init__(self, bytes_max: int, sketch: Sketch | None = None) -> None:
        self.bytes_max = checked_room(bytes_max)
        self._window_max = int(bytes_max * WINDOW_SHARE)
        self._protected_max = int((bytes_max - self._window_max) * PROTECTED_SHARE)
        self._sketch = sketch or Sketch()
        self._window: Lru[V] = Lru(bytes_max)
        self._probation: Lru[V] = Lru(bytes_max)
        self._protected: Lru[V] = Lru(bytes_max)

    @property
    def bytes_held(self) -> int:
        """Return the bytes of all three parts."""
        return sum(part.bytes_held for part in self._parts())

    def get(self, key: str) -> V | None:
        """Return a value and count the ask, also of a key that is not held."""
        self._sketch.add(key)
        self._sketch.age(sum(len(part) for part in self._parts()))
        for part in (self._protected, self._window):
            value = part.get(key)
            if value is not None:
                return value
        slot = self._probation.drop(key)
        if slot is None:
            return None
        slot.hits += 1
        self._protected.adopt(key, slot)
        while self._protected.bytes_held > self._protected_max:
            self._probation.adopt(*self._protected.pop_oldest())
        return slot.value

    def peek(self, key: str) -> V | None:
        """Return a value without counting a use."""
        found = (part.peek(key) for part in self._parts())
        return next((value for value in found if value is not None), None)

    def put(self, key: str, value: V, size: int) -> Thrown[V]:
        """Hold a value; one that replaces another stays in its part."""
        slot = Slot(value, size)
        home = next((part for part in self._parts() if part.peek(key) is not None), self._window)
        before = home.drop(key)
        if before is not None:
            slot.hits = before.hits
        if size > self.bytes_max:
            return [(key, slot)]
        home.adopt(key, slot)
        while self._protected.bytes_held > self._protected_max:
            self._probation.adopt(*self._protected.pop_oldest())
        return self._make_room()

    def drop(self, key: str) -> Slot[V] | None:
        """Take a value out; how often it was asked is remembered."""
        dropped = (part.drop(key) for part in self._parts())
        return next((slot for slot in dropped if slot is not None), None)

    def keys(self) -> tuple[str, ...]:
        """Return what is held: window, probation, protected, each oldest first."""
        return tuple(chain.from_iterable(part.keys() for part in self._parts()))

    def protected(self) -> tuple[str, ...]:
        """Return the keys that were asked again and are kept longest."""
        return self._protected.keys()

    def _parts(self) -> tuple[Lru[V], Lru[V], Lru[V]]:
        return (self._window, self._probation, self._protected)

    def _make_room(self) -> Thrown[V]:
        """Let newcomers out of the window; where room is short, the better known one stays."""
        thrown: Thrown[V] = []
        while self._window.bytes_held > self._window_max:
            key, slot = self._window.pop_oldest()
            thrown.extend(self._admit(key, slot))
        while self.bytes_held > self.bytes_max:
            part = next(p for p in (self._probation, self._window, self._protected) if p.keys())
            thrown.append(part.pop_oldest())
        return thrown

    def _admit(self, key: str, slot: Slot[V]) -> Thrown[V]:
        thrown: Thrown[V] = []
        known = self._sketch.estimate(key)
        while self.bytes_held + slot.size > self.bytes_max:
            victim = self._probation.oldest()
            if victim is None:
                victim_part = self._protected
                victim = self._protected.oldest()
            else:
                victim_part = self._probation
            if victim is None or known <= self._sketch.estimate(victim):
                return [*thrown, (key, slot)]
            thrown.append(victim_part.pop_oldest())
        self._probation.adopt(key, slot)
        return thrown


POLICIES = ("hybrid", "lru", "lfu", "none")


def policy_named(name: str, bytes_max: int) -> "Policy[Any]":
    """Return a policy by its name in the settings; raises InvalidInput naming those that exist."""
    made: dict[str, Callable[[int], Policy[Any]]] = {"hybrid": Hybrid, "lru": Lru, "lfu": Lfu}
    if name == "none":
        return Nothing()
    if name not in made:
        raise InvalidInput("no such cache policy", value=name, bound=", ".join(POLICIES))
    return made[name](bytes_max)

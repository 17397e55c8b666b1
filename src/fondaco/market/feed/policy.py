"""Which cached things stay when room is short: LRU and LFU; `hybrid.py` has what is in between.

Each policy maps keys to values with a size in bytes, never holds more than its bound, and says
what it threw out. None is safe for several threads: `MemoryCache` holds the lock.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from fondaco.core.errors import InvalidInput

V = TypeVar("V")


@dataclass(slots=True)
class Slot(Generic[V]):
    """A value with its size in bytes and how often it was found since it came in."""

    value: V
    size: int
    hits: int = 0


Thrown = list[tuple[str, Slot[V]]]


class Policy(Protocol[V]):
    """Holds values up to a number of bytes."""

    @property
    def bytes_max(self) -> int: ...
    @property
    def bytes_held(self) -> int: ...
    def get(self, key: str) -> V | None:
        """Return a value and count the use."""
        ...

    def peek(self, key: str) -> V | None:
        """Return a value without counting a use."""
        ...

    def put(self, key: str, value: V, size: int) -> Thrown[V]:
        """Hold a value; return what had to go, which is the value itself where it cannot fit."""
        ...

    def drop(self, key: str) -> Slot[V] | None:
        """Take a value out."""
        ...

    def keys(self) -> tuple[str, ...]:
        """Return what is held."""
        ...


class Lru(Generic[V]):
    """Throws out what was used longest ago."""

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = checked_room(bytes_max)
        self.bytes_held = 0
        self._slots: OrderedDict[str, Slot[V]] = OrderedDict()

    def get(self, key: str) -> V | None:
        """Return a value and make it the newest."""
        slot = self._slots.get(key)
        if slot is None:
            return None
        slot.hits += 1
        self._slots.move_to_end(key)
        return slot.value

    def peek(self, key: str) -> V | None:
        """Return a value without counting a use."""
        slot = self._slots.get(key)
        return None if slot is None else slot.value

    def put(self, key: str, value: V, size: int) -> Thrown[V]:
        """Hold a value as the newest."""
        slot = Slot(value, size)
        before = self.drop(key)
        if before is not None:
            slot.hits = before.hits
        if size > self.bytes_max:
            return [(key, slot)]
        self._slots[key] = slot
        self.bytes_held += size
        thrown: Thrown[V] = []
        while self.bytes_held > self.bytes_max:
            thrown.append(self.pop_oldest())
        return thrown

    def drop(self, key: str) -> Slot[V] | None:
        """Take a value out."""
        slot = self._slots.pop(key, None)
        if slot is not None:
            self.bytes_held -= slot.size
        return slot

    def __len__(self) -> int:
        """Return how many entries are held."""
        return len(self._slots)

    def oldest(self) -> str | None:
        """Return the key that was used longest ago."""
        return next(iter(self._slots), None)

    def pop_oldest(self) -> tuple[str, Slot[V]]:
        """Take out what was used longest ago."""
        key, slot = self._slots.popitem(last=False)
        self.bytes_held -= slot.size
        return key, slot

    def adopt(self, key: str, slot: Slot[V]) -> None:
        """Take in a slot of another part as it is; the caller minds the bound."""
        self._slots[key] = slot
        self.bytes_held += slot.size

    def keys(self) -> tuple[str, ...]:
        """Return what is held, oldest first."""
        return tuple(self._slots)


class Lfu(Generic[V]):
    """Throws out what was used least often, of these what was used longest ago."""

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = checked_room(bytes_max)
        self.bytes_held = 0
        self._slots: dict[str, Slot[V]] = {}
        self._uses: dict[str, int] = {}
        self._by_uses: dict[int, OrderedDict[str, None]] = {}

    def get(self, key: str) -> V | None:
        """Return a value and count the use."""
        slot = self._slots.get(key)
        if slot is None:
            return None
        slot.hits += 1
        self._count(key)
        return slot.value

    def peek(self, key: str) -> V | None:
        """Return a value without counting a use."""
        slot = self._slots.get(key)
        return None if slot is None else slot.value

    def put(self, key: str, value: V, size: int) -> Thrown[V]:
        """Hold a value; one that replaces another keeps its count of uses."""
        uses = self._uses.get(key, 0)
        slot = Slot(value, size)
        before = self.drop(key)
        if before is not None:
            slot.hits = before.hits
        if size > self.bytes_max:
            return [(key, slot)]
        thrown: Thrown[V] = []
        while self.bytes_held + size > self.bytes_max:
            least = next(iter(self._by_uses[min(self._by_uses)]))
            gone = self.drop(least)
            if gone is not None:
                thrown.append((least, gone))
        self._slots[key] = slot
        self.bytes_held += size
        self._place(key, uses + 1)
        return thrown

    def drop(self, key: str) -> Slot[V] | None:
        """Take a value out; its count of uses is forgotten."""
        slot = self._slots.pop(key, None)
        if slot is None:
            return None
        self.bytes_held -= slot.size
        self._displace(key)
        return slot

    def keys(self) -> tuple[str, ...]:
        """Return what is held, least used first."""
        return tuple(key for uses in sorted(self._by_uses) for key in self._by_uses[uses])

    def _count(self, key: str) -> None:
        self._place(key, self._displace(key) + 1)

    def _place(self, key: str, uses: int) -> None:
        self._uses[key] = uses
        self._by_uses.setdefault(uses, OrderedDict())[key] = None

    def _displace(self, key: str) -> int:
        uses = self._uses.pop(key)
        line = self._by_uses[uses]
        del line[key]
        if not line:
            del self._by_uses[uses]
        return uses


class Nothing(Generic[V]):
    """Holds nothing: each ask goes to a source. For measuring what a cache is worth."""

    bytes_max = 0
    bytes_held = 0

    def get(self, key: str) -> V | None:  # noqa: ARG002 - the signature of the port
        """Return None."""
        return None

    def peek(self, key: str) -> V | None:  # noqa: ARG002 - the signature of the port
        """Return None."""
        return None

    def put(self, key: str, value: V, size: int) -> Thrown[V]:
        """Throw it out at once."""
        return [(key, Slot(value, size))]

    def drop(self, key: str) -> Slot[V] | None:  # noqa: ARG002 - the signature of the port
        """Return None."""
        return None

    def keys(self) -> tuple[str, ...]:
        """Return none."""
        return ()


def checked_room(bytes_max: int) -> int:
    if bytes_max < 1:
        raise InvalidInput("a cache needs room", value=bytes_max, bound="1 byte or more")
    return bytes_max

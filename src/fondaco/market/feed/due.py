"""What was given stale and is to be fetched anew, in batches; each thing waits once."""

import threading
from collections.abc import Iterable
from dataclasses import replace

from fondaco.market.feed.values import Key, Wanted

DUE_MAX = 4_096
BATCH_MAX = 50
"""Symbols that go into one call at most; a provider that takes fewer splits it."""


class DueKeys:
    """A bounded line; where it is full, what waited longest makes room. For several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[tuple[Key, int], Wanted] = {}

    def add(self, wanted: Wanted, symbols: Iterable[str], witnesses: int) -> None:
        """Let symbols wait."""
        with self._lock:
            for symbol in symbols:
                where = (wanted.key(symbol), witnesses)
                if where not in self._waiting and len(self._waiting) >= DUE_MAX:
                    del self._waiting[next(iter(self._waiting))]
                self._waiting[where] = replace(wanted, symbols=(symbol,))

    def take(self, calls_max: int) -> tuple[tuple[Wanted, int], ...]:
        """Take out up to so many batches of what belongs in one call, oldest first."""
        with self._lock:
            groups: dict[tuple[object, ...], list[tuple[tuple[Key, int], Wanted]]] = {}
            for where, wanted in self._waiting.items():
                key, witnesses = where
                group = (key.kind, key.market, key.rest, witnesses)
                if group not in groups and len(groups) >= calls_max:
                    continue
                members = groups.setdefault(group, [])
                if len(members) < BATCH_MAX:
                    members.append((where, wanted))
            for members in groups.values():
                for where, _ in members:
                    del self._waiting[where]
        return tuple(
            (replace(m[0][1], symbols=tuple(w.symbols[0] for _, w in m)), m[0][0][1])
            for m in groups.values()
        )

    def __len__(self) -> int:
        """Return how many things wait."""
        with self._lock:
            return len(self._waiting)

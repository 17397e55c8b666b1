"""What was given stale and is to be fetched anew, in batches; each thing waits once."""

import threading
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from fondaco.market.feed.values import Key, Wanted

DUE_MAX = 4_096
BATCH_MAX = 50
"""Symbols that go into one call at most; a provider that takes fewer splits it."""


Waiting = tuple[tuple[Key, int], Wanted]


class DueKeys:
    """A bounded line; where it is full, what waited longest makes room. For several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[tuple[Key, int], Wanted] = {}

    def add(self, wanted: Wanted, symbols: Iterable[str], witnesses: int) -> bool:
        """Let symbols wait; return whether any of them did not wait yet."""
        new = False
        with self._lock:
            for symbol in symbols:
                where = (wanted.key(symbol), witnesses)
                if where in self._waiting:
                    continue
                if len(self._waiting) >= DUE_MAX:
                    del self._waiting[next(iter(self._waiting))]
                self._waiting[where] = replace(wanted, symbols=(symbol,))
                new = True
        return new

    def take(self, calls_max: int) -> tuple[tuple[Wanted, int], ...]:
        """Take out up to so many batches of what belongs in one call, oldest first."""
        taken: list[list[Waiting]] = []
        filling: dict[tuple[object, ...], list[Waiting]] = {}
        with self._lock:
            for where, wanted in self._waiting.items():
                key, witnesses = where
                group = (key.kind, key.market, key.rest, witnesses)
                if group not in filling or len(filling[group]) >= BATCH_MAX:
                    if len(taken) >= calls_max:
                        continue
                    filling[group] = []
                    taken.append(filling[group])
                filling[group].append((where, wanted))
            for where, _ in chain.from_iterable(taken):
                del self._waiting[where]
        return tuple(_batch(members) for members in taken)

    def __len__(self) -> int:
        """Return how many things wait."""
        with self._lock:
            return len(self._waiting)


def _batch(members: list[Waiting]) -> tuple[Wanted, int]:
    (_, witnesses), wanted = members[0]
    return replace(wanted, symbols=tuple(one.symbols[0] for _, one in members)), witnesses

"""One fetch for many who wait: who asks first fetches, the others take what came of it."""

import threading
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fondaco.market.errors import Cause, Unanswered

V = TypeVar("V")
K = TypeVar("K", bound=Hashable)


@dataclass(slots=True)
class Flight(Generic[V]):
    """A fetch under way; `value` or `error` stands when `done` is set."""

    done: threading.Event = field(default_factory=threading.Event)
    value: V | None = None
    error: Exception | None = None

    def result(self, seconds_max: float) -> V:
        """Return what came of it, waiting for it; raises its error, or Unanswered in the end."""
        if not self.done.wait(seconds_max):
            raise Unanswered(
                "the fetch that this one waits for has not ended",
                provider="none",
                cause=Cause.TIMEOUT,
                value=f"{seconds_max:.0f} s",
                remedy="Ask again in a moment.",
            )
        if self.error is not None:
            raise self.error
        if self.value is None:
            raise Unanswered(
                "the fetch that this one waited for was broken off",
                provider="none",
                cause=Cause.DOWN,
                remedy="Ask again.",
            )
        return self.value


class Flights(Generic[K, V]):
    """The fetches that are under way in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[K, Flight[V]] = {}

    def claim(self, keys: Iterable[K]) -> tuple[list[K], dict[K, Flight[V]]]:
        """Return which keys the caller is to fetch, and the flights of those that others fetch.

        What is claimed must be settled with `land`, whatever happens; and before the caller waits
        for the flights of others, so that no two wait for each other.
        """
        mine: list[K] = []
        others: dict[K, Flight[V]] = {}
        with self._lock:
            for key in keys:
                if key in self._flights:
                    others[key] = self._flights[key]
                else:
                    self._flights[key] = Flight()
                    mine.append(key)
        return mine, others

    def land(self, key: K, value: V | None, error: Exception | None = None) -> None:
        """End a flight and wake who waits for it."""
        with self._lock:
            flight = self._flights.pop(key)
        flight.value, flight.error = value, error
        flight.done.set()

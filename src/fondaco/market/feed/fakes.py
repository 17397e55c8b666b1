"""Fakes of the feed's ports: everything in memory, safe for several threads."""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from fondaco.core.clock import Clock
from fondaco.core.errors import Unavailable
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.feed import budget
from fondaco.market.feed.breaker import Health
from fondaco.market.feed.budget import Spent
from fondaco.market.feed.ports import Asked, Taken
from fondaco.market.feed.values import Choice, Held, Wanted
from fondaco.market.ports import Ask
from fondaco.market.sheets import Limit, Market

if TYPE_CHECKING:
    import polars as pl

LINES_MAX = 200_000


def micros(moment: datetime) -> int:
    """Return a moment in whole microseconds since 1970."""
    return round(moment.timestamp() * 1e6)


class MemoryPaceStore:
    """Keeps what was spent, by a clock that is handed in."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._spent: dict[str, Spent] = {}

    def grant(self, provider: str, limits: tuple[Limit, ...]) -> float:
        """Count one call and return 0, or count none and return the seconds to wait."""
        with self._lock:
            spent, wait = budget.grant(self._of(provider), limits, micros(self._clock.now()))
            self._spent[provider] = spent
            return wait

    def hold(self, provider: str, seconds: float) -> None:
        """Grant nothing for so long."""
        with self._lock:
            now = micros(self._clock.now())
            self._spent[provider] = budget.hold(self._of(provider), seconds, now)

    def retry(self, provider: str) -> bool:
        """Return whether a call may be repeated, and count it."""
        with self._lock:
            spent, may = budget.retry(self._of(provider), micros(self._clock.now()))
            self._spent[provider] = spent
            return may

    def used(self, provider: str, limit: Limit) -> int:
        """Return how many calls count against a limit now."""
        with self._lock:
            return budget.used(self._of(provider), limit, micros(self._clock.now()))

    def _of(self, provider: str) -> Spent:
        return self._spent.get(provider, Spent())


class MemoryHealthStore:
    """Keeps the health of providers in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._health: dict[str, Health] = {}

    def get(self, provider: str) -> Health:
        """Return the health as it is now."""
        with self._lock:
            return self._health.get(provider, Health())

    def change(self, provider: str, step: Callable[[Health], Health]) -> Health:
        """Apply a step alone."""
        with self._lock:
            self._health[provider] = step(self._health.get(provider, Health()))
            return self._health[provider]


class MemoryShared:
    """A shared cache in this process; `down` makes it fail."""

    def __init__(self, clock: Clock) -> None:
        self.down = False
        self._clock = clock
        self._lock = threading.Lock()
        self._bodies: dict[str, tuple[bytes, float]] = {}

    def get(self, key: str) -> bytes | None:
        """Return the bytes unless their time is over."""
        self._check()
        with self._lock:
            body, ends = self._bodies.get(key, (b"", 0.0))
            return body if self._clock.now().timestamp() < ends else None

    def put(self, key: str, body: bytes, seconds: float) -> None:
        """Keep bytes for so long."""
        self._check()
        with self._lock:
            self._bodies[key] = (body, self._clock.now().timestamp() + seconds)

    def _check(self) -> None:
        if self.down:
            raise Unavailable("the shared cache is down")


class MemoryQueryLog:
    """Keeps the newest lines."""

    def __init__(self, lines: Sequence[Asked] = ()) -> None:
        self._lines: deque[Asked] = deque(lines, maxlen=LINES_MAX)
        self._lock = threading.Lock()

    def add(self, asked: Sequence[Asked]) -> None:
        """Take lines."""
        with self._lock:
            self._lines.extend(asked)

    def read(self, since: datetime, rows_max: int) -> tuple[Asked, ...]:
        """Return the newest lines since then, oldest first."""
        with self._lock:
            return tuple(line for line in self._lines if line.at >= since)[-rows_max:]


class MemoryChoices:
    """Keeps every choice."""

    def __init__(self) -> None:
        self.kept: list[Choice] = []

    def keep(self, choice: Choice) -> None:
        """Keep a choice."""
        self.kept.append(choice)

    def latest(self, kind: str, market: Market, symbol: str) -> Choice | None:
        """Return the newest choice of a symbol."""
        asked = (kind, market, symbol)
        found = (c for c in reversed(self.kept) if (c.kind, c.market, c.symbol) == asked)
        return next(found, None)


class NothingKept:
    """A market store in which nothing is."""

    def kept(self, wanted: Wanted, symbol: str) -> Held | None:  # noqa: ARG002 - the port's
        """Return None."""
        return None


class TableIntake:
    """Gives rows from tables by provider and symbol, and counts how often each was asked.

    `failing` maps a provider to the cause with which it fails.
    """

    def __init__(self, tables: "Mapping[str, Mapping[str, pl.DataFrame]]") -> None:
        self.tables = {provider: dict(table) for provider, table in tables.items()}
        self.failing: dict[str, Cause] = {}
        self.retry_after: float | None = None
        self.asked: list[tuple[str, Ask]] = []
        self._lock = threading.Lock()

    def take(self, provider: str, ask: Ask) -> Taken:
        """Return the rows of the symbols that this provider has."""
        with self._lock:
            self.asked.append((provider, ask))
            number = len(self.asked)
        if provider in self.failing:
            raise Unanswered(
                f"{provider} fails",
                provider=provider,
                cause=self.failing[provider],
                retry_after=self.retry_after,
            )
        table = self.tables.get(provider, {})
        rows = {symbol: table[symbol] for symbol in ask.symbols if symbol in table}
        return Taken(rows, f"ingest-{number}", f"live:{provider}")

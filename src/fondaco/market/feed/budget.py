"""How often a provider may be asked: windows, Retry-After and the retry budget, as pure steps.

A window of `seconds` never holds more than `calls` grants, wherever it begins. Windows are
widened by `JITTER_SECONDS`, so that a provider sees no more than it allows even when one call
travels that much longer than the next: 10 calls a second become 10 in 1.25 s, that is 8 a second.
"""

from dataclasses import dataclass, field, replace
from typing import Protocol

from fondaco.core.clock import Clock
from fondaco.market.feed.errors import OverBudget
from fondaco.market.sheets import Limit

MICRO = 1_000_000
DAY_SECONDS = 86_400
JITTER_SECONDS = 0.25
EXACT_MAX = 200
"""Up to so many calls each has its own time; of larger limits they are counted in grains."""
GRAINS = 200
GRAIN_OF_DAY_SECONDS = 1_800
HOLD_SECONDS = 60.0
"""How long a provider rests that says "too often" and not for how long."""
GRANTS_MAX = 3
"""How often a process that stalls asks for another grant before it rests."""
RETRY_SHARE = 10
"""Of so many first calls, one may be asked again at once."""
RETRY_WINDOW_SECONDS = 600
RETRY_GRAIN_SECONDS = 10

Grains = tuple[tuple[int, int], ...]
"""Times in microseconds since 1970, rising, each with how many calls began in its grain."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What was asked of a provider lately. `windows` maps "calls/seconds" to its grains."""

    windows: dict[str, Grains] = field(default_factory=dict)
    held_until: int = 0
    calls: Grains = ()
    retries: Grains = ()


def grant(spent: Spent, limits: tuple[Limit, ...], now: int) -> tuple[Spent, float]:
    """Return the next state and 0 when a call may be made now, else how many seconds to wait.

    `now` is in microseconds. All limits are kept at once; a call that is refused counts nowhere.
    Where the clock was set back, what lies in the future counts as made now.
    """
    if now < spent.held_until:
        return spent, (spent.held_until - now) / MICRO
    windows: dict[str, Grains] = {}
    wait = 0
    for limit in limits:
        name = f"{limit.calls}/{limit.seconds}"
        grain, span = _measure(limit)
        kept = _alive(spent.windows.get(name, ()), now, grain + span)
        wait = max(wait, _wait(kept, limit.calls, now, grain + span))
        windows[name] = _added(kept, now, grain)
    if wait > 0:
        return spent, wait / MICRO
    calls = _alive(spent.calls, now, RETRY_WINDOW_SECONDS * MICRO)
    return replace(
        spent, windows=windows, calls=_added(calls, now, RETRY_GRAIN_SECONDS * MICRO)
    ), 0.0


def hold(spent: Spent, seconds: float, now: int) -> Spent:
    """Return the state in which nothing is granted for so long; a longer hold stays."""
    return replace(spent, held_until=max(spent.held_until, now + int(seconds * MICRO)))


def retry(spent: Spent, now: int) -> tuple[Spent, bool]:
    """Return whether a call may be repeated at once: at most one in ten of the last ten minutes.

    A repeated call is granted, and counted among the calls, like any other.
    """
    calls = _alive(spent.calls, now, RETRY_WINDOW_SECONDS * MICRO)
    retries = _alive(spent.retries, now, RETRY_WINDOW_SECONDS * MICRO)
    done = _sum(retries)
    if (done + 1) * RETRY_SHARE > _sum(calls) - done:
        return spent, False
    added = _added(retries, now, RETRY_GRAIN_SECONDS * MICRO)
    return replace(spent, calls=calls, retries=added), True


def used(spent: Spent, limit: Limit, now: int) -> int:
    """Return how many calls count against a limit now."""
    grain, span = _measure(limit)
    return _sum(_alive(spent.windows.get(f"{limit.calls}/{limit.seconds}", ()), now, grain + span))


class PaceStore(Protocol):
    """Keeps what was spent, for all processes of a desk, by one clock: that of the store."""

    def grant(self, provider: str, limits: tuple[Limit, ...]) -> float:
        """Count one call and return 0, or count none and return the seconds to wait."""
        ...

    def hold(self, provider: str, seconds: float) -> None:
        """Grant nothing for so long."""
        ...

    def retry(self, provider: str) -> bool:
        """Return whether a call may be repeated, and count it."""
        ...

    def used(self, provider: str, limit: Limit) -> int:
        """Return how many calls count against a limit now."""
        ...


class Pacer:
    """The desk's `Pace`: what the wire asks before each call.

    `days` keeps limits of a day and longer where `store` is one that may forget them.
    """

    def __init__(self, store: PaceStore, clock: Clock, days: PaceStore | None = None) -> None:
        self._store = store
        self._clock = clock
        self._days = days

    def take(self, provider: str, limits: tuple[Limit, ...]) -> None:
        """Count one call; raises OverBudget when it would be too many."""
        days = tuple(one for one in limits if one.seconds >= DAY_SECONDS) if self._days else ()
        wait = self._at_once(provider, tuple(one for one in limits if one not in days))
        if wait <= 0 and self._days is not None and days:
            wait = self._days.grant(provider, days)
        if wait > 0:
            raise OverBudget(provider, wait)

    def _at_once(self, provider: str, limits: tuple[Limit, ...]) -> float:
        """Return the wait for a grant that is still new when it is here.

        A process that stalled between asking and being answered would call later than was
        counted: it asks again, and what it was granted first is lost.
        """
        for _ in range(GRANTS_MAX):
            began = self._clock.now()
            wait = self._store.grant(provider, limits)
            if wait > 0 or (self._clock.now() - began).total_seconds() <= JITTER_SECONDS:
                return wait
        return HOLD_SECONDS

    def may_retry(self, provider: str) -> bool:
        """Return whether the retry budget allows to ask again at once, and count the retry."""
        return self._store.retry(provider)

    def hold(self, provider: str, seconds: float | None) -> None:
        """Grant nothing until then: a provider's Retry-After, or a minute when it gave none."""
        self._store.hold(provider, HOLD_SECONDS if seconds is None else seconds)

    def used(self, provider: str, limit: Limit) -> int:
        """Return how many calls count against a limit now."""
        long = self._days is not None and limit.seconds >= DAY_SECONDS
        store = self._days if long and self._days is not None else self._store
        return store.used(provider, limit)


def _measure(limit: Limit) -> tuple[int, int]:
    """Return the grain and the span of a window in microseconds; grain 0 means exact times."""
    span = int((limit.seconds + JITTER_SECONDS) * MICRO)
    if limit.calls <= EXACT_MAX and limit.seconds < DAY_SECONDS:
        return 0, span
    grain = GRAIN_OF_DAY_SECONDS if limit.seconds >= DAY_SECONDS else limit.seconds / GRAINS
    return int(grain * MICRO), span


def _alive(grains: Grains, now: int, lasts: int) -> Grains:
    """Return what still counts; a grain lasts until its latest call has left the window."""
    if grains and grains[-1][0] > now:
        early = tuple(one for one in grains if one[0] <= now)
        grains = (*early, (now, sum(count for at, count in grains if at > now)))
    return tuple((at, count) for at, count in grains if at + lasts > now)


def _wait(kept: Grains, calls: int, now: int, lasts: int) -> int:
    """Return the microseconds until one more call fits."""
    over = _sum(kept) + 1 - calls
    for at, count in kept:
        if over <= 0:
            break
        over -= count
        wait = at + lasts - now
        if over <= 0:
            return wait
    return 0 if over <= 0 else lasts


def _added(grains: Grains, now: int, grain: int) -> Grains:
    start = now // grain * grain if grain else now
    if grains and grains[-1][0] >= start:
        return (*grains[:-1], (grains[-1][0], grains[-1][1] + 1))
    return (*grains, (start, 1))


def _sum(grains: Grains) -> int:
    return sum(count for _, count in grains)

"""Pace in Redis, by its clock: a step is tried again when another came between."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import redis

from fondaco.adapters.pace.states import spent_json, spent_of
from fondaco.core.errors import Unavailable
from fondaco.market.feed import budget
from fondaco.market.feed.budget import DAY_SECONDS, Spent
from fondaco.market.sheets import Limit

T = TypeVar("T")
PREFIX = "fondaco:pace:"
CALL_SECONDS_MAX = 2.0
STEPS_MAX = 200
"""How often a step is tried again before it is given up; each time another one went through."""
KEEP_SECONDS = 2 * DAY_SECONDS
"""Longer than any hold or window: what is forgotten then no longer counts."""


class RedisPaceStore:
    """Keeps what was spent of each provider's limits, for all who share one Redis.

    Raises Unavailable when Redis is: what nobody counts is not granted.
    """

    def __init__(self, url: str) -> None:
        self._client: Any = redis.Redis.from_url(
            url, socket_timeout=CALL_SECONDS_MAX, socket_connect_timeout=CALL_SECONDS_MAX
        )

    def grant(self, provider: str, limits: tuple[Limit, ...]) -> float:
        """Count one call and return 0, or count none and return the seconds to wait."""
        return self._step(provider, lambda spent, now: budget.grant(spent, limits, now))

    def hold(self, provider: str, seconds: float) -> None:
        """Grant nothing for so long."""
        self._step(provider, lambda spent, now: (budget.hold(spent, seconds, now), None))

    def retry(self, provider: str) -> bool:
        """Return whether a call may be repeated, and count it."""
        return self._step(provider, budget.retry)

    def used(self, provider: str, limit: Limit) -> int:
        """Return how many calls count against a limit now."""
        with _translated():
            said = self._client.get(PREFIX + provider)
            now = _micros(self._client.time())
        return budget.used(_spent(said), limit, now)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _step(self, provider: str, step: Callable[[Spent, int], tuple[Spent, T]]) -> T:
        key = PREFIX + provider
        with _translated(), self._client.pipeline() as pipe:
            for _ in range(STEPS_MAX):
                pipe.watch(key)
                before = _spent(pipe.get(key))
                # Read after the state: whoever changes it from now on makes this step void.
                after, told = step(before, _micros(pipe.time()))
                if after == before:
                    pipe.unwatch()
                    return told
                pipe.multi()
                pipe.set(key, json.dumps(spent_json(after)), ex=KEEP_SECONDS)
                try:
                    pipe.execute()
                except redis.WatchError:
                    continue
                return told
        raise Unavailable(
            "too many processes ask one provider at once",
            value=provider,
            bound=f"{STEPS_MAX} tries",
            remedy="Try again in a moment.",
        )


def _spent(said: bytes | None) -> Spent:
    return Spent() if said is None else spent_of(json.loads(said))


def _micros(said: tuple[int, int]) -> int:
    return said[0] * budget.MICRO + said[1]


@contextmanager
def _translated() -> Iterator[None]:
    """Raise what Redis says as Unavailable, without its address: it may hold a password."""
    try:
        yield
    except redis.RedisError as error:
        raise Unavailable(
            "Redis does not answer, so no call is counted and none is made",
            value=type(error).__name__,
            remedy="Start it, or correct or unset FONDACO_REDIS_URL.",
        ) from error

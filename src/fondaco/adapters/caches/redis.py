"""The cache that processes share, in Redis."""

import time
from collections.abc import Callable
from typing import Any

import redis

from fondaco.core.errors import Unavailable

PREFIX = "fondaco:cache:"
CALL_SECONDS_MAX = 0.5
"""A cache that takes longer is slower than the provider it stands for."""
BODY_BYTES_MAX = 16 * 1024 * 1024
SECONDS_MAX = 30 * 86_400
ASIDE_SECONDS = 5.0
"""How long it is left alone after it failed: each ask would wait for it otherwise."""


class RedisCache:
    """Bytes by key in Redis, each with its time to live.

    Redis throws out what it has no room for (`maxmemory-policy allkeys-lfu` suits); that costs a
    fetch and no more. After a failure it raises Unavailable at once for some seconds.
    """

    def __init__(self, url: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client: Any = redis.Redis.from_url(
            url, socket_timeout=CALL_SECONDS_MAX, socket_connect_timeout=CALL_SECONDS_MAX
        )
        self._monotonic = monotonic
        self._aside_until = 0.0

    def get(self, key: str) -> bytes | None:
        """Return the bytes, or None; raises Unavailable."""
        found = self._call(lambda: self._client.get(PREFIX + key))
        return found if isinstance(found, bytes) else None

    def put(self, key: str, body: bytes, seconds: float) -> None:
        """Keep bytes for so long; what is too large or lives no time is not kept."""
        millis = int(min(seconds, SECONDS_MAX) * 1000)
        if millis > 0 and len(body) <= BODY_BYTES_MAX:
            self._call(lambda: self._client.set(PREFIX + key, body, px=millis))

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _call(self, call: Callable[[], Any]) -> Any:
        if self._monotonic() < self._aside_until:
            raise Unavailable("the shared cache failed a moment ago and is left alone")
        try:
            return call()
        except redis.RedisError as error:
            self._aside_until = self._monotonic() + ASIDE_SECONDS
            raise Unavailable(
                "the shared cache does not answer",
                value=type(error).__name__,
                remedy="Start Redis, or correct or unset FONDACO_REDIS_URL.",
            ) from error

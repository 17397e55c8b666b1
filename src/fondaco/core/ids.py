"""Identifiers: time-ordered UUIDs from a clock and an injected source of chance."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from fondaco.core.clock import Clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Entropy = Callable[[int], bytes]
"""A function that gives as many random bytes as it is asked for."""


class Ids:
    """Makes UUIDv7 identifiers (RFC 9562 section 5.7)."""

    def __init__(self, clock: Clock, entropy: Entropy) -> None:
        self._clock = clock
        self._entropy = entropy

    def new(self) -> UUID:
        """Return a new identifier: 48 bits of milliseconds, then 74 bits of chance."""
        milliseconds = (self._clock.now() - _EPOCH) // timedelta(milliseconds=1)
        chance = int.from_bytes(self._entropy(10), "big")
        value = (milliseconds & ((1 << 48) - 1)) << 80
        value |= 0x7 << 76
        value |= ((chance >> 62) & 0xFFF) << 64
        value |= 0b10 << 62
        value |= chance & ((1 << 62) - 1)
        return UUID(int=value)


def canonical_json(data: Any) -> str:
    """Return the one JSON text of plain data: sorted keys, no spaces, no NaN.

    >>> canonical_json({"b": 1, "a": "é"})
    '{"a":"é","b":1}'
    """
    return json.dumps(
        data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def content_hash(data: Any) -> str:
    """Return the SHA-256 of plain data's canonical JSON, as 64 hex digits."""
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()

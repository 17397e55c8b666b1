"""Errors of market data.

Unavailable
└── Unanswered   a provider gave no usable answer: what was asked is UNKNOWN, never "none"
"""

from enum import StrEnum

from fondaco.core.errors import Unavailable


class Cause(StrEnum):
    """Why a provider gave no usable answer; what the desk does next depends on it."""

    AUTH = "auth"  # 401, 403, a dead session: a person must act, asking again is useless
    KEY = "key"  # no key is set: the provider is not asked at all
    LIMIT = "limit"  # 429 or the desk's own budget: ask later
    TIMEOUT = "timeout"  # no answer in time
    DOWN = "down"  # no connection, 5xx
    BAD = "bad"  # an answer that cannot be read
    EMPTY = "empty"  # an answer without content: nothing is known by it
    OPEN = "open"  # the breaker is open: it failed too often lately and rests


class Unanswered(Unavailable):
    """A provider gave no usable answer. What was asked is unknown, not absent."""

    def __init__(
        self,
        reason: str,
        *,
        provider: str,
        cause: Cause,
        retry_after: float | None = None,
        value: object = None,
        bound: object = None,
        remedy: str | None = None,
    ) -> None:
        self.provider = provider
        self.cause = cause
        self.retry_after = retry_after
        super().__init__(reason, value=value, bound=bound, remedy=remedy)

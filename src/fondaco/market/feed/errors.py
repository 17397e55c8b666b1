"""Errors of the feed.

Unanswered (market.errors)
├── OverBudget   the desk's own limits hold a call back: the provider was not asked
└── NoSource     every source of the route was tried or passed over: what was asked is UNKNOWN
NotFound (core.errors)
└── NoRoute      no installed provider gives this kind of data for this market
"""

from collections.abc import Sequence

from fondaco.core.errors import NotFound
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.feed.values import Attempt

ATTEMPTS_SHOWN_MAX = 5
TELLING = (
    Cause.AUTH,
    Cause.EMPTY,
    Cause.BAD,
    Cause.DOWN,
    Cause.TIMEOUT,
    Cause.LIMIT,
    Cause.OPEN,
    Cause.KEY,
)
"""Which cause is told where sources failed for several: first what a person must act on."""


class NoRoute(NotFound):
    """No installed provider gives a kind of data for a market."""


class OverBudget(Unanswered):
    """One more call would pass a limit that the provider publishes; it was not made."""

    def __init__(self, provider: str, seconds: float) -> None:
        super().__init__(
            f"{provider} was asked as often as its limits allow",
            provider=provider,
            cause=Cause.LIMIT,
            retry_after=seconds,
            value=f"free again in {seconds:.1f} s",
            remedy="Ask again then, or name another source in FONDACO_ROUTES.",
        )


class NoSource(Unanswered):
    """No source gave an answer. `attempts` says of each why."""

    def __init__(self, what: str, attempts: Sequence[Attempt]) -> None:
        self.attempts = tuple(attempts)
        causes = {attempt.cause for attempt in attempts if attempt.cause is not None}
        said = "; ".join(f"{a.provider}: {a.reason}" for a in self.attempts[:ATTEMPTS_SHOWN_MAX])
        waits = [a.retry_after for a in attempts if a.retry_after is not None]
        super().__init__(
            f"no source gave {what}: it is unknown, not absent",
            provider=", ".join(dict.fromkeys(a.provider for a in attempts)) or "none",
            cause=next((cause for cause in TELLING if cause in causes), Cause.KEY),
            retry_after=min(waits, default=None),
            value=said or "no source is in its route",
            remedy="`fondaco providers status` shows the health of each.",
        )

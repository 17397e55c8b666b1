"""The breaker of a provider: closed, open, half-open, as pure steps from one health to the next.

Figures: opens after 5 failures in 10 s, one half-open probe (the desk's service rules); rests
double from 30 s to 5 minutes while probes keep failing. A refused key or session opens it at
once, for a quarter of an hour: asking again is useless until a person acts, who may `reset` it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from fondaco.market.errors import Cause

FAILURES_MAX = 5
WINDOW = timedelta(seconds=10)
REST = timedelta(seconds=30)
REST_MAX = timedelta(minutes=5)
REST_AUTH = timedelta(minutes=15)
REST_KEY = timedelta(minutes=1)
PROBE = timedelta(seconds=120)
"""How long a probe may take before another may be sent: its process may have died."""
REASON_CHARS_MAX = 300

COUNTED = frozenset({Cause.TIMEOUT, Cause.DOWN, Cause.BAD})
"""Failures of the provider. A limit is a matter of pace; an empty answer is one of the symbol."""
AT_ONCE = frozenset({Cause.AUTH, Cause.KEY})


class Gate(StrEnum):
    """What the breaker does with a call."""

    CLOSED = "closed"  # calls pass
    OPEN = "open"  # none passes
    HALF_OPEN = "half-open"  # one passes, to see


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of a provider's health. `opening` numbers the times that the breaker opened.

    `failures` are those of the last seconds; `rests` counts openings without a success between.
    """

    failures: tuple[datetime, ...] = ()
    open_until: datetime | None = None
    probe_until: datetime | None = None
    opening: int = 0
    rests: int = 0
    cause: Cause | None = None
    reason: str = ""
    answered: int = 0
    failed: int = 0
    answered_at: datetime | None = None
    failed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave to make one call; a probe's names the opening that it probes."""

    probe_of: int | None = None


def gate(health: Health, now: datetime) -> Gate:
    """Return where the breaker stands."""
    if health.open_until is None:
        return Gate.CLOSED
    return Gate.OPEN if now < health.open_until else Gate.HALF_OPEN


def admit(health: Health, now: datetime) -> tuple[Health, Pass | None]:
    """Return the next health and the leave to call, or None when the call may not be made."""
    stands = gate(health, now)
    if stands is Gate.CLOSED:
        return health, Pass()
    probing = health.probe_until is not None and now < health.probe_until
    if stands is Gate.OPEN or probing:
        return health, None
    return replace(health, probe_until=now + PROBE), Pass(probe_of=health.opening)


def succeeded(health: Health, leave: Pass, now: datetime) -> Health:
    """Return the health after an answer; a probe's closes the breaker.

    A call that was let through before the breaker opened says nothing of now and leaves it open.
    """
    told = replace(health, answered=health.answered + 1, answered_at=now)
    if health.open_until is None:
        return replace(told, failures=(), rests=0)
    if leave.probe_of != health.opening:
        return told
    return replace(
        told, failures=(), open_until=None, probe_until=None, rests=0, cause=None, reason=""
    )


def failed(health: Health, leave: Pass, now: datetime, cause: Cause, reason: str) -> Health:
    """Return the health after a failure; it may open the breaker."""
    told = replace(health, failed=health.failed + 1, failed_at=now)
    if health.open_until is not None:
        if leave.probe_of != health.opening:
            return told
        if cause not in COUNTED | AT_ONCE:
            return released(told, leave)
        return _opened(told, now, cause, reason)
    if cause in AT_ONCE:
        return _opened(told, now, cause, reason)
    if cause not in COUNTED:
        return told
    recent = (*(at for at in health.failures if now - at < WINDOW), now)
    told = replace(told, failures=recent[-FAILURES_MAX:])
    return _opened(told, now, cause, reason) if len(recent) >= FAILURES_MAX else told


def released(health: Health, leave: Pass) -> Health:
    """Return the health after a call that proved nothing; a probe's may be sent again."""
    probing = leave.probe_of is not None and leave.probe_of == health.opening
    return replace(health, probe_until=None) if probing else health


def reset(health: Health) -> Health:
    """Return the health with the breaker closed, as after a person set a new key."""
    return replace(
        health, failures=(), open_until=None, probe_until=None, rests=0, cause=None, reason=""
    )


def why(health: Health, now: datetime) -> str:
    """Return in words why a call may not be made."""
    cause = health.cause.value if health.cause else "failures"
    if health.open_until is not None and now < health.open_until:
        left = (health.open_until - now).total_seconds()
        return f"rests for {left:.0f} s more after {cause}: {health.reason}"
    return f"one call tests whether it is back after {cause}"


def _opened(health: Health, now: datetime, cause: Cause, reason: str) -> Health:
    rest = {Cause.AUTH: REST_AUTH, Cause.KEY: REST_KEY}.get(cause)
    doubled = min(REST * 2 ** min(health.rests, 10), REST_MAX)
    return replace(
        health,
        failures=(),
        open_until=now + (rest or doubled),
        probe_until=None,
        opening=health.opening + 1,
        rests=health.rests + 1,
        cause=cause,
        reason=reason[:REASON_CHARS_MAX],
    )

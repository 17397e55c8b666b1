"""What was spent and how a provider fares, as plain JSON."""

from datetime import UTC, datetime
from typing import Any

from fondaco.market.errors import Cause
from fondaco.market.feed.breaker import Health
from fondaco.market.feed.budget import Grains, Spent


def spent_json(spent: Spent) -> dict[str, Any]:
    """Return what was spent as plain JSON."""
    return {
        "windows": {name: [list(one) for one in grains] for name, grains in spent.windows.items()},
        "held_until": spent.held_until,
        "calls": [list(one) for one in spent.calls],
        "retries": [list(one) for one in spent.retries],
    }


def spent_of(said: dict[str, Any]) -> Spent:
    """Return what was spent from its JSON."""
    return Spent(
        windows={name: _grains(grains) for name, grains in said["windows"].items()},
        held_until=said["held_until"],
        calls=_grains(said["calls"]),
        retries=_grains(said["retries"]),
    )


_MOMENTS = ("open_until", "probe_until", "answered_at", "failed_at")


def health_json(health: Health) -> dict[str, Any]:
    """Return a health as plain JSON; empty fields are left out."""
    plain: dict[str, Any] = {
        "failures": [at.isoformat() for at in health.failures],
        "opening": health.opening,
        "rests": health.rests,
        "cause": None if health.cause is None else health.cause.value,
        "reason": health.reason,
        "answered": health.answered,
        "failed": health.failed,
    }
    for name in _MOMENTS:
        moment = getattr(health, name)
        plain[name] = None if moment is None else moment.isoformat()
    return plain


def health_of(said: dict[str, Any]) -> Health:
    """Return a health from its JSON."""
    cause = said["cause"]
    return Health(
        failures=tuple(datetime.fromisoformat(at).astimezone(UTC) for at in said["failures"]),
        open_until=_moment(said["open_until"]),
        probe_until=_moment(said["probe_until"]),
        opening=said["opening"],
        rests=said["rests"],
        cause=None if cause is None else Cause(cause),
        reason=said["reason"],
        answered=said["answered"],
        failed=said["failed"],
        answered_at=_moment(said["answered_at"]),
        failed_at=_moment(said["failed_at"]),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _grains(said: list[list[int]]) -> Grains:
    return tuple((at, count) for at, count in said)

"""How long what was fetched may be taken as present.

A kind has a life while its market is open. A price that moves more than it usually does lives
shorter. What was fetched while its market is closed lives until it opens, nights, weekends and
holidays alike; what was fetched while it is open dies at the close, so that the close is fetched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from typing import NamedTuple, Protocol

from fondaco.market.sheets import Market


class Hours(Protocol):
    """Says whether a market trades at a moment; None for one that never closes."""

    def __call__(self, market: Market, moment: datetime) -> "Trading | None": ...


class Trading(NamedTuple):
    """Whether a market trades now, when it next opens and closes, and why in words.

    `last_close` is when it last stopped; None where that is not known.
    """

    open: bool
    next_open: datetime | None
    next_close: datetime | None
    why: str = ""
    last_close: datetime | None = None


class Life(NamedTuple):
    """How long a kind lives: while its market is open, how long it may be shown as stale after.

    `market` says that it does not change while the market is closed; `moves` that it lives
    shorter when prices move more.
    """

    seconds: float
    stale_seconds: float
    market: bool = False
    moves: bool = False


MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
LIVES: Mapping[str, Life] = {
    "quotes": Life(5, 30, market=True, moves=True),
    "trades": Life(5, 30, market=True, moves=True),
    "depth": Life(2, 10, market=True, moves=True),
    "bars_intraday": Life(MINUTE, 5 * MINUTE, market=True, moves=True),
    "bars_1d": Life(HOUR, DAY, market=True),
    "chains": Life(MINUTE, 10 * MINUTE, market=True, moves=True),
    "funding": Life(5 * MINUTE, HOUR),
    "open_interest": Life(5 * MINUTE, HOUR),
    "odds": Life(MINUTE, 10 * MINUTE),
    "transfers": Life(2 * MINUTE, HOUR),
    "news": Life(5 * MINUTE, HOUR),
    "posts": Life(5 * MINUTE, HOUR),
    "social_trades": Life(HOUR, DAY),
    "policy": Life(HOUR, DAY),
    "filings": Life(HOUR, DAY),
    "deals": Life(HOUR, DAY),
    "flows": Life(6 * HOUR, 2 * DAY),
    "events": Life(6 * HOUR, 2 * DAY),
    "macro": Life(6 * HOUR, 2 * DAY),
    "yields": Life(6 * HOUR, 2 * DAY),
    "estimates": Life(12 * HOUR, 3 * DAY),
    "actions": Life(12 * HOUR, 2 * DAY),
    "fundamentals": Life(DAY, 7 * DAY),
    "memberships": Life(DAY, 7 * DAY),
    "classifications": Life(7 * DAY, 30 * DAY),
}
"""By kind, for a market that is open; a kind of an outside package has `LIFE_OTHER`."""
LIFE_OTHER = Life(5 * MINUTE, HOUR)
SETTLE = timedelta(minutes=20)
"""How long after a close prices of the session may still change: delays of free sources."""
CLOSED_MAX = timedelta(days=5)
"""The longest life of what a closed market gave: a source may correct it meanwhile."""
SHORTEST, LONGEST = 0.25, 2.0
"""Bounds of the factor by which measured volatility changes a life."""


@dataclass(frozen=True, slots=True)
class Until:
    """Until when something is fresh, and why until then."""

    at: datetime
    why: str


def fresh_until(
    kind: str, asked_at: datetime, trading: Trading | None, moves: float | None = None
) -> Until:
    """Return until when what was asked at a moment is fresh.

    `moves` is how much the price moves lately against its usual, 1 for as usual; None where it
    was not measured.
    """
    life = LIVES.get(kind, LIFE_OTHER)
    factor = 1.0
    if life.moves and moves is not None:
        factor = min(max(1.0 / moves if moves > 0 else LONGEST, SHORTEST), LONGEST)
    lasts = timedelta(seconds=life.seconds * factor)
    why = f"{kind} live {lasts.total_seconds():,.0f} s"
    if factor != 1.0:
        why += f", as it moves {moves:.2g} times its usual"
    if not life.market or trading is None:
        return Until(asked_at + lasts, why)
    if trading.open:
        if trading.next_close is not None and trading.next_close < asked_at + lasts:
            return Until(trading.next_close, "until the market closes")
        return Until(asked_at + lasts, why)
    return _closed(asked_at, trading, lasts, why)


def _closed(asked_at: datetime, trading: Trading, lasts: timedelta, why: str) -> Until:
    if trading.next_open is None:
        return Until(asked_at + lasts, f"{why}; when the market opens is not known")
    if trading.last_close is not None and asked_at < trading.last_close + SETTLE:
        return Until(asked_at + lasts, f"{why}; the close may still be corrected")
    opens = min(trading.next_open, asked_at + CLOSED_MAX)
    says = f"{trading.why or 'the market is closed'}, until it opens"
    return Until(opens, says)


def stale_seconds(kind: str) -> float:
    """Return how long after its life a kind may still be shown, labelled stale."""
    return LIVES.get(kind, LIFE_OTHER).stale_seconds


class Turbulence:
    """Measures how much each price moves lately against its usual, from what was fetched.

    Two exponential averages of squared relative changes per second, of about 8 and 128 changes;
    the measure is the root of their ratio. Not for several threads: the feed holds its lock.
    """

    FAST, SLOW = 1 / 8, 1 / 128
    NEEDED = 8
    SYMBOLS_MAX = 4_096
    GAP_SECONDS_MAX = 6 * HOUR

    def __init__(self) -> None:
        self._seen: dict[str, tuple[datetime, float, float, float, int]] = {}

    def saw(self, name: str, at: datetime, value: float) -> None:
        """Take a price; times that do not rise, prices not above 0 and long gaps are left out."""
        if not value > 0 or value == float("inf"):
            return
        before = self._seen.pop(name, None)
        if before is None:
            if len(self._seen) >= self.SYMBOLS_MAX:
                del self._seen[next(iter(self._seen))]
            self._seen[name] = (at, value, 0.0, 0.0, 0)
            return
        then, last, fast, slow, count = before
        seconds = (at - then).total_seconds()
        if seconds <= 0:
            self._seen[name] = before
            return
        if seconds > self.GAP_SECONDS_MAX:
            self._seen[name] = (at, value, fast, slow, count)
            return
        power = (value / last - 1.0) ** 2 / seconds
        count += 1
        fast += (power - fast) * max(self.FAST, 1 / count)
        slow += (power - slow) * max(self.SLOW, 1 / count)
        self._seen[name] = (at, value, fast, slow, count)

    def moves(self, name: str) -> float | None:
        """Return the measure, 1 for as usual; None before enough changes were seen."""
        _, _, fast, slow, count = self._seen.get(name, (None, 0.0, 0.0, 0.0, 0))
        return sqrt(fast / slow) if count >= self.NEEDED and slow > 0 else None

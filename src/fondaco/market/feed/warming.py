"""What will be asked soon, from the query log: so that it is there before it is asked.

The expected asks of a key in the coming hour are its daily rate, spread over the hours of the day
as the log shows, times its trend; a coming event of its symbol adds to it. It is worth a call when
it is likely to be asked while it lives and is not fresh anyway. Calls are bounded by a budget.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp, log
from typing import NamedTuple

from fondaco.market.feed.ports import Asked, Due
from fondaco.market.sheets import Market

HALF_LIFE = timedelta(days=3)
"""An ask of so long ago counts half."""
TREND_HOURS = 6
TREND_MIN, TREND_MAX = 0.25, 4.0
TREND_PRIOR = 1.0
"""Asks added to both sides of a trend: few asks say little of it."""
EVENT_AHEAD = timedelta(days=2)
EVENT_ASKS = 2.0
"""Asks expected an hour of a symbol whose event is at hand; half of it when a day away."""
SMOOTH = 0.5
"""Asks added to each hour of the day, so that an hour never seen is not impossible."""
ASKS_MIN = 0.2
"""A key that is expected less often in the coming hour is not worth a call."""
KEYS_MAX = 10_000
HOUR_SECONDS = 3_600.0


class Thing(NamedTuple):
    """What is asked: the part of a key that the log knows."""

    kind: str
    market: Market
    symbol: str


@dataclass(frozen=True, slots=True)
class Expected:
    """How often a thing is expected to be asked in the coming hour, and why in words."""

    thing: Thing
    asks: float
    why: str


@dataclass(slots=True)
class _Seen:
    weight: float = 0.0
    recent: float = 0.0
    hours: dict[int, float] = field(default_factory=lambda: defaultdict(float))


def expected(
    asked: Iterable[Asked],
    now: datetime,
    events: Sequence[Due] = (),
    known_since: datetime | None = None,
) -> tuple[Expected, ...]:
    """Return what is expected in the coming hour, most first; nothing below `ASKS_MIN`.

    `asked` may come in any order; lines after `now` are left out, and those
    of a span: which span is asked next is not foreseen. `known_since` is when the log
    begins: by default its oldest line.
    """
    lines = [line for line in asked if line.at <= now and not line.rest]
    began = known_since or min((line.at for line in lines), default=now)
    seen: dict[Thing, _Seen] = defaultdict(_Seen)
    for line in lines:
        _count(seen[Thing(line.kind, line.market, line.symbol)], line.at, now)
    days = _days(now - began)
    near = _near(events, now)
    found = [_expect(thing, one, now, days, near) for thing, one in seen.items()]
    wanted = (one for one in found if one.asks >= ASKS_MIN)
    ranked = sorted(wanted, key=lambda one: (-one.asks, one.thing))
    return tuple(ranked[:KEYS_MAX])


def plan(
    expectations: Sequence[Expected],
    *,
    life: Callable[[str], float],
    fresh: Callable[[Thing], bool],
    calls_max: int,
    batch: int = 1,
) -> tuple[tuple[Expected, ...], ...]:
    """Return what is to be fetched: at most `calls_max` groups of one kind and market.

    What is worth most goes first: the asks expected while it may be given, of at most an hour.
    `life` is how long a kind may be given, in seconds; `fresh` says of what need not be fetched;
    at most `batch` symbols go into one call.
    """
    worth = [
        (one.asks * min(life(one.thing.kind) / HOUR_SECONDS, 1.0), one) for one in expectations
    ]
    ranked = sorted(
        (pair for pair in worth if pair[0] >= ASKS_MIN), key=lambda pair: (-pair[0], pair[1].thing)
    )
    groups: list[list[Expected]] = []
    filling: dict[tuple[str, Market], list[Expected]] = {}
    for _, one in ranked:
        where = (one.thing.kind, one.thing.market)
        group = filling.get(where)
        room = group is not None and len(group) < batch
        if not (room or len(groups) < calls_max) or fresh(one.thing):
            continue
        if group is None or not room:
            group = filling[where] = []
            groups.append(group)
        group.append(one)
    return tuple(tuple(group) for group in groups)


def _count(seen: _Seen, at: datetime, now: datetime) -> None:
    age = now - at
    weight = 0.5 ** (age / HALF_LIFE)
    seen.weight += weight
    seen.recent += weight if age <= timedelta(hours=TREND_HOURS) else 0.0
    seen.hours[at.hour] += weight


def _days(span: timedelta) -> float:
    """Return what one ask a day would weigh over a span, at least over one day."""
    rate = log(2.0) / (HALF_LIFE / timedelta(days=1))
    days = max(span / timedelta(days=1), 1.0)
    return (1.0 - exp(-rate * days)) / rate


def _expect(
    thing: Thing, seen: _Seen, now: datetime, days: float, near: Mapping[tuple[Market, str], float]
) -> Expected:
    daily = seen.weight / days
    coming = (now + timedelta(minutes=30)).hour
    share = (seen.hours.get(coming, 0.0) + SMOOTH / 24) / (seen.weight + SMOOTH)
    trend = _trend(seen, now, daily)
    event = near.get((thing.market, thing.symbol), 0.0)
    why = f"{daily:.1f} asks a day, {share:.0%} of them at {coming:02d} UTC, trend {trend:.2g}"
    if event:
        why += ", an event is near"
    return Expected(thing, daily * share * trend + event, why)


def _trend(seen: _Seen, now: datetime, daily: float) -> float:
    """Return the asks of the last hours against what is usual at these hours."""
    hours = {(now - timedelta(hours=n)).hour for n in range(TREND_HOURS)}
    share = sum(seen.hours.get(hour, 0.0) for hour in hours) / seen.weight
    usual = daily * share
    return min(max((seen.recent + TREND_PRIOR) / (usual + TREND_PRIOR), TREND_MIN), TREND_MAX)


def _near(events: Sequence[Due], now: datetime) -> dict[tuple[Market, str], float]:
    found: dict[tuple[Market, str], float] = {}
    for event in events:
        ahead = event.at - now
        if timedelta(0) <= ahead <= EVENT_AHEAD:
            asks = EVENT_ASKS * (1.0 - ahead / EVENT_AHEAD)
            where = (event.market, event.symbol)
            found[where] = max(found.get(where, 0.0), asks)
    return found

"""What is planted in the simulated market, year by year, and how it moves prices and volumes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

import numpy as np

from fondaco.adapters.providers.simulated_days import (
    FIRST_YEAR,
    at,
    between,
    closes_at,
    later,
    minutes_of,
    opens_at,
    session_from,
    through,
)
from fondaco.adapters.providers.simulated_world import (
    BANK,
    PAIR,
    RENAMED_TO,
    SHARES,
    chance,
    milestones,
    model,
    traded_on,
)

NIGHT, ALL_DAY = -2, -1
JUMP_MINUTES, FALL_MINUTES = 10, 60
NEWS_LEAD_MINUTES, WHALE_LEAD_HOURS = 8, 3
NEWS_A_YEAR, WHALES_A_YEAR, CLUSTERS_A_YEAR, CROWDS_A_YEAR, RATES_A_YEAR = 6, 5, 3, 2, 8
STRESS_SESSIONS = (25, 50)
CLUSTER_DRIFT, CLUSTER_SESSIONS, CLUSTER_BUYERS = 0.06, 20, 4
CROWD_UP, CROWD_UP_SESSIONS, CROWD_DOWN_SESSIONS, CROWD_VOLUME = 0.12, 3, 5, 4.0
JUMP_VOLUME = 6.0
SURPRISE_VOL = 0.08
RESTATED_SHARE, RESTATED, RESTATED_MOVE = "SIM05", -0.12, -0.09
RATE_STEP = 0.25
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Planted:
    """One thing that was planted; `size` is in the unit that its kind of event has.

    `part` tells what belongs to it: a quarter, the id of a news item.
    """

    what: str
    symbol: str
    start: datetime
    end: datetime
    size: float
    known_at: datetime
    part: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """A planted log return on one session: over night, over all the day, or from a minute on."""

    symbol: str
    session: date
    move: float
    minute: int = NIGHT
    minutes: int = 1
    volume: float = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is planted in one calendar year, and what it does to prices."""

    events: tuple[Planted, ...]
    effects: tuple[Effect, ...]


@cache
def plan(seed: int, year: int) -> Plan:
    """Return what is planted in a year; it does not depend on any later year."""
    if year < FIRST_YEAR:
        return Plan((), ())
    parts = (
        _earnings(seed, year),
        _jumps(seed, year),
        _stress(seed, year),
        _whales(seed, year),
        _clusters(seed, year),
        _crowds(seed, year),
        _rates(seed, year),
        _restatement(seed, year),
    )
    return Plan(
        tuple(event for part in parts for event in part.events),
        tuple(effect for part in parts for effect in part.effects),
    )


def events_of(seed: int, years: Iterable[int], what: str, symbol: str = "") -> list[Planted]:
    """Return the planted events of a kind in some years, of one symbol or of all."""
    return [
        event
        for year in years
        for event in plan(seed, year).events
        if event.what == what and symbol in {"", event.symbol}
    ]


@cache
def effects_through(seed: int, year: int) -> dict[tuple[str, date], tuple[Effect, ...]]:
    """Return every effect up to the end of a year, by symbol and session."""
    found: dict[tuple[str, date], list[Effect]] = {}
    for one in range(FIRST_YEAR, year + 1):
        for effect in plan(seed, one).effects:
            found.setdefault((effect.symbol, effect.session), []).append(effect)
    return {key: tuple(effects) for key, effects in found.items()}


@cache
def stress_sessions(seed: int, year: int) -> frozenset[date]:
    """Return the sessions of a year in which the market's volatility is that of stress."""
    spans = [(e.start.date(), e.end.date()) for e in events_of(seed, (year,), "volatility_regime")]
    return frozenset(day for first, last in spans for day in between(first, last))


def report_day(seed: int, share: int, year: int, quarter: int) -> date:
    """Return the session after whose close a share reports a quarter (1 to 4) in a year.

    Quarter 1 of a calendar year reports what ended in December before.
    """
    month = (1, 4, 7, 10)[quarter - 1]
    delay = int(chance(seed, "report", share, year, quarter).integers(20, 40))
    return session_from(date(year, month, 1) + delay * _DAY)


def surprise(seed: int, share: int, year: int, quarter: int) -> float:
    """Return by which share of the mean estimate the earnings differ from it."""
    draw = chance(seed, "surprise", share, year, quarter).normal(0, SURPRISE_VOL)
    return round(float(np.clip(draw, -0.3, 0.3)), 4)


def _earnings(seed: int, year: int) -> Plan:
    true, events, effects = model(seed), [], []
    for share, symbol in enumerate(SHARES):
        for quarter in (1, 2, 3, 4):
            day = report_day(seed, share, year, quarter)
            if not (traded_on(seed, symbol, day) and traded_on(seed, symbol, later(day, 1))):
                continue
            size, told = surprise(seed, share, year, quarter), at(day, time(16, 15))
            first, last = later(day, 1), later(day, true.drift_sessions)
            drift = true.drift_per_surprise * size
            events.append(
                Planted(
                    "earnings_drift",
                    symbol,
                    told,
                    closes_at(last),
                    drift,
                    told,
                    f"{year}Q{quarter}",
                )
            )
            effects.append(Effect(symbol, first, true.gap_per_surprise * size, NIGHT, volume=2.5))
            effects += _spread(symbol, between(first, last), drift)
    return Plan(tuple(events), tuple(effects))


def _jumps(seed: int, year: int) -> Plan:
    draws, events, effects = chance(seed, "jumps", year), [], []
    for n in range(NEWS_A_YEAR):
        symbol, day = _pick(draws, year)
        minute = int(draws.integers(30, minutes_of(day) - 60))
        size = round(float(draws.choice((-1, 1)) * draws.uniform(0.04, 0.08)), 4)
        told = opens_at(day) + timedelta(minutes=minute)
        start = told + timedelta(minutes=NEWS_LEAD_MINUTES)
        end = start + timedelta(minutes=JUMP_MINUTES)
        if not traded_on(seed, symbol, day):
            continue
        events.append(Planted("jump_on_news", symbol, start, end, size, told, f"jump-{year}-{n}"))
        at_minute = minute + NEWS_LEAD_MINUTES
        effects.append(Effect(symbol, day, size, at_minute, JUMP_MINUTES, JUMP_VOLUME))
    return Plan(tuple(events), tuple(effects))


def _stress(seed: int, year: int) -> Plan:
    draws = chance(seed, "stress", year)
    first = session_from(date(year, 2, 1) + int(draws.integers(0, 200)) * _DAY)
    last = later(first, int(draws.integers(*STRESS_SESSIONS)))
    true = model(seed)
    ratio = round(true.market_vol_stress / true.market_vol_calm, 4)
    start, end = opens_at(first), closes_at(last)
    return Plan((Planted("volatility_regime", "SIMX", start, end, ratio, start),), ())


def _whales(seed: int, year: int) -> Plan:
    draws, events, effects = chance(seed, "whales", year), [], []
    for n in range(WHALES_A_YEAR):
        day = date(year, 1, 3) + int(draws.integers(0, 355)) * _DAY
        hour, size = int(draws.integers(2, 17)), round(-float(draws.uniform(0.05, 0.09)), 4)
        told = at(day, time(12)).replace(hour=hour, minute=0)
        start = told + timedelta(hours=WHALE_LEAD_HOURS)
        end = start + timedelta(minutes=FALL_MINUTES)
        events.append(Planted("whale", PAIR, start, end, size, told, f"whale-{year}-{n}"))
        minute = (hour + WHALE_LEAD_HOURS) * 60
        effects.append(Effect(PAIR, day, size, minute, FALL_MINUTES, 3.0))
    return Plan(tuple(events), tuple(effects))


def _clusters(seed: int, year: int) -> Plan:
    draws, events, effects = chance(seed, "clusters", year), [], []
    for n in range(CLUSTERS_A_YEAR):
        symbol, day = _pick(draws, year)
        told = at(later(day, CLUSTER_BUYERS), time(18))
        first = later(day, CLUSTER_BUYERS + 1)
        last = later(first, CLUSTER_SESSIONS - 1)
        if not traded_on(seed, symbol, day):
            continue
        part = f"{day.isoformat()}:{n}"
        events.append(
            Planted(
                "insider_cluster",
                symbol,
                opens_at(first),
                closes_at(last),
                CLUSTER_DRIFT,
                told,
                part,
            )
        )
        effects += _spread(symbol, between(first, last), CLUSTER_DRIFT)
    return Plan(tuple(events), tuple(effects))


def _crowds(seed: int, year: int) -> Plan:
    draws, events, effects = chance(seed, "crowds", year), [], []
    for n in range(CROWDS_A_YEAR):
        symbol, day = _pick(draws, year)
        top, last = later(day, CROWD_UP_SESSIONS - 1), later(day, CROWD_UP_SESSIONS + 4)
        if not traded_on(seed, symbol, day):
            continue
        start = opens_at(day)
        events.append(
            Planted("crowd", symbol, start, closes_at(last), CROWD_UP, start, f"crowd-{year}-{n}")
        )
        effects += _spread(symbol, between(day, top), CROWD_UP, CROWD_VOLUME)
        effects += _spread(symbol, between(later(top, 1), last), -CROWD_UP, 2.0)
    return Plan(tuple(events), tuple(effects))


def _rates(seed: int, year: int) -> Plan:
    draws, events = chance(seed, "rates", year), []
    for n in range(RATES_A_YEAR):
        month = 1 + n * 12 // RATES_A_YEAR
        day = session_from(date(year, month, 14))
        step = RATE_STEP * int(draws.choice((-1, 0, 1), p=(0.25, 0.5, 0.25)))
        told = at(day, time(14) if minutes_of(day) > 300 else time(12))
        events.append(Planted("rate_decision", BANK, told, told, step, told, f"rate-{year}-{n}"))
    return Plan(tuple(events), ())


def _restatement(seed: int, year: int) -> Plan:
    day = milestones(seed).restatement
    if day.year != year:
        return Plan((), ())
    told, first = at(day, time(17)), later(day, 1)
    event = Planted("restatement", RESTATED_SHARE, told, opens_at(first), RESTATED, told)
    effect = Effect(RESTATED_SHARE, first, RESTATED_MOVE, NIGHT, volume=3.0)
    return Plan((event,), (effect,))


def actions_of(seed: int) -> tuple[Planted, ...]:
    """Return the corporate actions that happen once, as events that start on their ex-date."""
    days, notice = milestones(seed), timedelta(days=30)
    told = (
        ("split", "SIM03", days.split, 0.5, ""),
        ("rename", "SIM08", days.rename, 0.0, RENAMED_TO),
        ("delisting", "SIM09", days.delisting, 0.0, ""),
        ("spin_off", "SIM10", days.spin_off, 0.2, "SIM11"),
        ("index_change", "SIM11", days.spin_off, 1.0, "enters"),
        ("index_change", "SIM09", days.delisting, -1.0, "leaves"),
    )
    return tuple(
        Planted(what, symbol, opens_at(day), closes_at(day), size, opens_at(day) - notice, part)
        for what, symbol, day, size, part in told
    )


def _pick(draws: np.random.Generator, year: int) -> tuple[str, date]:
    sessions = [day for day in through(year) if day.year == year]
    day = sessions[int(draws.integers(5, len(sessions) - 5))]
    symbol = SHARES[int(draws.integers(0, len(SHARES)))]
    return symbol, day


def _spread(
    symbol: str, sessions: Sequence[date], move: float, volume: float = 1.0
) -> list[Effect]:
    """Return a move that is spread evenly over the days of some sessions."""
    each = move / len(sessions)
    return [Effect(symbol, day, each, ALL_DAY, volume=volume) for day in sessions]

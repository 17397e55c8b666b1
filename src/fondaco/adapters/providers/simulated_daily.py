"""Daily paths of the simulated market: opens and closes, with the factors of each session."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from math import exp, log

import numpy as np
from numpy.typing import ArrayLike

from fondaco.adapters.providers.simulated_days import (
    FIRST,
    FIRST_YEAR,
    between,
    session_from,
    third_friday,
    through,
)
from fondaco.adapters.providers.simulated_plan import (
    NIGHT,
    Effect,
    effects_through,
    stress_sessions,
)
from fondaco.adapters.providers.simulated_world import (
    CHILD,
    CHILD_SHARE,
    FUTURE,
    INDEX,
    PAIR,
    PARENT,
    SHARES,
    SPLIT_FACTOR,
    SPLIT_OF,
    Numbers,
    chance,
    milestones,
    model,
    traded_on,
)

BLOCK = 370
HORIZON_YEARS = 5
"""Draws of a year: at least one for each of its days."""
INDEX_START, PAIR_START = 1_000.0, 20_000.0
CARRY = 0.02
"""Rate less dividend yield, a year, in the price of the index future."""
DIVIDEND_MONTHS = (2, 5, 8, 11)
TICK, FUTURE_TICK = 0.01, 0.25
NOTICE_SESSIONS = 15


@dataclass(frozen=True, slots=True)
class Path:
    """Opens, closes and factors of one thing by session; `vols` are of the true model by day."""

    sessions: tuple[date, ...]
    opens: Numbers
    closes: Numbers
    factors: Numbers
    vols: Numbers

    def place(self, session: date) -> int | None:
        """Return the place of a session, or None when the thing did not trade on it."""
        n = bisect_left(self.sessions, session)
        return n if n < len(self.sessions) and self.sessions[n] == session else None

    def close_before(self, session: date) -> float | None:
        """Return the close of the session before, None for the first."""
        n = bisect_left(self.sessions, session)
        return float(self.closes[n - 1]) if n else None


@dataclass(frozen=True, slots=True)
class Dividend:
    """A dividend of a share: money a share, with its days."""

    symbol: str
    told: date
    ex_date: date
    amount: float


def path(seed: int, symbol: str, year: int) -> Path:
    """Return a thing's path from its first day to the end of a year at least.

    A longer path starts with the shorter one, to the last digit.
    """
    return path_through(seed, symbol, horizon(year))


def horizon(year: int) -> int:
    """Return the year to which paths are made when one is asked for: they are made once."""
    return max(-(-year // HORIZON_YEARS) * HORIZON_YEARS, year)


@lru_cache(maxsize=128)
def path_through(seed: int, symbol: str, year: int) -> Path:
    """Return a thing's path from its first day to the end of a year exactly."""
    if symbol == INDEX:
        return _index(seed, year)
    if symbol == FUTURE:
        return _future(seed, year)
    return _pair(seed, year) if symbol == PAIR else _share(seed, symbol, year)[0]


def dividends(seed: int, symbol: str, year: int) -> tuple[Dividend, ...]:
    """Return a share's dividends up to the end of a year, oldest first."""
    return _share(seed, symbol, horizon(year))[1]


@cache
def ex_dates(symbol: str, year: int) -> tuple[date, ...]:
    """Return the ex-dates of a share's dividends in a year."""
    day = 5 + SHARES.index(symbol)
    return tuple(session_from(date(year, month, day)) for month in DIVIDEND_MONTHS)


def effects_on(seed: int, symbol: str, session: date) -> tuple[Effect, ...]:
    """Return what is planted on a session of a thing."""
    return effects_through(seed, session.year).get((symbol, session), ())


@lru_cache(maxsize=128)
def _share(seed: int, symbol: str, year: int) -> tuple[Path, tuple[Dividend, ...]]:
    sessions = tuple(day for day in through(year) if traded_on(seed, symbol, day))
    nights, days, vols = _returns(seed, symbol, sessions)
    days_of_cash = {day for y in range(FIRST_YEAR, year + 1) for day in ex_dates(symbol, y)}
    once, true = milestones(seed), model(seed)
    opens, closes, factors = (np.ones(len(sessions)) for _ in range(3))
    paid: list[Dividend] = []
    level = log(_start(seed, symbol, year))
    for n, day in enumerate(sessions):
        factor = _capital_factor(symbol, day, once.split, once.spin_off) if n else 1.0
        if day in days_of_cash and n > NOTICE_SESSIONS:
            told = n - NOTICE_SESSIONS
            kept = float(np.prod(factors[told + 1 : n]))
            amount = round(float(closes[told]) * kept * true.dividend_yield / 4, 2)
            paid.append(Dividend(symbol, sessions[told], day, amount))
            factor *= 1.0 - amount / float(closes[n - 1])
        opened = level + log(factor) + nights[n]
        level = opened + days[n]
        opens[n], closes[n], factors[n] = _cents(opened), _cents(level), factor
    return Path(sessions, opens, closes, factors, vols), tuple(paid)


def _cents(level: float) -> float:
    return max(round(exp(level), 2), TICK)


def _capital_factor(symbol: str, day: date, split: date, spin_off: date) -> float:
    if symbol == SPLIT_OF and day == split:
        return SPLIT_FACTOR
    return 1.0 - CHILD_SHARE if symbol == PARENT and day == spin_off else 1.0


def _start(seed: int, symbol: str, year: int) -> float:
    if symbol != CHILD:
        return model(seed).prices[SHARES.index(symbol)]
    before = path_through(seed, PARENT, year).close_before(milestones(seed).spin_off)
    return CHILD_SHARE * (before if before is not None else model(seed).prices[-1])


def _returns(
    seed: int, symbol: str, sessions: tuple[date, ...]
) -> tuple[Numbers, Numbers, Numbers]:
    """Return log returns over night and over the day, and the true volatility of each day."""
    true, share = model(seed), SHARES.index(symbol)
    parts = []
    for year in sorted({day.year for day in sessions}):
        every = [day for day in through(year) if day.year == year]
        stress = np.array([day in stress_sessions(seed, year) for day in every])
        vol = np.where(stress, true.market_vol_stress, true.market_vol_calm)
        market = _draws(seed, len(every), "market", year) * vol[:, None]
        sector = _draws(seed, len(every), "sector", share % 4, year) * true.sector_vol
        own = _draws(seed, len(every), "own", symbol, year) * true.own_vols[share]
        noise = true.betas[share] * market + sector + own
        scale = np.sqrt([true.night_share, 1 - true.night_share])
        vols = np.where(
            stress, true.share_vol(share, stress=True), true.share_vol(share, stress=False)
        )
        listed = np.array([traded_on(seed, symbol, day) for day in every])
        parts.append(np.column_stack([noise * scale, vols])[listed])
    drawn = np.vstack(parts) if parts else np.zeros((0, 3))
    nights, days = drawn[:, 0].copy(), drawn[:, 1] + true.drift
    _plant(seed, symbol, sessions, nights, days)
    return nights, days, drawn[:, 2]


def _plant(
    seed: int, symbol: str, sessions: tuple[date, ...], nights: Numbers, days: Numbers
) -> None:
    if not sessions:
        return
    for (name, session), effects in effects_through(seed, sessions[-1].year).items():
        n = bisect_left(sessions, session)
        if name != symbol or n == len(sessions) or sessions[n] != session:
            continue
        nights[n] += sum(e.move for e in effects if e.minute == NIGHT)
        days[n] += sum(e.move for e in effects if e.minute != NIGHT)


def _draws(seed: int, count: int, *names: object) -> Numbers:
    return chance(seed, *names).standard_normal((BLOCK, 2))[:count]


def _index(seed: int, year: int) -> Path:
    """Return the index: the mean of its members' returns with dividends, from 1,000."""
    sessions = through(year)
    nights, days, count = (np.zeros(len(sessions)) for _ in range(3))
    for symbol in SHARES:
        mine = path_through(seed, symbol, year)
        if len(mine.sessions) < 2:
            continue
        start = bisect_left(sessions, mine.sessions[0])
        part = slice(start + 1, start + len(mine.sessions))
        before = mine.closes[:-1] * mine.factors[1:]
        nights[part] += mine.opens[1:] / before - 1
        days[part] += mine.closes[1:] / before - 1
        count[part] += 1
    count[0] = 1
    nights, days = nights / count, days / count
    closes = INDEX_START * np.cumprod(1 + days)
    opens = np.concatenate([[INDEX_START], closes[:-1]]) * (1 + nights)
    true = model(seed)
    stress = [day in stress_sessions(seed, day.year) for day in sessions]
    vols = np.where(stress, true.market_vol_stress, true.market_vol_calm)
    return Path(sessions, _ticks(opens), _ticks(closes), np.ones(len(sessions)), vols)


def _future(seed: int, year: int) -> Path:
    """Return the front future: it goes over to the next quarter's on the session after expiry."""
    index = path_through(seed, INDEX, year)
    basis = np.array([_basis(day, expiry(day)) for day in index.sessions])
    factors = np.ones(len(index.sessions))
    for n in range(1, len(index.sessions)):
        before, day = index.sessions[n - 1], index.sessions[n]
        if expiry(before) != expiry(day):
            factors[n] = _basis(before, expiry(day)) / _basis(before, expiry(before))
    opens, closes = (_ticks(p * basis, FUTURE_TICK) for p in (index.opens, index.closes))
    return Path(index.sessions, opens, closes, factors, index.vols)


def expiry(day: date) -> date:
    """Return the expiry of the front index future: the third Friday of March, June, and so on."""
    month = -(-day.month // 3) * 3
    found = third_friday(day.year, month)
    if found >= day:
        return found
    return third_friday(day.year + month // 12, month % 12 + 3)


def _basis(day: date, expires: date) -> float:
    return float(np.exp(CARRY * (expires - day).days / 365.0))


def _pair(seed: int, year: int) -> Path:
    """Return the crypto pair: it trades through each UTC day and opens where it closed."""
    count = (date(year, 12, 31) - FIRST).days + 1
    days = tuple(FIRST + timedelta(days=n) for n in range(count))
    vol = model(seed).pair_vol
    draws = [
        chance(seed, "pair", y).standard_normal(BLOCK)[: sum(day.year == y for day in days)]
        for y in range(FIRST_YEAR, year + 1)
    ]
    returns = np.concatenate(draws) * vol
    nights = np.zeros(count)
    _plant(seed, PAIR, days, nights, returns)
    closes = _ticks(PAIR_START * np.exp(np.cumsum(returns)))
    opens = np.concatenate([[PAIR_START], closes[:-1]])
    return Path(days, opens, closes, np.ones(count), np.full(count, vol))


def _ticks(prices: ArrayLike, tick: float = TICK) -> Numbers:
    """Return prices on whole ticks, at least one."""
    return np.maximum(np.round(np.round(np.asarray(prices) / tick) * tick, 2), tick)


def sessions_of(symbol: str, since: date, until: date) -> tuple[date, ...]:
    """Return the days from `since` to `until` on which a symbol's market trades."""
    if symbol != PAIR:
        return between(max(since, FIRST), until)
    first = max(since, FIRST)
    return tuple(first + timedelta(days=n) for n in range((until - first).days + 1))

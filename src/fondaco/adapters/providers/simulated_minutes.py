"""Inside the sessions of the simulated market: minutes that add up to the daily bars, quotes that
bracket each minute's last trade, trades that add up to the minutes, books whose best is the quote.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fondaco.adapters.providers.simulated_daily import (
    FUTURE_TICK,
    TICK,
    Path,
    effects_on,
    path,
    sessions_of,
)
from fondaco.adapters.providers.simulated_days import MINUTES, minutes_of, opens_at
from fondaco.adapters.providers.simulated_world import (
    FUTURE,
    INDEX,
    NIGHT_SHARE,
    PAIR,
    Numbers,
    View,
    chance,
)

Row = dict[str, object]
Five = tuple[float, float, float, float, float]
"""Open, high, low, close and volume."""

MINUTE = timedelta(minutes=1)
DAY_MINUTES = 1_440
DEPTH_LEVELS = 5
LEAST_VOLUME = 8
TRADE_SECONDS = (5, 22, 41, 58)
"""When in its minute each of the four trades is made: at its open, low, high and close."""
WICK = 0.3
HALF_SPREAD = {INDEX: 0.0, FUTURE: FUTURE_TICK, PAIR: 1.0}
HALF_SPREAD_SHARE = 0.01
BASE_VOLUME = 1_500.0
"""Units that trade in a minute of a plain session, on average, before the U-shape."""


@dataclass(frozen=True, slots=True)
class Block:
    """The minutes of a year: arrays (sessions, minutes), of which the first `lengths` count."""

    sessions: tuple[date, ...]
    lengths: NDArray[np.int64]
    opens: Numbers
    highs: Numbers
    lows: Numbers
    closes: Numbers
    volumes: Numbers


def start_of(symbol: str, session: date) -> datetime:
    """Return when a session of a symbol begins, in UTC."""
    return datetime.combine(session, time(), UTC) if symbol == PAIR else opens_at(session)


def length_of(symbol: str, session: date) -> int:
    """Return the minutes of a session."""
    return DAY_MINUTES if symbol == PAIR else minutes_of(session)


@lru_cache(maxsize=8)
def block(seed: int, symbol: str, year: int) -> Block:
    """Return a year's minutes: between a day's open and close the path is a Brownian bridge."""
    whole = path(seed, symbol, year)
    places = [n for n, day in enumerate(whole.sessions) if day.year == year]
    width = DAY_MINUTES if symbol == PAIR else MINUTES
    days = tuple(whole.sessions[n] for n in places)
    lengths = np.array([length_of(symbol, day) for day in days], dtype=np.int64)
    if not places:
        none = np.zeros((0, width))
        return Block(days, lengths, none, none, none, none, none)
    draws = chance(seed, "minutes", symbol, year)
    tick = FUTURE_TICK if symbol == FUTURE else TICK
    first = slice(places[0], places[-1] + 1)
    closes = _bridge(seed, symbol, whole, first, lengths, draws.standard_normal((370, width)))
    closes = np.maximum(np.round(np.round(closes / tick) * tick, 2), tick)
    closes[np.arange(len(days)), lengths - 1] = whole.closes[first]
    opens = np.concatenate([whole.opens[first][:, None], closes[:, :-1]], axis=1)
    wicks = np.abs(draws.standard_normal((2, 370, width))[:, : len(days)]) * WICK
    size = wicks * _minute_vols(whole.vols[first], lengths, symbol)[:, None] * opens
    steps = np.round(size / tick) * tick
    highs = np.round(np.maximum(opens, closes) + steps[0], 2)
    lows = np.maximum(np.round(np.minimum(opens, closes) - steps[1], 2), tick)
    noise = draws.lognormal(-0.045, 0.3, (370, width))[: len(days)]
    busy = draws.lognormal(-0.045, 0.3, 370)[: len(days), None]
    volumes = _u_shape(lengths, width, symbol) * noise * busy * BASE_VOLUME
    _busier(seed, symbol, days, volumes)
    return Block(
        days, lengths, opens, highs, lows, closes, np.maximum(np.round(volumes), LEAST_VOLUME)
    )


def _minute_vols(vols: Numbers, lengths: NDArray[np.int64], symbol: str) -> Numbers:
    share = 1.0 if symbol == PAIR else 1.0 - NIGHT_SHARE
    found: Numbers = vols * np.sqrt(share / lengths)
    return found


def _bridge(
    seed: int,
    symbol: str,
    whole: Path,
    first: slice,
    lengths: NDArray[np.int64],
    noise: Numbers,
) -> Numbers:
    """Return unrounded minute closes; planted jumps come where they were planted."""
    days, width = len(lengths), noise.shape[1]
    vols = _minute_vols(whole.vols[first], lengths, symbol)
    walk = np.cumsum(noise[:days], axis=1) * vols[:, None]
    done = np.minimum(np.arange(1, width + 1)[None, :] / lengths[:, None], 1.0)
    end = walk[np.arange(days), lengths - 1]
    opened = np.log(whole.opens[first])
    move = np.log(whole.closes[first]) - opened
    steps = np.zeros((days, width))
    for n, day in enumerate(whole.sessions[first]):
        for effect in effects_on(seed, symbol, day):
            if effect.minute >= 0:
                move[n] -= effect.move
                part = (np.arange(1, width + 1) - effect.minute) / effect.minutes
                steps[n] += effect.move * np.clip(part, 0.0, 1.0)
    bridge = walk - done * end[:, None] + done * move[:, None] + steps
    found: Numbers = np.exp(opened[:, None] + bridge)
    return found


def _u_shape(lengths: NDArray[np.int64], width: int, symbol: str) -> Numbers:
    """Return how busy each minute is: three times the middle at open and close; flat for crypto."""
    if symbol == PAIR:
        return np.ones((len(lengths), width))
    done = (np.arange(width)[None, :] + 0.5) / lengths[:, None]
    found: Numbers = 0.6 + 4.8 * (np.minimum(done, 1.0) - 0.5) ** 2
    return found


def _busier(seed: int, symbol: str, days: tuple[date, ...], volumes: Numbers) -> None:
    for n, day in enumerate(days):
        for effect in effects_on(seed, symbol, day):
            start = max(effect.minute, 0)
            end = start + effect.minutes if effect.minute >= 0 else volumes.shape[1]
            volumes[n, start:end] *= effect.volume


@lru_cache(maxsize=256)
def daily(seed: int, symbol: str, year: int) -> tuple[tuple[date, ...], Numbers]:
    """Return the sessions of a year and their open, high, low, close and volume (n, 5)."""
    one = block(seed, symbol, year)
    width = one.closes.shape[1]
    there = np.arange(width)[None, :] < one.lengths[:, None]
    columns = (
        one.opens[:, 0],
        np.where(there, one.highs, -np.inf).max(axis=1),
        np.where(there, one.lows, np.inf).min(axis=1),
        one.closes[np.arange(len(one.lengths)), one.lengths - 1],
        np.where(there, one.volumes, 0.0).sum(axis=1),
    )
    return one.sessions, np.column_stack(columns)


def daily_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give the daily bars that had closed, with the factor of each session."""
    for year in range(view.since.year, view.until.year + 1):
        sessions, numbers = daily(view.seed, symbol, year)
        factors = path(view.seed, symbol, year)
        for session, (open_, high, low, close, volume) in zip(
            sessions, numbers.tolist(), strict=True
        ):
            closed = start_of(symbol, session) + MINUTE * length_of(symbol, session)
            place = factors.place(session)
            if closed > view.now or place is None:
                continue
            yield {
                "instrument": symbol,
                "session": session,
                "open": open_,
                "high": high,
                "low": low,
                "close": close,
                "volume": volume,
                "factor": round(float(factors.factors[place]), 12),
            }


def minutes(view: View, symbol: str) -> Iterator[tuple[date, datetime, Five]]:
    """Give the minutes of a span that were over: session, close time, and the five numbers."""
    for session in sessions_of(symbol, view.since, view.until):
        one = block(view.seed, symbol, session.year)
        if session not in one.sessions:
            continue
        row, start = one.sessions.index(session), start_of(symbol, session)
        over = min(int(one.lengths[row]), int((view.now - start) / MINUTE))
        grids = (one.opens, one.highs, one.lows, one.closes, one.volumes)
        columns = [grid[row, : max(over, 0)].tolist() for grid in grids]
        for n, numbers in enumerate(zip(*columns, strict=True), 1):
            yield session, start + n * MINUTE, numbers


def bar_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give bars of `view.seconds`, each known when it ended."""
    size = view.seconds // 60
    part: list[Five] = []
    for _, ts, numbers in minutes(view, symbol):
        part.append(numbers)
        if len(part) < size:
            continue
        yield {
            "instrument": symbol,
            "seconds": view.seconds,
            "ts": ts,
            "known_at": ts,
            "open": part[0][0],
            "high": max(p[1] for p in part),
            "low": min(p[2] for p in part),
            "close": part[-1][3],
            "volume": sum(p[4] for p in part),
            "trades": len(part) * len(TRADE_SECONDS),
            "final": True,
        }
        part = []


def half_spread(symbol: str, price: float) -> float:
    """Return half the spread of a quote: a tick or a share of the price."""
    if symbol in HALF_SPREAD:
        return HALF_SPREAD[symbol]
    return max(round(HALF_SPREAD_SHARE * 0.02 * price, 2), TICK)


def quote_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give the quote at each minute's end: the last trade lies in its middle."""
    for _, row in _quotes(view, symbol):
        yield row


def _quotes(view: View, symbol: str) -> Iterator[tuple[date, Row]]:
    done: dict[date, float] = {}
    for session, ts, (*_, close, volume) in minutes(view, symbol):
        done[session] = done.get(session, 0.0) + volume
        half = half_spread(symbol, close)
        sizes = _sizes(view.seed, symbol, session, ts)
        before = path(view.seed, symbol, session.year).close_before(session)
        row: Row = {
            "instrument": symbol,
            "ts": ts,
            "known_at": ts,
            "bid": round(close - half, 2) if half else None,
            "ask": round(close + half, 2) if half else None,
            "bid_size": sizes[0] if half else None,
            "ask_size": sizes[1] if half else None,
            "last": close,
            "last_size": float(_parts(volume)[-1]),
            "previous_close": before,
            "volume": done[session],
        }
        yield session, row


def trade_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give four trades of each minute: at its open, its extremes and its close."""
    for _, end, (open_, high, low, close, volume) in minutes(view, symbol):
        prices = (open_, low, high, close) if close >= open_ else (open_, high, low, close)
        sizes, last = _parts(volume), open_
        for n, (price, size, second) in enumerate(zip(prices, sizes, TRADE_SECONDS, strict=True)):
            ts = end - MINUTE + timedelta(seconds=second)
            yield {
                "instrument": symbol,
                "ts": ts,
                "known_at": ts,
                "trade": f"{ts:%Y%m%d%H%M%S}-{n}",
                "price": price,
                "size": float(size),
                "exchange": "SIM",
                "aggressor": "buy" if price >= last else "sell",
            }
            last = price


def depth_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give five levels of both sides at each minute's end; the best are those of the quote."""
    tick = FUTURE_TICK if symbol == FUTURE else TICK
    for session, quote in _quotes(view, symbol):
        ts, best = quote["ts"], {"bid": quote["bid"], "ask": quote["ask"]}
        assert isinstance(ts, datetime)
        sizes = _sizes(view.seed, symbol, session, ts)
        for n in range(2 * DEPTH_LEVELS):
            level, side = n // 2, ("bid", "ask")[n % 2]
            price = best[side]
            if not isinstance(price, float) or price - level * tick <= 0:
                continue
            away = level * tick * (-1 if side == "bid" else 1)
            yield {
                "instrument": symbol,
                "ts": ts,
                "known_at": ts,
                "side": side,
                "level": level + 1,
                "price": round(price + away, 2),
                "size": sizes[n],
                "orders": 1 + int(sizes[n]) // 200,
            }


def _sizes(seed: int, symbol: str, session: date, ts: datetime) -> list[float]:
    """Return the sizes of all levels at a minute's end in lots of 100, the bid's first."""
    minute = int((ts - start_of(symbol, session)) / MINUTE) - 1
    found: list[float] = _lots(seed, symbol, session)[minute].tolist()
    return found


@lru_cache(maxsize=64)
def _lots(seed: int, symbol: str, session: date) -> Numbers:
    draws = chance(seed, "sizes", symbol, session.isoformat())
    found: Numbers = draws.integers(1, 12, (DAY_MINUTES, 2 * DEPTH_LEVELS)) * np.float64(100)
    return found


def _parts(volume: float) -> tuple[int, int, int, int]:
    quarter = int(volume) // len(TRADE_SECONDS)
    return quarter, quarter, quarter, int(volume) - 3 * quarter

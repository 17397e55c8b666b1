"""Query logs as the desk writes them, seeded: steady favourites, favourites by hour, new regimes.

Three days of a desk, Monday to Wednesday, with most asks after the open and before the close. A
few symbols are asked most (Zipf); kinds have fixed shares. In the first and the last three quarters
of an hour of a session a terminal shows the quotes of the six symbols that are asked most then, and
asks each every five seconds. Each evening a screener asks the daily bars of every symbol once.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from fondaco.market.feed.ports import Asked
from fondaco.market.sheets import Market

MONDAY = datetime(2024, 7, 8, tzinfo=UTC)
DAYS = 3
SYMBOLS = 300
EXPONENT = 1.2
BUSY = {13: 1.0, 14: 3.0, 15: 3.0, 16: 2.0, 17: 1.0, 18: 1.0, 19: 2.0, 20: 3.0, 21: 1.0}
"""How busy each hour is, in UTC; the market is open from 14:30 to 21:00."""
KINDS = {"bars_1d": 0.5, "news": 0.25, "fundamentals": 0.25}
WATCHED = 6
WATCH_SECONDS = 5
WATCHES = (timedelta(hours=14, minutes=30), timedelta(hours=20, minutes=15))
WATCH_LASTS = timedelta(minutes=45)
SCAN_AT = timedelta(hours=20, minutes=30)
LOADS = ("zipf", "hours", "regime")
SAYS = {
    "zipf": "the same favourites all the time",
    "hours": "other favourites in the morning, at noon and in the evening",
    "regime": "other favourites each day",
}


def log(load: str, seed: int, asks: int) -> list[Asked]:
    """Return the asks of a load in order of time; `tier` and `seconds` are left blank."""
    rng = np.random.default_rng(seed)
    hours = np.array(list(BUSY))
    weights = np.array(list(BUSY.values()))
    days = rng.integers(0, DAYS, asks)
    hour = rng.choice(hours, asks, p=weights / weights.sum())
    seconds = np.sort(days * 86_400 + hour * 3_600 + rng.uniform(0, 3_600, asks))
    ranks = _zipf(rng, asks)
    kinds = rng.choice(list(KINDS), asks, p=list(KINDS.values()))
    orders = [rng.permutation(SYMBOLS) for _ in range(DAYS * 3)]
    lines = [
        _line(float(at), str(kind), int(orders[_order(load, float(at))][rank]))
        for at, kind, rank in zip(seconds, kinds, ranks, strict=True)
    ]
    return sorted([*lines, *_scans(rng), *_watches(load, orders)], key=lambda one: one.at)


def _zipf(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    shares = np.arange(1, SYMBOLS + 1, dtype=float) ** -EXPONENT
    return rng.choice(SYMBOLS, count, p=shares / shares.sum())


def _order(load: str, at: float) -> int:
    """Return which ranking of the symbols holds at a time."""
    day, hour = divmod(at / 3_600, 24)
    if load == "hours":
        return 0 if hour < 16 else 1 if hour < 19 else 2
    return int(day) if load == "regime" else 0


def _scans(rng: np.random.Generator) -> list[Asked]:
    return [
        _line(day * 86_400 + SCAN_AT.total_seconds() + 0.5 * n, "bars_1d", int(symbol))
        for day in range(DAYS)
        for n, symbol in enumerate(rng.permutation(SYMBOLS))
    ]


def _watches(load: str, orders: list[NDArray[np.int64]]) -> list[Asked]:
    return [
        _line(at + 0.1 * n, "quotes", int(symbol))
        for day in range(DAYS)
        for opens in WATCHES
        for tick in range(WATCH_LASTS // timedelta(seconds=WATCH_SECONDS))
        for at in [day * 86_400 + opens.total_seconds() + tick * WATCH_SECONDS]
        for n, symbol in enumerate(orders[_order(load, at)][:WATCHED])
    ]


def _line(at: float, kind: str, symbol: int) -> Asked:
    moment = MONDAY + timedelta(seconds=at)
    return Asked(moment, kind, Market.US, f"S{symbol:04d}", None, 0.0)

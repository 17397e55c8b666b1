"""The simulated yield curve and option chains: closed forms of parameters that are known.

Rates are zero rates, continuously compounded, of a Nelson-Siegel curve (Journal of Business 60,
1987, equation 2). Options are European, priced by Black, Scholes and Merton (Merton, Bell Journal
of Economics 4, 1973; greeks as in Hull, Options, Futures, and Other Derivatives, chapter 19).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from fondaco.adapters.providers.simulated_daily import horizon, path
from fondaco.adapters.providers.simulated_days import (
    FIRST_YEAR,
    between,
    closes_at,
    third_friday,
    through,
)
from fondaco.adapters.providers.simulated_plan import events_of, stress_sessions
from fondaco.adapters.providers.simulated_world import (
    BANK,
    SHARES,
    View,
    chance,
    model,
)

Row = dict[str, object]
TENORS = (0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 20.0, 30.0)
SHORT_START, SHORT_LEAST, SHORT_MOST = 2.0, 0.25, 6.0
LONG_RATE, DECAY_YEARS, RATE_NOISE = 3.5, 2.5, 0.03
EXPIRIES = 3
STRIKES_AROUND = 8
SPREAD_SHARE, SPREAD_LEAST, BID_LEAST = 0.02, 0.02, 0.05
DAYS_A_YEAR, SESSIONS_A_YEAR = 365.0, 252.0
SMILE_REACH = 1.5
"""Deviations (log moneyness over root time) beyond which the smile is flat."""


class Priced(NamedTuple):
    """A price of a unit with its greeks: vega per 1.00 of volatility, theta per year."""

    price: float
    delta: float
    gamma: float
    vega: float
    theta: float
    rho: float


@lru_cache(maxsize=64)
def _factors(seed: int, year: int) -> dict[date, tuple[float, float]]:
    """Return the short and the long rate in per cent of each session up to the end of a year."""
    steps = {
        event.start.date(): event.size
        for event in events_of(seed, range(FIRST_YEAR, year + 1), "rate_decision")
    }
    found, short, long = {}, SHORT_START, LONG_RATE
    noise = np.concatenate(
        [chance(seed, "long rate", y).normal(0, RATE_NOISE, 370)[: _count(y)]
         for y in range(FIRST_YEAR, year + 1)]
    )  # fmt: skip
    for day, drawn in zip(through(year), noise.tolist(), strict=True):
        short = min(max(short + steps.get(day, 0.0), SHORT_LEAST), SHORT_MOST)
        long += drawn + 0.002 * (LONG_RATE - long)
        found[day] = (short, long)
    return found


def _count(year: int) -> int:
    return sum(day.year == year for day in through(year))


def zero_percent(seed: int, day: date, years: float) -> float:
    """Return the zero rate of a session for a tenor, in per cent a year, continuous.

    It falls back to no other day: raises KeyError when the day is no session.
    """
    short, long = _factors(seed, horizon(day.year))[day]
    weight = (1 - np.exp(-years / DECAY_YEARS)) / (years / DECAY_YEARS)
    return float(long + (short - long) * weight)


def yield_rows(view: View, curve: str) -> Iterator[Row]:
    """Give the zero curve of each session, known two hours after the close."""
    for day in between(view.since, view.until):
        ts = closes_at(day)
        for tenor in TENORS:
            yield {
                "curve": curve,
                "ts": ts,
                "known_at": ts + timedelta(hours=2),
                "day": day,
                "rate": "zero",
                "tenor": tenor,
                "percent": round(zero_percent(view.seed, day, tenor), 4),
                "currency": "USD",
            }


def policy_rows(view: View, issuer: str) -> Iterator[Row]:
    """Give what the made-up central bank decided."""
    for event in events_of(view.seed, view.years, "rate_decision", BANK):
        words = "keeps its rate" if not event.size else f"moves its rate by {event.size:+.2f} %"
        yield {
            "issuer": issuer,
            "id": event.part,
            "ts": event.start,
            "known_at": event.known_at,
            "form": "statement",
            "title": f"Simulated central bank {words}",
            "body": f"Made up for tests. The simulated central bank {words}.",
        }


def bank_days(view: View) -> Iterator[Row]:
    """Give the economic events of the rate decisions: announced 40 days ahead, then decided."""
    for event in events_of(view.seed, view.years, "rate_decision", BANK):
        base: Row = {
            "event": "economic",
            "id": event.part,
            "country": "US",
            "ts": event.start,
            "title": "Simulated rate decision",
            "importance": 3,
            "unit": "percentage points",
        }
        yield {**base, "known_at": event.start - timedelta(days=40)}
        yield {**base, "known_at": event.start, "actual": event.size}


def implied_vol(seed: int, symbol: str, session: date, moneyness: float, years: float) -> float:
    """Return the true smile: at the money the share's volatility in the regime, then a parabola.

    `moneyness` is log(strike / forward).
    """
    true, share = model(seed), SHARES.index(symbol)
    stress = session in stress_sessions(seed, session.year)
    base = true.share_vol(share, stress=stress) * np.sqrt(SESSIONS_A_YEAR)
    far = float(np.clip(moneyness / np.sqrt(years), -SMILE_REACH, SMILE_REACH))
    return float(base + true.smile_skew * far + true.smile_curve * far**2)


def price(
    spot: float, strike: float, years: float, rate: float, carry: float, vol: float, *, call: bool
) -> Priced:
    """Return a European option's price and greeks; `rate` and `carry` (dividends) continuous."""
    from scipy.special import ndtr  # type: ignore[import-untyped]

    sign = 1.0 if call else -1.0
    width = vol * np.sqrt(years)
    first = (np.log(spot / strike) + (rate - carry + vol**2 / 2) * years) / width
    second = first - width
    discount, paid = np.exp(-rate * years), np.exp(-carry * years)
    density = np.exp(-(first**2) / 2) / np.sqrt(2 * np.pi)
    far, near = sign * ndtr(sign * first) * paid, sign * ndtr(sign * second) * discount
    decay = -spot * paid * density * vol / (2 * np.sqrt(years))
    found = (
        spot * far - strike * near,
        far,
        paid * density / (spot * width),
        spot * paid * density * np.sqrt(years),
        decay - rate * strike * near + carry * spot * far,
        strike * years * near,
    )
    return Priced(*(float(one) for one in found))


def expiries(session: date) -> list[date]:
    """Return the next three monthly expiries after a session."""
    found: list[date] = []
    year, month = session.year, session.month
    while len(found) < EXPIRIES:
        day = third_friday(year, month)
        if (day - session).days >= 2:
            found.append(day)
        year, month = year + month // 12, month % 12 + 1
    return found


def strikes(spot: float) -> list[float]:
    """Return the listed strikes around a price, on steps that do not move with it."""
    step = next(s for s in (0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 100.0) if spot / s <= 40 or s == 100.0)
    middle = round(spot / step)
    first, last = max(middle - STRIKES_AROUND, 1), middle + STRIKES_AROUND
    return [n * step for n in range(first, last + 1)]


def chain_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give each session's chain at its close: what is worth less than 0.05 is not listed."""
    for session in between(view.since, view.until):
        known = path(view.seed, symbol, session.year)
        place = known.place(session)
        if place is None or closes_at(session) > view.now:
            continue
        spot = float(known.closes[place])
        for expiry in expiries(session):
            yield from _contracts(view.seed, symbol, session, expiry, spot)


def _contracts(seed: int, symbol: str, session: date, expiry: date, spot: float) -> Iterator[Row]:
    years = (expiry - session).days / DAYS_A_YEAR
    rate, carry = zero_percent(seed, session, years) / 100, model(seed).dividend_yield
    forward = spot * np.exp((rate - carry) * years)
    counts = chance(seed, "contracts", symbol, session.isoformat(), expiry.isoformat())
    ts = closes_at(session)
    for strike in strikes(spot):
        vol = implied_vol(seed, symbol, session, float(np.log(strike / forward)), years)
        for right in ("call", "put"):
            open_interest, volume, lots = counts.integers((0, 0, 1), (5_000, 500, 50)).tolist()
            one = price(spot, strike, years, rate, carry, vol, call=right == "call")
            half = max(SPREAD_SHARE * one.price, SPREAD_LEAST)
            bid = float(np.floor((one.price - half) * 100) / 100)
            if bid < BID_LEAST:
                continue
            yield {
                "instrument": symbol,
                "ts": ts,
                "known_at": ts,
                "expiry": expiry,
                "strike": strike,
                "right": right,
                "root": symbol,
                "style": "european",
                "deliverable": 100.0,
                "bid": round(bid, 2),
                "ask": round(float(np.ceil((one.price + half) * 100) / 100), 2),
                "bid_size": float(lots),
                "ask_size": float(lots + 1),
                "last": round(one.price, 2),
                "volume": volume,
                "open_interest": open_interest,
                "underlying": spot,
                "iv": round(vol, 6),
                "delta": round(one.delta, 6),
                "gamma": round(one.gamma, 6),
                "vega": round(one.vega, 6),
                "theta": round(one.theta, 6),
                "rho": round(one.rho, 6),
            }

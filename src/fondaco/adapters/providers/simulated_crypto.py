"""The simulated chain, perpetual future and prediction markets."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from math import erf, sqrt

from fondaco.adapters.providers.simulated_daily import path
from fondaco.adapters.providers.simulated_days import FIRST, FIRST_YEAR
from fondaco.adapters.providers.simulated_minutes import DAY_MINUTES, block
from fondaco.adapters.providers.simulated_plan import events_of
from fondaco.adapters.providers.simulated_world import PAIR, View, chance

Row = dict[str, object]
FUNDING_HOURS = 8
COIN = "SIM"
TRANSFERS_A_DAY = 3
WHALE_AMOUNT = 50_000.0
EXCHANGE = "0xsimexchange"
ODDS_DAYS, ODDS_EACH_MONTH = 28, 2
HALF_SPREAD = 0.01
DAY = timedelta(days=1)


def _days(view: View) -> Iterator[date]:
    day = max(view.since, FIRST)
    while day <= view.until:
        yield day
        day += DAY


def _mark(seed: int, day: date, minute: int) -> float:
    """Return the pair's price when a minute of a day begins."""
    one = block(seed, PAIR, day.year)
    return float(one.opens[one.sessions.index(day), minute])


def funding_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give the funding each eight hours: it follows the last seven days of the price."""
    for day in _days(view):
        known = path(view.seed, PAIR, day.year)
        place = known.place(day) or 0
        move = float(known.closes[max(place - 1, 0)] / known.closes[max(place - 8, 0)] - 1)
        for hour in range(0, 24, FUNDING_HOURS):
            ts = datetime.combine(day, time(hour), UTC)
            noise = float(chance(view.seed, "funding", ts.isoformat()).normal(0, 2e-5))
            yield {
                "instrument": symbol,
                "ts": ts,
                "known_at": ts,
                "rate": round(1e-4 + 1e-3 * move + noise, 8),
                "hours": float(FUNDING_HOURS),
                "mark": _mark(view.seed, day, hour * 60),
            }


def interest_rows(view: View, symbol: str) -> Iterator[Row]:
    """Give the open interest at the end of each day."""
    for day in _days(view):
        known = path(view.seed, PAIR, day.year)
        ts = datetime.combine(day + DAY, time(), UTC)
        place = known.place(day) or 0
        noise = float(chance(view.seed, "interest", day.isoformat()).normal(0, 0.02))
        contracts = round(80_000.0 * (1 + noise), 0)
        yield {
            "instrument": symbol,
            "ts": ts,
            "known_at": ts,
            "contracts": contracts,
            "value": round(contracts * float(known.closes[place]), 2),
            "currency": "USD",
        }


def transfer_rows(view: View, chain: str) -> Iterator[Row]:
    """Give small transfers, and each whale's hours before its fall."""
    for day in _days(view):
        draws = chance(view.seed, "transfers", day.isoformat())
        for n, minute in enumerate(
            sorted(draws.integers(0, DAY_MINUTES, TRANSFERS_A_DAY).tolist())
        ):
            ts = datetime.combine(day, time(), UTC) + timedelta(minutes=minute)
            name, amount = f"{day:%Y%m%d}-{n}", round(float(draws.lognormal(2, 1)), 4)
            yield _transfer(view, chain, ts, name, amount, f"0xsim{n}", f"0xsim{n + 1}")
    for event in events_of(view.seed, view.years, "whale", PAIR):
        day = event.known_at.date()
        if view.since <= day <= view.until:
            yield {
                **_transfer(
                    view, chain, event.known_at, event.part, WHALE_AMOUNT, "0xsimwhale", EXCHANGE
                ),
                "receiver_name": "Simulated Exchange",
            }


def _transfer(
    view: View, chain: str, ts: datetime, name: str, amount: float, sender: str, receiver: str
) -> Row:
    worth = amount * _mark(view.seed, ts.date(), ts.hour * 60 + ts.minute)
    return {
        "chain": chain,
        "id": name,
        "ts": ts,
        "known_at": ts,
        "token": COIN,
        "amount": amount,
        "value": round(worth, 2),
        "sender": sender,
        "receiver": receiver,
    }


def odds_rows(view: View, market: str) -> Iterator[Row]:
    """Give the price of Yes of each prediction market, day by day; all markets for the name "all".

    A hidden Brownian motion ends above a level or not; the price is the true probability of that,
    given how far it has come: so of all that trade at 30 %, three in ten come true.
    """
    for year in range(max(view.since.year - 1, FIRST_YEAR), view.until.year + 1):
        for month in range(1, 13):
            for n in range(ODDS_EACH_MONTH):
                name = f"sim-{year}-{month:02d}-{n}"
                if market in {name, "all"}:
                    yield from _odds(view.seed, name, date(year, month, 1))


def _odds(seed: int, name: str, start: date) -> Iterator[Row]:
    draws = chance(seed, "odds", name)
    level, steps = float(draws.normal(0, 0.7)), draws.normal(0, 1, ODDS_DAYS) / sqrt(ODDS_DAYS)
    closes_at = datetime.combine(start + ODDS_DAYS * DAY, time(), UTC)
    come = 0.0
    for day in range(ODDS_DAYS + 1):
        left = 1 - day / ODDS_DAYS
        if left > 1e-9:
            share = 0.5 * (1 + erf((come - level) / sqrt(2 * left)))
        else:
            share = float(come > level)
        open_ = left > 1e-9
        ts = datetime.combine(start + day * DAY, time(), UTC)
        yield {
            "market": name,
            "outcome": "Yes",
            "ts": ts,
            "known_at": ts,
            "title": f"Simulated question {name}",
            "bid": round(max(share - HALF_SPREAD, 0.0), 4) if open_ else None,
            "ask": round(min(share + HALF_SPREAD, 1.0), 4) if open_ else None,
            "last": round(share, 4),
            "volume": 1_000.0,
            "closes_at": closes_at,
        }
        come += float(steps[day]) if day < ODDS_DAYS else 0.0

"""The simulated market's things and true parameters: what never changes once a seed is chosen."""

import zlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from fondaco.adapters.providers.listing import crypto_pair
from fondaco.adapters.providers.simulated_days import session_from
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument
from fondaco.market.identity import CRYPTO, UNDATED, instrument_id

Numbers = NDArray[np.float64]
SEED = 7
SEED_MAX = 2**31 - 1
VENUE = "XNYS"
SHARES = tuple(f"SIM{n:02d}" for n in range(12))
INDEX, FUTURE, PAIR, PERPETUAL = "SIMX", "SIMF", "SIM-USD", "SIM-USD-PERP"
LISTED = (*SHARES, INDEX, FUTURE)
CURVE, CHAIN, NETWORK, BANK = "SIM-ZERO", "SIMCHAIN", "SIMNET", "SIMCB"
SECTORS = ("Made-up Metals", "Made-up Software", "Made-up Foods", "Made-up Banks")
SPLIT_OF, RENAMED, RENAMED_TO, DELISTED = "SIM03", "SIM08", "SIM8X", "SIM09"
PARENT, CHILD = "SIM10", "SIM11"
SPLIT_FACTOR, CHILD_SHARE = 0.5, 0.2
NIGHT_SHARE = 0.25
"""The part of a session's variance that falls between the close before and the open."""


def chance(seed: int, *names: object) -> np.random.Generator:
    """Return the generator of one stream: the same for the same seed and names, always."""
    words = [zlib.crc32(str(name).encode()) for name in names]
    return np.random.default_rng([seed, *words])


@dataclass(frozen=True, slots=True)
class Model:
    """The true parameters. Volatilities and drifts are per session unless they say otherwise.

    A share's log return is drift + beta x market + sector + own + what is planted.
    """

    betas: tuple[float, ...]
    own_vols: tuple[float, ...]
    prices: tuple[float, ...]
    drift: float = 0.0003
    market_vol_calm: float = 0.008
    market_vol_stress: float = 0.024
    sector_vol: float = 0.005
    night_share: float = NIGHT_SHARE
    gap_per_surprise: float = 0.25
    drift_per_surprise: float = 0.20
    drift_sessions: int = 20
    dividend_yield: float = 0.016
    smile_skew: float = -0.08
    smile_curve: float = 0.06
    pair_vol: float = 0.03

    def market_vol(self, *, stress: bool) -> float:
        """Return the market's volatility in a regime."""
        return self.market_vol_stress if stress else self.market_vol_calm

    def share_vol(self, share: int, *, stress: bool) -> float:
        """Return a share's volatility in a regime, planted moves apart."""
        market = self.betas[share] * self.market_vol(stress=stress)
        return float(np.sqrt(market**2 + self.sector_vol**2 + self.own_vols[share] ** 2))


@cache
def model(seed: int) -> Model:
    """Return the true parameters of a seed's market."""
    draws = chance(seed, "model")
    count = len(SHARES)
    return Model(
        tuple(np.round(draws.uniform(0.6, 1.4, count), 3).tolist()),
        tuple(np.round(draws.uniform(0.009, 0.014, count), 4).tolist()),
        tuple(np.round(draws.uniform(40, 180, count), 2).tolist()),
    )


@dataclass(frozen=True, slots=True)
class Milestones:
    """The days of what happens once: ex-dates, the first day of a new ticker, a last day."""

    split: date
    rename: date
    delisting: date
    spin_off: date
    restatement: date


@cache
def milestones(seed: int) -> Milestones:
    """Return the days of a seed's one-off happenings: a base day, moved by up to 80 days."""
    moved = chance(seed, "milestones").integers(0, 80, 5).tolist()
    bases = (
        date(2021, 5, 3),
        date(2022, 2, 1),
        date(2023, 3, 1),
        date(2020, 8, 3),
        date(2019, 9, 3),
    )
    days = [session_from(base + timedelta(days=n)) for base, n in zip(bases, moved, strict=True)]
    return Milestones(*days)


NOTICE = timedelta(days=30)
"""How long before it takes effect a corporate action is announced."""


def canonical(symbol: str) -> str:
    """Return the first ticker of what a symbol names."""
    return RENAMED if symbol == RENAMED_TO else symbol


def traded_on(seed: int, symbol: str, day: date) -> bool:
    """Return whether a share is listed on a session."""
    days = milestones(seed)
    if symbol == CHILD:
        return day >= days.spin_off
    return symbol != DELISTED or day <= days.delisting


def instrument(seed: int, symbol: str, today: date) -> Instrument:
    """Return a thing of the market with the tickers that are known today."""
    if symbol == PAIR:
        return crypto_pair("SIM", "USD")
    venue = CRYPTO if symbol == PERPETUAL else VENUE
    kinds = {INDEX: AssetClass.INDEX, FUTURE: AssetClass.FUTURE, PERPETUAL: AssetClass.FUTURE}
    asset_class = kinds.get(symbol, AssetClass.EQUITY)
    share = SHARES.index(symbol) if symbol in SHARES else None
    return Instrument(
        id=instrument_id(asset_class, venue, symbol, UNDATED),
        symbols=_symbols(seed, symbol, today),
        asset_class=asset_class,
        venue=venue,
        currency="USD",
        name=f"Simulated {asset_class.value} {symbol}",
        sector=None if share is None else SECTORS[share % len(SECTORS)],
    )


def _symbols(seed: int, symbol: str, today: date) -> tuple[DatedSymbol, ...]:
    days = milestones(seed)
    if symbol == RENAMED and today >= days.rename:
        old = DatedSymbol(symbol, UNDATED, days.rename - timedelta(days=1))
        return (old, DatedSymbol(RENAMED_TO, days.rename))
    if symbol == DELISTED and today >= days.delisting:
        return (DatedSymbol(symbol, UNDATED, days.delisting),)
    return (DatedSymbol(symbol, UNDATED),)


@dataclass(frozen=True, slots=True)
class View:
    """What of the market is looked at: a span of days, as known at a moment."""

    seed: int
    since: date
    until: date
    now: datetime
    seconds: int = 60
    newest: bool = False

    @property
    def years(self) -> range:
        """The calendar years of the span, with those before whose happenings reach into it."""
        return range(self.since.year - 1, self.until.year + 2)

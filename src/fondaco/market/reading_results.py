"""What reading market data gives back: plain values, light to import."""

from dataclasses import dataclass
from datetime import date, datetime

from fondaco.core.instrument import Origin


@dataclass(frozen=True, slots=True)
class ChainLine:
    """One contract as shown; the greeks and volatility are the source's own."""

    expiry: date
    strike: float
    right: str
    root: str
    bid: float | None
    ask: float | None
    bid_size: float | None
    ask_size: float | None
    last: float | None
    volume: int | None
    open_interest: int | None
    iv: float | None
    delta: float | None


@dataclass(frozen=True, slots=True)
class Chain:
    """An option chain at a moment. `expiries` are all that the source had then."""

    symbol: str
    instrument: str
    origin: Origin
    source: str
    ts: datetime
    known_at: datetime
    as_of: datetime
    version: int
    underlying: float | None
    expiries: tuple[date, ...]
    contracts: int
    lines: tuple[ChainLine, ...]


@dataclass(frozen=True, slots=True)
class FundamentalLine:
    """One number as filed. `revised` counts the filings that gave another value before."""

    item: str
    start: date
    end: date
    value: float
    unit: str
    form: str | None
    fiscal: str
    filing: str
    known_at: datetime
    revised: int


@dataclass(frozen=True, slots=True)
class Fundamentals:
    """What a company had filed by a time, newest period first. `total` counts what matches."""

    symbol: str
    instrument: str
    name: str
    origin: Origin
    source: str
    as_of: datetime
    total: int
    items: int
    lines: tuple[FundamentalLine, ...]


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event as it was known. `surprise` is (actual - forecast) / |forecast|."""

    at: datetime
    event: str
    title: str
    symbol: str | None
    country: str | None
    importance: int | None
    forecast: float | None
    previous: float | None
    actual: float | None
    unit: str | None
    surprise: float | None
    known_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class EventList:
    """Events of a span, oldest first, as known at a time. `total` counts those that match."""

    since: date
    until: date
    as_of: datetime
    total: int
    origins: tuple[Origin, ...]
    events: tuple[EventLine, ...]

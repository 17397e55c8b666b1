"""What asking for quotes gives back: plain values, light to import."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fondaco.core.instrument import Origin


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One quote as shown. `change` is from the previous close, as a share.

    `freshness` says how old it is, or that it is a stored close; `doubt` what speaks against it.
    """

    symbol: str
    bid: float | None
    ask: float | None
    last: float | None
    currency: str
    change: float | None
    volume: float | None
    ts: datetime
    known_at: datetime
    origin: Origin
    source: str
    freshness: str
    doubt: str


@dataclass(frozen=True, slots=True)
class TriedLine:
    """One source that was asked or passed over for quotes, and what became of it."""

    provider: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class BarsAsked:
    """Which source gave the daily bars of which symbols, what stayed unknown, what was tried."""

    sources: Mapping[str, tuple[str, ...]]
    unknown: tuple[str, ...]
    tried: tuple[TriedLine, ...]


@dataclass(frozen=True, slots=True)
class QuoteList:
    """Quotes in the order asked for. `unknown` symbols are those that nothing was known of."""

    as_of: datetime
    quotes: tuple[QuoteLine, ...]
    unknown: tuple[str, ...]
    tried: tuple[TriedLine, ...]

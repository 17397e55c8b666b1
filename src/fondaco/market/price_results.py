"""What searching instruments and reading their prices gives back: plain values."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from fondaco.core.instrument import Origin


@dataclass(frozen=True, slots=True)
class BarLine:
    """One bar as shown; only the close is there where the source has closes only.

    `ts` is its close. A bar that had not ended when it was asked for is not `final`.
    """

    session: date
    ts: datetime
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal
    volume: Decimal | None
    known_at: datetime
    final: bool


@dataclass(frozen=True, slots=True)
class History:
    """Bars of one instrument, oldest first, with where they come from.

    `interval` is how long a bar is; `adjusted` says whether prices are adjusted for the splits
    and dividends known at `as_of`.
    """

    symbol: str
    instrument: str
    name: str
    currency: str
    origin: Origin
    as_of: datetime
    version: int
    interval: str
    adjusted: bool
    bars: tuple[BarLine, ...]


@dataclass(frozen=True, slots=True)
class InstrumentLine:
    """One instrument as shown. `symbols` are its tickers with their days."""

    symbol: str
    instrument: str
    name: str
    asset_class: str
    venue: str
    currency: str
    sector: str | None
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstrumentList:
    """The instruments of the desk, by symbol. `total` counts those that match."""

    total: int
    instruments: tuple[InstrumentLine, ...]

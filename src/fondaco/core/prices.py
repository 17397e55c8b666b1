"""Prices as values: a daily bar and a quote, refused when they cannot be true."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from fondaco.core.clock import known_after
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import InstrumentId
from fondaco.core.money import require_finite


@dataclass(frozen=True, slots=True)
class Bar:
    """One session of one instrument.

    `ts` is the session's close in UTC, `known_at` when the row could be known. Open, high, low
    and volume are None where the source gives closes only.
    """

    instrument: InstrumentId
    session: date
    ts: datetime
    known_at: datetime
    close: Decimal
    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    volume: Decimal | None = None

    def __post_init__(self) -> None:
        known_after("a bar", self.ts, self.known_at)
        prices = [self.close, *(p for p in (self.open, self.high, self.low) if p is not None)]
        for price in prices:
            if require_finite("a price", price) <= 0:
                raise InvalidInput(
                    f"a price of {self.instrument} must be positive", value=price, bound="> 0"
                )
        if self.high is not None and max(prices) > self.high:
            raise InvalidInput(
                "a price lies above the bar's high", value=max(prices), bound=f"<= {self.high}"
            )
        if self.low is not None and min(prices) < self.low:
            raise InvalidInput(
                "a price lies below the bar's low", value=min(prices), bound=f">= {self.low}"
            )
        if self.volume is not None and require_finite("volume", self.volume) < 0:
            raise InvalidInput("volume cannot be negative", value=self.volume, bound=">= 0")


@dataclass(frozen=True, slots=True)
class Quote:
    """The best bid and ask at a moment; a crossed or empty book is refused."""

    instrument: InstrumentId
    ts: datetime
    known_at: datetime
    bid: Decimal
    ask: Decimal
    bid_size: Decimal
    ask_size: Decimal

    def __post_init__(self) -> None:
        known_after("a quote", self.ts, self.known_at)
        if require_finite("bid", self.bid) <= 0 or require_finite("ask", self.ask) < self.bid:
            raise InvalidInput(
                f"the quote of {self.instrument} is empty or crossed",
                value=f"bid {self.bid}, ask {self.ask}",
                bound="0 < bid <= ask",
            )
        for name, size in (("bid", self.bid_size), ("ask", self.ask_size)):
            if require_finite(f"the {name} size", size) <= 0:
                raise InvalidInput(
                    f"the {name} of {self.instrument} has no size", value=size, bound="> 0"
                )

"""What can be traded or quoted: a permanent identity with symbols that have dates."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from fondaco.core.errors import InvalidInput
from fondaco.core.money import require_finite

InstrumentId = NewType("InstrumentId", str)
"""Permanent: it stays when the ticker changes, and never passes to another company."""


class AssetClass(StrEnum):
    """What kind of thing an instrument is."""

    EQUITY = "equity"
    ETF = "etf"
    INDEX = "index"
    CASH = "cash"
    FUTURE = "future"
    CRYPTO = "crypto"


class Origin(StrEnum):
    """Where data comes from: one word on every surface, never left out."""

    LIVE = "live"
    FILE = "file"
    BUNDLED = "bundled"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class DatedSymbol:
    """A ticker and the days on which it meant this instrument; `end` None means still."""

    symbol: str
    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise InvalidInput(
                f"the symbol {self.symbol} ends before it starts",
                value=self.end.isoformat(),
                bound=f">= {self.start.isoformat()}",
            )

    def covers(self, day: date) -> bool:
        """Return whether the ticker meant this instrument on that day."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Instrument:
    """A tradable or quoted thing.

    `tick` and `lot` are the smallest price and quantity steps, `multiplier` the units of the
    underlying per contract (1 for a share), `venue` an ISO 10383 market code.
    """

    id: InstrumentId
    symbols: tuple[DatedSymbol, ...]
    asset_class: AssetClass
    venue: str
    currency: str
    name: str = ""
    sector: str | None = None
    tick: Decimal = Decimal("0.01")
    lot: Decimal = Decimal(1)
    multiplier: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        if not self.symbols:
            raise InvalidInput("an instrument needs at least one dated symbol", value=self.id)
        for name, step in (("tick", self.tick), ("lot", self.lot), ("multiplier", self.multiplier)):
            if require_finite(name, step) <= 0:
                raise InvalidInput(
                    f"the {name} of {self.id} must be positive", value=step, bound="> 0"
                )

    def symbol_on(self, day: date) -> str | None:
        """Return the ticker on that day, or None when it had none."""
        return next((s.symbol for s in self.symbols if s.covers(day)), None)

    @property
    def symbol(self) -> str:
        """The latest ticker."""
        return max(self.symbols, key=lambda s: s.start).symbol

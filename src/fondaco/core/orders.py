"""Orders and fills as values."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from fondaco.core.clock import known_after
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import InstrumentId
from fondaco.core.money import require_finite


class Side(StrEnum):
    """Which way an order goes."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1


class OrderKind(StrEnum):
    """How an order asks to be filled. The first form of the venue knows market orders."""

    MARKET = "market"


@dataclass(frozen=True, slots=True)
class Order:
    """An exact order. `client_id` is ours, unique for ever, stored before anything is sent."""

    client_id: str
    account: str
    instrument: InstrumentId
    side: Side
    quantity: Decimal
    kind: OrderKind = OrderKind.MARKET

    def __post_init__(self) -> None:
        if require_finite("a quantity", self.quantity) <= 0:
            raise InvalidInput(
                "an order's quantity must be above zero",
                value=self.quantity,
                bound="> 0",
                remedy="The side says buy or sell, not the sign.",
            )


@dataclass(frozen=True, slots=True)
class Fill:
    """What the venue did. `execution_id` is the venue's and identifies the fill for ever."""

    execution_id: str
    client_id: str
    account: str
    instrument: InstrumentId
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    currency: str
    ts: datetime
    known_at: datetime

    def __post_init__(self) -> None:
        known_after("a fill", self.ts, self.known_at)
        if require_finite("a fill's quantity", self.quantity) <= 0:
            raise InvalidInput(
                "a fill's quantity must be above zero", value=self.quantity, bound="> 0"
            )
        if require_finite("a fill's price", self.price) <= 0:
            raise InvalidInput("a fill's price must be above zero", value=self.price, bound="> 0")
        if require_finite("a fee", self.fee) < 0:
            raise InvalidInput("a fee cannot be negative", value=self.fee, bound=">= 0")

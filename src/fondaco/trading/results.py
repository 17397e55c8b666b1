"""What trading's capabilities give back."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fondaco.core.orders import Fill
from fondaco.risk.verdict import Verdict
from fondaco.trading.cards import Move, TradeCard


@dataclass(frozen=True, slots=True)
class CardLine:
    """A card as one line of a list."""

    id: str
    state: str
    symbol: str
    side: str
    quantity: Decimal
    reference_price: Decimal
    currency: str
    weight: float
    source: str
    failed: tuple[str, ...]
    not_judged: tuple[str, ...]
    origin: str
    replay: bool
    as_of: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CardSheet:
    """A card whole, with the digest that an approval must name, its life and its fills."""

    card: TradeCard
    digest: str
    moves: tuple[Move, ...]
    fills: tuple[Fill, ...]


@dataclass(frozen=True, slots=True)
class CardReasons:
    """Why a card stands where it does: each rule's verdict, and each step of its life."""

    id: str
    state: str
    symbol: str
    origin: str
    verdicts: tuple[Verdict, ...]
    acknowledged: tuple[str, ...]
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order as one line of a list."""

    client_id: str
    card: str
    state: str
    symbol: str
    side: str
    quantity: Decimal
    filled: Decimal
    decided_at: datetime
    note: str

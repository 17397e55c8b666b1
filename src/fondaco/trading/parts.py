"""What every step of a card's life works with, as one frozen value."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from fondaco.core.clock import Clock
from fondaco.core.events import Event, Outbox
from fondaco.core.facts import FactStore
from fondaco.core.ids import Ids
from fondaco.core.limits import REASON_CHARS_MAX
from fondaco.core.orders import Side
from fondaco.ledger.books import Books
from fondaco.risk.check import Limits
from fondaco.trading.cards import CardState, TradeCard, move
from fondaco.trading.cost_model.model import CostEstimate
from fondaco.trading.policy import Policy
from fondaco.trading.ports import Admissions, Broker, CardStore, OrderStore, PriceReader, SymbolBook

DESK = "desk"
"""Who took a step that no person asked for."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Stores, broker, prices, rules, time and ids; `transaction` opens or joins a transaction."""

    cards: CardStore
    orders: OrderStore
    broker: Broker
    books: Books
    prices: PriceReader
    instruments: SymbolBook
    facts: FactStore
    outbox: Outbox
    limits: Limits
    admissions: Admissions
    policy: Policy
    clock: Clock
    ids: Ids
    transaction: Callable[[], AbstractContextManager[None]]

    def market_time(self, card: TradeCard) -> datetime:
        """Return the time as of which a card's market is read: a replay's stands still."""
        return card.as_of if card.replay else self.clock.now()

    def estimated(self, side: Side, quantity: Decimal, price: Decimal) -> CostEstimate:
        """Return what the desk's cost model expects of a trade at a price, today, part by part."""
        return self.policy.costs.estimate(side, quantity, price, day=self.clock.now().date())

    def step(
        self, card: TradeCard, after: CardState, *, by: str = DESK, reason: str = "", **data: Any
    ) -> TradeCard:
        """Record a card's next state and publish `card.<state>`, in the open transaction."""
        moved, taken = move(
            card, after, at=self.clock.now(), by=by, reason=reason[:REASON_CHARS_MAX]
        )
        self.cards.record(moved, taken)
        self.publish(f"card.{after.value.lower()}", card.id, by=by, reason=taken.reason, **data)
        return moved

    def publish(self, name: str, subject: str, **data: Any) -> None:
        """Publish an event of plain JSON data in the open transaction."""
        self.outbox.publish(Event(str(self.ids.new()), name, subject, self.clock.now(), data))

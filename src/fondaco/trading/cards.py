"""The trade card: a proposal with evidence, verdicts, an exact order, a digest and an expiry."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from fondaco.core.errors import Conflict
from fondaco.core.facts import Fact
from fondaco.core.ids import content_hash
from fondaco.core.instrument import Origin
from fondaco.core.orders import Order
from fondaco.risk.verdict import Judgement, Verdict


class CardState(StrEnum):
    """Where a card stands in its life."""

    PROPOSED = "PROPOSED"
    BLOCKED = "BLOCKED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    SENT = "SENT"
    UNKNOWN = "UNKNOWN"
    WORKING = "WORKING"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    CLOSED = "CLOSED"


MOVES: dict[CardState, frozenset[CardState]] = {
    CardState.PROPOSED: frozenset({CardState.APPROVED, CardState.REJECTED, CardState.EXPIRED}),
    CardState.BLOCKED: frozenset({CardState.EXPIRED}),
    CardState.APPROVED: frozenset({CardState.SENT, CardState.REFUSED, CardState.EXPIRED}),
    CardState.SENT: frozenset(
        {CardState.WORKING, CardState.FILLED, CardState.UNKNOWN, CardState.CANCELLED}
    ),
    CardState.UNKNOWN: frozenset({CardState.WORKING, CardState.FILLED, CardState.CANCELLED}),
    CardState.WORKING: frozenset({CardState.FILLED, CardState.CANCELLED, CardState.UNKNOWN}),
    CardState.FILLED: frozenset({CardState.CLOSED}),
    CardState.REJECTED: frozenset(),
    CardState.EXPIRED: frozenset(),
    CardState.REFUSED: frozenset(),
    CardState.CANCELLED: frozenset(),
    CardState.CLOSED: frozenset(),
}
"""From each state, the states that may follow. What is not here cannot happen."""


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a card's life, with who or what took it and why."""

    card: str
    before: CardState
    after: CardState
    at: datetime
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TradeCard:
    """A proposal that only a person can turn into an order.

    `as_of` is the market time of the decision, `created_at` and `expires_at` are the desk's own.
    `reference_price` is the last price that the order was sized with; `worst_case` is the loss if
    the whole position went to zero, `cost_estimate` the venue's fee at the reference price.
    `replay` says that market time stands still at `as_of`: the cycle was run as of a past day.
    `origin_key` makes one card per cycle, source and instrument. `standing` says by what decision
    its source stands on paper; `overridden` that a person promoted it in spite of the gate.
    """

    id: str
    origin_key: str
    state: CardState
    symbol: str
    source: str
    order: Order
    currency: str
    reference_price: Decimal
    cost_estimate: Decimal
    worst_case: Decimal
    weight: float
    catalyst: str
    catalyst_at: datetime | None
    evidence: tuple[Fact, ...]
    verdicts: tuple[Verdict, ...]
    origin: Origin
    replay: bool
    as_of: datetime
    created_at: datetime
    expires_at: datetime
    acknowledged: tuple[str, ...] = ()
    standing: str = ""
    overridden: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of all that matters: order, account, price, evidence, verdicts, expiry."""
        return content_hash(
            {
                "card": self.id,
                "symbol": self.symbol,
                "source": self.source,
                "order": {
                    field.name: _text(getattr(self.order, field.name))
                    for field in fields(self.order)
                },
                "currency": self.currency,
                "reference_price": str(self.reference_price),
                "cost_estimate": str(self.cost_estimate),
                "worst_case": str(self.worst_case),
                "evidence": [fact.id for fact in self.evidence],
                "verdicts": [[v.rule, v.judgement.value, v.value, v.limit] for v in self.verdicts],
                "origin": self.origin.value,
                "replay": self.replay,
                "standing": self.standing,
                "overridden": self.overridden,
                "as_of": self.as_of.isoformat(),
                "expires_at": self.expires_at.isoformat(),
            }
        )

    @property
    def not_judged(self) -> tuple[str, ...]:
        """The rules that lacked an input and need an explicit acknowledgement."""
        return tuple(v.rule for v in self.verdicts if v.judgement is Judgement.NOT_JUDGED)

    @property
    def failed(self) -> tuple[str, ...]:
        """The rules that the order breaks."""
        return tuple(v.rule for v in self.verdicts if v.judgement is Judgement.FAIL)


def _text(value: object) -> str | bool | None:
    """Return an order's field as plain data."""
    if value is None or isinstance(value, bool):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def move(
    card: TradeCard, after: CardState, *, at: datetime, by: str, reason: str = ""
) -> tuple[TradeCard, Move]:
    """Return the card in its next state and the step taken; raises Conflict if not allowed."""
    if after not in MOVES[card.state]:
        allowed = ", ".join(sorted(MOVES[card.state])) or "nothing: its life has ended"
        raise Conflict(
            f"card {card.id} cannot become {after}",
            value=card.state,
            bound=allowed,
            remedy=f"`fondaco cards show {card.id}` shows how it came here.",
        )
    return replace(card, state=after), Move(card.id, card.state, after, at, by, reason)

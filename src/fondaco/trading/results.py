"""What the card capabilities give back: plain values, everything that a person must see."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fondaco.core.facts import Fact
from fondaco.core.instrument import Origin
from fondaco.core.orders import Order, Side
from fondaco.risk.verdict import Judgement, Verdict
from fondaco.trading.agreement import approve_command
from fondaco.trading.cards import CardState, Move, TradeCard
from fondaco.trading.order_words import order_words
from fondaco.trading.ports import OrderRecord, OrderState


@dataclass(frozen=True, slots=True)
class CardLine:
    """A card in a list: its order, its verdicts in short, and how long it lives."""

    id: str
    state: CardState
    symbol: str
    side: Side
    quantity: Decimal
    reference_price: Decimal
    notional: Decimal
    currency: str
    source: str
    failed: tuple[str, ...]
    not_judged: tuple[str, ...]
    origin: Origin
    replay: bool
    as_of: datetime
    expires_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """A number behind a card: its fact can be opened by its id."""

    fact: str
    name: str
    value: Decimal
    unit: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class FillLine:
    """What the venue did of the order."""

    execution: str
    ts: datetime
    quantity: Decimal
    price: Decimal
    fee: Decimal


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order as it is known: what was sent, its state, what came of it.

    `how` says its kind, prices and time in words; `quantity` is what it is for by now.
    """

    client_id: str
    card: str
    state: OrderState
    account: str
    symbol: str
    side: Side
    how: str
    quantity: Decimal
    filled: Decimal
    decided_at: datetime
    written_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class CardShown:
    """A whole card: order, cost, worst case, evidence, verdicts, digest, and its history.

    `order` is what would be sent; `record` what is known of it once it was released.
    """

    id: str
    state: CardState
    digest: str
    symbol: str
    order: Order
    currency: str
    reference_price: Decimal
    notional: Decimal
    cost_estimate: Decimal
    worst_case: Decimal
    weight: float
    source: str
    catalyst: str
    catalyst_at: datetime | None
    origin: Origin
    replay: bool
    as_of: datetime
    created_at: datetime
    expires_at: datetime
    acknowledged: tuple[str, ...]
    standing: str
    overridden: bool
    verdicts: tuple[Verdict, ...]
    evidence: tuple[EvidenceLine, ...]
    moves: tuple[Move, ...]
    record: OrderLine | None
    fills: tuple[FillLine, ...]
    approve_command: str


@dataclass(frozen=True, slots=True)
class CardReasons:
    """Why a card stands where it stands: each rule's verdict and each step of its life."""

    id: str
    state: CardState
    symbol: str
    origin: Origin
    replay: bool
    verdicts: tuple[Verdict, ...]
    moves: tuple[Move, ...]
    approve_command: str

    @property
    def failed(self) -> tuple[str, ...]:
        """The rules that the order breaks."""
        return tuple(v.rule for v in self.verdicts if v.judgement is Judgement.FAIL)


@dataclass(frozen=True, slots=True)
class CardMoved:
    """A card after a person's word: what will happen, or what will not."""

    card: str
    state: CardState
    digest: str
    symbol: str
    side: Side
    quantity: Decimal
    account: str
    reference_price: Decimal
    currency: str
    cost_estimate: Decimal
    worst_case: Decimal
    acknowledged: tuple[str, ...]
    by: str
    reason: str
    origin: Origin
    replay: bool


def card_line(card: TradeCard) -> CardLine:
    """Return a card as a line of a list."""
    return CardLine(
        card.id,
        card.state,
        card.symbol,
        card.order.side,
        card.order.quantity,
        card.reference_price,
        card.order.quantity * card.reference_price,
        card.currency,
        card.source,
        card.failed,
        card.not_judged,
        card.origin,
        card.replay,
        card.as_of,
        card.expires_at,
        card.digest,
    )


def card_moved(card: TradeCard, step: Move) -> CardMoved:
    """Return a card after a step that a person took."""
    return CardMoved(
        card.id,
        card.state,
        card.digest,
        card.symbol,
        card.order.side,
        card.order.quantity,
        card.order.account,
        card.reference_price,
        card.currency,
        card.cost_estimate,
        card.worst_case,
        card.acknowledged,
        step.by,
        step.reason,
        card.origin,
        card.replay,
    )


def card_shown(
    card: TradeCard, moves: tuple[Move, ...], record: OrderLine | None, fills: tuple[FillLine, ...]
) -> CardShown:
    """Return everything about a card."""
    return CardShown(
        id=card.id,
        state=card.state,
        digest=card.digest,
        symbol=card.symbol,
        order=card.order,
        currency=card.currency,
        reference_price=card.reference_price,
        notional=card.order.quantity * card.reference_price,
        cost_estimate=card.cost_estimate,
        worst_case=card.worst_case,
        weight=card.weight,
        source=card.source,
        catalyst=card.catalyst,
        catalyst_at=card.catalyst_at,
        origin=card.origin,
        replay=card.replay,
        as_of=card.as_of,
        created_at=card.created_at,
        expires_at=card.expires_at,
        acknowledged=card.acknowledged,
        standing=card.standing,
        overridden=card.overridden,
        verdicts=card.verdicts,
        evidence=tuple(_evidence(fact) for fact in card.evidence),
        moves=moves,
        record=record,
        fills=fills,
        approve_command=command_if_open(card),
    )


def card_reasons(card: TradeCard, moves: tuple[Move, ...]) -> CardReasons:
    """Return why a card stands where it stands."""
    return CardReasons(
        card.id,
        card.state,
        card.symbol,
        card.origin,
        card.replay,
        card.verdicts,
        moves,
        command_if_open(card),
    )


def command_if_open(card: TradeCard) -> str:
    """Return the command that approves a card, or nothing when it cannot be approved."""
    return approve_command(card) if card.state is CardState.PROPOSED else ""


def order_line(record: OrderRecord, symbol: str) -> OrderLine:
    """Return an order as a line of a list."""
    order = record.order
    return OrderLine(
        order.client_id,
        record.card,
        record.state,
        order.account,
        symbol,
        order.side,
        order_words(order),
        record.quantity,
        record.filled,
        record.decided_at,
        record.written_at,
        record.note,
    )


def _evidence(fact: Fact) -> EvidenceLine:
    return EvidenceLine(fact.id, fact.name, fact.value, fact.unit, fact.as_of)

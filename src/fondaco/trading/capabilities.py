"""What the outside may ask of cards and orders. Approval is a person's, of one exact digest."""

from typing import Annotated

from pydantic import Field

from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.errors import NotFound
from fondaco.core.limits import REASON_CHARS_MAX
from fondaco.core.quantities import CardId, Digest, RowLimit
from fondaco.trading.card_desk import CardDesk
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.ports import CardStore, OrderRecord, OrderStore
from fondaco.trading.results import (
    CardLine,
    CardMoved,
    CardReasons,
    CardShown,
    FillLine,
    OrderLine,
    card_line,
    card_moved,
    card_reasons,
    card_shown,
    order_line,
)
from fondaco.trading.views import (
    view_cancelled,
    view_cards,
    view_moved,
    view_orders,
    view_reasons,
    view_shown,
)

Rules = Annotated[
    tuple[str, ...],
    Field(
        max_length=20, description="a rule that could not be judged and that you accept unjudged"
    ),
]
Reason = Annotated[
    str, Field(min_length=1, max_length=REASON_CHARS_MAX, description="why the card is turned down")
]
OrderName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="the order's client id, as `orders list` shows it",
        examples=["TC-1-0197f2b4"],
    ),
]
InState = Annotated[CardState | None, Field(description="only cards in this state")]


@capability("cards.list", Effect.READ, view=view_cards)
def list_cards(
    cards: CardStore, /, *, state: InState = None, limit: RowLimit = 100
) -> tuple[CardLine, ...]:
    """List trade cards, newest first.

    Example:
        fondaco cards list --state PROPOSED
    """
    return tuple(card_line(card) for card in cards.list(state=state, limit=limit))


@capability("cards.show", Effect.READ, view=view_shown)
def show_card(cards: CardStore, orders: OrderStore, /, *, card: CardId) -> CardShown:
    """Show a whole trade card: exact order, cost, worst case, evidence, verdicts and digest.

    Example:
        fondaco cards show TC-1
    """
    found = cards.get(card)
    record = _order(orders, found)
    fills = orders.fills(client_id=found.order.client_id)
    lines = tuple(FillLine(f.execution_id, f.ts, f.quantity, f.price, f.fee) for f in fills)
    known = None if record is None else order_line(record, found.symbol)
    return card_shown(found, cards.moves(card), known, lines)


@capability("cards.why", Effect.READ, view=view_reasons)
def why_card(cards: CardStore, /, *, card: CardId) -> CardReasons:
    """Say why a card stands where it stands: each rule with what would pass, and each step.

    Example:
        fondaco cards why TC-1
    """
    return card_reasons(cards.get(card), cards.moves(card))


@capability("cards.approve", Effect.MONEY, view=view_moved)
def approve_card(
    card_desk: CardDesk, caller: Caller, /, *, card: CardId, digest: Digest, acknowledge: Rules = ()
) -> CardMoved:
    """Approve exactly this trade card, so that its order may be sent.

    The digest is the one that `cards show` prints; it stands for everything on the card. Each
    rule that says NOT JUDGED must be acknowledged by name. The checks run again before the order
    goes out.

    Example:
        fondaco cards approve TC-1 --digest DIGEST --acknowledge liquidity --acknowledge event_window --yes
    """  # noqa: E501 - the example is one command
    approved = card_desk.approve(card, digest, acknowledge, caller)
    return card_moved(approved, card_desk.cards.moves(card)[-1])


@capability("cards.reject", Effect.WRITE, view=view_moved, to_model=False)
def reject_card(
    card_desk: CardDesk, caller: Caller, /, *, card: CardId, reason: Reason = "rejected"
) -> CardMoved:
    """Turn a proposed card down for good.

    A card whose order is UNKNOWN may so be given up by a person, when the broker says that it has
    never seen the order.

    Example:
        fondaco cards reject TC-2 --reason "too crowded"
    """
    rejected = card_desk.reject(card, reason, caller)
    return card_moved(rejected, card_desk.cards.moves(card)[-1])


@capability("orders.list", Effect.READ, view=view_orders)
def list_orders(
    orders: OrderStore, cards: CardStore, /, *, limit: RowLimit = 100
) -> tuple[OrderLine, ...]:
    """List orders with what is known of each, newest first.

    Example:
        fondaco orders list
    """
    return tuple(
        order_line(record, cards.get(record.card).symbol) for record in orders.list(limit=limit)
    )


@capability("orders.cancel", Effect.MONEY, view=view_cancelled)
def cancel_order(
    card_desk: CardDesk, cards: CardStore, caller: Caller, /, *, order: OrderName
) -> OrderLine:
    """Cancel an order that works; what it has filled stays filled.

    The venue ends it before the next session that it plays. Only a person may: an order that
    protects a position is no less money than one that opens it.

    Example:
        fondaco orders cancel TC-1-0197f2b4 --yes
    """
    record = card_desk.cancel(order, caller)
    return order_line(record, cards.get(record.card).symbol)


def _order(orders: OrderStore, card: TradeCard) -> OrderRecord | None:
    try:
        return orders.get(card.order.client_id)
    except NotFound:
        return None

"""What the outside may ask of trading: cards and orders."""

from typing import Annotated, Protocol

from pydantic import Field

from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.quantities import CardId, Digest, RowLimit
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.ports import CardStore, OrderStore
from fondaco.trading.results import CardLine, CardReasons, CardSheet, OrderLine
from fondaco.trading.views import view_card, view_cards, view_orders, view_reasons

State = Annotated[CardState | None, Field(description="only cards in this state, e.g. PROPOSED")]
Rules = Annotated[
    tuple[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")], ...],
    Field(max_length=20, description="a rule that was NOT JUDGED and is accepted all the same"),
]
Reason = Annotated[str, Field(min_length=1, max_length=300, description="why, in a few words")]


class Decides(Protocol):
    """What is asked of the card desk."""

    def approve(self, card_id: str, digest: str, acknowledged: tuple[str, ...],
                caller: Caller) -> TradeCard: ...
    def reject(self, card_id: str, reason: str, caller: Caller) -> TradeCard: ...


@capability("cards.list", view=view_cards)
def list_cards(cards: CardStore, /, *, state: State = None,
               limit: RowLimit = 50) -> tuple[CardLine, ...]:
    """List trade cards, newest first.

    Example:
        fondaco cards list --state PROPOSED
    """
    return tuple(_line(card) for card in cards.list(state=state, limit=limit))


@capability("cards.show", view=view_card)
def show_card(cards: CardStore, orders: OrderStore, /, *, card: CardId) -> CardSheet:
    """Show a trade card whole: order, cost, worst case, evidence, verdicts, digest, life.

    Example:
        fondaco cards show TC-1
    """
    return _sheet(cards, orders, cards.get(card))


@capability("cards.why", view=view_reasons)
def why_card(cards: CardStore, /, *, card: CardId) -> CardReasons:
    """Show why a card stands where it does: each rule's value and limit, and each step.

    Example:
        fondaco cards why TC-1
    """
    found = cards.get(card)
    return CardReasons(found.id, found.state.value, found.symbol, found.origin.value,
                       found.verdicts, found.acknowledged, cards.moves(card))


@capability("cards.approve", Effect.MONEY, view=view_card)
def approve_card(card_desk: Decides, cards: CardStore, orders: OrderStore, caller: Caller, /, *,
                 card: CardId, digest: Digest, acknowledge: Rules = ()) -> CardSheet:
    """Approve exactly this trade card, once, so that its order may be sent.

    The digest is the one that `cards show` printed: if anything in the card had changed, it would
    differ. Each rule that was NOT JUDGED must be acknowledged by name. All checks run again
    before the order is sent.

    Example:
        fondaco cards approve TC-1 --digest DIGEST --acknowledge liquidity --acknowledge event_window --yes
    """  # noqa: E501 - the example is one command
    return _sheet(cards, orders, card_desk.approve(card, digest, acknowledge, caller))


@capability("cards.reject", Effect.WRITE, view=view_card, to_model=False)
def reject_card(card_desk: Decides, cards: CardStore, orders: OrderStore, caller: Caller, /, *,
                card: CardId, reason: Reason) -> CardSheet:
    """Reject a proposed trade card, with the reason.

    Example:
        fondaco cards reject TC-2 --reason "too concentrated"
    """
    return _sheet(cards, orders, card_desk.reject(card, reason, caller))


@capability("orders.list", view=view_orders)
def list_orders(orders: OrderStore, cards: CardStore, /, *,
                limit: RowLimit = 50) -> tuple[OrderLine, ...]:
    """List orders, newest first, with what is known of each.

    Example:
        fondaco orders list
    """
    return tuple(
        OrderLine(record.order.client_id, record.card, record.state.value,
                  cards.get(record.card).symbol, record.order.side.value, record.order.quantity,
                  record.filled, record.decided_at, record.note)
        for record in orders.list(limit=limit))


def _line(card: TradeCard) -> CardLine:
    return CardLine(
        card.id, card.state.value, card.symbol, card.order.side.value, card.order.quantity,
        card.reference_price, card.currency, card.weight, card.source, card.failed,
        card.not_judged, card.origin.value, card.replay, card.as_of, card.expires_at)


def _sheet(cards: CardStore, orders: OrderStore, card: TradeCard) -> CardSheet:
    return CardSheet(card, card.digest, cards.moves(card.id),
                     orders.fills(client_id=card.order.client_id))

"""Sending an order once, and learning from the broker what became of it.

The intent is committed before anything is sent. What the broker does not answer is UNKNOWN: it is
asked again, by the same client id, and only its word ends that; no timer does, and no order is
ever sent under a new id.
"""

from fondaco.core.capability import Caller
from fondaco.core.errors import Conflict, FondacoError, Refused
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.fills import absorb, order_of
from fondaco.trading.parts import DESK, Parts
from fondaco.trading.ports import OrderRecord, OrderState, Placed
from fondaco.trading.release import fresh_objections

_NO_ANSWER = (FondacoError, OSError)  # TimeoutError and ConnectionError are OSErrors
NEVER_SEEN = "the broker has never seen this order"


def send(parts: Parts, card_id: str) -> TradeCard:
    """Send a released order; see `CardDesk.send`."""
    card, record = order_of(parts, card_id)
    if record.state is not OrderState.INTENT:
        return card
    return _place(parts, card, record)


def reconcile(parts: Parts, card_id: str) -> TradeCard:
    """Ask the broker what became of an order; see `CardDesk.reconcile`."""
    card, record = order_of(parts, card_id)
    if record.state is OrderState.INTENT:
        return _place(parts, card, record)
    placed = parts.broker.query(record.order.client_id)
    if placed is not None:
        return absorb(parts, card_id, placed)
    if _may_place_again(parts, card, record):
        return _place(parts, card, record)
    return _forgotten(parts, card_id)


def give_up(parts: Parts, card_id: str, reason: str, caller: Caller) -> TradeCard:
    """Cancel an UNKNOWN order that the broker says it has never seen: a person's decision.

    Raises Refused for anyone but a person, Conflict when the broker knows the order.
    """
    if not caller.person:
        raise Refused(
            "only a person may give up an order whose fate is unknown",
            value=f"{caller.actor} on {caller.surface}",
            remedy="Ask the person at the desk.",
        )
    card = parts.cards.get(card_id)
    placed = parts.broker.query(card.order.client_id)
    if placed is not None:
        absorb(parts, card_id, placed)
        raise Conflict(
            "the broker knows this order, so it cannot be given up",
            value=f"{placed.state}",
            bound="never seen by the broker",
            remedy=f"`fondaco cards show {card_id}` shows what became of it.",
        )
    return absorb(
        parts,
        card_id,
        Placed(
            card.order.client_id, OrderState.CANCELLED, reason=f"{NEVER_SEEN}; given up: {reason}"
        ),
        by=caller.actor,
    )


def cancel(parts: Parts, client_id: str, caller: Caller) -> OrderRecord:
    """Ask the broker to end an order; see `CardDesk.cancel`."""
    if not caller.person and caller.actor != DESK:
        raise Refused(
            "only a person, or the desk itself, may cancel an order",
            value=f"{caller.actor} on {caller.surface}",
            remedy="Ask the person at the desk.",
        )
    record = parts.orders.get(client_id)
    if record.state not in (OrderState.WORKING, OrderState.UNKNOWN):
        raise Conflict(
            f"order {client_id} cannot be cancelled",
            value=record.state,
            bound=f"{OrderState.WORKING} or {OrderState.UNKNOWN}",
            remedy=f"`fondaco cards show {record.card}` shows how it stands.",
        )
    placed = parts.broker.cancel(client_id)
    if placed is None:
        raise Conflict(
            NEVER_SEEN,
            value=client_id,
            bound="an order that the broker knows",
            remedy=f"`fondaco cards reject {record.card}` gives it up.",
        )
    absorb(parts, record.card, placed, by=caller.actor)
    return parts.orders.get(client_id)


def _place(parts: Parts, card: TradeCard, record: OrderRecord) -> TradeCard:
    """Hand the order to the broker under its stored client id, outside any transaction."""
    client_id = record.order.client_id
    try:
        placed = parts.broker.place(record.order, decided_at=record.decided_at)
    except _NO_ANSWER as error:
        placed = Placed(client_id, OrderState.UNKNOWN, reason=f"no answer: {error}")
    return absorb(parts, card.id, placed)


def _may_place_again(parts: Parts, card: TradeCard, record: OrderRecord) -> bool:
    """Return whether an order that never arrived may be sent again under the same id.

    It may while its approval lasts and every check still passes, unless the broker once had it.
    """
    if record.state is not OrderState.UNKNOWN or parts.clock.now() >= card.expires_at:
        return False
    acknowledged = any(step.after is CardState.WORKING for step in parts.cards.moves(card.id))
    return not acknowledged and not fresh_objections(parts, card)


def _forgotten(parts: Parts, card_id: str) -> TradeCard:
    """Keep an order that the broker does not know as UNKNOWN: its absence proves nothing."""
    card = parts.cards.get(card_id)
    if card.state not in (CardState.SENT, CardState.WORKING, CardState.UNKNOWN):
        return card
    return absorb(
        parts, card_id, Placed(card.order.client_id, OrderState.UNKNOWN, reason=NEVER_SEEN)
    )

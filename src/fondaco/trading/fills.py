"""Taking in the broker's word: each fill recorded once and booked in the same transaction."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from fondaco.core.errors import Conflict, NotFound
from fondaco.core.limits import REASON_CHARS_MAX
from fondaco.core.money import exact_sum
from fondaco.core.orders import Fill
from fondaco.trading.cards import MOVES, CardState, TradeCard
from fondaco.trading.happenings import collect
from fondaco.trading.parts import DESK, Parts
from fondaco.trading.ports import OrderRecord, OrderState, Placed

FILLS_MAX = 10_000
_CARD_STATE = {
    OrderState.UNKNOWN: CardState.UNKNOWN,
    OrderState.WORKING: CardState.WORKING,
    OrderState.FILLED: CardState.FILLED,
    OrderState.CANCELLED: CardState.CANCELLED,
}
_FINAL = (OrderState.FILLED, OrderState.CANCELLED)


def settle(parts: Parts, card_id: str) -> TradeCard:
    """Ask for an order's fills and book those that are new; see `CardDesk.settle`."""
    card, record = order_of(parts, card_id)
    placed = parts.broker.query(record.order.client_id)
    settled = card if placed is None else absorb(parts, card_id, placed)
    collect(parts, record.order.account)
    return settled


def order_of(parts: Parts, card_id: str) -> tuple[TradeCard, OrderRecord]:
    """Return a card and its order; raises NotFound, or Conflict when none was released."""
    card = parts.cards.get(card_id)
    try:
        return card, parts.orders.get(card.order.client_id)
    except NotFound:
        raise Conflict(
            f"card {card.id} has no order: it was not released",
            value=card.state,
            remedy=f"`fondaco cards show {card.id}` shows how it stands.",
        ) from None


def absorb(parts: Parts, card_id: str, placed: Placed, *, by: str = DESK) -> TradeCard:
    """Apply what the broker says of an order: new fills, their entries, states, alarms.

    All in one transaction, and the same word again changes nothing. An answer that is older than
    what is known (a WORKING after the last fill) moves nothing back.
    """
    with parts.transaction():
        card = parts.cards.get(card_id, lock=True)
        before = parts.orders.get(card.order.client_id, lock=True)
        if placed.client_id != card.order.client_id:
            parts.publish("alarm.foreign_answer", card.id, client_id=placed.client_id)
            return card
        new = _take_fills(parts, card, placed.fills)
        filled = exact_sum(
            f.quantity for f in parts.orders.fills(client_id=placed.client_id, limit=FILLS_MAX)
        )
        after = _after(before, placed, filled)
        if after != before:
            parts.orders.update(after)
        _sound_alarms(parts, card, before, after, new)
        return _move_card(parts, card, after, by)


def _take_fills(parts: Parts, card: TradeCard, fills: Sequence[Fill]) -> list[Fill]:
    """Record and book the fills that are new, and return them."""
    new = []
    for fill in fills:
        if not _belongs(fill, card):
            parts.publish("alarm.foreign_fill", card.id, execution_id=fill.execution_id)
            continue
        try:
            first = parts.orders.add_fill(fill)
        except Conflict:
            parts.publish("alarm.changed_fill", card.id, execution_id=fill.execution_id)
            continue
        if first:
            entry = parts.books.book_fill(fill, f"fill:{fill.execution_id}")
            parts.publish(
                "fill.booked",
                card.id,
                execution_id=fill.execution_id,
                entry=entry.id,
                quantity=str(fill.quantity),
                price=str(fill.price),
            )
            new.append(fill)
    return new


def _belongs(fill: Fill, card: TradeCard) -> bool:
    order = card.order
    return (fill.client_id, fill.account, fill.instrument, fill.side, fill.currency) == (
        order.client_id,
        order.account,
        order.instrument,
        order.side,
        card.currency,
    )


def _after(before: OrderRecord, placed: Placed, filled: Decimal) -> OrderRecord:
    """Return what is known of an order now; a final state is left only by more fills."""
    restated = before.restated if placed.quantity is None else placed.quantity
    quantity = before.order.quantity if restated is None else restated
    if filled >= quantity:
        state = OrderState.FILLED
    elif before.state in _FINAL:
        state = before.state
    elif placed.state is OrderState.FILLED or placed.state is OrderState.INTENT:
        state = OrderState.UNKNOWN  # it says filled, but fills are missing; or it says nothing
    else:
        state = placed.state
    note = before.note if state is before.state else ""
    if state is placed.state:
        note = placed.reason[:REASON_CHARS_MAX]
    if placed.state is OrderState.FILLED and filled < quantity:
        note = f"the broker says filled, but only {filled} of {quantity} came"
    return replace(before, state=state, filled=filled, note=note, restated=restated)


def _sound_alarms(
    parts: Parts, card: TradeCard, before: OrderRecord, after: OrderRecord, new: Sequence[Fill]
) -> None:
    """Publish what a person must hear of; each once, when it comes to be."""
    executions = [fill.execution_id for fill in new]
    if new and after.filled > after.quantity:
        parts.publish(
            "alarm.overfill",
            card.id,
            filled=str(after.filled),
            ordered=str(after.quantity),
            executions=executions,
        )
    if new and before.state in _FINAL:
        parts.publish("alarm.late_fill", card.id, state=before.state.value, executions=executions)
    if after.state is OrderState.UNKNOWN and (before.state, before.note) != (
        after.state,
        after.note,
    ):
        parts.publish(
            "alarm.unknown_order", card.id, client_id=after.order.client_id, reason=after.note
        )


def _move_card(parts: Parts, card: TradeCard, record: OrderRecord, by: str) -> TradeCard:
    if record.state is OrderState.INTENT:
        return card
    target = _CARD_STATE[record.state]
    if target is card.state or target not in MOVES[card.state]:
        return card
    return parts.step(card, target, by=by, reason=record.note, filled=str(record.filled))

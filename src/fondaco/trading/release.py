"""The last checks before an order goes out, and the intent that is written before it is sent."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from fondaco.core.errors import FondacoError
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Side
from fondaco.risk.guardrails import verdicts
from fondaco.risk.verdict import Judgement
from fondaco.trading.agreement import approved_digest
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.evidence import Draft, order_check, sector_value, surroundings
from fondaco.trading.parts import Parts
from fondaco.trading.picture import (
    exposures,
    fill_time,
    known_price,
    open_orders,
    spendable,
    take_picture,
    worst_cost,
)
from fondaco.trading.ports import OrderRecord, OrderState
from fondaco.trading.price_check import price_objections

_RELEASED = (
    CardState.SENT,
    CardState.UNKNOWN,
    CardState.WORKING,
    CardState.FILLED,
    CardState.CANCELLED,
    CardState.CLOSED,
)


def release(parts: Parts, card_id: str) -> OrderRecord | None:
    """Check an approved card again and write its intent; see `CardDesk.release`."""
    with parts.transaction():
        parts.orders.hold(parts.cards.get(card_id).order.account)
        card = parts.cards.get(card_id, lock=True)
        if card.state in _RELEASED:
            return parts.orders.get(card.order.client_id)
        if card.state is not CardState.APPROVED:
            return None
        now = parts.clock.now()
        if now >= card.expires_at:
            parts.step(card, CardState.EXPIRED, reason="it ran out before it was released")
            return None
        reasons = objections(parts, card, parts.market_time(card))
        if reasons:
            parts.step(card, CardState.REFUSED, reason="; ".join(reasons))
            return None
        intent = OrderRecord(card.order, card.id, OrderState.INTENT, parts.market_time(card), now)
        record = parts.orders.write_intent(intent)
        parts.step(
            card,
            CardState.SENT,
            reason=f"intent {card.order.client_id} written",
            client_id=card.order.client_id,
        )
        return record


def objections(parts: Parts, card: TradeCard, at: datetime) -> list[str]:
    """Return every reason why an approved card may not be sent now; none when it may."""
    if approved_digest(parts.cards.moves(card.id)) != card.digest:
        return ["the card is not the one that was approved: its digest differs"]
    found = price_objections(parts, card, at)
    if found:
        return found
    try:
        since = fill_time(parts, card.order.instrument, at)
        return [
            *_not_admitted(parts, card),
            *_duplicate(parts, card),
            *_guardrails(parts, card, at, since),
            *_affordable(parts, card, since),
        ]
    except FondacoError as error:  # what cannot be checked is not sent
        return [f"a check could not be made: {error.message}"]


def _not_admitted(parts: Parts, card: TradeCard) -> list[str]:
    """Refuse a card whose strategy does not stand on paper any more, or stands there otherwise."""
    if card.weight == 0:
        return []
    found = parts.admissions.admitted(card.source)
    if not found.allowed:
        return [found.words]
    if found.words != card.standing:
        return [f"{card.source} stands on paper by another decision now: {found.words}"]
    return []


def _duplicate(parts: Parts, card: TradeCard) -> list[str]:
    order = card.order
    twins = [
        record
        for record in open_orders(parts, order.account, but=order.client_id)
        if (record.order.instrument, record.order.side) == (order.instrument, order.side)
    ]
    return [
        f"an order to {order.side.value} {card.symbol} is open already: "
        f"{twin.order.client_id} of card {twin.card} is {twin.state}"
        for twin in twins
    ]


def _guardrails(parts: Parts, card: TradeCard, at: datetime, since: datetime) -> list[str]:
    """Judge the order again, with what is known now and open orders at their worst."""
    bar = parts.prices.last_bar(card.order.instrument, as_of=at)
    if bar is None:
        return [f"{card.symbol} has no known price"]
    instrument = parts.instruments.get(card.order.instrument)
    picture = take_picture(parts, card.order.account, at)
    worst = _worst_positions(parts, card, since)
    draft = Draft(
        instrument,
        bar,
        card.order.side,
        card.order.quantity,
        worst.get(instrument.id, Decimal(0)),
        card.catalyst_at,
        card.evidence,
    )
    prices = {name: known_price(parts, name, at) for name in worst}
    check = order_check(
        draft,
        picture,
        sector_value(
            parts,
            instrument,
            {**worst, instrument.id: draft.held},
            {**prices, instrument.id: draft.price},
        ),
        surroundings(parts, instrument, at),
    )
    failed = [v for v in verdicts(check, parts.limits) if v.judgement is Judgement.FAIL]
    unread = [
        v
        for v in verdicts(check, parts.limits)
        if v.judgement is Judgement.NOT_JUDGED and v.rule not in card.acknowledged
    ]
    return [
        *(f"{v.rule} fails: {v.value}, allowed: {v.limit}" for v in failed),
        *(f"{v.rule} was not acknowledged: {v.value}" for v in unread),
    ]


def _worst_positions(parts: Parts, card: TradeCard, since: datetime) -> dict[InstrumentId, Decimal]:
    """Return each position as it would be worst for this order: the most for a buy."""
    records = open_orders(parts, card.order.account, but=card.order.client_id)
    side = 1 if card.order.side is Side.BUY else 0
    return {
        name: span[side]
        for name, span in exposures(parts, card.order.account, since, records).items()
    }


def _affordable(parts: Parts, card: TradeCard, since: datetime) -> list[str]:
    """Refuse a buy that the cash may not cover, and a sale of more than is surely held."""
    order = card.order
    records = open_orders(parts, order.account, but=order.client_id)
    if order.side is Side.BUY:
        cost = worst_cost(parts, order.quantity, card.reference_price)
        cash = spendable(parts, order.account, since, records)
        return (
            []
            if cost <= cash
            else [
                f"the cash does not cover it: it may cost {cost:,.2f} {card.currency}, "
                f"{cash:,.2f} is free with open orders at their worst"
            ]
        )
    held = exposures(parts, order.account, since, records)
    low, _ = held.get(order.instrument, (Decimal(0), Decimal(0)))
    return (
        []
        if order.quantity <= low
        else [
            f"it would sell {order.quantity} of {card.symbol}, but only {max(low, Decimal(0))} are "
            "surely held: this desk does not sell short"
        ]
    )


def fresh_objections(parts: Parts, card: TradeCard) -> list[str]:
    """Return what speaks against sending a released order now that it was never received."""
    return objections(parts, replace(card, state=CardState.APPROVED), parts.market_time(card))

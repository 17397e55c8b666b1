"""A person's yes or no to exactly one card, and what happens when nobody says either."""

from dataclasses import replace
from datetime import datetime

from fondaco.core.capability import Caller
from fondaco.core.errors import Conflict, InvalidInput, Refused
from fondaco.core.limits import REASON_CHARS_MAX
from fondaco.trading.agreement import agreement, approve_command
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.parts import Parts
from fondaco.trading.price_check import price_objections
from fondaco.trading.sending import give_up

_EXPIRES = (CardState.PROPOSED, CardState.BLOCKED, CardState.APPROVED)


def approve(
    parts: Parts, card_id: str, digest: str, acknowledged: tuple[str, ...], caller: Caller
) -> TradeCard:
    """Approve exactly this card; see `CardDesk.approve`."""
    if not caller.person:
        raise Refused(
            "only a person may approve a card",
            value=f"{caller.actor} on {caller.surface}",
            remedy="Ask the person at the desk.",
        )
    with parts.transaction():
        card = parts.cards.get(card_id, lock=True)
        _refuse_state(parts, card)
        _refuse_late(card, parts.clock.now())
        _refuse_digest(card, digest)
        _refuse_unread(card, acknowledged)
        _refuse_price(parts, card)
        agreed = replace(card, acknowledged=tuple(sorted(acknowledged)))
        return parts.step(
            agreed,
            CardState.APPROVED,
            by=caller.actor,
            reason=agreement(agreed),
            digest=digest,
            surface=caller.surface,
        )


def reject(parts: Parts, card_id: str, reason: str, caller: Caller) -> TradeCard:
    """Turn a card down; see `CardDesk.reject`."""
    if not 0 < len(reason) <= REASON_CHARS_MAX:
        raise InvalidInput(
            "a rejection needs a short reason",
            value=f"{len(reason)} characters",
            bound=f"1 to {REASON_CHARS_MAX} characters",
        )
    if parts.cards.get(card_id).state is CardState.UNKNOWN:
        return give_up(parts, card_id, reason, caller)
    with parts.transaction():
        card = parts.cards.get(card_id, lock=True)
        if card.state is not CardState.PROPOSED:
            raise Conflict(
                f"card {card.id} can no longer be rejected",
                value=card.state,
                bound=CardState.PROPOSED,
                remedy=f"`fondaco cards show {card.id}` shows how it stands.",
            )
        return parts.step(card, CardState.REJECTED, by=caller.actor, reason=reason)


def expire(parts: Parts, card_id: str) -> TradeCard:
    """End a card whose time has run out; see `CardDesk.expire`."""
    with parts.transaction():
        card = parts.cards.get(card_id, lock=True)
        if card.state not in _EXPIRES:
            return card
        now = parts.clock.now()
        if now < card.expires_at:
            raise Refused(
                f"card {card.id} has not run out yet",
                value=now.isoformat(),
                bound=f"{card.expires_at.isoformat()} or later",
            )
        return parts.step(
            card, CardState.EXPIRED, reason=f"not used before {card.expires_at.isoformat()}"
        )


def _refuse_state(parts: Parts, card: TradeCard) -> None:
    if card.state is CardState.PROPOSED:
        return
    if card.state is CardState.BLOCKED:
        raise Refused(
            f"card {card.id} is blocked by its guardrails",
            value=", ".join(card.failed),
            bound="no rule may fail",
            remedy=f"`fondaco cards why {card.id}` shows what would pass.",
        )
    steps = parts.cards.moves(card.id)
    last = f" by {steps[-1].by} at {steps[-1].at.isoformat()}" if steps else ""
    raise Conflict(
        f"card {card.id} can be approved once, while it is proposed",
        value=f"{card.state}{last}",
        bound=CardState.PROPOSED,
        remedy=f"`fondaco cards show {card.id}` shows how it came here.",
    )


def _refuse_late(card: TradeCard, now: datetime) -> None:
    if now >= card.expires_at:
        raise Conflict(
            f"card {card.id} has expired",
            value=now.isoformat(),
            bound=f"before {card.expires_at.isoformat()}",
            remedy="`fondaco cycle run` proposes afresh.",
        )


def _refuse_digest(card: TradeCard, digest: str) -> None:
    if digest != card.digest:
        raise Conflict(
            f"this is not the digest of card {card.id} as it stands",
            value=digest[:64],
            bound=card.digest,
            remedy=f"Read `fondaco cards show {card.id}` again and approve what it shows.",
        )


def _refuse_unread(card: TradeCard, acknowledged: tuple[str, ...]) -> None:
    missing = sorted(set(card.not_judged) - set(acknowledged))
    if missing:
        raise Refused(
            "a rule that could not be judged must be acknowledged by name",
            value=f"not acknowledged: {', '.join(missing)}",
            bound=f"all of: {', '.join(card.not_judged)}",
            remedy=f"`{approve_command(card)}`",
        )
    beside = sorted(set(acknowledged) - set(card.not_judged))
    if beside or len(set(acknowledged)) != len(acknowledged):
        raise InvalidInput(
            "only what was not judged can be acknowledged, and once",
            value=", ".join(acknowledged),
            bound=", ".join(card.not_judged) or "nothing",
            remedy=f"`{approve_command(card)}`",
        )


def _refuse_price(parts: Parts, card: TradeCard) -> None:
    objections = price_objections(parts, card, parts.market_time(card))
    if objections:
        raise Conflict(
            "; ".join(objections),
            value=card.symbol,
            bound=f"{card.reference_price} {card.currency} within "
            f"{parts.policy.price_tolerance:.2%}",
            remedy="`fondaco cycle run` proposes afresh at today's price.",
        )

"""What came of a card: price paid, fee, and what it brought after its horizon, as facts."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from fondaco.core.errors import Conflict
from fondaco.core.facts import Fact, Source
from fondaco.core.money import exact_sum
from fondaco.core.orders import Fill
from fondaco.core.prices import Bar
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.evidence import derived
from fondaco.trading.fills import FILLS_MAX
from fondaco.trading.parts import Parts
from fondaco.trading.picture import reference_price

_PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class CardOutcome:
    """A card with what its trade cost and brought; `complete` once the horizon has passed.

    Facts: `fill_quantity fill_price fee slippage`, and after the horizon `last_price price_move
    gain`.
    """

    card: TradeCard
    facts: tuple[Fact, ...]
    complete: bool


def outcome(parts: Parts, card_id: str) -> CardOutcome:
    """Measure a filled card and close it after its horizon; see `CardDesk.outcome`."""
    with parts.transaction():
        parts.cards.get(card_id, lock=True)
        found = measure(parts, card_id)
        if not found.complete or found.card.state is CardState.CLOSED:
            return found
        closed = parts.step(
            found.card,
            CardState.CLOSED,
            reason=f"measured {parts.policy.outcome_sessions} sessions after its fill",
            facts=[fact.id for fact in found.facts],
        )
    return replace(found, card=closed)


def measure(parts: Parts, card_id: str) -> CardOutcome:
    """Measure a filled card as far as it can be known; see `CardDesk.measure`."""
    card = parts.cards.get(card_id)
    if card.state not in (CardState.FILLED, CardState.CLOSED):
        raise Conflict(
            f"card {card.id} has no outcome yet",
            value=card.state,
            bound=f"{CardState.FILLED} or {CardState.CLOSED}",
            remedy=f"`fondaco cards show {card.id}` shows how it stands.",
        )
    fills = parts.orders.fills(client_id=card.order.client_id, limit=FILLS_MAX)
    costs = _costs(card, fills)
    later = _later(parts, card, fills, costs, _known_by(parts, card))
    parts.facts.add((*costs, *later))
    return CardOutcome(card, (*costs, *later), bool(later))


def _known_by(parts: Parts, card: TradeCard) -> datetime:
    """Return as of when a card is measured: a closed one again as of its closing."""
    closed = [step.at for step in parts.cards.moves(card.id) if step.after is CardState.CLOSED]
    return closed[0] if closed else parts.clock.now()


def _costs(card: TradeCard, fills: tuple[Fill, ...]) -> tuple[Fact, ...]:
    """Return quantity, mean price, fee and slippage; slippage above zero is worse than the card.

    Slippage is (mean price - reference price) x side / reference price, in basis points.
    """
    quantity = exact_sum(fill.quantity for fill in fills)
    price = exact_sum(f.quantity * f.price for f in fills) / quantity
    slip = (price - card.reference_price) * card.order.side.sign / card.reference_price * 10_000
    at = fills[-1].ts
    rows = Source("fills", tuple(fill.execution_id for fill in fills), ("quantity", "price", "fee"))

    def made(name: str, value: Decimal, unit: str, source: Source = rows) -> Fact:
        return Fact(name, value, unit, at, source)

    paid = made("fill_price", price.quantize(_PLACES), f"price {card.currency}")
    reference = [fact for fact in card.evidence if fact.name == "reference_price"]
    return (
        made("fill_quantity", quantity, "shares"),
        paid,
        made("fee", exact_sum(fill.fee for fill in fills), card.currency),
        made(
            "slippage",
            slip.quantize(_PLACES),
            "bps",
            derived("mean price against the reference price", paid, *reference),
        ),
    )


def _later(
    parts: Parts,
    card: TradeCard,
    fills: tuple[Fill, ...],
    costs: tuple[Fact, ...],
    known_by: datetime,
) -> tuple[Fact, ...]:
    """Return the price after the horizon, the move and the gain; nothing before it is known.

    The move goes from the mean price paid to the horizon's close; splits and dividends that took
    effect in between are adjusted for.
    """
    order, filled_at = card.order, fills[-1].ts
    bars = _bars(parts, card, filled_at, known_by)
    if not bars:
        return ()
    ratio = _adjusted_ratio(parts, card, bars, known_by)
    quantity, price, fee = (fact.value for fact in costs[:3])
    move = ratio * reference_price(bars[0]) / price - 1
    gain = quantity * price * move * order.side.sign - fee
    last = bars[-1]
    rows = Source(
        "bars_1d",
        (order.instrument,),
        ("close", "factor"),
        filled_at,
        last.ts,
        parts.prices.version(),
        "closes, adjusted for what took effect in between",
    )
    value = Fact("last_price", reference_price(last), f"price {card.currency}", last.ts, rows)
    change = Fact(
        "price_move",
        move.quantize(_PLACES),
        "share",
        last.ts,
        derived("adjusted closes from the price paid", costs[1], value),
    )
    return (
        value,
        change,
        Fact(
            "gain",
            gain.quantize(_PLACES),
            card.currency,
            last.ts,
            derived("quantity times price times move, less the fee", *costs[:3], change),
        ),
    )


def _bars(
    parts: Parts, card: TradeCard, filled_at: datetime, known_by: datetime
) -> tuple[Bar, ...]:
    """Return the bars from the fill's session to the horizon's; none before that is known."""
    sessions = parts.policy.outcome_sessions
    found = parts.prices.bars(
        card.order.instrument,
        as_of=known_by,
        since=filled_at.date(),
        until=filled_at.date() + timedelta(days=4 * sessions + 14),
    )
    return found[: sessions + 1] if len(found) > sessions else ()


def _adjusted_ratio(
    parts: Parts, card: TradeCard, bars: tuple[Bar, ...], known_by: datetime
) -> Decimal:
    panel = parts.prices.panel(
        (card.order.instrument,), as_of=known_by, since=bars[0].session, until=bars[-1].session
    )
    return Decimal(str(panel.close[-1, 0])) / Decimal(str(panel.close[0, 0]))

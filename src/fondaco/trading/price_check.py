"""Whether a card's price still holds: known, fresh, and not moved beyond the tolerance."""

from datetime import datetime

from fondaco.trading.cards import TradeCard
from fondaco.trading.parts import Parts
from fondaco.trading.picture import reference_price, stale_by


def price_objections(parts: Parts, card: TradeCard, at: datetime) -> list[str]:
    """Return why the price at a market time forbids this order; nothing when it does not."""
    bar = parts.prices.last_bar(card.order.instrument, as_of=at)
    if bar is None:
        return [f"{card.symbol} has no known price"]
    if stale := stale_by(parts, card.order.instrument, bar, at):
        return [stale]
    price, tolerance = reference_price(bar), parts.policy.price_tolerance
    if abs(price - card.reference_price) > tolerance * card.reference_price:
        moved = price / card.reference_price - 1
        return [
            f"the price moved by {moved:+.2%} to {price} {card.currency} since the card, "
            f"allowed: {tolerance:.2%}"
        ]
    return []

"""Domain values as the lines that people read."""

from fondaco.desk.results import CardLine
from fondaco.trading.cards import TradeCard


def card_line(card: TradeCard) -> CardLine:
    """Return a card as one line."""
    return CardLine(
        id=card.id, symbol=card.symbol, side=card.order.side.value, quantity=card.order.quantity,
        price=card.reference_price, currency=card.currency, source=card.source,
        state=card.state.value, replay=card.replay, as_of=card.as_of, expires_at=card.expires_at,
        failed=card.failed, not_judged=card.not_judged)

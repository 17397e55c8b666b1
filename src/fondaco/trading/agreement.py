"""What a person agreed to: how it is written into a card's history and read back."""

from fondaco.trading.cards import CardState, Move, TradeCard

_DIGEST_MARK = "approved digest "


def agreement(card: TradeCard) -> str:
    """Return what an approval says: the digest, and the rules that were acknowledged unjudged."""
    words = ", ".join(card.acknowledged) or "nothing"
    return f"{_DIGEST_MARK}{card.digest}; acknowledged {words}"


def approved_digest(moves: tuple[Move, ...]) -> str:
    """Return the digest that a person approved, as the card's own history tells it."""
    for step in moves:
        if step.after is CardState.APPROVED and step.reason.startswith(_DIGEST_MARK):
            return step.reason.removeprefix(_DIGEST_MARK).partition(";")[0]
    return ""


def approve_command(card: TradeCard) -> str:
    """Return the command that approves exactly this card."""
    return " ".join(
        [
            f"fondaco cards approve {card.id} --digest {card.digest}",
            *(f"--acknowledge {rule}" for rule in card.not_judged),
        ]
    )

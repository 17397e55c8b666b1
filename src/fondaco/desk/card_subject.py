"""A trade card as words and facts: all that insight ever sees of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from fondaco.core.errors import NotFound
from fondaco.core.facts import Fact, FactStore
from fondaco.insight.ports import Item, Subject, Word, WordKind, day, minute
from fondaco.risk.verdict import Verdict
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.outcome import CardOutcome
from fondaco.trading.ports import CardStore

LABELS = {
    "bundled": "bundled, real past prices that came with the installed packages",
    "file": "from a file that a person brought in",
    "live": "from a provider that is asked day by day",
    "simulated": "simulated, not real",
}
"""What each origin of prices means, in words."""
ORDER_FACTS = ("quantity", "reference_price", "notional", "weight", "cost_estimate", "worst_case")
BEHIND_FACTS = ("cash", "held", "equity")
_MEASURED = (CardState.FILLED, CardState.CLOSED)


class Outcomes(Protocol):
    """Measures a filled card; `trading.card_desk.CardDesk` does."""

    def measure(self, card_id: str) -> CardOutcome: ...


def card_subject(
    card: TradeCard, cards: CardStore, facts: FactStore, outcomes: Outcomes
) -> Subject:
    """Return a card as it stands, with its verdicts, its evidence and what came of it."""
    own = {fact.name: fact for fact in card.evidence}
    measured = _outcome(card, outcomes)
    return Subject(
        id=card.id,
        kind="card",
        title=f"{card.id}: {card.order.side.value} {card.symbol}",
        label=card.origin.value,
        words=_words(card) | _last_move(card, cards) | _measured_words(measured),
        facts={name: own[name] for name in ORDER_FACTS if name in own} | measured,
        lists={
            "evidence": tuple(
                _evidence(fact)
                for fact in card.evidence
                if fact.name not in (*ORDER_FACTS, *BEHIND_FACTS)
            ),
            "verdicts": tuple(_verdict(verdict, facts) for verdict in card.verdicts),
        },
    )


def name(text: str) -> Word:
    """Return one of our own names as a word; underscores become spaces."""
    return Word(text.replace("_", " "), WordKind.NAME)


def _words(card: TradeCard) -> dict[str, Word]:
    words = {
        "id": Word(card.id, WordKind.ID),
        "side": name(card.order.side.value),
        "symbol": Word(card.symbol, WordKind.SYMBOL),
        "account": name(card.order.account),
        "source": name(card.source),
        "catalyst": Word(card.catalyst),
        "as_of_day": day(card.as_of),
        "expires": minute(card.expires_at),
        "state": Word(card.state.value),
        "label": Word(LABELS[card.origin.value]),
    }
    if card.catalyst_at is not None:
        words["catalyst_day"] = day(card.catalyst_at)
    if card.replay:
        words["replay"] = name("replay")
    return words


def _last_move(card: TradeCard, cards: CardStore) -> dict[str, Word]:
    moves = cards.moves(card.id)
    if not moves:
        return {}
    last = moves[-1]
    return {
        "moved_at": minute(last.at),
        "by": Word(last.by),
        "reason": Word(last.reason or "no reason was given"),
    }


def _outcome(card: TradeCard, outcomes: Outcomes) -> dict[str, Fact]:
    """Return what the fill cost and brought, as far as it is known."""
    if card.state not in _MEASURED:
        return {}
    return {fact.name: fact for fact in outcomes.measure(card.id).facts}


def _measured_words(facts: Mapping[str, Fact]) -> dict[str, Word]:
    days: dict[str, datetime] = {}
    if "fill_price" in facts:
        days["fill_day"] = facts["fill_price"].as_of
    if "last_price" in facts:
        days["price_day"] = facts["last_price"].as_of
    return {key: day(moment) for key, moment in days.items()}


def _evidence(fact: Fact) -> Item:
    return Item({"name": name(fact.name), "day": day(fact.as_of)}, {"value": fact})


def _verdict(verdict: Verdict, facts: FactStore) -> Item:
    """Return a verdict with the facts of its value and limit, which it names in this order."""
    found = {}
    for slot, fact_id in zip(("value", "limit"), verdict.fact_ids, strict=False):
        try:
            found[slot] = facts.get(fact_id)
        except NotFound:
            continue
    return Item(
        {
            "rule": name(verdict.rule),
            "rule_id": Word(verdict.rule),
            "judgement": Word(verdict.judgement.value),
        },
        found,
    )

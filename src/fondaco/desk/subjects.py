"""What can be explained, found by id: cards and backtests."""

from collections.abc import Callable

from fondaco.backtest.ports import BacktestStore
from fondaco.core.facts import Fact, FactStore
from fondaco.desk.backtest_subject import backtest_subject
from fondaco.desk.card_subject import Outcomes, card_subject
from fondaco.insight.ports import Subject
from fondaco.trading.ports import CardStore


class DeskSubjects:
    """Gives cards and backtests as words and facts. Their facts are kept, so each can be opened."""

    def __init__(
        self,
        cards: CardStore,
        facts: FactStore,
        backtests: Callable[[], BacktestStore],
        outcomes: Callable[[], Outcomes],
    ) -> None:
        self._cards = cards
        self._facts = facts
        self._backtests = backtests
        self._outcomes = outcomes

    def subject(self, subject_id: str) -> Subject:
        """Return a card (TC-n) or a backtest (BT-n); raises NotFound."""
        if subject_id.startswith("BT-"):
            found = backtest_subject(self._backtests().get(subject_id))
        else:
            card = self._cards.get(subject_id)
            found = card_subject(card, self._cards, self._facts, self._outcomes())
        self._facts.add(facts_of(found))
        return found


def facts_of(subject: Subject) -> tuple[Fact, ...]:
    """Return every fact of a subject, once each."""
    items = [item for items in subject.lists.values() for item in items]
    given = [*subject.facts.values(), *(fact for item in items for fact in item.facts.values())]
    return tuple({fact.id: fact for fact in given}.values())

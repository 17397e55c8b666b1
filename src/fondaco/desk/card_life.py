"""The life of a card as durable work: wait for a person or the end of its time, release, send,
learn what became of the order, book it, measure the outcome.

Each run takes the card as far as it can go now and enqueues the next look with a delay; nothing
waits in a thread. The card's own row says where it stands, and each step of the card desk may be
repeated, so a run that is cut short anywhere is simply run again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from fondaco.core.clock import Clock
from fondaco.core.entry import Entry
from fondaco.core.errors import FondacoError
from fondaco.core.events import Event
from fondaco.core.ids import Ids
from fondaco.core.journal import Journal, Note
from fondaco.core.limits import REASON_CHARS_MAX, ROWS_PER_PAGE_MAX
from fondaco.desk.ports import Durable, Steps
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.outcome import CardOutcome
from fondaco.trading.ports import CardStore, OrderRecord

CARD_EVENTS = ("card.proposed", "card.blocked", "card.approved")
WAITING = (CardState.PROPOSED, CardState.BLOCKED)
UNDER_WAY = (CardState.APPROVED, CardState.SENT, CardState.UNKNOWN, CardState.WORKING)
LOOK_SECONDS = {
    CardState.APPROVED: (1.0, 60.0),
    CardState.SENT: (1.0, 60.0),
    CardState.UNKNOWN: (2.0, 900.0),
    CardState.WORKING: (2.0, 900.0),
    CardState.FILLED: (60.0, 86_400.0),
}
"""The first and the longest time to the next look; it doubles from one to the other."""
MARGIN = timedelta(seconds=1)
"""A card is looked at this long after its end, so that its end has surely come."""


class CardSteps(Protocol):
    """The steps of a card's life; `trading.card_desk.CardDesk` gives them."""

    def release(self, card_id: str) -> OrderRecord | None: ...
    def send(self, card_id: str) -> TradeCard: ...
    def reconcile(self, card_id: str) -> TradeCard: ...
    def settle(self, card_id: str) -> TradeCard: ...
    def outcome(self, card_id: str) -> CardOutcome: ...
    def expire(self, card_id: str) -> TradeCard: ...
    def collect(self, account: str) -> Sequence[Entry]: ...


@dataclass(frozen=True, kw_only=True)
class CardLife:
    """Lives cards: what each event and each look leads to."""

    desk: CardSteps
    cards: CardStore
    durable: Durable
    journal: Journal
    clock: Clock
    ids: Ids
    account: str

    def on_event(self, event: Event) -> None:
        """Look at a card that moved: at once, or at the end of its time if it only waits."""
        card = self.cards.get(event.subject)
        if card.state in WAITING:
            self._look_at_end(card)
        else:
            self.durable.enqueue("card", f"{card.id}/{event.id}", card.id)

    def look_at_all(self) -> None:
        """Have every unfinished card looked at; what is enqueued already is not enqueued again."""
        for state in WAITING:
            for card in self._in(state):
                self._look_at_end(card)
        self.look_at_orders(str(self.ids.new()))
        for card in self._in(CardState.FILLED):
            self.durable.enqueue("card", f"{card.id}/look-1", card.id, look=1)

    def look_at_orders(self, occasion: str) -> None:
        """Have every card with an order under way looked at now, once for this occasion.

        What happened to the account apart from its orders is booked first: a split or a dividend
        also comes to what was bought long ago.
        """
        self._collect()
        for state in UNDER_WAY:
            for card in self._in(state):
                self.durable.enqueue("card", f"{card.id}/{occasion}", card.id)

    def run(self, steps: Steps, card_id: str, look: int) -> None:
        """Take a card as far as it can go now. A workflow: it branches on kept answers alone."""
        state = self._step(steps, "look", lambda: None, card_id)
        if state in WAITING:
            state = self._step(steps, "expire", lambda: self._expire(card_id), card_id)
        if state is CardState.APPROVED:
            state = self._step(steps, "release", lambda: self.desk.release(card_id), card_id)
        if state is CardState.SENT:
            state = self._step(steps, "send", lambda: self.desk.send(card_id), card_id)
        if state in {CardState.SENT, CardState.UNKNOWN}:
            state = self._step(steps, "reconcile", lambda: self.desk.reconcile(card_id), card_id)
        if state is CardState.WORKING:
            state = self._step(steps, "settle", lambda: self.desk.settle(card_id), card_id)
        if state is CardState.FILLED:
            state = self._step(steps, "outcome", lambda: self.desk.outcome(card_id), card_id)
        if state in LOOK_SECONDS:
            self.durable.enqueue(
                "card",
                f"{card_id}/look-{look + 1}",
                card_id,
                look=look + 1,
                delay_seconds=pause(state, look),
            )

    def _step(self, steps: Steps, name: str, act: Callable[[], object], card_id: str) -> CardState:
        """Run one step and return where the card stands after it, whatever came of it."""

        def attempt() -> str:
            try:
                act()
            except FondacoError as error:
                self._note(name, card_id, error.code, error.message)
            except Exception as error:  # a fault of ours is said, and the card stays
                self._note(name, card_id, type(error).__name__, str(error))
            return self.cards.get(card_id).state.value

        return CardState(steps.run(name, attempt))

    def _expire(self, card_id: str) -> None:
        if self.clock.now() >= self.cards.get(card_id).expires_at:
            self.desk.expire(card_id)

    def _collect(self) -> None:
        try:
            self.desk.collect(self.account)
        except FondacoError as error:
            self._note("collect", self.account, error.code, error.message)

    def _look_at_end(self, card: TradeCard) -> None:
        left = card.expires_at - self.clock.now() + MARGIN
        self.durable.enqueue(
            "card", f"{card.id}/end", card.id, delay_seconds=max(0.0, left.total_seconds())
        )

    def _in(self, state: CardState) -> tuple[TradeCard, ...]:
        return self.cards.list(state=state, limit=ROWS_PER_PAGE_MAX)

    def _note(self, step: str, card_id: str, outcome: str, words: str) -> None:
        self.journal.append(
            Note(
                at=self.clock.now(),
                actor="desk",
                surface="worker",
                capability=f"card.{step}",
                effect="money",
                inputs={"card": card_id},
                outcome=outcome,
                detail=words[:REASON_CHARS_MAX],
            )
        )


def pause(state: CardState, look: int) -> float:
    """Return the seconds to the next look at a card that has been looked at `look` times.

    >>> [pause(CardState.WORKING, look) for look in (0, 1, 2, 20)]
    [2.0, 4.0, 8.0, 900.0]
    """
    first, longest = LOOK_SECONDS[state]
    return min(longest, first * 2.0 ** min(look, 60))

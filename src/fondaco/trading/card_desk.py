"""The card desk: the only door from an idea to an order.

Each step is idempotent, so that a durable workflow may repeat it after a crash anywhere: propose,
(a person) approve or reject, release, send, reconcile or settle, outcome. A refused step changes
nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from fondaco.core.capability import Caller
from fondaco.core.entry import Entry
from fondaco.core.ideas import Idea
from fondaco.trading import approval, fills, happenings, outcome, propose, release, sending
from fondaco.trading.cards import TradeCard
from fondaco.trading.outcome import CardOutcome
from fondaco.trading.parts import Parts
from fondaco.trading.ports import OrderRecord


class CardDesk(Parts):
    """Takes cards through their lives. `docs/explanation/route.md` draws the states."""

    def propose(
        self,
        ideas: Sequence[Idea],
        *,
        as_of: datetime,
        replay: bool,
        account: str,
        complete: bool = True,
    ) -> tuple[TradeCard, ...]:
        """Make cards of ideas: whole-share orders from target weights, judged and explained.

        `complete` says that the ideas are all that is wanted: what is held and not named is then
        proposed for sale. A card that a guardrail fails is BLOCKED. At most `policy.cards_max`
        cards, the largest orders first; the same idea again returns its card. Raises InvalidInput
        for ideas that cannot be (a negative weight, a catalyst after `as_of`), Refused for an
        account without equity.
        """
        happenings.collect(self, account)
        return propose.propose(
            self, ideas, as_of=as_of, replay=replay, account=account, complete=complete
        )

    def approve(
        self, card_id: str, digest: str, acknowledged: tuple[str, ...], caller: Caller
    ) -> TradeCard:
        """Approve exactly this card, once: a person, the digest shown, every gap acknowledged.

        Raises Refused or Conflict with value, bound and remedy when anything is otherwise: the
        card moved on, ran out, changed, was not read in full, or its price moved.
        """
        return approval.approve(self, card_id, digest, acknowledged, caller)

    def reject(self, card_id: str, reason: str, caller: Caller) -> TradeCard:
        """Turn a proposed card down; a person may so give up an order that never arrived."""
        return approval.reject(self, card_id, reason, caller)

    def expire(self, card_id: str) -> TradeCard:
        """End a card that was not used in time; one that moved on is returned as it is.

        Raises Refused before its time has run out.
        """
        return approval.expire(self, card_id)

    def release(self, card_id: str) -> OrderRecord | None:
        """Check an approved card again and write its INTENT; None when it may not be sent.

        The market is read as of now, or as of the card's day for a replay. A card that fails is
        REFUSED with every reason. Commit before `send`: the intent must outlive a crash.
        """
        happenings.collect(self, self.cards.get(card_id).order.account)
        return release.release(self, card_id)

    def send(self, card_id: str) -> TradeCard:
        """Send a released order once, under its stored id; without an answer it is UNKNOWN."""
        return sending.send(self, card_id)

    def reconcile(self, card_id: str) -> TradeCard:
        """Ask the broker what became of an order and apply it; only its word ends UNKNOWN.

        An order that the broker has never seen is sent again under the same id while its approval
        lasts and every check passes; after that it waits for a person. Raises Unavailable.
        """
        return sending.reconcile(self, card_id)

    def settle(self, card_id: str) -> TradeCard:
        """Record an order's fills once each and book them in the same transaction.

        Late, double and too many fills are applied once and raise an alarm. Raises Unavailable.
        """
        return fills.settle(self, card_id)

    def cancel(self, client_id: str, caller: Caller) -> OrderRecord:
        """Cancel an order that works: a person, or the desk itself; what it filled stays filled.

        Raises Refused for anyone else, Conflict when the order is not under way or the broker has
        never seen it, Unavailable when no answer came: it may then be asked for again.
        """
        return sending.cancel(self, client_id, caller)

    def collect(self, account: str) -> tuple[Entry, ...]:
        """Book splits, dividends and all else that happened to an account, once each.

        Returns the new entries. Raises Unavailable when the broker does not answer.
        """
        return happenings.collect(self, account)

    def outcome(self, card_id: str) -> CardOutcome:
        """Measure slippage, fee and, after the horizon, the gain; the card is then CLOSED.

        Raises Conflict for a card that is not filled.
        """
        return outcome.outcome(self, card_id)

    def measure(self, card_id: str) -> CardOutcome:
        """Measure a filled card as far as it can be known, and leave it where it stands.

        Raises Conflict for a card that is not filled.
        """
        return outcome.measure(self, card_id)

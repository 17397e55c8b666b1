"""Whatever people and programs do in whatever order, only what a person approved is sent."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fondaco.core.capability import Caller
from fondaco.core.errors import FondacoError
from fondaco.core.orders import Order
from fondaco.trading.cards import CardState, TradeCard
from unit.trading.scene import AGENT, ALPHA, AS_OF, BETA, CALENDAR, FRIDAY, GAMMA, idea, scene

DAYS = CALENDAR.sessions(FRIDAY, FRIDAY + timedelta(days=60))
PEOPLE = (
    Caller(actor="ada", surface="cli", person=True),
    Caller(actor="bob", surface="web", person=True),
    AGENT,
)
which = st.integers(0, 2)


class ApprovalMachine(RuleBasedStateMachine):
    """Three live cards; every step may come at any time, twice, or from anyone."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = scene()
        policy = replace(self.desk.desk.policy, card_life=timedelta(days=3))
        self.desk.desk = self.desk.new_desk(policy=policy)
        self.day = 0
        ideas = (
            idea(ALPHA, event_in=60, catalyst_days=0),
            idea(BETA, 0.03, event_in=None),
            idea(GAMMA, 0.02, event_in=60),
        )
        self.cards = self.desk.propose(*ideas, replay=False)
        # What each person saw when the card was made: the digest stands for exactly this.
        self.seen: dict[str, Order] = {card.digest: card.order for card in self.cards}
        self.prices = {card.order.instrument: card.reference_price for card in self.cards}
        self.yes: dict[str, tuple[str, datetime]] = {}
        self.released: dict[str, dict[str, Decimal]] = {}

    def now(self, number: int) -> TradeCard:
        return self.desk.cards.get(self.cards[number].id)

    @rule(
        number=which,
        who=st.sampled_from(PEOPLE),
        digest=st.sampled_from(["shown first", "as it stands", "of another card", "made up"]),
        read=st.booleans(),
    )
    def approve(self, number: int, who: Caller, digest: str, read: bool) -> None:
        first, card = self.cards[number], self.now(number)
        given = {
            "shown first": first.digest,
            "as it stands": card.digest,
            "of another card": self.cards[number - 1].digest,
            "made up": "f" * 64,
        }[digest]
        try:
            self.desk.desk.approve(card.id, given, card.not_judged if read else (), who)
        except FondacoError:
            return
        assert who.person
        assert card.id not in self.yes, "approved twice"
        assert given == card.digest, "approved what is not there"
        assert self.desk.clock.now() < card.expires_at
        assert read or not card.not_judged
        self.yes[card.id] = given, self.desk.clock.now()
        self.seen[given] = card.order

    @rule(number=which)
    def approve_what_stands(self, number: int) -> None:
        self.approve(number, PEOPLE[0], "as it stands", read=True)

    @rule(number=which, more=st.sampled_from([Decimal(1), Decimal(1000)]))
    def edit_behind_the_back(self, number: int, more: Decimal) -> None:
        card = self.now(number)
        if card.state in (CardState.PROPOSED, CardState.APPROVED):
            order = replace(card.order, quantity=card.order.quantity + more)
            self.desk.cards.put(replace(card, order=order))

    @rule(number=which)
    def release(self, number: int) -> None:
        before = self.now(number)
        if self.desk.desk.release(before.id) is not None and before.state is CardState.APPROVED:
            assert self.desk.clock.now() < before.expires_at
            self.released[before.id] = dict(self.prices)

    @rule(number=which)
    def release_and_send(self, number: int) -> None:
        self.release(number)
        self.send(number)

    @rule(number=which)
    def send(self, number: int) -> None:
        self._try(lambda: self.desk.desk.send(self.cards[number].id))

    @rule(number=which)
    def reconcile(self, number: int) -> None:
        self._try(lambda: self.desk.desk.reconcile(self.cards[number].id))

    @rule(number=which)
    def reject(self, number: int) -> None:
        self._try(lambda: self.desk.desk.reject(self.cards[number].id, "no", PEOPLE[0]))

    @rule(number=which)
    def expire(self, number: int) -> None:
        self._try(lambda: self.desk.desk.expire(self.cards[number].id))
        self._try(
            lambda: self.desk.propose(
                idea(ALPHA, event_in=60, catalyst_days=0), replay=False, as_of=AS_OF, complete=False
            )
        )

    @rule(move=st.sampled_from(["0.97", "1", "1", "1.019", "1.05"]))
    def a_session_passes(self, move: str) -> None:
        self.day += 1
        self.desk.clock.move_to(CALENDAR.close(DAYS[self.day]))
        for instrument, price in self.prices.items():
            self.prices[instrument] = (price * Decimal(move)).quantize(Decimal("0.01"))
            self.desk.prices.put(
                instrument, DAYS[self.day], str(self.prices[instrument]), volume="100000"
            )

    @rule(number=which, move=st.sampled_from(["0.9", "0.99", "1.05"]))
    def a_yes_and_then_a_move(self, number: int, move: str) -> None:
        self.approve_what_stands(number)
        self.a_session_passes(move)
        self.release_and_send(number)

    def _try(self, step: object) -> None:
        try:
            step()  # type: ignore[operator]
        except FondacoError:
            return

    @invariant()
    def nothing_was_sent_that_a_person_had_not_approved(self) -> None:
        for client_id, order in self.desk.broker.orders.items():
            card = next(c for c in self.cards if c.order.client_id == client_id)
            assert card.id in self.yes, "sent without a yes"
            digest, at = self.yes[card.id]
            assert order == self.seen[digest], "sent otherwise than approved"
            assert at < card.expires_at
            at_release = self.released[card.id][order.instrument]
            assert abs(at_release / card.reference_price - 1) <= Decimal("0.02")

    @invariant()
    def each_card_sends_one_order_at_most(self) -> None:
        assert len(self.desk.broker.orders) <= len(self.yes)
        assert len(self.desk.orders.list()) <= len(self.yes)

    @invariant()
    def the_books_hold_what_the_broker_filled(self) -> None:
        truth = self.desk.broker.positions("paper", as_of=self.desk.clock.now())
        assert self.desk.books.positions("paper") == truth


ApprovalMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
test_only_what_was_approved_is_sent = ApprovalMachine.TestCase

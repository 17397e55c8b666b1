"""Lives of cards under every fault of a broker, and under death at every point.

What must hold: no order twice, none lost, and books that say what the broker did.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import Unavailable
from fondaco.core.orders import Side
from fondaco.trading.card_desk import CardDesk
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.faulty_broker import Faults
from fondaco.trading.ports import OrderState
from unit.trading.scene import ALPHA, BETA, GAMMA, PERSON, Scene, idea, scene

STORM = Faults(
    lost_on_the_way=0.2,
    answer_lost=0.25,
    not_found_yet=0.3,
    query_down=0.2,
    double_fill=0.3,
    stale_answer=0.2,
    fill_missing=0.2,
    slow=0.3,
    splits=0.4,
    refuses=0.1,
)
ROUNDS_MAX = 12
ENDED = (CardState.FILLED, CardState.CANCELLED)
Resend = Callable[[CardDesk, TradeCard], Any]


def advance(desk: CardDesk, card_id: str) -> None:
    """Do what a workflow does next for a card; a broker out of reach is asked again later."""
    state = desk.cards.get(card_id).state
    try:
        if state is CardState.APPROVED:
            if desk.release(card_id) is not None:
                desk.send(card_id)
        elif state is not CardState.PROPOSED:
            desk.reconcile(card_id)
    except Unavailable:
        return


def storm(seed: int, *, resend: Resend | None = None, faults: Faults = STORM) -> Scene:
    """Take three approved cards through a storm and then through calm weather."""
    chance = random.Random(seed)
    desk = scene()
    desk.broker._chance = chance.random
    desk.book.change(GAMMA, sector="Health Care")
    cards = desk.propose(idea(ALPHA), idea(BETA, 0.03), idea(GAMMA, 0.02))
    for card in cards:
        desk.approve(card)
    desk.broker.faults = faults
    for turn in range(ROUNDS_MAX):
        if turn == ROUNDS_MAX // 2:
            desk.broker.faults = Faults()
        for card in chance.sample(cards, len(cards)):
            if resend is not None and desk.cards.get(card.id).state is CardState.UNKNOWN:
                resend(desk.desk, card)
            advance(desk.desk, card.id)
    return desk


def faults_found(desk: Scene) -> list[str]:
    """Return what is wrong between the desk and the broker's truth; nothing when all is well."""
    found = []
    truth = desk.broker.positions("paper", as_of=desk.clock.now())
    if desk.books.positions("paper") != truth:
        found.append(f"the books hold {desk.books.positions('paper')}, the broker {truth}")
    cards = {card.order.client_id: card for card in desk.cards.list()}
    found += [
        f"{client_id} was never on a card"
        for client_id in desk.broker.orders
        if client_id not in cards
    ]
    for client_id, card in cards.items():
        if card.state not in ENDED:
            found.append(f"{card.id} hangs in {card.state}")
        if desk.broker.orders.get(client_id, card.order) != card.order:
            found.append(f"{card.id} was sent otherwise than approved")
        done = sum((f.quantity for f in desk.orders.fills(client_id=client_id)), Decimal(0))
        if card.state is CardState.FILLED and done != card.order.quantity:
            found.append(f"{card.id} is filled with {done}")
    executions = [f.execution_id for f in desk.orders.fills()]
    booked = [e.key for e in desk.entries.entries() if e.key.startswith("fill:")]
    if sorted(booked) != sorted(f"fill:{name}" for name in executions):
        found.append("fills and entries differ")
    if not desk.books.trial_balance().balanced or desk.orders.open():
        found.append("the books are off balance or an order is open")
    return found


@pytest.mark.parametrize(
    "seeds", [range(120), pytest.param(range(120, 1_000), marks=pytest.mark.slow)]
)
def test_no_order_is_doubled_or_lost_in_any_storm(seeds: range) -> None:
    assert {seed: wrong for seed in seeds if (wrong := faults_found(storm(seed)))} == {}


def _under_a_new_id(desk: CardDesk, card: TradeCard) -> None:
    """What must never be done: send the order again as if it were another."""
    other = replace(card.order, client_id=f"{card.order.client_id}-again")
    try:
        desk.broker.place(other, decided_at=card.as_of)
    except Unavailable:
        return


def test_the_simulation_sees_an_order_that_is_sent_again_under_a_new_id() -> None:
    deaf = replace(STORM, answer_lost=0.8, refuses=0.0)
    doubled = [
        seed for seed in range(40) if faults_found(storm(seed, resend=_under_a_new_id, faults=deaf))
    ]
    assert len(doubled) >= 0.95 * 40
    assert [seed for seed in range(40) if faults_found(storm(seed, faults=deaf))] == []


def test_the_simulation_sees_a_timeout_that_is_taken_for_a_refusal() -> None:
    """The fault of others: an order without an answer is called cancelled, and is not."""

    def call_it_cancelled(desk: CardDesk, card: TradeCard) -> None:
        record = desk.orders.get(card.order.client_id)
        desk.orders.update(replace(record, state=OrderState.CANCELLED))
        desk.step(card, CardState.CANCELLED)

    lost = []
    for seed in range(40):
        desk = scene()
        (card,) = desk.propose(idea(ALPHA))
        desk.approve(card)
        desk.desk.release(card.id)
        desk.broker._chance = random.Random(seed).random
        desk.broker.faults = Faults(answer_lost=0.9)
        if desk.desk.send(card.id).state is CardState.UNKNOWN:
            call_it_cancelled(desk.desk, desk.cards.get(card.id))
        if faults_found(desk):
            lost.append(seed)
    assert len(lost) >= 0.7 * 40


class Killed(BaseException):
    """The process died here."""


@dataclass
class Fuse:
    """Burns by one at each touch of a store or the broker, and kills when it is through."""

    left: int

    def burn(self) -> None:
        """Count a touch."""
        self.left -= 1
        if self.left == 0:
            raise Killed


class Fragile:
    """A part whose every call may be the last: before it, or after it is done."""

    def __init__(self, part: Any, fuse: Fuse) -> None:
        self._part = part
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if not callable(found):
            return found

        def call(*args: Any, **named: Any) -> Any:
            self._fuse.burn()
            answer = found(*args, **named)
            self._fuse.burn()
            return answer

        return call


def _life(desk: CardDesk) -> None:
    """A whole life, from ideas to filled books, as a workflow would take it up again."""
    (card,) = desk.propose(
        (idea(ALPHA),), as_of=desk.clock.now() - timedelta(minutes=30), replay=True, account="paper"
    )
    if card.state is CardState.PROPOSED:
        desk.approve(card.id, card.digest, (), PERSON)
    for _ in range(3):
        advance(desk, card.id)


def _die_after(touches: int) -> tuple[Scene, bool]:
    """Live until the fuse is through, start again without one, and return how things stand."""
    desk = scene()
    fuse = Fuse(touches)
    parts = {
        name: Fragile(getattr(desk, name), fuse)
        for name in ("cards", "orders", "books", "facts", "outbox", "broker")
    }
    died = False
    try:
        _life(desk.new_desk(**parts))
    except Killed:
        died = True
    _life(desk.desk)
    return desk, died


def test_death_at_any_point_of_a_life_loses_and_doubles_nothing() -> None:
    touches, wrong = 1, {}
    while True:
        desk, died = _die_after(touches)
        found = faults_found(desk)
        if [card.state for card in desk.cards.list()] != [CardState.FILLED]:
            found.append(f"cards: {[c.state for c in desk.cards.list()]}")
        if len(desk.broker.orders) != 1 or desk.books.positions("paper") != {ALPHA: Decimal(49)}:
            found.append("not exactly one order")
        if found:
            wrong[touches] = found
        if not died:
            break
        touches += 1
    assert wrong == {}
    assert touches > 60  # every call of every part was the last one once


def test_the_kill_test_sees_a_send_that_comes_before_its_intent() -> None:
    """If the order went out before its intent was written, death in between would lose it."""
    desk = scene()
    card = desk.proposed()
    desk.approve(card)

    def released_and_sent_in_one_transaction() -> None:
        with desk.transaction():
            desk.desk.release(card.id)
            desk.broker.place(card.order, decided_at=card.as_of)
            raise Killed

    with pytest.raises(Killed):
        released_and_sent_in_one_transaction()
    assert "hangs in APPROVED" in " ".join(faults_found(desk))


@given(st.integers(0, 10**9), st.integers(1, 400))
@settings(max_examples=40, deadline=None)
def test_a_storm_with_deaths_in_it_ends_well(seed: int, first: int) -> None:
    chance = random.Random(seed)
    desk = scene()
    desk.broker._chance = chance.random
    cards = desk.propose(idea(ALPHA), idea(BETA, 0.03))
    for card in cards:
        desk.approve(card)
    desk.broker.faults = STORM
    fuse = Fuse(first)
    for turn in range(ROUNDS_MAX):
        if turn == ROUNDS_MAX // 2:
            desk.broker.faults, fuse.left = Faults(), 10**9
        for card in cards:
            parts = {
                name: Fragile(getattr(desk, name), fuse)
                for name in ("cards", "orders", "books", "outbox", "broker")
            }
            try:
                advance(desk.new_desk(**parts), card.id)
            except Killed:
                fuse.left = chance.randrange(1, 60)
    assert faults_found(desk) == []
    assert all(order.side is Side.BUY for order in desk.broker.orders.values())

"""Every state of a card against every thing that can happen to it: the whole table, by hand."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise, product

import pytest

from fondaco.core.errors import Conflict, FondacoError
from fondaco.trading.cards import MOVES, CardState, TradeCard, move
from fondaco.trading.faulty_broker import Faults
from fondaco.trading.ports import OrderState, Placed
from unit.trading.scene import ALPHA, CALENDAR, FRIDAY, PERSON, Scene, idea, scene

S = CardState
ALWAYS = 2.0
NO = "refused"


def _approved(desk: Scene) -> str:
    card = desk.proposed()
    return desk.approve(card).id


def _released(desk: Scene) -> str:
    card_id = _approved(desk)
    desk.desk.release(card_id)
    return card_id


def _sent_with(desk: Scene, **faults: float) -> str:
    card_id = _released(desk)
    desk.broker.faults = Faults(**faults)
    desk.desk.send(card_id)
    desk.broker.faults = Faults()
    return card_id


def _working(desk: Scene) -> str:
    card_id = _sent_with(desk, slow=ALWAYS)
    client_id = desk.cards.get(card_id).order.client_id
    desk.broker.put(Placed(client_id, OrderState.WORKING))
    return card_id


def _refused(desk: Scene) -> str:
    card_id = _approved(desk)
    kept = desk.prices._bars.pop(ALPHA)
    desk.desk.release(card_id)
    desk.prices._bars[ALPHA] = kept
    return card_id


def _expired(desk: Scene) -> str:
    card = desk.proposed()
    desk.clock.move_to(card.expires_at)
    return desk.desk.expire(card.id).id


def _closed(desk: Scene) -> str:
    card_id = _sent_with(desk)
    for day in CALENDAR.sessions(FRIDAY, FRIDAY + timedelta(days=40)):
        desk.prices.put(ALPHA, day, "100")
    desk.clock.move_to(CALENDAR.close(FRIDAY + timedelta(days=40 - 5)))
    return desk.desk.outcome(card_id).card.id


MAKE: dict[CardState, Callable[[Scene], str]] = {
    S.PROPOSED: lambda d: d.proposed().id,
    S.BLOCKED: lambda d: d.proposed(idea(weight=0.5)).id,
    S.REJECTED: lambda d: d.desk.reject(d.proposed().id, "no", PERSON).id,
    S.EXPIRED: _expired,
    S.APPROVED: _approved,
    S.REFUSED: _refused,
    S.SENT: _released,
    S.UNKNOWN: lambda d: _sent_with(d, answer_lost=ALWAYS),
    S.WORKING: _working,
    S.FILLED: _sent_with,
    S.CANCELLED: lambda d: _sent_with(d, refuses=ALWAYS),
    S.CLOSED: _closed,
}


def _later(desk: Scene, card: TradeCard) -> None:
    if desk.clock.now() < card.expires_at:
        desk.clock.move_to(card.expires_at)


def _expire_late(desk: Scene, card: TradeCard) -> None:
    _later(desk, card)
    desk.desk.expire(card.id)


def _release_late(desk: Scene, card: TradeCard) -> None:
    _later(desk, card)
    desk.desk.release(card.id)


def _word(state: OrderState) -> Callable[[Scene, TradeCard], None]:
    """Let the broker say this of the order, and the desk ask."""

    def say(desk: Scene, card: TradeCard) -> None:
        fills = (desk.broker.fill(card.order, "a", card.order.quantity),)
        desk.broker.put(
            Placed(card.order.client_id, state, fills if state is OrderState.FILLED else ())
        )
        desk.desk.reconcile(card.id)

    return say


EVENTS: dict[str, Callable[[Scene, TradeCard], object]] = {
    "propose": lambda d, c: d.propose(idea(weight=c.weight), complete=False),
    "approve": lambda d, c: d.approve(c),
    "reject": lambda d, c: d.desk.reject(c.id, "no", PERSON),
    "expire": lambda d, c: d.desk.expire(c.id),
    "expire late": _expire_late,
    "release": lambda d, c: d.desk.release(c.id),
    "release late": _release_late,
    "send": lambda d, c: d.desk.send(c.id),
    "settle": lambda d, c: d.desk.settle(c.id),
    "broker says working": _word(OrderState.WORKING),
    "broker says filled": _word(OrderState.FILLED),
    "broker says cancelled": _word(OrderState.CANCELLED),
    "broker says unknown": _word(OrderState.UNKNOWN),
    "outcome": lambda d, c: d.desk.outcome(c.id),
}

# What each event leaves behind; NO is a refusal that changes nothing. "=" is no change.
TABLE = {
    S.PROPOSED: {
        "approve": S.APPROVED,
        "reject": S.REJECTED,
        "expire": NO,
        "expire late": S.EXPIRED,
        "release": "=",
        "release late": "=",
        "send": NO,
        "settle": NO,
        "outcome": NO,
    },
    S.BLOCKED: {
        "approve": NO,
        "reject": NO,
        "expire": NO,
        "expire late": S.EXPIRED,
        "release": "=",
        "release late": "=",
        "send": NO,
        "settle": NO,
        "outcome": NO,
    },
    S.APPROVED: {
        "approve": NO,
        "reject": NO,
        "expire": NO,
        "expire late": S.EXPIRED,
        "release": S.SENT,
        "release late": S.EXPIRED,
        "send": NO,
        "settle": NO,
        "outcome": NO,
    },
    S.SENT: {
        "approve": NO,
        "reject": NO,
        "send": S.FILLED,
        "settle": "=",
        "outcome": NO,
        "broker says working": S.FILLED,
        "broker says filled": S.FILLED,
        "broker says cancelled": S.CANCELLED,
        "broker says unknown": S.UNKNOWN,
    },
    S.UNKNOWN: {
        "approve": NO,
        "reject": S.FILLED,
        "send": "=",
        "settle": S.FILLED,
        "outcome": NO,
        "broker says working": S.WORKING,
        "broker says filled": S.FILLED,
        "broker says cancelled": S.CANCELLED,
        "broker says unknown": "=",
    },
    S.WORKING: {
        "approve": NO,
        "reject": NO,
        "send": "=",
        "settle": "=",
        "outcome": NO,
        "broker says working": "=",
        "broker says filled": S.FILLED,
        "broker says cancelled": S.CANCELLED,
        "broker says unknown": S.UNKNOWN,
    },
    S.FILLED: {"approve": NO, "reject": NO, "outcome": "="},
    S.CANCELLED: {"approve": NO, "reject": NO, "outcome": NO},
    S.CLOSED: {"approve": NO, "reject": NO, "outcome": "="},
    **{
        ended: {"approve": NO, "reject": NO, "outcome": NO, "send": NO, "settle": NO}
        for ended in (S.REJECTED, S.EXPIRED, S.REFUSED)
    },
}
_NO_ORDER = (S.PROPOSED, S.BLOCKED, S.APPROVED, S.REJECTED, S.EXPIRED, S.REFUSED)


def expected(state: CardState, event: str) -> object:
    """Return what the table says; a broker's word about no order is refused."""
    if event.startswith("broker says") and state in _NO_ORDER:
        return NO
    if event == "broker says working" and state is S.SENT:
        return S.WORKING
    return TABLE[state].get(event, "=")


def test_the_table_names_every_state_and_every_state_can_be_made() -> None:
    assert set(TABLE) == set(MAKE) == set(CardState) == set(MOVES)
    for state, make in MAKE.items():
        desk = scene()
        assert desk.cards.get(make(desk)).state is state


@pytest.mark.parametrize(("state", "event"), list(product(CardState, EVENTS)))
def test_what_happens_in_each_state(state: CardState, event: str) -> None:
    desk = scene()
    card_id = MAKE[state](desk)
    card, entries = desk.cards.get(card_id), desk.entries.entries()
    steps = desk.cards.moves(card_id)
    wanted = expected(state, event)
    if event == "reject" and state is S.UNKNOWN:  # the broker knows it: told, and then refused
        with pytest.raises(Conflict):
            EVENTS[event](desk, card)
        assert desk.cards.get(card_id).state is S.FILLED
        return
    if wanted is NO:
        with pytest.raises(FondacoError):
            EVENTS[event](desk, card)
        assert desk.cards.get(card_id) == card
        assert desk.cards.moves(card_id) == steps
        assert desk.entries.entries() == entries
        return
    EVENTS[event](desk, card)
    after = desk.cards.get(card_id).state
    assert after is (state if wanted == "=" else wanted)
    assert len(desk.cards.list()) == 1
    booked = desk.books.positions("paper").get(ALPHA, Decimal(0))
    assert booked == sum(fill.quantity for fill in desk.orders.fills())
    assert desk.books.trial_balance().balanced


@pytest.mark.parametrize(("before", "after"), list(product(CardState, CardState)))
def test_only_the_allowed_moves_can_be_made(before: CardState, after: CardState) -> None:
    desk = scene()
    card = desk.cards.get(MAKE[before](desk))
    if after in MOVES[before]:
        moved, step = move(card, after, at=desk.clock.now(), by="desk")
        assert (moved.state, step.before, step.after) == (after, before, after)
        return
    with pytest.raises(Conflict, match="cannot become"):
        move(card, after, at=desk.clock.now(), by="desk")


def test_every_step_of_a_life_follows_the_one_before_and_is_an_event() -> None:
    for make in MAKE.values():
        desk = scene()
        card_id = make(desk)
        steps = desk.cards.moves(card_id)
        assert all(first.after is second.before for first, second in pairwise(steps))
        told = [name for name in desk.names() if name.startswith("card.")][1:]
        assert told == [f"card.{step.after.value.lower()}" for step in steps]

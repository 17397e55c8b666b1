"""What came of a card, measured after its horizon."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from fondaco.core.errors import Conflict
from fondaco.core.orders import Side
from fondaco.trading.cards import CardState
from fondaco.trading.outcome import CardOutcome
from fondaco.trading.ports import OrderState, Placed
from unit.trading.scene import ALPHA, CALENDAR, FRIDAY, Scene, idea, scene

MONDAY = FRIDAY + timedelta(days=3)


def filled(desk: Scene, price: str = "101") -> str:
    """Buy 49 ALFA on Monday at a price, one fee of 1, and return the card's id."""
    card = desk.proposed()
    desk.approve(card)
    desk.desk.release(card.id)
    desk.clock.move_to(CALENDAR.close(MONDAY))
    desk.prices.put(ALPHA, MONDAY, "100")
    fill = replace(desk.broker.fill(card.order, "a", card.order.quantity), price=Decimal(price))
    desk.broker.put(Placed(card.order.client_id, OrderState.FILLED, (fill,)))
    assert desk.desk.send(card.id).state is CardState.FILLED
    return card.id


def later(desk: Scene, close: str, sessions: int) -> None:
    """Let sessions pass that end at a close."""
    days = CALENDAR.sessions(MONDAY, MONDAY + timedelta(days=60))[1 : sessions + 1]
    for day in days:
        desk.prices.put(ALPHA, day, close)
    desk.clock.move_to(CALENDAR.close(days[-1]))


def values(found: CardOutcome) -> dict[str, Decimal]:
    """Return an outcome's numbers by name."""
    return {fact.name: fact.value for fact in found.facts}


def test_what_it_cost_is_known_at_once_and_the_rest_after_the_horizon() -> None:
    desk = scene()
    card_id = filled(desk)
    found = desk.desk.outcome(card_id)
    # By hand: 101 against 100 is 100 basis points worse for a buy.
    assert values(found) == {"fill_quantity": 49, "fill_price": 101, "fee": 1, "slippage": 100}
    assert (found.complete, found.card.state) == (False, CardState.FILLED)
    later(desk, "111.10", 19)
    assert not desk.desk.outcome(card_id).complete


def test_after_the_horizon_the_gain_is_measured_and_the_card_closed() -> None:
    desk = scene()
    card_id = filled(desk)
    later(desk, "111.10", 20)
    found = desk.desk.outcome(card_id)
    # By hand: 111.10 against 101 paid is 10 %; 49 x 101 x 10 % less the fee of 1 is 493.90.
    assert values(found)["last_price"] == Decimal("111.10")
    assert values(found)["price_move"] == Decimal("0.1")
    assert values(found)["gain"] == Decimal("493.9")
    assert (found.complete, found.card.state) == (True, CardState.CLOSED)
    assert all(desk.facts.get(fact.id) == fact for fact in found.facts)
    (event,) = desk.events("card.closed")
    assert event.data["facts"] == [fact.id for fact in found.facts]


def test_a_closed_card_tells_the_same_outcome_whatever_came_since() -> None:
    desk = scene()
    card_id = filled(desk)
    later(desk, "111.10", 20)
    first = desk.desk.outcome(card_id)
    later(desk, "50", 30)
    desk.clock.advance(timedelta(days=100))
    desk.prices.put(ALPHA, CALENDAR.sessions(MONDAY, MONDAY + timedelta(days=60))[31], "1")
    again = desk.desk.outcome(card_id)
    assert again.card == first.card
    assert len(desk.events("card.closed")) == 1


def test_a_sale_gains_when_the_price_falls_and_slips_when_it_is_low() -> None:
    desk = scene()
    desk.sent()
    (card,) = desk.propose(
        idea(ALPHA, 0.0, source="exit"), complete=False, replay=False, as_of=desk.clock.now()
    )
    assert card.order.side is Side.SELL
    desk.approve(card)
    desk.desk.release(card.id)
    desk.clock.move_to(CALENDAR.close(MONDAY))
    desk.prices.put(ALPHA, MONDAY, "100")
    fill = replace(desk.broker.fill(card.order, "a", card.order.quantity), price=Decimal("99.50"))
    desk.broker.put(Placed(card.order.client_id, OrderState.FILLED, (fill,)))
    desk.desk.send(card.id)
    later(desk, "89.55", 20)
    found = values(desk.desk.outcome(card.id))
    # By hand: 99.50 against 100 is 50 bps worse for a sale; 10 % lower is 49 x 9.95 - 1 = 486.55.
    assert (found["slippage"], found["price_move"], found["gain"]) == (
        50,
        Decimal("-0.1"),
        Decimal("486.55"),
    )


def test_the_outcome_moves_with_price_fee_and_fill() -> None:
    seen = set()
    for paid, close in (("101", "110"), ("102", "110"), ("101", "111")):
        desk = scene()
        card_id = filled(desk, paid)
        later(desk, close, 20)
        seen.add(values(desk.desk.outcome(card_id))["gain"])
    assert len(seen) == 3


@pytest.mark.parametrize("upto", ["proposed", "released"])
def test_a_card_that_is_not_filled_has_no_outcome(upto: str) -> None:
    desk = scene()
    card = desk.proposed()
    if upto == "released":
        desk.approve(card)
        desk.desk.release(card.id)
    with pytest.raises(Conflict, match="has no outcome yet"):
        desk.desk.outcome(card.id)

"""Sending once, and taking in the broker's word, whatever it is."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from fondaco.core.capability import Caller
from fondaco.core.errors import Conflict, Refused, Unavailable
from fondaco.core.orders import Side
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.faulty_broker import Faults
from fondaco.trading.ports import OrderState, Placed
from unit.trading.scene import AGENT, ALPHA, PERSON, Scene, idea, scene

ALWAYS = 2.0


def released(desk: Scene) -> TradeCard:
    """Return a card whose intent is written and that nobody has sent."""
    card = desk.proposed()
    desk.approve(card)
    assert desk.desk.release(card.id) is not None
    return desk.cards.get(card.id)


def unknown(desk: Scene, fault: str = "answer_lost") -> TradeCard:
    """Return a card whose order got no answer; the broker works again afterwards."""
    card = released(desk)
    desk.broker.faults = Faults(**{fault: ALWAYS})
    card = desk.desk.send(card.id)
    desk.broker.faults = Faults()
    assert card.state is CardState.UNKNOWN
    return card


def held(desk: Scene) -> Decimal:
    """Return what the books hold of ALFA."""
    return desk.books.positions("paper").get(ALPHA, Decimal(0))


def test_an_order_is_filled_booked_and_told_once() -> None:
    desk = scene()
    card = released(desk)
    assert desk.desk.send(card.id).state is CardState.FILLED
    record = desk.orders.get(card.order.client_id)
    assert (record.state, record.filled) == (OrderState.FILLED, Decimal(49))
    assert held(desk) == 49
    assert desk.books.cash("paper", "USD") == Decimal(95_099)
    for again in (desk.desk.send, desk.desk.reconcile, desk.desk.settle):
        assert again(card.id).state is CardState.FILLED
    assert held(desk) == 49
    assert len(desk.events("fill.booked")) == len(desk.events("card.filled")) == 1


def test_the_broker_gets_the_order_and_the_id_that_were_written() -> None:
    desk = scene()
    card = released(desk)
    desk.desk.send(card.id)
    assert desk.broker.orders == {card.order.client_id: card.order}
    assert card.order.client_id.startswith(f"{card.id}-")


def test_no_answer_makes_the_order_unknown_and_nothing_is_sent_again() -> None:
    desk = scene()
    card = unknown(desk)
    record = desk.orders.get(card.order.client_id)
    assert record.state is OrderState.UNKNOWN
    assert record.note.startswith("no answer: no answer in time")
    desk.clock.advance(timedelta(days=400))
    assert desk.desk.send(card.id).state is CardState.UNKNOWN
    assert desk.desk.expire(card.id).state is CardState.UNKNOWN
    assert len(desk.events("alarm.unknown_order")) == 1
    assert held(desk) == 0


def test_an_order_that_was_accepted_filled_and_closed_is_found_by_its_id() -> None:
    desk = scene()
    card = unknown(desk)
    assert desk.desk.reconcile(card.id).state is CardState.FILLED
    assert held(desk) == 49
    assert len(desk.broker.orders) == 1


def test_an_order_that_never_arrived_is_sent_again_under_the_same_id() -> None:
    desk = scene()
    card = unknown(desk, "lost_on_the_way")
    assert desk.broker.orders == {}
    assert desk.desk.reconcile(card.id).state is CardState.FILLED
    assert list(desk.broker.orders) == [card.order.client_id]
    assert held(desk) == 49


def test_an_order_that_never_arrived_waits_for_a_person_once_its_approval_is_over() -> None:
    desk = scene()
    card = unknown(desk, "lost_on_the_way")
    desk.clock.move_to(card.expires_at)
    for _ in range(3):
        assert desk.desk.reconcile(card.id).state is CardState.UNKNOWN
    assert desk.broker.orders == {}
    assert [e.data["reason"] for e in desk.events("alarm.unknown_order")][1:] == [
        "the broker has never seen this order"
    ]


def test_an_order_is_not_sent_again_when_a_check_has_come_to_fail() -> None:
    desk = scene()
    card = unknown(desk, "lost_on_the_way")
    desk.desk = desk.new_desk(limits=replace(desk.desk.limits, regime_vol_max=Decimal("0.01")))
    assert desk.desk.reconcile(card.id).state is CardState.UNKNOWN
    assert desk.broker.orders == {}


def test_a_person_gives_up_an_order_that_never_arrived() -> None:
    desk = scene()
    card = unknown(desk, "lost_on_the_way")
    with pytest.raises(Refused, match="only a person"):
        desk.desk.reject(card.id, "too late", AGENT)
    gone = desk.desk.reject(card.id, "too late", PERSON)
    assert gone.state is CardState.CANCELLED
    assert desk.cards.moves(card.id)[-1].by == "ada"
    assert desk.orders.open() == ()


def test_an_order_that_the_broker_knows_cannot_be_given_up() -> None:
    desk = scene()
    card = unknown(desk)
    with pytest.raises(Conflict, match="the broker knows this order"):
        desk.desk.reject(card.id, "too late", PERSON)
    assert desk.cards.get(card.id).state is CardState.FILLED
    assert held(desk) == 49


def test_an_order_given_up_that_fills_after_all_is_booked_with_an_alarm() -> None:
    desk = scene()
    card = unknown(desk, "lost_on_the_way")
    desk.desk.reject(card.id, "too late", PERSON)
    desk.broker.place(card.order, decided_at=desk.clock.now())
    for _ in range(2):
        assert desk.desk.settle(card.id).state is CardState.CANCELLED
    assert held(desk) == 49
    (alarm,) = desk.events("alarm.late_fill")
    assert alarm.data["state"] == "CANCELLED"
    assert desk.orders.get(card.order.client_id).state is OrderState.FILLED


def test_a_broker_that_is_down_is_unavailable_and_changes_nothing() -> None:
    desk = scene()
    card = unknown(desk)
    before = list(desk.names())
    desk.broker.faults = Faults(query_down=ALWAYS)
    for ask in (desk.desk.reconcile, desk.desk.settle):
        with pytest.raises(Unavailable):
            ask(card.id)
    assert desk.names() == before


def test_a_working_order_that_the_broker_denies_is_unknown_and_never_sent_again() -> None:
    desk = scene()
    card = released(desk)
    desk.broker.faults = Faults(slow=ALWAYS)
    assert desk.desk.send(card.id).state is CardState.WORKING
    desk.broker.received.clear()
    desk.broker.orders.clear()
    assert desk.desk.reconcile(card.id).state is CardState.UNKNOWN
    assert desk.desk.reconcile(card.id).state is CardState.UNKNOWN
    assert desk.broker.orders == {}


def test_a_cancelled_order_says_why() -> None:
    desk = scene()
    desk.broker.faults = Faults(refuses=ALWAYS)
    card = released(desk)
    assert desk.desk.send(card.id).state is CardState.CANCELLED
    assert desk.cards.moves(card.id)[-1].reason == "not allowed today"
    assert held(desk) == 0


def test_fills_in_parts_add_up() -> None:
    desk = scene()
    desk.broker.faults = Faults(splits=ALWAYS, double_fill=ALWAYS)
    card = released(desk)
    assert desk.desk.send(card.id).state is CardState.FILLED
    assert held(desk) == 49
    assert [f.quantity for f in desk.orders.fills()] == [1, 48]
    assert [event.data["quantity"] for event in desk.events("fill.booked")] == ["1", "48"]


def test_filled_without_all_fills_stays_unknown_until_they_come() -> None:
    desk = scene()
    card = released(desk)
    desk.broker.faults = Faults(splits=ALWAYS, fill_missing=ALWAYS)
    assert desk.desk.send(card.id).state is CardState.UNKNOWN
    note = desk.orders.get(card.order.client_id).note
    assert note == "the broker says filled, but only 48 of 49 came"
    desk.broker.faults = Faults()
    assert desk.desk.reconcile(card.id).state is CardState.FILLED
    assert held(desk) == 49


def test_a_partly_filled_order_that_is_cancelled_keeps_its_part() -> None:
    desk = scene()
    card = released(desk)
    part = desk.broker.fill(card.order, "a", Decimal(20))
    desk.broker.put(Placed(card.order.client_id, OrderState.CANCELLED, (part,), "end of day"))
    assert desk.desk.send(card.id).state is CardState.CANCELLED
    assert held(desk) == 20
    assert desk.orders.get(card.order.client_id).filled == 20
    for stale in (OrderState.WORKING, OrderState.UNKNOWN, OrderState.INTENT):
        desk.broker.put(Placed(card.order.client_id, stale))
        desk.desk.settle(card.id)
        assert desk.orders.get(card.order.client_id).state is OrderState.CANCELLED


def test_an_answer_older_than_what_is_known_moves_nothing_back() -> None:
    desk = scene()
    card = released(desk)
    desk.desk.send(card.id)
    for stale in (OrderState.WORKING, OrderState.UNKNOWN, OrderState.CANCELLED, OrderState.INTENT):
        desk.broker.put(Placed(card.order.client_id, stale))
        assert desk.desk.reconcile(card.id).state is CardState.FILLED
    assert desk.orders.get(card.order.client_id).state is OrderState.FILLED
    assert held(desk) == 49


def test_more_than_was_ordered_is_booked_as_it_is_with_an_alarm() -> None:
    desk = scene()
    card = released(desk)
    desk.desk.send(card.id)
    placed = desk.broker.received[card.order.client_id]
    extra = desk.broker.fill(card.order, "extra", Decimal(5))
    desk.broker.put(replace(placed, fills=(*placed.fills, extra)))
    for _ in range(2):
        desk.desk.settle(card.id)
    assert held(desk) == 54
    (alarm,) = desk.events("alarm.overfill")
    assert alarm.data["filled"] == "54"
    assert desk.books.trial_balance().balanced


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "TC-9-x"},
        {"account": "other"},
        {"instrument": "I-x"},
        {"side": Side.SELL},
        {"currency": "EUR"},
    ],
)
def test_a_fill_of_something_else_is_not_booked_and_raises_an_alarm(change: dict) -> None:
    desk = scene()
    card = released(desk)
    strange = replace(desk.broker.fill(card.order, "a", Decimal(49)), **change)
    desk.broker.put(Placed(card.order.client_id, OrderState.FILLED, (strange,)))
    assert desk.desk.send(card.id).state is CardState.UNKNOWN
    assert held(desk) == 0
    assert len(desk.events("alarm.foreign_fill")) == 1


def test_a_fill_that_came_before_with_other_content_is_not_booked_twice() -> None:
    desk = scene()
    card = released(desk)
    desk.desk.send(card.id)
    placed = desk.broker.received[card.order.client_id]
    desk.broker.put(replace(placed, fills=(replace(placed.fills[0], price=Decimal(101)),)))
    assert desk.desk.settle(card.id).state is CardState.FILLED
    assert desk.books.cash("paper", "USD") == Decimal(95_099)
    assert len(desk.events("alarm.changed_fill")) == 1


def test_an_answer_about_another_order_changes_nothing() -> None:
    desk = scene()
    card = released(desk)
    desk.broker.put(Placed(card.order.client_id, OrderState.FILLED))
    desk.broker.received[card.order.client_id] = Placed("TC-9-x", OrderState.FILLED)
    assert desk.desk.send(card.id).state is CardState.SENT
    assert desk.names()[-1] == "alarm.foreign_answer"


def test_an_intent_that_was_never_sent_is_sent_when_it_is_found() -> None:
    desk = scene()
    card = released(desk)
    assert desk.desk.reconcile(card.id).state is CardState.FILLED
    assert held(desk) == 49


def test_an_operating_system_error_is_no_answer_too() -> None:
    desk = scene()
    card = released(desk)

    class Broken:
        name = "broken"

        def place(self, *_: object, **__: object) -> Placed:
            raise TimeoutError("timed out")

    assert desk.new_desk(broker=Broken()).send(card.id).state is CardState.UNKNOWN


def test_what_the_broker_never_saw_settles_nothing() -> None:
    desk = scene()
    card = released(desk)
    assert desk.desk.settle(card.id).state is CardState.SENT


def test_a_card_without_an_order_cannot_be_sent_or_asked_about() -> None:
    desk = scene()
    card = desk.proposed(idea())
    for step in (desk.desk.send, desk.desk.reconcile, desk.desk.settle):
        with pytest.raises(Conflict, match="has no order"):
            step(card.id)


# --- cancelling ---


def working(desk: Scene) -> TradeCard:
    """Return a card whose order works at the broker."""
    card = released(desk)
    client_id = card.order.client_id
    desk.broker.orders[client_id] = card.order
    desk.broker.put(Placed(client_id, OrderState.WORKING))
    card = desk.desk.send(card.id)
    assert card.state is CardState.WORKING
    return card


def test_a_cancelled_order_ends_with_its_card() -> None:
    desk = scene()
    card = working(desk)
    record = desk.desk.cancel(card.order.client_id, PERSON)
    assert (record.state, record.note) == (OrderState.CANCELLED, "its owner cancelled it")
    assert desk.cards.get(card.id).state is CardState.CANCELLED
    assert desk.cards.moves(card.id)[-1].by == PERSON.actor


def test_what_was_filled_before_the_cancellation_is_booked() -> None:
    desk = scene()
    card = working(desk)
    part = desk.broker.fill(card.order, "a", Decimal(9))
    desk.broker.put(Placed(card.order.client_id, OrderState.WORKING, (part,)))
    record = desk.desk.cancel(card.order.client_id, PERSON)
    assert (record.state, record.filled) == (OrderState.CANCELLED, 9)
    assert held(desk) == 9


def test_the_desk_may_cancel_and_an_agent_may_not() -> None:
    desk = scene()
    card = working(desk)
    with pytest.raises(Refused, match="only a person"):
        desk.desk.cancel(card.order.client_id, AGENT)
    assert desk.cards.get(card.id).state is CardState.WORKING
    desk.desk.cancel(card.order.client_id, Caller(actor="desk", surface="worker", person=False))
    assert desk.cards.get(card.id).state is CardState.CANCELLED


def test_an_order_that_is_not_under_way_is_not_cancelled() -> None:
    desk = scene()
    card = released(desk)
    with pytest.raises(Conflict, match="INTENT"):
        desk.desk.cancel(card.order.client_id, PERSON)
    desk.desk.send(card.id)
    with pytest.raises(Conflict, match="FILLED"):
        desk.desk.cancel(card.order.client_id, PERSON)


def test_an_order_that_the_broker_never_saw_is_given_up_not_cancelled() -> None:
    desk = scene()
    card = unknown(desk, "lost_on_the_way")
    with pytest.raises(Conflict, match=f"cards reject {card.id}"):
        desk.desk.cancel(card.order.client_id, PERSON)
    assert desk.cards.get(card.id).state is CardState.UNKNOWN


def test_a_cancellation_without_an_answer_can_be_asked_for_again() -> None:
    desk = scene()
    card = working(desk)
    desk.broker.faults = Faults(answer_lost=ALWAYS)
    with pytest.raises(Unavailable):
        desk.desk.cancel(card.order.client_id, PERSON)
    assert desk.cards.get(card.id).state is CardState.WORKING
    desk.broker.faults = Faults()
    assert desk.desk.cancel(card.order.client_id, PERSON).state is OrderState.CANCELLED


def test_an_order_whose_quantity_the_broker_restated_is_filled_at_that_quantity() -> None:
    """49 ordered; after a split of two for one, 98 are what it is for."""
    desk = scene()
    card = working(desk)
    client_id, twice = card.order.client_id, Decimal(98)
    desk.broker.put(Placed(client_id, OrderState.WORKING, quantity=twice))
    desk.desk.settle(card.id)
    assert desk.orders.get(client_id).quantity == twice
    fill = desk.broker.fill(card.order, "a", twice)
    desk.broker.put(Placed(client_id, OrderState.FILLED, (fill,), quantity=twice))
    assert desk.desk.settle(card.id).state is CardState.FILLED
    assert held(desk) == twice
    assert "alarm.overfill" not in desk.names()

"""A card's life as durable work: each look takes it as far as it can go, and nothing is lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fondaco.core.errors import Unavailable
from fondaco.core.events import Event
from fondaco.desk.card_life import pause
from fondaco.desk.fakes import KeptSteps
from fondaco.trading.cards import CardState, TradeCard
from unit.desk.house import PERSON, House


@pytest.fixture
def house() -> House:
    """A desk with cards proposed 40 sessions before the last known one."""
    made = House()
    made.cycle(made.days[-41])
    made.hand_on()
    return made


def first(house: House) -> TradeCard:
    """Return the first card that waits for approval."""
    return next(c for c in reversed(house.cards.list()) if c.state is CardState.PROPOSED)


def test_a_proposed_card_is_looked_at_when_its_time_has_run_out(house: House) -> None:
    card = first(house)
    end = house.durable.keys[f"{card.id}/end"]
    assert end.delay_seconds == 24 * 3600 + 1
    house.clock.advance(timedelta(seconds=end.delay_seconds))
    house.durable.run(end)
    assert house.cards.get(card.id).state is CardState.EXPIRED


def test_a_card_that_is_looked_at_too_early_stays_as_it_is(house: House) -> None:
    card = first(house)
    house.durable.run(house.durable.keys[f"{card.id}/end"])
    assert house.cards.get(card.id).state is CardState.PROPOSED
    assert house.journal.lines(limit=10) == ()


def test_an_approved_card_is_released_sent_filled_booked_and_measured(house: House) -> None:
    card = house.approve(first(house))
    house.hand_on()
    house.durable.run_due()
    assert house.cards.get(card.id).state is CardState.CLOSED
    (fill,) = house.orders.fills(client_id=card.order.client_id)
    assert fill.ts == house.at(-40)  # the session after the one as of which it was decided
    booked = [e for e in house.entries.entries() if e.key == f"fill:{fill.execution_id}"]
    assert len(booked) == 1


def test_the_same_event_twice_lives_the_card_once(house: House) -> None:
    card = house.approve(first(house))
    house.hand_on()
    house.hand_on()
    house.durable.run_due()
    assert len(house.orders.list()) == 1
    assert [m.after for m in house.cards.moves(card.id)].count(CardState.FILLED) == 1


@pytest.mark.parametrize("cut", ["look", "release", "send", "outcome"])
def test_a_run_that_is_cut_short_at_any_step_goes_on_where_it_was(house: House, cut: str) -> None:
    card = house.approve(first(house))
    kept = KeptSteps()
    with pytest.raises(KeyboardInterrupt):
        house.life.run(Cut(kept, cut), card.id, 0)
    house.life.run(kept, card.id, 0)
    assert house.cards.get(card.id).state is CardState.CLOSED
    assert len(house.orders.list()) == 1
    assert len(house.venue_book.since("paper", 0)) == 1
    assert len(house.orders.fills()) == 1


class Cut:
    """Steps whose process dies after one of them has had its effect, before it was kept."""

    def __init__(self, kept: KeptSteps, name: str) -> None:
        self._kept = kept
        self._name = name

    def run(self, name: str, function: Callable[[], Any]) -> Any:
        """Run a step; the named one has its effect and is forgotten."""
        if name == self._name:
            function()
            raise KeyboardInterrupt
        return self._kept.run(name, function)


def test_an_order_without_a_bar_waits_and_is_looked_at_ever_more_rarely() -> None:
    house = House()
    house.cycle(house.days[-1])
    card = house.approve(first(house))
    house.hand_on()
    house.durable.run_due()
    assert house.cards.get(card.id).state is CardState.WORKING
    look = house.durable.keys[f"{card.id}/look-1"]
    assert look.delay_seconds == pause(CardState.WORKING, 0)
    house.durable.run(look)
    assert house.durable.keys[f"{card.id}/look-2"].delay_seconds == 4.0


def test_a_venue_that_does_not_answer_leaves_the_card_to_be_asked_again(house: House) -> None:
    card = house.approve(first(house))
    place = house.broker.place

    def down(*_: object, **__: object) -> None:
        raise Unavailable("the venue is down")

    house.broker.place = down  # type: ignore[method-assign,assignment]
    house.hand_on()
    house.durable.run_due()
    assert house.cards.get(card.id).state is CardState.UNKNOWN
    house.broker.place = place  # type: ignore[method-assign]
    house.durable.run(house.durable.keys[f"{card.id}/look-1"])
    assert house.cards.get(card.id).state is CardState.CLOSED
    assert len(house.venue_book.since("paper", 0)) == 1


def test_a_fault_in_a_step_is_journalled_and_the_card_looked_at_again(house: House) -> None:
    card = house.approve(first(house))

    def broken(_: str) -> None:
        raise ZeroDivisionError("a fault of ours")

    object.__setattr__(house.life, "desk", Broken(house, broken))
    house.hand_on()
    house.durable.run_due()
    assert house.cards.get(card.id).state is CardState.APPROVED
    line = house.journal.lines(limit=10)[0]
    assert (line.note.capability, line.note.outcome) == ("card.release", "ZeroDivisionError")
    assert f"{card.id}/look-1" in house.durable.keys


class Broken:
    """A card desk whose release is broken."""

    def __init__(self, house: House, release: object) -> None:
        self._desk = house.card_desk
        self.release = release

    def __getattr__(self, name: str) -> object:
        return getattr(self._desk, name)


def test_a_worker_that_starts_looks_at_everything_that_is_unfinished(house: House) -> None:
    waiting, approved = first(house), house.cards.list()[0]
    house.approve(approved)
    house.durable.keys.clear()
    house.durable.waiting.clear()
    house.life.look_at_all()
    house.durable.run_due()
    assert house.cards.get(approved.id).state is CardState.CLOSED
    assert house.durable.keys[f"{waiting.id}/end"].delay_seconds > 0


def test_new_bars_wake_the_cards_whose_orders_work() -> None:
    house = House()
    house.cycle(house.days[-1])
    card = house.approve(first(house))
    house.hand_on()
    house.durable.run_due()
    house.life.look_at_orders("ingest-7")
    assert house.durable.keys[f"{card.id}/ingest-7"].delay_seconds == 0


def test_an_event_about_a_rejected_card_changes_nothing(house: House) -> None:
    card = first(house)
    house.card_desk.reject(card.id, "not today", PERSON)
    house.life.on_event(Event("e", "card.approved", card.id, house.clock.now(), {}))
    house.durable.run_due()
    assert house.cards.get(card.id).state is CardState.REJECTED
    assert f"{card.id}/look-1" not in house.durable.keys

"""The last checks before an order goes out."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from fondaco.core.errors import Unavailable
from fondaco.core.orders import Fill, Side
from fondaco.trading.cards import CardState
from fondaco.trading.faulty_broker import Faults
from fondaco.trading.ports import OrderState
from unit.trading.scene import (
    ALPHA,
    AS_OF,
    BETA,
    CALENDAR,
    FRIDAY,
    GAMMA,
    LIMITS,
    Scene,
    idea,
    scene,
)


def approved(desk: Scene, *ideas: object, **how: object) -> str:
    """Propose and approve one card and return its id."""
    card = desk.proposed(*ideas, **how)  # type: ignore[arg-type]
    desk.approve(card)
    return card.id


def refusal(desk: Scene, card_id: str) -> str:
    """Release a card that must be refused, and return the reasons it gives."""
    assert desk.desk.release(card_id) is None
    assert desk.cards.get(card_id).state is CardState.REFUSED
    assert desk.orders.list() == () or all(r.card != card_id for r in desk.orders.list())
    return desk.cards.moves(card_id)[-1].reason


def test_an_approved_card_is_written_as_intent_before_it_is_sent() -> None:
    desk = scene()
    card_id = approved(desk)
    record = desk.desk.release(card_id)
    assert record is not None
    card = desk.cards.get(card_id)
    assert (record.state, record.card, record.order) == (OrderState.INTENT, card_id, card.order)
    assert (record.decided_at, record.written_at) == (AS_OF, desk.clock.now())
    assert card.state is CardState.SENT
    assert desk.broker.received == {}
    assert desk.orders.held == ["paper"]
    assert desk.desk.release(card_id) == record
    assert len(desk.events("card.sent")) == 1


def test_a_live_card_is_decided_now_and_a_replay_card_on_its_day() -> None:
    desk = scene()
    live = approved(desk, idea(BETA), replay=False)
    record = desk.desk.release(live)
    assert record is not None
    assert record.decided_at == desk.clock.now()


@pytest.mark.parametrize("state", [CardState.PROPOSED, CardState.BLOCKED])
def test_what_nobody_approved_is_not_released(state: CardState) -> None:
    desk = scene()
    card = desk.proposed(idea(weight=0.5 if state is CardState.BLOCKED else 0.05))
    assert desk.desk.release(card.id) is None
    assert desk.cards.get(card.id).state is state
    assert desk.orders.list() == ()


def test_an_approval_that_ran_out_is_not_released() -> None:
    desk = scene()
    card_id = approved(desk)
    desk.clock.move_to(desk.cards.get(card_id).expires_at)
    assert desk.desk.release(card_id) is None
    assert desk.cards.get(card_id).state is CardState.EXPIRED
    assert desk.desk.release(card_id) is None


def test_a_card_edited_after_the_yes_is_refused() -> None:
    desk = scene()
    card = desk.cards.get(approved(desk))
    desk.cards.put(replace(card, order=replace(card.order, quantity=Decimal(4900))))
    assert "not the one that was approved" in refusal(desk, card.id)


def live(desk: Scene, close: str | None, sessions_later: int = 1) -> str:
    """Approve a live card, then let sessions pass and a price come."""
    desk.desk = desk.new_desk(policy=replace(desk.desk.policy, card_life=timedelta(days=30)))
    card_id = approved(desk, idea(event_in=40), replay=False)
    day = CALENDAR.sessions(FRIDAY, FRIDAY + timedelta(days=30))[sessions_later]
    desk.clock.move_to(CALENDAR.close(day))
    if close:
        desk.prices.put(ALPHA, day, close, volume="100000")
    return card_id


@pytest.mark.parametrize(
    ("close", "later", "words"),
    [
        ("103", 1, "the price moved by +3.00%"),
        ("90", 1, "the price moved by -10.00%"),
        (None, 4, "stale: 4 sessions old"),
    ],
)
def test_a_price_that_moved_or_went_stale_after_the_yes_is_refused(
    close: str | None, later: int, words: str
) -> None:
    desk = scene()
    assert words in refusal(desk, live(desk, close, later))


def test_a_guardrail_that_fails_after_the_yes_is_refused() -> None:
    desk = scene()
    card_id = approved(desk)
    desk.desk = desk.new_desk(limits=replace(LIMITS, position_share_max=Decimal("0.01")))
    assert "position_size fails: 4.90 % of equity" in refusal(desk, card_id)


def test_an_input_that_went_missing_after_the_yes_is_refused() -> None:
    desk = scene()
    card_id = approved(desk)
    desk.book.change(ALPHA, sector=None)
    assert "sector_exposure was not acknowledged" in refusal(desk, card_id)


def test_what_was_acknowledged_stays_acknowledged() -> None:
    desk = scene()
    assert desk.desk.release(approved(desk, idea(GAMMA, event_in=None))) is not None


def test_a_catalyst_that_aged_after_the_yes_is_refused() -> None:
    desk = scene()
    card_id = live(desk, "100", 5)
    assert "catalyst_freshness fails: 8 days old" in refusal(desk, card_id)


def test_an_event_that_came_near_after_the_yes_is_refused() -> None:
    desk = scene()
    desk.desk = desk.new_desk(policy=replace(desk.desk.policy, card_life=timedelta(days=30)))
    card_id = approved(desk, idea(event_in=4), replay=False)
    day = FRIDAY + timedelta(days=4)
    desk.clock.move_to(CALENDAR.close(day))
    desk.prices.put(ALPHA, day, "100", volume="100000")
    assert "event_window fails: 0 days to the next event" in refusal(desk, card_id)


def test_two_buys_that_fit_only_alone_do_not_both_go_out() -> None:
    desk = scene()
    desk.desk = desk.new_desk(
        limits=replace(LIMITS, position_share_max=Decimal("0.9"), sector_share_max=Decimal(2))
    )
    first, second = (card.id for card in desk.propose(idea(ALPHA, 0.6), idea(BETA, 0.6)))
    for card_id in (first, second):
        desk.approve(desk.cards.get(card_id))
    assert desk.desk.release(first) is not None
    # By hand: 594 shares at 102 and 5 bps of that are 60,618.29; 100,000 less that is 39,381.71.
    assert "it may cost 60,618.29 USD, 39,381.71 is free" in refusal(desk, second)


def test_an_order_whose_fate_is_unknown_is_counted_at_its_worst() -> None:
    desk = scene()
    desk.desk = desk.new_desk(
        limits=replace(LIMITS, position_share_max=Decimal("0.9"), sector_share_max=Decimal(2))
    )
    first, second = desk.propose(idea(ALPHA, 0.6), idea(BETA, 0.6))
    for card in (first, second):
        desk.approve(card)
    desk.desk.release(first.id)
    desk.broker.faults = Faults(lost_on_the_way=2)
    assert desk.desk.send(first.id).state is CardState.UNKNOWN
    assert "the cash does not cover it" in refusal(desk, second.id)


def test_a_filled_replay_order_counts_although_it_traded_after_the_day() -> None:
    desk = scene()
    desk.desk = desk.new_desk(
        limits=replace(LIMITS, position_share_max=Decimal("0.9"), sector_share_max=Decimal(2))
    )
    first, second = desk.propose(idea(ALPHA, 0.6), idea(BETA, 0.6))
    desk.clock.move_to(AS_OF + timedelta(hours=2))
    for card in (first, second):
        desk.approve(card)
    desk.desk.release(first.id)
    assert desk.desk.send(first.id).state is CardState.FILLED
    assert desk.books.cash("paper", "USD", until=AS_OF) == Decimal(100_000)
    assert "the cash does not cover it" in refusal(desk, second.id)


def test_a_second_order_for_the_same_thing_is_a_duplicate_while_the_first_is_open() -> None:
    desk = scene()
    (first,) = desk.propose(idea(ALPHA, 0.02))
    (second,) = desk.propose(idea(ALPHA, 0.02, source="person"), complete=False)
    for card in (first, second):
        desk.approve(card)
    record = desk.desk.release(first.id)
    assert record is not None
    reason = refusal(desk, second.id)
    assert f"an order to buy ALFA is open already: {record.order.client_id}" in reason


def test_what_would_be_held_counts_all_that_was_bought_and_is_open() -> None:
    desk = scene()
    (first,) = desk.propose(idea(ALPHA, 0.06))
    (second,) = desk.propose(idea(ALPHA, 0.06, source="person"), complete=False)
    for card in (first, second):
        desk.approve(card)
    desk.desk.release(first.id)
    desk.desk.send(first.id)
    # By hand: 59 held and 59 more at 100 are 11,800 of 100,000.
    assert "position_size fails: 11.80 % of equity" in refusal(desk, second.id)


def _held_on_monday(desk: Scene) -> None:
    desk.sent(idea(ALPHA, 0.05))
    monday = CALENDAR.close(FRIDAY + timedelta(days=3))
    desk.clock.move_to(monday)
    for name in (ALPHA, BETA):
        desk.prices.put(name, monday.date(), "100", volume="100000")


def test_more_than_is_surely_held_is_not_sold() -> None:
    desk = scene()
    _held_on_monday(desk)
    how = {"as_of": desk.clock.now(), "replay": False}
    (first,) = desk.propose(idea(ALPHA, 0.0, at=desk.clock.now()), **how)
    (second,) = desk.propose(idea(ALPHA, 0.0, source="person", at=desk.clock.now()), **how)
    for card in (first, second):
        desk.approve(card)
    desk.desk.release(first.id)
    assert "but only 0 are surely held" in refusal(desk, second.id)


def test_a_sale_of_what_is_held_is_released_and_settled() -> None:
    desk = scene()
    _held_on_monday(desk)
    (card,) = desk.propose(
        idea(ALPHA, 0.0, at=desk.clock.now()), as_of=desk.clock.now(), replay=False
    )
    desk.approve(card)
    assert desk.desk.release(card.id) is not None
    assert desk.desk.send(card.id).state is CardState.FILLED
    assert desk.books.positions("paper") == {}
    # By hand: bought and sold 49 at 100, with a fee of 1 each time.
    assert desk.books.cash("paper", "USD") == Decimal(99_998)


def test_a_sale_replayed_on_the_same_day_pays_for_a_buy() -> None:
    """Both trade in the next session, so what the sale brings is there when the buy is filled."""
    desk = scene(cash="5000")
    desk.desk = desk.new_desk(
        limits=replace(LIMITS, position_share_max=Decimal(1), sector_share_max=Decimal(2))
    )
    desk.books.book_fill(
        Fill(
            "X",
            "C",
            "paper",
            ALPHA,
            Side.BUY,
            Decimal(49),
            Decimal(100),
            Decimal(0),
            "USD",
            AS_OF - timedelta(days=2),
            AS_OF - timedelta(days=2),
        )
    )
    desk.clock.move_to(CALENDAR.close(FRIDAY + timedelta(days=3)))
    buy, sell = sorted(
        desk.propose(idea(BETA, 0.9), idea(ALPHA, 0.0)), key=lambda card: card.order.side
    )
    for card in (buy, sell):
        desk.approve(card)
    assert desk.desk.release(sell.id) is not None
    assert desk.desk.send(sell.id).state is CardState.FILLED
    assert desk.desk.release(buy.id) is not None


def test_a_check_that_cannot_be_made_refuses() -> None:
    desk = scene()
    card_id = approved(desk)

    class Down:
        def __getattr__(self, name: str) -> object:
            if name == "average_volume":
                raise Unavailable("the store is out of reach")
            return getattr(desk.prices, name)

    desk.desk = desk.new_desk(prices=Down())
    assert "a check could not be made: the store is out of reach" in refusal(desk, card_id)

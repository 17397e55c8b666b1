"""A yes to exactly one card: by a person, once, in time, of what was shown."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from fondaco.core.errors import Conflict, InvalidInput, NotFound, Refused
from fondaco.trading.cards import CardState
from unit.trading.scene import AGENT, ALPHA, AS_OF, CALENDAR, FRIDAY, GAMMA, PERSON, idea, scene


def test_a_person_approves_the_digest_that_was_shown() -> None:
    desk = scene()
    card = desk.proposed()
    approved = desk.approve(card)
    assert approved.state is CardState.APPROVED
    (step,) = desk.cards.moves(card.id)
    assert (step.by, step.at) == ("ada", desk.clock.now())
    assert card.digest in step.reason
    (event,) = desk.events("card.approved")
    assert (event.subject, event.data["digest"]) == (card.id, card.digest)
    assert desk.cards.locked == [card.id]


def test_nobody_but_a_person_approves() -> None:
    desk = scene()
    card = desk.proposed()
    with pytest.raises(Refused, match="only a person") as refused:
        desk.approve(card, caller=AGENT)
    assert refused.value.value == "bot on mcp"
    assert desk.cards.get(card.id).state is CardState.PROPOSED


def test_another_digest_is_refused_with_the_one_that_stands() -> None:
    desk = scene()
    card = desk.proposed()
    with pytest.raises(Conflict, match="not the digest") as refused:
        desk.approve(card, digest="0" * 64)
    assert refused.value.bound == card.digest
    assert f"fondaco cards show {card.id}" in str(refused.value)


def test_a_card_is_approved_once() -> None:
    desk = scene()
    card = desk.proposed()
    desk.approve(card)
    with pytest.raises(Conflict, match="approved once") as refused:
        desk.approve(card)
    assert "by ada" in str(refused.value)


def test_an_expired_card_is_refused() -> None:
    desk = scene()
    card = desk.proposed()
    desk.clock.move_to(card.expires_at)
    with pytest.raises(Conflict, match="has expired"):
        desk.approve(card)


def test_the_last_moment_before_expiry_still_counts() -> None:
    desk = scene()
    card = desk.proposed()
    desk.clock.move_to(card.expires_at - timedelta(microseconds=1))
    assert desk.approve(card).state is CardState.APPROVED


def test_a_blocked_card_is_refused_with_the_rule_that_blocks_it() -> None:
    desk = scene()
    card = desk.proposed(idea(weight=0.2))
    with pytest.raises(Refused, match="blocked by its guardrails") as refused:
        desk.approve(card)
    assert refused.value.value == "position_size"


def test_what_was_not_judged_must_be_acknowledged_by_name() -> None:
    desk = scene()
    card = desk.proposed(idea(GAMMA, event_in=None))
    with pytest.raises(Refused, match="acknowledged by name") as refused:
        desk.approve(card, acknowledged=("event_window",))
    assert refused.value.value == "not acknowledged: sector_exposure"
    assert refused.value.remedy == (
        f"`fondaco cards approve {card.id} --digest {card.digest} "
        "--acknowledge sector_exposure --acknowledge event_window`"
    )
    assert desk.approve(card).acknowledged == ("event_window", "sector_exposure")


@pytest.mark.parametrize(
    "acknowledged",
    [("regime",), ("event_window", "regime"), ("nonsense",), ("event_window", "event_window")],
)
def test_acknowledging_what_was_judged_is_refused(acknowledged: tuple[str, ...]) -> None:
    desk = scene()
    card = desk.proposed(idea(event_in=None))
    with pytest.raises((Refused, InvalidInput)):
        desk.approve(card, acknowledged=acknowledged)
    assert desk.cards.get(card.id).state is CardState.PROPOSED


def live_card(close: str, *, sessions_later: int = 1) -> tuple[object, object]:
    """Return a desk and its live card, with a new close some sessions later."""
    desk = scene()
    desk.desk = desk.new_desk(policy=replace(desk.desk.policy, card_life=timedelta(days=30)))
    card = desk.proposed(idea(), replay=False)
    day = CALENDAR.sessions(FRIDAY, FRIDAY + timedelta(days=30))[sessions_later]
    desk.clock.move_to(CALENDAR.close(day))
    if close:
        desk.prices.put(ALPHA, day, close, volume="100000")
    return desk, card


# The tolerance is 2 %: 102 and 98 are at its edge.
@pytest.mark.parametrize("close", ["102.01", "97.99"])
def test_a_price_that_moved_beyond_the_tolerance_is_refused(close: str) -> None:
    desk, card = live_card(close)
    with pytest.raises(Conflict, match=r"the price moved by [+-]2\.01%"):
        desk.approve(card)  # type: ignore[attr-defined]


@pytest.mark.parametrize("close", ["102.00", "98.00"])
def test_a_price_at_the_edge_of_the_tolerance_is_accepted(close: str) -> None:
    desk, card = live_card(close)
    assert desk.approve(card).state is CardState.APPROVED  # type: ignore[attr-defined]


def test_a_stale_price_is_refused() -> None:
    desk, card = live_card("", sessions_later=4)
    with pytest.raises(Conflict, match="stale: 4 sessions old"):
        desk.approve(card)  # type: ignore[attr-defined]
    desk, card = live_card("", sessions_later=3)
    assert desk.approve(card).state is CardState.APPROVED  # type: ignore[attr-defined]


def test_time_stands_still_for_a_replay_card() -> None:
    desk = scene()
    card = desk.proposed()
    monday = CALENDAR.close(FRIDAY + timedelta(days=3))
    desk.prices.put(ALPHA, monday.date(), "500")
    desk.clock.move_to(AS_OF + timedelta(hours=23))
    assert desk.approve(card).state is CardState.APPROVED


def test_a_card_whose_price_vanished_is_refused() -> None:
    desk = scene()
    card = desk.proposed()
    desk.prices._bars.pop(ALPHA)
    with pytest.raises(Conflict, match="no known price"):
        desk.approve(card)


def test_a_rejected_card_stays_rejected() -> None:
    desk = scene()
    card = desk.proposed()
    rejected = desk.desk.reject(card.id, "too crowded", AGENT)
    assert rejected.state is CardState.REJECTED
    assert desk.cards.moves(card.id)[0].reason == "too crowded"
    with pytest.raises(Conflict, match="no longer be rejected"):
        desk.desk.reject(card.id, "again", PERSON)
    with pytest.raises(Conflict, match="approved once"):
        desk.approve(card)


@pytest.mark.parametrize("reason", ["", "x" * 501])
def test_a_rejection_needs_a_short_reason(reason: str) -> None:
    desk = scene()
    card = desk.proposed()
    with pytest.raises(InvalidInput, match="short reason"):
        desk.desk.reject(card.id, reason, PERSON)


@pytest.mark.parametrize("weight", [0.05, 0.5])
def test_a_card_expires_when_its_time_is_over_and_not_before(weight: float) -> None:
    desk = scene()
    card = desk.proposed(idea(weight=weight))
    with pytest.raises(Refused, match="has not run out yet"):
        desk.desk.expire(card.id)
    desk.clock.move_to(card.expires_at)
    assert desk.desk.expire(card.id).state is CardState.EXPIRED
    assert desk.desk.expire(card.id).state is CardState.EXPIRED
    assert len(desk.events("card.expired")) == 1


def test_expiry_leaves_alone_what_moved_on() -> None:
    desk = scene()
    card = desk.sent()
    desk.clock.move_to(card.expires_at)
    assert desk.desk.expire(card.id).state is CardState.FILLED


def test_a_card_that_is_not_there_is_not_found() -> None:
    desk = scene()
    for step in (
        lambda: desk.desk.approve("TC-9", "0" * 64, (), PERSON),
        lambda: desk.desk.reject("TC-9", "no", PERSON),
        lambda: desk.desk.expire("TC-9"),
        lambda: desk.desk.release("TC-9"),
        lambda: desk.desk.send("TC-9"),
        lambda: desk.desk.reconcile("TC-9"),
        lambda: desk.desk.settle("TC-9"),
        lambda: desk.desk.outcome("TC-9"),
    ):
        with pytest.raises(NotFound, match="no such card"):
            step()


def test_the_digest_moves_with_all_that_matters() -> None:
    card = scene().proposed(idea(GAMMA, event_in=None))
    other = replace(card.verdicts[0], value="9 %")
    for change in (
        {"order": replace(card.order, quantity=Decimal(48))},
        {"order": replace(card.order, account="live")},
        {"symbol": "ALFB"},
        {"reference_price": Decimal(101)},
        {"cost_estimate": Decimal(3)},
        {"worst_case": Decimal(1)},
        {"evidence": card.evidence[1:]},
        {"verdicts": (other, *card.verdicts[1:])},
        {"replay": False},
        {"expires_at": card.expires_at + timedelta(seconds=1)},
        {"as_of": card.as_of + timedelta(seconds=1)},
        {"currency": "EUR"},
    ):
        assert replace(card, **change).digest != card.digest, change  # type: ignore[arg-type]
    assert replace(card, acknowledged=("event_window",)).digest == card.digest

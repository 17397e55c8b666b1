"""Cards and orders from outside: what is listed, shown, explained, approved and turned down."""

from types import SimpleNamespace
from typing import Any

import pytest

from fondaco.core.capability import Caller, Capability, Effect
from fondaco.core.errors import Conflict, InvalidInput, NotFound, Refused
from fondaco.core.invoke import Answer, validate
from fondaco.core.view import Block, Card, Table
from fondaco.surfaces.web.ticket import ticket
from fondaco.trading import capabilities as offered
from fondaco.trading.cards import CardState
from fondaco.trading.faulty_broker import Faults
from fondaco.trading.ports import OrderState, Placed
from fondaco.trading.views import NEXT, STATE_TONES
from unit.trading.scene import AGENT, ALPHA, BETA, GAMMA, PERSON, Scene, idea, scene


def ask(desk: Scene, function: Any, *, caller: Caller = PERSON, **raw: Any) -> Answer:
    """Call a capability as the door does: validated inputs, plain JSON out."""
    cap: Capability = function.__capability__
    inputs = validate(cap, raw)
    given = {name: getattr(inputs, name) for name in cap.inputs.model_fields}
    house = SimpleNamespace(
        cards=desk.cards, orders=desk.orders, card_desk=desk.desk, caller=caller
    )
    needs = [getattr(house, need) for need in cap.needs]
    return Answer(cap, cap.output.dump_python(cap.function(*needs, **given), mode="json"))


def words(blocks: list[Block]) -> str:
    """Return everything that blocks say."""
    return repr(blocks)


def test_cards_are_listed_newest_first_with_their_verdicts_in_short() -> None:
    desk = scene()
    desk.propose(idea(ALPHA, 0.5), idea(BETA), idea(GAMMA, 0.02, event_in=None))
    answer = ask(desk, offered.list_cards)
    assert [line["id"] for line in answer.data] == ["TC-3", "TC-2", "TC-1"]
    table, hint = answer.blocks()
    assert isinstance(table, Table)
    assert table.label == "simulated"
    assert [row[9] for row in table.rows] == [
        "NOT JUDGED sector_exposure, event_window",
        "PASS",
        "FAIL position_size, sector_exposure",
    ]
    assert all(str(row[1]).endswith("REPLAY") for row in table.rows)
    assert "2 wait for a person" in words([hint])
    only = ask(desk, offered.list_cards, state="BLOCKED", limit=5)
    assert [line["state"] for line in only.data] == ["BLOCKED"]


def test_a_shown_card_gives_the_exact_command_that_approves_it() -> None:
    desk = scene()
    card = desk.proposed(idea(GAMMA, event_in=None))
    answer = ask(desk, offered.show_card, card=card.id)
    assert answer.data["digest"] == card.digest
    command = (
        f"fondaco cards approve {card.id} --digest {card.digest} "
        "--acknowledge sector_exposure --acknowledge event_window"
    )
    assert answer.data["approve_command"] == command
    shown = answer.blocks()[0]
    assert isinstance(shown, Card)
    assert f"`{command}`" in shown.footer
    assert ("Digest", card.digest) in shown.fields
    assert {"PROPOSED", "REPLAY", "PASS", "NOT JUDGED"} == {chip.word for chip in shown.chips}
    assert shown.label == "simulated"
    assert {"Order", "Cost estimate", "Worst case", "Expires"} <= {name for name, _ in shown.fields}


def test_the_shown_command_really_approves() -> None:
    desk = scene()
    card = desk.proposed(idea(GAMMA, event_in=None))
    parts = ask(desk, offered.show_card, card=card.id).data["approve_command"].split()
    rules = [parts[at + 1] for at, word in enumerate(parts) if word == "--acknowledge"]
    answer = ask(desk, offered.approve_card, card=parts[3], digest=parts[5], acknowledge=rules)
    assert (answer.data["card"], answer.data["state"]) == (card.id, "APPROVED")
    assert answer.data["acknowledged"] == ["event_window", "sector_exposure"]
    assert "Its order goes out when its checks have run again" in words(answer.blocks())


def test_the_terminal_can_read_a_card_before_and_after_it_was_sent() -> None:
    desk = scene()
    card = desk.proposed(idea(event_in=None))
    before = ticket(ask(desk, offered.show_card, card=card.id).data)
    assert (before.digest, before.can_be_approved) == (card.digest, True)
    assert before.not_judged == ("event_window",)
    assert before.order == "BUY 49 ALFA at market"
    desk.approve(card)
    desk.desk.release(card.id)
    desk.desk.send(card.id)
    assert ticket(ask(desk, offered.show_card, card=card.id).data).state == "FILLED"


def test_every_number_of_a_shown_card_names_its_fact() -> None:
    desk = scene()
    card = desk.proposed()
    answer = ask(desk, offered.show_card, card=card.id)
    assert [line["fact"] for line in answer.data["evidence"]] == [f.id for f in card.evidence]


def test_a_card_that_went_all_the_way_shows_order_fills_and_steps() -> None:
    desk = scene()
    card = desk.sent()
    answer = ask(desk, offered.show_card, card=card.id)
    assert answer.data["record"]["state"] == "FILLED"
    assert [fill["quantity"] for fill in answer.data["fills"]] == ["49"]
    assert [step["after"] for step in answer.data["moves"]] == ["APPROVED", "SENT", "FILLED"]
    assert answer.data["approve_command"] == ""
    titles = [block.title for block in answer.blocks() if isinstance(block, Table)]
    assert titles == ["Guardrails", "Its order", "Fills", "Evidence", "Steps"]


def test_why_tells_each_rule_with_what_would_pass() -> None:
    desk = scene()
    card = desk.proposed(idea(weight=0.2))
    answer = ask(desk, offered.why_card, card=card.id)
    rules = {verdict["rule"]: verdict for verdict in answer.data["verdicts"]}
    assert rules["position_size"]["judgement"] == "FAIL"
    assert rules["position_size"]["would_pass"] == "at most 100 shares"
    assert "at most 100 shares" in words(answer.blocks())
    assert "cards why" in words(answer.blocks())


def test_why_tells_the_reasons_of_a_refusal() -> None:
    desk = scene()
    card = desk.proposed()
    desk.approve(card)
    desk.prices._bars.pop(ALPHA)
    desk.desk.release(card.id)
    answer = ask(desk, offered.why_card, card=card.id)
    assert answer.data["moves"][-1]["reason"] == "ALFA has no known price"


def test_an_agent_cannot_approve_even_past_the_door() -> None:
    desk = scene()
    card = desk.proposed()
    with pytest.raises(Refused, match="only a person"):
        ask(desk, offered.approve_card, caller=AGENT, card=card.id, digest=card.digest)
    assert desk.cards.get(card.id).state is CardState.PROPOSED


def test_a_second_approval_is_a_conflict() -> None:
    desk = scene()
    card = desk.proposed()
    ask(desk, offered.approve_card, card=card.id, digest=card.digest)
    with pytest.raises(Conflict, match="approved once"):
        ask(desk, offered.approve_card, card=card.id, digest=card.digest)


def test_a_card_is_turned_down_with_a_reason() -> None:
    desk = scene()
    card = desk.proposed()
    answer = ask(desk, offered.reject_card, card=card.id, reason="too crowded")
    assert (answer.data["state"], answer.data["reason"]) == ("REJECTED", "too crowded")
    assert "too crowded" in words(answer.blocks())


@pytest.mark.parametrize(
    "raw",
    [
        {"card": "17", "digest": "0" * 64},
        {"card": "TC-1", "digest": "abc"},
        {"card": "TC-1"},
        {"card": "TC-1", "digest": "0" * 64, "price": 5},
    ],
)
def test_inputs_that_cannot_be_are_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        ask(scene(), offered.approve_card, **raw)


def test_a_card_that_is_not_there_is_not_found() -> None:
    for function in (offered.show_card, offered.why_card):
        with pytest.raises(NotFound, match="fondaco cards list"):
            ask(scene(), function, card="TC-9")


def test_orders_are_listed_with_what_is_known_of_them() -> None:
    desk = scene()
    card = desk.proposed()
    desk.approve(card)
    desk.desk.release(card.id)
    desk.broker.faults = Faults(answer_lost=2)
    desk.desk.send(card.id)
    answer = ask(desk, offered.list_orders)
    assert [(o["state"], o["symbol"], o["filled"]) for o in answer.data] == [
        ("UNKNOWN", "ALFA", "0")
    ]
    assert "no answer" in words(answer.blocks())
    shown = ask(desk, offered.show_card, card=card.id).blocks()[0]
    assert isinstance(shown, Card)
    assert "never sent under a new id" in shown.footer


def test_an_empty_desk_says_which_command_fills_it() -> None:
    assert "fondaco cycle run" in words(ask(scene(), offered.list_cards).blocks())
    assert "fondaco cards list" in words(ask(scene(), offered.list_orders).blocks())


def test_every_state_has_its_colour_and_every_unfinished_one_its_next_step() -> None:
    assert set(STATE_TONES) == set(CardState)
    ended = {CardState.REJECTED, CardState.EXPIRED, CardState.CANCELLED}
    assert set(CardState) - set(NEXT) == ended | {CardState.PROPOSED}


def test_a_person_cancels_an_order_and_sees_what_became_of_it() -> None:
    desk = scene()
    card = desk.proposed()
    desk.approve(card)
    desk.desk.release(card.id)
    client_id = card.order.client_id
    desk.broker.put(Placed(client_id, OrderState.WORKING))
    desk.desk.send(card.id)
    (line,) = ask(desk, offered.list_orders).data
    assert (line["state"], line["how"]) == ("WORKING", "market, until cancelled")
    answer = ask(desk, offered.cancel_order, order=client_id)
    assert (answer.data["state"], answer.data["symbol"]) == ("CANCELLED", "ALFA")
    assert "It trades no more" in words(answer.blocks())
    assert offered.cancel_order.__capability__.effect is Effect.MONEY  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        ask(desk, offered.cancel_order, order="nobody")

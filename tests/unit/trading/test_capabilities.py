"""What the outside may ask of cards and orders, and how the answers are drawn."""

from decimal import Decimal

import pytest

from fondaco.core.errors import NotFound, Refused
from fondaco.core.view import Card, Table
from fondaco.trading.capabilities import (
    approve_card,
    list_cards,
    list_orders,
    reject_card,
    show_card,
    why_card,
)
from fondaco.trading.cards import CardState
from fondaco.trading.views import view_card, view_cards, view_orders, view_reasons
from unit.trading.scene import AGENT, ALPHA, BETA, PERSON, idea, scene


def test_the_list_shows_the_newest_card_first_and_takes_a_state() -> None:
    desk = scene()
    desk.propose(idea(ALPHA, 0.05), idea(BETA, 0.5))
    lines = list_cards(desk.cards)
    assert {(line.symbol, line.state) for line in lines} == {
        ("ALFA", "PROPOSED"), ("BETA", "BLOCKED")}
    (waiting,) = list_cards(desk.cards, state=CardState.PROPOSED)
    assert waiting.symbol == "ALFA"
    table, hint = view_cards(lines)
    assert isinstance(table, Table)
    assert f"`fondaco cards show {waiting.id}`" in str(hint)


def test_the_sheet_gives_the_whole_digest_and_the_command_that_approves() -> None:
    desk = scene()
    made = desk.proposed(idea(event_in=None))
    sheet = show_card(desk.cards, desk.orders, card=made.id)
    assert sheet.digest == made.digest
    first = view_card(sheet)[0]
    assert isinstance(first, Card)
    assert f"fondaco cards approve {made.id} --digest {made.digest}" in first.footer
    assert "--acknowledge event_window" in first.footer
    assert {chip.word for chip in first.chips} == {"PROPOSED", "PAPER", "REPLAY"}
    assert dict(first.fields)["Digest"] == made.digest


def test_approving_by_the_sheets_digest_moves_the_card_on() -> None:
    desk = scene()
    made = desk.proposed(idea(event_in=None))
    sheet = approve_card(desk.desk, desk.cards, desk.orders, PERSON, card=made.id,
                         digest=made.digest, acknowledge=("event_window",))
    assert sheet.card.state is CardState.APPROVED
    assert sheet.moves[-1].after is CardState.APPROVED


def test_a_program_cannot_approve_and_nothing_changes() -> None:
    desk = scene()
    made = desk.proposed()
    with pytest.raises(Refused, match="person"):
        approve_card(desk.desk, desk.cards, desk.orders, AGENT, card=made.id, digest=made.digest)
    assert desk.cards.get(made.id).state is CardState.PROPOSED


def test_why_names_each_rule_with_its_limit_and_each_step() -> None:
    desk = scene()
    made = desk.proposed()
    reject_card(desk.desk, desk.cards, desk.orders, PERSON, card=made.id, reason="too dear")
    reasons = why_card(desk.cards, card=made.id)
    assert len(reasons.verdicts) == 6
    assert (reasons.state, reasons.moves[-1].reason) == ("REJECTED", "too dear")
    blocks = view_reasons(reasons)
    assert [type(block) for block in blocks] == [Card, Table, Table]


def test_orders_are_listed_with_what_is_known_of_them() -> None:
    desk = scene()
    assert list_orders(desk.orders, desk.cards) == ()
    sent = desk.sent()
    (line,) = list_orders(desk.orders, desk.cards)
    assert (line.card, line.symbol, line.quantity) == (sent.id, "ALFA", sent.order.quantity)
    (table,) = view_orders((line,))
    assert isinstance(table, Table)
    assert table.label == "paper"


def test_fills_are_shown_on_the_sheet_of_a_filled_card() -> None:
    desk = scene()
    sent = desk.sent()
    desk.desk.settle(sent.id)
    sheet = show_card(desk.cards, desk.orders, card=sent.id)
    assert sum((fill.quantity for fill in sheet.fills), Decimal(0)) == sent.order.quantity
    assert any(getattr(block, "title", "") == "Fills" for block in view_card(sheet))


def test_a_card_that_is_not_there_is_not_found() -> None:
    desk = scene()
    with pytest.raises(NotFound):
        show_card(desk.cards, desk.orders, card="TC-99")

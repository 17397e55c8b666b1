"""The gate at the door of paper: only ideas of what was promoted become cards, and go out."""

from dataclasses import replace

from fondaco.trading.cards import CardState
from fondaco.trading.fakes import FixedAdmissions
from fondaco.trading.ports import Admission
from unit.trading.scene import ALPHA, BETA, Scene, idea, scene


class OneDecision(FixedAdmissions):
    """Admits everything by one decision, that a person may have taken in spite of the gate."""

    def __init__(self, words: str, *, override: bool = False) -> None:
        super().__init__()
        self.admission = Admission(True, words, override)

    def admitted(self, source: str) -> Admission:
        """Return the one decision."""
        return self.admission


def with_admissions(admissions: FixedAdmissions) -> Scene:
    made = scene()
    made.admissions = admissions
    made.desk = made.new_desk()
    return made


def test_an_idea_of_a_strategy_that_was_not_promoted_makes_no_card_and_the_desk_says_why() -> None:
    desk = with_admissions(FixedAdmissions({"momentum": "momentum was never promoted"}))
    cards = desk.propose(idea(), idea(BETA, source="value"))
    assert [card.source for card in cards] == ["value"]
    (refused,) = desk.events("idea.refused")
    assert refused.data == {"source": "momentum", "reason": "momentum was never promoted"}


def test_a_position_may_be_sold_whatever_stands_on_paper() -> None:
    desk = scene()
    desk.broker.fill_price = lambda *_: 100  # type: ignore[attr-defined]
    card = desk.proposed()
    desk.approve(card)
    desk.desk.release(card.id)
    desk.desk.send(card.id)
    desk.desk.settle(card.id)
    closing = with_admissions(FixedAdmissions({"momentum": "taken off paper"}))
    closing.entries, closing.books = desk.entries, desk.books
    closing.desk = closing.new_desk(books=desk.books)
    assert closing.propose(idea(), complete=False) == ()
    exits = closing.propose(idea(weight=0.0), complete=False)
    assert all(one.order.side.value == "sell" for one in exits)


def test_a_card_carries_by_what_decision_its_source_stands_and_the_digest_covers_it() -> None:
    card = with_admissions(OneDecision("PR-3, by the gate")).proposed()
    assert (card.standing, card.overridden) == ("PR-3, by the gate", False)
    assert replace(card, standing="PR-4").digest != card.digest
    assert replace(card, overridden=True).digest != card.digest


def test_an_override_stays_on_the_card() -> None:
    card = with_admissions(OneDecision("PR-4, override of ada: to learn", override=True)).proposed()
    assert card.overridden
    assert card.standing == "PR-4, override of ada: to learn"


def test_a_card_is_refused_at_its_release_when_its_strategy_was_taken_off_paper_meanwhile() -> None:
    desk = with_admissions(FixedAdmissions())
    card = desk.proposed(idea(ALPHA))
    desk.approve(card)
    desk.admissions.refused["momentum"] = "momentum was taken off paper by PR-9"
    assert desk.desk.release(card.id) is None
    refused = desk.cards.get(card.id)
    assert refused.state is CardState.REFUSED
    assert "taken off paper by PR-9" in desk.cards.moves(card.id)[-1].reason


def test_a_card_is_refused_at_its_release_when_another_decision_holds_by_then() -> None:
    admissions = OneDecision("PR-3, by the gate")
    desk = with_admissions(admissions)
    card = desk.proposed()
    desk.approve(card)
    admissions.admission = Admission(True, "PR-5, by the gate")
    assert desk.desk.release(card.id) is None
    assert "by another decision now: PR-5" in desk.cards.moves(card.id)[-1].reason

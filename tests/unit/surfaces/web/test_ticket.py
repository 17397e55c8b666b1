import pytest

from fondaco.surfaces.web.ticket import ticket

from .toy import ToyDesk
from .toy_state import Cards


def _data() -> dict:
    desk = ToyDesk()
    return desk.catalogue["cards.show"].output.dump_python(Cards().get("TC-1"), mode="json")


def test_a_ticket_shows_the_exact_order_its_cost_and_its_worst_case() -> None:
    shown = ticket(_data())
    before = dict(shown.before)
    assert shown.order == "BUY 31 AAPL at market"
    assert before["Account"] == "paper"
    assert before["Value"] == "4,027.83 USD"  # 31 x 129.93 by hand
    assert before["Cost estimate"] == "2.01 USD"
    assert before["Worst case"] == "4,029.84 USD, if the whole position went to zero"
    assert before["Expires"] == "2023-01-04 15:30 UTC"


def test_a_ticket_carries_the_whole_digest() -> None:
    assert ticket(_data()).digest == "1" * 64


def test_rules_without_a_judgement_are_named() -> None:
    assert ticket(_data()).not_judged == ("liquidity", "event")


def test_only_a_proposed_card_can_be_approved() -> None:
    assert ticket(_data()).can_be_approved
    assert not ticket(_data() | {"state": "BLOCKED"}).can_be_approved


@pytest.mark.parametrize("missing", ["order", "digest", "verdicts", "worst_case"])
def test_a_card_without_what_must_be_seen_is_not_shown_at_all(missing: str) -> None:
    data = _data()
    del data[missing]
    with pytest.raises(KeyError):
        ticket(data)


def test_a_fraction_of_a_cent_is_not_hidden() -> None:
    data = _data() | {"reference_price": "129.9342"}
    assert dict(ticket(data).before)["Reference price"] == "129.9342 USD"


def test_a_ticket_says_by_what_decision_its_strategy_stands_and_marks_an_override() -> None:
    shown = ticket(_data())
    assert dict(shown.about)["On paper by"] == "PR-1, by the gate on 2022-12-01 from EV-1"
    assert not shown.overridden
    words = "PR-2, override of ada on 2022-12-02: to learn how its cards behave"
    put = ticket(_data() | {"standing": words, "overridden": True})
    assert dict(put.about)["On paper by"] == words
    assert put.overridden

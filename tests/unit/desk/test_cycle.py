"""The daily cycle: from prices to cards, once for each day however often it is run."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from fondaco.core.errors import InvalidInput
from fondaco.core.ideas import Idea
from fondaco.core.instrument import InstrumentId
from fondaco.desk.cycle import CycleParts, merged, run_cycle
from fondaco.desk.fakes import KeptSteps
from fondaco.desk.results import CycleReport
from fondaco.trading.cards import CardState
from unit.desk.house import House, Told


@pytest.fixture
def house() -> House:
    return House()


def test_a_cycle_makes_cards_of_what_momentum_wants_and_says_what_it_did(house: House) -> None:
    day = house.days[-41]
    report = house.cycle(day)
    assert (report.session, report.as_of, report.replay) == (day, house.at(-41), True)
    assert report.origin == "simulated"
    assert report.instruments == 20
    assert [idea.source for idea in report.ideas] == ["momentum"] * 4  # a fifth of 20 names
    assert {card.id for card in report.cards} == {card.id for card in house.cards.list()}
    assert len(report.cards) == 4
    assert "no forecast could be made" in report.notes[0]
    assert report.record is None
    assert report.rows_ingested == 0


def test_the_same_day_again_finds_the_same_cards(house: House) -> None:
    first = house.cycle(house.days[-41])
    again = house.cycle(house.days[-41])
    assert [card.id for card in again.cards] == [card.id for card in first.cards]
    assert len(house.cards.list()) == len(first.cards)


def test_the_report_survives_as_plain_json(house: House) -> None:
    report = house.cycle(house.days[-41])
    plain = TypeAdapter(CycleReport).dump_python(report, mode="json")
    assert TypeAdapter(CycleReport).validate_python(plain) == report


@pytest.mark.parametrize("cut", ["ingest", "time", "research", "propose"])
def test_a_cycle_that_is_cut_short_goes_on_and_doubles_nothing(house: House, cut: str) -> None:
    kept = KeptSteps()
    with pytest.raises(KeyboardInterrupt):
        house.cycle(house.days[-41], Cut(kept, cut))  # type: ignore[arg-type]
    report = house.cycle(house.days[-41], kept)
    assert kept.ran == ["ingest", "time", "research", "propose"]
    assert len(report.cards) == 4
    assert len(house.cards.list()) == 4


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


def test_what_is_held_and_no_longer_wanted_is_proposed_for_sale(house: House) -> None:
    house.cycle(house.days[-41])
    for card in house.cards.list():
        house.approve(card)
    house.hand_on()
    house.durable.run_due()
    held = set(house.books.positions("paper"))
    assert held
    report = house.cycle(house.days[-1])
    wanted = {idea.symbol for idea in report.ideas}
    sold = {card.symbol for card in report.cards if card.side == "sell"}
    names = {house.instruments.get(instrument).symbol for instrument in held}
    assert names - wanted <= sold


def test_too_little_history_is_refused_with_how_much_is_needed(house: House) -> None:
    with pytest.raises(InvalidInput, match="too little history") as caught:
        house.cycle(house.days[100])
    assert caught.value.value == f"101 sessions up to {house.days[100]}"
    assert caught.value.bound == "at least 253"
    assert house.cards.list() == ()


def test_progress_goes_through_every_step(house: House) -> None:
    told = Told()
    parts = CycleParts(
        prices=house.prices,
        instruments=house.instruments,
        ingestor=lambda: None,  # type: ignore[arg-type,return-value]
        forecasts=house.forecasts,
        card_desk=lambda: house.card_desk,
        admissions=house.admissions,
        strategies=lambda: house.strategies,
        clock=house.clock,
        account="paper",
        age_sessions_max=3,
    )
    run_cycle(parts, {"as_of": house.days[-41].isoformat()}, told, KeptSteps())
    steps = [step for step, _, _ in told.said]
    assert steps[0] == "Ingesting prices"
    assert steps[-1] == "Done"
    assert told.said[-1][1:] == (4, 4)


def test_an_instrument_that_two_strategies_want_gets_one_idea_with_both_reasons() -> None:
    one = Idea("momentum", InstrumentId("I-a"), House().clock.now(), 0.08, "rose", None, ())
    two = replace(one, source="lightgbm", weight=0.1, catalyst="will rise")
    other = replace(one, instrument=InstrumentId("I-b"))
    found = merged([one, two, other])
    assert [(i.instrument, i.weight, i.source) for i in found] == [
        ("I-a", 0.1, "lightgbm"),
        ("I-b", 0.08, "momentum"),
    ]
    assert found[0].catalyst == "will rise; momentum asks for it too"


@pytest.mark.slow  # LightGBM alone takes seconds to import
def test_a_cycle_with_enough_history_forecasts_and_keeps_its_record() -> None:
    house = House(panel_sessions=900)
    report = house.cycle(house.days[-2])
    assert report.forecasts == 20
    assert report.record is not None
    assert report.record.forecasts == 20 * report.record.dates
    assert {idea.source for idea in report.ideas} == {"momentum", "lightgbm"}
    again = house.cycle(house.days[-2])
    assert again.forecasts_new == 0


def test_the_cards_of_a_day_are_replays_as_of_its_close(house: House) -> None:
    house.cycle(house.days[-41])
    for card in house.cards.list():
        assert card.replay
        assert card.as_of == house.at(-41)
        assert card.state in {CardState.PROPOSED, CardState.BLOCKED}

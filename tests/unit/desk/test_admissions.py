"""Who stands on paper: the newest decision, held to the code that it was given for."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fondaco.desk.admissions import DeskAdmissions
from fondaco.desk.asked import asked
from fondaco.research.fakes import MemoryPromotions, MemoryStrategies, promotion_of
from fondaco.research.strategies.momentum import momentum
from fondaco.research.strategies.trend import sma_trend
from fondaco.research.strategies.user import unopened
from fondaco.research.trial_ledger import Stage
from unit.desk.house import House


class Files(MemoryStrategies):
    """One file of a user's, whose source can be changed."""

    def __init__(self, source: str) -> None:
        super().__init__({})
        self.source = source

    def read(self, reference: str, *, anywhere: bool = False) -> str:
        """Return the source."""
        return self.source


@pytest.fixture
def promotions() -> MemoryPromotions:
    return MemoryPromotions()


def admissions(
    promotions: MemoryPromotions, files: MemoryStrategies | None = None
) -> DeskAdmissions:
    return DeskAdmissions(promotions, lambda: files or MemoryStrategies({}))


def test_what_was_never_promoted_is_not_admitted_and_told_the_way(
    promotions: MemoryPromotions,
) -> None:
    found = admissions(promotions).admitted("momentum")
    assert not found.allowed
    assert "fondaco backtest validate momentum" in found.words


def test_the_newest_decision_holds(promotions: MemoryPromotions) -> None:
    desk = admissions(promotions)
    promotions.add(promotion_of(momentum()))
    assert desk.admitted("momentum").allowed
    assert desk.admitted("momentum").words == "PR-1, by the gate on 2010-01-04 from EV-1"
    promotions.add(promotion_of(momentum(), Stage.CANDIDATE))
    assert not desk.admitted("momentum").allowed
    assert "taken off paper by PR-2" in desk.admitted("momentum").words


def test_an_override_is_told_with_its_person_and_reason(promotions: MemoryPromotions) -> None:
    promotions.add(promotion_of(momentum(), override="to learn how cards work"))
    found = admissions(promotions).admitted("momentum")
    assert found.override
    assert found.words == "PR-1, override of ada on 2010-01-04: to learn how cards work"


def test_code_that_changed_since_is_not_admitted(promotions: MemoryPromotions) -> None:
    promotions.add(replace(promotion_of(momentum()), code="another"))
    found = admissions(promotions).admitted("momentum")
    assert not found.allowed
    assert "the code of momentum changed since PR-1" in found.words


def test_other_parameters_of_the_same_code_are_admitted_as_they_were_promoted(
    promotions: MemoryPromotions,
) -> None:
    promotions.add(promotion_of(momentum(lookback=126)))
    who = asked(admissions(promotions))
    assert [(s.name, s.parameters["lookback"]) for s in who.strategies] == [("momentum", 126)]


def test_a_users_file_is_held_to_its_source(promotions: MemoryPromotions) -> None:
    files = Files("PARAMETERS = {}\n")
    promotions.add(promotion_of(unopened("mine.py", files.source, {})))
    desk = admissions(promotions, files)
    assert desk.admitted("mine.py").allowed
    files.source += "# changed\n"
    assert not desk.admitted("mine.py").allowed


def test_a_strategy_that_is_gone_is_not_admitted(promotions: MemoryPromotions) -> None:
    promotions.add(replace(promotion_of(momentum()), strategy="momentous"))
    found = admissions(promotions).admitted("momentous")
    assert not found.allowed
    assert "cannot be found as it was promoted" in found.words


def test_a_cycle_asks_only_what_stands_on_paper_and_says_who_does_not() -> None:
    house = House()
    house.promotions.add(promotion_of(momentum(), Stage.CANDIDATE))
    report = house.cycle(house.days[-41])
    assert "momentum" not in report.strategies
    assert report.ideas == ()
    assert "Momentum was taken off paper by PR-3." in report.notes
    assert house.cards.list() == ()


def test_a_desk_without_a_promotion_proposes_nothing_and_says_what_to_do() -> None:
    house = House()
    house.promotions._kept.clear()
    report = house.cycle(house.days[-41])
    assert (report.strategies, report.cards) == ((), ())
    assert any("No strategy stands on paper" in note for note in report.notes)


def test_a_strategy_without_scores_asks_for_its_target_weights() -> None:
    house = House()
    house.promotions._kept.clear()
    house.promotions.add(promotion_of(sma_trend(), at=datetime(2011, 1, 3, tzinfo=UTC)))
    report = house.cycle(house.days[-41])
    assert report.strategies == ("sma_trend",)
    assert {idea.source for idea in report.ideas} <= {"sma_trend"}
    assert all(0 < idea.weight <= 0.08 for idea in report.ideas)
    assert report.ideas

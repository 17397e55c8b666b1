"""Every store of evidence and promotions: kept for good by number, newest first."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from fondaco.core.errors import NotFound
from fondaco.core.instrument import Origin
from fondaco.research.fakes import MemoryEvidence, MemoryPromotions
from fondaco.research.trial_ledger import (
    Condition,
    Evidence,
    EvidenceStore,
    Promotion,
    PromotionStore,
    Stage,
)

AT = datetime(2019, 6, 28, 20, 15, 1, 123456, tzinfo=UTC)
EVIDENCE = Evidence(
    id="",
    key="key-1",
    strategy="momentum",
    family="momentum",
    code="c" * 64,
    parameters={"lookback": 252, "share": 0.1 + 0.2},
    author="ada",
    surface="cli",
    at=AT,
    data_version=3,
    instruments=20,
    label=Origin.BUNDLED,
    proof="12 cuts, none changed the past",
    costs="5 bp of each traded value",
    costs_dated=date(2019, 1, 2),
    trial="a" * 64,
    since=date(2005, 6, 1),
    until=date(2015, 12, 31),
    holdout="b" * 64,
    holdout_since=date(2016, 1, 4),
    holdout_until=date(2018, 12, 31),
    touched=("d" * 64, "e" * 64),
    overfit=1 / 3,
    overfit_sets=12,
)
BARE = replace(
    EVIDENCE,
    key="key-2",
    proof=None,
    costs_dated=None,
    holdout=None,
    holdout_since=None,
    holdout_until=None,
    touched=(),
    overfit=None,
    overfit_sets=0,
)
PROMOTION = Promotion(
    id="",
    strategy="momentum",
    family="momentum",
    code="c" * 64,
    parameters={"lookback": 252},
    stage=Stage.PAPER,
    evidence="EV-1",
    conditions=(
        Condition("data", met=True, value="bundled", bound="real"),
        Condition("cost model", met=False, value="none", bound="dated", remedy="Date it."),
    ),
    override="the client asked for it",
    author="ada",
    surface="cli",
    at=AT,
)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def stores(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryEvidence(), MemoryPromotions()
    from fondaco.adapters.stores.postgres.numbers import Numbers
    from fondaco.adapters.stores.postgres.promotions import PostgresEvidence, PostgresPromotions

    database = request.getfixturevalue("database")
    numbers = Numbers(database)
    return PostgresEvidence(database, numbers), PostgresPromotions(database, numbers)


@pytest.fixture
def evidence(stores: Any) -> EvidenceStore:
    kept: EvidenceStore = stores[0]
    return kept


@pytest.fixture
def promotions(stores: Any) -> PromotionStore:
    kept: PromotionStore = stores[1]
    return kept


@pytest.mark.parametrize("found", [EVIDENCE, BARE], ids=["full", "bare"])
def test_evidence_comes_back_as_it_was(evidence: EvidenceStore, found: Evidence) -> None:
    name = evidence.add(found)
    assert name == "EV-1"
    assert evidence.get(name) == replace(found, id=name)
    assert evidence.list() == (replace(found, id=name),)


def test_the_same_evidence_is_kept_once_and_spends_one_number(evidence: EvidenceStore) -> None:
    assert evidence.add(EVIDENCE) == evidence.add(replace(EVIDENCE, at=AT.replace(hour=21)))
    assert evidence.add(BARE) == "EV-2"
    assert evidence.get("EV-1").at == AT


def test_evidence_is_listed_newest_first_by_strategy(evidence: EvidenceStore) -> None:
    for number, strategy in enumerate("aba"):
        evidence.add(replace(EVIDENCE, key=f"{number}", strategy=strategy))
    assert [one.id for one in evidence.list()] == ["EV-3", "EV-2", "EV-1"]
    assert [one.id for one in evidence.list(strategy="a")] == ["EV-3", "EV-1"]
    assert [one.id for one in evidence.list(limit=1)] == ["EV-3"]
    assert evidence.list(strategy="c") == ()


def test_evidence_that_is_not_there_is_not_found(evidence: EvidenceStore) -> None:
    with pytest.raises(NotFound, match="EV-9"):
        evidence.get("EV-9")


def test_a_promotion_comes_back_with_its_conditions_and_its_override(
    promotions: PromotionStore,
) -> None:
    assert promotions.add(PROMOTION) == "PR-1"
    assert promotions.list() == (replace(PROMOTION, id="PR-1"),)


def test_the_newest_promotion_of_each_strategy_is_in_force(promotions: PromotionStore) -> None:
    steps = [("b", Stage.PAPER), ("a", Stage.PAPER), ("b", Stage.LIVE), ("b", Stage.CANDIDATE)]
    for strategy, stage in steps:
        promotions.add(replace(PROMOTION, strategy=strategy, stage=stage))
    current = [(one.strategy, one.stage, one.id) for one in promotions.current()]
    assert current == [("a", Stage.PAPER, "PR-2"), ("b", Stage.CANDIDATE, "PR-4")]
    assert [one.id for one in promotions.list(strategy="b")] == ["PR-4", "PR-3", "PR-1"]
    assert [one.id for one in promotions.list(limit=2)] == ["PR-4", "PR-3"]


def test_the_same_decision_twice_is_two_decisions(promotions: PromotionStore) -> None:
    assert [promotions.add(PROMOTION), promotions.add(PROMOTION)] == ["PR-1", "PR-2"]

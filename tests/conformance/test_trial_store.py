"""Every trial ledger: each content counted once, newest first."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from fondaco.research.fakes import MemoryTrials
from fondaco.research.ports import Trial, TrialStore

TRIAL = Trial(
    "hash-1",
    "momentum",
    {"lookback": 252, "skip": 21, "weights": [0.1, 1e22]},
    "ada",
    datetime(2019, 6, 28, tzinfo=UTC),
    3,
    datetime(2000, 1, 3, tzinfo=UTC),
    datetime(2018, 12, 31, tzinfo=UTC),
    {"sharpe": 0.1 + 0.2, "cagr": -1e-9},
    (0.1, -5e-324, 1 / 3),
)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryTrials()
    from fondaco.adapters.stores.postgres.trials import PostgresTrials

    return PostgresTrials(request.getfixturevalue("database"))


def test_a_trial_comes_back_to_the_last_bit(store: TrialStore) -> None:
    assert store.add(TRIAL)
    assert store.list() == (TRIAL,)


def test_the_same_content_is_counted_once(store: TrialStore) -> None:
    assert store.add(TRIAL)
    assert not store.add(replace(TRIAL, author="bob"))
    assert store.count() == 1
    assert store.list() == (TRIAL,)


def test_trials_are_counted_and_listed_newest_first_by_strategy(store: TrialStore) -> None:
    for number, strategy in enumerate(["a", "b", "a"]):
        store.add(replace(TRIAL, content=f"hash-{number}", strategy=strategy))
    assert (store.count(), store.count(strategy="a"), store.count(strategy="c")) == (3, 2, 0)
    assert [t.content for t in store.list(strategy="a")] == ["hash-2", "hash-0"]
    assert [t.content for t in store.list(limit=1)] == ["hash-2"]

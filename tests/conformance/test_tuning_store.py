"""Every store of tuning studies: each number of a study kept once, back to the last bit."""

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from fondaco.backtest.sweep_result import SetFigures
from fondaco.backtest.tuning.ports import MemoryTunings, Tried, TuningStore
from fondaco.core.errors import Conflict

TRIED = Tried(
    study="0123456789abcdef",
    number=0,
    varied={"lookback": 63, "share": 0.1 + 0.2, "whole": 252.0},
    state="complete",
    trial="a" * 64,
    new=True,
    early=-1e-300,
    figures=SetFigures(1 / 3, None, 0.1 + 0.2, -0.5, 3.5, Decimal("123456.789012")),
)
FAILED = Tried(
    study=TRIED.study, number=1, varied={"lookback": 5}, state="failed", reason="skip >= lookback"
)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryTunings()
    from fondaco.adapters.stores.postgres.tuner import PostgresTunings

    return PostgresTunings(request.getfixturevalue("database"))


def test_a_set_comes_back_to_the_last_bit(store: TuningStore) -> None:
    store.add(TRIED)
    store.add(FAILED)
    found = store.list(TRIED.study)
    assert found == (TRIED, FAILED)
    assert list(found[0].varied) == ["lookback", "share", "whole"]  # in their order
    assert [type(value) for value in found[0].varied.values()] == [int, float, float]


def test_a_number_of_a_study_is_kept_once(store: TuningStore) -> None:
    store.add(TRIED)
    with pytest.raises(Conflict, match="number 0"):
        store.add(replace(TRIED, varied={"lookback": 64}))
    assert store.list(TRIED.study) == (TRIED,)


def test_studies_are_apart_and_listed_by_number(store: TuningStore) -> None:
    for number in (2, 0, 10, 1):
        store.add(replace(TRIED, number=number))
    store.add(replace(TRIED, study="another"))
    assert [one.number for one in store.list(TRIED.study)] == [0, 1, 2, 10]
    assert len(store.list("another")) == 1
    assert store.list("none") == ()


@pytest.mark.services
def test_what_is_undone_with_its_transaction_is_not_kept(database: Any) -> None:
    from fondaco.adapters.stores.postgres.tuner import PostgresTunings

    store = PostgresTunings(database)
    with suppress(KeyboardInterrupt), database.transaction():
        store.add(TRIED)
        raise KeyboardInterrupt
    assert store.list(TRIED.study) == ()
    with database.transaction():  # a conflict inside leaves the transaction usable
        store.add(TRIED)
        with pytest.raises(Conflict):
            store.add(TRIED)
        store.add(FAILED)
    assert len(store.list(TRIED.study)) == 2

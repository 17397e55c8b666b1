"""Every store of facts: kept by the hash of the content, read back with the same id."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from fondaco.core.errors import NotFound
from fondaco.core.facts import Fact, FactStore, MemoryFacts, Source

AS_OF = datetime(2019, 6, 28, 20, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryFacts()
    from fondaco.adapters.stores.postgres.facts import PostgresFacts

    return PostgresFacts(request.getfixturevalue("database"))


FACTS = (
    Fact(
        "close",
        Decimal("197.9200"),
        "USD",
        AS_OF,
        Source("bars_1d", ("I-a",), ("close",), AS_OF - timedelta(days=1), AS_OF, 3),
    ),
    Fact(
        "momentum",
        Decimal("-1E-7"),
        "share",
        AS_OF.astimezone(timezone(timedelta(hours=2))),
        Source("bars_1d", ("I-a", "I-b"), method="momentum_12_1"),
    ),
    Fact("limit", Decimal("1E+2"), "", AS_OF, Source("settings", ())),
)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_a_fact_comes_back_with_the_same_content_and_id(store: FactStore, fact: Fact) -> None:
    store.add((fact,))
    kept = store.get(fact.id)
    assert kept == fact
    assert kept.id == fact.id
    assert str(kept.value) == str(fact.value)


def test_the_same_facts_again_change_nothing(store: FactStore) -> None:
    store.add(FACTS)
    store.add(FACTS[::-1] + FACTS)
    store.add(())
    assert [store.get(fact.id) for fact in FACTS] == list(FACTS)


def test_an_unknown_fact_is_not_found(store: FactStore) -> None:
    with pytest.raises(NotFound):
        store.get("F-0000000000000000")

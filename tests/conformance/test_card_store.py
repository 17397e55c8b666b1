"""Every store of cards: one card per origin, each step of its life kept, none skipped."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fondaco.core.errors import Conflict, NotFound
from fondaco.core.facts import Fact, Source
from fondaco.core.instrument import InstrumentId, Origin
from fondaco.core.orders import Order, Side
from fondaco.risk.verdict import Judgement, Verdict
from fondaco.trading.cards import CardState, TradeCard, move
from fondaco.trading.fakes import MemoryCards
from fondaco.trading.ports import CardStore

NOW = datetime(2019, 6, 28, 21, 0, 0, 1, tzinfo=UTC)
FACT = Fact(
    "momentum",
    Decimal("0.1200"),
    "share",
    NOW,
    Source("bars_1d", ("I-a",), ("close",), None, NOW, 7, "momentum_12_1"),
)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryCards()
    from fondaco.adapters.stores.postgres.cards import PostgresCards
    from fondaco.adapters.stores.postgres.numbers import Numbers

    database = request.getfixturevalue("database")
    return PostgresCards(database, Numbers(database))


def card(name: str, *, origin_key: str = "", state: CardState = CardState.PROPOSED) -> TradeCard:
    order = Order(f"{name}-abc", "paper", InstrumentId("I-a"), Side.BUY, Decimal("1E+1"))
    return TradeCard(
        id=name,
        origin_key=origin_key or f"cycle/momentum/{name}",
        state=state,
        symbol="AAPL",
        source="momentum",
        order=order,
        currency="USD",
        reference_price=Decimal("197.920000"),
        cost_estimate=Decimal("1.00"),
        worst_case=Decimal("1979.20"),
        weight=0.1 + 0.2,
        catalyst="it rose – “steadily”",
        catalyst_at=None,
        evidence=(FACT,),
        verdicts=(
            Verdict("liquidity", Judgement.PASS, "0.1 %", "1 %", "it passes", (FACT.id,)),
            Verdict("event", Judgement.NOT_JUDGED, "none", "3 days", "a calendar"),
        ),
        origin=Origin.BUNDLED,
        replay=True,
        as_of=NOW,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=24),
    )


def test_card_numbers_count_up(store: CardStore) -> None:
    assert [store.next_id() for _ in range(3)] == ["TC-1", "TC-2", "TC-3"]


def test_a_card_comes_back_with_the_same_digest(store: CardStore) -> None:
    kept = card("TC-1")
    assert store.add(kept) == kept
    assert store.get("TC-1") == kept
    assert store.get("TC-1", lock=True).digest == kept.digest
    assert str(store.get("TC-1").order.quantity) == "1E+1"


def test_a_second_card_of_the_same_origin_gives_the_first(store: CardStore) -> None:
    first = card("TC-1", origin_key="cycle/momentum/I-a")
    store.add(first)
    assert store.add(card("TC-2", origin_key="cycle/momentum/I-a")) == first
    assert store.list() == (first,)
    assert store.by_origin("cycle/momentum/I-a") == first
    assert store.by_origin("cycle/momentum/I-b") is None


def test_each_step_is_kept_oldest_first(store: CardStore) -> None:
    store.add(card("TC-1"))
    approved, first = move(store.get("TC-1"), CardState.APPROVED, at=NOW, by="ada")
    store.record(replace(approved, acknowledged=("event",)), first)
    sent, second = move(
        approved, CardState.SENT, at=NOW + timedelta(seconds=1), by="desk", reason="released"
    )
    store.record(replace(sent, acknowledged=("event",)), second)
    assert store.moves("TC-1") == (first, second)
    assert store.get("TC-1").state is CardState.SENT
    assert store.get("TC-1").acknowledged == ("event",)


def test_a_step_from_a_state_that_the_card_has_left_is_refused(store: CardStore) -> None:
    store.add(card("TC-1"))
    approved, approve = move(store.get("TC-1"), CardState.APPROVED, at=NOW, by="ada")
    rejected, reject = move(store.get("TC-1"), CardState.REJECTED, at=NOW, by="bob")
    store.record(approved, approve)
    with pytest.raises(Conflict):
        store.record(rejected, reject)
    with pytest.raises(Conflict):
        store.record(approved, approve)
    assert store.get("TC-1").state is CardState.APPROVED
    assert store.moves("TC-1") == (approve,)


def test_cards_are_listed_newest_first_by_state(store: CardStore) -> None:
    for name, state in (
        ("TC-1", CardState.PROPOSED),
        ("TC-2", CardState.BLOCKED),
        ("TC-3", CardState.PROPOSED),
    ):
        store.add(card(name, state=state))
    assert [c.id for c in store.list()] == ["TC-3", "TC-2", "TC-1"]
    assert [c.id for c in store.list(state=CardState.PROPOSED)] == ["TC-3", "TC-1"]
    assert [c.id for c in store.list(limit=1)] == ["TC-3"]


def test_a_card_that_is_not_there_is_not_found(store: CardStore) -> None:
    with pytest.raises(NotFound):
        store.get("TC-9")
    assert store.moves("TC-9") == ()

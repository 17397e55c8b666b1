"""Every store of orders: one record per client id, one fill per execution."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fondaco.core.errors import Conflict, NotFound
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Fill, Order, Side
from fondaco.trading.fakes import MemoryOrders
from fondaco.trading.ports import OrderRecord, OrderState, OrderStore

NOW = datetime(2019, 6, 28, 21, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryOrders()
    from fondaco.adapters.stores.postgres.orders import PostgresOrders

    return PostgresOrders(request.getfixturevalue("database"))


def record(client_id: str, state: OrderState = OrderState.INTENT) -> OrderRecord:
    order = Order(client_id, "paper", InstrumentId("I-a"), Side.SELL, Decimal("10.00"))
    return OrderRecord(order, "TC-1", state, NOW, NOW + timedelta(microseconds=7))


def fill(execution_id: str, client_id: str = "c-1", ts: datetime = NOW) -> Fill:
    return Fill(
        execution_id,
        client_id,
        "paper",
        InstrumentId("I-a"),
        Side.SELL,
        Decimal(5),
        Decimal("197.920001"),
        Decimal("1.00"),
        "USD",
        ts,
        ts + DAY,
    )


def test_an_order_is_kept_as_it_was_written(store: OrderStore) -> None:
    intent = record("c-1")
    assert store.write_intent(intent) == intent
    assert store.get("c-1") == intent
    assert store.get("c-1", lock=True) == intent
    assert str(store.get("c-1").order.quantity) == "10.00"


def test_the_same_client_id_again_returns_what_is_there(store: OrderStore) -> None:
    store.write_intent(record("c-1"))
    working = replace(record("c-1"), state=OrderState.WORKING, note="taken")
    store.update(working)
    assert store.write_intent(record("c-1")) == working
    assert store.list() == (working,)


def test_what_becomes_known_of_an_order_is_kept(store: OrderStore) -> None:
    store.write_intent(record("c-1"))
    filled = replace(record("c-1"), state=OrderState.FILLED, filled=Decimal("10.00"), note="done")
    store.update(filled)
    assert store.get("c-1") == filled


def test_an_order_that_is_not_there_is_not_found(store: OrderStore) -> None:
    with pytest.raises(NotFound):
        store.get("c-9")
    with pytest.raises(NotFound):
        store.update(record("c-9"))


def test_the_orders_that_may_still_trade_are_open(store: OrderStore) -> None:
    for state in OrderState:
        store.write_intent(record(f"c-{state}"))
        store.update(record(f"c-{state}", state))
    assert {r.state for r in store.open()} == {
        OrderState.INTENT,
        OrderState.UNKNOWN,
        OrderState.WORKING,
    }


def test_orders_are_listed_newest_first(store: OrderStore) -> None:
    for name in ("c-1", "c-2", "c-3"):
        store.write_intent(record(name))
    assert [r.order.client_id for r in store.list(limit=2)] == ["c-3", "c-2"]


def test_a_fill_is_kept_once_by_its_execution(store: OrderStore) -> None:
    assert store.add_fill(fill("x-1"))
    assert not store.add_fill(fill("x-1"))
    assert store.fills() == (fill("x-1"),)


def test_an_execution_with_other_content_is_refused(store: OrderStore) -> None:
    store.add_fill(fill("x-1"))
    with pytest.raises(Conflict, match="other content"):
        store.add_fill(replace(fill("x-1"), price=Decimal(198)))
    assert store.fills() == (fill("x-1"),)


def test_fills_are_listed_oldest_first_by_order(store: OrderStore) -> None:
    for given in (fill("x-1"), fill("x-2", "c-2", NOW + DAY), fill("x-3", "c-1", NOW + 2 * DAY)):
        store.add_fill(given)
    assert [f.execution_id for f in store.fills()] == ["x-1", "x-2", "x-3"]
    assert [f.execution_id for f in store.fills(client_id="c-1")] == ["x-1", "x-3"]
    assert [f.execution_id for f in store.fills(limit=1)] == ["x-1"]


def test_an_account_can_be_held(store: OrderStore) -> None:
    store.hold("paper")
    store.hold("paper")

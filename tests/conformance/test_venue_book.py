"""Every venue's book: what was sent once is known for ever, under the first content."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Order, Side
from fondaco.trading.fakes import MemoryVenueBook
from fondaco.trading.ports import VenueBook, VenueOrder

NOW = datetime(2019, 6, 28, 21, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def book(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryVenueBook()
    from fondaco.adapters.stores.postgres.venue_book import PostgresVenueBook

    return PostgresVenueBook(request.getfixturevalue("database"))


def sent(client_id: str, account: str = "paper") -> VenueOrder:
    order = Order(client_id, account, InstrumentId("I-a"), Side.BUY, Decimal(10))
    return VenueOrder(order, NOW, NOW + timedelta(seconds=1))


def test_an_order_that_arrived_is_found(book: VenueBook) -> None:
    assert book.keep(sent("c-1")) == sent("c-1")
    assert book.find("c-1") == sent("c-1")
    assert book.find("c-2") is None


def test_the_same_client_id_again_returns_the_first(book: VenueBook) -> None:
    book.keep(sent("c-1"))
    assert book.keep(replace(sent("c-1"), placed_at=NOW + timedelta(days=1))) == sent("c-1")
    assert book.all("paper") == (sent("c-1"),)


def test_the_orders_of_an_account_come_oldest_first(book: VenueBook) -> None:
    for name, account in (("c-2", "paper"), ("c-1", "paper"), ("c-3", "other")):
        book.keep(sent(name, account))
    assert [o.order.client_id for o in book.all("paper")] == ["c-2", "c-1"]
    assert book.all("nobody") == ()

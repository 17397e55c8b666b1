"""Every venue's book: what was sent once is known for ever, under the first content."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Order, OrderKind, OrderTime, Side, TimeInForce
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.fakes import MemoryVenueBook
from fondaco.trading.ports import VenueBook, VenueCancel, VenueOrder
from fondaco.trading.simulator.plain_terms import plain_terms, terms_of_plain
from fondaco.trading.simulator.terms import REG_T, Carry, Terms

NOW = datetime(2019, 6, 28, 21, 0, tzinfo=UTC)
TERMS = Terms(
    10**12,
    CostModel.flat(Decimal("2.5"), Decimal("0.35")),
    participation=Decimal("0.05"),
    margin=REG_T,
    carry=Carry(debit=Decimal("0.06")),
)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def book(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryVenueBook()
    from fondaco.adapters.stores.postgres.venue_book import PostgresVenueBook

    return PostgresVenueBook(request.getfixturevalue("database"))


def sent(client_id: str, account: str = "paper", **fields: Any) -> VenueOrder:
    order = Order(client_id, account, InstrumentId("I-a"), Side.BUY, Decimal(10), **fields)
    return VenueOrder(order, NOW, NOW + timedelta(seconds=1), plain_terms(TERMS))


def cancelled(client_id: str, account: str = "paper") -> VenueCancel:
    return VenueCancel(client_id, account, NOW + timedelta(seconds=2), NOW)


def test_an_order_that_arrived_is_found(book: VenueBook) -> None:
    assert book.keep(sent("c-1")) == sent("c-1")
    assert book.find("c-1") == sent("c-1")
    assert book.find("c-2") is None


def test_the_same_client_id_again_returns_the_first(book: VenueBook) -> None:
    book.keep(sent("c-1"))
    assert book.keep(replace(sent("c-1"), placed_at=NOW + timedelta(days=1))) == sent("c-1")
    assert book.since("paper", 0) == (sent("c-1"),)


def test_every_field_of_an_order_comes_back(book: VenueBook) -> None:
    orders = (
        sent("c-0"),
        sent(
            "c-1",
            kind=OrderKind.STOP_LIMIT,
            limit=Decimal("10.25"),
            stop=Decimal("10.05"),
            tif=TimeInForce.GTD,
            expires_at=NOW + timedelta(days=3),
            group="g",
        ),
        sent("c-2", kind=OrderKind.LIMIT, limit=Decimal(9), time=OrderTime.CLOSE),
        sent(
            "c-3",
            kind=OrderKind.STOP,
            stop_offset=Decimal("0.02"),
            parent="c-0",
            reduce_only=True,
            tif=TimeInForce.DAY,
        ),
        sent("c-4", kind=OrderKind.TRAILING_STOP, trail=Decimal("0.5")),
        sent("c-5", kind=OrderKind.TRAILING_STOP, trail_share=Decimal("0.02")),
        sent("c-6", kind=OrderKind.LIMIT, limit_offset=Decimal("0.1"), parent="c-0"),
    )
    for one in orders:
        book.keep(one)
    assert book.since("paper", 0) == orders


def test_the_terms_of_an_order_come_back_as_they_were(book: VenueBook) -> None:
    book.keep(sent("c-1"))
    book.keep(replace(sent("c-2"), terms={}))
    book.keep(replace(sent("c-3"), refused="it came too late"))
    first, second, third = book.since("paper", 0)
    assert isinstance(first, VenueOrder)
    assert isinstance(second, VenueOrder)
    assert isinstance(third, VenueOrder)
    assert terms_of_plain(first.terms) == TERMS
    assert (second.terms, third.refused) == ({}, "it came too late")


def test_a_cancellation_is_kept_once_between_the_orders_where_it_came(book: VenueBook) -> None:
    book.keep(sent("c-1"))
    assert book.keep_cancel(cancelled("c-1")) == cancelled("c-1")
    book.keep(sent("c-2"))
    later = replace(cancelled("c-1"), placed_at=NOW + timedelta(days=1), after=None)
    assert book.keep_cancel(later) == cancelled("c-1")
    assert book.since("paper", 0) == (sent("c-1"), cancelled("c-1"), sent("c-2"))


def test_who_knows_a_message_is_told_those_after_it(book: VenueBook) -> None:
    for name, account in (("c-2", "paper"), ("c-1", "paper"), ("c-3", "other")):
        book.keep(sent(name, account))
    book.keep_cancel(cancelled("c-3", "other"))
    first = book.since("paper", 0)
    assert first == (sent("c-2"), sent("c-1"))
    assert book.since("paper", first[0].seq) == (sent("c-1"),)
    assert book.since("paper", first[1].seq) == ()
    assert book.since("nobody", 0) == ()

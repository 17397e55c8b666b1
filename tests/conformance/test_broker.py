"""Every broker: an order is taken once, its fate can always be asked for, and it fills once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from fondaco.adapters.brokers.paper import PaperBroker
from fondaco.backtest.bar_venue import BarVenue
from fondaco.backtest.fakes import TapeBars
from fondaco.core.clock import SteppedClock
from fondaco.core.errors import Unavailable
from fondaco.core.orders import Order, Side
from fondaco.market.fakes import MemoryInstruments, simulated_instruments, simulated_panel
from fondaco.trading.fakes import MemoryVenueBook
from fondaco.trading.ports import Broker, OrderState, VenueBook, VenueOrder
from unit.backtest.scene import tape, terms

SESSIONS = 6
PLAYED = tape(simulated_panel(3, SESSIONS, 3))


class DeafBook:
    """A venue book that keeps, and then does not answer, while it is deaf."""

    def __init__(self, book: VenueBook) -> None:
        self._book = book
        self.deaf = False

    def keep(self, order: VenueOrder) -> VenueOrder:
        kept = self._book.keep(order)
        if self.deaf:
            raise Unavailable("the venue did not answer")
        return kept

    def find(self, client_id: str) -> VenueOrder | None:
        return self._book.find(client_id)

    def all(self, account: str) -> tuple[VenueOrder, ...]:
        return self._book.all(account)


@dataclass
class Stage:
    """A broker with its market: what a suite needs to play it."""

    broker: Broker
    clock: SteppedClock
    again: Callable[[], Broker]
    lose_answers: Callable[[bool], None] | None

    def session(self) -> None:
        """Let the next session close."""
        later = (PLAYED.moment(row) for row in range(SESSIONS))
        self.clock.move_to(next(moment for moment in later if moment > self.clock.now()))


def _paper(book: VenueBook) -> Stage:
    clock, deaf = SteppedClock(PLAYED.moment(0)), DeafBook(book)

    def again() -> Broker:
        return PaperBroker(
            TapeBars(PLAYED),
            MemoryInstruments(simulated_instruments(3)),
            deaf,
            clock,
            terms().costs,
        )

    return Stage(again(), clock, again, lambda lost: setattr(deaf, "deaf", lost))


def _simulated() -> Stage:
    clock = SteppedClock(PLAYED.moment(0))
    venue = BarVenue(PLAYED, terms(), clock)
    return Stage(venue, clock, lambda: venue, None)  # it lives and dies with its run


@pytest.fixture(
    params=["paper", "simulated", pytest.param("paper on postgres", marks=pytest.mark.services)]
)
def stage(request: pytest.FixtureRequest) -> Any:
    if request.param == "simulated":
        return _simulated()
    if request.param == "paper":
        return _paper(MemoryVenueBook())
    from fondaco.adapters.stores.postgres.venue_book import PostgresVenueBook

    return _paper(PostgresVenueBook(request.getfixturevalue("database")))


def an_order(
    client_id: str = "C-1", *, place: int = 0, side: Side = Side.BUY, quantity: int = 10
) -> Order:
    return Order(client_id, "paper", PLAYED.instruments[place], side, Decimal(quantity))


def test_an_order_works_until_the_next_session_and_then_is_filled_whole(stage: Stage) -> None:
    order, decided = an_order(), stage.clock.now()
    assert stage.broker.place(order, decided_at=decided).state is OrderState.WORKING
    told = stage.broker.query("C-1")
    assert told is not None
    assert (told.state, told.fills) == (OrderState.WORKING, ())
    stage.session()
    told = stage.broker.query("C-1")
    assert told is not None
    assert told.state is OrderState.FILLED
    assert sum(fill.quantity for fill in told.fills) == order.quantity
    for fill in told.fills:
        assert (fill.client_id, fill.account, fill.instrument, fill.side) == (
            "C-1",
            "paper",
            order.instrument,
            order.side,
        )
        assert decided < fill.ts <= fill.known_at <= stage.clock.now()


def test_the_same_order_again_is_one_order(stage: Stage) -> None:
    order, decided = an_order(), stage.clock.now()
    first = stage.broker.place(order, decided_at=decided)
    assert stage.broker.place(order, decided_at=decided) == first
    stage.session()
    once = stage.broker.place(order, decided_at=decided)
    assert once.state is OrderState.FILLED
    assert stage.broker.place(order, decided_at=decided) == once
    assert stage.broker.positions("paper", as_of=stage.clock.now()) == {order.instrument: 10}


def test_an_answer_is_the_same_however_often_and_late_it_is_asked(stage: Stage) -> None:
    stage.broker.place(an_order(), decided_at=stage.clock.now())
    stage.session()
    first = stage.broker.query("C-1")
    for _ in range(SESSIONS - 2):
        stage.session()
        assert stage.broker.query("C-1") == first
    assert stage.again().query("C-1") == first


def test_an_order_that_never_arrived_is_not_known(stage: Stage) -> None:
    assert stage.broker.query("C-9") is None


def test_what_was_not_answered_can_be_asked_for(stage: Stage) -> None:
    if stage.lose_answers is None:
        pytest.skip("this broker lives in the process that asks it: no answer can get lost")
    order, decided = an_order(), stage.clock.now()
    stage.lose_answers(True)
    with pytest.raises(Unavailable):
        stage.broker.place(order, decided_at=decided)
    stage.lose_answers(False)
    told = stage.again().query("C-1")
    assert told is not None
    assert told.state is OrderState.WORKING
    stage.session()
    assert stage.again().place(order, decided_at=decided).state is OrderState.FILLED
    assert stage.broker.positions("paper", as_of=stage.clock.now()) == {order.instrument: 10}


def test_execution_ids_name_each_fill_for_ever(stage: Stage) -> None:
    for place in range(3):
        stage.broker.place(an_order(f"C-{place}", place=place), decided_at=stage.clock.now())
    stage.session()
    told = [stage.broker.query(f"C-{place}") for place in range(3)]
    ids = [fill.execution_id for placed in told if placed is not None for fill in placed.fills]
    assert len(ids) == len(set(ids)) == 3


def test_positions_are_the_sum_of_fills_as_of_a_time(stage: Stage) -> None:
    share, opened = PLAYED.instruments[0], stage.clock.now()
    stage.broker.place(an_order("C-1"), decided_at=opened)
    stage.session()
    bought = stage.clock.now()
    assert stage.broker.query("C-1") is not None
    stage.broker.place(an_order("C-2", side=Side.SELL, quantity=4), decided_at=bought)
    assert stage.broker.positions("paper", as_of=bought) == {share: 10}
    stage.session()
    stage.broker.query("C-2")
    assert stage.broker.positions("paper", as_of=stage.clock.now()) == {share: 6}
    assert stage.broker.positions("paper", as_of=bought) == {share: 10}
    assert stage.broker.positions("paper", as_of=opened) == {}
    assert stage.broker.positions("another", as_of=stage.clock.now()) == {}


def test_what_was_bought_and_sold_again_is_no_position(stage: Stage) -> None:
    stage.broker.place(an_order("C-1"), decided_at=stage.clock.now())
    stage.session()
    stage.broker.query("C-1")
    stage.broker.place(an_order("C-2", side=Side.SELL), decided_at=stage.clock.now())
    stage.session()
    stage.broker.query("C-2")
    assert stage.broker.positions("paper", as_of=stage.clock.now()) == {}


def test_a_broker_has_a_name(stage: Stage) -> None:
    assert stage.broker.name


def test_the_suite_sees_a_broker_that_fills_twice() -> None:
    stage = _paper(MemoryVenueBook())

    class Doubling(PaperBroker):
        def query(self, client_id: str) -> Any:
            told = super().query(client_id)
            return told and replace(told, fills=told.fills * 2)

    doubling = Doubling(
        TapeBars(PLAYED),
        MemoryInstruments(simulated_instruments(3)),
        MemoryVenueBook(),
        stage.clock,
        terms().costs,
    )
    with pytest.raises(AssertionError):
        test_an_order_works_until_the_next_session_and_then_is_filled_whole(
            replace(stage, broker=doubling)
        )

"""Every broker: an order is taken once, its fate can always be asked for, and it fills once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from fondaco.adapters.brokers.paper import PaperBroker
from fondaco.backtest.bar_venue import BarVenue
from fondaco.backtest.fakes import TapeBars
from fondaco.backtest.tape import Tape, tape_of
from fondaco.core.clock import SteppedClock
from fondaco.core.errors import Unavailable
from fondaco.core.orders import ALL_HELD, Order, OrderKind, OrderTime, Side, TimeInForce
from fondaco.market.fakes import MemoryInstruments, simulated_instruments, simulated_panel
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.costs import MICRO
from fondaco.trading.fakes import MemoryVenueBook
from fondaco.trading.ports import Broker, OrderState, Placed, VenueBook, VenueCancel, VenueOrder
from fondaco.trading.simulator.terms import Terms

SESSIONS = 6
#        row 0: the orders are decided at its close       1    2    3    4    5
OPENS = [100, 101, 103, 106, 104, 104]
HIGHS = [100, 104, 110, 107, 105, 104]
LOWS = [100, 99, 102, 103, 90, 104]
CLOSES = [100, 103, 108, 104, 92, 104]
TERMS = Terms(100_000 * MICRO, CostModel.flat(Decimal(5), Decimal("1.00")))


def _played() -> Tape:
    """Return three shares that trade at the same prices, 1,000 of each in a session."""
    blank = simulated_panel(3, SESSIONS, 3)
    fields = {
        name: np.repeat(np.array(prices, dtype=np.float64)[:, None], 3, axis=1)
        for name, prices in (("open", OPENS), ("high", HIGHS), ("low", LOWS), ("close", CLOSES))
    }
    fields["volume"] = np.full((SESSIONS, 3), 1_000.0)
    return tape_of(replace(blank, fields=fields), simulated_instruments(3))


PLAYED = _played()


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

    def keep_cancel(self, cancel: VenueCancel) -> VenueCancel:
        kept = self._book.keep_cancel(cancel)
        if self.deaf:
            raise Unavailable("the venue did not answer")
        return kept

    def since(self, account: str, seq: int) -> tuple[VenueOrder | VenueCancel, ...]:
        return self._book.since(account, seq)


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


def _paper(book: VenueBook, terms: Terms = TERMS) -> Stage:
    clock, deaf = SteppedClock(PLAYED.moment(0)), DeafBook(book)

    def again() -> Broker:
        return PaperBroker(
            TapeBars(PLAYED),
            MemoryInstruments(simulated_instruments(3)),
            deaf,
            clock,
            terms,
        )

    return Stage(again(), clock, again, lambda lost: setattr(deaf, "deaf", lost))


def _simulated(terms: Terms = TERMS) -> Stage:
    clock = SteppedClock(PLAYED.moment(0))
    venue = BarVenue(PLAYED, terms, clock, "paper")
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
    client_id: str = "C-1",
    *,
    place: int = 0,
    side: Side = Side.BUY,
    quantity: int = 10,
    **fields: Any,
) -> Order:
    return Order(client_id, "paper", PLAYED.instruments[place], side, Decimal(quantity), **fields)


def asked(stage: Stage, client_id: str = "C-1") -> Placed:
    told = stage.broker.query(client_id)
    assert told is not None
    return told


def to_the_end(stage: Stage) -> None:
    for _ in range(SESSIONS - 1):
        stage.session()
        stage.broker.query("C-1")


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
    if stage.lose_answers is None:
        return  # the backtest's own venue tells of its one account as it stands now
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


# --- every kind of order: prices and rows worked out by hand from `docs/explanation/fills.md` ---

D = Decimal
SELL: dict[str, Any] = {"side": Side.SELL}
LIMIT, STOP = {"kind": OrderKind.LIMIT}, {"kind": OrderKind.STOP}
STOP_LIMIT, TRAIL = {"kind": OrderKind.STOP_LIMIT}, {"kind": OrderKind.TRAILING_STOP}


@pytest.mark.parametrize(
    ("fields", "row", "price"),
    [
        ({}, 1, "101"),
        ({**LIMIT, "limit": D(102)}, 1, "101"),  # better than its limit at the open
        ({**LIMIT, "limit": D(100)}, 1, "100"),  # traded through within the bar
        ({**LIMIT, "limit": D(99)}, 4, "99"),  # touched in bar 1, traded through in bar 4
        ({**LIMIT, **SELL, "limit": D(109)}, 2, "109"),
        ({**STOP, "stop": D(103)}, 1, "103"),
        ({**STOP, "stop": D("100.5")}, 1, "101"),  # gaps over: the open
        ({**STOP, **SELL, "stop": D(95)}, 4, "95"),
        ({**STOP_LIMIT, "stop": D(103), "limit": D("103.5")}, 1, "103"),
        ({**STOP_LIMIT, "stop": D("100.5"), "limit": D("100.5")}, 1, "100.5"),  # gaps, comes back
        ({**STOP_LIMIT, "stop": D("100.5"), "limit": D(98)}, 4, "98"),  # a limit from bar 1 on
        ({**TRAIL, **SELL, "trail": D(3)}, 3, "106"),  # best 110, level 107, gaps under it
        ({**TRAIL, **SELL, "trail_share": D("0.05")}, 3, "104.5"),  # 110 less 5 %
        ({"time": OrderTime.OPEN}, 1, "101"),
        ({"time": OrderTime.CLOSE}, 1, "103"),
        ({**LIMIT, "limit": D(101), "time": OrderTime.OPEN, "tif": TimeInForce.DAY}, 1, "101"),
        ({**LIMIT, "limit": D(104), "time": OrderTime.CLOSE}, 1, "103"),
        ({"tif": TimeInForce.IOC}, 1, "101"),
        ({"tif": TimeInForce.FOK}, 1, "101"),
    ],
)
def test_each_kind_of_order_fills_where_the_rules_say(
    stage: Stage, fields: dict[str, Any], row: int, price: str
) -> None:
    stage.broker.place(an_order(**fields), decided_at=stage.clock.now())
    for number in range(1, SESSIONS):
        stage.session()
        assert (asked(stage).state is OrderState.FILLED) == (number >= row)
    (fill,) = asked(stage).fills
    assert (fill.price, fill.ts) == (Decimal(price), PLAYED.moment(row))


@pytest.mark.parametrize(
    ("fields", "row", "reason"),
    [
        ({**LIMIT, "limit": D(50), "tif": TimeInForce.DAY}, 1, "its session ended"),
        (
            {
                **LIMIT,
                "limit": D(50),
                "tif": TimeInForce.GTD,
                "expires_at": PLAYED.moment(2),
            },
            2,
            "its time passed",
        ),
        ({**LIMIT, "limit": D(100), "tif": TimeInForce.IOC}, 1, "it could not be filled at once"),
        ({**LIMIT, "limit": D(100), "tif": TimeInForce.FOK}, 1, "it could not be filled at once"),
        ({**SELL, "reduce_only": True}, 1, "there was no position left to reduce"),
    ],
)
def test_an_order_ends_when_the_rules_say(
    stage: Stage, fields: dict[str, Any], row: int, reason: str
) -> None:
    stage.broker.place(an_order(**fields), decided_at=stage.clock.now())
    for number in range(1, SESSIONS):
        stage.session()
        told = asked(stage)
        assert (told.state is OrderState.CANCELLED) == (number >= row)
        assert told.fills == ()
    assert asked(stage).reason == reason


def test_what_one_order_of_a_group_trades_is_taken_from_the_other(stage: Stage) -> None:
    now = stage.clock.now()
    stage.broker.place(
        an_order("C-1", **LIMIT, **SELL, limit=D(109), group="exits"), decided_at=now
    )
    stage.broker.place(an_order("C-2", **STOP, **SELL, stop=D(95), group="exits"), decided_at=now)
    to_the_end(stage)
    assert asked(stage, "C-1").state is OrderState.FILLED
    other = asked(stage, "C-2")
    assert (other.state, other.fills) == (OrderState.CANCELLED, ())
    assert other.reason == "the other order of its group was filled"


def test_the_exits_of_a_bracket_sleep_until_their_entry_trades(stage: Stage) -> None:
    """Bought at 101: the stop 5 % below is 95.95, the target 9 % above is 110.09; bar 4 falls."""
    now = stage.clock.now()
    exits = {**SELL, "parent": "C-1", "group": "exits", "reduce_only": True}
    stage.broker.place(an_order("C-1"), decided_at=now)
    for name, fields in (
        ("C-2", {**STOP, "stop_offset": D("0.05")}),
        ("C-3", {**LIMIT, "limit_offset": D("0.09")}),
    ):
        order = replace(an_order(name, **fields, **exits), quantity=ALL_HELD)
        stage.broker.place(order, decided_at=now)
    to_the_end(stage)
    (stopped,) = asked(stage, "C-2").fills
    assert (stopped.price, stopped.quantity, stopped.ts) == (D("95.95"), 10, PLAYED.moment(4))
    assert asked(stage, "C-3").state is OrderState.CANCELLED
    assert stage.broker.positions("paper", as_of=stage.clock.now()) == {}


def test_a_cancelled_order_trades_no_more(stage: Stage) -> None:
    stage.broker.place(an_order(**LIMIT, limit=D(95)), decided_at=stage.clock.now())
    stage.session()
    told = stage.broker.cancel("C-1")
    assert told is not None
    assert (told.state, told.reason) == (OrderState.CANCELLED, "its owner cancelled it")
    for _ in range(SESSIONS - 2):
        stage.session()
    assert asked(stage) == told
    assert stage.again().query("C-1") == told
    assert stage.broker.cancel("C-1") == told
    assert stage.broker.cancel("C-9") is None


@pytest.mark.parametrize("make", [lambda terms: _paper(MemoryVenueBook(), terms), _simulated])
def test_a_share_of_the_volume_fills_an_order_in_parts(make: Callable[[Terms], Stage]) -> None:
    stage = make(replace(TERMS, participation=D("0.004")))
    stage.broker.place(an_order(), decided_at=stage.clock.now())
    quantities = []
    for _ in range(3):
        stage.session()
        quantities.append([int(fill.quantity) for fill in asked(stage).fills])
    assert quantities == [[4], [4, 4], [4, 4, 2]]
    assert asked(stage).state is OrderState.FILLED
    # 5 bps of some 1,000 is below the minimum: it is charged once, with the first part.
    assert [fill.fee for fill in asked(stage).fills] == [1, 0, 0]


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
        TERMS,
    )
    with pytest.raises(AssertionError):
        test_an_order_works_until_the_next_session_and_then_is_filled_whole(
            replace(stage, broker=doubling)
        )

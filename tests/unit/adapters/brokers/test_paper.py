"""What is the paper venue's own: refusals, and fills that follow from its book and the bars."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.adapters.brokers.paper import PaperBroker
from fondaco.core.clock import SteppedClock
from fondaco.core.errors import Conflict, InvalidInput, NotFound
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Order, Side
from fondaco.core.prices import Bar
from fondaco.market.fakes import MemoryInstruments, simulated_instruments
from fondaco.trading.costs import Costs
from fondaco.trading.fakes import MemoryVenueBook
from fondaco.trading.ports import OrderState

SHARE = simulated_instruments(1)[0]
MONDAY = datetime(2019, 7, 1, 20, tzinfo=UTC)
COSTS = Costs(Decimal(5), Decimal("1.00"))


def day(number: int) -> datetime:
    return MONDAY + timedelta(days=number)


class Told:
    """Rows of bars with the time each was known: the latest revision of a session counts."""

    def __init__(self, *rows: tuple[int, int, str]) -> None:
        self.rows = [
            Bar(
                SHARE.id,
                date(2019, 7, 1) + timedelta(days=session),
                day(session),
                day(known),
                Decimal(close),
            )
            for session, known, close in rows
        ]

    def next_bar(
        self, instrument: InstrumentId, *, after: datetime, known_by: datetime
    ) -> Bar | None:
        known = [b for b in self.rows if b.ts > after and b.known_at <= known_by]
        latest = {bar.session: bar for bar in sorted(known, key=lambda b: b.known_at)}
        return latest[min(latest)] if latest else None


def broker(bars: Told, clock: SteppedClock, book: MemoryVenueBook | None = None) -> PaperBroker:
    return PaperBroker(bars, MemoryInstruments([SHARE]), book or MemoryVenueBook(), clock, COSTS)


def an_order(quantity: str = "10", instrument: InstrumentId = SHARE.id) -> Order:
    return Order("C-1", "paper", instrument, Side.BUY, Decimal(quantity))


def test_an_order_for_an_unknown_instrument_is_not_taken() -> None:
    book = MemoryVenueBook()
    venue = broker(Told(), SteppedClock(MONDAY), book)
    with pytest.raises(NotFound):
        venue.place(an_order(instrument=InstrumentId("I-none")), decided_at=MONDAY)
    assert book.find("C-1") is None


def test_an_order_decided_in_the_future_is_not_taken() -> None:
    venue = broker(Told(), SteppedClock(MONDAY))
    with pytest.raises(InvalidInput, match="future"):
        venue.place(an_order(), decided_at=day(1))
    assert venue.query("C-1") is None


def test_a_naive_decision_time_is_refused() -> None:
    with pytest.raises(InvalidInput, match="timezone"):
        broker(Told(), SteppedClock(MONDAY)).place(an_order(), decided_at=datetime(2019, 7, 1))  # noqa: DTZ001 - the point of the test


def test_a_client_id_names_one_order() -> None:
    venue = broker(Told(), SteppedClock(MONDAY))
    venue.place(an_order(), decided_at=MONDAY)
    with pytest.raises(Conflict, match="another order"):
        venue.place(an_order("11"), decided_at=MONDAY)


@pytest.mark.parametrize("quantity", ["0.5", "1E+13"])
def test_a_quantity_that_it_cannot_trade_is_cancelled_for_good(quantity: str) -> None:
    clock = SteppedClock(MONDAY)
    venue = broker(Told((1, 1, "10")), clock)
    told = venue.place(an_order(quantity), decided_at=MONDAY)
    assert (told.state, told.fills) == (OrderState.CANCELLED, ())
    assert "whole shares" in told.reason
    clock.move_to(day(2))
    assert venue.query("C-1") == told
    assert venue.positions("paper", as_of=day(2)) == {}


def test_a_value_that_it_cannot_count_is_cancelled_with_the_reason() -> None:
    clock = SteppedClock(MONDAY)
    venue = broker(Told((1, 1, "9000000")), clock)
    venue.place(an_order("1000000000"), decided_at=MONDAY)
    clock.move_to(day(1))
    told = venue.query("C-1")
    assert told is not None
    assert told.state is OrderState.CANCELLED
    assert "so large" in told.reason


def test_a_past_decision_fills_at_once_when_its_bar_is_known() -> None:
    venue = broker(Told((1, 1, "10.5")), SteppedClock(day(300)))
    told = venue.place(an_order(), decided_at=MONDAY)
    assert [(f.price, f.fee, f.ts, f.currency) for f in told.fills] == [
        (Decimal("10.5"), Decimal("1"), day(1), "USD")
    ]


def test_a_bar_that_is_known_late_fills_late() -> None:
    clock = SteppedClock(day(3))
    venue = broker(Told((1, 4, "10")), clock)
    assert venue.place(an_order(), decided_at=MONDAY).state is OrderState.WORKING
    clock.move_to(day(4))
    told = venue.query("C-1")
    assert told is not None
    assert [(f.ts, f.known_at) for f in told.fills] == [(day(1), day(4))]
    assert venue.positions("paper", as_of=day(3)) == {}
    assert venue.positions("paper", as_of=day(4)) == {SHARE.id: 10}


def test_a_session_that_turns_up_later_does_not_move_a_fill() -> None:
    clock = SteppedClock(day(2))
    bars, book = Told((2, 2, "12")), MemoryVenueBook()
    first = broker(bars, clock, book).place(an_order(), decided_at=MONDAY)
    bars.rows += Told((1, 5, "11")).rows
    clock.move_to(day(9))
    assert broker(bars, clock, book).query("C-1") == first


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.integers(0, 6), st.integers(1, 99)),
        min_size=1,
        max_size=8,
        unique_by=lambda row: (row[0], row[0] + row[1]),
    ),
    st.lists(st.integers(0, 14), min_size=1, max_size=6),
)
def test_a_fill_never_changes_once_it_is_told(
    rows: list[tuple[int, int, int]], looks: list[int]
) -> None:
    bars = Told(*((session, session + late, str(close)) for session, late, close in rows))
    clock, book = SteppedClock(MONDAY), MemoryVenueBook()
    told = broker(bars, clock, book).place(an_order(), decided_at=MONDAY)
    for look in sorted(looks):
        clock.move_to(max(clock.now(), day(look)))
        now = broker(bars, clock, book).query("C-1")
        assert now is not None
        if told.state is OrderState.FILLED:
            assert now == told
        first_known = min(bar.known_at for bar in bars.rows)
        assert (now.state is OrderState.FILLED) == (first_known <= clock.now())
        told = now


def test_a_bar_revised_without_end_is_refused_not_followed_for_ever() -> None:
    class Endless(Told):
        def next_bar(
            self, instrument: InstrumentId, *, after: datetime, known_by: datetime
        ) -> Bar | None:
            return Bar(
                SHARE.id, date(2019, 7, 2), day(1) - timedelta(days=400), known_by, Decimal(1)
            )

    clock = SteppedClock(day(9))
    told = broker(Endless(), clock).place(an_order(), decided_at=MONDAY)
    assert told.state is OrderState.CANCELLED
    assert "revised too often" in told.reason

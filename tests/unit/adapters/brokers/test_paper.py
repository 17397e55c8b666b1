"""What is the paper venue's own: refusals, and fills that follow from its book and the bars."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from time import perf_counter
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.adapters.brokers.paper import PaperBroker
from fondaco.core.activity import ActivityKind
from fondaco.core.clock import SteppedClock
from fondaco.core.errors import Conflict, InvalidInput, NotFound
from fondaco.core.instrument import DatedSymbol, Instrument, InstrumentId
from fondaco.core.orders import Order, OrderKind, Side, TimeInForce
from fondaco.market.fakes import (
    FixedCalendar,
    MemoryInstruments,
    MemoryStore,
    simulated_instruments,
    simulated_panel,
    simulated_prices,
)
from fondaco.market.prices import Prices
from fondaco.market.tables import BARS
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.fakes import MemoryVenueBook
from fondaco.trading.ports import OrderState, Placed
from fondaco.trading.simulator.terms import Terms

SHARES = simulated_instruments(2)
SHARE = SHARES[0]
CALENDAR = FixedCalendar()
DAYS = CALENDAR.sessions(date(2019, 7, 1), date(2019, 12, 31))
COSTS = CostModel.flat(Decimal(5), Decimal("1.00"))
TERMS = Terms(0, COSTS)


def day(number: int) -> datetime:
    """Return the close of a session."""
    return CALENDAR.close(DAYS[number])


class Told:
    """Rows of bars with the time at which each was known, read as the desk reads its store."""

    def __init__(self, *rows: tuple[Any, ...], book: tuple[Instrument, ...] = SHARES) -> None:
        self.store, self.book, self._ingests = MemoryStore(), MemoryInstruments(book), 0
        self.prices = Prices(self.store, self.book, FixedCalendar)
        if rows:
            self.add(*rows)

    def add(self, *rows: tuple[Any, ...]) -> None:
        """Add (session, known, price[, factor[, share]]): open, high, low and close are one."""
        self._ingests += 1
        made = [self._row(*row) for row in rows]
        self.store.append(BARS, pl.DataFrame(made), ingest_id=f"{self._ingests}")

    def _row(
        self, session: int, known: float, price: str, factor: float = 1.0, share: int = 0
    ) -> dict[str, Any]:
        number = float(price)
        later = day(session) + timedelta(days=known - session)
        return {
            "instrument": self.book.all()[share].id,
            "session": DAYS[session],
            "ts": day(session),
            "known_at": later,
            **dict.fromkeys(("open", "high", "low", "close"), number),
            "volume": 1_000.0,
            "factor": factor,
            "source": "simulated",
            "ingest_id": f"{self._ingests}",
        }


def broker(
    bars: Told, clock: SteppedClock, book: MemoryVenueBook | None = None, terms: Terms = TERMS
) -> PaperBroker:
    return PaperBroker(bars.prices, bars.book, book or MemoryVenueBook(), clock, terms)


def an_order(
    quantity: str = "10",
    instrument: InstrumentId = SHARE.id,
    client_id: str = "C-1",
    side: Side = Side.BUY,
    **fields: Any,
) -> Order:
    return Order(client_id, "paper", instrument, side, Decimal(quantity), **fields)


def asked(venue: PaperBroker, client_id: str = "C-1") -> Placed:
    told = venue.query(client_id)
    assert told is not None
    return told


def test_an_order_for_an_unknown_instrument_is_not_taken() -> None:
    book = MemoryVenueBook()
    venue = broker(Told(), SteppedClock(day(0)), book)
    with pytest.raises(NotFound):
        venue.place(an_order(instrument=InstrumentId("I-none")), decided_at=day(0))
    assert book.find("C-1") is None


def test_an_order_decided_in_the_future_is_not_taken() -> None:
    venue = broker(Told(), SteppedClock(day(0)))
    with pytest.raises(InvalidInput, match="future"):
        venue.place(an_order(), decided_at=day(1))
    assert venue.query("C-1") is None


def test_a_naive_decision_time_is_refused() -> None:
    with pytest.raises(InvalidInput, match="timezone"):
        broker(Told(), SteppedClock(day(0))).place(an_order(), decided_at=datetime(2019, 7, 1))  # noqa: DTZ001 - the point of the test


def test_a_client_id_names_one_order() -> None:
    venue = broker(Told(), SteppedClock(day(0)))
    venue.place(an_order(), decided_at=day(0))
    with pytest.raises(Conflict, match="another order"):
        venue.place(an_order("11"), decided_at=day(0))


@pytest.mark.parametrize("quantity", ["0.5", "1E+13"])
def test_a_quantity_that_it_cannot_trade_is_cancelled_for_good(quantity: str) -> None:
    clock = SteppedClock(day(0))
    venue = broker(Told((1, 1, "10")), clock)
    told = venue.place(an_order(quantity), decided_at=day(0))
    assert (told.state, told.fills) == (OrderState.CANCELLED, ())
    assert "whole shares" in told.reason
    clock.move_to(day(2))
    assert venue.query("C-1") == told
    assert venue.positions("paper", as_of=day(2)) == {}


def test_a_value_that_it_cannot_count_is_cancelled_and_the_others_go_on() -> None:
    clock = SteppedClock(day(0))
    venue = broker(Told((0, 0, "9000000"), (1, 1, "9000000")), clock)
    venue.place(an_order("1000000000000"), decided_at=day(0))
    venue.place(an_order("2", client_id="C-2"), decided_at=day(0))
    clock.move_to(day(1))
    told = asked(venue)
    assert (told.state, told.reason) == (
        OrderState.CANCELLED,
        "the venue cannot count so large a trade",
    )
    assert asked(venue, "C-2").state is OrderState.FILLED
    assert venue.positions("paper", as_of=day(1)) == {SHARE.id: 2}


def test_a_past_decision_fills_at_once_when_its_bar_is_known() -> None:
    venue = broker(Told((1, 1, "10.5"), (2, 2, "11")), SteppedClock(day(100)))
    told = venue.place(an_order(), decided_at=day(0))
    assert [(f.price, f.fee, f.ts, f.currency) for f in told.fills] == [
        (Decimal("10.5"), Decimal("1"), day(1), "USD")
    ]


def test_an_order_never_trades_in_a_session_that_was_open_when_it_was_decided() -> None:
    decided = CALENDAR.open(DAYS[1]) + timedelta(minutes=1)
    clock = SteppedClock(decided)
    venue = broker(Told((0, 0, "9"), (1, 1, "10"), (2, 2, "11")), clock)
    venue.place(an_order(), decided_at=decided)
    clock.move_to(day(1))
    assert asked(venue).state is OrderState.WORKING
    clock.move_to(day(2))
    assert [fill.price for fill in asked(venue).fills] == [Decimal(11)]


def test_a_bar_that_is_known_late_fills_late() -> None:
    clock = SteppedClock(day(3))
    venue = broker(Told((1, 4, "10")), clock)
    told = venue.place(an_order(), decided_at=day(0))
    assert told.state is OrderState.WORKING
    assert "not known yet" in told.reason
    late = day(1) + timedelta(days=3)
    clock.move_to(late)
    assert [(f.ts, f.known_at) for f in asked(venue).fills] == [(day(1), late)]
    assert venue.positions("paper", as_of=day(3)) == {}
    assert venue.positions("paper", as_of=late) == {SHARE.id: 10}


def test_a_session_that_turns_up_later_does_not_move_a_fill() -> None:
    clock = SteppedClock(day(2))
    bars, book = Told((2, 2, "12")), MemoryVenueBook()
    venue = broker(bars, clock, book)
    first = venue.place(an_order(), decided_at=day(0))
    assert first.state is OrderState.FILLED
    bars.add((1, 5, "11"))
    clock.move_to(day(9))
    assert venue.query("C-1") == first
    assert broker(bars, clock, book).query("C-1") == first


def test_a_revision_changes_no_fill_also_after_a_restart() -> None:
    clock, bars, book = SteppedClock(day(1)), Told((1, 1, "10")), MemoryVenueBook()
    venue = broker(bars, clock, book)
    first = venue.place(an_order(), decided_at=day(0))
    bars.add((1, 3, "10.4"))
    clock.move_to(day(6))
    assert venue.query("C-1") == first
    assert broker(bars, clock, book).query("C-1") == first
    assert [fill.price for fill in first.fills] == [Decimal(10)]


def test_an_instrument_whose_bars_come_late_holds_up_no_other() -> None:
    clock = SteppedClock(day(0))
    bars = Told((0, 0, "10"), (0, 0, "20", 1.0, 1))
    venue = broker(bars, clock)
    venue.place(an_order(tif=TimeInForce.DAY), decided_at=day(0))
    second = an_order(instrument=SHARES[1].id, client_id="C-2", tif=TimeInForce.DAY)
    venue.place(second, decided_at=day(0))
    bars.add((1, 1, "11"))
    clock.move_to(day(3))
    assert asked(venue).state is OrderState.FILLED
    assert asked(venue, "C-2").state is OrderState.WORKING
    bars.add((1, 1, "21", 1.0, 1))
    assert [fill.ts for fill in asked(venue, "C-2").fills] == [day(1)]


def test_a_day_order_ends_with_a_session_in_which_its_instrument_did_not_trade() -> None:
    clock = SteppedClock(day(0))
    venue = broker(Told((0, 0, "10"), (2, 2, "10")), clock)
    venue.place(an_order(tif=TimeInForce.DAY), decided_at=day(0))
    clock.move_to(day(2))
    assert (asked(venue).state, asked(venue).reason) == (
        OrderState.CANCELLED,
        "its session ended",
    )


# --- cancelling ---


def test_a_cancelled_order_ends_and_stays_so_after_a_restart() -> None:
    clock, book = SteppedClock(day(1)), MemoryVenueBook()
    bars = Told((0, 0, "10"), (1, 1, "10"), (2, 2, "4"), (3, 3, "4"))
    venue = broker(bars, clock, book)
    venue.place(an_order(kind=OrderKind.LIMIT, limit=Decimal(5)), decided_at=day(0))
    told = venue.cancel("C-1")
    assert told is not None
    assert (told.state, told.reason) == (OrderState.CANCELLED, "its owner cancelled it")
    assert venue.cancel("C-1") == told
    clock.move_to(day(3))
    assert asked(venue) == told
    assert broker(bars, clock, book).query("C-1") == told


def test_what_was_filled_before_a_cancellation_stays_filled() -> None:
    clock, book = SteppedClock(day(0)), MemoryVenueBook()
    bars = Told((0, 0, "10"), (1, 1, "10"), (2, 2, "10"))
    terms = Terms(0, COSTS, participation=Decimal("0.05"))
    venue = broker(bars, clock, book, terms)
    venue.place(an_order("80"), decided_at=day(0))
    clock.move_to(day(1))
    venue.cancel("C-1")
    clock.move_to(day(2))
    told = asked(venue)
    assert told.state is OrderState.CANCELLED
    assert [fill.quantity for fill in told.fills] == [50]  # 5 % of 1,000
    assert venue.cancel("C-1") == told
    assert venue.cancel("C-9") is None


def test_a_cancellation_of_another_process_is_seen_at_the_next_question() -> None:
    clock, book = SteppedClock(day(0)), MemoryVenueBook()
    bars = Told((0, 0, "10"), (1, 1, "10"))
    here, there = broker(bars, clock, book), broker(bars, clock, book)
    here.place(an_order(), decided_at=day(0))
    there.cancel("C-1")
    clock.move_to(day(1))
    assert (asked(here).state, asked(here).fills) == (OrderState.CANCELLED, ())


def test_an_order_cancelled_before_any_bar_was_known_never_trades() -> None:
    clock, bars = SteppedClock(day(0)), Told()
    venue = broker(bars, clock)
    venue.place(an_order(), decided_at=day(0))
    venue.cancel("C-1")
    bars.add((0, 0, "10"), (1, 1, "10"))
    clock.move_to(day(1))
    assert (asked(venue).state, asked(venue).fills) == (OrderState.CANCELLED, ())


# --- orders that come late ---


def test_an_older_order_is_taken_when_it_changes_nothing_that_was_told() -> None:
    clock, book = SteppedClock(day(5)), MemoryVenueBook()
    bars = Told(*((n, n, f"{10 + n}") for n in range(6)))
    venue = broker(bars, clock, book)
    newer = venue.place(an_order(), decided_at=day(3))
    older = venue.place(an_order(client_id="C-2"), decided_at=day(1))
    assert [fill.ts for fill in older.fills] == [day(2)]
    assert asked(venue) == newer
    assert broker(bars, clock, book).query("C-2") == older


def test_an_older_order_that_would_change_what_was_told_is_refused() -> None:
    clock, book = SteppedClock(day(5)), MemoryVenueBook()
    bars = Told(*((n, n, "10") for n in range(6)))
    terms = Terms(0, COSTS, participation=Decimal("0.05"))
    venue = broker(bars, clock, book, terms)
    newer = venue.place(an_order("60"), decided_at=day(3))
    assert [fill.quantity for fill in newer.fills] == [50, 10]
    told = venue.place(an_order("200", client_id="C-2"), decided_at=day(0))
    assert (told.state, told.fills) == (OrderState.CANCELLED, ())
    assert "too late" in told.reason
    assert asked(venue) == newer
    again = broker(bars, clock, book, terms)
    assert (again.query("C-2"), again.query("C-1")) == (told, newer)
    assert again.positions("paper", as_of=day(5)) == {SHARE.id: 60}


def test_an_older_order_may_not_change_a_dividend_that_was_told() -> None:
    clock = SteppedClock(day(5))
    bars = Told(*((n, n, "10", 0.98 if n == 3 else 1.0) for n in range(6)))
    venue = broker(bars, clock)
    venue.place(an_order(), decided_at=day(0))
    before = venue.activities("paper", after=0)
    assert [(one.kind, one.amount) for one in before] == [(ActivityKind.DIVIDEND, Decimal(2))]
    told = venue.place(an_order(client_id="C-2"), decided_at=day(0))
    assert told.state is OrderState.CANCELLED
    assert venue.activities("paper", after=0) == before


# --- terms ---


def test_a_fill_keeps_the_cost_model_that_was_in_force() -> None:
    clock, book = SteppedClock(day(1)), MemoryVenueBook()
    bars = Told(*((n, n, "100") for n in range(5)))
    first = broker(bars, clock, book).place(an_order("100"), decided_at=day(0))
    assert [fill.fee for fill in first.fills] == [Decimal(5)]  # 5 bps of 10,000
    dear = Terms(0, CostModel.flat(Decimal(50), Decimal(0)))
    venue = broker(bars, clock, book, dear)
    assert venue.query("C-1") == first
    clock.move_to(day(2))
    venue.place(an_order("100", client_id="C-2"), decided_at=day(2))
    clock.move_to(day(4))
    assert [fill.fee for fill in asked(venue, "C-2").fills] == [Decimal(50)]
    assert venue.query("C-1") == first


def test_a_trade_before_the_first_rate_of_a_table_is_refused() -> None:
    from fondaco.trading.cost_model.tables import table

    rates = table("US_ZERO_COMMISSION")
    model = CostModel(name="us", table=rates)
    early = datetime(1990, 1, 2, 21, tzinfo=UTC)
    assert rates.schedules[0].valid_from > early.date()
    venue = broker(Told(), SteppedClock(day(1)), terms=Terms(0, model))
    told = venue.place(an_order(), decided_at=early)
    assert told.state is OrderState.CANCELLED
    assert "does not reach back" in told.reason


# --- what companies do ---


def test_a_split_restates_the_position_and_the_orders_that_wait() -> None:
    """Seven new shares for one, as AAPL did on 2014-06-09: 10 become 70, 690 becomes 98.57."""
    clock, book = SteppedClock(day(0)), MemoryVenueBook()
    bars = Told((0, 0, "700"), (1, 1, "700"), (2, 2, "100", 1 / 7), (3, 3, "98.5"), (4, 4, "98.5"))
    venue = broker(bars, clock, book)
    venue.place(an_order(), decided_at=day(0))
    waits = an_order("3", client_id="C-2", kind=OrderKind.LIMIT, limit=Decimal(690))
    venue.place(waits, decided_at=day(0))
    clock.move_to(day(2))
    assert venue.positions("paper", as_of=day(1)) == {SHARE.id: 10}
    assert venue.positions("paper", as_of=day(2)) == {SHARE.id: 70}
    (split,) = venue.activities("paper", after=0)
    assert (split.kind, split.quantity, split.amount) == (ActivityKind.SPLIT, 60, 0)
    clock.move_to(day(3))
    (fill,) = asked(venue, "C-2").fills
    assert (fill.quantity, fill.price) == (21, Decimal("98.5"))
    assert broker(bars, clock, book).activities("paper", after=0) == (split,)


def test_a_dividend_is_paid_on_longs_and_by_shorts() -> None:
    clock = SteppedClock(day(0))
    bars = Told(*((n, n, "10", 0.95 if n == 2 else 1.0, k) for n in range(4) for k in (0, 1)))
    venue = broker(bars, clock)
    venue.place(an_order(), decided_at=day(0))
    short = an_order("4", SHARES[1].id, "C-2", Side.SELL)
    venue.place(short, decided_at=day(0))
    clock.move_to(day(3))
    found = {one.instrument: one for one in venue.activities("paper", after=0)}
    assert found[SHARE.id].amount == Decimal(5)  # 10 shares x 0.50
    assert found[SHARES[1].id].amount == Decimal(-2)
    assert {one.per_share for one in found.values()} == {Decimal("0.5")}


def test_a_delisted_share_pays_its_last_price_and_ends_its_orders() -> None:
    gone = Instrument(
        SHARE.id,
        (DatedSymbol("GONE", date(1970, 1, 1), DAYS[2]),),
        SHARE.asset_class,
        SHARE.venue,
        SHARE.currency,
    )
    clock = SteppedClock(day(0))
    bars = Told((0, 0, "10"), (1, 1, "10"), (2, 2, "7"), book=(gone, SHARES[1]))
    venue = broker(bars, clock)
    venue.place(an_order(), decided_at=day(0))
    venue.place(
        an_order(client_id="C-2", kind=OrderKind.LIMIT, limit=Decimal(1)), decided_at=day(0)
    )
    clock.move_to(day(2))
    assert venue.activities("paper", after=0) == ()
    clock.move_to(day(3))
    (paid,) = venue.activities("paper", after=0)
    assert (paid.kind, paid.amount, paid.quantity) == (ActivityKind.DELISTING, 70, -10)
    assert asked(venue, "C-2").reason == "the instrument was delisted"
    assert venue.positions("paper", as_of=day(3)) == {}


# --- for ever ---


@settings(max_examples=100, deadline=None)
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
    bars = Told(*((session, session + late, str(price)) for session, late, price in rows))
    clock, book = SteppedClock(day(0)), MemoryVenueBook()
    kept = broker(bars, clock, book)
    told = kept.place(an_order(), decided_at=day(0))
    first_known = min(day(session) + timedelta(days=late) for session, late, _ in rows)
    for look in sorted(looks):
        clock.move_to(max(clock.now(), day(0) + timedelta(days=look)))
        now = asked(broker(bars, clock, book))
        assert now == asked(kept)
        if told.state is OrderState.FILLED:
            assert now == told
        assert (now.state is OrderState.FILLED) == (first_known <= clock.now())
        told = now


def test_a_large_book_answers_fast_once_it_is_warm() -> None:
    """1,000 orders over 20 names and ten years: a warm answer takes well under a second."""
    panel = simulated_panel(1, 2_520, 20)
    shares = simulated_instruments(20)
    clock, book = SteppedClock(CALENDAR.close(panel.sessions[0].item())), MemoryVenueBook()
    prices = simulated_prices(panel)
    venue = PaperBroker(prices, MemoryInstruments(shares), book, clock, TERMS)
    clock.move_to(panel.as_of)
    for number in range(1_000):
        decided = CALENDAR.close(panel.sessions[2 * number].item())
        order = an_order("5", shares[number % 20].id, f"C-{number}")
        venue.place(order, decided_at=decided)
    clock.move_to(panel.as_of + timedelta(seconds=1))
    began = perf_counter()
    assert asked(venue, "C-999").state is OrderState.FILLED
    assert len(venue.positions("paper", as_of=panel.as_of)) == 20
    assert perf_counter() - began < 1

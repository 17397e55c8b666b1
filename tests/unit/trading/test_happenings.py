"""What happens to an account apart from fills is booked once; a split leaves everything right."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from fondaco.adapters.brokers.paper import PaperBroker
from fondaco.core.activity import Activity, ActivityKind
from fondaco.core.clock import SteppedClock
from fondaco.core.errors import Unavailable
from fondaco.core.orders import OrderKind
from fondaco.market.fakes import FixedCalendar, MemoryInstruments, MemoryStore
from fondaco.market.prices import Prices
from fondaco.market.tables import BARS
from fondaco.trading.cards import CardState
from fondaco.trading.fakes import MemoryVenueBook
from fondaco.trading.faulty_broker import Faults
from fondaco.trading.picture import take_picture
from fondaco.trading.ports import OrderState
from fondaco.trading.simulator.terms import Terms
from unit.trading.scene import (
    ALPHA,
    AS_OF,
    CALENDAR,
    FRIDAY,
    INDEX,
    POLICY,
    Scene,
    idea,
    scene,
)

AFTER = CALENDAR.sessions(FRIDAY, FRIDAY + timedelta(days=20))


def dividend(number: int, amount: str = "12.50") -> Activity:
    return Activity(
        f"A-{number}",
        "paper",
        ActivityKind.DIVIDEND,
        AS_OF,
        Decimal(amount),
        "USD",
        ALPHA,
        per_share=Decimal("0.25"),
    )


def test_a_dividend_is_booked_once_however_often_it_is_told() -> None:
    desk = scene()
    desk.broker.happened = [dividend(1), dividend(2)]
    assert len(desk.desk.collect("paper")) == 2
    assert desk.desk.collect("paper") == ()
    assert desk.new_desk().collect("paper") == ()
    assert desk.books.cash("paper", "USD") == Decimal(100_025)
    assert len(desk.events("activity.dividend")) == 2


def test_what_turns_up_between_others_is_booked_too() -> None:
    desk = scene()
    desk.broker.happened = [dividend(1)]
    desk.desk.collect("paper")
    desk.broker.happened = [dividend(7), dividend(1), dividend(8)]
    assert [entry.key for entry in desk.desk.collect("paper")] == ["activity:A-7", "activity:A-8"]
    assert desk.books.cash("paper", "USD") == Decimal("100037.50")


def test_a_crash_between_two_bookings_loses_and_doubles_nothing() -> None:
    desk = scene()
    desk.broker.happened = [dividend(1), dividend(2)]

    class Dies(RuntimeError):
        pass

    publish, seen = desk.outbox.publish, []

    def dying(event: Any) -> None:
        seen.append(event)
        if len(seen) == 2:
            raise Dies
        publish(event)

    desk.outbox.publish = dying  # type: ignore[method-assign]
    with pytest.raises(Dies):
        desk.desk.collect("paper")
    desk.outbox.publish = publish  # type: ignore[method-assign]
    assert desk.books.cash("paper", "USD") == Decimal("100012.50")
    desk.new_desk().collect("paper")
    assert desk.books.cash("paper", "USD") == Decimal(100_025)
    assert desk.books.trial_balance().balanced


def test_a_margin_call_moves_nothing_and_another_account_is_left_alone() -> None:
    desk = scene()
    call = replace(dividend(1), kind=ActivityKind.MARGIN_CALL, instrument=None, per_share=None)
    desk.broker.happened = [call, replace(dividend(2), account="other")]
    assert desk.desk.collect("paper") == ()
    assert desk.books.cash("paper", "USD") == Decimal(100_000)


def test_no_card_is_made_on_an_account_whose_venue_does_not_answer() -> None:
    desk = scene()
    desk.broker.faults = Faults(query_down=2.0)
    with pytest.raises(Unavailable):
        desk.propose(idea())
    assert desk.cards.list() == ()


# --- a split of seven for one, as of AAPL in June 2014, on made-up bars ---


def rows(instrument: str, days: dict[date, tuple[str, float]]) -> list[dict[str, Any]]:
    return [
        {
            "instrument": instrument,
            "session": day,
            "ts": CALENDAR.close(day),
            "known_at": CALENDAR.close(day),
            **dict.fromkeys(("open", "high", "low", "close"), float(price)),
            "volume": 100_000.0,
            "factor": factor,
            "source": "simulated",
            "ingest_id": "1",
        }
        for day, (price, factor) in days.items()
    ]


def split_desk() -> tuple[Scene, PaperBroker]:
    """Return a desk on the paper venue; ALFA stands at 700 and is split in the third session."""
    before = CALENDAR.sessions(FRIDAY - timedelta(days=90), FRIDAY)
    alpha = dict.fromkeys(before, ("700", 1.0))
    alpha |= {AFTER[1]: ("700", 1.0), AFTER[2]: ("100", 1 / 7), AFTER[3]: ("90", 1.0)}
    index = {day: ("1000" if n % 2 else "1005", 1.0) for n, day in enumerate(before)}
    store = MemoryStore()
    store.append(BARS, pl.DataFrame(rows(ALPHA, alpha) + rows(INDEX, index)), ingest_id="1")
    plain = scene()
    book = MemoryInstruments([plain.book.get(ALPHA), plain.book.get(INDEX)])
    clock = SteppedClock(AS_OF + timedelta(minutes=30))
    prices = Prices(store, book, FixedCalendar)
    desk = Scene(clock, prices=prices, book=plain.book)  # type: ignore[arg-type]
    desk.books.deposit("paper", Decimal(100_000), "USD", AS_OF - timedelta(days=99), "D")
    broker = PaperBroker(prices, book, MemoryVenueBook(), clock, Terms(0, POLICY.costs))
    desk.desk = desk.new_desk(broker=broker)
    return desk, broker


def test_a_position_held_across_a_split_is_right_afterwards() -> None:
    desk, broker = split_desk()
    card = desk.proposed(idea(ALPHA), replay=False)
    desk.approve(card)
    desk.desk.release(card.id)
    desk.desk.send(card.id)
    desk.clock.move_to(CALENDAR.close(AFTER[1]))
    assert desk.desk.settle(card.id).state is CardState.FILLED
    before = take_picture(desk.desk, "paper", desk.clock.now())
    assert before.held == {ALPHA: 7}
    desk.clock.move_to(CALENDAR.close(AFTER[2]))
    desk.desk.settle(card.id)
    after = take_picture(desk.desk, "paper", desk.clock.now())
    assert after.held == {ALPHA: 49}
    assert after.equity == before.equity
    assert broker.positions("paper", as_of=desk.clock.now()) == after.held
    assert desk.books.trial_balance().balanced
    for _ in range(2):
        desk.desk.settle(card.id)
    assert desk.books.positions("paper") == {ALPHA: 49}


def test_a_limit_that_waits_across_a_split_is_restated_and_filled_whole() -> None:
    """3 at 665 become 21 at 95; the third session opens at 90 and fills them there."""
    desk, _ = split_desk()
    made = desk.proposed(idea(ALPHA), replay=False)
    limit = replace(made.order, quantity=Decimal(3), kind=OrderKind.LIMIT, limit=Decimal(665))
    card = replace(made, order=limit)
    assert card.digest != made.digest
    desk.cards.put(card)
    desk.approve(card)
    desk.desk.release(card.id)
    desk.desk.send(card.id)
    desk.clock.move_to(CALENDAR.close(AFTER[2]))
    assert desk.desk.settle(card.id).state is CardState.WORKING
    record = desk.orders.get(limit.client_id)
    assert (record.quantity, record.filled, record.order) == (21, 0, limit)
    desk.clock.move_to(CALENDAR.close(AFTER[3]))
    assert desk.desk.settle(card.id).state is CardState.FILLED
    record = desk.orders.get(limit.client_id)
    assert (record.state, record.quantity, record.filled) == (OrderState.FILLED, 21, 21)
    (fill,) = desk.orders.fills()
    assert (fill.quantity, fill.price) == (21, 90)
    assert desk.books.positions("paper") == {ALPHA: 21}
    assert not [name for name in desk.names() if name.startswith("alarm.")]

"""The route a session at a time: what it refuses of a broker, and the books it keeps."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from fondaco.backtest.bar_venue import BarVenue
from fondaco.backtest.entries import RunEntries
from fondaco.backtest.route import Desk, drive
from fondaco.backtest.tape import decisions_of
from fondaco.core.clock import SteppedClock
from fondaco.core.entry import Entry, Posting
from fondaco.core.errors import Conflict, InvalidInput, NotFound
from fondaco.core.orders import Fill, Order, OrderKind, Side, TimeInForce
from fondaco.ledger.books import Books
from fondaco.market.fakes import simulated_panel
from fondaco.trading.ports import OrderState, Placed
from unit.backtest.scene import (
    FREE,
    counting_ids,
    monthly,
    panel_of,
    ran_by_event,
    tape,
    terms,
)

PANEL = panel_of([[10.0], [10.0], [10.0], [10.0]])
TARGETS = decisions_of(tape(PANEL), np.array([[0.5], [np.nan], [np.nan], [0.2]]))


class Told(BarVenue):
    """A venue that says something else of an order than it should."""

    placed: Placed | None = None
    asked: Placed | None = None
    told: tuple[Fill, ...] = ()
    forgets = False

    def place(self, order: Order, *, decided_at: datetime) -> Placed:
        return self.placed or super().place(order, decided_at=decided_at)

    def query(self, client_id: str) -> Placed | None:
        return None if self.forgets else self.asked or super().query(client_id)

    def fills(self, account: str, *, after: int) -> tuple[Fill, ...]:
        told = self.told if super().query("backtest-0-0") else ()
        return (told or super().fills(account, after=0))[after:]


def _desk(venue: BarVenue | None = None) -> Desk:
    clock = SteppedClock(tape(PANEL).moment(0))
    broker = venue or Told(tape(PANEL), terms(), clock)
    return Desk(broker, Books(RunEntries(), clock, counting_ids(clock)), clock)


def test_a_broker_that_forgets_an_order_ends_the_run() -> None:
    desk = _desk()
    desk.broker.forgets = True  # type: ignore[attr-defined]
    with pytest.raises(Conflict, match="lost an order"):
        drive(tape(PANEL), TARGETS, terms(), desk)


@pytest.mark.parametrize("state", [OrderState.UNKNOWN, OrderState.INTENT])
def test_an_order_of_unknown_fate_ends_the_run(state: OrderState) -> None:
    desk = _desk()
    desk.broker.asked = Placed("any", state)  # type: ignore[attr-defined]
    with pytest.raises(Conflict, match="lost an order"):
        drive(tape(PANEL), TARGETS, terms(), desk)


def test_a_broker_that_fills_an_order_as_it_takes_it_ends_the_run() -> None:
    desk = _desk()
    run = ran_by_event(tape(PANEL), TARGETS, terms())[0]
    desk.broker.placed = Placed(  # type: ignore[attr-defined]
        "any", OrderState.FILLED, (run.fills[0],)
    )
    with pytest.raises(Conflict, match="filled before the next bar"):
        drive(tape(PANEL), TARGETS, terms(), desk)


@pytest.mark.parametrize("early", [timedelta(0), timedelta(hours=1)])
def test_a_fill_that_is_told_later_of_the_bar_of_its_decision_ends_the_run(
    early: timedelta,
) -> None:
    desk = _desk()
    fill = ran_by_event(tape(PANEL), TARGETS, terms())[0].fills[0]
    at = tape(PANEL).moment(0) - early
    desk.broker.told = (replace(fill, ts=at, known_at=at),)  # type: ignore[attr-defined]
    with pytest.raises(Conflict, match="filled before the next bar"):
        drive(tape(PANEL), TARGETS, terms(), desk)


def test_an_order_that_the_broker_cancels_at_once_is_not_waited_for() -> None:
    desk = _desk()
    desk.broker.placed = Placed(  # type: ignore[attr-defined]
        "any", OrderState.CANCELLED, reason="not today"
    )
    run = drive(tape(PANEL), TARGETS, terms(), desk)
    assert (run.working, run.fills) == ({}, [])
    assert run.ended == {order.client_id: "not today" for _, order in run.orders}
    assert run.equity == [Decimal(100_000)] * 4


def test_an_order_that_was_cancelled_before_the_run_knew_is_not_waited_for() -> None:
    desk = _desk()
    limit = _order(account="backtest", limit=Decimal(9), kind=OrderKind.LIMIT, tif=TimeInForce.IOC)
    later = _order("C-2", account="backtest")
    orders = {0: [limit], 1: [later]}
    run = drive(tape(PANEL), None, terms(), desk, orders=orders)
    assert run.ended == {"C-1": "it could not be filled at once"}
    assert [fill.client_id for fill in run.fills] == ["C-2"]
    assert run.working == {}


def test_a_fill_of_an_order_that_the_run_did_not_send_is_booked_all_the_same() -> None:
    desk = _desk()
    desk.broker.place(_order("by hand", "100"), decided_at=desk.clock.now())
    run = drive(tape(PANEL), None, terms(), desk)
    assert run.orders == []
    assert [(fill.client_id, fill.quantity) for fill in run.fills] == [("by hand", 100)]
    assert run.cash == [Decimal(100_000), *[Decimal(98_999)] * 3]  # 100 at 10 and a fee of 1
    assert run.equity == [Decimal(100_000), *[Decimal(99_999)] * 3]


def test_no_second_order_is_sent_while_a_slow_broker_works_on_the_first() -> None:
    desk = _desk()
    desk.broker.asked = Placed("any", OrderState.WORKING)  # type: ignore[attr-defined]
    every = np.array([[0.5], [0.2], [0.8], [0.1]])
    run = drive(tape(PANEL), decisions_of(tape(PANEL), every), terms(), desk)
    assert [row for row, _ in run.orders] == [0]
    assert len(run.working) == 1


def test_progress_is_told_of_each_session() -> None:
    seen: list[int] = []
    drive(tape(PANEL, first=1), TARGETS, terms(), _desk(), seen.append)
    assert seen == [1, 2, 3]


def test_the_equity_of_the_books_is_that_of_the_run() -> None:
    panel = simulated_panel(17, 90, 4)
    played = tape(panel)
    run, books = ran_by_event(played, decisions_of(played, monthly(panel, 3)), terms())
    held = books.positions("backtest")
    marks = dict(zip(played.instruments, played.plane("mark")[-1].tolist(), strict=True))
    worth = books.cash("backtest", "USD") + sum(
        quantity * Decimal(marks[name]) / 1_000_000 for name, quantity in held.items()
    )
    assert worth == run.equity[-1]
    assert len(run.fills) > 20
    fees = books.cash("expenses:fees", "USD")
    assert fees == sum(fill.fee for fill in run.fills)
    assert books.trial_balance().balanced
    statement = books.statement("backtest")
    assert dict(statement.closing)["USD"] == run.cash[-1]


def _venue() -> tuple[BarVenue, SteppedClock]:
    clock = SteppedClock(tape(PANEL).moment(0))
    return BarVenue(tape(PANEL), terms(costs=FREE), clock), clock


def _order(
    client_id: str = "C-1", quantity: str = "10", account: str = "backtest", **rest: Any
) -> Order:
    name = tape(PANEL).instruments[0]
    return Order(client_id, account, name, Side.BUY, Decimal(quantity), **rest)


def test_the_simulated_venue_takes_several_orders_of_one_instrument() -> None:
    venue, clock = _venue()
    for name, quantity in (("C-1", "10"), ("C-2", "30")):
        told = venue.place(_order(name, quantity), decided_at=clock.now())
        assert told.state is OrderState.WORKING
    clock.move_to(tape(PANEL).moment(1))
    assert [(fill.client_id, fill.quantity) for fill in venue.fills("backtest", after=0)] == [
        ("C-1", 10),
        ("C-2", 30),
    ]
    held = venue.positions("backtest", as_of=clock.now())
    assert held == {tape(PANEL).instruments[0]: Decimal(40)}


def test_the_same_order_again_changes_nothing() -> None:
    venue, clock = _venue()
    first = venue.place(_order(), decided_at=clock.now())
    assert venue.place(_order(), decided_at=clock.now()) == first
    clock.move_to(tape(PANEL).moment(1))
    assert len(venue.fills("backtest", after=0)) == 1


def test_the_simulated_venue_takes_orders_only_as_they_are_decided() -> None:
    venue, clock = _venue()
    early = clock.now()
    clock.move_to(tape(PANEL).moment(1))
    with pytest.raises(InvalidInput, match="as they are decided"):
        venue.place(_order(), decided_at=early)


def test_the_simulated_venue_counts_its_own_cash() -> None:
    venue, clock = _venue()
    venue.place(_order(), decided_at=clock.now())
    clock.move_to(tape(PANEL).moment(1))
    venue.query("C-1")
    assert (venue.cash, venue.name) == ((100_000 - 100) * 1_000_000, "simulated")


def test_a_trade_beyond_counting_is_refused() -> None:
    venue, clock = _venue()
    venue.place(_order(quantity="1000000000000"), decided_at=clock.now())
    clock.move_to(tape(PANEL).moment(1))
    with pytest.raises(InvalidInput, match="beyond what the venue can count"):
        venue.query("C-1")


def test_the_entries_of_a_run_are_kept_once_by_key() -> None:
    entries, at = RunEntries(), tape(PANEL).moment(0)
    entry = Entry(
        "1",
        "k",
        at,
        at,
        "in",
        (Posting("assets:a", "USD", Decimal(5)), Posting("equity:b", "USD", Decimal(-5))),
    )
    assert entries.add(entry)
    assert not entries.add(replace(entry, id="2"))
    with pytest.raises(Conflict):
        entries.add(replace(entry, memo="out"))
    assert entries.get("1") == entries.find("k") == entry
    assert entries.find("other") is None
    with pytest.raises(NotFound):
        entries.get("2")
    assert entries.entries(account="assets:a") == (entry,)
    assert entries.entries(account="assets:other") == ()

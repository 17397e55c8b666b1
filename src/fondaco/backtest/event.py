"""The event backtest: a bar at a time, orders and fills as values, books in exact decimals."""

from collections.abc import Iterable, Mapping

from fondaco.backtest.bar_venue import BarVenue
from fondaco.backtest.entries import RunEntries
from fondaco.backtest.route import Desk, Review, Run, Watch, drive, passes
from fondaco.backtest.sweep import SweepRun
from fondaco.backtest.tape import Decisions, Tape
from fondaco.core.clock import SteppedClock
from fondaco.core.ids import Ids
from fondaco.core.orders import Order
from fondaco.ledger.books import Books
from fondaco.trading.simulator.terms import Terms


def run_event(
    tape: Tape,
    decisions: Decisions | None,
    terms: Terms,
    ids: Ids,
    *,
    account: str = "backtest",
    watch: Watch = lambda _: None,
    orders: Mapping[int, Iterable[Order]] | None = None,
    review: Review = passes,
) -> tuple[Run, Books]:
    """Trade decisions, or orders by the row that decides them; return the run and its books."""
    clock = SteppedClock(tape.moment(tape.first))
    books = Books(RunEntries(), clock, ids)
    venue = BarVenue(tape, terms, clock, account)
    desk = Desk(venue, books, clock, account)
    return drive(tape, decisions, terms, desk, watch, orders=orders, review=review), books


def run_recorded(
    tape: Tape,
    decisions: Decisions,
    terms: Terms,
    ids: Ids,
    *,
    watch: Watch = lambda _: None,
    review: Review = passes,
) -> tuple[Run, SweepRun]:
    """Trade decisions a bar at a time; return the run and what the venue itself recorded."""
    clock = SteppedClock(tape.moment(tape.first))
    venue = BarVenue(tape, terms, clock)
    desk = Desk(venue, Books(RunEntries(), clock, ids), clock)
    return drive(tape, decisions, terms, desk, watch, review=review), venue.recorded()

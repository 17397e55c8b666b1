"""The event backtest: a bar at a time, orders and fills as values, books in exact decimals."""

from fondaco.backtest.bar_venue import BarVenue
from fondaco.backtest.entries import RunEntries
from fondaco.backtest.route import Desk, Run, Watch, drive
from fondaco.backtest.sweep import Terms
from fondaco.backtest.tape import Decisions, Tape
from fondaco.core.clock import SteppedClock
from fondaco.core.ids import Ids
from fondaco.ledger.books import Books


def run_event(
    tape: Tape,
    decisions: Decisions,
    terms: Terms,
    ids: Ids,
    *,
    account: str = "backtest",
    watch: Watch = lambda _: None,
) -> tuple[Run, Books]:
    """Trade decisions over a tape, a bar at a time; return the run and its books."""
    clock = SteppedClock(tape.moment(tape.first))
    books = Books(RunEntries(), clock, ids)
    venue = BarVenue(tape, terms, clock)
    return drive(tape, decisions, terms, Desk(venue, books, clock, account), watch), books

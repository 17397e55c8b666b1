"""Paper replay: the same route through a real broker adapter, under a clock that is stepped."""

from fondaco.backtest.route import Desk, FillBook, Run, Watch, drive
from fondaco.backtest.sweep import Terms
from fondaco.backtest.tape import Decisions, Tape
from fondaco.core.clock import SteppedClock
from fondaco.trading.ports import Broker


def run_replay(
    tape: Tape,
    decisions: Decisions,
    terms: Terms,
    broker: Broker,
    books: FillBook,
    clock: SteppedClock,
    *,
    account: str = "replay",
    watch: Watch = lambda _: None,
) -> Run:
    """Trade decisions through a broker, a session at a time.

    `broker` and `books` must see `clock`, which stands at or before the first session's close and
    is moved from close to close. The broker brings its own costs: those of `terms` are not used.
    """
    return drive(tape, decisions, terms, Desk(broker, books, clock, account), watch)

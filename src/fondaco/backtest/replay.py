"""Paper replay: the same route through a real broker adapter, under a clock that is stepped."""

from fondaco.backtest.route import Desk, FillBook, Run, Watch, drive
from fondaco.backtest.sweep import Terms
from fondaco.backtest.tape import Tape
from fondaco.core.clock import SteppedClock
from fondaco.trading.ports import Broker
from fondaco.trading.venue import Counts


def run_replay(tape: Tape, targets: Counts, terms: Terms, broker: Broker, books: FillBook,
               clock: SteppedClock, *, account: str = "replay",
               watch: Watch = lambda _: None) -> Run:
    """Trade targets (T, N) through a broker, a session at a time.

    `broker` and `books` must see `clock`, which stands at or before the first session's close and
    is moved from close to close. The broker brings its own costs: those of `terms` are not used.
    """
    return drive(tape, targets, terms, Desk(broker, books, clock, account), watch)

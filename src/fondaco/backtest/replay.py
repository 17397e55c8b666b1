"""Paper replay: the same route through a real broker adapter, under a clock that is stepped."""

from collections.abc import Iterable, Mapping

from fondaco.backtest.route import Desk, FillBook, Run, Watch, drive
from fondaco.backtest.tape import Decisions, Tape
from fondaco.core.clock import SteppedClock
from fondaco.core.orders import Order
from fondaco.trading.ports import Broker
from fondaco.trading.simulator.terms import Terms


def run_replay(
    tape: Tape,
    decisions: Decisions | None,
    terms: Terms,
    broker: Broker,
    books: FillBook,
    clock: SteppedClock,
    *,
    account: str = "replay",
    watch: Watch = lambda _: None,
    orders: Mapping[int, Iterable[Order]] | None = None,
) -> Run:
    """Trade decisions through a broker, a session at a time.

    `broker` and `books` must see `clock`, which stands at or before the first session's close and
    is moved from close to close. The broker brings its own terms: of `terms` only the capital and
    what sizes and accompanies targets are used.
    """
    desk = Desk(broker, books, clock, account)
    return drive(tape, decisions, terms, desk, watch, orders=orders)

"""The whole event route: 500 names, 2,520 days, monthly momentum, from panel to books.

Features and weights by the strategy; every order sized, put before the guardrails, sent, filled by
the venue's kernel and booked by double entry. The sweep plays the same decisions: both must end
with the same equity at every close. `python -m bench.engine.desk_route [--quick]`
"""

import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from bench.engine.workload import asked

from fondaco.backtest.event import run_event
from fondaco.backtest.guard import Guard
from fondaco.backtest.route import Run
from fondaco.backtest.sweep import SweepRun, sweep_one
from fondaco.backtest.tape import Decisions, Tape, decisions_of, tape_of
from fondaco.core.clock import SteppedClock
from fondaco.core.ids import Ids
from fondaco.core.instrument import Instrument
from fondaco.market.fakes import simulated_instruments, simulated_panel
from fondaco.market.panel import Panel
from fondaco.research.strategies.library import strategy_named
from fondaco.risk.check import Limits
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.costs import MICRO, to_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.terms import Terms

SECONDS_MAX = 60
TERMS = Terms(10_000_000 * MICRO, CostModel.flat(Decimal(5), Decimal("1.00")))
LIMITS = Limits(
    position_share_max=Decimal(1),
    sector_share_max=Decimal(1),
    volume_share_max=Decimal(1_000),
    event_days_min=Decimal(0),
    regime_vol_max=Decimal(10),
    catalyst_days_max=Decimal(5),
)
"""Judged in full, but wide enough that every order passes: the sweep knows no guardrails."""


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    before = time.process_time()
    found = work()
    return time.process_time() - before, found


def _ids() -> Ids:
    numbers = itertools.count()
    clock = SteppedClock(datetime(2015, 1, 1, tzinfo=UTC))
    return Ids(clock, lambda size: next(numbers).to_bytes(size, "big"))


def _disagreement(run: Run, swept: SweepRun) -> int:
    """Return at how many closes the books and the sweep hold another equity."""
    books = np.array([to_micros(amount) for amount in run.equity])
    return int((books != swept.record[x.EQUITY]).sum())


def _decide(panel: Panel, book: tuple[Instrument, ...]) -> tuple[Tape, Decisions]:
    tape = tape_of(panel, book)
    return tape, decisions_of(tape, strategy_named("momentum").weights(panel))


def main(words: list[str] | None = None) -> bool:
    """Play the route once, compare it with the sweep, print its times; returns whether it agreed.

    This is the place to put a call that plays a strategy through everything, once there is one.
    """
    names, sessions = (20, 600) if asked(words).quick else (500, 2_520)
    panel, book = simulated_panel(1, sessions, names), simulated_instruments(names)
    chosen_s, (tape, decisions) = _timed(lambda: _decide(panel, book))
    guard_s, guard = _timed(lambda: Guard(tape, book, LIMITS, panel.close.mean(axis=1)))
    route_s, (run, _) = _timed(
        lambda: run_event(tape, decisions, TERMS, _ids(), review=guard.review)
    )
    swept_s, swept = _timed(lambda: sweep_one(tape, decisions, TERMS))
    apart = _disagreement(run, swept)
    route_s += guard_s
    total = chosen_s + route_s
    print(f"the whole event route: {names} names x {sessions:,} days, monthly momentum")
    print(
        f"  {'DISAGREES' if apart else 'agrees'}: {apart} of {sessions:,} equities differ from "
        f"the sweep's; {len(run.orders):,} orders judged and sent, "
        f"{guard.blocked.total()} stopped, {len(run.fills):,} fills booked"
    )
    print(f"  features, weights, tape       {chosen_s:8.2f} CPU s")
    print(f"  guardrails, orders, books     {route_s:8.2f} CPU s")
    print(f"  together                      {total:8.2f} CPU s   (at most {SECONDS_MAX})")
    print(f"  the sweep of the same         {swept_s:8.3f} CPU s")
    return apart == 0


if __name__ == "__main__":
    main()

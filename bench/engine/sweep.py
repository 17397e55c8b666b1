"""A sweep of monthly rebalances: the compiled loop beside a plain numpy one, in the same run.

Both are exact integer arithmetic and must agree on every equity. The numpy one is what a careful
person would write: a Python loop over sessions, arrays over (sets x instruments). Run it with
`python -m bench.engine.sweep [sets] [sessions] [instruments]`; the first ratio is CPU time.
Compiling is not counted: `make up` does it once and numba keeps it.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

import numpy as np

from fondaco.backtest.sweep import EQUITY, Terms, sweep
from fondaco.backtest.tape import Decisions, Tape, decisions_of, tape_of
from fondaco.market.fakes import simulated_instruments, simulated_panel
from fondaco.trading.costs import CENT, FEE_UNIT, MICRO, Costs
from fondaco.trading.sizing import PART
from fondaco.trading.venue import Counts

ROUNDS = 3
MONTH = 21
TERMS = Terms(10_000_000 * MICRO, Costs(Decimal(5), Decimal("1.00")))


def targets(tape: Tape, seed: int) -> Decisions:
    """Return one set's weights: random ones each month, nothing between."""
    chance = np.random.default_rng(seed)
    weights = np.full(tape.close.shape, np.nan)
    rows = weights[::MONTH]
    weights[::MONTH] = chance.random(rows.shape) / rows.shape[1]
    return decisions_of(tape, weights)


def by_numpy(tape: Tape, given: list[Decisions], terms: Terms) -> Counts:
    """Return the last equity of each set, by arrays over all sets at once."""
    weights = np.stack([decisions.parts for decisions in given])
    rows = {int(row): n for n, row in enumerate(given[0].rows)}  # the same months for all
    shape = (weights.shape[0], weights.shape[2])
    position, working = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    cash = np.full(shape[0], terms.capital)
    equity = cash
    for t in range(len(tape.close)):
        if working.any():
            value = working * tape.price[t]
            cents = (2 * np.abs(value) * terms.costs.rate + FEE_UNIT) // (2 * FEE_UNIT)
            fee = np.where(working != 0, np.maximum(cents * CENT, terms.costs.fee_min_micros), 0)
            cash = cash - (value + fee).sum(axis=1)
            position += working
            working = np.zeros(shape, dtype=np.int64)
        equity = cash + position @ tape.close[t]
        if t in rows:
            usable = equity - _part(equity, np.array(terms.buffer))
            wanted = _part(usable[:, None], weights[:, rows[t]]) // (tape.close[t] * tape.lot)
            working = wanted * tape.lot - position
    return equity


def _part(amount: Counts, parts: Counts) -> Counts:
    whole: Counts = amount // PART * parts + amount % PART * parts // PART
    return whole


def by_kernel(tape: Tape, given: list[Decisions], terms: Terms) -> Counts:
    """Return the last equity of each set, by the compiled loop."""
    return np.array([record[EQUITY, -1] for record in sweep(tape, given, terms)])


def timed(work: Callable[[], Counts]) -> tuple[float, Counts]:
    """Return the CPU seconds of a call and what it gave."""
    before = time.process_time()
    found = work()
    return time.process_time() - before, found


def main(sets: int = 100, sessions: int = 2_520, instruments: int = 500) -> float:
    """Time both, print seconds, ratio and memory; return numpy's seconds over the kernel's."""
    panel = simulated_panel(1, sessions, instruments)
    tape = tape_of(panel, simulated_instruments(instruments))
    given = [targets(tape, seed) for seed in range(min(sets, 10))]
    every = [given[n % len(given)] for n in range(sets)]
    by_kernel(tape, every[:1], TERMS)
    beyond = _beyond(tape, every)
    rounds = [
        (timed(lambda: by_numpy(tape, every, TERMS)), timed(lambda: by_kernel(tape, every, TERMS)))
        for _ in range(ROUNDS)
    ]
    for (_, plain), (_, compiled) in rounds:
        if not (plain == compiled).all():
            raise AssertionError("numpy and the kernel disagree about an equity")
    slow, fast = (min(r[side][0] for r in rounds) for side in (0, 1))
    cells = sets * sessions * instruments
    print(
        f"sweep of {sets} sets x {sessions:,} sessions x {instruments} instruments, monthly, "
        f"5 bps; best of {ROUNDS}, CPU seconds"
    )
    print(f"  plain numpy        {slow:8.3f} s   {cells / slow / 1e6:8.0f} M cells/s")
    print(f"  fondaco sweep      {fast:8.3f} s   {cells / fast / 1e6:8.0f} M cells/s")
    print(f"  ratio              {slow / fast:8.1f} x   all equities equal to the last digit")
    print(f"  memory beyond start{beyond:8.0f} MB for the sweep")
    return slow / fast


def _beyond(tape: Tape, given: list[Decisions]) -> float:
    """Return by how much a streamed sweep raises the peak memory, in MB; run before the rest."""

    def stream() -> Iterator[Decisions]:
        yield from given

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in sweep(tape, stream(), TERMS):
        pass
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))

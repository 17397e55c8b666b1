"""False alarms and power of what is resampled: intervals, permutations, orders, the best of many.

Returns are normal, daily, 1 % deviation unless the conditions say otherwise; AR(1) says how much
of a return the next one repeats. Fixed seeds: the same rows every time.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from bench.statistics.rows import Row, Test, row
from numpy.typing import NDArray
from scipy.signal import lfilter

from fondaco.research.statistics.blocks import optimal_block
from fondaco.research.statistics.bootstrap import (
    Interval,
    Method,
    bootstrap_interval,
    studentised_interval,
)
from fondaco.research.statistics.intervals import return_intervals
from fondaco.research.statistics.permutation import How, permutation_edge
from fondaco.research.statistics.reality import reality_check, superior_ability
from fondaco.research.statistics.samples import drawdown_of, sharpe_error_of, sharpe_of
from fondaco.research.statistics.trade_order import trade_order_drawdown

Column = NDArray[np.float64]
LEVEL = 0.05
DRAWS = 399
YEAR = 252
DEVIATION = 0.01


def rows(repetitions: int = 500) -> list[Row]:
    """Return every row; 500 repetitions take about a minute on one core."""
    made = (_intervals, _all_four, _permutations, _orders, _best_of_many)
    return [one for make in made for one in make(repetitions)]


def series(rng: np.random.Generator, n: int, memory: float = 0.0, sharpe: float = 0.0) -> Column:
    """Return an AR(1) of daily returns with this annual Sharpe ratio, (n,)."""
    shocks = rng.normal(0.0, DEVIATION * np.sqrt(1.0 - memory**2), n + 200)
    found: Column = lfilter([1.0], [1.0, -memory], shocks)[200:]
    return found + sharpe * DEVIATION / np.sqrt(YEAR)


def counted(repetitions: int, seed: int, happened: Callable[[np.random.Generator], bool]) -> int:
    """Return in how many histories it happened."""
    rng = np.random.default_rng(seed)
    return sum(bool(happened(rng)) for _ in range(repetitions))


def _sharpe_interval(method: Method, values: Column, rng: np.random.Generator) -> Interval:
    if method != "studentised":
        return bootstrap_interval(values, sharpe_of, rng=rng, draws=DRAWS + 1, method=method)
    block = max(1, round(float(optimal_block(values).stationary[0])))
    error = partial(sharpe_error_of, block=block)
    return studentised_interval(values, sharpe_of, error, rng=rng, draws=DRAWS + 1)


def _intervals(repetitions: int) -> Iterator[Row]:
    """Intervals of the Sharpe ratio by each method: misses of the truth, and of 0."""
    methods: tuple[Method, ...] = ("percentile", "basic", "bca", "studentised")
    for method in methods:
        name = f"bootstrap interval of Sharpe, {method}"
        for memory in (0.0, 0.2):
            seen = f"95 %, 504 days, AR(1) {memory}, true Sharpe 1"

            def missed(
                rng: np.random.Generator, memory: float = memory, m: Method = method
            ) -> bool:
                found = _sharpe_interval(m, series(rng, 504, memory, 1.0), rng)
                return not found.low <= 1.0 <= found.high

            yield row(
                name, "false alarms", counted(repetitions, 1, missed), repetitions, seen, LEVEL
            )

        def above(rng: np.random.Generator, m: Method = method) -> bool:
            return _sharpe_interval(m, series(rng, 1_260, 0.0, 1.5), rng).low > 0.0

        few = max(1, repetitions // 2)
        seen = "95 % above 0, 1,260 days, true Sharpe 1.5"
        yield row(name, "power", counted(few, 2, above), few, seen)


def _all_four(repetitions: int) -> Iterator[Row]:
    """The four intervals of a report: misses of the truth, and of another history's fall."""
    mean = DEVIATION / np.sqrt(YEAR)
    truth = [1.0, float(np.expm1(YEAR * (mean - DEVIATION**2 / 2))), DEVIATION * np.sqrt(YEAR)]
    names = ("Sharpe", "CAGR", "volatility", "deepest fall (of another history)")
    for memory in (0.0, 0.2):
        rng, missed = np.random.default_rng(3), np.zeros(4, dtype=int)
        for _ in range(repetitions):
            values, fresh = (series(rng, 756, memory, 1.0) for _ in range(2))
            found = return_intervals(values, rng=rng, draws=DRAWS + 1)
            true = [*truth, float(drawdown_of(fresh[None, :])[0])]
            four = (found.sharpe, found.cagr, found.vol_annual, found.drawdown)
            missed += [not i.low <= t <= i.high for i, t in zip(four, true, strict=True)]
        for name, hits in zip(names, missed.tolist(), strict=True):
            seen = f"95 %, 756 days, AR(1) {memory}, true Sharpe 1"
            yield row(f"report interval, {name}", "false alarms", hits, repetitions, seen, LEVEL)


def _permutations(repetitions: int) -> Iterator[Row]:
    """Signals against returns: worthless ones, and ones that know a little."""
    ways: tuple[tuple[How, int | None, int, float], ...] = (
        ("shift", None, 1, 0.06),
        ("block", None, 1, 0.06),
        ("names", None, 6, 0.03),
    )
    for how, block, names, knowledge in ways:
        seen = f"500 days, {names} names, positions AR(1) 0.9, returns AR(1) 0.2"
        cases: tuple[tuple[Test, float, str], ...] = (
            ("false alarms", 0.0, seen),
            ("power", knowledge, f"{seen}, correlation {knowledge * 2}"),
        )
        for test, share, conditions in cases:

            def passed(
                rng: np.random.Generator,
                how: How = how,
                block: int | None = block,
                names: int = names,
                share: float = share,
            ) -> bool:
                held = np.column_stack([series(rng, 500, 0.9) for _ in range(names)])
                earned = np.column_stack([series(rng, 500, 0.2) for _ in range(names)])
                found = permutation_edge(
                    held, earned + 2 * share * held, rng=rng, draws=199, how=how, block=block
                )
                return found.p_value <= LEVEL

            hits = counted(repetitions, 4, passed)
            name, level = f"permutation of signals, {how}", _nominal(test)
            yield row(name, test, hits, repetitions, conditions, level)


def _orders(repetitions: int) -> Iterator[Row]:
    """The order of trades: honest of falls, and blind to an edge however large."""
    name, as_edge = "trade order, deeper than chance", "trade order MISUSED as an edge test"

    def deep(rng: np.random.Generator, memory: float) -> bool:
        trades = series(rng, 120, memory)
        return trade_order_drawdown(trades, rng=rng, draws=199).deeper_share < LEVEL

    def shallow(rng: np.random.Generator, sharpe: float) -> bool:
        trades = rng.normal(sharpe, 1.0, 120) * DEVIATION
        return trade_order_drawdown(trades, rng=rng, draws=199).deeper_share >= 1.0 - LEVEL

    runs: tuple[tuple[Test, float], ...] = (("false alarms", 0.0), ("power", 0.7))
    many = 4 * repetitions  # they are cheap
    for test, memory in runs:
        hits = counted(many, 5, partial(deep, memory=memory))
        seen = f"120 trades, AR(1) {memory}"
        yield row(name, test, hits, many, seen, _nominal(test))
    edges: tuple[tuple[Test, float], ...] = (
        ("false alarms", 0.0),
        ("power", 0.3),
        ("power", 1.0),
        ("power", -0.3),
    )
    for test, sharpe in edges:
        hits = counted(many, 6, partial(shallow, sharpe=sharpe))
        seen = f"120 trades, Sharpe {sharpe} a trade"
        yield row(as_edge, test, hits, many, seen, LEVEL)


def _best_of_many(repetitions: int) -> Iterator[Row]:
    """White's and Hansen's tests of the best of 30 models."""
    few = max(1, repetitions // 2)
    poor = "and 60 poor and wild ones"
    cases: tuple[tuple[Test, float, int, str], ...] = (
        ("false alarms", 0.0, 0, "400 days, 30 worthless models"),
        ("power", 0.2, 0, "400 days, one of 30 models has 0.2 a day (4 errors)"),
        ("power", 0.2, 60, f"400 days, one of 30 models has 0.2 a day, {poor}"),
    )
    for test, planted, wild, seen in cases:
        rng, passed = np.random.default_rng(7), [0, 0]
        for _ in range(few):
            excess = rng.normal(size=(400, 30))
            excess[:, 0] += planted
            excess = np.column_stack([excess, rng.normal(-1.0, 4.0, (400, wild))])
            passed[0] += reality_check(excess, rng=rng, draws=199).p_value <= LEVEL
            passed[1] += superior_ability(excess, rng=rng, draws=199).consistent <= LEVEL
        for name, hits in zip(("reality check", "superior ability"), passed, strict=True):
            yield row(name, test, hits, few, seen, _nominal(test))


def _nominal(test: Test) -> float | None:
    return LEVEL if test == "false alarms" else None

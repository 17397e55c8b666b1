"""One row of the table of honesty: a statistic, how often it was wrong, how often it was right."""

from dataclasses import dataclass
from typing import Literal

from scipy.stats import binomtest

Test = Literal["false alarms", "power"]


@dataclass(frozen=True, slots=True)
class Row:
    """How often a statistic rejected (an interval: missed) in so many simulated histories.

    `nominal` is the share that its level promises where there is nothing to find, None where
    there is something. `low` and `high` are the exact binomial 95 % interval of the measured
    share (Clopper and Pearson, 1934, Biometrika 26, p. 404-413).
    """

    statistic: str
    test: Test
    nominal: float | None
    measured: float
    low: float
    high: float
    repetitions: int
    conditions: str


def row(
    statistic: str,
    test: Test,
    hits: int,
    repetitions: int,
    conditions: str,
    nominal: float | None = None,
) -> Row:
    """Return the row of so many hits.

    >>> found = row("a coin", "false alarms", 5, 100, "fair")
    >>> round(found.low, 4), round(found.high, 4)  # R: binom.test(5, 100)
    (0.0164, 0.1128)
    """
    ends = binomtest(hits, repetitions).proportion_ci(0.95, method="exact")
    share = hits / repetitions
    return Row(
        statistic, test, nominal, share, float(ends.low), float(ends.high), repetitions, conditions
    )

"""What the tests of resampling share: series with a memory, and how far a rate may stray."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.stats import binom

Column = NDArray[np.float64]


def remembering(
    rng: np.random.Generator, n: int, memory: float, mean: float = 0.0, deviation: float = 1.0
) -> Column:
    """Return an AR(1) of this coefficient, mean and (unconditional) deviation, (n,)."""
    shocks = rng.normal(0.0, deviation * np.sqrt(1.0 - memory**2), n + 200)
    series: Column = mean + lfilter([1.0], [1.0, -memory], shocks)[200:]
    return series


def by_chance(hits: int, runs: int, rate: float) -> bool:
    """Say whether so many hits lie in the central 99 % of the binomial at this rate."""
    low, high = binom.interval(0.99, runs, rate)
    return bool(low <= hits <= high)

"""Made-up prices, the same for every side: seeded, on a grid of one cent, written as .npy files."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

FEE = 0.0005
"""5 basis points of what is traded, on both sides."""
INVESTED = 0.9
"""The share of equity that is invested, so that a price that moves before the fill, or the fee,
never asks for more cash than there is: engines differ in what they do then."""
CAPITAL = 100_000_000_000.0
"""So large that cutting to whole shares, which some engines do, moves a result by under 1e-6."""
FAST, SLOW = 50, 200
STOP, TARGET = 0.01, 0.02
MONTH, WINDOW = 21, 60


@dataclass(frozen=True, slots=True)
class Size:
    """How large the workloads are."""

    names: int
    sessions: int
    pairs: int
    bars: int
    bars_slow: int
    """How many of them the slowest engines are given."""


FULL = Size(500, 2_520, 100, 500_000, 100_000)
QUICK = Size(20, 600, 6, 20_000, 10_000)


def write(folder: Path, size: Size, seed: int = 20_260_101) -> None:
    """Write closes.npy (T, N), pairs.npy (P, 2) and minutes.npy (4, T): open, high, low, close."""
    chance = np.random.default_rng(seed)
    np.save(folder / "closes.npy", _closes(chance, size.sessions, size.names))
    np.save(folder / "pairs.npy", pairs(size.pairs))
    np.save(folder / "minutes.npy", _minutes(chance, size.bars))
    np.save(folder / "bars_slow.npy", size.bars_slow)


def pairs(count: int) -> np.ndarray:
    """Return pairs of averages: fast ones of 5 to 50, each with slow ones of 60 to 240 bars."""
    every = [(fast, slow) for fast in range(5, 55, 5) for slow in range(60, 260, 20)]
    return np.array(every[:: max(len(every) // count, 1)][:count], dtype=np.int64)


def _closes(chance: np.random.Generator, sessions: int, names: int) -> np.ndarray:
    start = chance.uniform(10, 80, names)
    steps = chance.normal(0.0003, 0.012, (sessions, names))
    return np.maximum((start * np.exp(np.cumsum(steps, axis=0))).round(2), 1.0)


def _minutes(chance: np.random.Generator, bars: int) -> np.ndarray:
    """Return bars whose close walks by 8 basis points a minute, with a small gap at each open."""
    steps = chance.normal(0, 0.0008, bars)
    steps -= steps.mean()
    close = (100 * np.exp(np.cumsum(steps))).round(2)
    opened = np.empty(bars)
    opened[0], opened[1:] = 100.0, close[:-1]
    opened = (opened * np.exp(chance.normal(0, 0.0001, bars))).round(2)
    reach = np.abs(chance.normal(0, 0.0004, (2, bars)))
    high = (np.maximum(opened, close) * (1 + reach[0])).round(2)
    low = (np.minimum(opened, close) * (1 - reach[1])).round(2)
    return np.stack([opened, high, low, close])

"""What every side does: load, warm up on a small piece, run timed rounds, write what it found.

Needs numpy alone, so that it runs in every environment. Started as
`python -m bench.engine.rivals.<side>_<workload> --data FOLDER --out FILE --rounds R`.
"""

import argparse
import contextlib
import ctypes
import gc
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Found = Mapping[str, Any]
MB = 1024.0


def serve(
    load: Callable[[Path], Any],
    run: Callable[[Any], Found],
    *,
    warm: Callable[[Any], object] | None = None,
    shown: Callable[[Any, Found], Found] | None = None,
    version: str,
) -> None:
    """Load the data, run `run` in timed rounds, and write times, memory and the last result.

    Loading and `warm` (a small piece, for what compiles) are not timed, nor in the memory; nor is
    `shown`, which turns a result into the arrays that are compared.
    """
    words = _words()
    given = load(words.data)
    if warm is not None:
        warm(given)
    base = _memory_base()
    cpu, wall, found = [], [], {}
    for _ in range(words.rounds):
        found = {}
        began, ticked = time.process_time(), time.perf_counter()
        found = run(given)
        cpu.append(time.process_time() - began)
        wall.append(time.perf_counter() - ticked)
    peak = _memory_peak() - base
    arrays = found if shown is None else shown(given, found)
    np.savez(words.out, cpu_s=cpu, wall_s=wall, peak_mb=peak, version=version, **arrays)


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args(sys.argv[1:])


def _memory_base() -> float:
    """Return what is resident now, in MB, and let the system count its peak from here.

    What was freed goes back to the system first, else a later peak could hide in it.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # another C library than GNU's
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    try:
        Path("/proc/self/clear_refs").write_text("5")
        return _status("VmRSS")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB


def _memory_peak() -> float:
    try:
        return _status("VmHWM")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB


def _status(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return float(line.split()[1]) / MB
    raise OSError(f"the system does not say {name}")


def cents(prices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return prices in whole cents, still floats.

    Sums of them are exact, so that two averages that are equal compare as equal; sums of 0.01
    are not, and turn some ties into crossings.
    """
    counted: NDArray[np.float64] = np.rint(prices * 100)
    return counted


def sma(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Return the mean of the last `window` values along the first axis, NaN before there are."""
    sums = np.cumsum(values, axis=0)
    means = np.full(values.shape, np.nan)
    means[window - 1] = sums[window - 1] / window
    means[window:] = (sums[window:] - sums[:-window]) / window
    return means


def crossings(close: NDArray[np.float64], fast: int, slow: int) -> tuple[Any, Any]:
    """Return where the fast average rises above the slow one, and where it stops being above.

    Both are truth values per bar. At the first bar with both averages, being above is a crossing.
    """
    above = sma(close, fast) > sma(close, slow)
    before = np.zeros_like(above)
    before[1:] = above[:-1]
    return above & ~before, ~above & before


def inverse_volatility(
    close: NDArray[np.float64], every: int, window: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rows that rebalance and their weights (D, N), which sum to 1.

    A weight is 1 / the sample deviation of the last `window` daily returns, over their sum.
    """
    rows = np.arange(0, len(close), every)
    rows = rows[rows >= window]
    changes = close[1:] / close[:-1] - 1
    deviations = np.array([changes[row - window : row].std(axis=0, ddof=1) for row in rows])
    inverse = 1 / deviations
    weights: NDArray[np.float64] = inverse / inverse.sum(axis=1, keepdims=True)
    return rows, weights


def bars_slow(folder: Path) -> int:
    """Return how many bars the slowest engines are given."""
    return int(np.load(folder / "bars_slow.npy"))

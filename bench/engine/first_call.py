"""What a user waits for: import and first result in a fresh interpreter, compiled or from disk.

The longest silence is the longest time between two lines of progress while kernels compile.
`python -m bench.engine.first_call`
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping

from bench.environments import ROOT

FIRST = """
import time; began = time.perf_counter()
import numpy as np
from decimal import Decimal
from bench.engine.own import TERMS, daily_tape, weighted
from fondaco.backtest.sweep import sweep_one
loaded = time.perf_counter()
close = np.round(100 + np.cumsum(np.sin(np.arange(600.0)).reshape(300, 2), axis=0), 2)
tape = daily_tape(close)
run = sweep_one(tape, weighted(tape, np.array([0, 100]), np.array([[0.5, 0.5], [0.2, 0.8]])), TERMS)
print(loaded - began, time.perf_counter() - loaded)
"""
WARM = """
import time
from fondaco.backtest.warm import warm_kernels
class Said:
    def __init__(self): self.at = [time.process_time()]
    def report(self, step, done, total): self.at.append(time.process_time())
said = Said(); count = warm_kernels(said); said.at.append(time.process_time())
print(said.at[-1] - said.at[0], max(b - a for a, b in zip(said.at, said.at[1:])))
"""


def _run(code: str, variables: Mapping[str, str]) -> tuple[float, float]:
    """Run code in a fresh interpreter; returns the two numbers that it prints.

    Raises RuntimeError with the last line of what went wrong.
    """
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )
    if ended.returncode != 0:
        raise RuntimeError(ended.stderr.strip().rpartition("\n")[2])
    first, second = ended.stdout.split()[-2:]
    return float(first), float(second)


def _warmed(variables: Mapping[str, str]) -> str:
    """Compile ahead as `fondaco up` does; returns how long it took, or why it could not."""
    try:
        total, silence = _run(WARM, variables)
    except RuntimeError as error:
        return f"FAILED: {error}"
    return f"{total:8.2f}   CPU s, longest silence {silence:.2f}"


def main() -> None:
    """Compile into an empty folder, then run from it."""
    with tempfile.TemporaryDirectory() as compiled:
        variables = {"NUMBA_CACHE_DIR": compiled}
        warmed = _warmed(variables)
        first = _run(FIRST, variables)
        again = [_run(FIRST, variables) for _ in range(3)]
    with tempfile.TemporaryDirectory() as compiled:
        cold = _run(FIRST, {"NUMBA_CACHE_DIR": compiled})
    imported, called = min(again, key=sum)
    print("first call in a fresh interpreter, wall seconds")
    print(f"  nothing compiled, no warm-up  {sum(cold):8.2f}")
    print(f"  compiling ahead, with lines   {warmed}")
    print(f"  first run after that          {sum(first):8.2f}")
    print(
        f"  import and first result       {imported + called:8.2f}   from the cache "
        f"(import {imported:.2f}, first sweep {called:.3f}); best of {len(again)}"
    )


if __name__ == "__main__":
    main()

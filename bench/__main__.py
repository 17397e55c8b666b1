"""Run every benchmark and print its tables: `make bench`, or `python -m bench --quick`.

Words after it go to each: --quick, --rivals vectorbt,numpy, --rounds 3.
"""

import os
import platform
import runpy
import sys

BENCHES = (
    "bench.engine.w1",
    "bench.engine.w2",
    "bench.engine.w3",
    "bench.engine.desk_route",
    "bench.engine.first_call",
    "bench.statistics",
    "bench.statistics.w12",
    "bench.quality",
    "bench.store",
    "bench.cache",
)


def main() -> None:
    """Run each benchmark, one after the other, and say on what machine."""
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {load}; "
        f"Python {platform.python_version()}. CPU seconds of one thread; ratios below 2 are noise."
    )
    for name in BENCHES:
        print(f"== {name}", flush=True)
        sys.argv[0] = name
        runpy.run_module(name, run_name="__main__")


if __name__ == "__main__":
    main()

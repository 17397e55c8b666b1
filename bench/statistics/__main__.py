"""Print how often each statistic raises a false alarm, and how often it finds what is there.

`python -m bench.statistics`, or `make bench`; `--only pbo,dsr` takes those whose name has a word.
"""

import argparse
import time
from collections.abc import Callable, Sequence

from bench.statistics import gate, resampling, sharpe
from bench.statistics.rows import Row

SOURCES: tuple[Callable[[], Sequence[Row]], ...] = (resampling.rows, sharpe.rows, gate.rows)
HEADS = ("statistic", "test", "nominal", "measured", "95 % interval", "of", "conditions")


def main() -> None:
    """Measure all rows and print them as a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="words of the statistics wanted, by comma")
    parser.add_argument("--quick", action="store_true", help="taken for the other benchmarks' sake")
    asked, _ = parser.parse_known_args()
    words = [word.strip().lower() for word in asked.only.split(",") if word.strip()]
    started = time.perf_counter()
    rows = [row for source in SOURCES for row in source()]
    shown = [row for row in rows if not words or any(w in row.statistic.lower() for w in words)]
    print(f"| {' | '.join(HEADS)} |")
    print(f"|{'|'.join('---' for _ in HEADS)}|")
    for row in shown:
        print(f"| {' | '.join(line_of(row))} |")
    print(f"\n{len(shown)} rows, {time.perf_counter() - started:.0f} s; seeds are fixed.")


def line_of(row: Row) -> tuple[str, ...]:
    """Return the cells of a row."""
    nominal = "–" if row.nominal is None else f"{row.nominal:.3f}"
    return (
        row.statistic,
        row.test,
        nominal,
        f"{row.measured:.3f}",
        f"{row.low:.3f} to {row.high:.3f}",
        f"{row.repetitions:,}",
        row.conditions,
    )


if __name__ == "__main__":
    main()

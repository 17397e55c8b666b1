"""Print what each cache policy is worth on seeded query logs.

`python -m bench.cache`, or `make bench`; `--quick` replays a quarter of the asks.
"""

import argparse
import time

from bench.cache.loads import LOADS, SAYS, SYMBOLS, log
from bench.cache.replay import LATENCY_SECONDS, STRATEGIES, Measured, replay

ASKS = 20_000
SEED = 61
MEGABYTES = 12.0
HEADS = (
    "load", "strategy", "hit rate", "of it stale", "provider calls", "of none's", "of LRU's",
    "p50 ms", "p95 ms", "p99 ms", "held in vain", "own µs an ask",
)  # fmt: skip
HIT_RATE_GOAL, CALLS_GOAL, P95_GOAL_SECONDS = 0.90, 0.60, 0.100


def main() -> None:
    """Replay every load under every strategy and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a quarter of the asks")
    parser.add_argument("--megabytes", type=float, default=MEGABYTES, help="room of the cache")
    asked, _ = parser.parse_known_args()
    started = time.perf_counter()
    asks = ASKS // 4 if asked.quick else ASKS
    print(f"| {' | '.join(HEADS)} |")
    print(f"|{'|'.join('---' for _ in HEADS)}|")
    missed = []
    for load in LOADS:
        lines = log(load, SEED, asks)
        done = {s: replay(load, lines, s, asked.megabytes) for s in STRATEGIES}
        for measured in done.values():
            print(f"| {' | '.join(cells(measured, done['none'], done['lru']))} |", flush=True)
        missed += goals_missed(done["hybrid+warming"], done["none"])
    print(
        f"\n{len(lines):,} asks a load over {SYMBOLS:,} symbols, {asked.megabytes:g} MB, "
        f"memory tier alone; a provider answers in {LATENCY_SECONDS * 1000:.0f} ms (median, "
        f"virtual); {time.perf_counter() - started:.0f} s; seed {SEED}."
    )
    print("; ".join(f"{load}: {SAYS[load]}" for load in LOADS) + ".")
    print("Goals missed: " + ("; ".join(missed) or "none") + ".")


def cells(one: Measured, none: Measured, lru: Measured) -> tuple[str, ...]:
    """Return the cells of a row."""
    stale = one.stale_rate / one.hit_rate if one.hit_rate else 0.0
    return (
        one.load,
        one.strategy,
        f"{one.hit_rate:.1%}",
        f"{stale:.1%}",
        f"{one.calls:,}",
        f"{one.calls / none.calls:.1%}",
        f"{one.calls / lru.calls:.1%}",
        f"{one.p50 * 1000:.0f}",
        f"{one.p95 * 1000:.0f}",
        f"{one.p99 * 1000:.0f}",
        f"{one.waste:.0%}",
        f"{one.own_micros:.0f}",
    )


def goals_missed(one: Measured, none: Measured) -> list[str]:
    """Return which goals a strategy does not reach, each with its figure."""
    found = []
    if one.hit_rate <= HIT_RATE_GOAL:
        found.append(f"{one.load}: hit rate {one.hit_rate:.1%}, wanted over {HIT_RATE_GOAL:.0%}")
    if one.calls > CALLS_GOAL * none.calls:
        found.append(f"{one.load}: {one.calls / none.calls:.0%} of the calls without a cache")
    if one.p95 >= P95_GOAL_SECONDS:
        found.append(f"{one.load}: p95 {one.p95 * 1000:.0f} ms")
    return found


if __name__ == "__main__":
    main()

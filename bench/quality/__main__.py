"""Print how many planted faults the quality gate catches, and how often good rows raise an alarm.

`python -m bench.quality`; `--only minutes,quotes` takes some of the files.
"""

import argparse
import sys
import time

from bench.quality.desk import shared_data
from bench.quality.measure import Alarms, Caught, measured
from bench.quality.scenes import SCENES


def main() -> None:
    """Measure and print both tables in Markdown; without the files it says so and fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help=f"by comma, of {', '.join(SCENES)}")
    parser.add_argument("--quick", action="store_true", help="taken for the other benchmarks' sake")
    asked, _ = parser.parse_known_args()
    data = shared_data()
    if not data.is_dir():
        sys.exit(
            f"NOTHING WAS MEASURED: the real files are not at {data}. "
            "Set FONDACO_SHARED_DATA to the folder that holds them."
        )
    wanted = [name for name in SCENES if not asked.only or name in asked.only.split(",")]
    started = time.perf_counter()
    lines, alarms = measured({name: SCENES[name](data) for name in wanted})
    print_caught(lines)
    print()
    print_alarms(alarms)
    cases = sum(line.cases for line in lines)
    found = sum(line.set_aside + line.marked for line in lines)
    print(
        f"\n{len(lines)} kinds of fault, {found} of {cases} cases caught; "
        f"{time.perf_counter() - started:.0f} s; seeds are fixed."
    )


def print_caught(lines: list[Caught]) -> None:
    """Print what came of the planted faults."""
    print("| planted | file | cases | set aside | marked | recall | good rows lost | by rule |")
    print("|---|---|---|---|---|---|---|---|")
    for one in lines:
        print(
            f"| {one.plant} | {one.scene} | {one.cases} | {one.set_aside} | {one.marked} | "
            f"{one.recall:.0%} | {one.lost} | {', '.join(one.rules) or '–'} |"
        )


def print_alarms(alarms: list[Alarms]) -> None:
    """Print what the files raise as they are."""
    print("| file | rows | set aside | things x days | warned | told | by rule |")
    print("|---|---|---|---|---|---|---|")
    for one in alarms:
        print(
            f"| {one.scene} | {one.rows:,} | {one.set_aside:,} | {one.thing_days:,} | "
            f"{one.warned:,} | {one.told:,} | {', '.join(one.rules) or '–'} |"
        )


if __name__ == "__main__":
    main()

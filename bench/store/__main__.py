"""W7: ingest, read and append daily and minute bars; ours beside plain Parquet, DuckDB and a bound.

Every side runs in processes of its own on the same arrays; a cell is wall seconds, the median of
many reads. What each side read is compared before any time is printed.
`python -m bench.store [--quick] [--rivals parquet_polars,duck]`
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.engine.workload import asked
from bench.environments import ROOT, environment_of, python_of
from bench.store import data

OURS = "fondaco"
SIDES = {
    OURS: "ours, fast copy",
    "fondaco_files": "ours, data files alone",
    "parquet_polars": "Parquet + polars",
    "duck": "DuckDB",
    "memmap": "memory map (bound)",
}
READS = ("one symbol", "200k minutes", "500-symbol day", "as-of")
COLUMNS = (
    "ingest daily",
    "ingest minute",
    "settle",
    *READS,
    "append a day",
    "one symbol after",
    *(f"{name}, cold" for name in READS),
)
GOALS = {"one symbol": 0.001, "500-symbol day": 0.002, "as-of": 0.005, "append a day": 0.05}
SIDE_SECONDS_MAX = 900
RIVALS = Path(__file__).parent / "rivals"
TOLERANCE = 1e-9
Found = Mapping[str, Any]


def main(words: Sequence[str] | None = None) -> bool:
    """Run the sides as the command line asks; returns whether all read the same."""
    wanted = asked(words)
    size = data.QUICK if wanted.quick else data.FULL
    chosen = set(SIDES) if wanted.rivals is None else {OURS, *wanted.rivals.split(",")}
    print(
        f"W7: {size.names:,} x {size.days:,} daily and {size.minute_names} x {size.minutes:,} "
        "minute bars, 1 % of the daily ones revised",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data.write(folder, size)
        found = {side: _run(side, folder) for side in SIDES if side in chosen}
    return report({side: one for side, one in found.items() if one is not None})


def _run(side: str, folder: Path) -> Found | None:
    """Fill and read one side; None, said aloud, when it cannot be set up or fails."""
    python = python_of("duckdb", RIVALS) if side == "duck" else Path(sys.executable)
    if python is None:
        return None
    print(f"  running {SIDES[side]} ...", flush=True)
    out = folder / "found.json"
    whole: dict[str, Any] = {"times": {}}
    with tempfile.TemporaryDirectory(dir=folder) as home:
        for phase in ("fill", "read"):
            command = [str(python), "-m", "bench.store.side", side, phase]
            ended = subprocess.run(
                [*command, "--data", str(folder), "--home", home, "--out", str(out)],
                cwd=ROOT,
                env=environment_of(python) | {"POLARS_MAX_THREADS": "1"},
                capture_output=True,
                text=True,
                timeout=SIDE_SECONDS_MAX,
            )
            if ended.returncode != 0:
                print(f"  {SIDES[side]} FAILED; it is left out:\n{ended.stderr[-1_500:]}")
                return None
            part = json.loads(out.read_text())
            whole["times"] |= part["times"]
            whole["sums"] = part.get("sums", {})
            if phase == "fill":
                files = (path for path in Path(home).rglob("*") if path.is_file())
                whole["mb"] = sum(path.stat().st_size for path in files) / 1e6
    return whole


def report(found: Mapping[str, Found]) -> bool:
    """Print what was read beside ours, then the times in seconds; whether all read the same."""
    ours, agreed = found.get(OURS), True
    if ours is None:
        return False
    print("  closes that were read, compared with ours:")
    for side, one in found.items():
        wrong = []
        for label, (count, total) in ours["sums"].items():
            if label not in one["sums"]:
                continue
            other = one["sums"][label]
            same = other[0] == count and abs(other[1] - total) <= TOLERANCE * abs(total)
            if not same:
                wrong.append(f"{label}: {other[0]:,} rows, sum {other[1]:.2f}")
        agreed &= not wrong
        print(f"    {SIDES[side]:24} {'DISAGREES: ' + '; '.join(wrong) if wrong else 'agrees'}")
    width = max(len(name) for name in COLUMNS)
    print(f"    {'':{width}} " + " ".join(f"{SIDES[side]:>24}" for side in found))
    for column in COLUMNS:
        cells = [_cell(one["times"].get(column)) for one in found.values()]
        print(f"    {column:{width}} " + " ".join(f"{cell:>24}" for cell in cells))
    print(f"    {'MB':{width}} " + " ".join(f"{one['mb']:24,.0f}" for one in found.values()))
    for name, goal in GOALS.items():
        took = ours["times"][name]
        word = "met" if took < goal else "MISSED"
        print(f"    goal {name}: under {goal * 1e3:.0f} ms, {took * 1e3:.2f} ms, {word}")
    return agreed


def _cell(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.5f}"


if __name__ == "__main__":
    sys.exit(0 if main() else 1)

"""W12: combinatorial purged cross-validation, 15 splits of 100,000 x 50, LightGBM of 50 trees.

Ours on two threads beside joblib with two processes, each round in fresh processes, by turns. The
first call of a process starts joblib's workers, as one run of a user does; the second finds them
running. Scores are compared before any time is printed.
`python -m bench.statistics.w12 [--quick] [--rounds 3]`
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from bench.engine.workload import asked
from bench.environments import ROOT, environment_of

SIDES = ("fondaco", "threads, plain", "joblib")
COLUMNS = 50
ROWS, ROWS_QUICK = 100_000, 20_000
ROUNDS = 3
SEED = 12
TOLERANCE = 1e-12
GOAL = 1.5
SIDE_SECONDS_MAX = 600
Found = Mapping[str, np.ndarray]


def main(words: Sequence[str] | None = None) -> bool:
    """Run every side by turns, compare their scores, print their times; whether all agree."""
    wanted = asked(words)
    rows, rounds = ROWS_QUICK if wanted.quick else ROWS, wanted.rounds or ROUNDS
    print(f"W12: 15 splits of {rows:,} x {COLUMNS}, LightGBM of 50 trees, 2 cores", flush=True)
    found: dict[str, list[Found]] = {side: [] for side in SIDES}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, rows)
        for number in range(rounds):
            load = os.getloadavg()[0]
            print(f"  round {number + 1} of {rounds}, load {load:.2f} ...", flush=True)
            for side in SIDES:
                found[side].append(_run(side, folder))
    return report(found)


def write(folder: Path, rows: int) -> None:
    """Write inputs and labels with an edge in five of the columns."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(rows, COLUMNS))
    y = x[:, :5] @ (0.1 * rng.normal(size=5)) + rng.normal(size=rows)
    np.savez(folder / "w12.npz", x=x, y=y)


def _run(side: str, folder: Path) -> Found:
    out = folder / "found.npz"
    out.unlink(missing_ok=True)
    command = [sys.executable, "-m", "bench.statistics.w12_side", side]
    subprocess.run(
        [*command, "--data", str(folder), "--out", str(out)],
        cwd=ROOT,
        env=environment_of(Path(sys.executable)),
        check=True,
        timeout=SIDE_SECONDS_MAX,
    )
    with np.load(out) as kept:
        return {name: kept[name] for name in kept.files}


def report(found: Mapping[str, Sequence[Found]]) -> bool:
    """Print how far scores are apart, then the median times; returns whether all scores agree."""
    ours, agreed = found[SIDES[0]], True
    print("  scores, compared with ours:")
    for side in SIDES:
        apart = max(float(np.abs(one["scores"] - ours[0]["scores"]).max()) for one in found[side])
        agreed &= apart <= TOLERANCE
        word = "agree" if apart <= TOLERANCE else "DISAGREE"
        print(f"    {side:16} {word}, within {apart:.1e}, mean {ours[0]['scores'].mean():.6f}")
    base = _medians(ours)
    print(f"    {'':16} {'first call':>12} {'again':>12} {'CPU s a call':>14}  / ours")
    for side in SIDES:
        times = _medians(found[side])
        ratios = ", ".join(f"{one / ours:.2f}" for one, ours in zip(times, base, strict=True))
        print(
            f"    {side:16} {times[0]:10.2f} s {times[1]:10.2f} s {times[2]:14.2f}"
            f"  {ratios if agreed else '-'}"
        )
    if agreed:
        rival = _medians(found["joblib"])
        print(
            f"    joblib takes {rival[0] / base[0]:.2f} times as long as ours in its first call, "
            f"{rival[1] / base[1]:.2f} times again; the goal is {GOAL}"
        )
    return agreed


def _medians(found: Sequence[Found]) -> tuple[float, float, float]:
    """Return the median seconds of the first call, of the second, and of CPU a call."""
    wall = np.median([one["wall_s"] for one in found], axis=0)
    return float(wall[0]), float(wall[1]), float(np.median([one["cpu_s"] for one in found]))


if __name__ == "__main__":
    sys.exit(0 if main() else 1)

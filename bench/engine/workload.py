"""Run every side of a workload, compare what they found, and only then print their times."""

import argparse
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bench.engine import data
from bench.environments import ROOT, environment_of, python_of

SIDE_SECONDS_MAX = 900
OURS = "fondaco"
Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """One contestant: a name, the environment it runs in, its program, and how many rounds.

    `explained` says why its result differs from ours where its rules do, and how that was checked.
    """

    name: str
    environment: str
    program: str
    rounds: int = 3
    explained: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a side's result is ours, and by how much it differs, in words."""

    same: bool
    says: str


@dataclass(frozen=True, slots=True)
class Timed:
    """What one side found, and what it took."""

    side: Side
    found: Found
    cpu_s: float
    wall_s: float
    peak_mb: float
    version: str


@dataclass(frozen=True, slots=True)
class Workload:
    """A task, who runs it, how results are compared, and how much work a run was.

    `compare(ours, theirs, folder, side)` reads the data from the folder again where it must.
    """

    title: str
    unit: str
    sides: tuple[Side, ...]
    compare: Callable[[Found, Found, Path, Side], Verdict]
    work: Callable[[Found], float]


def main(workload: Workload, words: Sequence[str] | None = None) -> bool:
    """Run a workload as the command line asks; returns whether every side that ran agreed."""
    wanted = asked(words)
    size = data.QUICK if wanted.quick else data.FULL
    sides = _chosen(workload.sides, wanted.rivals)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data.write(folder, size)
        print(f"{workload.title}{' (quick: small sizes)' if wanted.quick else ''}", flush=True)
        done = [timed for side in sides if (timed := _run(side, folder, wanted.rounds)) is not None]
        return report(workload, done, folder)


def asked(words: Sequence[str] | None) -> argparse.Namespace:
    """Return what the command line asks for: quick, rivals, rounds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="small sizes, for trying")
    parser.add_argument("--rivals", help="names of the sides to run beside ours, with commas")
    parser.add_argument("--rounds", type=int, help="timed rounds of each side")
    return parser.parse_args(words)


def _chosen(sides: tuple[Side, ...], names: str | None) -> list[Side]:
    """Return the sides that were asked for, by name or environment; ours always first."""
    if names is None:
        return list(sides)
    asked = {name.strip() for name in names.split(",")}
    return [s for s in sides if s.name == OURS or asked & {s.name, s.environment}]


def _run(side: Side, folder: Path, rounds: int | None) -> Timed | None:
    """Run one side in its environment; None, said aloud, when it fails."""
    python = python_of(side.environment)
    if python is None:
        return None
    out = folder / "found.npz"
    out.unlink(missing_ok=True)
    command = [str(python), "-m", f"bench.engine.rivals.{side.program}", "--data", str(folder)]
    command += ["--out", str(out), "--rounds", str(rounds or side.rounds)]
    print(f"  running {side.name} ...", flush=True)
    try:
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=environment_of(python),
            capture_output=True,
            text=True,
            timeout=SIDE_SECONDS_MAX,
        )
    except subprocess.TimeoutExpired:
        print(f"  {side.name} TOOK MORE THAN {SIDE_SECONDS_MAX} s; it is left out", flush=True)
        return None
    if ended.returncode != 0 or not out.exists():
        print(f"  {side.name} FAILED; it is left out:\n{ended.stderr[-1_500:]}", flush=True)
        return None
    with np.load(out) as kept:
        found = {name: kept[name] for name in kept.files}
    return Timed(
        side,
        found,
        float(np.median(found["cpu_s"])),
        float(np.median(found["wall_s"])),
        float(found["peak_mb"]),
        str(found["version"]),
    )


def report(workload: Workload, done: Sequence[Timed], folder: Path) -> bool:
    """Print what each side found beside ours, then the times; returns whether all agree."""
    ours = next((timed for timed in done if timed.side.name == OURS), None)
    verdicts: dict[str, Verdict] = {}
    print("  results, compared with ours:")
    for timed in done:
        if timed is ours:
            continue
        verdict = Verdict(False, "ours did not run")
        if ours is not None:
            verdict = workload.compare(ours.found, timed.found, folder, timed.side)
        verdicts[timed.side.name] = verdict
        word = "agrees" if verdict.same else "DISAGREES"
        print(f"    {timed.side.name:24} {word}: {verdict.says}")
        if timed.side.explained:
            print(f"    {'':24} {timed.side.explained}")
    print(f"    {'':24} CPU s, median     {workload.unit}/s    / ours   MB over base")
    for timed in done:
        print(_line(workload, timed, ours, verdicts.get(timed.side.name)))
    return all(verdict.same for verdict in verdicts.values())


def _line(workload: Workload, timed: Timed, ours: Timed | None, verdict: Verdict | None) -> str:
    """Return one side's row of the table; no ratio for a result that disagrees."""
    work = workload.work(timed.found)
    ratio = "-"
    if ours is not None and (verdict is None or verdict.same):
        each = timed.cpu_s / work / (ours.cpu_s / workload.work(ours.found))
        ratio = f"{each:,.2f}" if each < 10 else f"{each:,.0f}"
    return (
        f"    {timed.side.name:24} {timed.cpu_s:12.4f} {_amount(work / timed.cpu_s):>12} "
        f"{ratio:>10} {timed.peak_mb:12,.0f}   {timed.version} (wall {timed.wall_s:.3f} s)"
    )


def _amount(number: float) -> str:
    for size, word in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:,.1f} {word}"
    return f"{number:,.1f}"

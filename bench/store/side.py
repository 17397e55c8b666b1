"""Run one side of W7: fill it, or read from it in a fresh process. Prints nothing, writes JSON."""

import argparse
import importlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.ma  # polars loads it at its first array; what is measured cold is the disk
from bench.store.data import APPENDED, Bars

ROUNDS = 15


def main() -> None:
    """Do what the command line asks, and write what was found and how long it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side")
    parser.add_argument("phase", choices=("fill", "read"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    bars = Bars(asked.data)
    side = importlib.import_module(f"bench.store.rivals.{asked.side}").Side(asked.home, bars)
    found = fill(side, bars) if asked.phase == "fill" else read(side, bars, asked.home)
    asked.out.write_text(json.dumps(found))


def fill(side: Any, bars: Bars) -> dict[str, Any]:
    """Ingest everything, revisions after; rows are made ready outside the timing."""
    times = {"ingest daily": 0.0, "ingest minute": 0.0}
    for columns in (bars.daily_columns(0, bars.kept), bars.revised_columns()):
        rows = side.prepared(columns, "daily")
        times["ingest daily"] += _timed(lambda rows=rows: side.add(rows))[0]
    for number in range(bars.minute["close"].shape[0]):
        rows = side.prepared(bars.minute_columns(number), "minute")
        times["ingest minute"] += _timed(lambda rows=rows: side.add(rows))[0]
    times["settle"] = _timed(side.settle)[0]
    return {"times": times}


def read(side: Any, bars: Bars, home: Path) -> dict[str, Any]:
    """Read each kind cold, then many times; append days; read one name again on top of these."""
    name, minute_name, half, day, moment = bars.asked
    asks: dict[str, Callable[[], Any]] = {
        "one symbol": lambda: side.symbol(name),
        "200k minutes": lambda: side.minutes(minute_name),
        "500-symbol day": lambda: side.day(tuple(half), day),
        "as-of": lambda: side.as_of(name, moment),
    }
    times, sums = {}, {}
    for label, ask in asks.items():
        _forget(home)
        cold, found = _timed(ask)
        times[f"{label}, cold"] = cold
        if found is None:
            continue
        closes = side.closes(found)
        sums[label] = [len(closes), float(np.sum(closes))]
        times[label] = float(np.median([_timed(ask)[0] for _ in range(ROUNDS)]))
    added = []
    for number in range(APPENDED):
        at = bars.kept + number
        rows = side.prepared(bars.daily_columns(at, at + 1), "daily")
        added.append(_timed(lambda rows=rows: side.add(rows))[0])
    times["append a day"] = float(np.median(added))
    label = "one symbol after"
    closes = side.closes(asks["one symbol"]())
    sums[label] = [len(closes), float(np.sum(closes))]
    times[label] = float(np.median([_timed(asks["one symbol"])[0] for _ in range(ROUNDS)]))
    return {"times": times, "sums": sums}


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def _forget(home: Path) -> None:
    """Let the system's memory of a side's files go, as after a start of the machine.

    What the process holds itself (open maps, frames) stays as it is.
    """
    for path in home.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)


if __name__ == "__main__":
    main()

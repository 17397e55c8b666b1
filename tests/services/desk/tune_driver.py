"""A desk that tunes in a process of its own, to be killed at any moment and started again.

`python -m services.desk.tune_driver HOME OUT` asks for one tuning by the one door, waits for its
job and writes what came of it to OUT as JSON. The request carries an id, so a second start goes on
with the same job. `--die-at N` kills the process at the N-th point that it passes: before and after
each set is kept, and before and after each transaction ends.
"""

import argparse
import json
import sys
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from fondaco.backtest.tuning.ports import Tried, TuningStore
from fondaco.core.jobs import JobState, Silent
from fondaco.core.settings import Settings
from fondaco.desk.follow import follow_job
from fondaco.kept import Kept
from fondaco.market.ports import Ask
from services.desk.driver import QUICK, Points, SmallDesk, ask

ASKED = {
    "strategy": "momentum",
    "vary": ["lookback=20..120", "share=0.1..0.5"],
    "parameter": ["skip=5"],
    "trials": 24,
    "walk_forward": "expanding:126/63",
    "prune": "on",
}
"""Three batches of sets on some 350 sessions of twenty shares."""


class WatchedTunings:
    """Passes a point before a set is kept, when its trial is counted already, and after."""

    def __init__(self, store: TuningStore, points: Points) -> None:
        self._store = store
        self._points = points

    def add(self, tried: Tried) -> None:
        """Keep the set between two points."""
        self._points(f"set {tried.number} before")
        self._store.add(tried)
        self._points(f"set {tried.number} after")

    def list(self, study: str) -> tuple[Tried, ...]:
        """Return what a study tried."""
        return self._store.list(study)


class TuningDesk(SmallDesk):
    """A desk on a few years of prices that tells of every set that it keeps."""

    @cached_property
    def tunings(self) -> Any:
        """The store of tunings, watched."""
        return WatchedTunings(Kept.tunings.fget(self), self.points)  # type: ignore[attr-defined]


def tuning_desk(home: Path, die_at: int | None = None) -> TuningDesk:
    """Return the desk of a folder."""
    return TuningDesk(Settings(home=home), Points(die_at), QUICK)


def tune(app: TuningDesk) -> Any:
    """Ask for the tuning, wait for it, and return its result as plain JSON."""
    if app.prices.version() < 0:
        app.ingestor.ingest("bundled", Ask(), Silent())
    answer = ask(app, "backtest.tune", ASKED, "tune-1")
    job = app.catalogue["backtest.tune"].output.validate_python(answer)
    ended = follow_job(app.jobs, app.worker, job.id, lambda _: None)
    if ended.state is not JobState.DONE:
        raise SystemExit(f"{ended.state.value}: {ended.error}")
    return ended.result


def main() -> None:
    """Tune; the last line says how many points were passed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--die-at", type=int)
    given = parser.parse_args()
    app = tuning_desk(given.home, given.die_at)
    try:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        result = tune(app)
        given.out.write_text(json.dumps(result, sort_keys=True))
        sys.stdout.write(f"finished {len(app.points.names)}\n")
    finally:
        with suppress(BrokenPipeError):
            app.close()


if __name__ == "__main__":
    main()

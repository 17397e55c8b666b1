"""kill -9 anywhere in a tuning: it goes on as if it never had been, and counts nothing twice.

At every point between two steps: `pytest -m slow tests/services/desk/test_tune_kill.py`.
"""

import json
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
from services.desk.tune_driver import ASKED, tuning_desk

pytestmark = pytest.mark.services

TESTS = Path(__file__).parents[2]
DRIVER = ("-m", "services.desk.tune_driver")
RUN_SECONDS_MAX = 240


class Killed:
    """A tuning whose process is killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self._out = folder / "result.json"
        self.kills = 0

    def run(self, *, kill_after: float | None = None, die_at: int | None = None) -> int:
        """Start the tuning or go on with it; return the points passed to its end, 0 for a kill."""
        command = [sys.executable, *DRIVER, str(self.home), str(self._out)]
        command += ["--die-at", str(die_at)] if die_at else []
        with subprocess.Popen(
            command, cwd=TESTS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            try:
                out, errors = process.communicate(timeout=kill_after or RUN_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                out, errors = process.communicate()
        killed = process.returncode == -signal.SIGKILL
        self.kills += killed
        assert killed or process.returncode == 0, errors
        return int(out.rpartition("finished ")[2]) if "finished" in out else 0

    @property
    def result(self) -> Any:
        """What the tuning gave, without the moment at which it was done."""
        found = json.loads(self._out.read_text())
        del found["created_at"]
        return found

    def kept(self) -> tuple[int, int]:
        """Return how many trials the ledger holds, and how many of them its studies kept."""
        app = tuning_desk(self.home)
        try:
            trials = app.trials.list(limit=1_000)
            sets = [one for study in {t.lineage for t in trials} for one in app.tunings.list(study)]
            contents = [one.trial for one in sets if one.trial is not None]
            assert len(contents) == len(set(contents))
            assert {trial.content for trial in trials} == set(contents)
            return len(trials), len(contents)
        finally:
            app.close()


@contextmanager
def fresh() -> Iterator[Killed]:
    """A fresh desk in a folder of its own; its database is stopped afterwards.

    Not in pytest's folder: under root the database runs as another user, and each pytest that
    starts closes that folder to others.
    """
    with tempfile.TemporaryDirectory(prefix="fondaco-tune-", ignore_cleanup_errors=True) as folder:
        try:
            yield Killed(Path(folder))
        finally:
            EmbeddedServer(Path(folder) / "home" / "postgres").stop()


@pytest.fixture(scope="module")
def uncut() -> Any:
    """The result of a tuning that nobody killed."""
    with fresh() as desk:
        assert desk.run()
        assert desk.kept() == (ASKED["trials"], ASKED["trials"])
        return desk.result


@pytest.fixture
def desk() -> Iterator[Killed]:
    """A desk to be killed."""
    with fresh() as killed:
        yield killed


@pytest.mark.timeout(900)
def test_a_tuning_that_is_killed_again_and_again_ends_as_one_that_was_not(
    desk: Killed, uncut: Any
) -> None:
    # Each start passes some points and dies: with a trial counted and its set not yet kept, with
    # both written and not committed, between two batches and inside one.
    for die_at in (9, 27, 40):
        assert desk.run(die_at=die_at) == 0
        trials, sets = desk.kept()
        assert trials == sets
    assert desk.kills == 3
    assert desk.run()
    assert desk.result == uncut
    assert desk.kept() == (ASKED["trials"], ASKED["trials"])


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_a_tuning_that_is_killed_at_random_moments_ends_as_one_that_was_not(
    desk: Killed, uncut: Any
) -> None:
    chance = random.Random(2019)
    latest = 3.0
    while desk.kills < 20:
        if desk.run(kill_after=chance.uniform(0.05, latest)):
            break
        latest += 0.3
        assert len(set(desk.kept())) == 1
    assert desk.kills >= 3
    desk.run()
    assert desk.result == uncut


@pytest.mark.slow
@pytest.mark.timeout(7_200)
def test_a_tuning_that_is_killed_at_every_point_in_turn_ends_as_one_that_was_not(
    desk: Killed, uncut: Any
) -> None:
    # The same distance from each start, so that it falls on every kind of point in turn.
    distance = 11
    while not desk.run(die_at=distance):
        distance += 1
        assert len(set(desk.kept())) == 1
    assert desk.kills >= 5
    assert desk.result == uncut

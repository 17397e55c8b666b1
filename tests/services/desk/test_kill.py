"""kill -9 anywhere in a cycle and in a card's life: nothing is lost, nothing is doubled.

Two hundred kills at random moments: `pytest -m slow tests/services/desk/test_kill.py`.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
from services.desk.audit import audit
from services.desk.driver import FORECASTING, QUICK, Acks, small_desk

pytestmark = pytest.mark.services

DRIVER = Path(__file__).with_name("driver.py")
SESSIONS = [
    str(day)
    for day in np.busday_offset("2019-06-03", range(60), roll="forward", holidays=["2019-07-04"])
]
"""Sixty sessions of the New York Stock Exchange, which was closed on the fourth of July."""
RUN_SECONDS_MAX = 120


class Killed:
    """A desk whose process is killed and started again."""

    def __init__(self, folder: Path, since: str) -> None:
        self.home = folder / "home"
        self._acks = folder / "acks"
        self._since = since
        self.kills = 0

    @property
    def acks(self) -> list[str]:
        """What a caller was told is done."""
        return Acks(self._acks).lines()

    def run(
        self, days: list[str], *, kill_after: float | None = None, die_at: int | None = None
    ) -> bool:
        """Run the days; return whether they were run to their end before the kill."""
        command = [
            sys.executable,
            str(DRIVER),
            str(self.home),
            str(self._acks),
            *days,
            "--since",
            self._since,
        ]
        command += ["--die-at", str(die_at)] if die_at else []
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
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
        return "finished" in out

    def kill_database(self) -> None:
        """Kill the database server too, as when the machine's memory runs out."""
        with suppress(FileNotFoundError, ProcessLookupError):  # it may not run yet
            said = (self.home / "postgres" / "data" / "postmaster.pid").read_text()
            os.kill(int(said.split()[0]), signal.SIGKILL)

    def audit(self, days: list[str], *, settled: bool = True) -> None:
        """Assert every promise of the desk as it stands."""
        app = small_desk(self.home, since=date.fromisoformat(self._since))
        try:
            audit(app, self.acks, days, settled=settled)
        finally:
            app.close()


@pytest.fixture
def desk(request: pytest.FixtureRequest) -> Iterator[Killed]:
    """A fresh desk in a folder of its own; its database is stopped afterwards.

    Not in pytest's folder: under root the database runs as another user, and each pytest that
    starts closes that folder to others.
    """
    since = FORECASTING if request.node.get_closest_marker("slow") else QUICK
    with tempfile.TemporaryDirectory(prefix="fondaco-kill-", ignore_cleanup_errors=True) as folder:
        try:
            yield Killed(Path(folder), since.isoformat())
        finally:
            EmbeddedServer(Path(folder) / "home" / "postgres").stop()


def kill_at_random(desk: Killed, kills: int) -> list[str]:
    """Kill the desk that often at random moments, then let it end; return its days.

    How late a kill may come follows the run: later when kills let nothing come to its end, sooner
    when the run ended before one. So they fall on every part of it, however busy the machine is.
    """
    chance = random.Random(2019)
    count, latest, fruitless = 1, 5.0, 0
    while desk.kills < kills:
        done = len(desk.acks)
        if desk.run(SESSIONS[:count], kill_after=chance.uniform(0.05, latest)):
            assert count < len(SESSIONS), "the run ended before enough kills"
            count, latest = count + 1, max(1.0, 0.5 * latest)
        elif chance.random() < 0.1:
            desk.kill_database()
        fruitless = 0 if len(desk.acks) > done else fruitless + 1
        if fruitless == 3:
            latest, fruitless = 1.5 * latest, 0
    assert desk.run(SESSIONS[:count])
    return SESSIONS[:count]


@pytest.mark.timeout(300)
def test_eight_kills_at_random_moments_lose_and_double_nothing(desk: Killed) -> None:
    days = kill_at_random(desk, 8)
    desk.audit(days)


@pytest.mark.slow
@pytest.mark.timeout(7_200)
def test_two_hundred_kills_at_random_moments_lose_and_double_nothing(desk: Killed) -> None:
    days = kill_at_random(desk, 200)
    desk.audit(days)


@pytest.mark.timeout(300)
def test_a_kill_between_two_steps_of_a_day_loses_and_doubles_nothing(desk: Killed) -> None:
    day = SESSIONS[:1]
    assert not desk.run(day, die_at=60)
    desk.audit(day, settled=False)
    assert desk.run(day)
    desk.audit(day)


@pytest.mark.slow
@pytest.mark.timeout(7_200)
def test_a_kill_at_every_point_between_two_steps_loses_and_doubles_nothing(desk: Killed) -> None:
    point, count = 1, 1
    while count < len(SESSIONS):
        if desk.run(SESSIONS[:count], die_at=point):
            count += 1
            continue
        desk.audit(SESSIONS[:count], settled=False)
        point += 1
    desk.audit(SESSIONS[: count - 1])
    assert desk.kills == point - 1

"""The health check: what is well, what is not, and what to do about it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fondaco.core.errors import Unavailable
from fondaco.core.view import Table, Tone
from fondaco.desk.doctor import Doctor
from fondaco.desk.results import Check, Health
from fondaco.desk.views import view_health
from unit.desk.house import House


def doctor(folder: Path, **changes: Any) -> Doctor:
    """Return the doctor of a sound desk, changed as the test wants it."""
    clock = House().clock
    (folder / "desk.key").touch()
    (folder / "kernels.nbi").touch()
    parts: dict[str, Any] = {
        "home": folder,
        "clock": clock,
        "database": lambda: "PostgreSQL 18.4",
        "database_time": clock.now,
        "store": lambda: "version 3",
        "worker": lambda: "none",
        "parked": lambda: 0,
        "kernels": folder,
        "desk_key": folder / "desk.key",
    }
    return Doctor(**{**parts, **changes})


def named(health: Health, name: str) -> Check:
    """Return one check."""
    return next(check for check in health.checks if check.name == name)


def test_a_sound_desk_is_found_sound(tmp_path: Path) -> None:
    health = doctor(tmp_path).examine()
    assert health.sound
    assert {check.tone for check in health.checks} == {Tone.GOOD}
    assert [check.name for check in health.checks] == [
        "Fondaco",
        "Python",
        "Packages",
        "Data folder",
        "Disk",
        "Database",
        "Clock",
        "Prices",
        "Kernels",
        "Worker",
        "Events",
        "Key",
    ]


def fail() -> str:
    """Fail as a database that is down does."""
    raise Unavailable("the database does not answer", remedy="Start it.")


@pytest.mark.parametrize(
    ("changes", "name", "tone", "remedy"),
    [
        ({"database": fail}, "Database", Tone.BAD, "Start it."),
        (
            {"database_time": lambda: House().clock.now() + timedelta(seconds=5)},
            "Clock",
            Tone.BAD,
            "time server",
        ),
        ({"store": lambda: ""}, "Prices", Tone.WARNING, "fondaco market ingest bundled"),
        ({"parked": lambda: 2}, "Events", Tone.WARNING, "fondaco events parked"),
        ({"kernels": Path("/nowhere")}, "Kernels", Tone.WARNING, "fondaco up"),
        ({"desk_key": Path("/nowhere/key")}, "Key", Tone.MUTED, "fondaco up"),
        ({"home": Path("/nowhere/at/all")}, "Data folder", Tone.WARNING, "fondaco up"),
    ],
)
def test_each_fault_is_found_with_its_remedy(
    tmp_path: Path, changes: dict[str, Callable[[], Any]], name: str, tone: Tone, remedy: str
) -> None:
    check = named(doctor(tmp_path, **changes).examine(), name)
    assert check.tone is tone
    assert remedy in check.remedy


def test_a_desk_with_something_broken_is_not_sound_and_says_so(tmp_path: Path) -> None:
    health = doctor(tmp_path, database=fail).examine()
    assert not health.sound
    _, table = view_health(health)
    assert isinstance(table, Table)
    assert ("Database", "BAD", "the database does not answer. Start it.", "Start it.") in table.rows


def test_little_room_on_the_disk_is_a_warning_and_none_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, tone in ((10**12, Tone.GOOD), (10**9, Tone.WARNING), (10**6, Tone.BAD)):
        usage = type("Usage", (), {"free": free})
        monkeypatch.setattr("shutil.disk_usage", lambda _, found=usage: found)
        assert named(doctor(tmp_path).examine(), "Disk").tone is tone


def test_a_package_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fondaco.desk.doctor.PACKAGES", ("polars", "no-such-package"))
    check = named(doctor(tmp_path).examine(), "Packages")
    assert check.tone is Tone.BAD
    assert "no-such-package" in check.remedy

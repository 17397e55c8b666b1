"""The program: its parts are those of the desk, and wrong settings are told like any error."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fondaco import __main__ as program


@dataclass
class Ended:
    """How the program ended, and what it printed."""

    code: int
    out: str
    err: str


Start = Callable[..., Ended]


@pytest.fixture
def start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Start:
    """Starts the program in this process, in a data folder of its own."""
    for name in [n for n in os.environ if n.startswith("FONDACO_")]:
        monkeypatch.delenv(name)

    def begin(*args: str, **variables: str) -> Ended:
        for name, value in {"FONDACO_HOME": str(tmp_path), **variables}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["fondaco", *args])
        with pytest.raises(SystemExit) as ended:
            program.main()
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return begin


def test_wrong_settings_are_wrong_usage_with_the_variable_and_no_secret(
    start: Start, tmp_path: Path
) -> None:
    done = start("jobs", "list", FONDACO_PORT="abc", FONDACO_API_KEY="hunter2")
    assert (done.code, done.out) == (2, "")
    assert "FONDACO_PORT" in done.err
    assert "FONDACO_API_KEY" in done.err
    assert "hunter2" not in done.err
    assert "`fondaco " in done.err
    assert json.loads(start("jobs", "list", "--json").out)["code"] == "invalid_input"
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_down_is_not_available_now(start: Start) -> None:
    done = start("jobs", "list", FONDACO_DATABASE_URL="postgresql://ann:hunter2@127.0.0.1:1/desk")
    assert done.code == 3
    assert "hunter2" not in done.err
    assert "Traceback" not in done.err
    assert "`fondaco " in done.err


def test_a_database_that_never_ran_or_is_on_a_server_is_not_stopped(start: Start) -> None:
    assert start("down").code == 0
    assert start("down", FONDACO_DATABASE_URL="postgresql://ann@127.0.0.1:1/desk").code == 0


def test_help_is_printed_by_the_program(start: Start) -> None:
    done = start("--help")
    assert done.code == 0
    assert "Programs:" in done.out


def test_a_pipe_is_no_person() -> None:
    assert not program.interactive()

"""What all tests of services share: programs that run beside a test."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest


@pytest.fixture
def program() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start Python programs beside the test; what still runs afterwards is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: object) -> "subprocess.Popen[str]":
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", code, *map(str, arguments)],
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        _, said = process.communicate()
        sys.stderr.write(said)  # pytest shows it when the test fails

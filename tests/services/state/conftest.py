"""What the tests of the desk's state share: clusters of their own, and programs beside them."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fondaco.adapters.stores.postgres.embedded import EmbeddedServer


@pytest.fixture(scope="session")
def stopped_cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a cluster that was made once and is stopped: to be copied."""
    folder = tmp_path_factory.mktemp("cluster") / "postgres"
    server = EmbeddedServer(folder)
    server.ensure_running()
    server.stop()
    return folder


@pytest.fixture
def copied(stopped_cluster: Path, tmp_path: Path) -> Iterator[Callable[..., EmbeddedServer]]:
    """Make embedded servers on copies of that cluster; each is stopped afterwards."""
    made: list[EmbeddedServer] = []

    def copy(name: str = "desk", **options: Any) -> EmbeddedServer:
        folder = tmp_path / name / "postgres"
        folder.parent.mkdir(parents=True)
        subprocess.run(["cp", "-a", stopped_cluster, folder], check=True)
        made.append(EmbeddedServer(folder, **options))
        return made[-1]

    yield copy
    for server in made:
        server.stop()


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

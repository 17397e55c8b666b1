"""What the tests of the desk's state share: clusters of their own, and programs beside them."""

import subprocess
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

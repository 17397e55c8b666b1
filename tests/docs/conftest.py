"""A prepared desk for the examples: bundled prices, a cycle, a funded paper account."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Shell = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Runs bash lines in one desk, as a reader would type them, with a bound on each."""
    home = tmp_path_factory.mktemp("desk")
    variables = {k: v for k, v in os.environ.items() if not k.startswith("FONDACO_")}
    variables |= {
        "FONDACO_HOME": str(home),
        "NO_COLOR": "1",
        "COLUMNS": "120",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }

    def run(script: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env=variables,
            cwd=home,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    prepared = run("fondaco up --prepare-only")
    assert prepared.returncode == 0, prepared.stderr
    yield run
    run("fondaco down")

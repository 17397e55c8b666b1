"""What importing costs: nothing heavy is loaded before it is needed."""

import json
import os
import resource
import subprocess
import sys

HEAVY = (
    "pandas",
    "sklearn",
    "torch",
    "nicegui",
    "openai",
    "anthropic",
    "pydantic_ai",
    "lightgbm",
    "skfolio",
    "arch",
    "statsmodels",
    "yfinance",
)
HEAVY_FOR_HELP = (*HEAVY, "numba", "polars", "sqlalchemy", "fastapi", "mcp", "dbos", "deltalake")
HELP_CPU_SECONDS_MAX = 0.5


def _loaded_by(code: str) -> set[str]:
    probe = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_importing_fondaco_loads_nothing_heavy() -> None:
    assert _loaded_by("import fondaco, fondaco.app") & set(HEAVY) == set()


def test_loading_the_whole_catalogue_loads_nothing_heavy() -> None:
    code = (
        "from fondaco.catalogue import CAPABILITIES\n"
        "from fondaco.core.capability import Catalogue\n"
        "assert [c.summary for c in Catalogue(CAPABILITIES)]"
    )
    assert _loaded_by(code) & set(HEAVY_FOR_HELP) == set()


def test_the_import_check_sees_a_heavy_import() -> None:
    assert "pandas" in _loaded_by("import pandas") & set(HEAVY)


def test_help_takes_less_than_half_a_second_of_cpu() -> None:
    command = [sys.executable, "-m", "fondaco", "--help"]
    quiet = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
    subprocess.run(command, capture_output=True, check=True, env=quiet)
    times = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, capture_output=True, check=True, env=quiet)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    assert min(times) < HELP_CPU_SECONDS_MAX


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nsys.argv = ['fondaco', '--help']\nfrom fondaco.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )
    assert _loaded_by(code) & set(HEAVY_FOR_HELP) == set()

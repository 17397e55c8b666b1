"""Kernels compile with a word about it, and every example in docstrings and docs is true."""

import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from numba.core.registry import CPUDispatcher

import fondaco.research
from fondaco.research.warm import KERNELS, NAMES, warm_kernels

FOLDER = Path(fondaco.research.__file__).parent
WITH_EXAMPLES = sorted(
    ".".join(p.relative_to(FOLDER).with_suffix("").parts)
    for p in FOLDER.rglob("*.py")
    if ">>>" in p.read_text()
)


class Listening:
    def __init__(self) -> None:
        self.said: list[tuple[str, int, int]] = []

    def report(self, step: str, done: int, total: int) -> None:
        self.said.append((step, done, total))


def test_every_kernel_is_compiled_once_for_one_signature() -> None:
    modules = sorted(
        ".".join(p.relative_to(FOLDER).with_suffix("").parts)
        for p in FOLDER.rglob("*.py")
        if "@njit" in p.read_text()
    )
    assert [f"fondaco.research.{name}" for name in modules] == sorted(KERNELS)
    assert warm_kernels() == len(NAMES)
    for module, names in KERNELS.items():
        loops = vars(importlib.import_module(module))
        found = {n: k for n, k in loops.items() if isinstance(k, CPUDispatcher)}
        assert set(found) == set(names)
        assert all(len(kernel.signatures) == 1 for kernel in found.values())


def test_warming_says_when_it_begins_and_when_it_is_done() -> None:
    progress = Listening()
    warm_kernels(progress)
    assert progress.said[0] == ("compile research kernels", 0, len(NAMES))
    assert progress.said[-1] == ("compile research kernels", len(NAMES), len(NAMES))


@pytest.mark.slow
def test_the_first_warming_reports_each_kernel_and_leaves_a_cache(tmp_path: Path) -> None:
    code = (
        "from fondaco.research.warm import warm_kernels\n"
        "class Say:\n"
        "    def report(self, step, done, total): print(done, end=' ')\n"
        "warm_kernels(Say())"
    )
    run = [sys.executable, "-c", code]
    said = [
        subprocess.run(
            run, env={"NUMBA_CACHE_DIR": str(tmp_path)}, capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    count = len(NAMES)
    assert said[0] == [str(n) for n in (*range(count + 1), count)]
    assert said[1] == ["0", str(count)]  # from the cache: nothing is compiled again


def test_the_examples_of_the_explanation_are_true() -> None:
    page = Path(__file__).parents[3] / "docs" / "explanation" / "known-time.md"
    found = doctest.testfile(str(page), module_relative=False)
    assert found.attempted > 5
    assert found.failed == 0


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_the_examples_of_a_module_are_true(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"fondaco.research.{module}"))
    assert found.attempted > 0
    assert found.failed == 0

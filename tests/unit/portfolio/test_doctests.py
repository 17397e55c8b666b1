"""The examples in the docstrings of portfolio are true."""

import doctest
import importlib
from pathlib import Path

import pytest

import fondaco

ROOT = Path(fondaco.__file__).parent
MODULES = sorted(
    "fondaco." + ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "portfolio").rglob("*.py")
    if ">>>" in path.read_text()
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0


def test_the_example_of_the_page_of_measures_is_true() -> None:
    page = Path(__file__).parents[3] / "docs" / "explanation" / "metrics.md"
    found = doctest.testfile(str(page), module_relative=False)
    assert found.attempted > 0
    assert found.failed == 0

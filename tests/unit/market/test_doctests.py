"""The examples in the docstrings of market and of its adapters are true."""

import doctest
import importlib
from pathlib import Path

import pytest

import fondaco

ROOT = Path(fondaco.__file__).parent
PLACES = (
    "market",
    "adapters/providers",
    "adapters/calendars",
    "adapters/stores/delta",
    "adapters/stores/raw",
)
MODULES = sorted(
    "fondaco." + ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for place in PLACES
    for path in (ROOT / place).rglob("*.py")
    if ">>>" in path.read_text()
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0

"""The examples of docs/explanation/costs.md and of the docstrings are true."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

import fondaco.trading.cost_model as package
from fondaco.trading.cost_model.tables import TABLES, table

PAGE = Path(__file__).parents[4] / "docs" / "explanation" / "costs.md"
MODULES = sorted(
    f"{package.__name__}.{path.stem}"
    for path in Path(package.__file__).parent.glob("*.py")
    if ">>>" in path.read_text()
)


def test_the_examples_of_the_page_are_true() -> None:
    assert doctest.testfile(str(PAGE), module_relative=False) == (0, 26)


def test_the_page_names_every_table_and_the_day_it_begins() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| (\d{4}-\d\d-\d\d) \|", PAGE.read_text(), re.MULTILINE))
    begins = {name: str(table(name).schedules[0].valid_from) for name in TABLES}
    assert told == begins


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0

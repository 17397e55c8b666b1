"""The examples in the docstrings of the splitters run as they are printed."""

import doctest
from importlib import import_module

import pytest

EXAMPLES = {"spans": 9, "kfold": 3, "combinatorial": 3, "walk": 2, "choose": 5, "nested": 7}


@pytest.mark.parametrize(("module", "examples"), EXAMPLES.items())
def test_the_examples_run(module: str, examples: int) -> None:
    found = doctest.testmod(import_module(f"fondaco.research.validation.{module}"))
    assert (found.failed, found.attempted) == (0, examples)

"""The records of the built-in strategies are what the engine measures."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from fondaco.research.strategies.library import STRATEGIES
from fondaco.research.strategies.records import RECORDS

SCRIPT = Path(__file__).parents[2] / "docs" / "records.py"


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("records_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_strategy_has_a_record() -> None:
    assert set(RECORDS) == set(STRATEGIES)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_a_record_is_what_the_engine_measures(name: str) -> None:
    script = _script()
    assert script.record_of(name, script.bundled_panel()) == RECORDS[name]

"""Every place that runs users' strategies: opened by name, called with panels, closed again."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fondaco.adapters.strategies.confine import missing_layers
from fondaco.adapters.strategies.folder import FolderStrategies
from fondaco.core.errors import NotFound
from fondaco.market.fakes import simulated_panel
from fondaco.research.fakes import MemoryStrategies
from fondaco.research.ports import UserStrategies

PANEL = simulated_panel(5, 20, 3)
HALF = "def weights(panel):\n    return panel.close * 0.5\n"


@pytest.fixture(params=["memory", "folder"])
def strategies(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "memory":
        return MemoryStrategies({"half.py": lambda panel: panel.close * 0.5})
    (tmp_path / "half.py").write_text(HALF)
    return FolderStrategies(tmp_path, unconfined=bool(missing_layers()))


def test_an_open_strategy_gives_weights_for_any_panel(strategies: UserStrategies) -> None:
    with strategies.open("half.py") as opened:
        assert opened.name == "half.py"
        assert np.array_equal(opened.weights(PANEL), PANEL.close * 0.5)
        assert np.array_equal(opened.weights(PANEL.until(3)), PANEL.close[:3] * 0.5)
        both = opened.many((PANEL, PANEL.until(7)))
        assert [values.shape for values in both] == [(20, 3), (7, 3)]
        assert np.array_equal(both[1], PANEL.close[:7] * 0.5)
        assert dict(opened.parameters) == {}


def test_it_can_be_opened_again(strategies: UserStrategies) -> None:
    for _ in range(2):
        with strategies.open("half.py", anywhere=True) as opened:
            assert opened.weights(PANEL).shape == (20, 3)


def test_what_is_not_there_is_not_found(strategies: UserStrategies) -> None:
    with pytest.raises(NotFound), strategies.open("gone.py"):
        pytest.fail("it was opened")

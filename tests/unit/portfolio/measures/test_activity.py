"""What was held, traded and paid, by hand."""

from math import isnan

import numpy as np
import pytest

from fondaco.portfolio.measures import activity as metrics

MEASURES = ["exposure", "leverage_gross_max", "leverage_net", "turnover_annual", "cost_annual"]


def _curve(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def test_turnover_exposure_and_cost_by_hand() -> None:
    equity = _curve(100, 100, 200, 200)
    # Bought 100 of 100 and sold 100 of 200: (0.5 + 0.25) / 4 sessions x 252.
    assert metrics.turnover_annual(_curve(0, 100, 100, 0), equity) == pytest.approx(47.25)
    assert metrics.exposure(_curve(0, 100, 100, 50), equity) == pytest.approx(
        (0 + 1 + 0.5 + 0.25) / 4
    )
    assert metrics.cost_annual(_curve(0, 1, 2, 0), equity) == pytest.approx(3 / 150 * 252 / 4)


def test_leverage_and_time_invested_by_hand() -> None:
    equity = _curve(100, 100, 200, 200)
    assert metrics.leverage_gross_max(_curve(0, 150, 100, 50), equity) == 1.5
    assert metrics.leverage_net(_curve(0, -100, 100, 100), equity) == pytest.approx(0.0)
    assert metrics.time_invested(_curve(0, 150, 0, 50)) == 0.5


@pytest.mark.parametrize("name", MEASURES)
def test_what_is_over_equity_moves_with_equity_and_with_what_is_above(name: str) -> None:
    measure, part = getattr(metrics, name), _curve(1, 1)
    assert measure(part, _curve(10, 20)) != pytest.approx(measure(part, _curve(8, 30)))
    assert measure(part, _curve(10, 20)) != pytest.approx(measure(part * 2, _curve(10, 20)))


@pytest.mark.parametrize("name", MEASURES)
def test_no_session_has_no_activity(name: str) -> None:
    assert isnan(getattr(metrics, name)(_curve(), _curve()))
    assert isnan(metrics.time_invested(_curve()))

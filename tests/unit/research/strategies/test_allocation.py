"""Allocation: amounts by hand, by the standard library, and by equal parts of the risk."""

from statistics import stdev

import numpy as np
import pytest

from fondaco.market.fakes import simulated_panel
from fondaco.market.panel import Matrix
from fondaco.research.strategies.allocation import (
    basket_volatility,
    buy_and_hold,
    low_volatility,
    risk_parity,
    volatility_target,
)
from unit.research.scene import panel_of

PANEL = simulated_panel(3, 200, 6, with_opens=False)
NAN = float("nan")


def decided(weights: Matrix) -> list[int]:
    return np.flatnonzero(~np.isnan(weights).all(axis=1)).tolist()


def test_buy_and_hold_buys_each_name_once_when_it_begins_to_trade() -> None:
    close = np.array([[1.0, NAN], [2.0, NAN], [3.0, 5.0], [NAN, 6.0], [4.0, 7.0]])
    weights = buy_and_hold().weights(panel_of(close))
    expected = np.full((5, 2), NAN)
    expected[0, 0] = expected[2, 1] = 0.5
    assert np.array_equal(weights, expected, equal_nan=True)


def test_low_volatility_holds_the_calmest() -> None:
    rng = np.random.default_rng(4)
    size = np.array([0.03, 0.005, 0.02, 0.01, 0.04])
    close = 100 * np.exp((rng.normal(0, 1, (70, 5)) * size).cumsum(axis=0))
    weights = low_volatility(lookback=30, share=0.4).weights(panel_of(close))
    last = weights[decided(weights)[-1]]
    assert last.tolist() == [0.0, 0.5, 0.0, 0.5, 0.0]


def test_the_volatility_target_scales_the_basket_by_its_volatility() -> None:
    weights = volatility_target(target_annual=0.05, lookback=40).weights(PANEL)
    close = PANEL.close
    for row in decided(weights):
        daily = [float(np.mean(close[t] / close[t - 1] - 1.0)) for t in range(row - 39, row + 1)]
        spread = stdev(daily) * 252**0.5
        assert weights[row].sum() == pytest.approx(min(1.0, 0.05 / spread), rel=1e-9)
        assert weights[row] == pytest.approx(np.full(6, weights[row, 0]))


def test_borrowing_begins_only_where_it_is_asked_for() -> None:
    plain = volatility_target(target_annual=1.0).weights(PANEL)
    lent = volatility_target(target_annual=1.0, leverage_max=2.0).weights(PANEL)
    assert np.nanmax(np.nansum(plain, axis=1)) == pytest.approx(1.0)
    assert np.nanmax(np.nansum(lent, axis=1)) == pytest.approx(2.0)


def test_a_basket_that_does_not_move_gets_the_maximum() -> None:
    weights = volatility_target(lookback=10).weights(panel_of(np.full((40, 2), 10.0)))
    assert weights[decided(weights)[0]].tolist() == [0.5, 0.5]


def test_names_without_a_price_are_left_out_of_the_basket() -> None:
    close = np.array(PANEL.close)
    close[:, 5] = NAN
    alone = basket_volatility(panel_of(close[:, :5].copy()), 20)
    assert np.array_equal(basket_volatility(panel_of(close), 20), alone, equal_nan=True)
    weights = volatility_target().weights(panel_of(close))
    assert (weights[decided(weights), 5] == 0.0).all()


def test_risk_parity_gives_each_name_the_same_part_of_the_risk() -> None:
    weights = risk_parity(lookback=100, shrinkage=0.01).weights(PANEL)
    returns = PANEL.close[1:] / PANEL.close[:-1] - 1.0
    rows = decided(weights)
    assert rows
    for row in rows:
        matrix = np.cov(returns[row - 100 : row].T)
        matrix = 0.99 * matrix + 0.01 * np.diag(np.diag(matrix))
        parts = weights[row] * (matrix @ weights[row])
        assert parts == pytest.approx(np.full(6, parts.mean()), rel=1e-6)
        assert weights[row].sum() == pytest.approx(1.0)


def test_risk_parity_leaves_out_names_with_a_gap_or_without_movement() -> None:
    close = np.array(PANEL.close)
    close[50, 0], close[:, 1] = NAN, 10.0
    weights = risk_parity(lookback=100).weights(panel_of(close[:140]))
    last = weights[decided(weights)[-1]]
    assert (last[:2] == 0.0).all()
    assert (last[2:] > 0.0).all()
    assert np.isnan(risk_parity(lookback=100, names_min=7).weights(PANEL)).all()

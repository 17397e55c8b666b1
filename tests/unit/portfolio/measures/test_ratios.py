"""Return against risk by hand, degenerate accounts, and the statistics under chance alone.

`tests/real/test_portfolio_empyrical.py` holds the same functions against empyrical's file.
"""

from math import inf, isnan, sqrt

import numpy as np
import pytest

from fondaco.portfolio.measures import ratios

R = np.array([0.02, -0.01, 0.03, 0.0, -0.02])


def _curve(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def test_volatility_and_sharpe_by_hand() -> None:
    # Returns 1 % and 3 %: mean 2 %, deviation with one lost degree sqrt(2 x 0.01^2) = 0.0141421.
    assert ratios.vol_annual(_curve(0.01, 0.03)) == pytest.approx(0.01 * sqrt(2) * sqrt(252))
    assert ratios.sharpe(_curve(0.01, 0.03)) == pytest.approx(sqrt(2) * sqrt(252))
    assert ratios.sharpe(_curve(0.01, 0.03), risk_free=0.02) == pytest.approx(0.0)


def test_sortino_by_hand() -> None:
    # Of 4 %, -2 %: mean 1 %; downside sqrt((0 + 0.0004) / 2) = 0.0141421.
    assert ratios.downside_risk(_curve(0.04, -0.02)) == pytest.approx(sqrt(0.0002) * sqrt(252))
    assert ratios.sortino(_curve(0.04, -0.02)) == pytest.approx(0.01 / sqrt(0.0002) * sqrt(252))


def test_ratios_without_a_meaning_are_no_numbers() -> None:
    assert ratios.sharpe(_curve(0.01, 0.01, 0.01)) == inf
    assert ratios.sharpe(_curve(-0.01, -0.01)) == -inf
    assert ratios.sortino(_curve(0.01, 0.02)) == inf
    for nothing in (_curve(), _curve(0.01), _curve(0.0, 0.0)):
        assert isnan(ratios.sharpe(nothing))
        assert isnan(ratios.sortino(nothing))
    assert isnan(ratios.vol_annual(_curve(0.01)))
    assert isnan(ratios.downside_risk(_curve()))


@pytest.mark.parametrize("name", ["vol_annual", "sharpe", "downside_risk", "sortino", "calmar"])
def test_what_is_annual_moves_with_the_sessions_of_a_year(name: str) -> None:
    measure = getattr(ratios, name)
    assert measure(R, periods=12) != pytest.approx(measure(R, periods=252))


@pytest.mark.parametrize("name", ["sharpe", "sortino"])
def test_a_ratio_falls_when_more_is_required(name: str) -> None:
    measure, word = getattr(ratios, name), "risk_free" if name == "sharpe" else "required"
    assert measure(R, **{word: 0.005}) < measure(R)


def test_the_error_of_a_sharpe_ratio_is_that_of_chance() -> None:
    # Null and power: the spread of estimates around a true ratio of 0 and of 3 a year.
    chance = np.random.default_rng(5)
    for true in (0.0, 3.0):
        drawn = chance.normal(true / sqrt(252) * 0.01, 0.01, (2_000, 756))
        spread = float(np.std([ratios.sharpe(row) for row in drawn]))
        assert ratios.sharpe_error(true, 756) == pytest.approx(spread, rel=0.06)
    assert ratios.sharpe_error(0.0, 756) > ratios.sharpe_error(0.0, 1_512)
    assert ratios.sharpe_error(3.0, 756) > ratios.sharpe_error(0.0, 756)


def test_calmar_and_omega_by_hand() -> None:
    # Up a tenth, down a tenth, up a tenth over three years: 1.089^(1/3) - 1 over a fall of 10 %.
    earned = _curve(0.1, -0.1, 0.1)
    assert ratios.calmar(earned, periods=1) == pytest.approx((1.089 ** (1 / 3) - 1) / 0.1)
    # Gains of 3 % and 1 % against a loss of 2 %: 4 / 2. Less 1 % each: 2 / 3 (Keating, Shadwick).
    assert ratios.omega(_curve(0.03, -0.02, 0.01)) == pytest.approx(2.0)
    assert ratios.omega(_curve(0.03, -0.02, 0.01), risk_free=0.01) == pytest.approx(2 / 3)
    assert ratios.omega(_curve(0.03, -0.02, 0.01), required_annual=0.01, periods=1) == (
        pytest.approx(2 / 3)
    )


def test_calmar_and_omega_without_a_loss_or_a_return_are_no_numbers() -> None:
    for nothing in (_curve(), _curve(0.01), _curve(0.01, 0.02)):
        assert isnan(ratios.calmar(nothing))
        assert isnan(ratios.omega(nothing))
    assert isnan(ratios.omega(_curve(0.1, -0.1), required_annual=-1.0))
    assert ratios.calmar(_curve(-0.5, -1.0)) == -1.0
    assert ratios.omega(_curve(-0.1, -0.2)) == 0.0


@pytest.mark.parametrize("name", ["vol_annual", "sharpe", "downside_risk", "sortino"])
def test_a_session_without_a_return_is_left_out(name: str) -> None:
    measure, gap = getattr(ratios, name), np.array([np.nan])
    assert measure(np.concatenate([R[:2], gap, R[2:]])) == pytest.approx(measure(R))


@pytest.mark.parametrize(
    "name", ["vol_annual", "sharpe", "downside_risk", "sortino", "calmar", "omega"]
)
def test_every_ratio_moves_with_its_returns(name: str) -> None:
    measure, moved = getattr(ratios, name), R.copy()
    moved[4] = -0.005
    assert measure(moved) != pytest.approx(measure(R), rel=1e-9)

"""Metrics by hand, each moved by its inputs, and the statistics under chance alone.

`tests/real/test_metrics_reference.py` holds them against the files of empyrical and pyfolio.
"""

from datetime import date
from math import inf, isnan, sqrt

import numpy as np
import pytest

from fondaco.backtest import metrics

DAYS = np.arange("2019-07-01", "2019-08-30", dtype="datetime64[D]")
R = np.array([0.02, -0.01, 0.03, 0.0, -0.02])


def _curve(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def test_total_return_and_growth_by_hand() -> None:
    assert metrics.total_return(_curve(0.10, -0.05)) == pytest.approx(0.045)  # 1.10 x 0.95
    # A tenth in half a year: 1.1^2 = 1.21.
    assert metrics.cagr(np.array([0.1] + [0.0] * 125)) == pytest.approx(0.21)
    assert metrics.cagr(_curve(0.1, 0.1), periods=1) == pytest.approx(0.1)
    assert metrics.cagr(_curve(-1.0, 0.5)) == -1.0


def test_volatility_and_sharpe_by_hand() -> None:
    # Returns 1 % and 3 %: mean 2 %, deviation with one lost degree sqrt(2 x 0.01^2) = 0.0141421.
    assert metrics.vol_annual(_curve(0.01, 0.03)) == pytest.approx(0.01 * sqrt(2) * sqrt(252))
    assert metrics.sharpe(_curve(0.01, 0.03)) == pytest.approx(sqrt(2) * sqrt(252))
    assert metrics.sharpe(_curve(0.01, 0.03), risk_free=0.02) == pytest.approx(0.0)


def test_sortino_by_hand() -> None:
    # Of 4 %, -2 %: mean 1 %; downside sqrt((0 + 0.0004) / 2) = 0.0141421.
    assert metrics.downside_risk(_curve(0.04, -0.02)) == pytest.approx(sqrt(0.0002) * sqrt(252))
    assert metrics.sortino(_curve(0.04, -0.02)) == pytest.approx(0.01 / sqrt(0.0002) * sqrt(252))


def test_ratios_without_a_meaning_are_no_numbers() -> None:
    assert metrics.sharpe(_curve(0.01, 0.01, 0.01)) == inf
    assert metrics.sharpe(_curve(-0.01, -0.01)) == -inf
    assert metrics.sortino(_curve(0.01, 0.02)) == inf
    for nothing in (_curve(), _curve(0.01), _curve(0.0, 0.0)):
        assert isnan(metrics.sharpe(nothing))
        assert isnan(metrics.sortino(nothing))
    assert isnan(metrics.vol_annual(_curve(0.01)))
    assert isnan(metrics.cagr(_curve()))
    assert isnan(metrics.downside_risk(_curve()))
    assert isnan(metrics.hit_rate(_curve(0.0)))


def test_the_deepest_fall_has_its_days() -> None:
    fall = metrics.max_drawdown(_curve(100, 120, 90, 108, 119, 120, 60, 90), DAYS)
    assert fall.depth == pytest.approx(-0.5)
    assert (fall.peak, fall.trough, fall.recovered) == (date(2019, 7, 2), date(2019, 7, 7), None)
    back = metrics.max_drawdown(_curve(100, 120, 90, 121, 100), DAYS)
    assert (back.depth, back.peak, back.trough, back.recovered) == (
        -0.25,
        date(2019, 7, 2),
        date(2019, 7, 3),
        date(2019, 7, 4),
    )


def test_an_account_that_only_rose_never_fell() -> None:
    fall = metrics.max_drawdown(_curve(1, 2, 3), DAYS)
    assert (fall.depth, fall.peak, fall.trough, fall.recovered) == (0.0, None, None, None)


def test_of_two_equal_falls_the_first_counts() -> None:
    fall = metrics.max_drawdown(_curve(100, 50, 100, 50, 100), DAYS)
    assert (fall.peak, fall.trough, fall.recovered) == (
        date(2019, 7, 1),
        date(2019, 7, 2),
        date(2019, 7, 3),
    )


def test_turnover_exposure_and_cost_by_hand() -> None:
    equity = _curve(100, 100, 200, 200)
    # Bought 100 of 100 and sold 100 of 200: (0.5 + 0.25) / 4 sessions x 252.
    assert metrics.turnover_annual(_curve(0, 100, 100, 0), equity) == pytest.approx(47.25)
    assert metrics.exposure(_curve(0, 100, 100, 50), equity) == pytest.approx(
        (0 + 1 + 0.5 + 0.25) / 4
    )
    assert metrics.cost_annual(_curve(0, 1, 2, 0), equity) == pytest.approx(3 / 150 * 252 / 4)


def test_the_hit_rate_leaves_out_what_did_not_move() -> None:
    assert metrics.hit_rate(_curve(0.1, 0.0, -0.1, 0.2)) == pytest.approx(2 / 3)


PERTURBED = {
    "total_return": lambda r: metrics.total_return(r),
    "cagr": lambda r: metrics.cagr(r),
    "vol_annual": lambda r: metrics.vol_annual(r),
    "sharpe": lambda r: metrics.sharpe(r),
    "sharpe over a rate": lambda r: metrics.sharpe(r, risk_free=0.001),
    "downside_risk": lambda r: metrics.downside_risk(r),
    "sortino": lambda r: metrics.sortino(r),
    "hit_rate": lambda r: metrics.hit_rate(r),
    "max_drawdown": lambda r: metrics.max_drawdown(np.cumprod(1 + r), DAYS).depth,
    "exposure": lambda r: metrics.exposure(np.abs(r), _curve(1, 2, 3, 4, 5)),
    "turnover": lambda r: metrics.turnover_annual(np.abs(r), _curve(1, 2, 3, 4, 5)),
    "cost": lambda r: metrics.cost_annual(np.abs(r), _curve(1, 2, 3, 4, 5)),
}


@pytest.mark.parametrize("name", PERTURBED)
def test_every_metric_moves_with_its_returns(name: str) -> None:
    measure = PERTURBED[name]
    moved = R.copy()
    moved[4] = 0.01
    assert measure(moved) != pytest.approx(measure(R), rel=1e-9)


@pytest.mark.parametrize("name", ["exposure", "turnover_annual", "cost_annual"])
def test_what_is_over_equity_moves_with_equity(name: str) -> None:
    measure, part = getattr(metrics, name), _curve(1, 1)
    assert measure(part, _curve(10, 20)) != pytest.approx(measure(part, _curve(10, 30)))


@pytest.mark.parametrize("name", ["cagr", "vol_annual", "sharpe", "downside_risk", "sortino"])
def test_what_is_annual_moves_with_the_sessions_of_a_year(name: str) -> None:
    measure = getattr(metrics, name)
    assert measure(R, periods=12) != pytest.approx(measure(R, periods=252))


@pytest.mark.parametrize("name", ["sharpe", "sortino"])
def test_a_ratio_falls_when_more_is_required(name: str) -> None:
    measure, word = getattr(metrics, name), "risk_free" if name == "sharpe" else "required"
    assert measure(R, **{word: 0.005}) < measure(R)


def test_the_error_of_a_sharpe_ratio_is_that_of_chance() -> None:
    # Null and power: the spread of estimates around a true ratio of 0 and of 3 a year.
    chance = np.random.default_rng(5)
    for true in (0.0, 3.0):
        drawn = chance.normal(true / sqrt(252) * 0.01, 0.01, (2_000, 756))
        spread = float(np.std([metrics.sharpe(row) for row in drawn]))
        assert metrics.sharpe_error(true, 756) == pytest.approx(spread, rel=0.06)
    assert metrics.sharpe_error(0.0, 756) > metrics.sharpe_error(0.0, 1_512)
    assert metrics.sharpe_error(3.0, 756) > metrics.sharpe_error(0.0, 756)


@pytest.mark.parametrize("trials", [10, 100])
def test_luck_shows_what_the_best_worthless_trial_shows(trials: int) -> None:
    chance = np.random.default_rng(7)
    best = [
        max(metrics.sharpe(row) for row in chance.normal(0, 0.01, (trials, 252)))
        for _ in range(60 if trials == 100 else 300)
    ]
    assert metrics.luck_sharpe(trials, 252) == pytest.approx(float(np.mean(best)), rel=0.07)


def test_real_skill_stands_above_luck() -> None:
    chance = np.random.default_rng(8)
    skilled = [metrics.sharpe(row) for row in chance.normal(0.002, 0.01, (200, 756))]
    above = np.mean(np.array(skilled) > metrics.luck_sharpe(100, 756))
    assert above > 0.9


def test_luck_grows_with_trials_and_shrinks_with_time() -> None:
    assert metrics.luck_sharpe(1, 252) == 0.0
    assert 0 < metrics.luck_sharpe(2, 252) < metrics.luck_sharpe(50, 252)
    assert metrics.luck_sharpe(50, 1_000) < metrics.luck_sharpe(50, 252)

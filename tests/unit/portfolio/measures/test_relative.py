"""Against a benchmark: by hand and against scipy's regression."""

from math import inf, isnan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures import relative

_CHANCE = np.random.default_rng(9)
MARKET = _CHANCE.normal(0.0005, 0.01, 400)
OWN = 0.0002 + 1.3 * MARKET + _CHANCE.normal(0, 0.005, 400)
ALL = [
    "beta",
    "alpha",
    "correlation",
    "tracking_error",
    "information_ratio",
    "up_beta",
    "down_beta",
    "up_alpha",
    "down_alpha",
    "capture",
    "up_capture",
    "down_capture",
    "capture_ratio",
    "fragility",
]


def test_beta_alpha_and_correlation_are_those_of_scipy() -> None:
    line = stats.linregress(MARKET, OWN)
    assert relative.beta(OWN, MARKET) == pytest.approx(line.slope)
    assert relative.alpha(OWN, MARKET, periods=1) == pytest.approx(line.intercept)
    assert relative.alpha(OWN, MARKET) == pytest.approx((1 + line.intercept) ** 252 - 1)
    assert relative.correlation(OWN, MARKET) == pytest.approx(line.rvalue)


def test_alpha_over_a_rate_by_hand() -> None:
    # Beta 2: own - f - 2 (b - f) = 2 b + 1 % - f - 2 b + 2 f = 1 % + f.
    other = np.array([0.01, -0.02, 0.03])
    found = relative.alpha(2 * other + 0.01, other, risk_free=0.005, periods=1)
    assert found == pytest.approx(0.015)


def test_tracking_and_information_by_hand() -> None:
    # Active returns of 1 % and 3 %: mean 2 %, deviation sqrt(2) %.
    own, other = np.array([0.02, 0.05]), np.array([0.01, 0.02])
    assert relative.tracking_error(own, other, periods=4) == pytest.approx(0.01 * sqrt(2) * 2)
    assert relative.information_ratio(own, other) == pytest.approx(sqrt(2))
    assert relative.information_ratio(own, other, periods=4) == pytest.approx(2 * sqrt(2))
    assert relative.information_ratio(np.array([0.5, 0.75]), np.array([0.25, 0.5])) == inf


def test_capture_by_hand() -> None:
    # A year of one session: up 10 % of 5 %, down 2 % of 4 %.
    own, other = np.array([0.10, -0.02, 0.5]), np.array([0.05, -0.04, 0.0])
    assert relative.up_capture(own, other, periods=1) == pytest.approx(2.0)
    assert relative.down_capture(own, other, periods=1) == pytest.approx(0.5)
    assert relative.capture_ratio(own, other, periods=1) == pytest.approx(4.0)


def test_beta_up_and_down_see_only_their_side() -> None:
    other = np.array([0.01, 0.02, 0.03, -0.01, -0.02, -0.03, 0.0])
    own = np.where(other > 0, 0.01 + 0.5 * other, 2 * other)
    assert relative.up_beta(own, other) == pytest.approx(0.5)
    assert relative.down_beta(own, other) == pytest.approx(2.0)
    assert relative.up_alpha(own, other, periods=1) == pytest.approx(0.01)
    assert relative.down_alpha(own, other, periods=1) == pytest.approx(0.0, abs=1e-15)


def test_what_curves_down_at_both_ends_is_fragile() -> None:
    # Ends of -4 and -4 around a middle of 0, weighted a half each; and the other way about.
    other = np.array([-0.02, -0.01, 0.0, 0.01, 0.02])
    assert relative.fragility(-(other**2) * 1e4, other) == pytest.approx(-4.0)
    assert relative.fragility(other**2 * 1e4, other) == pytest.approx(4.0)


@pytest.mark.parametrize("name", [name for name in ALL if name != "capture"])
def test_sessions_without_both_returns_are_left_out(name: str) -> None:
    measure, gap = getattr(relative, name), np.array([np.nan, 0.5])
    own, other = np.concatenate([gap, OWN]), np.concatenate([gap[::-1], MARKET])
    assert measure(own, other) == pytest.approx(measure(OWN, MARKET))


@pytest.mark.parametrize("name", ALL)
def test_too_little_to_compare_has_no_meaning(name: str) -> None:
    measure = getattr(relative, name)
    assert isnan(measure(np.empty(0), np.empty(0)))
    if name not in {"capture", "up_capture"}:  # of one session they are a plain quotient
        assert isnan(measure(np.array([0.01]), np.array([0.01])))


def test_a_benchmark_that_stood_still_has_no_beta() -> None:
    still = np.full(400, 0.01)
    for measure in (relative.beta, relative.alpha, relative.correlation):
        assert isnan(measure(OWN, still))
    assert isnan(relative.up_capture(OWN, -still))
    assert relative.alpha(np.array([-3.0, -2.0]), np.array([0.1, 0.2]), periods=1) == -1.0


def test_series_of_two_lengths_are_refused() -> None:
    with pytest.raises(InvalidInput, match="one length"):
        relative.beta(OWN, MARKET[1:])


@pytest.mark.parametrize("name", ALL)
def test_every_relative_measure_moves_with_either_series(name: str) -> None:
    measure = getattr(relative, name)
    rows = np.argsort(MARKET, kind="stable")[[0, 1, 2, 150, 200, 201, 398, 399]]
    own, other = OWN.copy(), MARKET.copy()
    own[rows] += np.array([1, 2, -1, 2, 3, 1, 1, -4]) * 0.01
    assert measure(own, MARKET) != pytest.approx(measure(OWN, MARKET), rel=1e-6)
    other[rows] *= 1.2
    assert measure(OWN, other) != pytest.approx(measure(OWN, MARKET), rel=1e-6)


@given(st.floats(-3, 3), st.floats(-0.01, 0.01))
def test_a_straight_line_of_the_market_is_found(slope: float, base: float) -> None:
    own = base + slope * MARKET
    assert relative.beta(own, MARKET) == pytest.approx(slope, abs=1e-9)
    assert relative.alpha(own, MARKET, periods=1) == pytest.approx(base, abs=1e-11)

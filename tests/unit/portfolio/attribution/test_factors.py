"""Factors: pyfolio's worked case by given loadings, statsmodels by regression."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS
from statsmodels.tools import add_constant

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.attribution.factors import attribute_to_factors, regress_on_factors

_CHANCE = np.random.default_rng(12)
FACTORS = _CHANCE.normal(0, 0.01, (250, 3))
OWN = 0.0004 + FACTORS @ np.array([0.9, -0.3, 0.2]) + _CHANCE.normal(0, 0.004, 250)


def test_given_loadings_explain_as_in_pyfolio() -> None:
    # pyfolio `test_perf_attrib_simple`: two stocks of 20 and 50, loadings of a quarter on two
    # factors of 10 %: each factor 2.5 %, 5 % in common, 5 % specific of 10 %.
    earned, factors = np.full(2, 0.1), np.full((2, 2), 0.1)
    weights, loadings = np.tile([2 / 7, 5 / 7], (2, 1)), np.full((2, 2, 2), 0.25)
    found = attribute_to_factors(earned, weights, loadings, factors)
    assert found.exposures == pytest.approx(np.full((2, 2), 0.25))
    assert found.contributions == pytest.approx(np.full((2, 2), 0.025))
    assert found.common == pytest.approx([0.05, 0.05])
    assert found.specific == pytest.approx([0.05, 0.05])
    # Its second part: 20 long and 20 short with 20 in cash hold nothing of either factor.
    found = attribute_to_factors(earned, np.tile([1.0, -1.0], (2, 1)), loadings, factors)
    assert found.common == pytest.approx([0.0, 0.0])
    assert found.specific == pytest.approx(earned)


def test_tilt_and_timing_by_hand() -> None:
    # Exposures of 1 and 3, 2 on average, to a factor of 1 % and 2 %.
    factors = np.array([[0.01], [0.02]])
    loadings = np.array([[[1.0]], [[3.0]]])
    found = attribute_to_factors(np.array([0.02, 0.05]), np.ones((2, 1)), loadings, factors)
    assert found.tilt == pytest.approx([0.02, 0.04])
    assert found.timing == pytest.approx([-0.01, 0.02])
    assert found.specific == pytest.approx([0.01, -0.01])


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 5), st.integers(1, 4))
def test_common_and_specific_add_up(seed: int, sessions: int, names: int, count: int) -> None:
    chance = np.random.default_rng(seed)
    earned, weights = chance.normal(size=sessions), chance.normal(size=(sessions, names))
    loadings = chance.normal(size=(sessions, names, count))
    factors = chance.normal(size=(sessions, count))
    found = attribute_to_factors(earned, weights, loadings, factors)
    np.testing.assert_allclose(found.common + found.specific, earned, atol=1e-12)
    np.testing.assert_allclose(found.contributions.sum(axis=1), found.common, atol=1e-12)
    np.testing.assert_allclose(found.tilt + found.timing, found.common, atol=1e-12)


def test_a_name_without_loadings_is_specific() -> None:
    loadings = np.full((2, 2, 1), 1.0)
    loadings[:, 1] = np.nan
    found = attribute_to_factors(
        np.array([0.1, 0.1]), np.full((2, 2), 0.5), loadings, np.full((2, 1), 0.04)
    )
    assert found.common == pytest.approx([0.02, 0.02])
    assert found.specific == pytest.approx([0.08, 0.08])


def test_regression_is_that_of_statsmodels() -> None:
    wanted = OLS(OWN, add_constant(FACTORS)).fit()
    found = regress_on_factors(OWN, FACTORS)
    assert [found.alpha, *found.betas] == pytest.approx(list(wanted.params), rel=1e-8)
    assert found.r_squared == pytest.approx(wanted.rsquared)
    assert found.t_values == pytest.approx(wanted.tvalues, rel=1e-8)
    assert found.residual == pytest.approx(wanted.resid, abs=1e-14)
    assert found.alpha_annual == pytest.approx((1 + wanted.params[0]) ** 252 - 1)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_alpha_contributions_and_residual_add_up_to_each_return(seed: int, count: int) -> None:
    chance = np.random.default_rng(seed)
    earned, factors = chance.normal(size=30), chance.normal(size=(30, count))
    found = regress_on_factors(earned, factors)
    whole = found.alpha + found.contributions.sum(axis=1) + found.residual
    np.testing.assert_allclose(whole, earned, atol=1e-10)
    assert abs(found.residual @ factors).max() < 1e-9


def test_regression_finds_no_skill_in_chance_and_real_skill_beyond_it() -> None:
    # Null and power of alpha's t value: about 5 in 100 beyond 1.96 without skill, most with it.
    chance = np.random.default_rng(13)
    noise, factors = chance.normal(0, 0.01, (400, 250)), chance.normal(0, 0.01, (250, 2))
    null = np.array([regress_on_factors(row, factors).t_values[0] for row in noise])
    assert 0.02 < np.mean(np.abs(null) > 1.96) < 0.09
    skilled = np.array([regress_on_factors(row + 0.002, factors).t_values[0] for row in noise])
    assert np.mean(skilled > 1.96) > 0.8


def test_a_regression_without_variance_or_residual_is_whole() -> None:
    found = regress_on_factors(np.zeros(10), FACTORS[:10])
    assert (found.alpha, found.r_squared) == (0.0, 1.0)


def test_attribution_moves_with_each_input() -> None:
    base = regress_on_factors(OWN, FACTORS)
    moved = OWN.copy()
    moved[3] += 0.05
    assert regress_on_factors(moved, FACTORS).alpha != pytest.approx(base.alpha)
    assert regress_on_factors(OWN, FACTORS**3).betas != pytest.approx(base.betas)
    assert regress_on_factors(OWN, FACTORS, periods=12).alpha_annual < base.alpha_annual


def test_a_regression_that_has_no_answer_is_refused() -> None:
    with pytest.raises(InvalidInput, match="follows from the others"):
        regress_on_factors(OWN, np.column_stack([FACTORS, FACTORS[:, 0] * 2]))
    with pytest.raises(InvalidInput, match="follows from the others"):
        regress_on_factors(OWN, np.ones((250, 1)))
    with pytest.raises(InvalidInput, match="more sessions"):
        regress_on_factors(OWN[:4], FACTORS[:4])
    with pytest.raises(InvalidInput, match="every value"):
        regress_on_factors(np.append(OWN[1:], np.nan), FACTORS)
    with pytest.raises(InvalidInput, match="one length"):
        regress_on_factors(OWN[1:], FACTORS)
    with pytest.raises(InvalidInput, match="sessions x names x factors"):
        attribute_to_factors(OWN, np.ones((250, 2)), np.ones((250, 1, 3)), FACTORS)

"""Tails against scipy and by hand."""

from math import inf, isnan

import numpy as np
import pytest
from scipy import stats

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures import tails

DRAWN = np.random.default_rng(6).standard_t(4, 500) * 0.01 + 0.0005
ALL = [
    tails.value_at_risk,
    tails.value_at_risk_normal,
    tails.value_at_risk_cornish_fisher,
    tails.expected_shortfall,
    tails.skew,
    tails.kurtosis,
    tails.tail_ratio,
    tails.common_sense_ratio,
]


def test_skew_and_kurtosis_are_those_of_scipy() -> None:
    assert tails.skew(DRAWN) == pytest.approx(stats.skew(DRAWN), rel=1e-9)
    assert tails.kurtosis(DRAWN) == pytest.approx(stats.kurtosis(DRAWN), rel=1e-9)


def test_value_at_risk_of_whole_percents_by_hand() -> None:
    # 21 returns from -10 % to +10 %: the 5 % quantile is the second lowest, -9 %.
    earned = np.arange(-10, 11) / 100
    assert tails.value_at_risk(earned) == pytest.approx(-0.09)
    # floor(20 x 0.05) + 1 = 2 lowest: -10 % and -9 %.
    assert tails.expected_shortfall(earned) == pytest.approx(-0.095)
    # Of 20 returns floor(19 x 0.05) + 1 = 1 is the worst: -10 % alone.
    assert tails.expected_shortfall(earned[:20]) == pytest.approx(-0.10)
    assert tails.tail_ratio(earned) == pytest.approx(1.0)
    assert tails.skew(earned) == pytest.approx(0.0, abs=1e-12)


def test_parametric_value_at_risk_is_the_normal_quantile_of_scipy() -> None:
    wanted = stats.norm.ppf(0.01, DRAWN.mean(), DRAWN.std(ddof=1))
    assert tails.value_at_risk_normal(DRAWN, cutoff=0.01) == pytest.approx(wanted, rel=1e-9)


def test_cornish_fisher_by_hand() -> None:
    # Zangari's expansion worked on paper at z = -2 (cutoff of scipy's norm.cdf(-2)).
    # Returns 0, 0, 0, 1: mean 1/4, deviations -1/4 x 3 and 3/4: m2 = 3/16, m3 = 3/32, m4 = 21/256.
    # S = 3/32 / (3/16)^1.5 = 2/sqrt(3); K = 21/256 / (9/256) - 3 = -2/3.
    # z' = -2 + 3 S/6 + (-8 + 6) K/24 - (-16 + 10) S^2/36 = -2 + 1/sqrt(3) + 1/18 + 2/9.
    earned = np.array([0.0, 0.0, 0.0, 1.0])
    quantile = -2 + 1 / 3**0.5 + 1 / 18 + 2 / 9
    wanted = 0.25 + quantile * 0.5  # the deviation with n - 1 is sqrt(0.75 / 3)
    found = tails.value_at_risk_cornish_fisher(earned, cutoff=float(stats.norm.cdf(-2)))
    assert found == pytest.approx(wanted)


def test_of_normal_returns_the_three_values_at_risk_agree_and_of_fat_ones_not() -> None:
    normal = np.random.default_rng(7).normal(0, 0.01, 200_000)
    three = [f(normal, cutoff=0.01) for f in ALL[:3]]
    assert three == pytest.approx([three[0]] * 3, rel=0.02)
    assert tails.value_at_risk_cornish_fisher(DRAWN, cutoff=0.01) < tails.value_at_risk_normal(
        DRAWN, cutoff=0.01
    )


def test_common_sense_is_tails_times_gains_over_losses() -> None:
    # Quantiles 0.02 + 0.85 x 0.02 = 3.7 % and -2 % + 0.15 % = -1.85 %: 2. Gains 6 %, losses 3 %: 2.
    earned = np.array([0.04, -0.02, 0.02, -0.01])
    assert tails.tail_ratio(earned) == pytest.approx(2.0)
    assert tails.common_sense_ratio(earned) == pytest.approx(4.0)


@pytest.mark.parametrize("measure", ALL)
def test_tails_without_returns_or_without_variance_have_no_meaning(measure) -> None:  # type: ignore[no-untyped-def]
    assert isnan(measure(np.empty(0)))
    assert isnan(measure(np.array([np.nan])))


def test_a_constant_has_no_shape_and_a_lossless_end_no_ratio() -> None:
    flat = np.full(10, 0.01)
    assert isnan(tails.skew(flat))
    assert isnan(tails.kurtosis(flat))
    assert isnan(tails.value_at_risk_cornish_fisher(flat))
    assert tails.value_at_risk(flat) == tails.expected_shortfall(flat) == pytest.approx(0.01)
    assert tails.tail_ratio(np.array([0.0, 0.0, 0.0, 0.1])) == inf


@pytest.mark.parametrize("cutoff", [0.0, 1.0, -0.1, float("nan")])
@pytest.mark.parametrize("measure", ALL[:4])
def test_a_cutoff_that_is_no_share_is_refused(measure, cutoff: float) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput, match="0 to 1"):
        measure(DRAWN, cutoff=cutoff)


@pytest.mark.parametrize("measure", ALL)
def test_every_tail_moves_with_its_returns(measure) -> None:  # type: ignore[no-untyped-def]
    moved = DRAWN.copy()
    moved[np.argsort(moved)[:40]] *= 1.5
    assert measure(moved) != pytest.approx(measure(DRAWN), rel=1e-6)


@pytest.mark.parametrize("measure", ALL[:4])
def test_a_value_at_risk_is_worse_further_out(measure) -> None:  # type: ignore[no-untyped-def]
    assert measure(DRAWN, cutoff=0.01) < measure(DRAWN, cutoff=0.10)

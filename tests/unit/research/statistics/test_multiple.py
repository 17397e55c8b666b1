"""Many tests at once: the paper's table, statsmodels' numbers, as few false finds as promised."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.multitest import multipletests

from fondaco.core.errors import InvalidInput
from fondaco.research.statistics.multiple import (
    benjamini_hochberg,
    benjamini_yekutieli,
    holm,
    sharpe_p_value,
)
from fondaco.research.statistics.sharpe import Shape, probabilistic_sharpe, shape_of

ADJUSTMENTS = {
    "fdr_bh": benjamini_hochberg,
    "fdr_by": benjamini_yekutieli,
    "holm": holm,
}
# Benjamini and Hochberg (1995), section 4: the fifteen tests of Neuhaus et al. (1992).
THROMBOLYSIS = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459),
    *(0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0),
]


def test_four_of_the_fifteen_are_discoveries() -> None:
    # The paper: 4 at 0.05, where Bonferroni's (and Holm's) bound leaves 3.
    assert (benjamini_hochberg(THROMBOLYSIS) <= 0.05).sum() == 4
    assert (holm(THROMBOLYSIS) <= 0.05).sum() == 3
    # By hand: 15 x 0.0095 / 4 = 0.035625; 15 x 0.0344 / 8 = 0.0645 is the least from the fifth on.
    assert benjamini_hochberg(THROMBOLYSIS)[3] == pytest.approx(0.035625, rel=1e-12)
    assert benjamini_hochberg(THROMBOLYSIS)[4:8] == pytest.approx(
        [0.0603, 0.06386, 0.06386, 0.0645], abs=5e-5
    )
    # 12 x 0.0095 = 0.114 for the fourth; 15, 14 and 13 times the first three.
    assert holm(THROMBOLYSIS)[:4] == pytest.approx([0.0015, 0.0056, 0.0247, 0.114], rel=1e-9)


def test_any_dependence_costs_the_sum_of_the_reciprocals() -> None:
    # 1 + 1/2 + ... + 1/15 = 3.318229, by hand; 3.318229 x 0.035625 = 0.118212.
    assert benjamini_yekutieli(THROMBOLYSIS)[3] == pytest.approx(0.118212, abs=5e-7)


@pytest.mark.parametrize("method", ADJUSTMENTS)
@settings(max_examples=15, deadline=None)  # statsmodels collects garbage at each call
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=60))
def test_adjusted_values_equal_statsmodels_s(method: str, values: list[float]) -> None:
    other = multipletests(values, method=method)[1]
    assert ADJUSTMENTS[method](values) == pytest.approx(other, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("method", ADJUSTMENTS)
def test_no_test_needs_no_adjustment(method: str) -> None:
    assert ADJUSTMENTS[method]([]).tolist() == []
    assert ADJUSTMENTS[method]([0.03]).tolist() == [0.03]


@pytest.mark.parametrize("method", ADJUSTMENTS)
def test_a_smaller_value_elsewhere_moves_the_result(method: str) -> None:
    before = ADJUSTMENTS[method]([0.01, 0.02, 0.03])
    after = ADJUSTMENTS[method]([0.01, 0.02, 0.001])
    assert (before != after).all()


@pytest.mark.parametrize("method", ADJUSTMENTS)
def test_what_is_no_probability_is_refused(method: str) -> None:
    for wrong in ([0.1, -0.01], [0.1, 1.01], [0.1, float("nan")]):
        with pytest.raises(InvalidInput, match="at 1"):
            ADJUSTMENTS[method](wrong)
    with pytest.raises(InvalidInput, match="one list"):
        ADJUSTMENTS[method]([[0.1, 0.2]])


def families(seed: int, count: int, edges: int, shared: float) -> NDArray[np.float64]:
    """Return one-sided p-values of families of 50 tests, of which the first ones have an edge."""
    rng = np.random.default_rng(seed)
    score = np.sqrt(shared) * rng.standard_normal((count, 1))
    score = score + np.sqrt(1.0 - shared) * rng.standard_normal((count, 50))
    score[:, :edges] += 3.5
    values: NDArray[np.float64] = stats.norm.sf(score)
    return values


def false_share(found: NDArray[np.bool_], edges: int) -> float:
    """Return the share of false discoveries among those made, 0 where there are none."""
    return float(found[edges:].sum() / max(1, found.sum()))


@pytest.mark.parametrize("shared", [0.0, 0.5])
@pytest.mark.parametrize("method", ADJUSTMENTS)
def test_without_any_edge_a_family_makes_a_discovery_no_more_often_than_the_level(
    method: str, shared: float
) -> None:
    # Null test: with no true edge every discovery is false, so the share is the chance of any.
    rows = families(1, 1_000, 0, shared)
    hits = sum(bool((ADJUSTMENTS[method](row) <= 0.05).any()) for row in rows)
    assert hits <= stats.binom.ppf(0.9995, 1_000, 0.05)
    if method == "fdr_bh" and not shared:
        assert hits >= stats.binom.ppf(0.0005, 1_000, 0.05)  # exact for unrelated tests


@pytest.mark.parametrize("shared", [0.0, 0.5])
def test_among_discoveries_the_share_of_false_ones_is_as_promised(shared: float) -> None:
    # Benjamini and Hochberg (1995), theorem 1: at most 45/50 of 0.05 with five edges; for unrelated
    # tests it is just that. A share has a deviation of about 0.1: four errors of 1,000 are 0.013.
    rows = families(2, 1_000, 5, shared)
    share = np.mean([false_share(benjamini_hochberg(row) <= 0.05, 5) for row in rows])
    assert share <= 0.045 + 0.013
    assert shared or share >= 0.045 - 0.013


def test_planted_edges_are_found() -> None:
    # Power: an edge of 3.5 errors beats the bar of the fourth of 50, 0.05 x 4 / 50 = 0.004 (2.65
    # errors), in Phi(0.85) = 80 % of cases, by hand; Holm's, near 0.05 / 48 (3.08), in 66 %.
    rows = families(3, 400, 5, 0.0)
    found = {
        m: np.mean([(a(row) <= 0.05)[:5].mean() for row in rows]) for m, a in ADJUSTMENTS.items()
    }
    assert found["fdr_bh"] == pytest.approx(0.80, abs=0.05)
    assert found["holm"] == pytest.approx(0.66, abs=0.05)
    assert found["fdr_by"] < found["fdr_bh"]


def test_the_p_value_of_a_ratio_is_the_rest_of_its_probability() -> None:
    shape = Shape(0.1, -1.0, 6.0, 200)
    assert sharpe_p_value(shape) == pytest.approx(1.0 - probabilistic_sharpe(shape), rel=1e-12)


def test_the_p_value_keeps_its_digits_where_the_probability_rounds_to_one() -> None:
    # 0.5 / sqrt(1.125 / 999) = 14.8997 errors; scipy's upper tail there is 1.6e-50, beyond 1 - x.
    shape = Shape(0.5, 0.0, 3.0, 1_000)
    assert sharpe_p_value(shape) == pytest.approx(
        stats.norm.sf(0.5 / np.sqrt(1.125 / 999)), rel=1e-9
    )
    assert 0.0 < sharpe_p_value(shape) < 1e-40


def test_p_values_of_luckless_strategies_are_uniform() -> None:
    # Null test, by Kolmogorov and Smirnov: 2,000 strategies without an edge over 500 sessions.
    rows = np.random.default_rng(4).standard_normal((2_000, 500))
    values = [sharpe_p_value(shape_of(row)) for row in rows]
    assert stats.kstest(values, "uniform").pvalue > 0.001

"""Equal risk: every name adds the same part, as the definition, closed forms and skfolio say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skfolio.optimization import RiskBudgeting
from skfolio.prior import EmpiricalPrior

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix
from fondaco.research.parity import RiskBudget, covariance, equal_risk


def drawn(seed: int, rows: int, names: int) -> Matrix:
    rng = np.random.default_rng(seed)
    shared = rng.normal(0.0, 0.01, (rows, 1)) * rng.uniform(-0.5, 1.5, names)
    return shared + rng.normal(0.0, 0.01, (rows, names)) * rng.uniform(0.3, 3.0, names)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.integers(2, 40), st.floats(0.01, 1.0))
def test_each_name_adds_the_same_part_of_the_risk(seed: int, names: int, shrinkage: float) -> None:
    matrix = covariance(drawn(seed, 25, names), shrinkage)  # often more names than returns
    weights = equal_risk(matrix)
    parts = weights * (matrix @ weights)
    assert (weights > 0.0).all()
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert parts == pytest.approx(np.full(names, parts.mean()), rel=1e-7)


def test_with_one_correlation_for_all_weights_go_with_one_over_volatility() -> None:
    # Maillard, Roncalli and Teiletche (2010), Journal of Portfolio Management 36(4): the case of
    # constant correlation.
    spread = np.array([0.1, 0.2, 0.4])
    matrix = np.outer(spread, spread) * (0.3 + 0.7 * np.eye(3))
    assert equal_risk(matrix) == pytest.approx(np.array([4.0, 2.0, 1.0]) / 7.0, rel=1e-8)


def test_weights_equal_skfolio_s() -> None:
    returns = drawn(3, 300, 6)
    other = RiskBudgeting(prior_estimator=EmpiricalPrior()).fit(returns)
    assert equal_risk(covariance(returns, 0.0)) == pytest.approx(other.weights_, abs=2e-4)


def test_the_covariance_is_numpy_s_with_its_correlations_shrunk() -> None:
    returns = drawn(4, 50, 3)
    plain = np.cov(returns.T)
    assert covariance(returns, 0.0) == pytest.approx(plain, rel=1e-12)
    shrunk = covariance(returns, 0.25)
    assert shrunk[0, 1] == pytest.approx(0.75 * plain[0, 1], rel=1e-12)
    assert np.diag(shrunk) == pytest.approx(np.diag(plain), rel=1e-12)


def test_more_of_a_name_s_risk_makes_its_weight_smaller() -> None:
    matrix = covariance(drawn(5, 100, 4), 0.1)
    wilder = matrix.copy()
    wilder[0, :] *= 2.0
    wilder[:, 0] *= 2.0
    assert equal_risk(wilder)[0] < equal_risk(matrix)[0]


def test_a_name_without_variance_is_refused() -> None:
    with pytest.raises(InvalidInput, match="without variance"):
        equal_risk(np.diag([0.1, 0.0]))


def test_a_search_that_does_not_end_is_refused() -> None:
    matrix = covariance(drawn(6, 100, 10), 0.0)
    with pytest.raises(InvalidInput, match="not reached"):
        equal_risk(matrix, RiskBudget(cycles_max=1))

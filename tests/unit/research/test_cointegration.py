"""Cointegration: equal to arch on seeded data, critical values equal to statsmodels' own table."""

import numpy as np
import pytest
from arch.unitroot.cointegration import engle_granger as arch_engle_granger
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.adfvalues import mackinnoncrit

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix
from fondaco.research.cointegration import critical_value, engle_granger, nearest_pairs


def walks(seed: int, rows: int, pairs: int) -> tuple[Matrix, Matrix]:
    """Return two unrelated random walks for each pair."""
    steps = np.random.default_rng(seed).normal(0.0, 0.01, (2, rows, pairs)).cumsum(axis=1)
    return 4.0 + steps[0], 3.0 + steps[1]


def bound_together(seed: int, rows: int, pairs: int) -> tuple[Matrix, Matrix]:
    """Return walks x and y = 1 + 0.7 x + an AR(1) of coefficient 0.8."""
    rng = np.random.default_rng(seed)
    x = 3.0 + rng.normal(0.0, 0.01, (rows, pairs)).cumsum(axis=0)
    away = np.zeros((rows, pairs))
    for t in range(1, rows):
        away[t] = 0.8 * away[t - 1] + rng.normal(0.0, 0.005, pairs)
    return 1.0 + 0.7 * x + away, x


@pytest.mark.parametrize("lags", [0, 1, 4])
@pytest.mark.parametrize("make", [walks, bound_together])
def test_lines_and_statistics_equal_arch(make: object, lags: int) -> None:
    y, x = make(11, 250, 4)  # type: ignore[operator]
    lines = engle_granger(y, x, lags)
    for pair in range(4):
        other = arch_engle_granger(y[:, pair], x[:, pair], trend="c", lags=lags)
        _, hedge, intercept = (-other.cointegrating_vector.to_numpy()).tolist()
        assert lines.hedge[pair] == pytest.approx(hedge, rel=1e-9)
        assert lines.intercept[pair] == pytest.approx(intercept, rel=1e-9)
        assert lines.statistic[pair] == pytest.approx(other.stat, rel=1e-8)


@pytest.mark.parametrize("observations", [60, 251, 1_259])
def test_critical_values_equal_mackinnon_s_table(observations: int) -> None:
    # statsmodels ships table 2, but for the last coefficient at 1 per cent, where it has -33.527
    # and the paper, page 13, prints -22.527 (statsmodels issue 10271).
    table = mackinnoncrit(N=2, regression="c", nobs=observations)
    table[0] += 11.0 / observations**2
    ours = [critical_value(level, observations) for level in (1, 5, 10)]
    assert ours == pytest.approx(table.tolist(), rel=1e-12)


def test_a_level_without_a_table_is_refused() -> None:
    with pytest.raises(InvalidInput, match="1, 5, 10"):
        critical_value(2, 250)


def test_unrelated_walks_pass_about_as_often_as_the_level_says() -> None:
    # Null test: 1,000 tests at 5 per cent; four standard errors of a share are 0.028.
    lines = engle_granger(*walks(5, 252, 1_000), 1)
    passed = float((lines.statistic < critical_value(5, 251)).mean())
    assert abs(passed - 0.05) < 0.028


def test_prices_that_are_bound_together_nearly_always_pass() -> None:
    lines = engle_granger(*bound_together(6, 252, 200), 1)
    assert (lines.statistic < critical_value(5, 251)).mean() > 0.95
    assert abs(float(np.median(lines.hedge)) - 0.7) < 0.02


def test_what_cannot_be_tested_has_no_statistic() -> None:
    y, x = walks(7, 100, 3)
    y[:, 0] = 2.0 * x[:, 0] + 1.0  # a perfect line: its spread is noise of rounding
    x[:, 1] = 5.0  # no line at all
    found = engle_granger(y, x, 1).statistic
    assert np.isnan(found[:2]).all()
    assert not np.isnan(found[2])


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(InvalidInput, match="too few sessions"):
        engle_granger(*walks(1, 12, 1), 5)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.1, 10.0), st.floats(-5.0, 5.0))
def test_the_statistic_does_not_hang_on_the_units_of_either_price(
    seed: int, scale: float, shift: float
) -> None:
    y, x = walks(seed, 80, 2)
    plain, moved = engle_granger(y, x, 1), engle_granger(y * scale + shift, x * 3.0 - shift, 1)
    assert moved.statistic == pytest.approx(plain.statistic, rel=1e-6)


def test_the_nearest_paths_come_first() -> None:
    # By hand, distances from a common start: a-b 0.02, b-c 0.05, a-c 0.13 in squares of tenths.
    a = np.array([0.0, 0.0, 0.0])
    prices = np.column_stack([a, [9.0, 9.1, 9.1], [5.0, 5.2, 5.3]])
    assert nearest_pairs(prices, 3).tolist() == [[0, 1], [1, 2], [0, 2]]
    assert nearest_pairs(prices, 1).tolist() == [[0, 1]]

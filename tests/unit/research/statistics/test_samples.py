"""Ready statistics: each row as the measures of a single series have it."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import kurtosis, skew

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures.drawdowns import drawdowns
from fondaco.portfolio.measures.ratios import sharpe, vol_annual
from fondaco.portfolio.measures.returns import cagr, wealth
from fondaco.research.statistics.samples import (
    Statistic,
    all_four_of,
    cagr_of,
    drawdown_of,
    sharpe_error_of,
    sharpe_of,
    vol_of,
)

SAMPLES = np.random.default_rng(8).normal(0.001, 0.02, (20, 300))
OF_ONE = {
    sharpe_of: sharpe,
    vol_of: vol_annual,
    cagr_of: cagr,
    drawdown_of: lambda row: float(drawdowns(wealth(row)).min()),
}


@pytest.mark.parametrize(("ours", "one"), OF_ONE.items(), ids=lambda f: f.__name__)
def test_each_row_equals_the_measure_of_one_series(
    ours: Statistic, one: Callable[[object], float]
) -> None:
    assert ours(SAMPLES) == pytest.approx(np.array([one(row) for row in SAMPLES]), rel=1e-10)


def test_all_four_in_one_pass_equal_each_alone() -> None:
    alone = np.column_stack([f(SAMPLES) for f in (sharpe_of, cagr_of, vol_of, drawdown_of)])
    assert (all_four_of(SAMPLES) == alone).all()


def test_other_years_have_other_lengths() -> None:
    # Sharpe and volatility scale with the square root of the year's length.
    assert sharpe_of(SAMPLES, periods=63) == pytest.approx(sharpe_of(SAMPLES) / 2)
    assert vol_of(SAMPLES, periods=63) == pytest.approx(vol_of(SAMPLES) / 2)
    assert all_four_of(SAMPLES, periods=63)[:, 1] == pytest.approx(cagr_of(SAMPLES, periods=63))


def test_no_wealth_is_too_large_or_too_small_to_compound() -> None:
    double, halve = np.full((1, 3_000), 1.0), np.full((1, 3_000), -0.5)
    # 2^3000 and 2^-3000 are beyond floats; a row a year, so the growth is +100 % and -50 %.
    assert cagr_of(double, periods=1) == pytest.approx([1.0])
    assert cagr_of(halve, periods=1) == pytest.approx([-0.5])
    assert drawdown_of(halve) == pytest.approx([-1.0])
    assert drawdown_of(np.concatenate([double, [[-0.25]]], axis=1)) == pytest.approx([-0.25])


def test_who_loses_all_has_lost_all() -> None:
    ruined = np.array([[0.1, -1.0, 0.5]])
    assert cagr_of(ruined).tolist() == [-1.0]
    assert drawdown_of(ruined).tolist() == [-1.0]


@pytest.mark.parametrize("statistic", [cagr_of, drawdown_of, all_four_of])
def test_more_than_all_cannot_be_lost(statistic: Statistic) -> None:
    with pytest.raises(InvalidInput, match=r"-1\.5.*Measure returns"):
        statistic(np.array([[0.1, -1.5]]))


def test_a_row_that_does_not_move_has_no_ratio() -> None:
    found = sharpe_of(np.array([[0.01] * 7, [0.0] * 7, [0.01, 0.02, 0.0, 0.0, 0.0, 0.0, 0.0]]))
    assert np.isnan(found).tolist() == [True, True, False]


def test_the_error_of_single_rows_is_mertens_s() -> None:
    row = np.random.default_rng(2).gamma(2.0, 0.01, 400) - 0.018
    s = row.mean() / row.std()
    # Mertens (2002), eq. 3: 1 + S^2 / 2 - S x skewness + S^2 (kurtosis - 3) / 4, over n.
    variance = (1 + s**2 / 2 - s * skew(row) + s**2 * kurtosis(row) / 4) / 400
    assert sharpe_error_of(row[None, :])[0] == pytest.approx(np.sqrt(252 * variance), rel=1e-10)


def test_the_error_of_runs_grows_with_what_follows_itself() -> None:
    rng = np.random.default_rng(6)
    alike = np.repeat(rng.normal(0.0, 0.01, (1, 100)), 4, axis=1)
    # Each return four times over: a quarter of the information, twice the error.
    both = sharpe_error_of(alike, block=1)[0], sharpe_error_of(alike, block=4)[0]
    assert both[1] == pytest.approx(2 * both[0], rel=1e-9)


@pytest.mark.parametrize("block", [0, 151])
def test_a_run_must_fit_twice(block: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 150"):
        sharpe_error_of(SAMPLES, block=block)


def test_one_return_is_not_enough() -> None:
    with pytest.raises(InvalidInput, match="two returns"):
        sharpe_of(np.array([[0.1]]))

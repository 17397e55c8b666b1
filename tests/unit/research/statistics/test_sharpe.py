"""The error of a Sharpe ratio: equal to the papers' numbers, true to its level, able to see."""

import doctest
import importlib
from dataclasses import replace
from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from fondaco.core.errors import InvalidInput
from fondaco.research.statistics.sharpe import (
    Shape,
    minimum_track_record,
    probabilistic_sharpe,
    shape_of,
    sharpe_error,
)

Column = NDArray[np.float64]


def hits_within(hits: int, runs: int, share: float) -> bool:
    """Say whether so many hits are believable: inside the central 99.9 per cent of a binomial."""
    return bool(
        stats.binom.ppf(0.0005, runs, share) <= hits <= stats.binom.ppf(0.9995, runs, share)
    )


def passes(rows: Column, lags: int = 0) -> int:
    """Return in how many rows the probability of an edge reaches 0.95."""
    return sum(probabilistic_sharpe(shape_of(row, lags=lags)) >= 0.95 for row in rows)


def autoregressive(rng: np.random.Generator, rows: int, sessions: int, pull: float) -> Column:
    """Return series without a mean whose returns carry a share of the one before."""
    noise = rng.standard_normal((rows, sessions + 50))
    for t in range(1, noise.shape[1]):
        noise[:, t] += pull * noise[:, t - 1]
    return noise[:, 50:]


def test_moments_equal_scipy_s() -> None:
    returns = np.random.default_rng(3).gamma(2.0, 0.01, 400) - 0.019
    shape = shape_of(returns)
    assert shape.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1), rel=1e-12)
    assert shape.skewness == pytest.approx(stats.skew(returns), rel=1e-12)
    assert shape.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False), rel=1e-12)
    assert shape.sessions == 400


@pytest.mark.parametrize(
    ("ratio", "observations", "error"),
    # Lo (2002), table 1: standard errors for independent normal returns, sqrt((1 + s^2 / 2) / T).
    [(0.5, 60, 0.137), (1.0, 36, 0.204), (1.5, 60, 0.188), (3.0, 60, 0.303), (3.0, 500, 0.105)],
)
def test_errors_of_normal_returns_equal_lo_s_table(
    ratio: float, observations: int, error: float
) -> None:
    # Lo divides by T, Mertens by T - 1: one session more gives the same divisor.
    shape = Shape(ratio, 0.0, 3.0, observations + 1)
    assert sharpe_error(shape) == pytest.approx(error, abs=0.0005)


def test_the_error_of_skewed_returns_is_worked_by_hand() -> None:
    # 1 - (-2)(0.2) + (11 - 1)/4 (0.04) = 1 + 0.4 + 0.1 = 1.5, over 149: sqrt(0.0100671) = 0.100335.
    shape = Shape(0.2, -2.0, 11.0, 150)
    assert sharpe_error(shape) == pytest.approx(0.100335, abs=5e-7)
    # At 0 only 1 / 149 is left.
    assert sharpe_error(shape, at=0.0) == pytest.approx(0.081923, abs=5e-7)


def test_the_error_is_the_spread_that_simulated_ratios_have() -> None:
    # Exponential returns less 0.9: mean 0.1, deviation 1, skewness 2, kurtosis 9, so that the true
    # error at 250 sessions is sqrt((1 - 0.2 + 0.02) / 249) = 0.0574; 4,000 series know it to 3 %.
    series = np.random.default_rng(8).exponential(size=(4_000, 250)) - 0.9
    spread = np.std([shape_of(row).sharpe for row in series])
    assert sharpe_error(Shape(0.1, 2.0, 9.0, 250)) == pytest.approx(spread, rel=0.05)


@pytest.mark.parametrize(
    ("periods", "skewness", "kurtosis", "years"),
    # Bailey and Lopez de Prado (2012), section on the minimum track record: an annual ratio of 2
    # against 1 at 95 per cent needs 2.73 years of daily normal returns, 2.83 weekly, 3.24 monthly,
    # and 4.99 with the monthly moments of hedge funds (skewness -0.72, kurtosis 5.78).
    [(252, 0.0, 3.0, 2.73), (52, 0.0, 3.0, 2.83), (12, 0.0, 3.0, 3.24), (12, -0.72, 5.78, 4.99)],
)
def test_the_minimum_track_record_equals_the_paper_s(
    periods: int, skewness: float, kurtosis: float, years: float
) -> None:
    shape = Shape(2.0 / sqrt(periods), skewness, kurtosis, 60)
    needed = minimum_track_record(shape, benchmark=1.0 / sqrt(periods)) / periods
    assert needed == pytest.approx(years, abs=0.005)


def test_a_ratio_that_is_not_above_the_benchmark_is_never_sure() -> None:
    assert minimum_track_record(Shape(0.05, 0.0, 3.0, 500), benchmark=0.05) == inf
    assert minimum_track_record(Shape(-0.05, 0.0, 3.0, 500)) == inf


@given(st.floats(0.01, 0.5), st.floats(-2.0, 2.0), st.floats(0.51, 0.999))
def test_a_record_of_the_least_length_is_just_sure_enough(
    ratio: float, skewness: float, confidence: float
) -> None:
    # The length solves the probability for n: at that length, the probability is the level.
    shape = Shape(ratio, skewness, skewness**2 + 3.0, 100)
    needed = minimum_track_record(shape, confidence=confidence)
    reached = stats.norm.cdf(ratio / (sharpe_error(shape) * sqrt(99.0 / (needed - 1.0))))
    assert reached == pytest.approx(confidence, rel=1e-9)


def test_the_probability_equals_the_normal_law_s() -> None:
    # 0.08 / sqrt(1.005 / 252) = 0.08 / 0.0631514 = 1.266797; scipy's normal law gives the rest.
    shape = Shape(0.1, 0.0, 3.0, 253)
    assert probabilistic_sharpe(shape, 0.02) == pytest.approx(stats.norm.cdf(1.266797), abs=1e-6)


def test_luckless_normal_returns_pass_as_often_as_the_level_says() -> None:
    rows = np.random.default_rng(1).standard_normal((4_000, 250))
    assert hits_within(passes(rows), 4_000, 0.05)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_luckless_skewed_returns_pass_about_as_often_as_the_level_says(sign: float) -> None:
    # Skewness 2 and kurtosis 9 leave a term of order 1 / sqrt(n): at 250 sessions the level is kept
    # to within a fifth of it, hence 0.04 to 0.06 beside the chance of 4,000 runs.
    rows = sign * (np.random.default_rng(2).exponential(size=(4_000, 250)) - 1.0)
    hits = passes(rows)
    assert stats.binom.ppf(0.0005, 4_000, 0.04) <= hits <= stats.binom.ppf(0.9995, 4_000, 0.06)


def test_autocorrelated_returns_pass_too_often_until_lags_are_counted() -> None:
    # By hand: with a pull of 0.3 the mean has a variance of 1.3 / 0.7 = 1.86 times that of
    # unrelated returns, so that 1.645 errors are 1.207 of the true ones: a level of 11.4 per cent.
    rows = autoregressive(np.random.default_rng(4), 2_000, 500, 0.3)
    assert hits_within(passes(rows), 2_000, 0.114)
    assert passes(rows, lags=10) <= stats.binom.ppf(0.9995, 2_000, 0.065)


def test_returns_that_revert_buy_no_certainty() -> None:
    row = autoregressive(np.random.default_rng(5), 1, 500, -0.5)[0]
    assert shape_of(row, lags=5).sessions == 500


def test_the_number_of_unrelated_sessions_is_worked_by_hand() -> None:
    # Runs of four, up and down, ten of them: variance 1, products one apart 10 x 3 - 9 = 21, so
    # rho_1 = 21 / 40 = 0.525; one lag weighs 1/2: 40 / (1 + 2 (0.5)(0.525)) = 40 / 1.525 = 26.2.
    runs = ([1.0] * 4 + [-1.0] * 4) * 5
    assert shape_of(runs, lags=1).sessions == 26
    # Products 3 and 0 of six: 6 / (1 + 2 (2/3)(3/6)) = 6 / 1.667 = 3.6.
    assert shape_of([1.0, 1.0, 1.0, -1.0, -1.0, -1.0], lags=2).sessions == 3


def test_a_planted_edge_is_found() -> None:
    # An annual ratio of 1.5 over 5 years is 3.35 errors of 0 away: found in Phi(3.35 - 1.645) =
    # 95.6 runs of 100, by hand.
    rows = np.random.default_rng(6).normal(1.5 / sqrt(252), 1.0, (1_000, 1_260))
    assert hits_within(passes(rows), 1_000, 0.956)


@settings(max_examples=40)
@given(st.floats(0.1, 50.0), st.integers(0, 1_000))
def test_the_shape_does_not_hang_on_leverage(leverage: float, seed: int) -> None:
    returns = np.random.default_rng(seed).normal(0.001, 0.01, 60)
    plain, geared = shape_of(returns), shape_of(leverage * returns)
    assert geared.sharpe == pytest.approx(plain.sharpe, rel=1e-9)
    assert geared.kurtosis == pytest.approx(plain.kurtosis, rel=1e-9)


def test_every_part_of_the_shape_moves_the_probability() -> None:
    shape = Shape(0.05, -0.5, 6.0, 500)
    at = probabilistic_sharpe(shape)
    assert probabilistic_sharpe(replace(shape, sharpe=0.06)) > at
    assert probabilistic_sharpe(replace(shape, sessions=600)) > at
    assert probabilistic_sharpe(replace(shape, skewness=-1.0)) < at
    assert probabilistic_sharpe(replace(shape, kurtosis=9.0)) < at
    assert probabilistic_sharpe(shape, benchmark=0.01) < at


def test_two_values_without_an_error_are_at_the_limit() -> None:
    # Skewness s with kurtosis s^2 + 1 is a two-valued law: 1 - 2 + 1 = 0 at a ratio of 2 / s.
    certain = Shape(1.0, 2.0, 5.0, 100)
    assert sharpe_error(certain) == 0.0
    assert [probabilistic_sharpe(certain, b) for b in (0.5, 1.0, 1.5)] == [1.0, 0.5, 0.0]


@pytest.mark.parametrize(
    ("returns", "words"),
    [
        ([0.01, 0.02], "one series"),
        ([[0.01, 0.02, 0.03]], "one series"),
        ([0.01, float("nan"), 0.02], "nan at 1"),
        ([0.01, 0.02, float("inf")], "inf at 2"),
        ([0.0] * 10, "do not vary"),
        ([0.1] * 1_000, "do not vary"),
    ],
)
def test_what_has_no_ratio_is_refused(returns: object, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        shape_of(returns)  # type: ignore[arg-type]


@pytest.mark.parametrize("lags", [-1, 9, 300])
def test_lags_beyond_the_series_are_refused(lags: int) -> None:
    with pytest.raises(InvalidInput, match="lags"):
        shape_of([0.01, -0.02] * 5, lags=lags)


def test_moments_that_no_returns_have_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not the excess"):
        Shape(0.1, 0.0, 0.0, 100)
    with pytest.raises(InvalidInput, match="kurtosis"):
        Shape(0.1, 0.0, float("nan"), 100)
    with pytest.raises(InvalidInput, match="too few"):
        Shape(0.1, 0.0, 3.0, 2)


def test_questions_without_an_answer_are_refused() -> None:
    shape = Shape(0.1, 0.0, 3.0, 100)
    with pytest.raises(InvalidInput, match="benchmark"):
        probabilistic_sharpe(shape, float("nan"))
    with pytest.raises(InvalidInput, match="ratio"):
        sharpe_error(shape, at=inf)
    for confidence in (0.5, 1.0, float("nan")):
        with pytest.raises(InvalidInput, match="confidence"):
            minimum_track_record(shape, confidence=confidence)


@pytest.mark.parametrize("name", ["sharpe", "deflated", "effective", "overfit", "multiple"])
def test_the_examples_of_the_modules_are_true(name: str) -> None:
    found = doctest.testmod(importlib.import_module(f"fondaco.research.statistics.{name}"))
    assert found.attempted > 0
    assert found.failed == 0

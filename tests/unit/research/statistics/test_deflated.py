"""The price of trials: the papers' own examples, and the best of many luckless ones held at bay."""

from math import inf, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import integrate, stats

from fondaco.core.errors import InvalidInput
from fondaco.research.statistics.deflated import (
    TRIALS_MAX,
    deflated_sharpe,
    expected_maximum,
    minimum_backtest_years,
)
from fondaco.research.statistics.sharpe import Shape, probabilistic_sharpe, shape_of

PAPER = Shape(sharpe=2.5 / sqrt(250), skewness=-3.0, kurtosis=10.0, sessions=1250)
"""Bailey and Lopez de Prado (2014), section "A numerical example": an annual ratio of 2.5 over five
years of 250 days, whose trials' annual ratios have a variance of 1/2."""
PAPER_DEVIATION = sqrt(0.5 / 250)

Matrix = NDArray[np.float64]


def best(returns: Matrix) -> Shape:
    """Return the shape of the row with the highest ratio."""
    return shape_of(returns[(returns.mean(axis=1) / returns.std(axis=1)).argmax()])


def exact_maximum(trials: int) -> float:
    """Return the mean of the maximum of independent normals by integrating its density."""

    def part(x: float) -> float:
        return float(x * trials * stats.norm.pdf(x) * np.exp((trials - 1) * stats.norm.logcdf(x)))

    return float(integrate.quad(part, -9.0, 12.0, limit=200)[0])


def test_ten_trials_are_expected_to_show_1_57() -> None:
    # Bailey et al. (2014), Notices of the AMS 61(5): "a strategy with a Sharpe ratio IS of 1.57".
    assert expected_maximum(10) == pytest.approx(1.57, abs=0.005)


@pytest.mark.parametrize("trials", [2, 3, 5, 10, 45, 100, 1_000])
def test_the_expected_maximum_is_near_the_exact_one(trials: int) -> None:
    # scipy integrates the density of the maximum; the formula is a limit, worst at two trials.
    near = 0.08 if trials == 2 else 0.026
    assert expected_maximum(trials) == pytest.approx(exact_maximum(trials), rel=near)


def test_the_expected_maximum_of_100_is_worked_by_hand() -> None:
    # Normal tables: z(0.99) = 2.32635, z(1 - 0.01 / e) = z(0.9963212) = 2.68015;
    # 0.4227843 x 2.32635 + 0.5772157 x 2.68015 = 0.98355 + 1.54703 = 2.53058.
    assert expected_maximum(100) == pytest.approx(2.53058, abs=5e-5)


@given(st.floats(1.0, 1e6), st.floats(1e-3, 10.0))
def test_more_trials_always_show_more(trials: float, more: float) -> None:
    assert expected_maximum(trials + more) > expected_maximum(trials)


def test_the_expected_maximum_has_no_step() -> None:
    # The slope is about 0.5 between 1 and 3 trials: 0.001 more trials show at most 0.0006 more.
    steps = np.diff([expected_maximum(n) for n in np.linspace(0.9, 3.0, 2_101)])
    assert steps.max() < 0.0006
    assert steps.min() >= 0.0
    assert [expected_maximum(n) for n in (1.0, 0.5, 0.0)] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("trials", [nan, inf, TRIALS_MAX * 2.0])
def test_a_number_of_trials_that_nobody_can_make_is_refused(trials: float) -> None:
    with pytest.raises(InvalidInput, match="number of trials"):
        expected_maximum(trials)


def test_five_years_allow_45_trials_and_two_years_7() -> None:
    # Bailey et al. (2014): for an annual ratio of 1 that is not there, "no more than
    # forty-five" in five years, seven in two. (Seven need 1.92 by the formula: "two" is rounded.)
    assert minimum_backtest_years(45) <= 5.0 < minimum_backtest_years(46)
    assert minimum_backtest_years(7) == pytest.approx(2.0, abs=0.1)


def test_a_higher_ratio_needs_a_shorter_backtest() -> None:
    # By hand: twice the ratio, a quarter of the years.
    assert minimum_backtest_years(45, 2.0) == pytest.approx(minimum_backtest_years(45) / 4.0)
    for ratio in (0.0, -1.0, nan, inf):
        with pytest.raises(InvalidInput, match="annual Sharpe"):
            minimum_backtest_years(45, ratio)


@pytest.mark.parametrize(
    ("trials", "hurdle", "probability"),
    # The paper prints 0.1132 and 0.9004 for 100 trials, and 0.9505 for 46. The hurdle for 46:
    # z(1 - 1/46) = 2.0198, z(1 - 1/(46 e)) = 2.4085, maximum 2.2441, times 0.0447214 = 0.10036.
    [(100, 0.1132, 0.9004), (46, 0.10036, 0.9505)],
)
def test_the_paper_s_example_is_reproduced(trials: int, hurdle: float, probability: float) -> None:
    found = deflated_sharpe(PAPER, trials, PAPER_DEVIATION)
    assert found.hurdle == pytest.approx(hurdle, abs=5e-5)
    assert found.probability == pytest.approx(probability, abs=5e-5)
    assert (found.trials, found.deviation) == (trials, PAPER_DEVIATION)


def test_one_trial_pays_nothing() -> None:
    found = deflated_sharpe(PAPER, 1)
    assert (found.hurdle, found.probability) == (0.0, probabilistic_sharpe(PAPER))


def test_without_a_deviation_the_hurdle_is_that_of_luck_alone() -> None:
    # By hand: 1 / sqrt(1249) = 0.0282956, times 2.53060 = 0.0716049.
    assert deflated_sharpe(PAPER, 100).hurdle == pytest.approx(0.0716049, abs=5e-7)


def test_every_input_moves_the_probability() -> None:
    at = deflated_sharpe(PAPER, 100, PAPER_DEVIATION).probability
    assert deflated_sharpe(PAPER, 100.5, PAPER_DEVIATION).probability < at
    assert deflated_sharpe(PAPER, 100, 1.01 * PAPER_DEVIATION).probability < at
    assert deflated_sharpe(Shape(0.159, -3.0, 10.0, 1250), 100, PAPER_DEVIATION).probability > at


def test_a_spread_below_that_of_luck_is_raised_to_it() -> None:
    assert deflated_sharpe(PAPER, 100, 0.001) == deflated_sharpe(PAPER, 100)
    assert deflated_sharpe(PAPER, 100, 0.0) == deflated_sharpe(PAPER, 100)


def test_trials_and_spreads_that_cannot_be_are_refused() -> None:
    for trials in (0.0, 0.99, -3.0, nan):
        with pytest.raises(InvalidInput, match="is a trial itself"):
            deflated_sharpe(PAPER, trials)
    for deviation in (-0.1, nan, inf):
        with pytest.raises(InvalidInput, match="deviation"):
            deflated_sharpe(PAPER, 10, deviation)


@pytest.mark.parametrize("law", ["normal", "fat", "crashes"])
def test_the_best_of_many_luckless_trials_rarely_passes(law: str) -> None:
    # Null test, 300 families of 50 unrelated trials over 250 sessions. The level is a bound: the
    # best of 50 normals has a deviation of 0.46, so that the maximum plus 1.645 is far out.
    rng = np.random.default_rng(11)
    draw = {
        "normal": lambda: rng.standard_normal((50, 250)),
        "fat": lambda: rng.standard_t(4, (50, 250)),
        "crashes": lambda: 1.0 - rng.exponential(size=(50, 250)),
    }[law]
    hits = sum(deflated_sharpe(best(draw()), 50).probability >= 0.95 for _ in range(300))
    assert hits <= stats.binom.ppf(0.9995, 300, 0.05)


def test_uncounted_trials_would_pass_most_of_the_time() -> None:
    # Why trials are paid for: 1 - 0.95^50 = 92.3 % of best-of-50 pass the undeflated bar, by hand.
    rng = np.random.default_rng(12)
    hits = sum(
        probabilistic_sharpe(best(rng.standard_normal((50, 250)))) >= 0.95 for _ in range(300)
    )
    low, high = stats.binom.ppf([0.0005, 0.9995], 300, 0.923)
    assert low <= hits <= high


def test_a_planted_edge_among_noise_is_found() -> None:
    # Power, 200 families: an annual ratio of 1.5 over 15 years is 5.81 errors from 0. Of 100 trials
    # luck shows 2.53, the bar is 1.645 further: Phi(5.81 - 4.18) = 94.9 % of runs pass, by hand.
    rng = np.random.default_rng(13)
    planted = rng.normal(1.5 / sqrt(252), 1.0, (200, 3_780))
    hits = sum(deflated_sharpe(shape_of(row), 100).probability >= 0.95 for row in planted)
    low, high = stats.binom.ppf([0.0005, 0.9995], 200, 0.949)
    assert low <= hits <= high

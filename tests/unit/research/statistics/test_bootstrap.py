"""Bootstrap intervals: ends equal to arch's, truth covered as often as they say, edges found."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from arch.bootstrap import IIDBootstrap

from fondaco.core.errors import InvalidInput
from fondaco.research.statistics.bootstrap import (
    Interval,
    Method,
    bootstrap_interval,
    studentised_interval,
)
from fondaco.research.statistics.samples import (
    Samples,
    drawdown_of,
    sharpe_error_of,
    sharpe_of,
)
from unit.research.statistics.chance import Column, by_chance, remembering

METHODS: tuple[Method, ...] = ("percentile", "basic", "bca")
SKEWED = np.random.default_rng(2).gamma(1.0, 1.0, 150)
RUNS = 250
Make = Callable[[Column, np.random.Generator], Interval]


def mean_of(samples: Samples) -> Column:
    return samples.mean(axis=1)


def deviation_of(samples: Samples) -> Column:
    return samples.std(axis=1)


def mean_error_of(samples: Samples) -> Column:
    return samples.std(axis=1) / np.sqrt(samples.shape[1])


def by(method: Method) -> Make:
    """Return the maker of a Sharpe ratio's interval, small enough for hundreds of runs."""

    def make(series: Column, rng: np.random.Generator) -> Interval:
        return bootstrap_interval(series, sharpe_of, rng=rng, draws=400, method=method)

    return make


def by_error(series: Column, rng: np.random.Generator) -> Interval:
    error = partial(sharpe_error_of, block=5)
    return studentised_interval(series, sharpe_of, error, rng=rng, draws=400)


def misses(make: Make, memory: float, sharpe_annual: float, n: int = 500) -> int:
    """Return how many of `RUNS` intervals do not hold the true Sharpe ratio."""
    rng = np.random.default_rng(17)
    mean = 0.01 * sharpe_annual / np.sqrt(252)
    found = [make(remembering(rng, n, memory, mean, 0.01), rng) for _ in range(RUNS)]
    return sum(not one.low <= sharpe_annual <= one.high for one in found)


@pytest.mark.parametrize("method", METHODS)
def test_the_ends_of_single_row_draws_equal_arch_s(method: Method) -> None:
    rng = np.random.default_rng(5)
    ours = bootstrap_interval(SKEWED, mean_of, rng=rng, draws=20_000, mean_block=1.0, method=method)
    theirs = IIDBootstrap(SKEWED, seed=6).conf_int(np.mean, 20_000, method=method).ravel()
    # An end is an outer quantile of 20,000 draws: its error is about 0.02 deviations of a draw,
    # and 0.1 is beyond 4 errors of the difference, while the methods differ by 0.2 and more.
    assert [ours.low, ours.high] == pytest.approx(theirs.tolist(), abs=0.1 * ours.error)


def test_bca_mends_a_bias_as_arch_does() -> None:
    few = SKEWED[:40]  # of few, the deviation of a draw is mostly below that of the sample
    rng = np.random.default_rng(5)
    ours, plain = (
        bootstrap_interval(few, deviation_of, rng=rng, draws=20_000, mean_block=1.0, method=method)
        for method in (METHODS[2], METHODS[0])
    )
    theirs = IIDBootstrap(few, seed=6).conf_int(np.std, 20_000, method="bca").ravel()
    assert [ours.low, ours.high] == pytest.approx(theirs.tolist(), abs=0.1 * ours.error)
    assert ours.high > plain.high + 0.3 * ours.error


def test_the_ends_in_standard_errors_equal_arch_s() -> None:
    ours = studentised_interval(
        SKEWED, mean_of, mean_error_of, rng=np.random.default_rng(5), draws=20_000, mean_block=1.0
    )

    def std_err(_: object, values: Column) -> Column:
        return np.array([values.std() / np.sqrt(len(values))])

    theirs = IIDBootstrap(SKEWED, seed=6).conf_int(
        np.mean, 20_000, method="studentized", std_err_func=std_err
    )
    assert [ours.low, ours.high] == pytest.approx(theirs.ravel().tolist(), abs=0.1 * ours.error)


def test_methods_differ_as_their_skewness_asks() -> None:
    # The mean of a right-skewed sample: BCa and bootstrap t move up, basic moves down.
    rng = np.random.default_rng(5)
    low, basic, bca = (
        bootstrap_interval(SKEWED, mean_of, rng=rng, mean_block=1.0, method=method).low
        for method in METHODS
    )
    careful = studentised_interval(SKEWED, mean_of, mean_error_of, rng=rng, mean_block=1.0)
    assert basic < low < bca
    assert careful.high - careful.estimate > careful.estimate - careful.low


@pytest.mark.parametrize("make", [*map(by, METHODS), by_error], ids=[*METHODS, "studentised"])
@pytest.mark.parametrize("memory", [0.0, 0.2])
def test_the_true_sharpe_ratio_is_missed_as_often_as_the_level_says(
    make: Make, memory: float
) -> None:
    assert by_chance(misses(make, memory, 1.0), RUNS, 0.05)


def test_single_rows_miss_far_too_often_where_returns_remember() -> None:
    def single(series: Column, rng: np.random.Generator) -> Interval:
        return bootstrap_interval(series, sharpe_of, rng=rng, draws=400, mean_block=1.0)

    # The true error is sqrt(1.4 / 0.6) = 1.53 times theirs: 1.96 / 1.53 leaves 20 % outside.
    assert by_chance(misses(single, 0.4, 0.0), RUNS, 0.2)


@pytest.mark.parametrize("make", [by("percentile"), by_error], ids=["percentile", "studentised"])
def test_a_planted_edge_is_told_from_nothing(make: Make) -> None:
    rng = np.random.default_rng(23)
    mean = 0.01 * 2.0 / np.sqrt(252)
    found = [make(remembering(rng, 1_260, 0.0, mean, 0.01), rng) for _ in range(60)]
    # Sharpe 2 over 5 years is 2 x sqrt(5) = 4.5 errors from 0: 99 % lie beyond 1.96.
    assert sum(one.low > 0.0 for one in found) >= 57


def test_a_wider_level_and_a_noisier_series_widen_the_interval() -> None:
    def width(values: Column, level: float) -> float:
        rng = np.random.default_rng(1)
        found = bootstrap_interval(values, mean_of, rng=rng, level=level, mean_block=1.0)
        return found.high - found.low

    assert width(SKEWED, 0.99) > 1.2 * width(SKEWED, 0.9)
    assert width(2 * SKEWED, 0.9) == pytest.approx(2 * width(SKEWED, 0.9))


def test_an_interval_says_how_it_was_made() -> None:
    found = bootstrap_interval(SKEWED, mean_of, rng=np.random.default_rng(1), mean_block=3.0)
    assert (found.level, found.draws, found.mean_block) == (0.95, 2_000, 3.0)
    assert (found.method, found.estimate) == ("percentile", SKEWED.mean())
    again = bootstrap_interval(SKEWED, mean_of, rng=np.random.default_rng(1), mean_block=3.0)
    assert found == again


def test_bca_refuses_an_estimate_outside_of_its_draws() -> None:
    def highest_row(samples: Samples) -> Column:  # of the original alone: no draw is so ordered
        return (np.diff(samples, axis=1) > 0).all(axis=1).astype(float)

    with pytest.raises(InvalidInput, match="Take the percentile method"):
        bootstrap_interval(
            np.arange(50.0), highest_row, rng=np.random.default_rng(1), mean_block=1, method="bca"
        )


def test_bca_refuses_blocks_that_leave_nothing() -> None:
    with pytest.raises(InvalidInput, match="two blocks must fit"):
        bootstrap_interval(
            SKEWED, mean_of, rng=np.random.default_rng(1), mean_block=100.0, method="bca"
        )


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"level": 1.0}, "a level is a share"),
        ({"level": 0.99, "draws": 999}, "1000 to 100000"),
        ({"method": "studentised"}, "studentised_interval"),
        ({"mean_block": 151.0}, "1 to 150"),
    ],
)
def test_what_cannot_be_asked_is_refused(settings: dict[str, object], match: str) -> None:
    with pytest.raises(InvalidInput, match=match):
        bootstrap_interval(SKEWED, mean_of, rng=np.random.default_rng(1), **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_values_that_are_not_finite_are_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match="finite"):
        bootstrap_interval(np.append(SKEWED, value), mean_of, rng=np.random.default_rng(1))


def test_a_series_that_hardly_moves_is_refused_and_not_guessed_at() -> None:
    once = np.append(np.zeros(60), 0.01)
    with pytest.raises(InvalidInput, match="give a longer one"):
        bootstrap_interval(once, sharpe_of, rng=np.random.default_rng(1))
    with pytest.raises(InvalidInput, match="standard error must be above zero"):
        studentised_interval(once, mean_of, mean_error_of, rng=np.random.default_rng(1))


def test_a_fall_has_an_interval_too() -> None:
    returns = np.random.default_rng(9).normal(0.0, 0.01, 500)
    found = bootstrap_interval(returns, drawdown_of, rng=np.random.default_rng(1))
    assert -1.0 < found.low < found.high < 0.0

"""What was earned, by hand; stability against scipy's regression."""

from math import inf, isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import linregress

from fondaco.portfolio.measures import returns as metrics

R = np.array([0.02, -0.01, 0.03, 0.0, -0.02])


def _curve(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def test_total_return_and_growth_by_hand() -> None:
    assert metrics.total_return(_curve(0.10, -0.05)) == pytest.approx(0.045)  # 1.10 x 0.95
    # A tenth in half a year: 1.1^2 = 1.21.
    assert metrics.cagr(np.array([0.1] + [0.0] * 125)) == pytest.approx(0.21)
    assert metrics.cagr(_curve(0.1, 0.1), periods=1) == pytest.approx(0.1)
    assert metrics.cagr(_curve(-1.0, 0.5)) == -1.0


def test_the_hit_rate_leaves_out_what_did_not_move() -> None:
    assert metrics.hit_rate(_curve(0.1, 0.0, -0.1, 0.2)) == pytest.approx(2 / 3)


def test_growth_beyond_any_year_is_infinite_and_warns_of_nothing() -> None:
    assert metrics.cagr(_curve(1e300)) == inf


def test_the_arithmetic_mean_a_year_by_hand() -> None:
    assert metrics.mean_annual(_curve(0.01, -0.005, np.nan)) == pytest.approx(0.0025 * 252)
    assert metrics.mean_annual(_curve(0.01), periods=12) == pytest.approx(0.12)


def test_calendar_periods_by_hand() -> None:
    days = np.array(["2018-12-31", "2019-01-02", "2019-04-01", "2019-04-02"], dtype="datetime64[D]")
    earned = _curve(0.1, 0.2, -0.5, 1.0)
    starts, quarters = metrics.compounded(earned, days, "quarter")
    assert starts.astype(str).tolist() == ["2018-10-01", "2019-01-01", "2019-04-01"]
    assert quarters == pytest.approx([0.1, 0.2, 0.0])
    _, years = metrics.compounded(earned, days, "year")
    assert years == pytest.approx([0.1, 0.2])
    weeks, found = metrics.compounded(earned, days, "week")
    assert weeks.astype(str).tolist() == ["2018-12-31", "2019-04-01"]  # both are Mondays
    assert found == pytest.approx([0.32, 0.0])


def test_best_worst_and_gaining_shares_by_hand() -> None:
    earned = _curve(0.1, 0.0, -0.2, np.nan, 0.05)
    assert (metrics.best(earned), metrics.worst(earned)) == (0.1, -0.2)
    assert metrics.positive_share(earned) == 0.5
    assert metrics.gain_to_pain(earned) == pytest.approx(-0.05 / 0.2)
    assert metrics.gain_to_pain(_curve(0.1)) == inf


def test_stability_is_the_r_squared_of_scipy() -> None:
    drawn = np.random.default_rng(4).normal(0.001, 0.01, 300)
    path = np.cumsum(np.log1p(drawn))
    wanted = linregress(np.arange(300), path).rvalue ** 2
    assert metrics.stability(drawn) == pytest.approx(wanted, rel=1e-9)
    assert metrics.stability(_curve(0.01, 0.01, 0.01)) == pytest.approx(1.0)
    gapped = np.insert(drawn, [5, 80, 80], np.nan)  # left out of the path, as in empyrical
    assert metrics.stability(gapped) == pytest.approx(wanted, rel=1e-9)


def test_nothing_earned_has_no_measure() -> None:
    empty = _curve()
    for measure in (
        metrics.cagr,
        metrics.mean_annual,
        metrics.best,
        metrics.worst,
        metrics.positive_share,
        metrics.hit_rate,
        metrics.gain_to_pain,
        metrics.stability,
    ):
        assert isnan(measure(empty))
        assert measure is metrics.cagr or isnan(measure(_curve(np.nan)))
    assert metrics.total_return(empty) == 0.0
    assert metrics.cumulative(empty).tolist() == []
    assert metrics.wealth(empty).tolist() == [1.0]
    assert metrics.compounded(empty, np.empty(0, dtype="datetime64[D]"), "month")[1].tolist() == []
    assert isnan(metrics.stability(_curve(0.1, -1.0)))
    assert isnan(metrics.hit_rate(_curve(0.0)))


earned_lists = st.lists(st.floats(-0.5, 1.0), min_size=1, max_size=60)


@given(earned_lists, st.sampled_from(["week", "month", "quarter", "year"]))
def test_calendar_periods_compound_to_the_total(values: list[float], period: str) -> None:
    earned = np.array(values)
    days = np.datetime64("2018-11-20") + np.arange(len(values))
    _, parts = metrics.compounded(earned, days, period)  # type: ignore[arg-type]
    assert metrics.total_return(parts) == pytest.approx(metrics.total_return(earned), rel=1e-9)


@given(earned_lists)
def test_returns_of_their_own_wealth_are_themselves(values: list[float]) -> None:
    earned = np.array(values)
    np.testing.assert_allclose(metrics.returns_of(metrics.wealth(earned)), earned, atol=1e-9)
    assert metrics.cumulative(earned)[-1] == pytest.approx(metrics.total_return(earned))


@pytest.mark.parametrize(
    "name",
    [
        "total_return",
        "cagr",
        "mean_annual",
        "best",
        "worst",
        "positive_share",
        "hit_rate",
        "gain_to_pain",
        "stability",
    ],
)
def test_every_measure_of_returns_moves_with_them(name: str) -> None:
    measure = getattr(metrics, name)
    moved = R + _curve(0, 0, 0.01, 0.015, 0.015) if name != "positive_share" else R + 0.01
    moved[4] = moved[4] - 0.02 if name == "worst" else moved[4]
    assert measure(moved) != pytest.approx(measure(R), rel=1e-9)


def test_growth_moves_with_the_sessions_of_a_year() -> None:
    assert metrics.cagr(R, periods=12) != pytest.approx(metrics.cagr(R))

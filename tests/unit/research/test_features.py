"""Each feature's numbers against published or hand-worked ones, and what a missing price does."""

import numpy as np
import pytest

from fondaco.core.errors import NotFound
from fondaco.market.fakes import simulated_panel
from fondaco.market.panel import Panel
from fondaco.research.features import (
    FEATURES,
    Feature,
    feature_named,
    momentum,
    rank,
    rsi,
    sma_distance,
)
from unit.research.scene import column, panel_of

WINDOWED = [feature for feature in FEATURES.values() if feature.window is not None]
ALL = pytest.mark.parametrize("feature", FEATURES.values(), ids=FEATURES)

# StockCharts ChartSchool, "Relative Strength Index (RSI)": closes of QQQQ from 2009-12-14 on, and
# the 14-day RSI printed beside the last 19 of them, in two decimals.
QQQQ = (
    44.3389,
    44.0902,
    44.1497,
    43.6124,
    44.3278,
    44.8264,
    45.0955,
    45.4245,
    45.8433,
    46.0826,
    45.8931,
    46.0328,
    45.6140,
    46.2820,
    46.2820,
    46.0028,
    46.0328,
    46.4116,
    46.2222,
    45.6439,
    46.2122,
    46.2521,
    45.7137,
    46.4515,
    45.7835,
    45.3548,
    44.0288,
    44.1783,
    44.2181,
    44.5672,
    43.4205,
    42.6628,
    43.1314,
)
QQQQ_RSI = (
    70.53,
    66.32,
    66.55,
    69.41,
    66.36,
    57.97,
    62.93,
    63.26,
    56.06,
    62.38,
    54.71,
    50.42,
    39.99,
    41.46,
    41.87,
    45.46,
    37.30,
    33.08,
    37.77,
)

# Hull, Options, Futures, and Other Derivatives, table "Computation of volatility": 21 closes whose
# 20 log returns have a deviation of 0.01216 a day, 19.3 per cent a year.
HULL = (
    20.00,
    20.10,
    19.90,
    20.00,
    20.50,
    20.25,
    20.90,
    20.90,
    20.90,
    20.75,
    20.75,
    21.00,
    21.10,
    20.90,
    20.90,
    21.25,
    21.40,
    21.40,
    21.25,
    21.75,
    22.00,
)


def last(feature: Feature, panel: Panel) -> float:
    return float(feature(panel)[-1, 0])


def test_rsi_equals_the_worked_example_of_chartschool() -> None:
    values = rsi(14)(column(*QQQQ))[:, 0]
    assert np.isnan(values[:14]).all()
    assert values[14:] == pytest.approx(QQQQ_RSI, abs=0.011)  # the source rounds its inputs


def test_volatility_equals_the_worked_example_of_hull() -> None:
    value = last(FEATURES["volatility_20"], column(*HULL))
    assert value == pytest.approx(0.193, abs=0.0005)
    assert value / np.sqrt(252) == pytest.approx(0.01216, abs=0.000005)


def test_a_return_compares_two_closes() -> None:
    # By hand: 132 / 120 - 1 = 0.1 over one session; 132 / 100 - 1 = 0.32 over five.
    panel = column(100.0, 105.0, 110.0, 115.0, 120.0, 132.0)
    assert last(FEATURES["return_1"], panel) == pytest.approx(0.1, rel=1e-12)
    assert last(FEATURES["return_5"], panel) == pytest.approx(0.32, rel=1e-12)


def test_momentum_leaves_the_last_month_out() -> None:
    # By hand: 50 stood 252 sessions ago, 75 stood 21 ago; today's 10 does not count.
    closes = np.full(253, 60.0)
    closes[0], closes[252 - 21], closes[252] = 50.0, 75.0, 10.0
    assert last(FEATURES["momentum_12_1"], column(*closes)) == pytest.approx(0.5, rel=1e-12)


def test_distance_to_the_average_is_a_share_of_it() -> None:
    # By hand: the mean of 10, 20 and 60 is 30, and 60 / 30 - 1 = 1.
    assert last(sma_distance(3), column(5.0, 10.0, 20.0, 60.0)) == pytest.approx(1.0, rel=1e-12)


def test_zscore_of_a_ramp_is_the_uniform_distribution_s() -> None:
    # 1 .. 20: mean 10.5, population variance (20^2 - 1) / 12 = 33.25; (20 - 10.5) / sqrt(33.25).
    ramp = np.arange(1.0, 21.0)
    assert last(FEATURES["zscore_20"], column(*ramp)) == pytest.approx(1.647508942, abs=1e-9)


def test_ranks_share_ties_and_leave_out_missing_names() -> None:
    # By hand: of 1, 3, 3, 9 the ranks from 0 are 0, 1.5, 1.5, 3; divided by 3.
    before = np.full(5, 100.0)
    after = np.array([101.0, 103.0, np.nan, 103.0, 109.0])
    ranks = rank(momentum(1, 0))(panel_of(np.array([before, after])))[-1]
    assert ranks[[0, 1, 3, 4]].tolist() == [0.0, 0.5, 0.5, 1.0]
    assert np.isnan(ranks[2])


def test_one_name_alone_has_no_rank() -> None:
    assert np.isnan(FEATURES["rank_momentum_12_1"](simulated_panel(1, 300, 1))).all()


@pytest.mark.parametrize("name", ["zscore_20", "rsi_14"])
def test_a_price_that_never_moves_has_no_score(name: str) -> None:
    assert np.isnan(FEATURES[name](column(*[33.3] * 40))).all()


@ALL
def test_the_first_value_comes_when_the_warm_up_is_over(feature: Feature) -> None:
    known = ~np.isnan(feature(simulated_panel(3, 300, 4)))
    assert not known[: feature.warm_up].any()
    assert known[feature.warm_up :].all()


@pytest.mark.parametrize("feature", WINDOWED, ids=lambda feature: feature.name)
def test_a_value_rests_on_its_own_window_to_the_last_bit(feature: Feature) -> None:
    # Where the data starts must not matter, or two readers of one price see two numbers.
    assert feature.window is not None
    panel = simulated_panel(5, 320, 3, with_opens=False)
    whole = feature(panel)
    for row in (feature.window, 290, 319):
        part = panel_of(panel.close[row - feature.window : row + 1].copy())
        assert feature(part)[-1].tolist() == whole[row].tolist()


@ALL
def test_a_missing_price_is_missed_for_its_window_and_no_longer(feature: Feature) -> None:
    panel = simulated_panel(5, 700, 3, with_opens=False)
    gap = 300
    close = panel.close.copy()
    close[gap, 0] = np.nan
    values = feature(panel_of(close))
    assert np.isnan(values[gap, 0]) or feature.name in {"momentum_12_1", "rank_momentum_12_1"}
    assert np.isnan(values[gap : gap + 253, 0]).any()
    assert not np.isnan(values[gap + 253 :, 0]).any()
    assert not np.isnan(values[gap:, 1]).any()


def test_rsi_starts_anew_after_a_missing_price() -> None:
    # ChartSchool's series behind a gap gives ChartSchool's numbers: nothing older counts.
    values = rsi(14)(column(*range(50, 80), np.nan, *QQQQ))[:, 0]
    assert np.isnan(values[30 : 31 + 14]).all()
    assert values[31 + 14 :] == pytest.approx(QQQQ_RSI, abs=0.011)


@ALL
def test_a_changed_price_changes_the_value(feature: Feature) -> None:
    panel = simulated_panel(5, 320, 4, with_opens=False)
    close = panel.close.copy()
    close[-22:, 2] *= 3.0
    changed = feature(panel_of(close)) != feature(panel_of(panel.close))
    assert changed[feature.warm_up :, 2].any()


@ALL
def test_prices_may_come_in_any_array(feature: Feature) -> None:
    panel = simulated_panel(5, 300, 3, with_opens=False)
    columns = np.asfortranarray(panel.close)
    columns.flags.writeable = False
    assert np.array_equal(feature(panel_of(columns)), feature(panel), equal_nan=True)


@ALL
def test_a_feature_says_formula_and_source(feature: Feature) -> None:
    assert "Source: " in feature.doc
    assert feature.unit in {"share", "index", "z", "rank"}
    assert not feature.title.startswith(tuple("0123456789"))


def test_a_price_of_zero_is_no_price() -> None:
    assert np.isnan(FEATURES["return_1"](column(10.0, 0.0, 10.0))).all()


def test_a_feature_is_found_by_name_or_refused() -> None:
    assert feature_named("rsi_14") is FEATURES["rsi_14"]
    with pytest.raises(NotFound, match="return_1"):
        feature_named("rsi_15")

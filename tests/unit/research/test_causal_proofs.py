"""Every feature and every strategy is proved causal at every bar, to the last bit.

A new feature or strategy is proved by these tests as soon as it is registered.
"""

from dataclasses import replace

import numpy as np
import pytest

from fondaco.market.fakes import simulated_panel
from fondaco.market.panel import Matrix, Panel
from fondaco.research.causality import NotCausal, assert_causal
from fondaco.research.features import FEATURES, Feature
from fondaco.research.strategies.library import STRATEGIES
from unit.research.leaks import shifted
from unit.research.scene import bundled_panel
from unit.research.strategies.short import CUTS, panel_for, short_strategy

EACH_FEATURE = pytest.mark.parametrize("feature", FEATURES.values(), ids=FEATURES)
SIMULATED = simulated_panel(13, 290, 4)
BUNDLED = bundled_panel(290, 4)

EACH_STRATEGY = pytest.mark.parametrize("name", STRATEGIES)


@EACH_FEATURE
def test_a_feature_never_looks_ahead_on_a_random_walk(feature: Feature) -> None:
    proof = assert_causal(feature, SIMULATED, tolerance=0.0)
    assert (proof.truncations, proof.perturbations) == (290, 289 * 6)


@EACH_FEATURE
def test_a_feature_never_looks_ahead_on_real_prices(feature: Feature) -> None:
    assert assert_causal(feature, BUNDLED, tolerance=0.0, cuts=40).truncations == 290


@EACH_FEATURE
def test_a_feature_shifted_by_one_bar_is_caught(feature: Feature) -> None:
    with pytest.raises(NotCausal):
        assert_causal(shifted(feature), SIMULATED, cuts=10)


@pytest.mark.parametrize("real", [False, True], ids=["random walk", "real prices"])
@EACH_STRATEGY
def test_a_strategy_never_looks_ahead(name: str, real: bool) -> None:
    strategy, panel = short_strategy(name), panel_for(name, BUNDLED if real else SIMULATED)
    weights = strategy.weights(panel)
    traded = weights[~np.isnan(weights).all(axis=1)]
    assert len(np.unique(traded, axis=0)) >= 2  # it does trade in this span, not always alike
    cuts = CUTS.get(name, 40)
    assert assert_causal(strategy.weights, panel, tolerance=0.0, cuts=cuts).truncations == 130


@EACH_STRATEGY
def test_a_strategy_shifted_by_one_bar_is_caught(name: str) -> None:
    with pytest.raises(NotCausal):
        assert_causal(shifted(short_strategy(name).weights), panel_for(name, SIMULATED), cuts=1)


@pytest.mark.parametrize("name", [n for n in STRATEGIES if n != "turn_of_month"])
def test_a_strategy_on_tomorrow_s_prices_is_caught(name: str) -> None:
    strategy = short_strategy(name)

    def sees_tomorrow(panel: Panel) -> Matrix:
        close = np.vstack([panel.close[1:], panel.close[-1:]])
        return strategy.weights(replace(panel, fields={"close": close}))

    with pytest.raises(NotCausal):
        assert_causal(sees_tomorrow, panel_for(name, SIMULATED), cuts=CUTS.get(name, 40))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("sma_trend", {"short": 1, "every": 2}),
        ("donchian_trend", {"short": 1, "entry": 4, "exit": 8}),
        ("short_term_reversal", {"every": 1}),
        ("volatility_target", {"every": 1, "leverage_max": 2.0}),
        ("pairs", {"lags": 0, "tested_max": 2, "stop": 2.0}),
    ],
)
def test_a_strategy_stays_causal_with_other_parameters(
    name: str, changes: dict[str, float]
) -> None:
    strategy, panel = short_strategy(name, **changes), panel_for(name, SIMULATED)
    assert assert_causal(strategy.weights, panel, tolerance=0.0, cuts=20).truncations == 130

"""Every feature and every strategy is proved causal at every bar, to the last bit.

A new feature or strategy is proved by these tests as soon as it is registered.
"""

import numpy as np
import pytest

from fondaco.market.fakes import simulated_panel
from fondaco.market.panel import Matrix, Panel
from fondaco.research.causality import NotCausal, assert_causal
from fondaco.research.features import FEATURES, Feature
from fondaco.research.strategies import STRATEGIES, Strategy, strategy_named
from unit.research.leaks import shifted
from unit.research.scene import bundled_panel

EACH_FEATURE = pytest.mark.parametrize("feature", FEATURES.values(), ids=FEATURES)
SIMULATED = simulated_panel(13, 290, 4)
BUNDLED = bundled_panel(290, 4)

# Short enough that a few months of sessions hold several rebalances and refits.
SHORT = {
    "momentum": {"lookback": 15, "skip": 0, "names_min": 3, "share": 0.4},
    "lightgbm": {
        "horizon": 5,
        "embargo": 2,
        "refit_months": 2,
        "train_min": 30,
        "train_max": 60,
        "trees": 4,
        "rows_per_leaf_min": 10,
        "stride": 2,
        "names_min": 3,
        "share": 0.4,
    },
}
EACH_STRATEGY = pytest.mark.parametrize("name", STRATEGIES)


def _short(name: str) -> tuple[Strategy, int]:
    """Return a strategy with short parameters, and at how many bars to make up futures."""
    return strategy_named(name, SHORT[name]), {"momentum": 120}.get(name, 8)


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


@pytest.mark.parametrize(
    "panel", [SIMULATED.until(130), BUNDLED.until(130)], ids=["random walk", "real prices"]
)
@EACH_STRATEGY
def test_a_strategy_never_looks_ahead(name: str, panel: Panel) -> None:
    strategy, cuts = _short(name)
    weights = strategy.weights(panel)
    traded = weights[~np.isnan(weights[:, 0])]
    assert len(np.unique(traded, axis=0)) >= 2  # it does trade in this span, not always alike
    assert assert_causal(strategy.weights, panel, tolerance=0.0, cuts=cuts).truncations == 130


@EACH_STRATEGY
def test_a_strategy_shifted_by_one_bar_is_caught(name: str) -> None:
    strategy, _ = _short(name)
    with pytest.raises(NotCausal):
        assert_causal(shifted(strategy.weights), SIMULATED.until(130), cuts=1)


@EACH_STRATEGY
def test_a_strategy_on_tomorrow_s_prices_is_caught(name: str) -> None:
    strategy, cuts = _short(name)

    def sees_tomorrow(panel: Panel) -> Matrix:
        close = np.vstack([panel.close[1:], panel.close[-1:]])
        ahead = Panel(
            panel.sessions,
            panel.closes_at,
            panel.instruments,
            {"close": close},
            panel.origin,
            panel.as_of,
            panel.version,
        )
        return strategy.weights(ahead)

    with pytest.raises(NotCausal):
        assert_causal(sees_tomorrow, SIMULATED.until(130), cuts=cuts)

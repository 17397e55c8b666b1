"""The learning strategy: what it holds is what its forecaster ranks highest."""

import numpy as np

from fondaco.market.fakes import simulated_panel
from fondaco.research.forecaster import Recipe, walk_forward
from fondaco.research.splits import WalkForward
from fondaco.research.strategies.learned import lightgbm, recipe_of


def test_lightgbm_ranks_by_the_walk_forward_score() -> None:
    panel = simulated_panel(4, 200, 6)
    strategy = lightgbm(
        horizon=5,
        embargo=2,
        refit_months=2,
        train_min=30,
        train_max=120,
        trees=8,
        rows_per_leaf_min=10,
        stride=2,
    )
    recipe = recipe_of(strategy.parameters)
    score = strategy.selection.score(panel)  # type: ignore[union-attr]
    assert recipe.walk == WalkForward(5, 2, 2, 30, 120)
    assert np.array_equal(score, walk_forward(panel, recipe), equal_nan=True)
    rows = np.flatnonzero(~np.isnan(strategy.weights(panel)[:, 0]))
    for row in rows:
        held = np.flatnonzero(strategy.weights(panel)[row])
        assert held.tolist() == [int(np.argmax(score[row]))]  # a fifth of six: one


def test_the_learning_strategy_learns_by_the_forecaster_s_own_recipe() -> None:
    # Else the forecasts shown and the weights tested would come from two models.
    assert recipe_of(lightgbm().parameters) == Recipe()

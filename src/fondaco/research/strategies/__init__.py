"""Strategies: causal functions of a panel that give target weights, each with its source."""

from fondaco.research.strategies.learned import lightgbm, recipe_of
from fondaco.research.strategies.library import STRATEGIES, strategy_named
from fondaco.research.strategies.momentum import momentum
from fondaco.research.strategies.parameters import Bound, checked
from fondaco.research.strategies.schedule import starting_at
from fondaco.research.strategies.selection import Selection
from fondaco.research.strategies.strategy import Design, Strategy, strategy_hash

__all__ = [
    "STRATEGIES",
    "Bound",
    "Design",
    "Selection",
    "Strategy",
    "checked",
    "lightgbm",
    "momentum",
    "recipe_of",
    "starting_at",
    "strategy_hash",
    "strategy_named",
]

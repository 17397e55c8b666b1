"""Strategies with windows so short that a few months hold several decisions, and their panels."""

from dataclasses import replace

import numpy as np

from fondaco.market.panel import Matrix, Panel
from fondaco.research.strategies.library import strategy_named
from fondaco.research.strategies.strategy import Strategy

FEW = {"names_min": 3, "share": 0.4}
SHORT: dict[str, dict[str, float]] = {
    "buy_and_hold": {},
    "sma_trend": {"fast": 3, "slow": 8},
    "donchian_trend": {"entry": 8, "exit": 4},
    "momentum": {"lookback": 15, "skip": 0, **FEW},
    "dual_momentum": {"lookback": 15, **FEW},
    "short_term_reversal": FEW,
    "low_volatility": {"lookback": 15, **FEW},
    "volatility_target": {"lookback": 15},
    "risk_parity": {"lookback": 20},
    "pairs": {
        "formation": 60,
        "trading_months": 1,
        "level_percent": 10,
        "pairs_max": 2,
        "entry": 1.0,
    },
    "long_short_rank": {"lookback": 15, "skip": 0, "names_min": 3},
    "turn_of_month": {},
    "lightgbm": {
        "horizon": 5,
        "embargo": 2,
        "refit_months": 2,
        "train_min": 30,
        "train_max": 60,
        "trees": 4,
        "rows_per_leaf_min": 10,
        "stride": 2,
        **FEW,
    },
}
CUTS = {"lightgbm": 8}
"""At how many bars futures are made up, where the usual number would take too long."""
ROWS = 130


def short_strategy(name: str, **changes: float) -> Strategy:
    """Return a strategy with its short parameters, and these changes."""
    return strategy_named(name, {**SHORT[name], **changes})


def panel_for(name: str, panel: Panel) -> Panel:
    """Return the first rows of a panel, made so that the strategy has something to decide."""
    start = panel.until(ROWS)
    if name == "pairs":
        return with_close(start, paired(3, start.close))
    if name == "buy_and_hold":
        return with_close(start, staggered(start.close))
    return start


def with_close(panel: Panel, close: Matrix) -> Panel:
    """Return the panel with these closes alone."""
    return replace(panel, fields={"close": close})


def paired(seed: int, close: Matrix) -> Matrix:
    """Return closes whose second, fourth ... column keeps to the line of the one before it."""
    away = np.random.default_rng(seed).normal(0.0, 0.01, close.shape)
    for t in range(1, len(away)):
        away[t] += 0.7 * away[t - 1]
    result = close.copy()
    result[:, 1::2] = (3.0 * close[:, 0::2] ** 0.8 * np.exp(away[:, 1::2])).round(4)
    return result


def staggered(close: Matrix) -> Matrix:
    """Return closes of names that begin to trade 20 sessions after each other."""
    begins = 20 * np.arange(close.shape[1])
    return np.where(np.arange(len(close))[:, None] >= begins, close, np.nan)

"""The library: every built-in strategy by name."""

from collections.abc import Mapping

from fondaco.core.errors import NotFound
from fondaco.research.strategies.allocation import (
    buy_and_hold,
    low_volatility,
    risk_parity,
    volatility_target,
)
from fondaco.research.strategies.calendar import turn_of_month
from fondaco.research.strategies.learned import lightgbm
from fondaco.research.strategies.long_short import long_short_rank
from fondaco.research.strategies.momentum import dual_momentum, momentum
from fondaco.research.strategies.pairs import pairs
from fondaco.research.strategies.parameters import Parameters
from fondaco.research.strategies.reversal import short_term_reversal
from fondaco.research.strategies.strategy import Design, Strategy
from fondaco.research.strategies.trend import donchian_trend, sma_trend

STRATEGIES: Mapping[str, Design] = {
    design.name: design
    for design in (
        buy_and_hold,
        sma_trend,
        donchian_trend,
        momentum,
        dual_momentum,
        short_term_reversal,
        low_volatility,
        volatility_target,
        risk_parity,
        pairs,
        long_short_rank,
        turn_of_month,
        lightgbm,
    )
}
"""Every strategy's design by name; each is called with the parameters to change."""


def strategy_named(name: str, parameters: Parameters | None = None) -> Strategy:
    """Return a strategy with some parameters changed.

    Raises NotFound for an unknown name, InvalidInput for an unknown or out-of-range parameter.

    >>> strategy_named("momentum", {"share": 0.1}).parameters["share"]
    0.1
    """
    if name not in STRATEGIES:
        raise NotFound("no such strategy", value=name, bound=", ".join(STRATEGIES))
    return STRATEGIES[name](**dict(parameters or {}))

"""How much was held, traded and paid. Money columns stand one to a session, in one currency.

NaN for no session at all.
"""

from math import nan

import numpy as np

from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR, Array


def exposure(positions: Array, equity: Array) -> float:
    """Return the mean of the positions' value without signs, over equity.

    Each term is pyfolio's gross leverage (`timeseries.gross_lev`).
    """
    return float(np.mean(positions / equity)) if len(positions) else nan


def leverage_gross_max(positions: Array, equity: Array) -> float:
    """Return the highest of the positions' value without signs, over equity."""
    return float(np.max(positions / equity)) if len(positions) else nan


def leverage_net(positions_net: Array, equity: Array) -> float:
    """Return the mean of longs less shorts, over equity: below 0 for an account that was short."""
    return float(np.mean(positions_net / equity)) if len(positions_net) else nan


def time_invested(positions: Array) -> float:
    """Return the share of sessions that ended with any position."""
    return float(np.mean(positions != 0)) if len(positions) else nan


def turnover_annual(traded: Array, equity: Array, *, periods: int = SESSIONS_PER_YEAR) -> float:
    """Return mean(traded / (2 x equity)) x periods: half of what was bought and sold, over equity.

    `traded` is the value of a session's fills without their signs. Source: pyfolio
    `txn.get_turnover` ("average value of purchases and sales divided by ... the portfolio
    value"), which gives the daily series; here its mean over a year's sessions.
    """
    if len(equity) == 0:
        return nan
    return float(np.mean(traded / (2.0 * equity)) * periods)


def cost_annual(fees: Array, equity: Array, *, periods: int = SESSIONS_PER_YEAR) -> float:
    """Return fees paid a year as a share of mean equity: sum(fees) / mean(equity) / years."""
    if len(equity) == 0:
        return nan
    return float(np.sum(fees) / np.mean(equity) * periods / len(equity))

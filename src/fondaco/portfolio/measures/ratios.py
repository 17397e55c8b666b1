"""Return against risk: volatility, Sharpe, Sortino, Calmar, Omega."""

from math import nan, sqrt

import numpy as np

from fondaco.portfolio.measures.drawdowns import drawdowns
from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR, Array, known, ratio
from fondaco.portfolio.measures.returns import cagr, wealth


def vol_annual(returns: Array, *, periods: int = SESSIONS_PER_YEAR) -> float:
    """Return std(r, n - 1) x sqrt(periods); NaN for fewer than two returns."""
    there = known(returns)
    return float(np.std(there, ddof=1) * sqrt(periods)) if len(there) > 1 else nan


def sharpe(
    returns: Array, *, risk_free: float | Array = 0.0, periods: int = SESSIONS_PER_YEAR
) -> float:
    """Return mean(r - f) / std(r - f, n - 1) x sqrt(periods).

    `risk_free` is per session. Source: Sharpe (1994), Journal of Portfolio Management 21,
    p. 49-58. Infinite without variance, NaN for fewer than two returns.
    """
    excess = known(returns - risk_free)
    if len(excess) < 2:
        return nan
    return ratio(float(np.mean(excess)), float(np.std(excess, ddof=1)), sqrt(periods))


def downside_risk(
    returns: Array, *, required: float | Array = 0.0, periods: int = SESSIONS_PER_YEAR
) -> float:
    """Return sqrt(mean(min(r - required, 0)^2)) x sqrt(periods), over all sessions."""
    excess = known(returns - required)
    if len(excess) == 0:
        return nan
    return float(np.sqrt(np.mean(np.square(np.minimum(excess, 0.0)))) * sqrt(periods))


def sortino(
    returns: Array, *, required: float | Array = 0.0, periods: int = SESSIONS_PER_YEAR
) -> float:
    """Return mean(r - required) x periods / downside risk.

    Source: Sortino and Price (1994), Journal of Investing 3, p. 59-64. Infinite where nothing
    fell short, NaN for fewer than two returns or when nothing moved.
    """
    excess = known(returns - required)
    if len(excess) < 2:
        return nan
    risk = downside_risk(returns, required=required, periods=periods)
    return ratio(float(np.mean(excess)), risk, float(periods))


def calmar(returns: Array, *, periods: int = SESSIONS_PER_YEAR) -> float:
    """Return the compound annual growth rate / the deepest fall, without its sign.

    Source: Young (1991), Futures 20(1), p. 40; there of 36 months, here of the whole span, as
    empyrical has it. NaN where nothing fell.
    """
    if len(returns) == 0:
        return nan
    deepest = float(np.min(drawdowns(wealth(returns))))
    return cagr(returns, periods=periods) / -deepest if deepest < 0 else nan


def omega(
    returns: Array,
    *,
    risk_free: float | Array = 0.0,
    required_annual: float = 0.0,
    periods: int = SESSIONS_PER_YEAR,
) -> float:
    """Return sum(max(x, 0)) / sum(max(-x, 0)), with x = r - f - threshold.

    The threshold is (1 + required_annual)^(1 / periods) - 1. Source: Keating and Shadwick (2002),
    Journal of Performance Measurement 6(3), p. 59-84. NaN, as in empyrical, for fewer than two
    returns, a requirement of -100 % or less, or where nothing fell short.
    """
    if len(returns) < 2 or required_annual <= -1:
        return nan
    threshold = (1.0 + required_annual) ** (1.0 / periods) - 1.0
    excess = known(returns - risk_free - threshold)
    below = float(-np.sum(excess[excess < 0]))
    return float(np.sum(excess[excess > 0])) / below if below > 0 else nan


def sharpe_error(sharpe_annual: float, sessions: int) -> float:
    """Return the standard error of an annual Sharpe ratio, sqrt((1 + s^2 / 2) / T) x sqrt(252).

    s is the ratio per session. Source: Lo (2002), Financial Analysts Journal 58(4), equation 9;
    it takes returns as independent and normal, so the true error is rather larger.
    """
    per_session = sharpe_annual / sqrt(SESSIONS_PER_YEAR)
    return sqrt((1 + per_session**2 / 2) / sessions) * sqrt(SESSIONS_PER_YEAR)

"""How an account fared: each measure is one function with its formula and source.

Returns r are shares per session (0.01 is 1 %); a NaN is a session without a return: it changes
nothing in products and is left out of means. A year has 252 sessions. Where the sources differ,
the conventions are those of empyrical 0.5 (Quantopian, `stats.py`), so that results can be set
beside those of other tools; the reference files of its tests are met to the last digit given.
"""

from datetime import date
from math import e, inf, isfinite, nan, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from fondaco.backtest.result import Drawdown

SESSIONS_PER_YEAR = 252
Array = NDArray[np.float64]


def returns_of(equity: Array) -> Array:
    """Return r[t] = equity[t] / equity[t-1] - 1, one shorter than the equity.

    >>> returns_of(np.array([100.0, 110.0, 99.0])).round(12).tolist()
    [0.1, -0.1]
    """
    returns: Array = equity[1:] / equity[:-1] - 1.0
    return returns


def total_return(returns: Array) -> float:
    """Return prod(1 + r) - 1.

    >>> round(total_return(np.array([0.1, -0.1])), 12)
    -0.01
    """
    return float(np.prod(1.0 + _filled(returns)) - 1.0)


def cagr(returns: Array, *, periods: int = SESSIONS_PER_YEAR) -> float:
    """Return the compound annual growth rate, (1 + total)^(periods / n) - 1; NaN for no return.

    -1 when everything was lost.
    """
    if len(returns) == 0:
        return nan
    growth = 1.0 + total_return(returns)
    return float(growth ** (periods / len(returns)) - 1.0) if growth > 0 else -1.0


def vol_annual(returns: Array, *, periods: int = SESSIONS_PER_YEAR) -> float:
    """Return std(r, n - 1) x sqrt(periods); NaN for fewer than two returns."""
    known = _known(returns)
    return float(np.std(known, ddof=1) * sqrt(periods)) if len(known) > 1 else nan


def sharpe(
    returns: Array, *, risk_free: float | Array = 0.0, periods: int = SESSIONS_PER_YEAR
) -> float:
    """Return mean(r - f) / std(r - f, n - 1) x sqrt(periods).

    Source: Sharpe (1994), Journal of Portfolio Management 21, p. 49-58. Infinite without
    variance, NaN for fewer than two returns.
    """
    excess = _known(returns - risk_free)
    if len(excess) < 2:
        return nan
    return _ratio(float(np.mean(excess)), float(np.std(excess, ddof=1)), sqrt(periods))


def downside_risk(
    returns: Array, *, required: float | Array = 0.0, periods: int = SESSIONS_PER_YEAR
) -> float:
    """Return sqrt(mean(min(r - required, 0)^2)) x sqrt(periods), over all sessions."""
    excess = _known(returns - required)
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
    excess = _known(returns - required)
    if len(excess) < 2:
        return nan
    risk = downside_risk(returns, required=required, periods=periods)
    return _ratio(float(np.mean(excess)), risk, float(periods))


def drawdowns(equity: Array) -> Array:
    """Return equity / its highest value so far - 1 at each session: 0 or below.

    >>> drawdowns(np.array([100.0, 120.0, 90.0])).tolist()
    [0.0, 0.0, -0.25]
    """
    falls: Array = equity / np.maximum.accumulate(equity) - 1.0
    return falls


def max_drawdown(equity: Array, days: NDArray[np.datetime64]) -> Drawdown:
    """Return the deepest fall: the lowest of `drawdowns`, the high before it, and when the account
    stood there again. Of equal falls the first counts.

    Source: Magdon-Ismail and Atiya (2004), Risk 17, p. 99-102.
    """
    falls = drawdowns(equity)
    trough = int(np.argmin(falls))
    if falls[trough] >= 0:
        return Drawdown(0.0, None, None, None)
    peak = int(np.argmax(equity[: trough + 1]))
    again = np.flatnonzero(equity[trough:] >= equity[peak])
    recovered = _day(days, trough + int(again[0])) if len(again) else None
    return Drawdown(float(falls[trough]), _day(days, peak), _day(days, trough), recovered)


def turnover_annual(traded: Array, equity: Array) -> float:
    """Return mean(traded / (2 x equity)) x 252: half of what was bought and sold, over equity.

    `traded` is the value of a session's fills without their signs. Source: pyfolio
    `txn.get_turnover` ("average value of purchases and sales divided by ... the portfolio
    value"), which gives the daily series; here its mean over a year's sessions.
    """
    return float(np.mean(traded / (2.0 * equity)) * SESSIONS_PER_YEAR)


def exposure(positions: Array, equity: Array) -> float:
    """Return the mean of the positions' value without signs, over equity.

    Each term is pyfolio's gross leverage (`timeseries.gross_lev`).
    """
    return float(np.mean(positions / equity))


def cost_annual(fees: Array, equity: Array) -> float:
    """Return fees paid a year as a share of mean equity: sum(fees) / mean(equity) / years."""
    return float(np.sum(fees) / np.mean(equity) * SESSIONS_PER_YEAR / len(equity))


def hit_rate(returns: Array) -> float:
    """Return the share of gaining sessions among those that moved; NaN when none did.

    >>> hit_rate(np.array([0.1, 0.0, -0.1, 0.2, 0.1]))
    0.75
    """
    moved = returns[np.isfinite(returns) & (returns != 0)]
    return float(np.mean(moved > 0)) if len(moved) else nan


def sharpe_error(sharpe_annual: float, sessions: int) -> float:
    """Return the standard error of an annual Sharpe ratio, sqrt((1 + s^2 / 2) / T) x sqrt(252).

    s is the ratio per session. Source: Lo (2002), Financial Analysts Journal 58(4), equation 9;
    it takes returns as independent and normal, so the true error is rather larger.
    """
    per_session = sharpe_annual / sqrt(SESSIONS_PER_YEAR)
    return sqrt((1 + per_session**2 / 2) / sessions) * sqrt(SESSIONS_PER_YEAR)


def luck_sharpe(trials: int, sessions: int) -> float:
    """Return the annual Sharpe ratio that the best of so many worthless trials would show.

    sqrt(252 / T) x ((1 - g) z(1 - 1/N) + g z(1 - 1/(N e))), with z the normal quantile and g
    Euler's constant: the expected highest of N independent trials without skill, each with the
    error 1/sqrt(T) per session. Source: Bailey and Lopez de Prado (2014), Journal of Portfolio
    Management 40(5), p. 94-107. 0 for a single trial. Trials on one history are alike, so it is
    an upper guess.
    """
    if trials < 2:
        return 0.0
    euler, quantile = 0.5772156649015329, NormalDist().inv_cdf
    highest = (1 - euler) * quantile(1 - 1 / trials) + euler * quantile(1 - 1 / (trials * e))
    return sqrt(SESSIONS_PER_YEAR / sessions) * highest


def finite(value: float) -> float | None:
    """Return a number that has a meaning, else None.

    >>> finite(1.5), finite(float("inf"))
    (1.5, None)
    """
    return value if isfinite(value) else None


def _ratio(above: float, below: float, scale: float) -> float:
    """Return above / below x scale; what is only rounding below the line counts as nothing."""
    if abs(below) <= 1e-14 * abs(above) or below == 0:
        return nan if above == 0 else (inf if above > 0 else -inf)
    return above / below * scale


def _known(returns: Array) -> Array:
    known: Array = returns[~np.isnan(returns)]
    return known


def _filled(returns: Array) -> Array:
    filled: Array = np.where(np.isnan(returns), 0.0, returns)
    return filled


def _day(days: NDArray[np.datetime64], row: int) -> date:
    day: date = days[row].astype("datetime64[D]").item()
    return day

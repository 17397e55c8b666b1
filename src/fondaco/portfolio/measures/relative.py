"""Against a benchmark: beta, alpha, tracking, capture. Sessions without both returns are left out.

Every function takes two columns of one length; InvalidInput otherwise.
"""

from math import nan, sqrt

import numpy as np

from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR, Array, paired, ratio
from fondaco.portfolio.measures.returns import cagr

_VARIANCE_MIN = 1e-30
"""A variance below this is rounding, as in empyrical."""


def beta(returns: Array, benchmark: Array) -> float:
    """Return cov(r, b) / var(b), the slope of r on b.

    NaN for fewer than two sessions or a benchmark that did not move.
    """
    own, other = paired(returns, benchmark)
    if len(own) < 2:
        return nan
    spread = other - np.mean(other)
    variance = float(np.mean(spread**2))
    return float(np.mean(spread * own)) / variance if variance >= _VARIANCE_MIN else nan


def alpha(
    returns: Array,
    benchmark: Array,
    *,
    risk_free: float = 0.0,
    periods: int = SESSIONS_PER_YEAR,
) -> float:
    """Return (1 + mean(r - f - beta (b - f)))^periods - 1: Jensen's alpha, compounded to a year.

    Source: Jensen (1968), Journal of Finance 23, p. 389-416, equation 8. He gives it per period;
    it is compounded here as empyrical 0.5 does (older versions multiply).
    """
    slope = beta(returns, benchmark)
    own, other = paired(returns, benchmark)
    if slope != slope:
        return nan
    mean = float(np.mean(own - risk_free - slope * (other - risk_free)))
    if mean <= -1:
        return -1.0
    with np.errstate(over="ignore"):
        return float(np.float64(1.0 + mean) ** periods - 1.0)


def correlation(returns: Array, benchmark: Array) -> float:
    """Return Pearson's correlation, -1 to 1; NaN where either did not move."""
    own, other = paired(returns, benchmark)
    if len(own) < 2:
        return nan
    own, other = own - np.mean(own), other - np.mean(other)
    variances = float(np.mean(own**2)), float(np.mean(other**2))
    if min(variances) < _VARIANCE_MIN:
        return nan
    return float(np.mean(own * other)) / sqrt(variances[0] * variances[1])


def tracking_error(returns: Array, benchmark: Array, *, periods: int = SESSIONS_PER_YEAR) -> float:
    """Return std(r - b, n - 1) x sqrt(periods); NaN for fewer than two sessions.

    Source: Grinold and Kahn (2000), Active Portfolio Management, 2nd ed., ch. 3.
    """
    own, other = paired(returns, benchmark)
    return float(np.std(own - other, ddof=1) * sqrt(periods)) if len(own) > 1 else nan


def information_ratio(returns: Array, benchmark: Array, *, periods: int = 1) -> float:
    """Return mean(r - b) / std(r - b, n - 1) x sqrt(periods).

    Per session unless told otherwise, as empyrical's `excess_sharpe`; give 252 for the annual
    ratio of Grinold and Kahn (2000), Active Portfolio Management, 2nd ed., ch. 5.
    """
    own, other = paired(returns, benchmark)
    if len(own) < 2:
        return nan
    active = own - other
    return ratio(float(np.mean(active)), float(np.std(active, ddof=1)), sqrt(periods))


def up_beta(returns: Array, benchmark: Array) -> float:
    """Return beta over the sessions in which the benchmark rose."""
    return beta(*_where(returns, benchmark, up=True))


def down_beta(returns: Array, benchmark: Array) -> float:
    """Return beta over the sessions in which the benchmark fell."""
    return beta(*_where(returns, benchmark, up=False))


def up_alpha(
    returns: Array,
    benchmark: Array,
    *,
    risk_free: float = 0.0,
    periods: int = SESSIONS_PER_YEAR,
) -> float:
    """Return alpha over the sessions in which the benchmark rose."""
    own, other = _where(returns, benchmark, up=True)
    return alpha(own, other, risk_free=risk_free, periods=periods)


def down_alpha(
    returns: Array,
    benchmark: Array,
    *,
    risk_free: float = 0.0,
    periods: int = SESSIONS_PER_YEAR,
) -> float:
    """Return alpha over the sessions in which the benchmark fell."""
    own, other = _where(returns, benchmark, up=False)
    return alpha(own, other, risk_free=risk_free, periods=periods)


def capture(returns: Array, benchmark: Array, *, periods: int = SESSIONS_PER_YEAR) -> float:
    """Return CAGR of r / CAGR of b over the same sessions; NaN for none."""
    return ratio(cagr(returns, periods=periods), cagr(benchmark, periods=periods))


def up_capture(returns: Array, benchmark: Array, *, periods: int = SESSIONS_PER_YEAR) -> float:
    """Return `capture` over the sessions in which the benchmark rose.

    Morningstar's measure is of monthly returns; empyrical, followed here, takes any, so daily
    ones give annual rates far beyond what a month of one sign would.
    """
    return capture(*_where(returns, benchmark, up=True), periods=periods)


def down_capture(returns: Array, benchmark: Array, *, periods: int = SESSIONS_PER_YEAR) -> float:
    """Return `capture` over the sessions in which the benchmark fell."""
    return capture(*_where(returns, benchmark, up=False), periods=periods)


def capture_ratio(returns: Array, benchmark: Array, *, periods: int = SESSIONS_PER_YEAR) -> float:
    """Return up capture / down capture: above 1 is a good shape (empyrical `up_down_capture`)."""
    return ratio(
        up_capture(returns, benchmark, periods=periods),
        down_capture(returns, benchmark, periods=periods),
    )


def fragility(returns: Array, benchmark: Array) -> float:
    """Return how far r at the benchmark's extremes lies above r at its middle: below 0 is fragile.

    With the sessions sorted by b and f, m, l the first, middle and last of them: w r_f +
    (1 - w) r_l - r_m, w = (b_m - b_f) / (b_l - b_f), as empyrical's `beta_fragility_heuristic`.
    Source: Taleb, Canetti, Kinda, Loukoianova and Schmieder (2012), IMF Working Paper 12/216.
    NaN for fewer than three sessions; w is a half where b did not move.
    """
    own, other = paired(returns, benchmark)
    if len(own) < 3:
        return nan
    order = np.argsort(other, kind="stable")
    first, middle, last = order[0], order[round(len(order) / 2)], order[-1]
    span = float(other[last] - other[first])
    weight = float(other[middle] - other[first]) / span if span else 0.5
    return float(weight * own[first] + (1 - weight) * own[last] - own[middle])


def _where(returns: Array, benchmark: Array, *, up: bool) -> tuple[Array, Array]:
    own, other = paired(returns, benchmark)
    kept = other > 0 if up else other < 0
    return own[kept], other[kept]

"""The shape of returns and their bad end: skew, kurtosis, value at risk, expected shortfall."""

from math import nan
from statistics import NormalDist

import numpy as np

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures.numbers import Array, known, ratio
from fondaco.portfolio.measures.returns import gain_to_pain

CUTOFF = 0.05


def value_at_risk(returns: Array, *, cutoff: float = CUTOFF) -> float:
    """Return the historical value at risk: the cutoff quantile of r, so a loss is negative.

    Linear between the two nearest returns, as empyrical's `value_at_risk`. Textbooks turn the
    sign (Jorion 2006, Value at Risk, 3rd ed., ch. 5). NaN for no return; raises InvalidInput for
    a cutoff outside 0 to 1.
    """
    there = known(returns)
    return float(np.quantile(there, _share(cutoff))) if len(there) else nan


def value_at_risk_normal(returns: Array, *, cutoff: float = CUTOFF) -> float:
    """Return the parametric value at risk, mean + z std(r, n - 1), z the normal cutoff quantile.

    Source: Jorion (2006), Value at Risk, 3rd ed., ch. 5. NaN for fewer than two returns.
    """
    there = known(returns)
    if len(there) < 2:
        return nan
    quantile = NormalDist().inv_cdf(_share(cutoff))
    return float(np.mean(there) + quantile * np.std(there, ddof=1))


def value_at_risk_cornish_fisher(returns: Array, *, cutoff: float = CUTOFF) -> float:
    """Return the value at risk with z corrected for skew S and excess kurtosis K.

    z + (z^2 - 1) S/6 + (z^3 - 3z) K/24 - (2z^3 - 5z) S^2/36 in the place of z. Source: Zangari
    (1996), RiskMetrics Monitor, 1st quarter, p. 4-12; Favre and Galeano (2002), Journal of
    Alternative Investments 5(2), p. 21-25. NaN for fewer than two returns or without variance.
    """
    there, z = known(returns), NormalDist().inv_cdf(_share(cutoff))
    tilt, fat = skew(there), kurtosis(there)
    corrected = (
        z + (z**2 - 1) * tilt / 6 + (z**3 - 3 * z) * fat / 24 - (2 * z**3 - 5 * z) * tilt**2 / 36
    )
    return float(np.mean(there) + corrected * np.std(there, ddof=1)) if len(there) > 1 else nan


def expected_shortfall(returns: Array, *, cutoff: float = CUTOFF) -> float:
    """Return the mean of the worst returns (conditional value at risk): a loss is negative.

    The floor((n - 1) x cutoff) + 1 lowest, as empyrical's `conditional_value_at_risk`. Source:
    Rockafellar and Uryasev (2000), Journal of Risk 2(3), p. 21-41. NaN for no return.
    """
    there = np.sort(known(returns))
    if len(there) == 0:
        return nan
    return float(np.mean(there[: int((len(there) - 1) * _share(cutoff)) + 1]))


def skew(returns: Array) -> float:
    """Return m3 / m2^1.5 of the central moments, each divided by n (no correction).

    As scipy's `stats.skew`, which pyfolio uses. NaN for fewer than two returns or no variance.
    """
    return _moment(returns, 3)


def kurtosis(returns: Array) -> float:
    """Return the excess kurtosis m4 / m2^2 - 3: 0 for normal returns, each moment divided by n.

    As scipy's `stats.kurtosis`, which pyfolio uses. NaN for fewer than two returns or no variance.
    """
    return _moment(returns, 4) - 3.0


def tail_ratio(returns: Array) -> float:
    """Return |the 95 % quantile| / |the 5 % quantile|: above 1 where the good end is longer.

    As empyrical's `tail_ratio`. NaN for no return, infinite where the bad end is 0.
    """
    there = known(returns)
    if len(there) == 0:
        return nan
    bad, good = np.quantile(there, [0.05, 0.95])
    return ratio(abs(float(good)), abs(float(bad)))


def common_sense_ratio(returns: Array) -> float:
    """Return tail ratio x (gain to pain + 1): what is won against what is lost, at both ends.

    As pyfolio's `common_sense_ratio`; gain to pain + 1 is sum(gains) / sum(losses).
    """
    return tail_ratio(returns) * (gain_to_pain(returns) + 1.0)


def _moment(returns: Array, power: int) -> float:
    there = known(returns)
    if len(there) < 2:
        return nan
    spread = there - np.mean(there)
    scale = float(np.sqrt(np.mean(spread**2)))
    if scale <= 1e-14 * float(np.max(np.abs(there))) or scale == 0:
        return nan  # a constant: what is left is rounding
    return float(np.mean((spread / scale) ** power))


def _share(cutoff: float) -> float:
    if not 0 < cutoff < 1:
        raise InvalidInput("a cutoff is a share of the returns", value=cutoff, bound="0 to 1")
    return cutoff

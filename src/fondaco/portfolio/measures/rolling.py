"""Measures over a moving window: one value for each full window, T - W + 1 of them.

Value n is of the sessions n to n + W - 1, so it was known at the end of session n + W - 1. Each
equals its measure of that window alone; all windows are computed at once. A series shorter than
the window gives none. InvalidInput for a window below 1.
"""

from math import sqrt

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR, Array, filled, same_length

_VARIANCE_MIN = 1e-30
_ROUNDING = 1e-14


def rolling_return(returns: Array, window: int) -> Array:
    """Return `total_return` of each window."""
    found: Array = np.prod(1.0 + _windows(filled(returns), window), axis=1) - 1.0
    return found


def rolling_vol(returns: Array, window: int, *, periods: int = SESSIONS_PER_YEAR) -> Array:
    """Return `vol_annual` of each window."""
    _, deviation = _moments(_windows(returns, window))
    return deviation * sqrt(periods)


def rolling_sharpe(
    returns: Array,
    window: int,
    *,
    risk_free: float | Array = 0.0,
    periods: int = SESSIONS_PER_YEAR,
) -> Array:
    """Return `sharpe` of each window."""
    mean, deviation = _moments(_windows(returns - risk_free, window))
    return _divided(mean, deviation) * sqrt(periods)


def rolling_beta(returns: Array, benchmark: Array, window: int) -> Array:
    """Return `beta` of each window."""
    own, other = _pair(returns, benchmark, window)
    spread = other - _mean(other)[:, None]
    variance = _mean(spread**2)
    known = np.sum(~np.isnan(other), axis=1) > 1
    usable = known & (np.nan_to_num(variance) >= _VARIANCE_MIN)
    found: Array = np.where(usable, _mean(spread * own) / np.where(usable, variance, 1.0), np.nan)
    return found


def rolling_alpha(
    returns: Array, benchmark: Array, window: int, *, periods: int = SESSIONS_PER_YEAR
) -> Array:
    """Return `alpha` of each window, without a risk-free rate."""
    own, other = _pair(returns, benchmark, window)
    mean = _mean(own) - rolling_beta(returns, benchmark, window) * _mean(other)
    with np.errstate(over="ignore"):
        found: Array = np.maximum(1.0 + mean, 0.0) ** periods - 1.0
    return found


def rolling_drawdown(returns: Array, window: int) -> Array:
    """Return the deepest fall inside each window, 0 or below; its start counts as a high."""
    views = _windows(filled(returns), window)
    start = np.ones((len(views), 1))
    paths = np.concatenate([start, np.cumprod(1.0 + views, axis=1)], axis=1)
    falls: Array = np.min(paths / np.maximum.accumulate(paths, axis=1), axis=1) - 1.0
    return falls


def rolling_up_capture(
    returns: Array, benchmark: Array, window: int, *, periods: int = SESSIONS_PER_YEAR
) -> Array:
    """Return `up_capture` of each window."""
    return _captures(returns, benchmark, window, periods, up=True)


def rolling_down_capture(
    returns: Array, benchmark: Array, window: int, *, periods: int = SESSIONS_PER_YEAR
) -> Array:
    """Return `down_capture` of each window."""
    return _captures(returns, benchmark, window, periods, up=False)


def rolling_capture_ratio(
    returns: Array, benchmark: Array, window: int, *, periods: int = SESSIONS_PER_YEAR
) -> Array:
    """Return `capture_ratio` of each window."""
    up = rolling_up_capture(returns, benchmark, window, periods=periods)
    return _divided(up, rolling_down_capture(returns, benchmark, window, periods=periods))


def _captures(returns: Array, benchmark: Array, window: int, periods: int, *, up: bool) -> Array:
    own, other = _pair(returns, benchmark, window)
    kept = other > 0 if up else other < 0
    count = np.sum(kept, axis=1)
    years = np.where(count > 0, count, np.nan) / periods
    with np.errstate(over="ignore"):
        ours, theirs = (
            np.maximum(np.prod(np.where(kept, 1.0 + part, 1.0), axis=1), 0.0) ** (1 / years) - 1
            for part in (own, other)
        )
    return _divided(ours, theirs)


def _windows(values: Array, window: int) -> Array:
    if window < 1:
        raise InvalidInput("a window has at least one session", value=window, bound=">= 1")
    if len(values) < window:
        return np.empty((0, window))
    return sliding_window_view(values, window)


def _pair(returns: Array, benchmark: Array, window: int) -> tuple[Array, Array]:
    """Return both series' windows, NaN in both wherever either has none."""
    same_length("returns and their benchmark", returns, benchmark)
    gone = np.isnan(returns) | np.isnan(benchmark)
    own, other = (np.where(gone, np.nan, part) for part in (returns, benchmark))
    return _windows(own, window), _windows(other, window)


def _mean(views: Array) -> Array:
    """Return each row's mean without its NaN; NaN for a row of nothing else."""
    count = np.sum(~np.isnan(views), axis=1)
    total = np.nansum(views, axis=1)
    means: Array = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return means


def _moments(views: Array) -> tuple[Array, Array]:
    """Return each row's mean and deviation (n - 1); NaN for fewer than two values."""
    count = np.sum(~np.isnan(views), axis=1)
    mean = np.where(count > 1, _mean(views), np.nan)
    square = np.nansum((views - mean[:, None]) ** 2, axis=1)
    deviation = np.where(count > 1, np.sqrt(square / np.maximum(count - 1, 1)), np.nan)
    return mean, deviation


def _divided(above: Array, below: Array) -> Array:
    """Return `ratio` of each pair: infinite where only the line below is nothing."""
    nothing = (np.abs(below) <= _ROUNDING * np.abs(above)) | (below == 0)
    parts = above / np.where(nothing, 1.0, below)
    alone = np.where((above == 0) | np.isnan(above), np.nan, np.copysign(np.inf, above))
    found: Array = np.where(nothing, alone, parts)
    return found

"""What was earned: totals, growth, calendar periods and how steadily it came."""

from math import nan
from typing import Literal

import numpy as np

from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR, Array, Days, filled, known, ratio

Period = Literal["week", "month", "quarter", "year"]
_QUARTER_MONTHS = 3


def returns_of(equity: Array) -> Array:
    """Return r[t] = equity[t] / equity[t-1] - 1, one shorter than the equity.

    >>> returns_of(np.array([100.0, 110.0, 99.0])).round(12).tolist()
    [0.1, -0.1]
    """
    returns: Array = equity[1:] / equity[:-1] - 1.0
    return returns


def cumulative(returns: Array) -> Array:
    """Return prod(1 + r[0..t]) - 1 at each session.

    >>> cumulative(np.array([0.1, -0.1])).round(12).tolist()
    [0.1, -0.01]
    """
    return np.cumprod(1.0 + filled(returns), dtype=np.float64) - 1.0


def wealth(returns: Array) -> Array:
    """Return what a start of 1 became: 1, then prod(1 + r[0..t]); one longer than the returns.

    >>> wealth(np.array([0.1, -0.1])).round(12).tolist()
    [1.0, 1.1, 0.99]
    """
    return np.concatenate([np.ones(1), 1.0 + cumulative(returns)])


def total_return(returns: Array) -> float:
    """Return prod(1 + r) - 1.

    >>> round(total_return(np.array([0.1, -0.1])), 12)
    -0.01
    """
    return float(np.prod(1.0 + filled(returns)) - 1.0)


def cagr(returns: Array, *, periods: int = SESSIONS_PER_YEAR) -> float:
    """Return the compound annual growth rate, (1 + total)^(periods / n) - 1; NaN for no return.

    -1 when everything was lost. A session without a return counts in n, as in empyrical.
    """
    if len(returns) == 0:
        return nan
    growth = 1.0 + total_return(returns)
    if growth <= 0:
        return -1.0
    with np.errstate(over="ignore"):  # a few good days of a short span are beyond any year
        return float(np.float64(growth) ** (periods / len(returns)) - 1.0)


def mean_annual(returns: Array, *, periods: int = SESSIONS_PER_YEAR) -> float:
    """Return mean(r) x periods, the arithmetic mean a year; NaN for no return.

    Above the compound rate by about half the variance.
    """
    there = known(returns)
    return float(np.mean(there) * periods) if len(there) else nan


def compounded(returns: Array, days: Days, period: Period) -> tuple[Days, Array]:
    """Return the first day of each calendar period that has sessions, and its return.

    `days` are the sessions of the returns. The first and last period may be cut short.

    >>> days = np.array(["2019-01-30", "2019-01-31", "2019-02-01"], dtype="datetime64[D]")
    >>> starts, found = compounded(np.array([0.1, 0.1, -0.5]), days, "month")
    >>> starts.astype(str).tolist(), found.round(12).tolist()
    (['2019-01-01', '2019-02-01'], [0.21, -0.5])
    """
    starts = period_starts(days, period)
    first = np.flatnonzero(np.append(True, starts[1:] != starts[:-1])[: len(starts)])
    if len(first) == 0:
        return starts, np.empty(0)
    found: Array = np.multiply.reduceat(1.0 + filled(returns), first) - 1.0
    return starts[first], found


def period_starts(days: Days, period: Period) -> Days:
    """Return the first calendar day of the period that each day is in; weeks start on Mondays.

    >>> day = np.array(["2019-05-16"], dtype="datetime64[D]")
    >>> [str(period_starts(day, p)[0]) for p in ("week", "month", "quarter", "year")]
    ['2019-05-13', '2019-05-01', '2019-04-01', '2019-01-01']
    """
    calendar = days.astype("datetime64[D]")
    if period == "week":
        since_monday = (calendar.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
        mondays: Days = calendar - since_monday.astype("timedelta64[D]")
        return mondays
    months = calendar.astype("datetime64[M]")
    if period == "quarter":
        months = months - (months.astype(np.int64) % _QUARTER_MONTHS)
    unit = months.astype("datetime64[Y]") if period == "year" else months
    return unit.astype("datetime64[D]")


def best(returns: Array) -> float:
    """Return the highest return; NaN for none."""
    there = known(returns)
    return float(np.max(there)) if len(there) else nan


def worst(returns: Array) -> float:
    """Return the lowest return; NaN for none."""
    there = known(returns)
    return float(np.min(there)) if len(there) else nan


def positive_share(returns: Array) -> float:
    """Return the share of returns above 0 among all; NaN for none.

    >>> positive_share(np.array([0.1, 0.0, -0.1, 0.2]))
    0.5
    """
    there = known(returns)
    return float(np.mean(there > 0)) if len(there) else nan


def hit_rate(returns: Array) -> float:
    """Return the share of gaining sessions among those that moved; NaN when none did.

    >>> hit_rate(np.array([0.1, 0.0, -0.1, 0.2, 0.1]))
    0.75
    """
    moved = returns[np.isfinite(returns) & (returns != 0)]
    return float(np.mean(moved > 0)) if len(moved) else nan


def gain_to_pain(returns: Array) -> float:
    """Return sum(r) / sum(|r| of the losing periods).

    Source: Schwager (2012), Hedge Fund Market Wizards, appendix A, there of monthly returns.
    Infinite when nothing was lost.

    >>> round(gain_to_pain(np.array([0.03, -0.01])), 12)
    2.0
    """
    there = known(returns)
    return ratio(float(np.sum(there)), float(-np.sum(there[there < 0])))


def stability(returns: Array) -> float:
    """Return R^2 of a straight line through the cumulated log returns: 1 is a steady climb.

    As empyrical's `stability_of_timeseries`: sessions without a return are left out. NaN for
    fewer than two returns, or after everything was lost.
    """
    there = known(returns)
    if len(there) < 2 or np.min(there) <= -1:
        return nan
    path = np.cumsum(np.log1p(there))
    time = np.arange(len(path)) - (len(path) - 1) / 2
    spread = path - np.mean(path)
    return ratio(float(np.dot(time, spread)) ** 2, float(np.dot(time, time) * (spread @ spread)))

"""Backtests side by side over their common sessions: measures, curves, and how sure a lead is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import floor, nan, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fondaco.backtest.result import BacktestResult
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR, finite
from fondaco.portfolio.measures.ratios import sharpe
from fondaco.portfolio.measures.relative import correlation
from fondaco.portfolio.measures.returns import returns_of
from fondaco.portfolio.measures.summary import Account, summary
from fondaco.portfolio.measures.table import MEASURES
from fondaco.research.trial_results import Standing

Array = NDArray[np.float64]

COMPARED_MAX = 8
SESSIONS_MIN = 20
"""Fewer common sessions than a month say nothing."""
UP: Final = (
    "total_return",
    "cagr",
    "sharpe",
    "sortino",
    "calmar",
    "omega",
    "max_drawdown",
    "average_drawdown",
    "worst_month",
    "value_at_risk",
    "expected_shortfall",
    "tail_ratio",
    "stability",
    "positive_months",
    "alpha",
    "information_ratio_annual",
)
"""Measures of which more is better; falls and values at risk are below 0."""
DOWN: Final = ("vol_annual", "downside_risk", "ulcer_index", "longest_under_water")
NEITHER: Final = ("skew", "kurtosis", "beta", "correlation")
SHOWN: Final = tuple(name for name in MEASURES if name in {*UP, *DOWN, *NEITHER})


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One measure of every account, in their order; `best` is the place of the best, None for
    none: the measure has no better side, or two are best."""

    name: str
    values: tuple[float | None, ...]
    best: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """How much one account did better than the first one.

    `mean_annual` is the difference of the mean returns a year, with its standard error by Newey
    and West; `sharpe` that of the yearly Sharpe ratios with its error by Memmel. None where there
    is no such number.
    """

    name: str
    beside: str
    mean_annual: float | None
    mean_error: float | None
    sharpe: float | None
    sharpe_error: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Backtests side by side, and the benchmark last where the first one has it.

    `names` are ids with strategies; `equity` starts at 100 for each; `correlations` is a square.
    `standings` are those of the backtests over their own spans, as they were when they were run.
    `notes` say what was cut and what differs.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    since: date
    until: date
    sessions: int
    label: Origin
    days: tuple[date, ...]
    equity: tuple[tuple[float | None, ...], ...]
    measures: tuple[MeasureLine, ...]
    correlations: tuple[tuple[float | None, ...], ...]
    differences: tuple[Difference, ...]
    standings: tuple[Standing | None, ...]
    notes: tuple[str, ...]


def compare(results: Sequence[BacktestResult]) -> Comparison:
    """Return results side by side over the sessions that all of them traded.

    Raises InvalidInput for fewer than two or more than COMPARED_MAX, for the same one twice, for
    accounts of different currencies, and for fewer than SESSIONS_MIN common sessions.
    """
    _check(results)
    days = _common(results)
    levels = [_levels(result, days) for result in results]
    names = [f"{result.id} {result.strategy}" for result in results]
    first = results[0]
    index = _benchmark(first, days)
    benchmark = None if first.benchmark is None or index is None else first.benchmark.symbol
    measured = [*levels]
    if index is not None and benchmark is not None:
        measured.append(index)
        names.append(benchmark)
    returns = [returns_of(level) for level in measured]
    return Comparison(
        ids=tuple(result.id for result in results),
        names=tuple(names),
        since=days[0],
        until=days[-1],
        sessions=len(days),
        label=first.label,
        days=tuple(days),
        equity=tuple(_scaled(level) for level in measured),
        measures=_measures(days, measured, index),
        correlations=tuple(
            tuple(_finite(correlation(own, other)) for other in returns) for own in returns
        ),
        differences=tuple(
            difference(name, names[0], own, returns[0])
            for name, own in zip(names[1:], returns[1:], strict=True)
        ),
        standings=tuple(result.standing for result in results),
        notes=_notes(results, days),
    )


def difference(name: str, beside: str, own: Array, other: Array) -> Difference:
    """Return how much better returns were than others of the same sessions, with errors.

    Sessions without one of them are left out of both.
    """
    known = np.isfinite(own) & np.isfinite(other)
    ahead, a, b = (own - other)[known], own[known], other[known]
    lead = (sharpe(a) - sharpe(b)) if len(a) > 1 else nan
    return Difference(
        name,
        beside,
        _finite(float(np.mean(ahead)) * SESSIONS_PER_YEAR if len(ahead) else nan),
        _finite(mean_error(ahead) * SESSIONS_PER_YEAR),
        _finite(lead),
        _finite(sharpe_difference_error(a, b) * sqrt(SESSIONS_PER_YEAR)),
    )


def mean_error(values: Array) -> float:
    """Return the standard error of a mean of values that may be correlated over time.

    Bartlett weights up to the lag floor(4 (n / 100)^(2/9)). Source: Newey and West (1987),
    Econometrica 55, p. 703-708, eq. 5; the lag as in Newey and West (1994), Review of Economic
    Studies 61, p. 631-653. NaN for fewer than two values.
    """
    count = len(values)
    if count < 2:
        return nan
    off = values - np.mean(values)
    lags = floor(4 * (count / 100) ** (2 / 9))
    total = float(off @ off)
    for lag in range(1, min(lags, count - 1) + 1):
        total += 2 * (1 - lag / (lags + 1)) * float(off[lag:] @ off[:-lag])
    return sqrt(max(total, 0.0)) / count


def sharpe_difference_error(own: Array, other: Array) -> float:
    """Return the standard error of the difference of two Sharpe ratios of a session.

    V = (2 - 2 r + (s1^2 + s2^2 - 2 s1 s2 r^2) / 2) / n with the ratios s and the correlation r.
    Source: Jobson and Korkie (1981), Journal of Finance 36, p. 889-908, as corrected by Memmel
    (2003), Finance Letters 1, p. 21-23. NaN for fewer than two sessions or no deviation.

    >>> same = np.array([0.01, -0.02, 0.03])
    >>> sharpe_difference_error(same, same)
    0.0
    """
    if len(own) < 2 or np.std(own) == 0 or np.std(other) == 0:
        return nan
    one, two = (float(np.mean(r) / np.std(r, ddof=1)) for r in (own, other))
    r = min(max(float(np.corrcoef(own, other)[0, 1]), -1.0), 1.0)
    variance = 2 - 2 * r + (one**2 + two**2 - 2 * one * two * r**2) / 2
    return sqrt(max(variance, 0.0) / len(own)) if variance > 1e-12 else 0.0


def _check(results: Sequence[BacktestResult]) -> None:
    ids = [result.id for result in results]
    if not 2 <= len(set(ids)) <= COMPARED_MAX or len(set(ids)) != len(ids):
        raise InvalidInput(
            "a comparison needs different backtests",
            value=", ".join(ids),
            bound=f"2 to {COMPARED_MAX}, each once",
            remedy="`fondaco backtest list` shows them.",
        )
    currencies = sorted({result.currency for result in results})
    if len(currencies) > 1:
        raise InvalidInput(
            "accounts of different currencies cannot be compared",
            value=", ".join(currencies),
            bound="one currency",
        )


def _common(results: Sequence[BacktestResult]) -> list[date]:
    days = set(results[0].curve.days)
    for result in results[1:]:
        days &= set(result.curve.days)
    if len(days) < SESSIONS_MIN:
        spans = "; ".join(f"{one.id} {one.since} to {one.until}" for one in results)
        raise InvalidInput(
            "these backtests have too few sessions in common",
            value=f"{len(days)} ({spans})",
            bound=f"at least {SESSIONS_MIN}",
            remedy="Run them over spans that overlap.",
        )
    return sorted(days)


def _levels(result: BacktestResult, days: Sequence[date]) -> Array:
    known = dict(zip(result.curve.days, result.curve.equity, strict=True))
    return np.array([known[day] for day in days])


def _benchmark(result: BacktestResult, days: Sequence[date]) -> Array | None:
    if not result.curve.benchmark:
        return None
    known = dict(zip(result.curve.days, result.curve.benchmark, strict=True))
    found = np.array([nan if known[day] is None else known[day] for day in days], dtype=np.float64)
    return found if np.isfinite(found).sum() > 1 else None


def _measures(
    days: Sequence[date], levels: Sequence[Array], index: Array | None
) -> tuple[MeasureLine, ...]:
    stamps = np.array(days, dtype="datetime64[D]")
    found = []
    for level in levels:
        known = np.isfinite(level)
        beside = None if index is None else index[known]
        found.append(summary(Account(stamps[known], level[known], benchmark=beside)))
    lines = []
    for name in SHOWN:
        values = tuple(getattr(one, name) for one in found)
        if any(value is not None for value in values):
            lines.append(MeasureLine(name, values, _best(name, values)))
    return tuple(lines)


def _best(name: str, values: tuple[float | None, ...]) -> int | None:
    if name in NEITHER:
        return None
    sign = 1 if name in UP else -1
    ranked = sorted(
        (sign * value, place) for place, value in enumerate(values) if value is not None
    )
    if not ranked or (len(ranked) > 1 and ranked[-1][0] == ranked[-2][0]):
        return None
    return ranked[-1][1]


def _scaled(level: Array) -> tuple[float | None, ...]:
    start = level[np.isfinite(level)][0]
    return tuple(
        round(value, 4) if np.isfinite(value) else None for value in (100 * level / start).tolist()
    )


def _notes(results: Sequence[BacktestResult], days: Sequence[date]) -> tuple[str, ...]:
    notes = [
        f"{one.id} has {one.sessions:,} sessions from {one.since} to {one.until}; {len(days):,} "
        f"from {days[0]} to {days[-1]} are compared."
        for one in results
        if one.sessions != len(days)
    ]
    labels = sorted({one.label.value for one in results})
    if len(labels) > 1:
        notes.append(f"Their prices come from different places: {', '.join(labels)}.")
    if len({one.data_version for one in results}) > 1:
        notes.append("They were run on different versions of the data.")
    if len({one.costs for one in results}) > 1:
        notes.append("Their costs differ.")
    return tuple(notes)


def _finite(value: float) -> float | None:
    found = finite(value)
    return None if found is None else round(found, 10)

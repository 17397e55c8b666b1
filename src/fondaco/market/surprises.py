"""Surprises: what was expected, what came, and how unusual the difference was, as known by a time.

The standardised surprise divides by the deviation of the surprises before it, as Latane and Jones
do ("Standardized Unexpected Earnings: 1971-77", Journal of Finance 34, 1979): SUE = (actual -
expected) / standard deviation of past errors. It so says how far off for this company or series.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite, sqrt
from typing import Any, Final

import polars as pl

from fondaco.core.clock import utc
from fondaco.core.errors import InvalidInput
from fondaco.market.kind_results import Surprise

BEFORE_MIN: Final = 4
"""The fewest surprises before one that standardise it."""
BEFORE_MAX: Final = 20
"""The most that do: five years of quarters."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What one row says of a period."""

    of: str
    about: str
    period: date
    estimate: float | None
    actual: float | None
    known_at: datetime


def surprises(rows: pl.DataFrame, *, as_of: datetime) -> tuple[Surprise, ...]:
    """Return the surprises known by `as_of`, by what they are of and about, oldest period first.

    `rows` are of the kind `estimates` or `events`, of one source, all that was told of a period or
    what is in force. What was expected is the last estimate known before the first actual was; a
    row that tells both by itself counts with its own estimate when there is none before. A later
    actual of the same period is a restatement, not a surprise. Periods without an actual or an
    estimate are left out. Raises InvalidInput for rows of another kind.
    """
    read = _reader(rows)
    seen = rows.filter(pl.col("known_at") <= utc(as_of)).sort("known_at", "ts", maintain_order=True)
    periods: dict[tuple[str, str, date], list[_Said]] = {}
    for row in seen.iter_rows(named=True):
        said = read(row)
        periods.setdefault((said.of, said.about, said.period), []).append(said)
    found: list[Surprise] = []
    errors: list[float] = []
    for key in sorted(periods):
        met = _met(periods[key])
        if met is None:
            continue
        estimate, actual, known_at = met
        if found and (found[-1].of, found[-1].about) != key[:2]:
            errors = []
        error = actual - estimate
        share = error / abs(estimate) if estimate else None
        found.append(
            Surprise(*key, estimate, actual, error, share, standardised(error, errors), known_at)
        )
        errors = [*errors, error]
    return tuple(found)


def standardised(surprise: float, before: Sequence[float]) -> float | None:
    """Return a surprise over the deviation (n - 1) of the last ones before it.

    >>> round(standardised(2.0, [1.0, -1.0, 1.0, -1.0]), 4)
    1.7321
    """
    last = before[-BEFORE_MAX:]
    if len(last) < BEFORE_MIN:
        return None
    mean = sum(last) / len(last)
    deviation = sqrt(sum((one - mean) ** 2 for one in last) / (len(last) - 1))
    # Equal numbers differ from their mean by rounding alone.
    return surprise / deviation if deviation > 1e-12 * max(map(abs, last)) else None


def _reader(rows: pl.DataFrame) -> Callable[[dict[str, Any]], _Said]:
    for needs, read in ((_ESTIMATE, _estimate), (_EVENT, _event)):
        if needs <= set(rows.columns):
            return read
    raise InvalidInput(
        "surprises come of estimates or of events",
        value=", ".join(rows.columns),
        bound=f"{', '.join(sorted(_ESTIMATE))}; or {', '.join(sorted(_EVENT))}",
    )


_ESTIMATE: Final = frozenset({"instrument", "item", "end", "ts", "known_at", "mean", "actual"})
_EVENT: Final = frozenset(
    {"event", "instrument", "country", "title", "ts", "known_at", "forecast", "actual"}
)


def _estimate(row: dict[str, Any]) -> _Said:
    return _Said(
        row["instrument"],
        row["item"],
        row["end"],
        _number(row["mean"]),
        _number(row["actual"]),
        utc(row["known_at"]),
    )


def _event(row: dict[str, Any]) -> _Said:
    about = row["title"] if row["instrument"] is None else row["event"]
    return _Said(
        row["instrument"] or row["country"] or "",
        about,
        utc(row["ts"]).date(),
        _number(row["forecast"]),
        _number(row["actual"]),
        utc(row["known_at"]),
    )


def _number(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def _met(said: Sequence[_Said]) -> tuple[float, float, datetime] | None:
    """Return a period's estimate, actual and when that was known; rows come in known order."""
    told = next((one for one in said if one.actual is not None), None)
    if told is None or told.actual is None:
        return None
    before = [
        one.estimate for one in said if one.estimate is not None and one.known_at < told.known_at
    ]
    estimate = before[-1] if before else told.estimate
    return None if estimate is None else (estimate, told.actual, told.known_at)

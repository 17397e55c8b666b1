"""A forecaster's out-of-sample record: how far its forecasts came true."""

from collections import defaultdict
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from fondaco.research.ports import Outcome
from fondaco.research.results import Record

NAMES_PER_DATE_MIN = 5
"""Fewest outcomes of one date that can be correlated."""


def ended_by(outcomes: tuple[Outcome, ...], closes: tuple[datetime, ...]) -> tuple[Outcome, ...]:
    """Return the realised outcomes whose horizon had ended by the last of the session closes.

    The store may hold outcomes that came later; as of that close they were not known.
    """
    place = {close: row for row, close in enumerate(closes)}
    return tuple(
        o
        for o in outcomes
        if o.realised is not None
        and o.forecast.as_of in place
        and place[o.forecast.as_of] + o.forecast.horizon_sessions < len(closes)
    )


def record_of(outcomes: tuple[Outcome, ...]) -> Record | None:
    """Return the record of realised outcomes; None when no date has enough of them.

    Source of the measure: Grinold and Kahn (2000), Active Portfolio Management, chapter 6
    (information coefficient), with ranks.
    """
    dates: defaultdict[datetime, list[tuple[float, float, bool]]] = defaultdict(list)
    for o in outcomes:
        if o.realised is not None:
            inside = o.forecast.low <= o.realised <= o.forecast.high
            dates[o.forecast.as_of].append((o.forecast.score, o.realised, inside))
    known = {at: np.array(rows) for at, rows in dates.items() if len(rows) >= NAMES_PER_DATE_MIN}
    if not known:
        return None
    ics = np.array([rank_correlation(rows[:, 0], rows[:, 1]) for rows in known.values()])
    ics = ics[~np.isnan(ics)]
    everything = np.concatenate(list(known.values()))
    sides = np.sign(everything[:, 0] - 0.5) * np.sign(everything[:, 1] - 0.5)
    decided = sides[sides != 0]
    return Record(
        forecasts=len(everything),
        dates=len(known),
        since=min(known),
        until=max(known),
        rank_ic_mean=float(np.mean(ics)) if len(ics) else None,
        rank_ic_error=float(np.std(ics, ddof=1) / np.sqrt(len(ics))) if len(ics) > 1 else None,
        hit_rate=float(np.mean(decided > 0)) if len(decided) else None,
        covered=float(np.mean(everything[:, 2])),
    )


def rank_correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return Spearman's rank correlation, ties sharing their mean rank; NaN for a constant.

    >>> round(rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])), 9)
    0.5
    """
    ranks = [_mean_ranks(values) for values in (a, b)]
    if any(np.ptp(r) == 0.0 for r in ranks):
        return float("nan")
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _mean_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    order = np.sort(values)
    below = np.searchsorted(order, values, side="left")
    upto = np.searchsorted(order, values, side="right")
    return np.asarray(0.5 * (below + upto - 1), dtype=np.float64)

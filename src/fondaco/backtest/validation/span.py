"""The two parts of a validation's span: what is searched, and what is held back until the end."""

from dataclasses import dataclass
from datetime import date
from math import ceil

import numpy as np
from numpy.typing import NDArray

from fondaco.backtest.validation.asked import EMBARGO, Plan
from fondaco.core.errors import InvalidInput
from fondaco.research.validation.combinatorial import CombinatorialPurged
from fondaco.research.validation.walk import Walk

Days = NDArray[np.datetime64]
SHARE = 0.2
YEAR_HELD = 253
"""A year of returns, which the gate asks for, takes one session more."""
HELD_MIN = 63
"""A quarter: a Sharpe ratio of fewer sessions says nothing."""
SEARCHED_MIN = 252
GROUP_MIN = 21
"""A month: the least that a group of the combinatorial test may hold."""
HORIZON = 1
"""A day's return is known a day later: the label of a strategy's own returns."""


@dataclass(frozen=True, slots=True)
class Span:
    """The last day that is searched, the days that are held back, and the sessions of each."""

    until: date
    held_since: date
    held_until: date
    searched: int
    held: int


def split_span(days: Days, plan: Plan) -> Span:
    """Return the parts of a span of sessions; raises InvalidInput where one is too short.

    Left open, the newest fifth is held back, a year at least where three more are left.
    """
    rows = len(days)
    held = _held(days, plan)
    if held < HELD_MIN:
        raise InvalidInput(
            "the span that is held back is too short to be judged",
            value=f"{held} of {rows} sessions",
            bound=f">= {HELD_MIN}",
            remedy="Hold back more with --holdout, or take a longer span.",
        )
    if rows - held < SEARCHED_MIN:
        raise InvalidInput(
            "too few sessions are left to validate on",
            value=f"{rows - held}, with {held} held back",
            bound=f">= {SEARCHED_MIN}",
            remedy="Take a longer span, or hold back less with --holdout.",
        )
    first = rows - held
    return Span(days[first - 1].item(), days[first].item(), days[-1].item(), first, held)


def splitters(plan: Plan, days: Days) -> tuple[CombinatorialPurged, Walk]:
    """Return the splits of the days of T returns; raises InvalidInput where they are too few."""
    least = plan.groups * GROUP_MIN
    if len(days) < least:
        raise InvalidInput(
            "the searched span is too short for the groups of the combinatorial test",
            value=f"{len(days)} returns in {plan.groups} groups",
            bound=f">= {least}, {GROUP_MIN} in a group",
            remedy="Take a longer span, or fewer groups with --folds.",
        )
    cross = CombinatorialPurged(plan.groups, plan.test_groups, horizon=HORIZON, embargo=EMBARGO)
    anchor = 0
    if plan.walk_anchor is not None:
        anchor = int(np.searchsorted(days, np.datetime64(plan.walk_anchor)))
    walk = Walk(
        plan.walk_train,
        plan.walk_test,
        kind=plan.walk,
        horizon=HORIZON,
        embargo=EMBARGO,
        anchor=anchor,
    )
    _check_walk(walk, len(days))
    return cross, walk


def _check_walk(walk: Walk, rows: int) -> None:
    first = walk.anchor + walk.train + HORIZON + EMBARGO
    if first + GROUP_MIN > rows:
        raise InvalidInput(
            "the searched span is too short for one window of the walk",
            value=f"{rows} returns",
            bound=f">= {first + GROUP_MIN}: {first} up to the first test, {GROUP_MIN} to test",
            remedy="Take a longer span, or learn from fewer sessions with --walk.",
        )


def _held(days: Days, plan: Plan) -> int:
    rows = len(days)
    if isinstance(plan.holdout, date):
        return rows - int(np.searchsorted(days, np.datetime64(plan.holdout)))
    if plan.holdout is not None:
        return ceil(plan.holdout * rows)
    held = ceil(SHARE * rows)
    return max(held, YEAR_HELD) if rows >= 4 * YEAR_HELD else held

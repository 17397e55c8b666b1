"""Searching the trial ledger: what was found, the cloud of it, and what luck would show."""

from collections.abc import Sequence
from math import sqrt
from statistics import median

import numpy as np

from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR
from fondaco.research.standing import (
    LINES_MAX,
    effective_among,
    luck_sharpe,
    shape_or_none,
    standing_of,
)
from fondaco.research.statistics.effective import OVERLAP_MIN
from fondaco.research.trial_ledger import EVERY, Line, Trial, TrialStore, Which
from fondaco.research.trial_results import Counts, Luck, Point, TrialRow, TrialSheet

LUCK_POINTS = 61
_REACH = 4.0
"""How many errors of a ratio the curves of luck go on beyond 0 and beyond their mean."""
_YEAR = sqrt(SESSIONS_PER_YEAR)


def search(
    trials: TrialStore, which: Which, *, chosen: str | None = None, limit: int = 100
) -> TrialSheet:
    """Return the trials that fit, newest first, with the cloud of them and what luck would show.

    The cloud holds at most 2,000. `chosen` is a trial's content or its beginning; raises NotFound
    for one that is not in the ledger.
    """
    marked = None if chosen is None else trials.get(chosen)
    everyone = trials.lines(limit=LINES_MAX)
    fitting = everyone if which == EVERY else trials.lines(which, limit=LINES_MAX)
    desk = counts_of(everyone, trials.count())
    found = desk if which == EVERY else counts_of(fitting, trials.count(which))
    cloud = points_of(fitting)
    return TrialSheet(
        asked=_asked(which),
        found=found,
        desk=desk,
        rows=tuple(row_of(trial) for trial in trials.list(which, limit=limit)),
        cloud=cloud,
        luck=_luck(cloud, marked, desk),
        chosen=None if marked is None else row_of(marked),
        standing=None if marked is None else standing_of(trials, marked),
    )


def counts_of(lines: Sequence[Line], raw: int) -> Counts:
    """Return for how many independent trials some count; those that were not read, one each."""
    seed = lines[0].content if lines else ""
    return Counts(raw, effective_among(lines, raw, seed).effective)


def points_of(lines: Sequence[Line]) -> tuple[Point, ...]:
    """Return each trial that has a Sharpe ratio as a point: its length and its ratio.

    One of fewer than 60 sessions is left out: its ratio says nothing, and would set the scale.
    """
    found = []
    for line in lines:
        shape = None if line.stream is None else shape_or_none(line.stream.returns)
        if shape is not None and shape.sessions >= OVERLAP_MIN:
            years = shape.sessions / SESSIONS_PER_YEAR
            found.append(Point(line.content, line.strategy, line.at, years, shape.sharpe * _YEAR))
    return tuple(found)


def luck_of(trials: float, sessions: int) -> Luck:
    """Return the densities of the annual ratio that luck shows: of one trial, and of the best.

    Without skill a ratio over n sessions is about normal with a deviation of sqrt(252 / (n - 1));
    the best of N has the density N phi(z) Phi(z)^(N - 1) per deviation (David and Nagaraja 2003,
    Order Statistics, equation 2.1.6). `sessions` at least 2, `trials` at least 1.

    >>> found = luck_of(10, 1_261)
    >>> round(found.expected, 2), len(found.sharpe)
    (0.7, 61)
    """
    from scipy.special import log_ndtr  # type: ignore[import-untyped]

    error = _YEAR / sqrt(sessions - 1)
    expected = luck_sharpe(trials, sessions)
    z = np.linspace(-_REACH, _REACH + expected / error, LUCK_POINTS)
    one = np.exp(-z * z / 2.0) / sqrt(2.0 * np.pi) / error
    best = trials * one * np.exp((trials - 1.0) * log_ndtr(z))
    return Luck(
        sessions,
        trials,
        expected,
        tuple((z * error).tolist()),
        tuple(one.tolist()),
        tuple(best.tolist()),
    )


def _luck(cloud: Sequence[Point], marked: Trial | None, desk: Counts) -> Luck | None:
    """Return what luck shows over the marked trial's sessions, else over the cloud's median."""
    lengths = [round(point.years * SESSIONS_PER_YEAR) for point in cloud]
    if marked is not None and len(marked.returns) > 1:
        lengths = [len(marked.returns)]
    return luck_of(max(1.0, desk.effective), int(median(lengths))) if lengths else None


def _asked(which: Which) -> str:
    words = {
        "strategy": which.strategy,
        "family": which.family,
        "author": which.author,
        "kind": which.kind and which.kind.value,
        "data version": which.data_version,
    }
    return ", ".join(f"{name} {value}" for name, value in words.items() if value is not None)


def row_of(trial: Trial) -> TrialRow:
    """Return a trial as it is shown: all of it but its daily returns."""
    return TrialRow(
        content=trial.content,
        strategy=trial.strategy,
        family=trial.family,
        parameters=dict(trial.parameters),
        author=trial.author,
        surface=trial.surface,
        kind=trial.kind,
        at=trial.at,
        since=trial.since,
        until=trial.until,
        data_version=trial.data_version,
        instruments=trial.instruments,
        label=trial.label,
        code=trial.code,
        costs=trial.costs,
        costs_dated=trial.costs_dated,
        lineage=trial.lineage,
        metrics=dict(trial.metrics),
    )

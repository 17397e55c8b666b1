"""Trials that walk alike: the same idea under another name is the same idea.

A file that is renamed, or an idea that is written anew, has the returns of the old one. Two degrees
are told apart. A look-alike goes along with an idea, and is paid for with its family. A twin is the
idea itself: what its strategy tried was tried for this one, and what it saw was seen.

They are two since what is held in common need not be the idea. Of the built-in strategies on the
bundled shares, 2005 to 2018, buy_and_hold and momentum correlate at 0.81, because both hold the
market; if a look-alike had seen for it, whoever runs the benchmark would use up the span kept back
of every strategy. Across families the highest there is 0.89 (sma_trend and volatility_target).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from fondaco.research.statistics.effective import OVERLAP_MIN, Stream
from fondaco.research.trial_ledger import Line

ALIKE_MIN = 0.8
"""Two thirds of the variance is shared: what is left buys little luck of its own."""
TWIN_MIN = 0.95
"""Nine tenths of the variance are shared: that is one idea, not one market."""

Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Idea:
    """One idea as the ledger knows it: its strategy and family, and how its trials walk."""

    strategy: str
    family: str
    streams: tuple[Stream, ...]

    def names(self, line: Line) -> bool:
        """Return whether a trial says of itself that it is this idea."""
        return line.family == self.family or line.strategy == self.strategy


@dataclass(frozen=True, slots=True)
class Alike:
    """Trials of other families: `look_alikes` in all, and those of them that belong to a twin."""

    look_alikes: tuple[Line, ...]
    twins: tuple[Line, ...]


def alike_to(lines: Sequence[Line], idea: Idea) -> Alike:
    """Return the trials of other families that count as an idea's own, each in their order.

    A look-alike's returns correlate above 0.8 with those of one of the idea's streams, over at
    least 60 common days; at any leverage, since a correlation does not see it. Above 0.95 it is a
    twin, and every other trial of its strategy comes along: who searched under one name, and takes
    the best of it to another, has made those trials all the same.
    """
    others = [line for line in lines if not idea.names(line)]
    likest = np.full(len(others), -1.0)
    for stream in idea.streams:
        found = correlations_with(stream, [line.stream for line in others])
        likest = np.fmax(likest, found)
    pairs = list(zip(others, likest.tolist(), strict=True))
    strategies = {line.strategy for line, rho in pairs if rho > TWIN_MIN}
    return Alike(
        tuple(line for line, rho in pairs if rho > ALIKE_MIN or line.strategy in strategies),
        tuple(line for line in others if line.strategy in strategies),
    )


def touching(lines: Sequence[Line], idea: Idea, *, since: date, until: date) -> tuple[Line, ...]:
    """Return the trials of an idea, its twins' included, that reach into a span of days.

    Both days are in it. Since a twin brings its whole strategy along, a trial that a renamed file
    made on this span alone is found too, though it shares no day with the idea's own.
    """
    twins = {line.content for line in alike_to(lines, idea).twins}
    return tuple(
        line
        for line in lines
        if line.since.date() <= until
        and line.until.date() >= since
        and (idea.names(line) or line.content in twins)
    )


def correlations_with(stream: Stream, others: Sequence[Stream | None]) -> Column:
    """Return the correlation of each of N streams with one, over their common days, (N,).

    NaN where there is no stream, there are fewer than 60 common days, or one of the two does not
    vary on them.

    >>> days = np.arange(100, dtype=np.int32)
    >>> wave = Stream(days, np.sin(days))
    >>> correlations_with(wave, [Stream(days[:80], 3.0 * np.sin(days[:80])), None]).round(6)
    array([ 1., nan])
    """
    found = np.full(len(others), np.nan)
    if len(stream.days) < OVERLAP_MIN:
        return found
    first, last = int(stream.days[0]), int(stream.days[-1])
    by_day = np.full(last - first + 1, np.nan)
    by_day[stream.days - first] = stream.returns
    for number, other in enumerate(others):
        if other is None:
            continue
        inside = (other.days >= first) & (other.days <= last)
        mine = by_day[other.days[inside] - first]
        both = ~np.isnan(mine)
        found[number] = _correlation(mine[both], other.returns[inside][both])
    return found


def _correlation(first: Column, second: Column) -> float:
    if len(first) < OVERLAP_MIN:
        return float("nan")
    a, b = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    least = 1e-13 * len(a) * float(np.abs(first).max()) * float(np.abs(second).max())
    return float("nan") if scale <= least else float(a @ b) / scale

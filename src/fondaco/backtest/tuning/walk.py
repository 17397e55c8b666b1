"""Tuning that walks forward: what is tried, and what is chosen, rests on the past of each window.

The study moves through the windows in time. Sets that are proposed at a window are found by their
returns in its training sessions alone, and may be chosen there or later, never before; the first
batches are drawn blindly and belong to the first window. At each window the best set so far in
the training sessions is chosen, and what it earned in the tested ones is its return out of sample.
So no tested session has a part in what was tried or chosen for it: to search by the whole span and
then choose window by window would leak it through the sets that were worth trying.

Source: Pardo (2008), The Evaluation and Optimization of Trading Strategies, chapter 11.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fondaco.backtest.tuning.study import BATCH, STARTUP
from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix
from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR
from fondaco.research.validation.choose import sharpe_ratios
from fondaco.research.validation.walk import Walk

Vector = NDArray[np.float64]
Rows = NDArray[np.int64]
WalkKind = Literal["expanding", "rolling"]
HORIZON = 1
"""Returns held back between training and test: an order decided in one fills in the next."""
FIRST_PART = 3
"""Without a walk, the first part of the span that pruning looks at is one in so many."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """The windows of a study over `rows` daily returns.

    `trains` and `tests` are rows, one array for each window. One more training set follows the
    last test: the sessions by which the set for the time after the span is chosen. Without a walk
    it is all there is, and holds every row.
    """

    rows: int
    trains: tuple[Rows, ...]
    tests: tuple[Rows, ...]

    @property
    def count(self) -> int:
        """How many windows are tested."""
        return len(self.tests)

    @property
    def first_part(self) -> int:
        """How many returns a set is first judged by where poor ones are given up."""
        return len(self.trains[0]) if self.tests else self.rows // FIRST_PART

    def of_batch(self, batch: int, batches: int) -> int:
        """Return the window at which a batch is proposed.

        The batches that are drawn blindly belong to window 0, as does the first that is not; the
        last belongs to the time after the span, and the others lie evenly between.
        """
        blind = STARTUP // BATCH
        steps = batches - 1 - blind
        if batch < blind or steps < 1:
            return 0
        return round((batch - blind) * self.count / steps)


@dataclass(frozen=True, slots=True, eq=False)
class Walked:
    """What choosing anew at each window earned.

    `choices` the place of the set chosen at each window, None where none had been proposed by
    then; `next` that for the time after the span. `rows` the tested rows, `returns` theirs, 0
    where nothing was chosen.
    """

    choices: tuple[int | None, ...]
    next: int | None
    rows: Rows
    returns: Vector


def windows_of(rows: int, walk: tuple[WalkKind, int, int] | None) -> Windows:
    """Return the windows of a walk (kind, train, test) over so many daily returns.

    Raises InvalidInput where they are too few for one window.

    >>> windows_of(10, ("expanding", 4, 3)).tests[-1]
    array([8, 9])
    """
    every = np.arange(rows, dtype=np.int64)
    if walk is None:
        if rows < 2 * FIRST_PART:
            raise InvalidInput(
                "the searched span is too short",
                value=f"{rows + 1} sessions",
                bound=f">= {2 * FIRST_PART + 1}",
                remedy="Widen the span, or keep less of it back.",
            )
        return Windows(rows, (every,), ())
    kind, train, test = walk
    need = train + HORIZON + 1
    if rows < need:
        raise InvalidInput(
            "the searched span is too short to walk through",
            value=f"{rows} daily returns",
            bound=f">= {need}: {train} to choose by, {HORIZON} held back, 1 to test",
            remedy="Choose by fewer sessions, keep less of the span back, or widen it.",
        )
    splits = list(Walk(train, test, kind=kind, horizon=HORIZON).split(every))
    last = every if kind == "expanding" else every[-train:]
    return Windows(rows, (*(one for one, _ in splits), last), tuple(two for _, two in splits))


def ratios(streams: Matrix, rows: Rows) -> Vector:
    """Return the annual Sharpe ratio of each column of (rows, K) returns over some rows.

    0 for one that never moved there, as for a strategy that did not trade.
    """
    return sharpe_ratios(streams[rows]) * sqrt(SESSIONS_PER_YEAR)


def walked(streams: Matrix, proposed: Sequence[int], windows: Windows) -> Walked:
    """Return what choosing by the training sessions earned in the tested ones.

    `streams` (rows, K) are the sets' daily returns and `proposed` the window at which each was
    proposed. On equal ratios the earlier set is taken.
    """
    born = np.array(proposed, dtype=np.int64)
    choices = [_best(streams, born, train, at) for at, train in enumerate(windows.trains)]
    if not windows.tests:
        return Walked((), choices[-1], np.zeros(0, dtype=np.int64), np.zeros(0))
    earned = [
        np.zeros(len(test)) if choice is None else streams[test, choice]
        for choice, test in zip(choices, windows.tests, strict=False)
    ]
    rows = np.concatenate(windows.tests)
    return Walked(tuple(choices[:-1]), choices[-1], rows, np.concatenate(earned))


def window_means(streams: Matrix, proposed: Sequence[int], windows: Windows) -> list[float | None]:
    """Return each set's mean annual Sharpe ratio over the windows tested since it was proposed.

    None for one that was proposed after the last of them, or without a walk. A window of a single
    return has no ratio and is left out.
    """
    judged = [test for test in windows.tests if len(test) > 1]
    if not judged:
        return [None] * len(proposed)
    by_window = np.array([ratios(streams, test) for test in judged])
    return [
        float(by_window[born:, place].mean()) if born < len(judged) else None
        for place, born in enumerate(proposed)
    ]


def _best(streams: Matrix, born: Rows, train: Rows, window: int) -> int | None:
    there = np.flatnonzero(born <= window)
    if not len(there):
        return None
    return int(there[np.argmax(ratios(streams[:, there], train))])

"""Overfitting among the sets that one idea was tried with, on the sessions of one of its trials."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fondaco.research.alike import correlations_with
from fondaco.research.statistics.effective import Stream
from fondaco.research.statistics.overfit import overfitting
from fondaco.research.trial_ledger import Kind, Line

SAME_MIN = 0.999
"""Above it two trials are one set: at another cost, from another day. Among copies of one set the
best is drawn by lot, and the probability of overfitting would be a half whatever its worth."""
COVERED_MIN = 0.8
"""Share of the sessions that a trial must have to be compared on them; a longer warm-up starts
later."""
BLOCK_SESSIONS_MIN = 10
BLOCKS = 16
BLOCKS_OF_MANY = 12
_SETS_FEW = 300
"""Sets beyond which 12 blocks are taken for 16: 924 halves of the past instead of 12,870. On noise
the two probabilities differ by 0.05 on average."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing the sets of one idea brought.

    `sets` different ones on the same sessions, the trial's own among them. `left_out` counts the
    trials that could not be compared: without returns, or another set on other sessions.
    """

    probability: float | None
    sets: int
    left_out: int


def overfit_among(mine: Line, family: Sequence[Line]) -> Compared:
    """Return how likely it is that the best of an idea's sets was overfitted.

    By combinatorially symmetric cross-validation over the sessions that all compared trials share.
    A probability of None: fewer than two sets, or fewer than 40 sessions. A trial of the held-back
    span is the same set by intent and is never compared.
    """
    others = [line for line in family if line.content != mine.content]
    if mine.stream is None:
        return Compared(None, 0, len(others))
    asked = [line for line in others if line.kind is not Kind.HOLDOUT]
    likeness = correlations_with(mine.stream, [line.stream for line in asked])
    different = [line for line, rho in zip(asked, likeness, strict=True) if not rho > SAME_MIN]
    inside = [s for line in different if (s := line.stream) is not None and _covers(s, mine.stream)]
    matrix = _distinct(_together([mine.stream, *inside]))
    sets, left_out = matrix.shape[1], len(different) - len(inside)
    blocks = min(BLOCKS if sets <= _SETS_FEW else BLOCKS_OF_MANY, _blocks_in(len(matrix)))
    if sets < 2 or blocks < 4:
        return Compared(None, sets, left_out)
    return Compared(overfitting(matrix, blocks=blocks).probability, sets, left_out)


def _covers(stream: Stream, wanted: Stream) -> bool:
    there = np.isin(wanted.days, stream.days, assume_unique=True)
    return float(there.mean()) >= COVERED_MIN


def _together(streams: Sequence[Stream]) -> Matrix:
    """Return the returns of streams over the days that all of them have, (T, N)."""
    days = streams[0].days
    for stream in streams[1:]:
        days = np.intersect1d(days, stream.days, assume_unique=True)
    columns = [s.returns[np.searchsorted(s.days, days)] for s in streams]
    return np.column_stack(columns)


def _distinct(matrix: Matrix) -> Matrix:
    """Return the first column of each set, of columns that are one set."""
    if matrix.shape[1] < 2 or len(matrix) < 2:
        return matrix
    away = matrix - matrix.mean(axis=0)
    scale = np.sqrt((away * away).sum(axis=0))
    scaled = np.divide(away, scale, out=np.zeros_like(away), where=scale > 0.0)
    same = scaled.T @ scaled > SAME_MIN
    np.fill_diagonal(same, val=True)
    return matrix[:, np.unique(same.argmax(axis=1))]


def _blocks_in(sessions: int) -> int:
    """Return the greatest even number of blocks of at least ten sessions."""
    return sessions // BLOCK_SESSIONS_MIN // 2 * 2

"""How likely the choice of the best of many sets was overfitted: combinatorial halves of the past.

The sessions are cut into S blocks; every choice of half of them is a past on which the best set is
chosen, and the other half is what followed. Source: Bailey, Borwein, Lopez de Prado and Zhu (2017),
The Probability of Backtest Overfitting, Journal of Computational Finance 20(4), p. 39-69 (working
paper of 2015: the CSCV procedure, and the overfit statistics).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import nan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fondaco.core.errors import InvalidInput

BLOCKS_MAX = 16
BLOCK_SESSIONS_MIN = 2
_CELLS_AT_ONCE = 2_000_000
"""Ratios held at a time: 16 MB an array."""

Matrix = NDArray[np.float64]
Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Overfit:
    """What choosing the best set on one half of the past brought on the other half.

    `probability` is that of overfitting: the share of splits in which the chosen set came out at or
    below the median of all sets. `splits` pasts of `sessions` sessions in `blocks` blocks, `sets`
    sets. Of each split: `logits`, ln(w / (1 - w)) of the chosen set's relative rank w outside;
    `inside` and `outside`, its Sharpe ratio per session on either half. `slope` and `intercept` are
    those of outside on inside, NaN where inside never varies; `loss_probability` is the share of
    splits with a negative ratio outside.
    """

    probability: float
    splits: int
    sets: int
    sessions: int
    blocks: int
    logits: tuple[float, ...]
    slope: float
    intercept: float
    loss_probability: float
    inside: tuple[float, ...]
    outside: tuple[float, ...]


def overfitting(returns: ArrayLike, *, blocks: int = 16) -> Overfit:
    """Return how likely it is that the best of N sets was overfitted, from their returns, (T, N).

    One column a set of parameters, one row a session, every set over the same sessions; blocks is
    even, 2 to 16. The oldest T mod blocks sessions are left out, so that blocks are equal. Without
    any edge the probability is 0.5 on average for an even N (0.5 + 0.5 / N for an odd one, since
    the median counts as overfitted). A half in which a set does not vary has a ratio of 0 for it.

    Raises InvalidInput for fewer than two sets, an odd number of blocks or one out of range, fewer
    than two sessions a block, NaN or infinity.

    >>> edge = np.array([[0.03, 0.0], [0.01, -0.01], [0.03, 0.01], [0.01, -0.01]] * 2)
    >>> overfitting(edge, blocks=4).probability
    0.0
    """
    whole = _checked(np.asarray(returns, dtype=np.float64), blocks)
    kept = whole[len(whole) % blocks :]
    cut = kept.reshape(blocks, -1, kept.shape[1])
    sums, squares = cut.sum(axis=1), (cut * cut).sum(axis=1)
    parts = [_judged(half, sums, squares, cut.shape[1]) for half in _halves(blocks, kept.shape[1])]
    inside, outside, logits = (np.concatenate(column) for column in zip(*parts, strict=True))
    slope, intercept = _line(inside, outside)
    return Overfit(
        probability=float((logits <= 0.0).mean()),
        splits=len(logits),
        sets=kept.shape[1],
        sessions=len(kept),
        blocks=blocks,
        logits=tuple(logits.tolist()),
        slope=slope,
        intercept=intercept,
        loss_probability=float((outside < 0.0).mean()),
        inside=tuple(inside.tolist()),
        outside=tuple(outside.tolist()),
    )


def _halves(blocks: int, sets: int) -> Iterator[Matrix]:
    """Yield every half of the blocks as a row of zeros and ones, some rows at a time."""
    chosen = np.array(list(combinations(range(blocks), blocks // 2)))
    rows = np.zeros((len(chosen), blocks))
    np.put_along_axis(rows, chosen, 1.0, axis=1)
    step = max(1, _CELLS_AT_ONCE // sets)
    for start in range(0, len(rows), step):
        yield rows[start : start + step]


def _judged(
    half: Matrix, sums: Matrix, squares: Matrix, length: int
) -> tuple[Column, Column, Column]:
    """Return of each half, (H,): the best ratio inside, the same set's outside, its logit."""
    sessions = length * len(sums) // 2
    first = _ratios(half @ sums, half @ squares, sessions)
    other = _ratios((1.0 - half) @ sums, (1.0 - half) @ squares, sessions)
    best = first.argmax(axis=1)[:, None]
    inside = np.take_along_axis(first, best, axis=1)
    outside = np.take_along_axis(other, best, axis=1)
    # Ranks run from 1; equal ones share the middle of theirs, the set itself among them.
    rank = (other < outside).sum(axis=1) + ((other == outside).sum(axis=1) + 1) / 2
    return inside[:, 0], outside[:, 0], np.log(rank / (other.shape[1] + 1 - rank))


def _ratios(sums: Matrix, squares: Matrix, sessions: int) -> Matrix:
    mean = sums / sessions
    variance = (squares - sums * mean) / (sessions - 1)
    ratios = np.zeros_like(mean)
    # Below this a difference of squares is rounding.
    moves = variance > 1e-12 * squares / sessions
    np.divide(mean, np.sqrt(variance, where=moves, out=np.ones_like(mean)), out=ratios, where=moves)
    return ratios


def _line(inside: Column, outside: Column) -> tuple[float, float]:
    away = inside - inside.mean()
    spread = float(away @ away)
    if spread <= 1e-24 * len(inside):
        return nan, nan
    slope = float(away @ outside) / spread
    return slope, float(outside.mean()) - slope * float(inside.mean())


def _checked(returns: Matrix, blocks: int) -> Matrix:
    if blocks % 2 or not 2 <= blocks <= BLOCKS_MAX:
        raise InvalidInput(
            "no such number of blocks", value=blocks, bound=f"even, 2 to {BLOCKS_MAX}"
        )
    if returns.ndim != 2 or returns.shape[1] < 2:
        raise InvalidInput(
            "overfitting is of a choice among sets",
            value=f"an array of shape {returns.shape}",
            bound="(T, N), N >= 2",
        )
    least = BLOCK_SESSIONS_MIN * blocks
    if len(returns) < least:
        raise InvalidInput(
            "too few sessions for the blocks",
            value=len(returns),
            bound=f">= {least}",
            remedy="Ask for fewer blocks.",
        )
    wrong = np.argwhere(~np.isfinite(returns))
    if len(wrong):
        row, column = wrong[0].tolist()
        raise InvalidInput(
            "a return is not a number",
            value=f"{returns[row, column]} at session {row} of set {column}, {len(wrong)} in all",
            remedy="Give every set the same sessions.",
        )
    return returns

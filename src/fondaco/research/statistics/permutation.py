"""Permutation of signals against returns: did the positions know anything of what they earned?"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.research.statistics.blocks import check_draws, finite_table, optimal_block

Column = NDArray[np.float64]
How = Literal["shift", "block", "names"]
_ROUNDING = 1e-12
"""Of the largest sum that the products could come to: closer than this is a tie, which counts."""


@dataclass(frozen=True, slots=True)
class Permuted:
    """What was earned per row, and what the same positions earn when they are moved about.

    `p_value` is the chance of as much or more without any knowledge, (1 + hits) / (1 + draws).
    `null_mean` is what the positions earn for being held at all (drift), `null_error` how far
    chance strays from it. `block` is the rows that moved together; None for a shift.
    """

    statistic: float
    p_value: float
    draws: int
    null_mean: float
    null_error: float
    how: How
    block: int | None


def permutation_edge(
    positions: NDArray[np.float64],
    returns: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    draws: int = 2_000,
    how: How = "shift",
    block: int | None = None,
) -> Permuted:
    """Test whether positions earn more on their own rows than on others: an edge, not a drift.

    `positions` and `returns` are finite, (T,) or (T, N); a row of positions is what is held INTO
    that row's returns. The statistic is the mean over rows of sum(position x return). Under the
    null hypothesis, positions say nothing of the returns they earn, so these may be moved:

    - `shift`: all rows round in time by one random step, all names alike. The autocorrelation of
      both sides stays, and what happened on one day stays together. The one to take; there are
      T shifts, the true one among them, so no p-value is far below 1 / T.
    - `block`: blocks of `block` rows change places, all names alike; without `block` the best
      block of the most persistent column. Block 1 moves single rows and rejects far too often
      where both sides are persistent.
    - `names`: names are exchanged, in each block of `block` rows anew, without `block` once for
      all rows. It tests selection alone: a sum of positions that is right in time is no edge here.

    One position that never changes has no timing to test: its p-value is 1. Source: Fisher's
    randomisation test; p with the observed one counted, Davison and Hinkley (1997), Bootstrap
    Methods and their Application, eq. 4.11; by shifts, Romano and Tirlea (2022), Permutation
    testing for dependence in time series, Journal of Time Series Analysis 43, p. 781-807.
    Raises InvalidInput for unequal shapes, values that are not finite, a single name to exchange.

    >>> rng = np.random.default_rng(4)
    >>> market = rng.normal(0.0, 0.01, 500)
    >>> guess, insight = np.sign(rng.normal(size=500)), np.sign(market + rng.normal(0, 0.02, 500))
    >>> permutation_edge(guess, market, rng=rng).p_value > 0.05
    True
    >>> permutation_edge(insight, market, rng=rng).p_value < 0.01
    True
    """
    held, earned = _both(positions, returns)
    check_draws(draws)
    rows = len(held)
    size = _block(how, block, held, earned)
    if how == "shift":
        null = shifted_means(held, earned)[rng.integers(rows, size=draws)]
    else:
        move = _blocks_moved if how == "block" else _names_moved
        moves = move(held, size, draws, rng)
        null = np.array([float(np.vdot(moved, earned)) / rows for moved in moves])
    statistic = float(np.vdot(held, earned)) / rows
    rounding = _ROUNDING * float(np.abs(held).sum() * np.abs(earned).max()) / rows
    hits = int(np.count_nonzero(null >= statistic - rounding))
    return Permuted(
        statistic,
        (1 + hits) / (1 + draws),
        draws,
        float(null.mean()),
        float(null.std()),
        how,
        None if how == "shift" else size,
    )


def shifted_means(positions: Column, returns: Column) -> Column:
    """Return the mean earned per row at each of the T shifts of positions in time, (T,).

    Row s: positions moved s rows later, round the end. All shifts at once, as one circular
    correlation of Fourier transforms.

    >>> held, earned = np.array([[1.0], [0.0], [0.0]]), np.array([[3.0], [6.0], [9.0]])
    >>> shifted_means(held, earned).round(12).tolist()
    [1.0, 2.0, 3.0]
    """
    rows = len(positions)
    crossed = np.conj(np.fft.rfft(positions, axis=0)) * np.fft.rfft(returns, axis=0)
    return np.fft.irfft(crossed.sum(axis=1), n=rows) / rows


def _both(positions: NDArray[np.float64], returns: NDArray[np.float64]) -> tuple[Column, Column]:
    if np.shape(positions) != np.shape(returns):
        raise InvalidInput(
            "positions and returns must have one shape",
            value=f"{np.shape(positions)} and {np.shape(returns)}",
            remedy="Give for each return the position that was held into it.",
        )
    return finite_table(positions, "the positions"), finite_table(returns, "the returns")


def _block(how: How, block: int | None, held: Column, earned: Column) -> int:
    """Return the rows that move together. Raises InvalidInput for what cannot be moved so."""
    if how not in get_args(How):
        raise InvalidInput("no such way to move", value=how, bound=", ".join(get_args(How)))
    rows, names = len(held), held.shape[1]
    if how == "names" and names < 2:
        raise InvalidInput("there are no names to exchange", value=names, bound=">= 2")
    if block is None and how == "block":
        both = np.column_stack([held, earned])
        return ceil(float(optimal_block(both).circular.max()))
    if block is None:
        return rows
    if how == "shift":
        raise InvalidInput("a shift has no blocks", value=block, remedy="Leave the block out.")
    most = rows // 2 if how == "block" else rows
    if not 1 <= block <= most:
        raise InvalidInput("this block cannot be moved", value=block, bound=f"1 to {most}")
    return block


def _blocks_moved(
    held: Column, block: int, draws: int, rng: np.random.Generator
) -> Iterator[Column]:
    """Yield positions whose blocks changed places; cuts begin at a random row of each draw."""
    rows = len(held)
    blocks = -(-rows // block)
    labels = np.arange(rows) // block
    for _ in range(draws):
        order = rng.permutation(blocks)
        moved = np.argsort(order[labels], kind="stable")
        yield held[(moved + rng.integers(rows)) % rows]


def _names_moved(
    held: Column, block: int, draws: int, rng: np.random.Generator
) -> Iterator[Column]:
    """Yield positions whose names were exchanged, in each block of rows in another way."""
    rows, names = held.shape
    labels = np.arange(rows) // block
    each = np.tile(np.arange(names), (-(-rows // block), 1))
    for _ in range(draws):
        yield np.take_along_axis(held, rng.permuted(each, axis=1)[labels], axis=1)

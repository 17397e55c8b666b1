"""The return beyond a benchmark by group: what the weights did, what the choices inside did."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.attribution.contribution import log_ratio, same_length_of
from fondaco.portfolio.measures.numbers import Array

_WEIGHT_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Grouped:
    """Weights at the start of each session and returns in it, T x G each.

    Weights of a session sum to 1 (cash is a group); a group without weight may have the return
    NaN, which counts as the benchmark's return of that group, or 0 where neither holds it.
    Raises InvalidInput otherwise.
    """

    weights: Array
    returns: Array

    def __post_init__(self) -> None:
        if self.weights.shape != self.returns.shape or self.weights.ndim != 2:
            raise InvalidInput(
                "weights and returns by group must be sessions x groups",
                value=(self.weights.shape, self.returns.shape),
            )
        sums = self.weights.sum(axis=1)
        if not (np.abs(sums - 1.0) <= _WEIGHT_TOLERANCE).all():
            raise InvalidInput(
                "the weights of a session must sum to 1",
                value=float(sums[np.argmax(np.abs(sums - 1.0))]),
                bound=1,
                remedy="Give cash its own group.",
            )
        if np.isnan(self.returns[self.weights != 0]).any():
            raise InvalidInput("a group with a weight needs a return")


@dataclass(frozen=True, slots=True)
class BrinsonFachler:
    """Each group's part in the return beyond the benchmark; all of them add up to `active`.

    `active` is the portfolio's compounded return less the benchmark's.
    """

    groups: tuple[Hashable, ...]
    allocation: Array
    selection: Array
    interaction: Array
    active: float


def brinson_fachler(
    portfolio: Grouped, benchmark: Grouped, groups: Sequence[Hashable]
) -> BrinsonFachler:
    """Return allocation (w - W)(b - B), selection W (r - b) and interaction (w - W)(r - b).

    w, r are a group's weight and return, W, b the benchmark's, B the benchmark's whole return.
    Source: Brinson and Fachler (1985), Journal of Portfolio Management 11(3), p. 73-76; sessions
    are linked by Carino (1999), Journal of Performance Measurement 3(4), p. 5-14. Raises
    InvalidInput for shapes that differ or a whole return of -100 % or less.
    """
    if portfolio.weights.shape != benchmark.weights.shape:
        raise InvalidInput(
            "a portfolio and its benchmark must have the same sessions and groups",
            value=(portfolio.weights.shape, benchmark.weights.shape),
        )
    same_length_of("groups and columns", groups, portfolio.weights.shape[1])
    base = np.where(
        np.isnan(benchmark.returns), np.nan_to_num(portfolio.returns), benchmark.returns
    )
    own = np.where(np.isnan(portfolio.returns), base, portfolio.returns)
    ours, theirs = (portfolio.weights * own).sum(axis=1), (benchmark.weights * base).sum(axis=1)
    tilt, choice = portfolio.weights - benchmark.weights, own - base
    factor, active = _linked(ours, theirs)
    allocation = tilt * (base - theirs[:, None])
    return BrinsonFachler(
        tuple(groups),
        factor @ allocation,
        factor @ (benchmark.weights * choice),
        factor @ (tilt * choice),
        active,
    )


def _linked(ours: Array, theirs: Array) -> tuple[Array, float]:
    """Return Carino's factor for each session's difference, and the difference of the wholes."""
    if min(ours.min(initial=0.0), theirs.min(initial=0.0)) <= -1:
        raise InvalidInput("a session that lost everything cannot be linked", bound="above -1")
    wholes = [float(np.prod(1.0 + part) - 1.0) for part in (ours, theirs)]
    last = _log_slope(np.array(wholes[:1]), np.array(wholes[1:]))[0]
    return _log_slope(ours, theirs) / last, wholes[0] - wholes[1]


def _log_slope(ours: Array, theirs: Array) -> Array:
    """Return (ln(1 + r) - ln(1 + b)) / (r - b), which is 1 / (1 + b) where they are equal."""
    gap = (ours - theirs) / (1.0 + theirs)
    slope: Array = log_ratio(gap) / (1.0 + theirs)
    return slope

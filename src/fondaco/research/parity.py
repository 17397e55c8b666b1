"""Equal risk: a shrunk covariance, and the weights by which each name adds the same risk."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix
from fondaco.research import kernels


@dataclass(frozen=True, slots=True)
class RiskBudget:
    """When the search for equal risk ends: largest relative gap of a contribution, and cycles."""

    gap_max: float = 1e-8
    cycles_max: int = 1_000


def covariance(returns: Matrix, shrinkage: float) -> Matrix:
    """Return the sample covariance (n - 1) of (T, N) returns, correlations times 1 - shrinkage.

    Variances stay as they are. `shrinkage` is 0 to 1; above 0 the matrix is positive definite
    whenever every name moves, however few the returns.
    """
    centred = returns - returns.mean(axis=0)
    matrix: Matrix = centred.T @ centred / (len(returns) - 1)
    diagonal = np.diag(matrix).copy()
    matrix *= 1.0 - shrinkage
    np.fill_diagonal(matrix, diagonal)
    return matrix


def equal_risk(matrix: Matrix, budget: RiskBudget | None = None) -> NDArray[np.float64]:
    """Return long-only weights of sum 1 whose risk contributions are equal, (N,).

    Minimises x' C x / 2 - sum(ln x) / N over positive x by cyclic coordinate descent; each step
    solves C_ii x_i^2 + (C x - C_ii x_i) x_i - 1/N = 0. The minimum is unique for a positive
    definite C and, scaled to sum 1, has x_i (C x)_i equal for all i. Raises InvalidInput when it
    is not reached.

    Source: Griveau-Billion, Richard and Roncalli (2013), SSRN 2325255 (cyclical coordinate
    descent); Spinu (2013), SSRN 2297383 (the convex function).

    >>> equal_risk(np.diag([0.04, 0.01])).round(6).tolist()
    [0.333333, 0.666667]
    """
    limits = budget or RiskBudget()
    exact = np.ascontiguousarray(matrix, dtype=np.float64)
    if not (np.diag(exact) > 0.0).all():
        raise InvalidInput("a name without variance has no share of the risk", bound="> 0")
    weights: NDArray[np.float64] = kernels.risk_descent(
        exact, limits.gap_max / 10.0, limits.cycles_max
    )
    weights /= weights.sum()
    parts = weights * (exact @ weights)
    gap = float(np.abs(parts / parts.mean() - 1.0).max())
    if not gap <= limits.gap_max:
        raise InvalidInput(
            "equal risk was not reached: the covariance is not positive definite",
            value=gap,
            bound=f"a gap of at most {limits.gap_max} within {limits.cycles_max} cycles",
            remedy="Shrink the covariance more.",
        )
    return weights

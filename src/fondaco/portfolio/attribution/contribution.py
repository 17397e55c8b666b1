"""What each instrument, group and period contributed, with costs apart.

A session's profit over the equity at its start is a part of that session's return. Parts of
different sessions do not add up to the compounded return: they are linked first, by Carino's
coefficients, so that every cell adds up to the total.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures.numbers import Array, same_length

Linking = Literal["carino", "frongello"]


@dataclass(frozen=True, slots=True)
class Attribution:
    """Contributions to the total return, a share each: `parts` is periods x names.

    `costs` (below 0) and `other` (what the profits do not explain, such as interest on cash) have
    one number to a period. All cells of the three add up to `total`, save for rounding.
    """

    periods: tuple[Hashable, ...]
    names: tuple[Hashable, ...]
    parts: Array
    costs: Array
    other: Array
    total: float

    @property
    def by_name(self) -> dict[Hashable, float]:
        """Each name's contribution over all periods."""
        return dict(zip(self.names, self.parts.sum(axis=0).tolist(), strict=True))

    @property
    def by_period(self) -> dict[Hashable, float]:
        """Each period's contribution with its costs and all else."""
        sums = self.parts.sum(axis=1) + self.costs + self.other
        return dict(zip(self.periods, sums.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Profits:
    """An account's profits: equity at T + 1 closes, T x N profits before costs, T costs (>= 0).

    Row t of `profit` and `cost` is of the session from close t to close t + 1; a profit is the
    change in value plus what was sold less what was bought, dividends included. Raises
    InvalidInput for shapes that do not fit, a number that is not finite, or an equity not above 0.
    """

    equity: Array
    profit: Array
    cost: Array

    def __post_init__(self) -> None:
        same_length("profits, costs and sessions", self.equity[1:], self.profit, self.cost)
        for column in (self.equity, self.profit, self.cost):
            if not np.isfinite(column).all():
                raise InvalidInput("profits, costs and equity must be finite numbers")
        if len(self.equity) == 0 or (self.equity <= 0).any():
            raise InvalidInput(
                "contributions need an equity above 0 at every close",
                bound="> 0",
                remedy="End the span before the account was lost.",
            )


def attribute(
    profits: Profits,
    names: Sequence[Hashable],
    *,
    groups: Sequence[Hashable] | None = None,
    periods: Sequence[Hashable] | None = None,
    linking: Linking = "carino",
) -> Attribution:
    """Return what each name contributed to the total return, by period, with costs apart.

    `names` are those of the profits' columns; `groups` (a sector for each name) adds names of
    one group together; `periods` (a label for each session, such as its month) adds sessions
    together. Without periods all sessions are one. Raises InvalidInput for labels that do not
    fit.
    """
    start = profits.equity[:-1]
    parts, costs = profits.profit / start[:, None], -profits.cost / start
    returns = profits.equity[1:] / start - 1.0
    other = returns - parts.sum(axis=1) - costs
    labels = names if groups is None else groups
    times = ["all"] * len(returns) if periods is None else periods
    same_length_of("names and columns", labels, profits.profit.shape[1])
    same_length_of("periods and sessions", times, len(returns))
    factor = link(returns, linking)
    rows, row_names = _sums(times)
    columns, column_names = _sums(labels)
    return Attribution(
        row_names,
        column_names,
        rows @ (parts * factor[:, None]) @ columns.T,
        rows @ (costs * factor),
        rows @ (other * factor),
        float(np.prod(1.0 + returns) - 1.0),
    )


def link(returns: Array, linking: Linking = "carino") -> Array:
    """Return the factor of each session by which its parts add up to the compounded return.

    Carino: k_t / k with k_t = ln(1 + r_t) / r_t and k = ln(1 + R) / R, 1 for a return of 0. It
    treats early and late sessions alike. Source: Carino (1999), Journal of Performance
    Measurement 3(4), p. 5-14. Frongello: the wealth at the session's start, so that a part is
    the money that it made over the starting capital. Source: Frongello (2002), Journal of
    Performance Measurement 6(3), p. 10-22, with a benchmark of 0. Raises InvalidInput for a
    return of -100 % or less.

    >>> r = np.array([0.1, -0.05])
    >>> [round(float(np.sum(r * link(r, how))), 12) for how in ("carino", "frongello")]
    [0.045, 0.045]
    """
    if (returns <= -1).any():
        raise InvalidInput(
            "a session that lost everything cannot be linked",
            value=float(np.min(returns)),
            bound="above -1",
        )
    if linking == "frongello":
        return np.concatenate([np.ones(1), np.cumprod(1.0 + returns)])[: len(returns)]
    total = np.prod(1.0 + returns) - 1.0
    factor: Array = log_ratio(returns) / log_ratio(np.atleast_1d(total))[0]
    return factor


def log_ratio(returns: Array) -> Array:
    """Return ln(1 + r) / r, which is 1 for r = 0."""
    zero = returns == 0
    found: Array = np.where(zero, 1.0, np.log1p(returns) / np.where(zero, 1.0, returns))
    return found


def same_length_of(what: str, labels: Sequence[Hashable], count: int) -> None:
    """Raise InvalidInput unless there are so many labels."""
    if len(labels) != count:
        raise InvalidInput(f"{what} must be as many", value=len(labels), bound=count)


def _sums(labels: Sequence[Hashable]) -> tuple[Array, tuple[Hashable, ...]]:
    """Return a 0/1 matrix that adds rows of one label, and the labels in order of appearance."""
    found = {label: row for row, label in enumerate(dict.fromkeys(labels))}
    matrix = np.zeros((len(found), len(labels)))
    matrix[[found[label] for label in labels], np.arange(len(labels))] = 1.0
    return matrix, tuple(found)

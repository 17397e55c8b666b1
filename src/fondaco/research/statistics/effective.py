"""How many trials count: tries that resemble each other buy less luck than tries that do not.

The return streams are clustered by their correlation (average linkage on sqrt((1 - rho) / 2): Lopez
de Prado 2016, Building diversified portfolios that outperform out of sample, Journal of Portfolio
Management 42(4), equation for the distance). A cluster does not count as one: m normals with a
correlation of rho have an expected maximum of sqrt(1 - rho) times that of m independent ones, so a
cluster counts as the number of independent trials that would buy as much luck as its members do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.research.statistics.deflated import expected_maximum

OVERLAP_MIN = 60
"""Common days below which a correlation is chance: two unrelated streams of 60 days reach 0.5 in
less than one case of 10,000."""
CORRELATION_MIN = 0.5
CLUSTERED_MAX = 4_000
MEMBERS_MAX = 500
DRAWS = 2_000
_COPY = 1.0 - 1e-9
_BISECTIONS = 60

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stream:
    """The returns of one trial: `days` since 1970-01-01, rising, (T,); one of `returns` each, (T,).

    Raises InvalidInput for unequal lengths, days that do not rise, NaN or infinity.
    """

    days: NDArray[np.int32]
    returns: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.days.ndim != 1 or self.days.shape != self.returns.shape:
            raise InvalidInput(
                "a stream has one return for each day",
                value=f"{self.days.shape} days, {self.returns.shape} returns",
            )
        if (np.diff(self.days) <= 0).any():
            at = int(np.flatnonzero(np.diff(self.days) <= 0)[0]) + 1
            raise InvalidInput(
                "days must rise", value=f"{self.days[at]} after {self.days[at - 1]} at {at}"
            )
        wrong = np.flatnonzero(~np.isfinite(self.returns))
        if len(wrong):
            raise InvalidInput(
                "a return is not a number",
                value=f"{self.returns[wrong[0]]} at {wrong[0]}, {len(wrong)} in all",
                remedy="Leave the sessions without a return out.",
            )


@dataclass(frozen=True, slots=True)
class Effective:
    """How many trials there were and for how many they count.

    `raw`: all trials, with and without a stream. `clusters`: groups among the streams. `effective`:
    what to deflate with, between 1 and `raw` (0 for no trial). `labels`: the group of each stream,
    numbered from 0 in the order in which they first appear.
    """

    raw: int
    clusters: int
    effective: float
    labels: tuple[int, ...]


def correlations(streams: Sequence[Stream]) -> Matrix:
    """Return the correlation of each pair of streams over their common days, (N, N).

    NaN where a pair has fewer than 60 common days or one of them does not vary on those; 1 on the
    diagonal, always.

    >>> days = np.arange(60, dtype=np.int32)
    >>> up, down = (Stream(days, sign * np.sin(days)) for sign in (1.0, -1.0))
    >>> correlations([up, down]).round(3).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    return _compared(streams)[0]


def effective_trials(
    streams: Sequence[Stream], *, unseen: int = 0, rng: np.random.Generator
) -> Effective:
    """Return for how many independent trials some trials count, given their returns.

    Two trials are as like as their luck: their likeness is the correlation of their Sharpe ratios
    where neither has an edge, that is the correlation of their returns times the common days over
    the geometric mean of either's days (from the variance of a mean). One strategy over two spans
    that hardly meet is two trials.

    Clusters are formed by average linkage, so that members of one are alike at 0.5 or more on
    average. A cluster counts as the n, from 1 to its size, whose `expected_maximum(n)` is that of
    normals with its members' likeness, from 2,000 draws of `rng`; of a cluster with more than 500
    members 500 are drawn, and the maximum is carried on to all of them as if they were equally
    alike. Clusters count as independent of each other. So do pairs with too few common days,
    streams that do not vary, streams beyond the first 4,000, and `unseen` trials, of which there is
    no stream: the worst case. A copy, at whatever leverage, adds nothing.

    Streams that move against each other count as independent too. Their expected maximum is
    somewhat higher (0.80 for 0.56, of a pair that mirror each other), but no tail is above that of
    independent ones, and it is the tail that `deflated_sharpe` looks at.

    The number is of use for the expected maximum alone. The clusters of Lopez de Prado and Lewis
    (2019, Quantitative Finance 19(9), "ONC") were not taken: k-means chosen by silhouette finds
    some clusters in anything: in 20 families of 50 unrelated streams of 500 days it said 2 to 35,
    at the median 25.

    Raises InvalidInput for a negative `unseen`.

    >>> days = np.arange(500, dtype=np.int32)
    >>> noise = np.random.default_rng(1).normal(0.0, 0.01, (3, 500))
    >>> three = [Stream(days, row) for row in noise]
    >>> found = effective_trials([*three, three[0]], unseen=2, rng=np.random.default_rng(2))
    >>> found.raw, found.effective, found.labels
    (6, 5.0, (0, 1, 2, 0))
    """
    if unseen < 0:
        raise InvalidInput("no such number of trials", value=unseen, bound=">= 0")
    seen = streams[:CLUSTERED_MAX]
    beyond = len(streams) - len(seen)
    matrix, shares = _compared(seen)
    matrix = np.nan_to_num(matrix, copy=False, nan=0.0) * shares
    firsts, copied = _distinct(matrix)
    matrix = matrix[np.ix_(firsts, firsts)]
    groups = _clusters(matrix)
    counts = [_count(matrix[np.ix_(group, group)], rng) for group in _members(groups)]
    labels = [*groups[copied].tolist(), *range(len(counts), len(counts) + beyond)]
    return Effective(
        raw=len(streams) + unseen,
        clusters=len(counts) + beyond,
        effective=float(sum(counts)) + beyond + unseen,
        labels=tuple(labels),
    )


def _compared(streams: Sequence[Stream]) -> tuple[Matrix, Matrix]:
    """Return the correlations and the shares of common days, both (N, N).

    A share is the common days over the geometric mean of either stream's days.
    """
    if not streams:
        return np.empty((0, 0)), np.empty((0, 0))
    values, there = _table(streams)
    if there.all():
        common: Matrix = np.full((len(streams), len(streams)), float(len(values)))
        scaled = _scaled(values)
        matrix = scaled.T @ scaled
    else:
        common, matrix = _pairwise(values, there.astype(np.float64))
    matrix[common < OVERLAP_MIN] = np.nan
    np.clip(matrix, -1.0, 1.0, out=matrix)
    np.fill_diagonal(matrix, 1.0)
    root = np.sqrt(np.maximum(common.diagonal(), 1.0))
    shares = common / np.outer(root, root)
    np.fill_diagonal(shares, 1.0)
    return matrix, shares


def _table(streams: Sequence[Stream]) -> tuple[Matrix, NDArray[np.bool_]]:
    """Return the returns by day, (T, N), 0 where there is none, and where there is one."""
    days = np.unique(np.concatenate([stream.days for stream in streams]))
    values = np.zeros((len(days), len(streams)))
    there = np.zeros(values.shape, dtype=np.bool_)
    for column, stream in enumerate(streams):
        rows = np.searchsorted(days, stream.days)
        # The mean goes first, so that squares of few digits are not lost in it.
        values[rows, column] = _unit(stream.returns)
        there[rows, column] = True
    return values, there


def _unit(returns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a series with mean 0 and mean square 1; zeros if it does not vary."""
    if not len(returns):
        return returns
    away = returns - returns.mean()
    spread = float(np.sqrt((away * away).mean()))
    if spread <= 1e-13 * float(np.abs(returns).max()):
        return np.zeros_like(returns)
    scaled: NDArray[np.float64] = away / spread
    return scaled


def _scaled(values: Matrix) -> Matrix:
    """Return columns of length 1, so that their products are correlations; NaN for a flat one."""
    length = np.sqrt((values * values).sum(axis=0))
    length[length == 0.0] = np.nan
    scaled: Matrix = values / length
    return scaled


def _pairwise(values: Matrix, there: Matrix) -> tuple[Matrix, Matrix]:
    """Return the number of common days and the correlation over them, both (N, N)."""
    common = there.T @ there
    shares = np.divide(1.0, common, out=np.zeros_like(common), where=common > 0.0)
    sums = values.T @ there  # of row's stream over the days that the column's has too
    variance = (values * values).T @ there - sums * sums * shares
    # Each stream's mean square is 1: what is left below this is rounding.
    variance[variance <= 1e-12 * common] = np.nan
    covariance = values.T @ values - sums * sums.T * shares
    return common, covariance / np.sqrt(variance * variance.T)


def _distinct(matrix: Matrix) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first of each kind of copies, (K,), and which of these each stream is, (N,)."""
    if not len(matrix):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    first = (matrix >= _COPY).argmax(axis=1)
    firsts, copied = np.unique(first[first], return_inverse=True)
    return firsts, copied


def _clusters(matrix: Matrix) -> NDArray[np.intp]:
    """Return each stream's cluster, (N,), numbered in the order of their first members."""
    if len(matrix) < 2:
        return np.zeros(len(matrix), dtype=np.intp)
    from scipy.cluster.hierarchy import fcluster, linkage  # type: ignore[import-untyped]

    upper = np.triu_indices(len(matrix), 1)
    tree = linkage(np.sqrt((1.0 - matrix[upper]) / 2.0), method="average")
    found = fcluster(tree, np.sqrt((1.0 - CORRELATION_MIN) / 2.0), criterion="distance")
    _, first, cluster = np.unique(found, return_index=True, return_inverse=True)
    numbers: NDArray[np.intp] = np.argsort(np.argsort(first))[cluster]
    return numbers


def _members(groups: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    for group in range(int(groups.max(initial=-1)) + 1):
        yield np.flatnonzero(groups == group)


def _count(matrix: Matrix, rng: np.random.Generator) -> float:
    """Return how many independent trials have the expected maximum of normals so correlated."""
    size = len(matrix)
    if size == 1:
        return 1.0
    scale = 1.0
    if size > MEMBERS_MAX:
        drawn = np.sort(rng.choice(size, MEMBERS_MAX, replace=False))
        matrix = matrix[np.ix_(drawn, drawn)]
        scale = expected_maximum(size) / expected_maximum(MEMBERS_MAX)
    return _independent(scale * _simulated_maximum(matrix, rng), size)


def _simulated_maximum(matrix: Matrix, rng: np.random.Generator) -> float:
    values, vectors = np.linalg.eigh(matrix)
    # Correlations over different days need not fit together: the eigenvalues below 0 are cut off
    # and the variances restored (Rebonato and Jaeckel 1999, The most general methodology to create
    # a a valid correlation matrix).
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    root /= np.sqrt((root * root).sum(axis=1, keepdims=True))
    normals = rng.standard_normal((DRAWS, len(matrix))) @ root.T
    # The members' mean has expectation 0 and nearly all of the chance, where they are alike.
    return float((normals.max(axis=1) - normals.mean(axis=1)).mean())


def _independent(maximum: float, most: int) -> float:
    """Return the n in 1..most whose `expected_maximum` is the one given, by bisection."""
    low, high = 1.0, float(most)
    if expected_maximum(high) <= maximum:
        return high
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if expected_maximum(middle) > maximum else (middle, high)
    return low

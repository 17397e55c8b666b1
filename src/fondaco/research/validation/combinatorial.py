"""Combinatorial purged cross-validation: not one out-of-sample path through history but many.

History is cut into N groups, and every choice of k of them is tested once by what was learnt from
the others. So each group is tested in C(N - 1, k - 1) splits, and its tests can be dealt out to as
many paths that each run through the whole of history. With N = 6 and k = 2 (figures 12.1 and 12.2
of the source), 15 splits give 5 paths; the number is the path to which a test is dealt:

    split    0  1  2  3  4  5  6  7  8  9 10 11 12 13 14
    group 0  1  2  3  4  5
    group 1  1              2  3  4  5
    group 2     1           2           3  4  5
    group 3        1           2        3        4  5
    group 4           1           2        3     4     5
    group 5              1           2        3     4  5

Source: López de Prado (2018), Advances in Financial Machine Learning, sections 12.3 and 12.4.
"""

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix
from fondaco.research.validation.spans import (
    Block,
    LabelSpans,
    Rows,
    Split,
    Timeline,
    at_least,
    check_labels,
    embargo_sessions,
    learnt,
    timeline_of,
)

SPLITS_MAX = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class CombinatorialPurged:
    """All C(groups, test_groups) splits of history into tested and learnt groups of sessions.

    groups       N, at least 2: each of n // N sessions, the last with what is left.
    test_groups  k, from 1 to N - 1. The number of paths is C(N - 1, k - 1).
    horizon      how many sessions a label looks ahead; or `spans`, the rows each label reads.
    embargo      sessions after each tested group that are not learnt from: a whole number, or a
                 share of all sessions below 1.

    Splits come in the order of the tested groups, (0, 1), (0, 2) and so on. The training sets are
    those of skfolio 1.x `CombinatorialPurgedCV(purged_size=horizon, embargo_size=embargo)`, row
    for row; an implementation after snippet 7.3 of the book learns from one row more at each
    boundary (see `spans.py`). A scikit-learn cross-validator.

    Raises InvalidInput for more than 20,000 splits.

    >>> cut = CombinatorialPurged(3, 2, horizon=1)
    >>> for train, test in cut.split(np.zeros((12, 1))):
    ...     print(train, test)
    [ 9 10 11] [0 1 2 3 4 5 6 7]
    [5 6] [ 0  1  2  3  8  9 10 11]
    [0 1 2] [ 4  5  6  7  8  9 10 11]
    >>> cut.paths()
    array([[0, 0, 1],
           [1, 2, 2]])
    """

    groups: int
    test_groups: int
    _: KW_ONLY
    horizon: int | None = None
    embargo: float = 0
    spans: LabelSpans | None = None

    def __post_init__(self) -> None:
        at_least(self.groups, 2, "number of groups")
        at_least(self.test_groups, 1, "number of tested groups")
        if self.test_groups >= self.groups:
            raise InvalidInput(
                "no group is left to learn from",
                value=f"{self.test_groups} tested of {self.groups}",
                bound=f"<= {self.groups - 1} tested",
            )
        check_labels(self.horizon, self.spans, self.embargo)
        splits = comb(self.groups, self.test_groups)
        if splits > SPLITS_MAX:
            raise InvalidInput(
                f"{self.groups} groups, {self.test_groups} of them tested, make too many splits: "
                "each is a fit of its own, and tens to hundreds of paths tell all there is to "
                "know, so this is most likely a slip",
                value=f"{splits:,} splits",
                bound=f"<= {SPLITS_MAX:,}",
                remedy="Take fewer groups, or test fewer (or more) than half of them.",
            )

    @property
    def path_count(self) -> int:
        """How many paths through all of history the tests make: C(N - 1, k - 1)."""
        return comb(self.groups - 1, self.test_groups - 1)

    def tested_groups(self) -> NDArray[np.int64]:
        """Return the tested groups of each split, (splits, k), each row rising."""
        return np.array(list(combinations(range(self.groups), self.test_groups)), dtype=np.int64)

    def paths(self) -> NDArray[np.int64]:
        """Return, for each path and group, the split that supplies it, (paths, N).

        Path p takes of each group the p-th split that tests it, so each test is used once.
        """
        tested = self.tested_groups()
        supply = [np.flatnonzero((tested == group).any(axis=1)) for group in range(self.groups)]
        return np.stack(supply, axis=1)

    def split(
        self,
        X: Any,
        y: Any = None,  # noqa: ARG002 - scikit-learn's signature
        groups: ArrayLike | None = None,
    ) -> Iterator[Split]:
        """Yield (train, test) rows of X, (n, ...); test rows rise through all tested groups.

        `groups` names the session of each row, never falling, where several rows share one.
        Raises InvalidInput for fewer sessions than groups, or where purging leaves no row.
        """
        return self._splits(self._timeline(X, groups))

    def get_n_splits(
        self,
        X: Any = None,  # noqa: ARG002 - scikit-learn's signature
        y: Any = None,  # noqa: ARG002
        groups: Any = None,  # noqa: ARG002
    ) -> int:
        """Return the number of splits, C(N, k)."""
        return comb(self.groups, self.test_groups)

    def within(self, rows: ArrayLike) -> "CombinatorialPurged":
        """Return these splits for a part of the rows, for tuning inside a training set."""
        return self if self.spans is None else replace(self, spans=self.spans.take(rows))

    def reconstruct(
        self, predictions: Sequence[ArrayLike], *, groups: ArrayLike | None = None
    ) -> Matrix:
        """Return the paths that the splits' predictions make, (paths, n).

        `predictions` holds for each split, in their order, one number for each of its test rows.
        `groups` as in `split`. Raises InvalidInput when their numbers do not fit.
        """
        made = [np.asarray(one, dtype=np.float64) for one in predictions]
        if len(made) != self.get_n_splits() or any(one.ndim != 1 for one in made):
            raise InvalidInput(
                "each split needs its predictions, one number for each test row",
                value=f"{len(made)} splits of shapes {sorted({one.shape for one in made})[:3]}",
                bound=f"{self.get_n_splits()} splits of shape (test rows,)",
            )
        timeline = self._timeline(range(sum(map(len, made)) // self.path_count), groups)
        paths = np.full((self.path_count, len(timeline.own)), np.nan)
        turn = np.zeros(self.groups, dtype=np.int64)
        blocks = self._blocks(timeline.count)
        for number, tested in enumerate(self.tested_groups()):
            rows = [np.flatnonzero(timeline.tested([blocks[group]])) for group in tested]
            _check_length(made[number], sum(map(len, rows)), number)
            stops = np.cumsum([len(part) for part in rows])[:-1]
            parts = np.split(made[number], stops)
            for group, part, values in zip(tested, rows, parts, strict=True):
                paths[turn[group], part] = values
                turn[group] += 1
        return paths

    def _timeline(self, X: Any, groups: ArrayLike | None) -> Timeline:
        timeline = timeline_of(X, groups, self.horizon, self.spans)
        at_least(timeline.count, self.groups, "number of sessions, one at least for each group,")
        return timeline

    def _blocks(self, count: int) -> list[Block]:
        """Return the groups as runs of sessions, the last one with what is left."""
        length = count // self.groups
        starts = [group * length for group in range(self.groups)]
        return [(start, stop - 1) for start, stop in zip(starts, [*starts[1:], count], strict=True)]

    def _splits(self, timeline: Timeline) -> Iterator[Split]:
        embargo = embargo_sessions(self.embargo, timeline.count)
        groups = self._blocks(timeline.count)
        for number, tested in enumerate(self.tested_groups()):
            blocks = [groups[group] for group in tested]
            train = learnt(timeline.learnable(blocks, embargo), number)
            yield train, np.flatnonzero(timeline.tested(blocks))


def _check_length(values: Rows | Matrix, rows: int, split: int) -> None:
    if len(values) != rows:
        raise InvalidInput(
            f"the predictions of split {split} are not those of its test rows",
            value=len(values),
            bound=rows,
        )

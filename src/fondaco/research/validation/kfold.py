"""Purged K-fold: every row is tested once by a model that saw none of the rows its label reads."""

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from fondaco.research.validation.spans import (
    Block,
    LabelSpans,
    Split,
    Timeline,
    at_least,
    check_labels,
    embargo_sessions,
    learnt,
    timeline_of,
)


@dataclass(frozen=True, slots=True, eq=False)
class PurgedKFold:
    """K contiguous test folds; what touches the tested labels is purged before and after them.

    folds     at least 2. The first n mod folds of them hold one session more, as the rest falls.
    horizon   how many sessions a label looks ahead; or `spans`, the rows that each label reads.
    embargo   sessions after each test that are not learnt from: a whole number, or a share of all
              sessions below 1. It begins after the last row that a tested label reads.

    Source: López de Prado (2018), Advances in Financial Machine Learning, section 7.4, with the
    boundary of snippet 7.1 (see `spans.py`). A scikit-learn cross-validator. For training before
    the test alone, as trading has it, take `Walk`.

    >>> folds = PurgedKFold(3, horizon=1, embargo=1)
    >>> for train, test in folds.split(np.zeros((9, 1))):
    ...     print(train, test)
    [5 6 7 8] [0 1 2]
    [0 1 8] [3 4 5]
    [0 1 2 3 4] [6 7 8]
    """

    folds: int
    _: KW_ONLY
    horizon: int | None = None
    embargo: float = 0
    spans: LabelSpans | None = None

    def __post_init__(self) -> None:
        at_least(self.folds, 2, "number of folds")
        check_labels(self.horizon, self.spans, self.embargo)

    def split(
        self,
        X: Any,
        y: Any = None,  # noqa: ARG002 - scikit-learn's signature
        groups: ArrayLike | None = None,
    ) -> Iterator[Split]:
        """Yield (train, test) rows of X, (n, ...), in the order of the folds.

        `groups` names the session of each row, never falling, where several rows share one.
        Raises InvalidInput for fewer sessions than folds, or where purging leaves no row.
        """
        timeline = timeline_of(X, groups, self.horizon, self.spans)
        at_least(timeline.count, self.folds, "number of sessions, one at least for each fold,")
        return self._splits(timeline)

    def get_n_splits(
        self,
        X: Any = None,  # noqa: ARG002 - scikit-learn's signature
        y: Any = None,  # noqa: ARG002
        groups: Any = None,  # noqa: ARG002
    ) -> int:
        """Return the number of folds."""
        return self.folds

    def within(self, rows: ArrayLike) -> "PurgedKFold":
        """Return these folds for a part of the rows, for tuning inside a training set."""
        return self if self.spans is None else replace(self, spans=self.spans.take(rows))

    def _splits(self, timeline: Timeline) -> Iterator[Split]:
        embargo = embargo_sessions(self.embargo, timeline.count)
        for number, block in enumerate(even_blocks(timeline.count, self.folds)):
            train = learnt(timeline.learnable([block], embargo), number)
            yield train, np.flatnonzero(timeline.tested([block]))


def even_blocks(count: int, folds: int) -> list[Block]:
    """Return `folds` runs of sessions, lengths within one of each other, the longer ones first.

    >>> even_blocks(8, 3)
    [(0, 2), (3, 5), (6, 7)]
    """
    lengths = [count // folds + (fold < count % folds) for fold in range(folds)]
    stops = np.cumsum(lengths)
    return [
        (int(stop - length), int(stop - 1)) for stop, length in zip(stops, lengths, strict=True)
    ]

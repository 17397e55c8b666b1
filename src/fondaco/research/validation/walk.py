"""Walk-forward: learn from the past alone, be tested on what comes next, and move on.

Three kinds differ in where the training window begins. With train=4, test=3, horizon=1, embargo=1
over twelve sessions (p: purged, their labels end in the test; e: held back by the embargo):

    session              0  1  2  3  4  5  6  7  8  9 10 11
    rolling     split 0  L  L  L  L  e  p  T  T  T
                split 1           L  L  L  L  e  p  T  T  T
    expanding   split 1  L  L  L  L  L  L  L  e  p  T  T  T
    anchored    split 0     L  L  L  L  e  p  T  T  T          anchor=1
                split 1     L  L  L  L  L  L  L  e  p  T  T

Rolling keeps the newest `train` sessions; expanding keeps all since the first session; anchored
keeps all since a named session (the end of a burn-in, a change of regime), and nothing before it
is learnt from. Anchored at session 0, it is expanding: many call both "anchored walk-forward".

Source: Pardo (2008), The Evaluation and Optimization of Trading Strategies, chapter 11; López de
Prado (2018), Advances in Financial Machine Learning, section 12.2. `splits.WalkForward` is the
forecaster's: it refits by the calendar, and lets a label be known at the very session of the refit,
where this one wants it known the session before.
"""

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from fondaco.core.errors import InvalidInput
from fondaco.research.validation.spans import (
    LabelSpans,
    Split,
    Timeline,
    at_least,
    check_labels,
    embargo_sessions,
    learnt,
    timeline_of,
)

Kind = Literal["rolling", "expanding", "anchored"]
WALKS_MAX = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """Test windows that follow each other in time, each behind what was learnt before it.

    train    sessions to learn from: always so many when rolling, at least so many otherwise.
    test     sessions of a test window. The last one ends with the data and may be shorter.
    kind     "rolling", "expanding" or "anchored"; see the top of the file.
    horizon  how many sessions a label looks ahead; or `spans`, the rows that each label reads.
    embargo  sessions between the last label that is learnt from and the test: a whole number, or
             a share of all sessions below 1.
    step     sessions from one test to the next; None is `test`, so that each is tested once.
             A shorter step tests sessions again, a longer one leaves some out.
    anchor   first session that is ever learnt from, for "anchored" alone.

    The first test begins `train` + horizon + embargo sessions after the anchor; with uneven
    `spans`, horizon there is the longest. A row is learnt from when its own label is known before
    the test less the embargo. A scikit-learn cross-validator.

    >>> walk = Walk(4, 3, horizon=1, embargo=1)
    >>> for train, test in walk.split(np.zeros((12, 1))):
    ...     print(train, test)
    [0 1 2 3] [6 7 8]
    [3 4 5 6] [ 9 10 11]
    """

    train: int
    test: int
    _: KW_ONLY
    kind: Kind = "rolling"
    horizon: int | None = None
    embargo: float = 0
    step: int | None = None
    anchor: int = 0
    spans: LabelSpans | None = None

    def __post_init__(self) -> None:
        at_least(self.train, 1, "number of sessions to learn from")
        at_least(self.test, 1, "number of sessions to test")
        at_least(1 if self.step is None else self.step, 1, "step of the walk")
        at_least(self.anchor, 0, "anchor of the walk")
        check_labels(self.horizon, self.spans, self.embargo)
        if self.kind not in get_args(Kind):
            raise InvalidInput(
                "no such kind of walk", value=self.kind, bound=", ".join(get_args(Kind))
            )
        if self.anchor and self.kind != "anchored":
            raise InvalidInput(
                f"a walk that is {self.kind} has no anchor",
                value=self.anchor,
                bound=0,
                remedy='Say kind="anchored".',
            )

    def split(
        self,
        X: Any,
        y: Any = None,  # noqa: ARG002 - scikit-learn's signature
        groups: ArrayLike | None = None,
    ) -> Iterator[Split]:
        """Yield (train, test) rows of X, (n, ...), oldest first.

        `groups` names the session of each row, never falling, where several rows share one.
        Raises InvalidInput when the history is too short for one test.
        """
        timeline = timeline_of(X, groups, self.horizon, self.spans)
        return self._splits(timeline, self._starts(timeline))

    def get_n_splits(
        self,
        X: Any = None,
        y: Any = None,  # noqa: ARG002 - scikit-learn's signature
        groups: ArrayLike | None = None,
    ) -> int:
        """Return how many test windows these rows hold."""
        if X is None:
            raise InvalidInput(
                "the number of test windows hangs on the rows",
                remedy="Call get_n_splits(X).",
            )
        return len(self._starts(timeline_of(X, groups, self.horizon, self.spans)))

    def within(self, rows: ArrayLike) -> "Walk":
        """Return this walk for a part of the rows, for tuning inside a training set."""
        return self if self.spans is None else replace(self, spans=self.spans.take(rows))

    def _starts(self, timeline: Timeline) -> range:
        """Return the first session of each test."""
        gap = timeline.reach + embargo_sessions(self.embargo, timeline.count)
        first = self.anchor + self.train + gap
        if first >= timeline.count:
            raise InvalidInput(
                "the history is too short for one test",
                value=f"{timeline.count} sessions",
                bound=f">= {first + 1}: {self.anchor} before the anchor, {self.train} to learn "
                f"from, {gap} held back, 1 to test",
                remedy="Learn from fewer sessions or take more history.",
            )
        starts = range(first, timeline.count, self.step or self.test)
        if len(starts) > WALKS_MAX:
            raise InvalidInput(
                "the walk makes too many splits, each a fit of its own",
                value=f"{len(starts):,} splits",
                bound=f"<= {WALKS_MAX:,}",
                remedy="Take a longer test or step.",
            )
        return starts

    def _splits(self, timeline: Timeline, starts: range) -> Iterator[Split]:
        embargo = embargo_sessions(self.embargo, timeline.count)
        gap = starts[0] - self.anchor - self.train
        for number, start in enumerate(starts):
            oldest = start - gap - self.train if self.kind == "rolling" else self.anchor
            known = (timeline.own >= oldest) & (timeline.last + embargo < start)
            block = (start, min(start + self.test, timeline.count) - 1)
            yield learnt(known, number), np.flatnonzero(timeline.tested([block]))

"""Label spans: which rows the label of a row reads, and so which rows a test forbids to learn from.

A label that looks `horizon` sessions ahead is made of later rows. A model that learns from it has
seen those rows, so a training row must go when its span touches the span of the test: from the
first tested row to the last row that a tested label reads. The rule is the same on both sides:

    row       0  1  2  3  4  5  6  7  8  9 10 11    labels read 2 rows ahead, rows 5 and 6 tested
    span                     ├───────────┤          the test's span: rows 5 to 8
              L  L  L  p  p  T  T  p  p  e  L  L    p: purged, e: an embargo of one row

Source: López de Prado (2018), Advances in Financial Machine Learning, section 7.4, snippets 7.1
(`getTrainTimes`: a span that starts in, ends in or envelops the test's goes, ends included) and
7.2 (`getEmbargoTimes`: the test's span is lengthened by the embargo before purging). Snippet 7.3
(`PurgedKFold`) is looser by one row on each side: it keeps a label that ends in the very first
tested row and a row that starts in the last one that a tested label reads. Spans share a price
there, so the stricter rule of 7.1 is taken everywhere in this folder.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fondaco.core.errors import InvalidInput

Rows = NDArray[np.int64]
"""Row numbers, or one number for each row."""
Mask = NDArray[np.bool_]
Split = tuple[Rows, Rows]
"""Rows to learn from and rows to be tested on, both rising."""
Block = tuple[int, int]
"""First and last session of a run of tested sessions, both included."""


class Splitter(Protocol):
    """What scikit-learn calls a cross-validator; `groups` are the sessions of stacked rows."""

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Split]:
        """Yield the rows to learn from and the rows to be tested on."""
        ...

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return how many pairs `split` yields."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class LabelSpans:
    """Row i's label reads the rows starts[i] to ends[i], both included.

    Rows are in time order. `sessions`, never falling, names the session of each row where several
    rows share one (a panel stacked session by session); None gives each row a session of its own.
    A session is never torn: a label that reads one row of it reads the session. All have shape
    (n,). A row always belongs to its own span, for its inputs were known there.

    Raises InvalidInput for arrays of other shapes, spans that end before they start or leave the
    rows, and sessions that fall.
    """

    starts: Rows
    ends: Rows
    sessions: Rows | None = None

    def __post_init__(self) -> None:
        starts, ends = _whole(self.starts, "starts"), _whole(self.ends, "ends")
        own = np.arange(len(starts)) if self.sessions is None else _positions(self.sessions)
        if not len(starts) == len(ends) == len(own):
            raise InvalidInput(
                "each row needs a start, an end and a session",
                value=f"{len(starts)} starts, {len(ends)} ends, {len(own)} sessions",
            )
        _check_order(starts, ends)
        for name, rows in (("starts", starts), ("ends", ends), ("sessions", own)):
            rows.setflags(write=False)
            object.__setattr__(self, name, rows)

    def __len__(self) -> int:
        return len(self.starts)

    @classmethod
    def of_horizon(cls, n: int, horizon: int) -> "LabelSpans":
        """Return the spans of n rows whose labels read `horizon` >= 0 rows ahead.

        Horizon 0 is a label of its own row alone. A span stops with the data.

        >>> spans = LabelSpans.of_horizon(5, 2)
        >>> spans.starts.tolist(), spans.ends.tolist()
        ([0, 1, 2, 3, 4], [2, 3, 4, 4, 4])
        """
        return cls.of_sessions(np.arange(at_least(n, 1, "number of rows")), horizon)

    @classmethod
    def of_sessions(cls, sessions: ArrayLike, horizon: int) -> "LabelSpans":
        """Return the spans of stacked rows, (n,), whose labels read `horizon` sessions ahead.

        `sessions`, never falling, are whole numbers or dates: rows with the same one stand
        together. Each span runs to the last row of the session that is `horizon` further.

        >>> spans = LabelSpans.of_sessions([7, 7, 8, 8, 9, 9], 1)
        >>> spans.starts.tolist(), spans.ends.tolist()
        ([0, 0, 2, 2, 4, 4], [3, 3, 5, 5, 5, 5])
        """
        at_least(horizon, 0, "horizon of the labels")
        own = _positions(sessions)
        starts = np.searchsorted(own, own)
        return cls(starts, np.searchsorted(own, own + horizon, side="right") - 1, own)

    @classmethod
    def of_times(
        cls, start_times: ArrayLike, end_times: ArrayLike, times: ArrayLike
    ) -> "LabelSpans":
        """Return the spans of labels that are known by time, as of a barrier that is touched.

        `times`, never falling, are those of the rows; rows of one time are one session.
        `start_times` and `end_times` say when each label begins and when it is known: datetime64
        or numbers, all of shape (n,). Between two rows, an instant counts as the row before it,
        so that labels that overlap between rows are seen to overlap.

        >>> spans = LabelSpans.of_times([0, 10, 25], [15, 40, 40], [0, 10, 20])
        >>> spans.starts.tolist(), spans.ends.tolist()
        ([0, 1, 2], [1, 2, 2])
        """
        axis = _instants(times, "times")
        begin = _instants(start_times, "start times", ordered=False)
        end = _instants(end_times, "end times", ordered=False)
        starts = np.searchsorted(axis, begin, side="right") - 1
        return cls(starts, np.searchsorted(axis, end, side="right") - 1, _positions(axis))

    def take(self, rows: ArrayLike) -> "LabelSpans":
        """Return the spans among these rows alone, renumbered: for splits inside a training set.

        `rows` rise. A label that reads rows which were left out reaches at least as far as
        before, so that whatever touched still touches.

        >>> spans = LabelSpans.of_horizon(6, 2).take([0, 1, 4, 5])
        >>> spans.starts.tolist(), spans.ends.tolist()
        ([0, 1, 2, 3], [1, 1, 3, 3])
        """
        kept = _whole(rows, "rows")
        if len(kept) and (kept[0] < 0 or kept[-1] >= len(self) or np.any(np.diff(kept) < 1)):
            raise InvalidInput(
                "rows to take do not rise within the spans", bound=f"0 to {len(self) - 1}, rising"
            )
        own = self._own()
        there = own[kept]
        starts = np.searchsorted(there, own[self.starts[kept]], side="right") - 1
        ends = np.searchsorted(there, own[self.ends[kept]], side="right") - 1
        return LabelSpans(np.maximum(starts, 0), np.maximum(ends, 0), there)

    def timeline(self) -> "Timeline":
        """Return the spans counted in sessions."""
        own = self._own()
        first = np.minimum(own[self.starts], own)
        last = np.maximum(own[self.ends], own)
        return Timeline(own, first, last, int(own[-1]) + 1)

    def _own(self) -> Rows:
        assert self.sessions is not None  # set in __post_init__
        return self.sessions


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Rows counted in sessions 0 to count - 1: each row's own, first and last one, (n,)."""

    own: Rows
    first: Rows
    last: Rows
    count: int

    @property
    def reach(self) -> int:
        """The most sessions that a label looks ahead."""
        return int(np.max(self.last - self.own))

    def tested(self, blocks: Sequence[Block]) -> Mask:
        """Return which rows lie in these blocks of sessions, (n,)."""
        inside = np.zeros(len(self.own), dtype=np.bool_)
        for start, stop in blocks:
            inside |= (self.own >= start) & (self.own <= stop)
        return inside

    def learnable(self, blocks: Sequence[Block], embargo: int) -> Mask:
        """Return which rows may be learnt from when these blocks are tested, (n,).

        A row goes when its span touches a block's, lengthened by `embargo` sessions at its end.
        """
        free = np.ones(len(self.own), dtype=np.bool_)
        for start, stop in blocks:
            inside = (self.own >= start) & (self.own <= stop)
            begin, end = self.first[inside].min(), self.last[inside].max() + embargo
            free &= (self.last < begin) | (self.first > end)
        return free


def timeline_of(
    X: Any, groups: ArrayLike | None, horizon: int | None, spans: LabelSpans | None
) -> Timeline:
    """Return the timeline of the rows of X, from a horizon in sessions or from explicit spans.

    Raises InvalidInput for spans of another number of rows than X, and for `groups` beside spans.
    """
    n = row_count(X)
    if spans is None:
        sessions = np.arange(n) if groups is None else np.asarray(groups)
        spans = LabelSpans.of_sessions(sessions, horizon or 0)
    elif groups is not None:
        raise InvalidInput(
            "the label spans already hold the sessions of the rows",
            remedy="Leave out `groups`, or give `horizon` in place of `spans`.",
        )
    if len(spans) != n:
        raise InvalidInput(
            "there must be one label span, or one session, for each row",
            value=len(spans),
            bound=f"{n} rows",
            remedy="For a part of the rows use `within(rows)` of the splitter.",
        )
    return spans.timeline()


def check_labels(horizon: int | None, spans: LabelSpans | None, embargo: float) -> None:
    """Raise InvalidInput unless a splitter was told once how far labels reach, and its embargo."""
    if (horizon is None) == (spans is None):
        raise InvalidInput(
            "a splitter must be told once how far the labels look ahead",
            value="neither" if spans is None else "horizon and spans",
            bound="horizon (sessions) or spans",
            remedy="Daily returns of a strategy have horizon=1; `LabelSpans` holds uneven labels.",
        )
    if horizon is not None:
        at_least(horizon, 0, "horizon of the labels")
    if isinstance(embargo, int | np.integer):
        at_least(embargo, 0, "embargo")
    elif not 0.0 <= embargo < 1.0:
        raise InvalidInput(
            "an embargo with a decimal point is a share of the sessions",
            value=embargo,
            bound="0.0 <= share < 1.0",
            remedy="Write whole sessions without one: embargo=5.",
        )


def embargo_sessions(embargo: float, count: int) -> int:
    """Return an embargo in sessions: a whole number as it is, a share of `count` rounded down.

    >>> embargo_sessions(5, 250), embargo_sessions(0.01, 250)
    (5, 2)
    """
    if isinstance(embargo, int | np.integer):
        return int(embargo)
    return int(np.floor(embargo * count + 1e-9))  # 0.29 x 100 is 28.999... in binary


def learnt(rows: Mask, split: int) -> Rows:
    """Return the rows that are left to learn from. Raises InvalidInput when none is."""
    if not rows.any():
        raise InvalidInput(
            f"purging and embargo leave split {split} no row to learn from",
            remedy="Take fewer tested sessions, a shorter embargo or more history.",
        )
    return np.flatnonzero(rows)


def at_least(value: int, bound: int, what: str) -> int:
    """Return a whole number of at least `bound`. Raises InvalidInput for anything else."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < bound:
        raise InvalidInput(f"the {what} is not allowed", value=value, bound=f"whole, >= {bound}")
    return int(value)


def row_count(X: Any) -> int:
    """Return how many rows X has: an array, a frame or a plain sequence."""
    shape = getattr(X, "shape", None)
    rows = len(X) if shape is None else int(shape[0]) if len(shape) else 0
    return at_least(rows, 1, "number of rows")


def _whole(values: ArrayLike, what: str) -> Rows:
    array = np.asarray(values)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise InvalidInput(
            f"the {what} are no row numbers",
            value=f"{array.dtype} of shape {array.shape}",
            bound="whole numbers of shape (n,)",
        )
    return array.astype(np.int64)


def _check_order(starts: Rows, ends: Rows) -> None:
    at_least(len(starts), 1, "number of label spans")
    wrong = np.flatnonzero((starts < 0) | (ends < starts) | (ends >= len(starts)))
    if len(wrong):
        row = int(wrong[0])
        raise InvalidInput(
            f"the label span of row {row} is impossible",
            value=f"{starts[row]} to {ends[row]}",
            bound=f"0 <= start <= end <= {len(starts) - 1}",
        )


def _positions(sessions: ArrayLike) -> Rows:
    """Return sessions, (n,), as 0, 1, 2 and so on in their order. Raises InvalidInput: falling."""
    axis = _instants(sessions, "sessions")
    return np.concatenate(([0], np.cumsum(axis[1:] != axis[:-1]))).astype(np.int64)


def _instants(values: ArrayLike, what: str, *, ordered: bool = True) -> NDArray[Any]:
    array = np.asarray(values)
    if array.ndim != 1 or len(array) == 0 or array.dtype.kind not in "Miuf":
        raise InvalidInput(
            f"the {what} are no times",
            value=f"{array.dtype} of shape {array.shape}",
            bound="datetime64 or numbers of shape (n,), n >= 1",
        )
    unknown = np.isnat(array) if array.dtype.kind == "M" else ~np.isfinite(array)
    if unknown.any():
        raise InvalidInput(f"the {what} hold an unknown time", value=f"row {unknown.argmax()}")
    if ordered and np.any(array[1:] < array[:-1]):
        row = int(np.argmax(array[1:] < array[:-1])) + 1
        raise InvalidInput(
            f"the {what} fall at row {row}",
            value=f"{array[row - 1]}, then {array[row]}",
            bound="never falling",
            remedy="Sort the rows by time first.",
        )
    return array

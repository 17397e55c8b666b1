"""Scoring a learner on the splits of a validation, beside each other and free of leaks.

Each split's model sees its own training rows and nothing else, not even through the bins that
gradient boosting cuts its inputs into. (Bins that were cut once for all splits have seen the test
rows, and scores move: a test shows it.) One model is fitted by one thread, so that its numbers
hang neither on how many workers there are nor on which of them fits it.

Source: López de Prado (2018), Advances in Financial Machine Learning, section 12.3.
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from fondaco.core.errors import InvalidInput
from fondaco.core.jobs import Progress, Silent
from fondaco.core.workers import SerialWorkers, Workers
from fondaco.market.panel import Matrix
from fondaco.research.validation.rising import Places, sorted_columns
from fondaco.research.validation.spans import Split
from fondaco.research.validation.trees import Trees, Vector

STEP = "fit and score"
SPLITS_MAX = 20_000
Score = Callable[[Vector, Vector], float]
"""Judges predictions: `score(labels, predictions)`, higher is better."""


class Learner(Protocol):
    """What scikit-learn calls an estimator: `fit` returns what predicts."""

    def fit(self, x: Any, y: Any, /) -> Any:
        """Learn labels (n,) from inputs (n, F)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """How a learner did: `scores` (splits,), and what each split's model predicted, (tested,)."""

    scores: Vector
    predicted: tuple[Vector, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """What every split reads: rows, labels, the learner, and for trees the sorted columns."""

    learner: Learner
    score: Score
    x: Matrix
    y: Vector
    columns: tuple[Places, Matrix] | None


def rank_ic(labels: Vector, predictions: Vector) -> float:
    """Return Spearman's correlation of labels and predictions, -1 to 1; ties share their rank.

    Predictions or labels that never differ rank nothing and score 0.

    >>> rank_ic(np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.3, 0.2]))
    0.5
    """
    from scipy.stats import rankdata  # type: ignore[import-untyped]

    ranks = rankdata(labels), rankdata(predictions)
    centred = [one - one.mean() for one in ranks]
    spread = float(np.sqrt((centred[0] ** 2).sum() * (centred[1] ** 2).sum()))
    return float((centred[0] * centred[1]).sum()) / spread if spread > 0.0 else 0.0


def r_squared(labels: Vector, predictions: Vector) -> float:
    """Return the share of the labels' variance that predictions explain: at most 1, 0 for none.

    Raises InvalidInput for labels that never differ.

    >>> r_squared(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.0]))
    0.5
    """
    total = float(((labels - labels.mean()) ** 2).sum())
    if total == 0.0:
        raise InvalidInput("labels that never differ leave nothing to explain", value=labels[0])
    return 1.0 - float(((labels - predictions) ** 2).sum()) / total


def score_splits(
    learner: Learner,
    x: ArrayLike,
    y: ArrayLike,
    splits: Iterable[Split],
    *,
    score: Score = rank_ic,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Scored:
    """Fit a learner on each split's training rows and score it on its test rows.

    x         (n, F) inputs; NaN is a missing value, for learners that know it.
    y         (n,) labels, finite.
    splits    (training rows, test rows) each, of any splitter; no row twice, none in both.
    learner   `Trees`, or anything with scikit-learn's fit and predict: a copy of it is fitted.
    score     `rank_ic`, `r_squared` or a function of (labels, predictions).
    workers   threads suit `Trees`, which runs outside the interpreter's lock. For processes,
              learner and score must be importable there. One after the other when None.

    The same scores to the last bit for any workers. Progress is reported between splits; raises
    Cancelled there when it is asked to stop, and InvalidInput for what cannot be scored.

    >>> from fondaco.research.validation.kfold import PurgedKFold
    >>> x = np.arange(400.0).reshape(-1, 1) % 20
    >>> cut = PurgedKFold(4, horizon=1)
    >>> score_splits(Trees(20), x, x[:, 0] ** 2, cut.split(x)).scores.round(2).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    inputs, labels = _checked(x, y)
    cut = [_split(number, one, len(labels)) for number, one in enumerate(splits)]
    if not 1 <= len(cut) <= SPLITS_MAX:
        raise InvalidInput("no or too many splits", value=len(cut), bound=f"1 to {SPLITS_MAX:,}")
    columns = sorted_columns(inputs) if isinstance(learner, Trees) else None
    shared = _Shared(learner, score, inputs, labels, columns)
    order = sorted(range(len(cut)), key=lambda at: -len(cut[at][0]))  # the longest fits first
    say, found = progress or Silent(), {}
    results = (workers or SerialWorkers()).map(score_one, shared, [cut[at] for at in order])
    with closing(results):
        say.report(STEP, 0, len(cut))
        for done, (at, result) in enumerate(zip(order, results, strict=True), start=1):
            found[at] = result
            say.report(STEP, done, len(cut))
    parts = [found[at] for at in range(len(cut))]
    return Scored(np.array([one[0] for one in parts]), tuple(one[1] for one in parts))


def score_one(shared: _Shared, split: Split) -> tuple[float, Vector]:
    """Return the score and the predictions of one split: the task that workers are given."""
    train, test = split
    model: Any
    if isinstance(shared.learner, Trees):
        assert shared.columns is not None  # they are sorted for trees
        model = shared.learner.fit_sorted(*shared.columns, train, shared.x, shared.y)
    else:
        model = deepcopy(shared.learner).fit(shared.x[train], shared.y[train])
    predicted = np.asarray(model.predict(shared.x[test]), dtype=np.float64).reshape(-1)
    if predicted.shape != test.shape or not np.isfinite(predicted).all():
        raise InvalidInput(
            "the learner did not predict one number for each test row",
            value=f"shape {predicted.shape}",
            bound=f"({len(test)},), finite",
        )
    return float(shared.score(shared.y[test], predicted)), predicted


def _checked(x: ArrayLike, y: ArrayLike) -> tuple[Matrix, Vector]:
    inputs = np.ascontiguousarray(x, dtype=np.float64)
    labels = np.ascontiguousarray(y, dtype=np.float64)
    if inputs.ndim != 2 or 0 in inputs.shape or labels.shape != inputs.shape[:1]:
        raise InvalidInput(
            "inputs and labels do not fit together",
            value=f"shapes {inputs.shape} and {labels.shape}",
            bound="(n, F) and (n,)",
        )
    if np.isinf(inputs).any() or not np.isfinite(labels).all():
        raise InvalidInput(
            "inputs or labels are not numbers",
            bound="finite labels; finite inputs, or NaN for a missing one",
            remedy="Leave out the rows without a label, and mend infinite inputs.",
        )
    return inputs, labels


def _split(number: int, split: Split, count: int) -> Split:
    """Return a split as row numbers; raises InvalidInput for rows twice, in both or outside."""
    train, test = (np.asarray(rows) for rows in split)
    for rows, what in ((train, "learn from"), (test, "test on")):
        if rows.ndim != 1 or len(rows) == 0 or not np.issubdtype(rows.dtype, np.integer):
            raise InvalidInput(
                f"split {number} has no rows to {what}", value=f"{rows.dtype} of {rows.shape}"
            )
        if rows.min() < 0 or rows.max() >= count:
            raise InvalidInput(
                f"split {number} names rows that there are not",
                value=f"{rows.min()} to {rows.max()}",
                bound=f"0 to {count - 1}",
            )
    seen = np.bincount(np.concatenate([train, test]), minlength=count)
    if seen.max() > 1:
        raise InvalidInput(
            f"split {number} has a row twice, or learns from a row that it is tested on",
            value=f"row {int(seen.argmax())}",
            bound="each row once, to learn from or to test on",
        )
    return train.astype(np.int64), test.astype(np.int64)

"""Walk-forward splits, purged and embargoed: what a model of each refit may learn from.

A label of row i is known at row i + horizon. A model that is refitted at row r may learn from the
rows whose labels were known `embargo` sessions before r, and then scores the rows from r on until
the next refit. Source: Lopez de Prado (2018), Advances in Financial Machine Learning, section 7.4
(purging, embargo) and 12.2 (walk-forward).

With a label horizon of 2, an embargo of 1, at least 3 rows to learn from and refits at rows 6, 9:

    row      0  1  2  3  4  5  6  7  8  9 10 11
    model 1  L  L  L  L  e  p  S  S  S             learns rows 0-3; the label of 3 ends at row 5
    model 2  L  L  L  L  L  L  L  e  p  S  S  S    e: held back by the embargo, p: by the horizon
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput

Days = NDArray[np.datetime64]
"""Sessions as datetime64[D]."""


@dataclass(frozen=True, slots=True)
class Split:
    """One model's rows: it learns from [train_start, train_stop), scores [test_start, test_stop).

    `label_end` is the last row that a label of the training rows reads.
    """

    train_start: int
    train_stop: int
    test_start: int
    test_stop: int
    label_end: int


@dataclass(frozen=True, slots=True)
class WalkForward:
    """How models follow each other in time. All lengths are in sessions.

    A refit happens at the first session of every `refit_months` months, counted from January
    1970: the schedule hangs on the calendar, so it does not move with the start of the data.
    `train_max` None learns from all the past, else from a rolling window of so many rows.
    """

    horizon: int = 20
    embargo: int = 5
    refit_months: int = 12
    train_min: int = 504
    train_max: int | None = 2_520

    def __post_init__(self) -> None:
        least = {"horizon": 1, "embargo": 0, "refit_months": 1, "train_min": 1}
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise InvalidInput(
                    f"the splits' {name} is too small",
                    value=getattr(self, name),
                    bound=f">= {bound}",
                )
        if self.train_max is not None and self.train_max < self.train_min:
            raise InvalidInput(
                "the training window is shorter than its least length",
                value=self.train_max,
                bound=f">= {self.train_min}",
            )

    def splits(self, sessions: Days) -> tuple[Split, ...]:
        """Return the splits of these sessions, oldest first; none while there is too little past.

        >>> days = np.arange("2019-12-24", "2020-01-05", dtype="datetime64[D]")
        >>> walk = WalkForward(horizon=2, embargo=1, refit_months=12, train_min=3, train_max=None)
        >>> walk.splits(days)
        (Split(train_start=0, train_stop=6, test_start=8, test_stop=12, label_end=7),)
        """
        starts = [row for row in refit_rows(sessions, self.refit_months) if self._stop(row) >= 1]
        starts = [row for row in starts if self._stop(row) >= self.train_min]
        stops = [*starts[1:], len(sessions)]
        return tuple(self._split(start, stop) for start, stop in zip(starts, stops, strict=False))

    def _stop(self, refit: int) -> int:
        """Return one past the last row whose label was known `embargo` sessions before a refit."""
        return refit - self.horizon - self.embargo + 1

    def _split(self, start: int, stop: int) -> Split:
        train_stop = self._stop(start)
        train_start = 0 if self.train_max is None else max(0, train_stop - self.train_max)
        return Split(train_start, train_stop, start, stop, train_stop - 1 + self.horizon)


def refit_rows(sessions: Days, months: int) -> list[int]:
    """Return the rows of the first sessions of each period of so many months.

    Row 0 is none of them: whether it is the first of its period cannot be seen from inside.
    """
    period = sessions.astype("datetime64[M]").astype(np.int64) // months
    return [int(row) for row in np.flatnonzero(np.diff(period)) + 1]

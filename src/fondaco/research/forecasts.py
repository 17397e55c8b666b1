"""Forecasts as of a time: scores with a range that past outcomes drew, kept with what came of them.

Every forecast is walk-forward: its model and its range rest on what was known at its session. The
record is kept for the first session of each month, so that the same dates come up whenever the
desk runs, and neighbouring outcomes hardly overlap.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from fondaco.core.ideas import Forecast
from fondaco.core.jobs import Progress
from fondaco.market.panel import Matrix, Panel
from fondaco.research.forecaster import Recipe, in_force, walk_forward
from fondaco.research.labels import forward_rank
from fondaco.research.ports import OUTCOMES_READ_MAX, ForecastStore
from fondaco.research.splits import Split, refit_rows

RANGE_SHARE = 0.8
"""The part of like outcomes that lies between a forecast's low and high."""
RANGE_OUTCOMES = 500
"""How many past outcomes, with the nearest scores, draw a range."""
RANGE_OUTCOMES_MIN = 200
"""Fewest outcomes that can draw one; before that there is no forecast."""
RANGE_SESSIONS_MAX = 1_260
"""How far back outcomes may lie."""
RECORD_DATES_MAX = 60
"""How many past months a run hands over for the record."""


@dataclass(frozen=True, slots=True)
class ForecastRun:
    """What a run of the forecaster gives: the forecasts of now, and of the months before.

    `latest` is empty while there is too little past to learn from or to draw a range.
    """

    model: str
    horizon_sessions: int
    latest: tuple[Forecast, ...]
    past: tuple[Forecast, ...]


def run_forecaster(
    panel: Panel,
    recipe: Recipe | None = None,
    *,
    past_dates: int = RECORD_DATES_MAX,
    progress: Progress | None = None,
) -> ForecastRun:
    """Return the forecasts of the panel's last session, and of `past_dates` earlier months.

    One core, 20 instruments, 8,300 sessions: about three seconds, most of it the models of each
    year, without which no out-of-sample range could be drawn.
    """
    recipe = recipe or Recipe()
    scores = walk_forward(panel, recipe, progress)
    book = _Book(panel, recipe, scores)
    last = len(panel.sessions) - 1
    months = [row for row in refit_rows(panel.sessions, 1) if row < last]
    past = [book.forecasts(row) for row in months[len(months) - min(past_dates, len(months)) :]]
    return ForecastRun(
        recipe.model, recipe.walk.horizon, book.forecasts(last), tuple(f for at in past for f in at)
    )


def close_time(panel: Panel, row: int) -> datetime:
    """Return when a row's session closed, in UTC."""
    moment: datetime = panel.closes_at[row].astype("datetime64[us]").item()
    return moment.replace(tzinfo=UTC)


class _Book:
    """The scores of a panel with their outcomes, from which ranges are drawn."""

    def __init__(self, panel: Panel, recipe: Recipe, scores: Matrix) -> None:
        self._panel, self._recipe, self._scores = panel, recipe, scores
        self._outcomes = forward_rank(panel.close, recipe.walk.horizon)
        self._splits: dict[int, Split] = dict(in_force(panel, recipe))

    def forecasts(self, row: int) -> tuple[Forecast, ...]:
        """Return the forecasts that could be made at the close of a row; none without a range."""
        scores, outcomes = self._known_by(row)
        if row not in self._splits or len(scores) < RANGE_OUTCOMES_MIN:
            return ()
        panel, split = self._panel, self._splits[row]
        made = []
        for column in np.flatnonzero(~np.isnan(self._scores[row])):
            score = float(self._scores[row, column])
            low, high = _range(scores, outcomes, score)
            made.append(
                Forecast(
                    panel.instruments[column],
                    close_time(panel, row),
                    self._recipe.walk.horizon,
                    score,
                    low,
                    high,
                    self._recipe.model,
                    close_time(panel, split.label_end),
                )
            )
        return tuple(made)

    def _known_by(self, row: int) -> tuple[Matrix, Matrix]:
        """Return past scores, rising, with their outcomes: only those that had ended at `row`."""
        stop = max(0, row - self._recipe.walk.horizon + 1)
        rows = slice(max(0, stop - RANGE_SESSIONS_MAX), stop)
        scores, outcomes = self._scores[rows].ravel(), self._outcomes[rows].ravel()
        ended = ~np.isnan(scores) & ~np.isnan(outcomes)
        order = np.argsort(scores[ended], kind="stable")
        return scores[ended][order], outcomes[ended][order]


def _range(scores: Matrix, outcomes: Matrix, score: float) -> tuple[float, float]:
    """Return the quantiles of the outcomes whose scores lie nearest."""
    size = min(RANGE_OUTCOMES, len(scores))
    start = bisect_left(scores, score) - size // 2
    start = min(max(0, start), len(scores) - size)
    tail = (1.0 - RANGE_SHARE) / 2.0
    low, high = np.quantile(outcomes[start : start + size], [tail, 1.0 - tail])
    return float(low), float(high)


def keep_forecasts(store: ForecastStore, run: ForecastRun, panel: Panel) -> int:
    """Keep a run's forecasts, write down the outcomes that have ended; return how many were new.

    Outcomes come from the panel, so nothing later than its `as_of` is written. Running again
    changes nothing.
    """
    new = store.add((*run.past, *run.latest))
    rows = {close_time(panel, row): row for row in range(len(panel.sessions))}
    columns = {instrument: column for column, instrument in enumerate(panel.instruments)}
    ranks = forward_rank(panel.close, run.horizon_sessions)
    for outcome in store.list(model=run.model, as_of=panel.as_of, limit=OUTCOMES_READ_MAX):
        forecast = outcome.forecast
        row, column = rows.get(forecast.as_of), columns.get(forecast.instrument)
        if outcome.realised is not None or row is None or column is None:
            continue
        realised = float(ranks[row, column])
        if not np.isnan(realised):
            store.realise(run.model, forecast.instrument, forecast.as_of, realised)
    return new

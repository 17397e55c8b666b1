"""What the bars say about costs: volatility and volume as known before each bar, and the rates."""

from typing import Final

import numpy as np
from numba import float64, int64
from numpy.typing import NDArray

from fondaco.trading.cost_model.impact import spread_ppb
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.cost_model.units import PPB
from fondaco.trading.simulator.arrays import CUBE, TABLE, Counts
from fondaco.trading.simulator.compiled import kernel

WINDOW: Final = 20
"""Bars whose mean volume and volatility stand for an average one: those before the bar itself."""


def schedule_of(model: CostModel, closes_at: NDArray[np.datetime64], *, first: int = 0) -> Counts:
    """Return which of the rates of a model's table holds in each bar, (T,).

    Nothing trades before row `first`, so those rows take its rates. Raises InvalidInput for a
    traded day before the first that the table knows.
    """
    closes_at = np.where(np.arange(len(closes_at)) < first, closes_at[first], closes_at)
    days, place = np.unique(closes_at.astype("datetime64[D]"), return_inverse=True)
    places: Counts = model.table.places(days.tolist())[place]
    return places


def concession_planes(model: CostModel, mark: Counts, volume: Counts | None) -> Counts:
    """Return half spreads (ppb), volatilities (ppb a day) and average volumes: (3, T, N).

    Row t uses what was known before bar t. Where fewer than WINDOW bars lie behind it, or there is
    no volume, the model's dearest values stand in.
    """
    planes = np.zeros((3, *mark.shape), dtype=np.int64)
    unknown = model.sigma_ppb(None)
    _volatilities(mark, unknown, planes)
    if volume is not None:
        _volumes(volume, planes)
    _, _, _, reference, exponent = model.terms
    _spreads(planes, int(model.half_spreads().max()), reference, exponent)
    return planes


@kernel((TABLE, int64, CUBE))
def _volatilities(mark: Counts, unknown: int, planes: Counts) -> None:
    for i in range(mark.shape[1]):
        for t in range(mark.shape[0]):
            planes[1, t, i] = unknown
            if t <= WINDOW or mark[t - WINDOW - 1, i] == 0:
                continue
            total, squares = 0.0, 0.0
            for n in range(t - WINDOW, t):
                move = np.log(mark[n, i] / mark[n - 1, i])
                total += move
                squares += move * move
            spread = max(squares - total * total / WINDOW, 0.0) / (WINDOW - 1)
            planes[1, t, i] = int(min(np.sqrt(spread), 10.0) * PPB)


@kernel((TABLE, CUBE))
def _volumes(volume: Counts, planes: Counts) -> None:
    for i in range(volume.shape[1]):
        total = 0
        for t in range(volume.shape[0]):
            if t >= WINDOW:
                planes[2, t, i] = total // WINDOW
                total -= volume[t - WINDOW, i]
            total += volume[t, i]


@kernel((CUBE, int64, int64, float64))
def _spreads(planes: Counts, half_spread: int, reference: int, exponent: float) -> None:
    for t in range(planes.shape[1]):
        for i in range(planes.shape[2]):
            planes[0, t, i] = spread_ppb(half_spread, planes[1, t, i], reference, exponent)

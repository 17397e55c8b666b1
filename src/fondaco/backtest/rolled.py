"""Curves beside the equity: measures over a moving window, and what was held."""

import numpy as np

from fondaco.backtest.detail import Holdings, Rolling
from fondaco.backtest.measure import Series
from fondaco.backtest.movements import Array, Movements
from fondaco.portfolio.measures import rolling
from fondaco.portfolio.measures.returns import returns_of

WINDOWS = (63, 252)
POINTS_MAX = 1_000
"""Points of a curve that are kept: every nth session, and always the last."""


def rolling_of(
    series: Series, benchmark: Array | None, window: int, most: int = POINTS_MAX
) -> Rolling:
    """Return the rolling measures of an account; `benchmark` has closes for the same days."""
    own = series.returns
    kept = thinned_rows(max(len(own) - window + 1, 0), most)
    days = series.days[window:][kept]
    beta: tuple[float | None, ...] = ()
    if benchmark is not None:
        beta = _values(rolling.rolling_beta(own, returns_of(benchmark), window)[kept])
    return Rolling(
        window,
        tuple(days.astype("datetime64[D]").tolist()),
        _values(rolling.rolling_return(own, window)[kept]),
        _values(rolling.rolling_vol(own, window)[kept]),
        _values(rolling.rolling_sharpe(own, window)[kept]),
        _values(rolling.rolling_drawdown(own, window)[kept]),
        beta,
    )


def holdings_of(moves: Movements, most: int = POINTS_MAX) -> Holdings:
    """Return what a run held at its closes."""
    series = moves.played.series
    kept = thinned_rows(len(series.days), most)
    equity = series.equity[kept]
    names = (moves.held[moves.played.tape.first :][kept] != 0).sum(axis=1)
    return Holdings(
        tuple(series.days[kept].astype("datetime64[D]").tolist()),
        _rounded(series.exposure[kept] / equity),
        _rounded((equity - series.cash[kept]) / equity),
        tuple(int(count) for count in names),
    )


def thinned_rows(count: int, most: int) -> list[int]:
    """Return every nth row counted back from the last, at most so many.

    >>> thinned_rows(7, 3)
    [0, 3, 6]
    """
    step = max(1, -(-count // most))
    return list(range(count - 1, -1, -step))[::-1]


def _values(found: Array) -> tuple[float | None, ...]:
    return tuple(round(value, 6) + 0.0 if np.isfinite(value) else None for value in found.tolist())


def _rounded(found: Array) -> tuple[float, ...]:
    return tuple((np.round(found, 6) + 0.0).tolist())

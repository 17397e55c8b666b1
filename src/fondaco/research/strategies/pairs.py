"""Pairs: two prices that keep together are traded against each other when they part."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fondaco.market.panel import Matrix, Panel
from fondaco.research import kernels
from fondaco.research.cointegration import (
    Lines,
    critical_value,
    engle_granger,
    nearest_pairs,
)
from fondaco.research.splits import refit_rows
from fondaco.research.strategies.parameters import Bound, Parameters, within
from fondaco.research.strategies.schedule import changes
from fondaco.research.strategies.strategy import Made, design

PAIRS: Mapping[str, Bound] = {
    "formation": Bound(252, 60, 1_260, "sessions that pairs are found in"),
    "trading_months": Bound(6, 1, 24, "months that they are traded, then found anew"),
    "pairs_max": Bound(10, 1, 100, "most pairs traded; each has an equal slot"),
    "tested_max": Bound(100, 1, 1_000, "most pairs tested, the nearest paths first"),
    "lags": Bound(1, 0, 10, "lagged changes in the test"),
    "level_percent": Bound(5, 1, 10, "level of the test: 1, 5 or 10 per cent"),
    "entry": Bound(2.0, 0.5, 6.0, "z-score at which a pair is entered"),
    "exit": Bound(0.5, 0.0, 3.0, "z-score at which it is left"),
    "stop": Bound(4.0, 1.0, 20.0, "z-score at which it is given up until pairs are found anew"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """Pairs found in one window: columns (P, 2) of y and x, and their lines."""

    columns: NDArray[np.int64]
    intercept: NDArray[np.float64]
    hedge: NDArray[np.float64]
    deviation: NDArray[np.float64]


@design(
    "pairs",
    PAIRS,
    source="Engle and Granger (1987), Econometrica 55, p. 251-276; MacKinnon (2010), QED WP 1227",
    modules=("fondaco.research.cointegration",),
    standing=True,
)
def pairs(parameters: Parameters) -> Made:
    """Trade pairs of cointegrated prices against each other when they part.

    Idea: two prices that rest on one cause return to their line after they part.
    Rule: on the first session of every `trading_months` months take the `tested_max` pairs whose
    paths of log prices lay nearest over the last `formation` closes, test each for cointegration
    and keep the `pairs_max` that are surest at `level_percent` with a positive hedge. Until the
    next search a pair is entered when its spread lies `entry` deviations (of the formation) from
    the line, left within `exit`, given up past `stop`. Each pair has a slot of 1 / `pairs_max` of
    equity, split between the legs as 1 to the hedge; the sum without signs never passes 1.
    Source: Engle and Granger (1987) and MacKinnon (2010) for the test; Gatev, Goetzmann and
    Rouwenhorst (2006), Review of Financial Studies 19, p. 797-827, for the search and the windows;
    Vidyamurthy (2004), Pairs Trading, part two, for spreads of log prices.
    Ignores: that of 100 tests at 5 per cent about 5 pass by luck, which line is regressed on which
    (the name that comes first is y), shares that cannot be borrowed, and news that parts a pair
    for good.
    """
    within(parameters, "exit", "entry")
    within(parameters, "entry", "stop")
    formation, months = int(parameters["formation"]), int(parameters["trading_months"])
    critical_value(int(parameters["level_percent"]), formation - 1)  # refuses other levels now

    def weights(panel: Panel) -> Matrix:
        close = np.where(panel.close > 0.0, panel.close, np.nan)
        logs = np.log(np.ascontiguousarray(close))
        wanted = np.full(logs.shape, np.nan)
        starts = [row for row in refit_rows(panel.sessions, months) if row >= formation - 1]
        for start, stop in zip(starts, [*starts[1:], len(logs)], strict=False):
            found = find_pairs(logs[start - formation + 1 : start + 1], parameters)
            wanted[start:stop] = pair_weights(logs[start:stop], found, parameters)
        return changes(wanted)

    return Made(formation - 1, weights)


def find_pairs(logs: Matrix, parameters: Parameters) -> Found:
    """Return the pairs of a formation window of log prices, (W, N), the surest first.

    A name with a missing price or none but one price in the window takes no part.
    """
    whole = np.flatnonzero(~np.isnan(logs).any(axis=0) & (np.ptp(logs, axis=0) > 0.0))
    columns = whole[nearest_pairs(logs[:, whole], int(parameters["tested_max"]))]
    y, x = logs[:, columns[:, 0]], logs[:, columns[:, 1]]
    lines = engle_granger(y, x, int(parameters["lags"]))
    level = critical_value(int(parameters["level_percent"]), len(logs) - 1)
    return _surest(columns, lines, level, int(parameters["pairs_max"]))


def _surest(columns: NDArray[np.int64], lines: Lines, level: float, most: int) -> Found:
    passed = np.flatnonzero((lines.statistic < level) & (lines.hedge > 0.0))
    kept = passed[np.argsort(lines.statistic[passed], kind="stable")][:most]
    return Found(columns[kept], lines.intercept[kept], lines.hedge[kept], lines.deviation[kept])


def pair_weights(logs: Matrix, found: Found, parameters: Parameters) -> Matrix:
    """Return what the pairs want at every session of their trading window, (L, N).

    A name in several pairs gets the sum of what they want.
    """
    y, x = found.columns[:, 0], found.columns[:, 1]
    spread = logs[:, y] - found.intercept - found.hedge * logs[:, x]
    entry, leave, stop = (float(parameters[key]) for key in ("entry", "exit", "stop"))
    side = kernels.spread_positions(
        np.ascontiguousarray(spread / found.deviation), entry, leave, stop
    )
    slot = 1.0 / int(parameters["pairs_max"])
    wanted = np.zeros(logs.shape)
    for pair in range(len(y)):
        hedge = found.hedge[pair]
        wanted[:, y[pair]] += side[:, pair] * (slot / (1.0 + hedge))
        wanted[:, x[pair]] -= side[:, pair] * (slot * hedge / (1.0 + hedge))
    return wanted

"""Trend: each name on its own, held while its price rises."""

from collections.abc import Mapping

import numpy as np

from fondaco.market.panel import Matrix, Panel
from fondaco.research import kernels
from fondaco.research.crossing import UNKNOWN, Sides, check_exact, close_micros, sma_sides
from fondaco.research.strategies.parameters import Bound, Parameters, within
from fondaco.research.strategies.schedule import (
    DAILY,
    MONTHLY,
    REBALANCE,
    at_rows,
    changes,
    rebalance_rows,
)
from fondaco.research.strategies.strategy import Made, design

_CROSSING = ("fondaco.research.crossing",)
_SHORT = Bound(0, 0, 1, "1 sells short where the rule would be out, 0 stays in cash")
SMA: Mapping[str, Bound] = {
    "fast": Bound(50, 1, 1_260, "sessions of the fast average"),
    "slow": Bound(200, 2, 1_260, "sessions of the slow average"),
    "short": _SHORT,
    "every": Bound(DAILY, DAILY, MONTHLY, REBALANCE),
}
DONCHIAN: Mapping[str, Bound] = {
    "entry": Bound(55, 2, 1_260, "sessions of the channel that a close must leave to enter"),
    "exit": Bound(20, 1, 1_260, "sessions of the channel that ends a position"),
    "short": _SHORT,
}


@design(
    "sma_trend",
    SMA,
    source="Brock, Lakonishok and LeBaron (1992), Journal of Finance 47, p. 1731-1764",
    modules=_CROSSING,
    standing=True,
)
def sma_trend(parameters: Parameters) -> Made:
    """Hold each name while its fast moving average is above its slow one.

    Idea: prices trend, and an average of recent closes above that of older ones shows it.
    Rule: each of the panel's N names has a slot of 1/N of equity. It is filled while the mean of
    the last `fast` closes is above that of the last `slow`, else empty (or short). A tie keeps the
    side before it. Averages are compared exactly (`crossing.py`): no tie becomes a cross by
    rounding. An empty slot stays in cash.
    Source: Brock, Lakonishok and LeBaron (1992), p. 1731-1764, the variable-length moving average
    without a band.
    Ignores: volatility, correlation, the cost of whipsaws; a missing close leaves the position as
    it is until both windows are whole again.
    """
    within(parameters, "fast", "slow")
    fast, slow, every = (int(parameters[key]) for key in ("fast", "slow", "every"))
    out = -1.0 if parameters["short"] else 0.0

    def weights(panel: Panel) -> Matrix:
        micros = close_micros(panel.close)
        check_exact(micros, fast, slow)
        wanted = _slots(sma_sides(micros, fast, slow), out)
        return changes(at_rows(wanted, rebalance_rows(panel.sessions, every)))

    return Made(slow - 1, weights)


def _slots(sides: Sides, out: float) -> Matrix:
    """Return the weight that each side asks for; NaN for a tie or an unknown side."""
    wanted = np.full(sides.shape, np.nan)
    wanted[sides > 0] = 1.0
    wanted[sides < 0] = out
    wanted[sides == UNKNOWN] = np.nan
    wanted /= max(1, sides.shape[1])
    return wanted


@design(
    "donchian_trend",
    DONCHIAN,
    source="Donchian (1957), Commodity Year Book, p. 35-47; channels of 55 and 20: Faith (2007)",
    modules=_CROSSING,
    standing=True,
)
def donchian_trend(parameters: Parameters) -> Made:
    """Hold each name from a close above its channel to a close below a shorter one.

    Idea: a close beyond all closes of the past weeks begins a trend.
    Rule: each of the panel's N names has a slot of 1/N of equity. It is filled when the close is
    above the highest of the `entry` closes before it, and emptied when the close is below the
    lowest of the `exit` closes before it. With `short` the mirror image is sold short. Channels
    are of closes, not highs and lows, so that every source of prices gives the same answer.
    Source: Donchian (1957), Trend-following methods in commodity price analysis, p. 35-47; the
    longer entry and shorter exit as in Faith (2007), Way of the Turtle (System 2: 55 and 20).
    Ignores: the stops, pyramids and volatility units of the Turtles; highs and lows within a
    session; a missing close leaves the position as it is until the channel is whole again.
    """
    entry, leave = int(parameters["entry"]), int(parameters["exit"])
    short = bool(parameters["short"])

    def weights(panel: Panel) -> Matrix:
        close = np.ascontiguousarray(panel.close, dtype=np.float64)
        sides: Matrix = kernels.channel_sides(
            close,
            kernels.highest_before(close, entry),
            -kernels.highest_before(-close, entry),
            kernels.highest_before(close, leave),
            -kernels.highest_before(-close, leave),
            short,
        )
        wanted: Matrix = sides / max(1, close.shape[1])
        return changes(wanted)

    return Made(max(entry, leave), weights)

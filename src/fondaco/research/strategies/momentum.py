"""Momentum: what rose over the past year goes on for a while."""

from collections.abc import Mapping

import numpy as np

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix, Panel
from fondaco.research.features import SESSIONS_PER_YEAR
from fondaco.research.features import momentum as momentum_feature
from fondaco.research.strategies.parameters import Bound, Parameters
from fondaco.research.strategies.schedule import rebalance_rows
from fondaco.research.strategies.selection import SELECTION, Selection
from fondaco.research.strategies.strategy import Made, design

RETURN_WINDOW: Mapping[str, Bound] = {
    "lookback": Bound(252, 2, 1_260, "sessions back to where the return starts"),
    "skip": Bound(21, 0, 252, "latest sessions left out of it"),
}
MOMENTUM: Mapping[str, Bound] = {**RETURN_WINDOW, **SELECTION}
DUAL: Mapping[str, Bound] = {
    **MOMENTUM,
    "skip": Bound(0, 0, 252, "latest sessions left out of it"),
    "hurdle_annual": Bound(0.0, -1.0, 1.0, "return a year that a held name must have beaten"),
}


@design(
    "momentum",
    MOMENTUM,
    source="Jegadeesh and Titman (1993), Journal of Finance 48, p. 65-91",
)
def momentum(parameters: Parameters) -> Made:
    """Hold the fifth with the best year, its last month left out.

    Idea: names that did better than others over the past year go on doing so for some months.
    Rule: on the first session of each month hold, in equal parts, the `share` of names with the
    highest return from `lookback` to `skip` sessions ago.
    Source: Jegadeesh and Titman (1993), Journal of Finance 48, p. 65-91 (deciles there); the
    skipped month as in Asness, Moskowitz and Pedersen (2013), Journal of Finance 68, p. 937.
    Ignores: the short side, industries, and the crashes that momentum has had in rebounds
    (Daniel and Moskowitz, 2016, Journal of Financial Economics 122, p. 221-247).
    """
    lookback, skip = return_window(parameters)
    feature = momentum_feature(lookback, skip)
    return Made(
        feature.warm_up,
        Selection(feature, float(parameters["share"]), int(parameters["names_min"])),
    )


def return_window(parameters: Parameters) -> tuple[int, int]:
    """Return lookback and skip; raises InvalidInput unless the skip lies within the lookback."""
    lookback, skip = int(parameters["lookback"]), int(parameters["skip"])
    if skip >= lookback:
        raise InvalidInput(
            "the skipped sessions must lie within the lookback", value=skip, bound=f"< {lookback}"
        )
    return lookback, skip


@design(
    "dual_momentum",
    DUAL,
    source="Antonacci (2017), Journal of Management and Entrepreneurship 2(1), p. 27-55",
)
def dual_momentum(parameters: Parameters) -> Made:
    """Hold the names with the best year, and of them only those that rose.

    Idea: relative momentum picks the stronger names, absolute momentum leaves the market when
    even those fall.
    Rule: on the first session of each month choose the `share` of names with the highest return
    from `lookback` to `skip` sessions ago. Each has an equal slot; it is filled only if that
    return is above `hurdle_annual` for that span of time, else the slot stays in cash.
    Source: Antonacci (2017), Risk premia harvesting through dual momentum, p. 27-55, SSRN
    2042750 (there with asset classes and Treasury bills).
    Ignores: the rate on bills, which the panel does not hold: the hurdle is a constant instead,
    and cash earns what the account gives.
    """
    lookback, skip = return_window(parameters)
    feature = momentum_feature(lookback, skip)
    chooser = Selection(feature, float(parameters["share"]), int(parameters["names_min"]))
    years = (lookback - skip) / SESSIONS_PER_YEAR
    hurdle = float((1.0 + parameters["hurdle_annual"]) ** years - 1.0)

    def weights(panel: Panel) -> Matrix:
        scores = feature(panel)
        wanted = np.full(scores.shape, np.nan)
        for row in rebalance_rows(panel.sessions, chooser.every):
            chosen = chooser.best(scores[row])
            if len(chosen):
                wanted[row] = 0.0
                rising = chosen[scores[row, chosen] > hurdle]
                wanted[row, rising] = 1.0 / len(chosen)
        return wanted

    return Made(feature.warm_up, weights)

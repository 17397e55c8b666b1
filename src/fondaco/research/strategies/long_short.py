"""Long and short by rank: own what ranks high, be short what ranks low, in equal sums."""

from collections.abc import Mapping

import numpy as np

from fondaco.market.panel import Matrix, Panel
from fondaco.research import kernels
from fondaco.research.features import momentum as momentum_feature
from fondaco.research.strategies.momentum import RETURN_WINDOW, return_window
from fondaco.research.strategies.parameters import Bound, Parameters
from fondaco.research.strategies.schedule import MONTHLY, rebalance_rows
from fondaco.research.strategies.strategy import Made, design

LONG_SHORT: Mapping[str, Bound] = {
    **RETURN_WINDOW,
    "gross": Bound(1.0, 0.1, 4.0, "sum of weights without their signs; above 1 is leverage"),
    "names_min": Bound(5, 2, 1_000, "fewest ranked names for a rebalance"),
}


@design(
    "long_short_rank",
    LONG_SHORT,
    source="Asness, Moskowitz and Pedersen (2013), Journal of Finance 68, p. 929-985, eq. 1",
    modules=("fondaco.research.strategies.momentum",),
)
def long_short_rank(parameters: Parameters) -> Made:
    """Own the names with the better year and be short the others, by rank.

    Idea: the spread between strong and weak names pays whether the market rises or falls.
    Rule: on the first session of each month rank the names by their return from `lookback` to
    `skip` sessions ago. Each weight is in proportion to rank less mean rank; the weights sum to 0,
    and to `gross` without their signs.
    Source: Asness, Moskowitz and Pedersen (2013), p. 929-985, eq. 1 (there for value and momentum
    in many markets; scaled to one unit long and one short).
    Ignores: beta (the sums are equal, the risks are not), what borrowing shares costs, and that
    some cannot be borrowed; the venue charges for the first and knows the last.
    """
    lookback, skip = return_window(parameters)
    feature = momentum_feature(lookback, skip)
    gross, least = float(parameters["gross"]), int(parameters["names_min"])

    def weights(panel: Panel) -> Matrix:
        ranks = kernels.cross_rank(np.ascontiguousarray(feature(panel)))
        wanted = np.full(ranks.shape, np.nan)
        for row in rebalance_rows(panel.sessions, MONTHLY):
            away = ranks[row] - 0.5  # ranks are scaled to 0..1, so their mean is a half
            total = float(np.nansum(np.abs(away)))
            if np.count_nonzero(~np.isnan(away)) >= least and total > 0.0:
                wanted[row] = np.nan_to_num(away * (gross / total), nan=0.0)
        return wanted

    return Made(feature.warm_up, weights)

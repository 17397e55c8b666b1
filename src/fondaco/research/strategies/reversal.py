"""Reversal: what fell fast in the short run comes back in part."""

from collections.abc import Mapping

from fondaco.market.panel import Matrix, Panel
from fondaco.research.features import returns
from fondaco.research.strategies.parameters import Bound, Parameters
from fondaco.research.strategies.schedule import DAILY, MONTHLY, REBALANCE, WEEKLY
from fondaco.research.strategies.selection import SELECTION, Selection
from fondaco.research.strategies.strategy import Made, design

REVERSAL: Mapping[str, Bound] = {
    "lookback": Bound(5, 1, 63, "sessions of the return that is expected to reverse"),
    "every": Bound(WEEKLY, DAILY, MONTHLY, REBALANCE),
    **SELECTION,
}


@design(
    "short_term_reversal",
    REVERSAL,
    source="Lehmann (1990), Quarterly Journal of Economics 105, p. 1-28",
)
def short_term_reversal(parameters: Parameters) -> Made:
    """Hold the fifth that fell most over the past week.

    Idea: part of a fast fall is pressure of sellers, not news, and is given back within days.
    Rule: on the first session of each week (`every` 2) hold, in equal parts, the `share` of names
    with the lowest return over `lookback` sessions.
    Source: Lehmann (1990), p. 1-28 (weeks, long and short); Jegadeesh (1990), Journal of Finance
    45, p. 881-898, for months.
    Ignores: the short side, news, and bid-ask bounce, which makes close-to-close reversals look
    larger than they can be traded; its turnover is high, so judge it after costs only.
    """
    feature = returns(int(parameters["lookback"]))

    def fallen(panel: Panel) -> Matrix:
        return -feature(panel)

    selection = Selection(
        fallen,
        float(parameters["share"]),
        int(parameters["names_min"]),
        int(parameters["every"]),
    )
    return Made(feature.warm_up, selection)

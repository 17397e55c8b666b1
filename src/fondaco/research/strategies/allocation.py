"""Allocation: how much of each name, without a view on which will do best."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fondaco.market.panel import Matrix, Panel
from fondaco.research import kernels
from fondaco.research.features import SESSIONS_PER_YEAR, volatility
from fondaco.research.parity import RiskBudget, covariance, equal_risk
from fondaco.research.strategies.parameters import Bound, Parameters
from fondaco.research.strategies.schedule import (
    DAILY,
    MONTHLY,
    REBALANCE,
    changes,
    rebalance_rows,
)
from fondaco.research.strategies.selection import SELECTION, Selection
from fondaco.research.strategies.strategy import Made, design

_RISK = ("fondaco.research.parity",)
_EVERY = Bound(MONTHLY, DAILY, MONTHLY, REBALANCE)
LOW_VOLATILITY: Mapping[str, Bound] = {
    "lookback": Bound(252, 2, 1_260, "sessions of the volatility"),
    **SELECTION,
}
VOLATILITY_TARGET: Mapping[str, Bound] = {
    "target_annual": Bound(0.1, 0.01, 1.0, "volatility a year that is aimed at, as a share"),
    "lookback": Bound(60, 2, 1_260, "sessions of the volatility"),
    "leverage_max": Bound(1.0, 0.1, 4.0, "largest sum of weights; above 1 money is borrowed"),
    "every": _EVERY,
}
RISK_PARITY: Mapping[str, Bound] = {
    "lookback": Bound(252, 20, 1_260, "sessions of the covariance"),
    "shrinkage": Bound(0.2, 0.01, 1.0, "part of each correlation that is taken away"),
    "names_min": Bound(2, 2, 1_000, "fewest names with a whole window for a rebalance"),
}


@design(
    "buy_and_hold",
    {},
    source="Sharpe (1991), Financial Analysts Journal 47(1), p. 7-9",
    modules=_RISK,
    standing=True,
)
def buy_and_hold(_: Parameters) -> Made:
    """Buy every name once in equal parts and never trade again.

    Idea: the yardstick; before costs the average of all active money can do no better.
    Rule: at the first session with a close of it, buy each of the panel's N names for 1/N of
    equity; then leave it alone. What has not begun to trade waits in cash.
    Source: Sharpe (1991), The arithmetic of active management, p. 7-9.
    Ignores: everything else. Weights drift to what rose most.
    """

    def weights(panel: Panel) -> Matrix:
        slot = 1.0 / max(1, panel.close.shape[1])
        return changes(np.where(panel.close > 0.0, slot, np.nan))

    return Made(0, weights)


@design(
    "low_volatility",
    LOW_VOLATILITY,
    source="Blitz and van Vliet (2007), Journal of Portfolio Management 34(1), p. 102-113",
    modules=_RISK,
)
def low_volatility(parameters: Parameters) -> Made:
    """Hold the fifth whose price moved least over the past year.

    Idea: calm names have returned as much as wild ones, so they paid better for their risk.
    Rule: on the first session of each month hold, in equal parts, the `share` of names with the
    lowest volatility of daily log returns over `lookback` sessions.
    Source: Blitz and van Vliet (2007), p. 102-113 (there weekly returns of three years, deciles).
    Ignores: correlation, sectors (utilities and staples fill it), and the rise in rates that hurts
    such names.
    """
    feature = volatility(int(parameters["lookback"]))

    def calm(panel: Panel) -> Matrix:
        return -feature(panel)

    return Made(
        feature.warm_up,
        Selection(calm, float(parameters["share"]), int(parameters["names_min"])),
    )


@design(
    "volatility_target",
    VOLATILITY_TARGET,
    source="Harvey and others (2018), Journal of Portfolio Management 45(1), p. 14-33",
    modules=_RISK,
)
def volatility_target(parameters: Parameters) -> Made:
    """Hold all names in equal parts, less of them when they move more.

    Idea: volatility lasts, returns do not follow it, so steady risk pays better than steady size.
    Rule: on the first session of each month hold each name that has a close in equal parts, in sum
    `target_annual` over the basket's volatility, at most `leverage_max`. The basket is the mean
    daily return of all names with closes on both days; its volatility is the sample deviation of
    `lookback` such returns times the root of 252. A basket that did not move gets the maximum.
    Source: Harvey, Hoyle, Korgaonkar, Rattray, Sargaison and van Hemert (2018), p. 14-33; Moreira
    and Muir (2017), Journal of Finance 72, p. 1611-1644, scale by variance.
    Ignores: jumps, which come before the volatility that they make; the cost of borrowed money
    when `leverage_max` is set above 1 (its default borrows nothing).
    """
    lookback, every = int(parameters["lookback"]), int(parameters["every"])
    target, most = float(parameters["target_annual"]), float(parameters["leverage_max"])

    def weights(panel: Panel) -> Matrix:
        wanted = np.full(panel.close.shape, np.nan)
        spread = basket_volatility(panel, lookback)
        for row in rebalance_rows(panel.sessions, every):
            priced = panel.close[row] > 0.0
            if priced.any() and not np.isnan(spread[row]):
                total = most if spread[row] == 0.0 else min(most, target / spread[row])
                wanted[row] = np.where(priced, total / np.count_nonzero(priced), 0.0)
        return wanted

    return Made(lookback, weights)


def basket_volatility(panel: Panel, lookback: int) -> NDArray[np.float64]:
    """Return the annual volatility of the equal basket of all names, (T,), NaN while warming up."""
    daily = kernels.change(np.ascontiguousarray(panel.close, dtype=np.float64), 1, 0)
    known = np.count_nonzero(~np.isnan(daily), axis=1)
    basket = np.full((len(daily), 1), np.nan)
    np.divide(np.nansum(daily, axis=1), known, out=basket[:, 0], where=known > 0)
    spread = kernels.deviation(basket, lookback, 1)[:, 0]
    return spread * float(np.sqrt(SESSIONS_PER_YEAR))


@design(
    "risk_parity",
    RISK_PARITY,
    source="Griveau-Billion, Richard and Roncalli (2013), SSRN 2325255",
    modules=_RISK,
)
def risk_parity(parameters: Parameters) -> Made:
    """Hold all names so that each adds the same part of the risk.

    Idea: without a view on returns no name should be able to hurt more than another.
    Rule: on the first session of each month weigh the names with a whole window so that weight
    times marginal risk is equal for all; weights are positive and sum to 1. The covariance is the
    sample covariance of `lookback` daily returns, its correlations shrunk by `shrinkage` towards
    none, which keeps it positive definite with more names than sessions.
    Source: Griveau-Billion, Richard and Roncalli (2013), A fast algorithm for computing
    high-dimensional risk parity portfolios; the convex form as in Spinu (2013), SSRN 2297383.
    Ignores: expected returns, tails, and that sample risk is not tomorrow's risk.
    """
    lookback = int(parameters["lookback"])
    shrinkage, least = float(parameters["shrinkage"]), int(parameters["names_min"])

    def weights(panel: Panel) -> Matrix:
        wanted = np.full(panel.close.shape, np.nan)
        daily = kernels.change(np.ascontiguousarray(panel.close, dtype=np.float64), 1, 0)
        for row in rebalance_rows(panel.sessions, MONTHLY):
            if row < lookback:
                continue
            window = daily[row - lookback + 1 : row + 1]
            chosen = np.flatnonzero((window.std(axis=0) > 0.0) & ~np.isnan(window).any(axis=0))
            if len(chosen) >= least:
                wanted[row] = 0.0
                matrix = covariance(np.ascontiguousarray(window[:, chosen]), shrinkage)
                wanted[row, chosen] = equal_risk(matrix, RiskBudget())
        return wanted

    return Made(lookback, weights)

"""How much capital a way of trading could carry before its own orders move the prices.

Both estimates read trades as shares of equity (what was traded over the equity that traded it)
and the average daily volume of each traded name in money; both are None without trades or
volume. They are estimates from past volume, not promises: a crowd trades the same names.
"""

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR, Array, same_length

PARTICIPATION = 0.05
"""The share of a day's volume above which an order is seen; a common desk limit."""
QUANTILE = 0.05


def capacity_participation(
    trades: Array, volume: Array, *, share: float = PARTICIPATION, quantile: float = QUANTILE
) -> float | None:
    """Return the capital at which all but a few trades stay within a share of the daily volume.

    A trade of w of the equity in a name with the average daily volume V takes the share w K / V
    at a capital of K, so it fits up to K = share x V / w: the lower quantile of those limits over
    the trades (one row each), 0 for the tightest trade of all. Source: the limit on a
    day's participation, as in Kissell and Glantz (2003), Optimal Trading Strategies.

    >>> capacity_participation(np.array([0.5]), np.array([1e8]), share=0.05)
    10000000.0
    """
    weight, liquid = _usable(trades, volume)
    if not 0 < share <= 1 or not 0 <= quantile <= 1:
        raise InvalidInput(
            "a participation and a quantile are shares", value=(share, quantile), bound="0 to 1"
        )
    return float(np.quantile(share * liquid / weight, quantile)) if len(weight) else None


def capacity_impact(
    trades: Array,
    volume: Array,
    vol_daily: Array,
    *,
    edge_annual: float,
    sessions: int,
    periods: int = SESSIONS_PER_YEAR,
) -> float | None:
    """Return the capital at which square-root impact eats the whole edge; 0 without an edge.

    A trade of w K costs its daily volatility s x sqrt(w K / V) of its value, so the cost a year as
    a share of equity is A sqrt(K), A = periods / sessions x sum(w s sqrt(w / V)), and eats the edge
    at K = (edge / A)^2. Most money is made at 4/9 of it. `edge_annual` is the annual return
    before impact, `vol_daily` one number for each trade. Source: Grinold and Kahn (2000), Active
    Portfolio Management, 2nd ed., ch. 16: a day's volume costs about a day's volatility.

    >>> one = np.array([1.0])  # the whole equity once a day, in a name of 1 % and 1 million a day
    >>> round(capacity_impact(one, one * 1e6, one * 0.01, edge_annual=0.252, sessions=1))
    10000
    """
    same_length("trades and their volatility", trades, vol_daily)
    if sessions < 1:
        raise InvalidInput("trades need the sessions they span", value=sessions, bound=">= 1")
    kept = _mask(trades, volume) & np.isfinite(vol_daily) & (vol_daily > 0)
    if not kept.any():
        return None
    weight, liquid, moves = np.abs(trades[kept]), volume[kept], vol_daily[kept]
    years = sessions / periods
    drag = float(np.sum(weight * moves * np.sqrt(weight / liquid))) / years
    return (edge_annual / drag) ** 2 if edge_annual > 0 else 0.0


def _usable(trades: Array, volume: Array) -> tuple[Array, Array]:
    kept = _mask(trades, volume)
    return np.abs(trades[kept]), volume[kept]


def _mask(trades: Array, volume: Array) -> NDArray[np.bool_]:
    same_length("trades and their volume", trades, volume)
    kept: NDArray[np.bool_] = np.isfinite(trades) & (trades != 0)
    kept &= np.isfinite(volume) & (volume > 0)
    return kept

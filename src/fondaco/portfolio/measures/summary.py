"""All measures of one account at once, by the names of `MEASURES`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures import (
    activity,
    capacity,
    drawdowns,
    ratios,
    relative,
    returns,
    tails,
)
from fondaco.portfolio.measures.numbers import (
    SESSIONS_PER_YEAR,
    Array,
    Days,
    finite,
    same_length,
)
from fondaco.portfolio.measures.table import MEASURES
from fondaco.portfolio.measures.trades import RoundTrip, trade_statistics

Numbers = dict[str, float]


@dataclass(frozen=True, slots=True)
class Account:
    """An account's sessions as columns of one length, money in one currency.

    `benchmark` holds levels or prices (NaN for none: the returns to and from there are left
    out), `positions` the value of what is held without signs and `positions_net` with them,
    `traded` the value of the session's fills without signs, `fees` what they cost; None where not
    known. Raises InvalidInput for unequal lengths, no session, or an equity or level that is not
    above 0.
    """

    days: Days
    equity: Array
    benchmark: Array | None = None
    positions: Array | None = None
    positions_net: Array | None = None
    traded: Array | None = None
    fees: Array | None = None

    def __post_init__(self) -> None:
        columns = (self.benchmark, self.positions, self.positions_net, self.traded, self.fees)
        there = [column for column in columns if column is not None]
        same_length("an account's columns", self.days, self.equity, *there)
        if len(self.equity) == 0:
            raise InvalidInput("an account needs at least one session to be measured")
        if not (np.isfinite(self.equity) & (self.equity > 0)).all():
            raise InvalidInput(
                "an account can be measured only while its equity is above 0",
                value=float(np.min(self.equity)),
                bound="> 0",
                remedy="End the span before the account was lost.",
            )
        if self.benchmark is not None and ((self.benchmark <= 0) | np.isinf(self.benchmark)).any():
            raise InvalidInput("a benchmark's levels must be above 0, or NaN where there is none")


@dataclass(frozen=True, slots=True)
class Liquidity:
    """What was traded and how liquid it was, one row to a trade.

    `trades` is the traded value over the equity of that session, `volume` the average daily
    volume of the name in money, `vol_daily` its daily volatility.
    """

    trades: Array
    volume: Array
    vol_daily: Array


@dataclass(frozen=True, slots=True)
class Summary:
    """Every measure by its name in `MEASURES`; None where it has no meaning or lacks its input.

    `worst` are the deepest falls with their days.
    """

    total_return: float | None
    cagr: float | None
    mean_annual: float | None
    best_day: float | None
    worst_day: float | None
    best_month: float | None
    worst_month: float | None
    best_year: float | None
    worst_year: float | None
    positive_days: float | None
    positive_months: float | None
    hit_rate: float | None
    stability: float | None
    gain_to_pain: float | None
    vol_annual: float | None
    downside_risk: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    omega: float | None
    max_drawdown: float | None
    average_drawdown: float | None
    longest_under_water: float | None
    ulcer_index: float | None
    value_at_risk: float | None
    value_at_risk_normal: float | None
    value_at_risk_cornish_fisher: float | None
    expected_shortfall: float | None
    skew: float | None
    kurtosis: float | None
    tail_ratio: float | None
    common_sense_ratio: float | None
    beta: float | None
    alpha: float | None
    correlation: float | None
    tracking_error: float | None
    information_ratio: float | None
    information_ratio_annual: float | None
    up_beta: float | None
    down_beta: float | None
    up_alpha: float | None
    down_alpha: float | None
    up_capture: float | None
    down_capture: float | None
    capture_ratio: float | None
    fragility: float | None
    exposure: float | None
    leverage_gross_max: float | None
    leverage_net: float | None
    time_invested: float | None
    turnover_annual: float | None
    cost_annual: float | None
    capacity_participation: float | None
    capacity_impact: float | None
    trips: float | None
    win_rate: float | None
    profit_factor: float | None
    expectancy: float | None
    payoff_ratio: float | None
    average_win: float | None
    average_loss: float | None
    holding_days: float | None
    winning_run: float | None
    losing_run: float | None
    worst: tuple[drawdowns.Drawdown, ...]


def summary(
    account: Account,
    *,
    trips: Sequence[RoundTrip] | None = None,
    liquidity: Liquidity | None = None,
    risk_free: float = 0.0,
    periods: int = SESSIONS_PER_YEAR,
    worst: int = 5,
) -> Summary:
    """Return all measures of an account; `risk_free` is the rate of a session.

    Without a benchmark, activity, trips or liquidity the measures of it are None.
    """
    earned = returns.returns_of(account.equity)
    found = {
        **_returns(earned, account.days[1:], periods),
        **_ratios(earned, risk_free, periods),
        **_falls(account),
        **_tails(earned),
        **_relative(earned, account, risk_free, periods),
        **_activity(account, periods),
        **_capacity(earned - risk_free, liquidity, periods),
        **_trades(trips),
    }
    numbers = {name: finite(found[name]) if name in found else None for name in MEASURES}
    falls = drawdowns.worst_drawdowns(account.equity, account.days, count=worst)
    return Summary(**numbers, worst=falls)


def _returns(earned: Array, days: Days, periods: int) -> Numbers:
    _, months = returns.compounded(earned, days, "month")
    _, years = returns.compounded(earned, days, "year")
    return {
        "total_return": returns.total_return(earned),
        "cagr": returns.cagr(earned, periods=periods),
        "mean_annual": returns.mean_annual(earned, periods=periods),
        "best_day": returns.best(earned),
        "worst_day": returns.worst(earned),
        "best_month": returns.best(months),
        "worst_month": returns.worst(months),
        "best_year": returns.best(years),
        "worst_year": returns.worst(years),
        "positive_days": returns.positive_share(earned),
        "positive_months": returns.positive_share(months),
        "hit_rate": returns.hit_rate(earned),
        "stability": returns.stability(earned),
        "gain_to_pain": returns.gain_to_pain(months),
    }


def _ratios(earned: Array, risk_free: float, periods: int) -> Numbers:
    return {
        "vol_annual": ratios.vol_annual(earned, periods=periods),
        "downside_risk": ratios.downside_risk(earned, periods=periods),
        "sharpe": ratios.sharpe(earned, risk_free=risk_free, periods=periods),
        "sortino": ratios.sortino(earned, required=risk_free, periods=periods),
        "calmar": ratios.calmar(earned, periods=periods),
        "omega": ratios.omega(earned, risk_free=risk_free, periods=periods),
    }


def _falls(account: Account) -> Numbers:
    equity = account.equity
    return {
        "max_drawdown": float(np.min(drawdowns.drawdowns(equity))),
        "average_drawdown": drawdowns.average_drawdown(equity),
        "longest_under_water": drawdowns.longest_under_water(equity, account.days),
        "ulcer_index": drawdowns.ulcer_index(equity),
    }


def _tails(earned: Array) -> Numbers:
    return {
        "value_at_risk": tails.value_at_risk(earned),
        "value_at_risk_normal": tails.value_at_risk_normal(earned),
        "value_at_risk_cornish_fisher": tails.value_at_risk_cornish_fisher(earned),
        "expected_shortfall": tails.expected_shortfall(earned),
        "skew": tails.skew(earned),
        "kurtosis": tails.kurtosis(earned),
        "tail_ratio": tails.tail_ratio(earned),
        "common_sense_ratio": tails.common_sense_ratio(earned),
    }


def _relative(earned: Array, account: Account, risk_free: float, periods: int) -> Numbers:
    if account.benchmark is None:
        return {}
    other = returns.returns_of(account.benchmark)
    return {
        "beta": relative.beta(earned, other),
        "alpha": relative.alpha(earned, other, risk_free=risk_free, periods=periods),
        "correlation": relative.correlation(earned, other),
        "tracking_error": relative.tracking_error(earned, other, periods=periods),
        "information_ratio": relative.information_ratio(earned, other),
        "information_ratio_annual": relative.information_ratio(earned, other, periods=periods),
        "up_beta": relative.up_beta(earned, other),
        "down_beta": relative.down_beta(earned, other),
        "up_alpha": relative.up_alpha(earned, other, risk_free=risk_free, periods=periods),
        "down_alpha": relative.down_alpha(earned, other, risk_free=risk_free, periods=periods),
        "up_capture": relative.up_capture(earned, other, periods=periods),
        "down_capture": relative.down_capture(earned, other, periods=periods),
        "capture_ratio": relative.capture_ratio(earned, other, periods=periods),
        "fragility": relative.fragility(earned, other),
    }


def _activity(account: Account, periods: int) -> Numbers:
    equity, found = account.equity, Numbers()
    if account.positions is not None:
        found["exposure"] = activity.exposure(account.positions, equity)
        found["leverage_gross_max"] = activity.leverage_gross_max(account.positions, equity)
        found["time_invested"] = activity.time_invested(account.positions)
    if account.positions_net is not None:
        found["leverage_net"] = activity.leverage_net(account.positions_net, equity)
    if account.traded is not None:
        found["turnover_annual"] = activity.turnover_annual(account.traded, equity, periods=periods)
    if account.fees is not None:
        found["cost_annual"] = activity.cost_annual(account.fees, equity, periods=periods)
    return found


def _capacity(excess: Array, liquidity: Liquidity | None, periods: int) -> Numbers:
    if liquidity is None or len(excess) == 0:
        return {}
    trades, volume = liquidity.trades, liquidity.volume
    found = {
        "capacity_participation": capacity.capacity_participation(trades, volume),
        "capacity_impact": capacity.capacity_impact(
            trades,
            volume,
            liquidity.vol_daily,
            edge_annual=returns.mean_annual(excess, periods=periods),
            sessions=len(excess),
            periods=periods,
        ),
    }
    return {name: value for name, value in found.items() if value is not None}


def _trades(trips: Sequence[RoundTrip] | None) -> Numbers:
    if trips is None:
        return {}
    found = trade_statistics(trips)
    return {
        "trips": found.trips,
        "win_rate": found.win_rate,
        "profit_factor": found.profit_factor,
        "expectancy": found.expectancy,
        "payoff_ratio": found.payoff_ratio,
        "average_win": found.average_win,
        "average_loss": found.average_loss,
        "holding_days": found.holding_days,
        "winning_run": found.winning_run,
        "losing_run": found.losing_run,
    }

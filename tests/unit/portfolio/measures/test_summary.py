"""All measures at once: by the table's names, each moved by what it is made of, None without it."""

import math
import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

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
from fondaco.portfolio.measures.summary import Account, Liquidity, Summary, summary
from fondaco.portfolio.measures.table import MEASURES
from fondaco.portfolio.measures.trades import (
    Executions,
    RoundTrip,
    round_trips,
    trade_statistics,
)

PAGE = Path(__file__).parents[4] / "docs" / "explanation" / "metrics.md"
SESSIONS = 600
_CHANCE = np.random.default_rng(11)
MARKET = _CHANCE.normal(0.0004, 0.01, SESSIONS)
OWN = 0.0003 + 0.8 * MARKET + _CHANCE.normal(0, 0.006, SESSIONS)
DAYS = np.busday_offset("2017-01-02", np.arange(SESSIONS + 1))
START = datetime(2017, 1, 2, tzinfo=UTC)


def _account(own: np.ndarray = OWN, market: np.ndarray = MARKET, scale: float = 1.0) -> Account:
    equity = 1e5 * returns.wealth(own)
    held = equity * (0.4 + 0.3 * np.sin(np.arange(len(equity)))) * scale
    held[: 20 if scale == 1.0 else 40] = 0.0
    return Account(
        DAYS[: len(equity)],
        equity,
        benchmark=50 * returns.wealth(market),
        positions=held,
        positions_net=held * 0.5,
        traded=np.abs(np.diff(held, prepend=0.0)),
        fees=np.abs(np.diff(held, prepend=0.0)) * 0.0005,
    )


def _trips(*prices: str) -> tuple[RoundTrip, ...]:
    count = len(prices) * 2
    return round_trips(
        Executions(
            [START + timedelta(days=n * len(prices)) for n in range(count)],
            ["A"] * count,
            [Decimal(1), Decimal(-1)] * len(prices),
            [Decimal(p) for price in prices for p in ("100", price)],
            [Decimal(0)] * count,
        )
    )


def _liquidity(scale: float = 1.0) -> Liquidity:
    return Liquidity(np.full(50, 0.1) * scale, np.linspace(1e6, 5e7, 50), np.full(50, 0.02))


TRIPS = _trips("110", "120", "90", "95", "80", "130")
FULL = summary(_account(), trips=TRIPS, liquidity=_liquidity(), risk_free=0.00005)


def test_a_summary_has_one_field_for_each_measure_of_the_table() -> None:
    assert {field.name for field in fields(Summary)} == {*MEASURES, "worst"}
    assert len(MEASURES) >= 60
    missing = [name for name in MEASURES if getattr(FULL, name) is None]
    assert missing == []
    assert all(math.isfinite(getattr(FULL, name)) for name in MEASURES)


@pytest.mark.parametrize("name", list(MEASURES))
def test_every_figure_of_a_summary_moves_with_the_account(name: str) -> None:
    shifted = OWN * 1.1 - 0.0008
    shifted[OWN.argmax()] += 0.01
    other = summary(
        _account(shifted, MARKET * 0.9, scale=1.5),
        trips=_trips("111", "60", "91", "55", "97"),
        liquidity=_liquidity(2.0),
        risk_free=0.00005,
    )
    if name in {"winning_run"}:
        other = summary(_account(), trips=_trips("101", "102", "103"))
    assert getattr(other, name) != pytest.approx(getattr(FULL, name), rel=1e-9)


def _alone(account: Account) -> dict[str, float]:
    """What each measure says by itself, over no risk-free rate; the same name is the same thing."""
    own, market = returns.returns_of(account.equity), returns.returns_of(account.benchmark)
    months, years = (
        returns.compounded(own, account.days[1:], period)[1] for period in ("month", "year")
    )
    held, net, equity = account.positions, account.positions_net, account.equity
    fall = drawdowns.max_drawdown(equity, account.days)
    rows = _liquidity()
    named = {
        "best_day": returns.best(own),
        "worst_day": returns.worst(own),
        "best_month": returns.best(months),
        "worst_month": returns.worst(months),
        "best_year": returns.best(years),
        "worst_year": returns.worst(years),
        "positive_days": returns.positive_share(own),
        "positive_months": returns.positive_share(months),
        "gain_to_pain": returns.gain_to_pain(months),
        "information_ratio_annual": relative.information_ratio(own, market, periods=252),
        "max_drawdown": fall.depth,
        "longest_under_water": drawdowns.longest_under_water(equity, account.days),
        "exposure": activity.exposure(held, equity),
        "leverage_gross_max": activity.leverage_gross_max(held, equity),
        "leverage_net": activity.leverage_net(net, equity),
        "time_invested": activity.time_invested(held),
        "turnover_annual": activity.turnover_annual(account.traded, equity),
        "cost_annual": activity.cost_annual(account.fees, equity),
        "capacity_participation": capacity.capacity_participation(rows.trades, rows.volume),
        "capacity_impact": capacity.capacity_impact(
            rows.trades,
            rows.volume,
            rows.vol_daily,
            edge_annual=returns.mean_annual(own),
            sessions=len(own),
        ),
    }
    found = trade_statistics(TRIPS)
    named |= {field.name: getattr(found, field.name) for field in fields(found)}
    for module, inputs in (
        (returns, (own,)),
        (ratios, (own,)),
        (tails, (own,)),
        (drawdowns, (equity,)),
        (relative, (own, market)),
    ):
        for name in MEASURES.keys() - named.keys():
            if hasattr(module, name) and getattr(module, name).__module__ == module.__name__:
                named[name] = getattr(module, name)(*inputs)
    return named


def test_every_field_of_a_summary_is_the_measure_of_its_name() -> None:
    account = _account()
    found, alone = summary(account, trips=TRIPS, liquidity=_liquidity()), _alone(account)
    assert alone.keys() == MEASURES.keys()
    assert {name: getattr(found, name) for name in MEASURES} == pytest.approx(alone)
    assert len({round(value, 9) for value in alone.values()}) > len(alone) - 8  # few are alike


def test_the_rate_and_the_sessions_of_a_year_reach_the_measures_that_use_them() -> None:
    rate = 0.0002
    found = summary(_account(), trips=TRIPS, liquidity=_liquidity(), risk_free=rate)
    base = summary(_account(), trips=TRIPS, liquidity=_liquidity())
    changed = {n for n in MEASURES if getattr(found, n) != getattr(base, n)}
    assert changed == {
        *("sharpe", "sortino", "omega", "alpha", "up_alpha", "down_alpha", "capacity_impact"),
    }
    assert found.sortino == pytest.approx(ratios.sortino(OWN, required=rate))
    assert found.omega == pytest.approx(ratios.omega(OWN, risk_free=rate))
    assert found.alpha == pytest.approx(relative.alpha(OWN, MARKET, risk_free=rate))
    weekly = summary(_account(), trips=TRIPS, liquidity=_liquidity(), periods=52)
    scaled = {
        n for n in MEASURES if getattr(weekly, n) != pytest.approx(getattr(base, n), rel=1e-9)
    }
    assert scaled == {
        *("cagr", "mean_annual", "vol_annual", "downside_risk", "sharpe", "sortino", "calmar"),
        *("alpha", "up_alpha", "down_alpha", "tracking_error", "information_ratio_annual"),
        *("up_capture", "down_capture", "capture_ratio", "turnover_annual", "cost_annual"),
    }


def test_a_summary_holds_what_the_single_measures_say() -> None:
    account = _account()
    assert FULL.sharpe == ratios.sharpe(returns.returns_of(account.equity), risk_free=0.00005)
    assert FULL.beta == pytest.approx(relative.beta(OWN, MARKET))
    assert FULL.total_return == pytest.approx(float(np.prod(1 + OWN) - 1))
    assert FULL.worst == drawdowns.worst_drawdowns(account.equity, account.days)
    assert FULL.max_drawdown == FULL.worst[0].depth
    assert FULL.trips == 6
    assert len(summary(account, worst=2).worst) == 2


def test_without_its_input_a_measure_is_none() -> None:
    bare = summary(Account(DAYS, 1e5 * returns.wealth(OWN)))
    lacking = {name for name in MEASURES if getattr(bare, name) is None}
    assert lacking == {
        *("beta", "alpha", "correlation", "tracking_error", "information_ratio"),
        *("information_ratio_annual", "up_beta", "down_beta", "up_alpha", "down_alpha"),
        *("up_capture", "down_capture", "capture_ratio", "fragility", "exposure"),
        *("leverage_gross_max", "leverage_net", "time_invested", "turnover_annual"),
        *("cost_annual", "capacity_participation", "capacity_impact", "trips", "win_rate"),
        *("profit_factor", "expectancy", "payoff_ratio", "average_win", "average_loss"),
        *("holding_days", "winning_run", "losing_run"),
    }
    dry = summary(_account(), liquidity=Liquidity(*np.full((3, 2), np.nan)))
    assert dry.capacity_participation is dry.capacity_impact is None


@pytest.mark.parametrize(
    "equity",
    [[100.0], [100.0, 100.0], [100.0] * 40, [100.0, 50.0, 25.0], [100.0, 110.0]],
    ids=["one session", "one return", "constant", "losses alone", "one gain"],
)
def test_a_degenerate_account_gives_numbers_or_none_and_never_fails(equity: list[float]) -> None:
    column, none = np.array(equity), np.zeros(len(equity))
    account = Account(DAYS[: len(equity)], column, column, none, none, none, none)
    found = summary(account, trips=(), liquidity=Liquidity(none[:0], none[:0], none[:0]))
    given = {name: getattr(found, name) for name in MEASURES}
    assert all(value is None or math.isfinite(value) for value in given.values())
    assert found.total_return == pytest.approx(equity[-1] / equity[0] - 1)
    assert (found.trips, found.win_rate) == (0, None)


def test_a_benchmark_with_gaps_is_compared_where_it_is() -> None:
    level = 50 * returns.wealth(MARKET)
    level[100] = np.nan
    account = _account()
    gapped = Account(account.days, account.equity, benchmark=level)
    kept = np.delete(np.arange(SESSIONS), [99, 100])
    assert summary(gapped).beta == pytest.approx(relative.beta(OWN[kept], MARKET[kept]))


def test_an_account_that_cannot_be_measured_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least one session"):
        Account(DAYS[:0], np.empty(0))
    for bad in (0.0, -5.0, np.nan, np.inf):
        with pytest.raises(InvalidInput, match="equity is above 0"):
            Account(DAYS[:2], np.array([100.0, bad]))
    with pytest.raises(InvalidInput, match="one length"):
        Account(DAYS[:2], np.array([100.0, 101.0]), benchmark=np.array([1.0]))
    with pytest.raises(InvalidInput, match="levels must be above 0"):
        Account(DAYS[:2], np.array([100.0, 101.0]), benchmark=np.array([0.0, 1.0]))


def _rows(text: str) -> dict[str, tuple[str, ...]]:
    lines = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", text, flags=re.M)
    return {name: tuple(rest) for name, *rest in lines}


def test_the_page_of_measures_says_what_the_table_says() -> None:
    said = _rows(PAGE.read_text())
    assert said == {
        name: (measure.title, measure.formula, measure.source, measure.unit)
        for name, measure in MEASURES.items()
    }

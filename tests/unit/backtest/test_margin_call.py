"""A margin call: the cut by hand, all engines alike, and the trades that nobody sent."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from fondaco.backtest.measure import trades_of
from fondaco.backtest.sweep import sweep_one
from fondaco.backtest.tape import decisions_of
from fondaco.market.fakes import simulated_instruments
from fondaco.market.panel import Matrix
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.money import share_of
from fondaco.trading.simulator.terms import REG_T, Terms
from unit.backtest.orders_scene import by_all, market, order
from unit.backtest.orders_scene import terms as plain_terms
from unit.backtest.scene import panel_of, ran_by_event, tape, told_by_route, told_by_sweep

RULES: Terms = plain_terms("100000", margin=REG_T)
BOUGHT_TWICE = [100.0, 100.0, 60.0, 60.0, 60.0, 60.0]


def test_a_large_account_is_cut_to_the_share_that_its_equity_covers() -> None:
    # 2,000 at 100 on 100,000; at 60 equity is 20,000, a third of the 60,000 that Regulation T
    # asks of 120,000: 666 of 2,000 are kept. Money x 10^9 does not fit the kernel's numbers.
    bars = [(price,) * 4 for price in BOUGHT_TWICE]
    told = by_all(market(bars), [(0, order("buy", 2_000))], RULES)
    assert told.trades == [(1, 2_000, "100"), (3, -1_334, "60")]


@pytest.mark.parametrize(
    ("amount", "whole"),
    [
        (1, 3),
        (0, 5),
        (68_074_720_000, 140_239_395_000),
        (4 * 10**17, 4 * 10**17 + 1),
        (123_456_789_012_345_678, 987_654_321_098_765_432),
        (10**18, 3 * 10**18),
    ],
)
def test_a_share_of_money_is_exact_however_large(amount: int, whole: int) -> None:
    # Python's own whole numbers have no end.
    assert abs(share_of(amount, whole) - amount * x.PART // whole) <= (1 if whole > 4e17 else 0)


def wild(seed: int) -> tuple[Matrix, Matrix]:
    """Return closes with gaps and weights of up to twice the equity, long and short."""
    chance = np.random.default_rng(seed)
    shape = (60, 3)
    closes = (50 * np.cumprod(np.exp(chance.normal(-0.01, 0.08, shape)), axis=0)).round(2)
    closes[chance.random(shape) < 0.1] = np.nan
    weights = chance.dirichlet(np.ones(3), 60) * 2 * chance.choice([-1, 1], shape)
    weights[chance.random(60) < 0.5] = np.nan
    return closes, weights


@pytest.mark.parametrize("cap", [None, Decimal("0.2")])
def test_the_route_waits_for_what_the_venue_sells_as_the_sweep_does(cap: Decimal | None) -> None:
    calls = 0
    for seed in range(60):
        closes, weights = wild(seed)
        panel = panel_of(closes)
        volume = np.random.default_rng(seed).integers(500, 4_000, closes.shape).astype(float)
        panel = replace(panel, fields={**panel.fields, "volume": volume})
        played = tape(panel)
        decisions = decisions_of(played, weights, gross_max=2.0)
        rules = replace(RULES, participation=cap)
        swept = sweep_one(played, decisions, rules)
        run, _ = ran_by_event(played, decisions, rules)
        by_sweep, by_route = told_by_sweep(played, swept), told_by_route(played, run)
        assert by_sweep.equity == by_route.equity, seed
        assert by_sweep.fills == by_route.fills, seed
        calls += int((swept.log[:, x.E_KIND] == x.Event.MARGIN_CALL).sum())
    assert calls >= 5


def test_a_forced_sale_is_a_trade_that_its_margin_call_decided() -> None:
    panel = panel_of([[price] for price in BOUGHT_TWICE])
    played = tape(panel)
    weights = np.full((6, 1), np.nan)
    weights[0] = 2.0
    run = sweep_one(played, decisions_of(played, weights, gross_max=2.0), RULES)
    days = [played.moment(row).date() for row in range(6)]
    found = trades_of(played, run, simulated_instruments(1))
    assert [(t.decided, t.filled, t.side, t.quantity) for t in found] == [
        (days[0], days[1], "buy", Decimal(2_000)),
        (days[2], days[3], "sell", Decimal(1_334)),
    ]

"""The order of trades: true of drawdowns, and without any power to tell an edge."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures.drawdowns import drawdowns
from fondaco.portfolio.measures.returns import total_return, wealth
from fondaco.research.statistics.permutation import permutation_edge
from fondaco.research.statistics.trade_order import (
    TradeOrder,
    shuffled_falls,
    trade_order_drawdown,
)
from unit.research.statistics.chance import Column, by_chance, remembering

TRADES = 120


def shuffled(trades: Column, draws: int = 2_000, seed: int = 1) -> TradeOrder:
    return trade_order_drawdown(trades, rng=np.random.default_rng(seed), draws=draws)


def test_falls_equal_those_of_all_orders() -> None:
    trades = np.array([0.05, -0.03, 0.08, -0.06, -0.01, 0.02])
    falls = [float(drawdowns(wealth(np.array(order))).min()) for order in permutations(trades)]
    found = shuffled(trades, draws=40_000)
    # 720 orders, counted; a share's 4 errors at 40,000 draws are at most 0.01.
    assert found.observed == pytest.approx(float(drawdowns(wealth(trades)).min()))
    assert found.median == pytest.approx(float(np.median(falls)), abs=0.002)
    assert found.fall_95 == pytest.approx(float(np.quantile(falls, 0.05)), abs=0.002)
    assert found.fall_99 == pytest.approx(float(np.quantile(falls, 0.01)), abs=0.002)
    deeper = float((np.array(falls) < found.observed - 1e-12).mean())
    assert found.deeper_share == pytest.approx(deeper, abs=0.01)


def test_no_order_changes_the_mean_or_the_end() -> None:
    rng = np.random.default_rng(3)
    trades = rng.normal(0.01, 0.03, TRADES)
    orders = rng.permuted(np.tile(trades, (200, 1)), axis=1)
    assert orders.mean(axis=1) == pytest.approx(np.full(200, trades.mean()))
    assert [total_return(order) for order in orders] == pytest.approx([total_return(trades)] * 200)
    falls = shuffled_falls(trades, rng=rng, draws=200)
    assert len(np.unique(falls.round(12))) > 100  # only the falls differ


@pytest.mark.parametrize("sharpe", [-0.3, 0.0, 0.3, 1.0])
def test_as_a_test_of_edge_it_rejects_no_more_than_its_level_whatever_the_edge(
    sharpe: float,
) -> None:
    # As a rival uses it: "better than chance" if the fall is among the shallowest 5 % of orders.
    rng, by_order, by_t, by_signal = np.random.default_rng(41), 0, 0, 0
    runs = 200
    for _ in range(runs):
        sides = rng.choice([-1.0, 1.0], TRADES)
        moves = 0.01 * (sharpe * sides + rng.normal(size=TRADES))
        trades = sides * moves  # normal, of this Sharpe ratio per trade
        observed = shuffled(trades, draws=199).deeper_share
        by_order += observed >= 0.95
        by_t += ttest_1samp(trades, 0.0, alternative="greater").pvalue <= 0.05
        by_signal += permutation_edge(sides, moves, rng=rng, draws=199).p_value <= 0.05
    assert by_order <= 0.10 * runs  # 99 % bound of the binomial at 5 %: 18 of 200
    if sharpe <= 0.0:
        assert by_signal <= 0.10 * runs
        assert by_t <= 0.10 * runs
    else:
        # 0.3 x sqrt(120) = 3.3 errors: 95 % power.
        assert by_signal >= 0.88 * runs
        assert by_t >= 0.88 * runs


def test_orders_without_runs_look_like_any_other() -> None:
    # Null test of what it is for: the true order is one of the orders.
    rng, deep = np.random.default_rng(5), 0
    for _ in range(300):
        deep += shuffled(rng.normal(0.002, 0.02, TRADES), draws=199).deeper_share < 0.05
    assert by_chance(deep, 300, 0.05)


def test_losses_that_come_in_runs_fall_deeper_than_other_orders() -> None:
    # Power test of what it is for.
    rng, deep = np.random.default_rng(5), 0
    for _ in range(100):
        trades = remembering(rng, TRADES, 0.7, 0.0, 0.02)
        deep += shuffled(trades, draws=199).deeper_share < 0.05
    assert deep > 50


def test_the_worst_order_there_is_leaves_none_deeper() -> None:
    found = shuffled(np.array([-0.1] * 10 + [0.1] * 10))
    assert found.observed == pytest.approx(0.9**10 - 1)
    assert found.deeper_share == 0.0
    best = shuffled(np.array([0.1, -0.1] * 10))
    assert best.deeper_share > 0.9


def test_larger_losses_deepen_every_fall() -> None:
    trades = np.random.default_rng(4).normal(0.0, 0.02, TRADES)
    before, after = shuffled(trades), shuffled(trades - 0.01)
    assert after.observed < before.observed
    assert after.fall_99 < after.fall_95 < after.median < before.median
    assert shuffled(trades) == before != shuffled(trades, seed=2)


def test_the_result_says_what_it_is_for() -> None:
    found = shuffled(np.array([0.1, -0.1, 0.2]))
    assert "nothing about an edge" in found.purpose
    assert (found.trades, found.draws) == (3, 2_000)
    assert "drawdown only" in (trade_order_drawdown.__doc__ or "")


@pytest.mark.parametrize(
    ("trades", "draws", "match"),
    [
        ([0.1], 100, "n >= 2"),
        ([0.1, np.nan], 100, "finite"),
        ([0.1, -1.1], 100, "below -1"),
        ([0.1, -0.1], 99, "100 to 100000"),
    ],
)
def test_what_has_no_order_is_refused(trades: list[float], draws: int, match: str) -> None:
    with pytest.raises(InvalidInput, match=match):
        shuffled(np.array(trades), draws=draws)

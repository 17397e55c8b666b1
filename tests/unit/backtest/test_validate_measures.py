"""What a validation measures, each against arithmetic by hand or another formula."""

from math import sqrt

import numpy as np
import pytest

from fondaco.backtest.tape import decisions_of
from fondaco.backtest.validation.measures import (
    crossed,
    different,
    figures_of,
    held_and_earned,
    overfitted,
    periods_of,
    permuted,
    reordered,
    resampled,
    sharpe_low,
    walked,
)
from fondaco.market.fakes import simulated_panel
from fondaco.research.validation.combinatorial import CombinatorialPurged
from fondaco.research.validation.walk import Walk
from unit.backtest.played import NAN, panel_of, played_on
from unit.backtest.validate_scene import with_closes

NOISE = np.random.default_rng(3).normal(0.0, 0.01, (600, 4))
DAYS = simulated_panel(1, 600, 1).sessions
LABELS = ("as given", "a=1", "a=2", "a=3")


def annual(returns: np.ndarray) -> float:
    return float(returns.mean() / returns.std(ddof=1) * sqrt(252))


def test_figures_are_those_of_the_arithmetic() -> None:
    # 1.1 x 0.8 = 0.88, a fall of 20 %; two sessions of 252; mean -5 %, deviation sqrt(2) x 15 %.
    found = figures_of(np.array([0.1, -0.2]))
    assert (found.sessions, found.drawdown) == (2, pytest.approx(-0.2))
    assert found.cagr == pytest.approx(0.88**126 - 1)
    assert found.sharpe == pytest.approx(-0.05 / (0.15 * sqrt(2)) * sqrt(252))
    assert figures_of(np.zeros(5)).sharpe is None


def test_closes_only_hold_from_close_to_close() -> None:
    # 100,000 in A at 10: 10,000 shares from the second close on; A then earns 10 % and loses 50 %.
    panel = panel_of([[10, 5], [10, 5], [11, 5], [5.5, 5]])
    played = played_on(panel, [[1.0, 0.0], [NAN, NAN], [NAN, NAN], [NAN, NAN]])
    held, earned = held_and_earned(played)
    assert held.tolist() == [[0, 0], [1, 0], [1, 0]]
    assert earned.round(12).tolist() == [[0, 0], [0.1, 0], [-0.5, 0]]


def test_fills_at_the_open_part_the_night_from_the_day() -> None:
    # Decided at the first close, bought at the next open of 10, which closes at 12 and opens at 9.
    closes, opens = [[10.0], [12.0], [9.0]], [[10.0], [10.0], [9.0]]
    played = played_on(panel_of(closes, opens), [[1.0], [NAN], [NAN]])
    held, earned = held_and_earned(played)
    assert held.round(12).tolist() == [[0, 1], [1, 0.75]]  # 10,000 x 9 over 120,000
    assert earned.round(12).tolist() == [[0, 0.2], [-0.25, 0]]


@pytest.mark.parametrize("with_opens", [True, False])
def test_what_is_held_earns_what_the_account_did_without_costs(with_opens: bool) -> None:
    panel = simulated_panel(4, 200, 3, with_opens=with_opens)
    chance = np.random.default_rng(1)
    weights = np.where(chance.random((200, 1)) < 0.2, chance.random((200, 3)) / 3, NAN)
    played = played_on(panel, weights)
    held, earned = held_and_earned(played)
    np.testing.assert_allclose((held * earned).sum(axis=1), played.series.returns, atol=1e-12)


def test_a_missing_bar_earns_nothing_and_the_next_one_all_of_it() -> None:
    panel = panel_of([[10, 5], [10, 5], [NAN, 5], [12, 5]])
    _, earned = held_and_earned(played_on(panel, [[0.5, 0.5]] + [[NAN, NAN]] * 3))
    assert earned[:, 0].round(12).tolist() == [0, 0, 0.2]


def test_periods_run_from_decision_to_decision_and_compound_to_the_whole() -> None:
    panel = simulated_panel(4, 100, 2)
    weights = np.full((100, 2), NAN)
    weights[[10, 40, 70]] = [[0.5, 0.5], [0.1, 0.9], [0.9, 0.1]]
    played = played_on(panel, weights)
    found = periods_of(played, decisions_of(played.tape, weights))
    equity = played.series.equity
    assert len(found) == 3
    assert found[1] == pytest.approx(equity[70] / equity[40] - 1)
    assert np.prod(1 + found) == pytest.approx(equity[-1] / equity[10])


def test_paths_of_a_choice_are_those_of_the_stream_that_always_wins() -> None:
    streams = NOISE.copy()
    streams[:, 2] += 0.01  # a Sharpe ratio of 1 a session: it is chosen everywhere
    found = crossed(streams, CombinatorialPurged(6, 2, horizon=1, embargo=5))
    assert found.kind == "paths"
    assert found.sharpes == pytest.approx([annual(streams[:, 2])] * 5)
    assert (found.splits, found.loss_share) == (15, 0.0)


def test_paths_of_worthless_streams_lie_below_the_best_of_them() -> None:
    found = crossed(NOISE, CombinatorialPurged(6, 2, horizon=1, embargo=5))
    best = max(annual(column) for column in NOISE.T)
    assert found.median < best
    moved = NOISE.copy()
    moved[300:320] -= 0.02
    other = crossed(moved, CombinatorialPurged(6, 2, horizon=1, embargo=5))
    assert other.sharpes != found.sharpes


def test_one_stream_is_cut_into_its_blocks() -> None:
    found = crossed(NOISE[:, :1], CombinatorialPurged(6, 2, horizon=1, embargo=5))
    assert found.kind == "blocks"
    blocks = [annual(NOISE[n * 100 : (n + 1) * 100, 0]) for n in range(6)]
    assert found.sharpes == pytest.approx(blocks)
    assert found.median == pytest.approx(float(np.median(blocks)))
    assert found.loss_share == pytest.approx(np.mean([b < 0 for b in blocks]))


def test_a_walk_stitches_what_followed_each_choice() -> None:
    streams = NOISE.copy()
    streams[:300, 1] += 0.01  # the first half's winner
    streams[300:, 2] += 0.01  # the second half's
    walk = Walk(100, 50, horizon=1, embargo=5)
    found, returns = walked(streams, walk, DAYS, LABELS)
    assert (found.windows, found.figures.sessions, len(returns)) == (10, 494, 494)
    assert set(found.chosen) == {"a=1", "a=2"}
    assert found.since == DAYS[106].item()  # 100 learnt from, 1 for the label, 5 held back
    assert found.figures.sharpe == pytest.approx(annual(returns))
    # Windows 1 to 4, and 5 whose learning ends with 300, chose the first: rows 106 to 355.
    np.testing.assert_array_equal(returns[:200], streams[106:306, 1])
    assert found.wealth[-1] == pytest.approx(float(np.prod(1 + returns)), abs=1e-6)


def test_a_walk_never_uses_a_window_to_choose_it() -> None:
    walk = Walk(100, 50, horizon=1, embargo=5)
    first, _ = walked(NOISE, walk, DAYS, LABELS)
    later = NOISE.copy()
    later[556:] = np.random.default_rng(9).normal(0, 0.05, later[556:].shape)  # the last window
    second, _ = walked(later, walk, DAYS, LABELS)
    assert (second.inside, second.chosen) == (first.inside, first.chosen)
    assert second.figures != first.figures


def test_intervals_hold_the_estimate_and_shrink_with_more_returns() -> None:
    long = np.random.default_rng(3).normal(0.0005, 0.01, 2_400)
    few = resampled(long[:300], 500, np.random.default_rng(1)).ranges
    many = resampled(long, 500, np.random.default_rng(1)).ranges
    assert few[0].name == "Sharpe ratio"
    assert few[0].estimate == pytest.approx(annual(long[:300]))
    assert few[0].low < few[0].estimate < few[0].high
    assert many[0].high - many[0].low < 0.6 * (few[0].high - few[0].low)  # sqrt(1 / 8) = 0.35
    assert [one.unit for one in few] == ["number", "percent", "percent", "percent"]


def test_a_stream_that_hardly_moves_has_no_interval() -> None:
    still = np.zeros(300)
    still[7] = 0.01
    assert sharpe_low(still, 500, np.random.default_rng(1)) is None
    assert sharpe_low(NOISE[:, 0], 500, np.random.default_rng(1)) is not None


def test_too_few_periods_have_no_order() -> None:
    rng = np.random.default_rng(1)
    assert reordered(NOISE[:19, 0], 500, rng) is None
    found = reordered(NOISE[:20, 0], 500, rng)
    assert found is not None
    assert (found.periods, found.draws) == (20, 500)
    assert found.fall_99 <= found.fall_95 <= found.median <= 0
    assert "says nothing about an edge" in found.purpose


def test_a_copy_of_a_set_is_no_set_of_its_own() -> None:
    streams = np.column_stack([NOISE, NOISE[:, 1] * 0.5, NOISE[:, 0]])
    assert different(streams).shape == (600, 4)
    assert overfitted(np.column_stack([NOISE[:, 0], NOISE[:, 0] * 2])) is None


def test_an_edge_is_no_overfitting_and_noise_is() -> None:
    edge = NOISE.copy()
    edge[:, 3] += 0.01
    found = overfitted(edge)
    assert found is not None
    assert (found.probability, found.sets, found.blocks, found.splits) == (0.0, 4, 16, 12_870)
    runs = [overfitted(np.random.default_rng(n).normal(0, 0.01, (200, 4))) for n in range(30)]
    mean = np.mean([run.probability for run in runs if run is not None])
    assert 0.3 < mean < 0.7  # 0.5 on average: Bailey and others (2017), section 3
    assert runs[0] is not None
    assert runs[0].blocks == 8  # 200 sessions hold 21 in each of 8 blocks, not of 12


def test_permutation_feels_when_positions_are_held() -> None:
    rng = np.random.default_rng(2)
    moves = rng.normal(0, 0.01, (400, 1))
    panel = with_closes(100 * np.exp(np.cumsum(moves, axis=0)))
    knowing, blind = np.full((400, 1), NAN), np.full((400, 1), NAN)
    knowing[:-1] = np.where(moves[1:] > 0, 0.9, 0.0)
    blind[:-1] = np.where(rng.random((399, 1)) > 0.5, 0.9, 0.0)
    found = permuted(played_on(panel, knowing), 500, np.random.default_rng(1))
    assert found.p_value < 0.02
    assert found.earned > found.by_chance + 3 * found.error
    assert permuted(played_on(panel, blind), 500, np.random.default_rng(1)).p_value > 0.02

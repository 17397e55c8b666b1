"""Overfitting: a split worked by hand, a coin toss without an edge, near nothing with one."""

from itertools import combinations
from math import isnan, log

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from fondaco.core.errors import InvalidInput
from fondaco.research.statistics.overfit import overfitting

Matrix = NDArray[np.float64]


def noise(seed: int, sessions: int, sets: int) -> Matrix:
    return np.random.default_rng(seed).standard_normal((sessions, sets))


def slow_way(returns: Matrix, blocks: int) -> tuple[list[float], list[float], list[float]]:
    """Return logits, ratios inside and outside, split by split, ranks from scipy."""
    parts = np.array_split(np.arange(len(returns)), blocks)
    logits, inside, outside = [], [], []
    for chosen in combinations(range(blocks), blocks // 2):
        first = np.concatenate([parts[block] for block in chosen])
        rest = np.setdiff1d(np.arange(len(returns)), first)
        was = returns[first].mean(axis=0) / returns[first].std(axis=0, ddof=1)
        came = returns[rest].mean(axis=0) / returns[rest].std(axis=0, ddof=1)
        best = int(was.argmax())
        share = stats.rankdata(came)[best] / (returns.shape[1] + 1)
        logits.append(log(share / (1.0 - share)))
        inside.append(float(was[best]))
        outside.append(float(came[best]))
    return logits, inside, outside


def test_four_blocks_of_three_sets_are_worked_by_hand() -> None:
    # Two sessions a block, m + 1 and m - 1, so that a half of blocks with means p and q has a mean
    # of (p + q) / 2 and squares 2 p^2 + 2 q^2 + 4: s^2 = (4 + (p - q)^2) / 3, the ratio
    # (p + q) / 2 / s. Block means of sets A: 3 0 1 0, B: 0 2 0 2, C: 1 1 1 1. Twice the ratios,
    # by sqrt(3): (p + q) / sqrt(4 + (p - q)^2), for the halves
    #            12                  34       |  13               24       |  14              23
    #   A  3/sqrt(13) 0.832  1/sqrt(5) 0.447  |  4/sqrt(8) 1.414  0        |  0.832           0.447
    #   B  2/sqrt(8)  0.707  2/sqrt(8) 0.707  |  0                4/2 2    |  0.707           0.707
    #   C  2/2        1      1                |  1                1        |  1               1
    # 12 chooses C, first on 34 as well, and so do 34, 14 and 23: rank 3 of 3, ln(3/4 / 1/4) = ln 3.
    # 13 chooses A, last on 24; 24 chooses B, last on 13: rank 1, ln(1/4 / 3/4) = -ln 3.
    # Two of six splits came out below the median: 1/3.
    means = np.array([[3.0, 0.0, 1.0], [0.0, 2.0, 1.0], [1.0, 0.0, 1.0], [0.0, 2.0, 1.0]])
    returns = np.repeat(means, 2, axis=0) + np.tile([[1.0], [-1.0]], (4, 1))
    found = overfitting(returns, blocks=4)
    assert found.logits == pytest.approx([log(3), -log(3), log(3), log(3), -log(3), log(3)])
    assert found.probability == pytest.approx(1.0 / 3.0)
    half = np.sqrt(3.0) / 2.0
    assert found.inside == pytest.approx(half * np.array([1, np.sqrt(2), 1, 1, 2, 1]))
    assert found.outside == pytest.approx(half * np.array([1, 0, 1, 1, 0, 1]), abs=1e-12)
    assert (found.splits, found.sets, found.sessions, found.blocks) == (6, 3, 8, 4)
    assert found.loss_probability == 0.0


@pytest.mark.parametrize(("blocks", "sets"), [(2, 5), (4, 2), (6, 7), (8, 30)])
def test_every_split_equals_the_slow_way(blocks: int, sets: int) -> None:
    returns = 0.01 * noise(1, 10 * blocks, sets) + 0.001
    found = overfitting(returns, blocks=blocks)
    logits, inside, outside = slow_way(returns, blocks)
    assert found.logits == pytest.approx(logits, abs=1e-9)
    assert found.inside == pytest.approx(inside, abs=1e-9)
    assert found.outside == pytest.approx(outside, abs=1e-9)
    line = stats.linregress(inside, outside)
    assert (found.slope, found.intercept) == pytest.approx((line.slope, line.intercept), abs=1e-9)
    assert found.loss_probability == pytest.approx(np.mean(np.array(outside) < 0.0))


def test_splits_are_all_halves_of_sixteen_blocks() -> None:
    # 16! / (8! 8!) = 12,870: the paper's own example of S = 16.
    found = overfitting(noise(2, 160, 4))
    assert (found.splits, len(found.logits)) == (12_870, 12_870)


def test_more_splits_than_fit_at_once_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    returns = noise(3, 80, 9)
    whole = overfitting(returns, blocks=8)
    monkeypatch.setattr("fondaco.research.statistics.overfit._CELLS_AT_ONCE", 100)
    assert overfitting(returns, blocks=8).logits == pytest.approx(whole.logits)


def test_the_oldest_sessions_that_fill_no_block_are_left_out() -> None:
    returns = noise(4, 43, 5)
    assert overfitting(returns, blocks=4) == overfitting(returns[3:], blocks=4)


def test_without_an_edge_overfitting_is_a_coin_toss() -> None:
    # Null test: 200 families of 20 luckless sets. One family's probability has a deviation of about
    # 0.2 (measured), so that the mean of 200 lies within four errors, 0.06, of a half.
    rng = np.random.default_rng(5)
    found = [overfitting(rng.standard_normal((400, 20)), blocks=8) for _ in range(200)]
    assert np.mean([one.probability for one in found]) == pytest.approx(0.5, abs=0.06)
    assert np.mean([one.loss_probability for one in found]) == pytest.approx(0.5, abs=0.06)


def test_an_odd_number_of_luckless_sets_counts_its_median() -> None:
    # Three sets: rank 1 or 2 of 3 is at or below the median, 2/3 by chance.
    rng = np.random.default_rng(6)
    found = [overfitting(rng.standard_normal((200, 3)), blocks=4).probability for _ in range(400)]
    assert np.mean(found) == pytest.approx(2.0 / 3.0, abs=0.06)


def test_a_planted_set_is_not_overfitted() -> None:
    # Power: one set of 20 with an annual ratio of 3 over 8 years: half of them is 6 errors from 0.
    rng = np.random.default_rng(7)
    for _ in range(20):
        returns = rng.standard_normal((2_016, 20))
        returns[:, 7] += 3.0 / np.sqrt(252)
        found = overfitting(returns, blocks=8)
        assert found.probability < 0.02
        assert found.loss_probability < 0.02


def test_a_trend_that_turns_is_overfitted_throughout() -> None:
    # Each set earns in its own block alone: whatever is best inside has nothing left outside.
    returns = 0.1 * noise(8, 200, 8)
    for one in range(8):
        returns[25 * one : 25 * one + 25, one] += 1.0
    found = overfitting(returns, blocks=8)
    assert found.probability > 0.95


def test_one_changed_return_moves_the_result() -> None:
    returns = noise(9, 80, 6)
    before = overfitting(returns, blocks=4)
    returns[10, 2] += 5.0
    assert overfitting(returns, blocks=4).logits != before.logits


def test_sets_that_are_all_the_same_are_at_the_median() -> None:
    # Equal ranks share the middle of 1..4, 2.5 of 5: ln 1 = 0, at the median, so no better than it.
    found = overfitting(np.repeat(noise(10, 40, 1), 4, axis=1), blocks=4)
    assert set(found.logits) == {0.0}
    assert found.probability == 1.0


def test_a_set_that_never_trades_has_a_ratio_of_nothing() -> None:
    returns = np.abs(noise(11, 40, 2))
    returns[:, 0] = 0.0
    returns[:, 1] -= 10.0  # the other always loses: standing aside is chosen, and is better after
    found = overfitting(returns, blocks=4)
    assert (found.inside, found.outside) == ((0.0,) * 6, (0.0,) * 6)
    assert found.probability == 0.0
    assert isnan(found.slope)


@pytest.mark.parametrize("blocks", [0, 1, 3, 18, -2])
def test_blocks_that_cannot_be_halved_are_refused(blocks: int) -> None:
    with pytest.raises(InvalidInput, match="blocks"):
        overfitting(noise(12, 100, 3), blocks=blocks)


def test_returns_that_hold_no_choice_are_refused() -> None:
    with pytest.raises(InvalidInput, match="choice among sets"):
        overfitting(noise(13, 100, 1))
    with pytest.raises(InvalidInput, match="choice among sets"):
        overfitting(np.zeros(100))
    with pytest.raises(InvalidInput, match="too few sessions"):
        overfitting(noise(13, 31, 3))
    wrong = noise(13, 100, 3)
    wrong[4, 2] = np.nan
    with pytest.raises(InvalidInput, match="session 4 of set 2"):
        overfitting(wrong)

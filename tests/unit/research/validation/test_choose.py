"""Choosing among strategies: luck earns nothing out of sample, skill is found and kept."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom, ttest_1samp
from sklearn.model_selection import KFold

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix
from fondaco.portfolio.measures.ratios import sharpe
from fondaco.research.validation.choose import choose_and_score, sharpe_ratios
from fondaco.research.validation.combinatorial import CombinatorialPurged
from fondaco.research.validation.kfold import PurgedKFold
from fondaco.research.validation.spans import Splitter
from fondaco.research.validation.walk import Walk

WALK = Walk(60, 30, horizon=1, embargo=2)
PATHS = CombinatorialPurged(6, 2, horizon=1, embargo=2)


def noise(seed: int, sessions: int = 240, candidates: int = 20) -> Matrix:
    return np.random.default_rng(seed).normal(scale=0.01, size=(sessions, candidates))


def test_a_walk_worked_by_hand() -> None:
    # Eight sessions, two streams; 2 learnt, 1 held back, 2 tested: tests begin at 3, 5 and 7.
    # Learnt rows 0-1: means 1 and 2, std(n - 1) 1.4142 and 0.7071 x 2 = 1.4142: 0.71 and 1.41.
    # Rows 2-3: stream 0 has 4 and 6, mean 5, std 1.4142: 3.54; stream 1 has 0 and -2: -0.71.
    # Rows 4-5: stream 0 has 1 and 1, never moves: 0; stream 1 has -1 and 3, mean 1, std 2.8284.
    first = [0.0, 2.0, 4.0, 6.0, 1.0, 1.0, 5.0, 9.0]
    second = [1.0, 3.0, 0.0, -2.0, -1.0, 3.0, 7.0, 8.0]
    chosen = choose_and_score(np.array([first, second]).T, Walk(2, 2, horizon=1))
    assert chosen.choices.tolist() == [1, 0, 1]
    assert chosen.scores == pytest.approx([2 / 2**0.5, 5 / 2**0.5, 1 / 8**0.5])
    assert chosen.rows.tolist() == [3, 4, 5, 6, 7]
    assert chosen.paths[:, 3:].tolist() == [[-2.0, -1.0, 1.0, 5.0, 8.0]]
    assert np.isnan(chosen.paths[:, :3]).all()


def test_the_ratio_is_that_of_the_desk() -> None:
    # fondaco.portfolio.measures.ratios.sharpe, annual, checked there against empyrical's formula.
    returns = noise(1)
    annual = [sharpe(column, periods=252) for column in returns.T]
    assert sharpe_ratios(returns) * 252**0.5 == pytest.approx(annual)


def test_doing_nothing_beats_losing_and_loses_to_winning() -> None:
    lost = np.tile([-0.01, -0.02], 120)
    idle = np.zeros(240)
    assert set(choose_and_score(np.column_stack([lost, idle]), WALK).choices.tolist()) == {1}
    assert set(choose_and_score(np.column_stack([-lost, idle]), WALK).choices.tolist()) == {0}
    # A rate that never moves is no skill either: its std in binary is not 0 but nearly so.
    flat = np.full(240, 0.1)
    assert sharpe_ratios(flat[:, None]).tolist() == [0.0]


def test_each_path_is_made_of_the_choices_that_did_not_see_it() -> None:
    returns = noise(2)
    chosen = choose_and_score(returns, PATHS)
    assert chosen.paths.shape == (5, 240)
    assert chosen.rows.tolist() == list(range(240))
    # By the definition: the groups are of 40 sessions; `paths` names the split of each.
    for path, splits in zip(chosen.paths, PATHS.paths(), strict=True):
        for group, split in enumerate(splits):
            rows = slice(40 * group, 40 * group + 40)
            assert np.array_equal(path[rows], returns[rows, chosen.choices[split]])


def test_folds_make_one_path_through_all_of_history() -> None:
    returns = noise(3)
    for folds in (PurgedKFold(6, horizon=1), KFold(6)):
        chosen = choose_and_score(returns, folds)
        assert chosen.paths.shape == (1, 240)
        assert chosen.rows.tolist() == list(range(240))


def test_where_tests_overlap_the_newest_choice_counts() -> None:
    returns = noise(4)
    walk = Walk(60, 30, horizon=1, step=10)
    chosen = choose_and_score(returns, walk)
    tests = [test for _, test in walk.split(returns)]
    for row in chosen.rows:
        newest = max(number for number, test in enumerate(tests) if row in test)
        assert chosen.paths[0, row] == returns[row, chosen.choices[newest]]


@pytest.mark.parametrize("splitter", [WALK, PATHS, PurgedKFold(5, horizon=1, embargo=3)])
def test_nothing_but_the_learnt_rows_moves_a_choice(splitter: Splitter) -> None:
    returns = noise(5)
    before = choose_and_score(returns, splitter)
    moved = 0
    for number, (train, test) in enumerate(splitter.split(returns)):
        other = returns.copy()
        others = np.setdiff1d(np.arange(240), train)  # tested, purged, embargoed and later rows
        other[others] = noise(6)[others] * 1_000
        after = choose_and_score(other, splitter)
        assert after.choices[number] == before.choices[number]
        assert after.scores[number] == before.scores[number]
        rows = np.intersect1d(test, before.rows)
        assert not np.array_equal(after.paths[:, rows], before.paths[:, rows])
        other[train] = noise(7)[train]
        moved += choose_and_score(other, splitter).choices[number] != before.choices[number]
    assert moved > 0  # and the learnt rows do move it


def p_values(splitter: Splitter, repetitions: int, edge: float = 0.0) -> NDArray[np.float64]:
    """Return one-sided p-values of the first path of histories whose stream 7 has an edge."""
    values = []
    for seed in range(repetitions):
        returns = noise(seed + 10_000)
        returns[:, 7] += edge
        chosen = choose_and_score(returns, splitter)
        path = chosen.paths[0, chosen.rows]
        values.append(ttest_1samp(path, 0.0, alternative="greater").pvalue)
    return np.array(values)


def test_the_best_of_twenty_worthless_streams_earns_nothing_after_it_was_chosen() -> None:
    # Null: a t-test of the stitched returns at 5 % must be fooled in 5 % of 400 histories, within
    # the exact binomial bound of 99.9 % (7 to 36). Measured: 14. The same test of the best stream
    # of the whole history, chosen with hindsight, is fooled in 251 of 400 (63 %).
    low, high = binom.interval(0.999, 400, 0.05)
    assert low <= int((p_values(WALK, 400) < 0.05).sum()) <= high
    fooled = 0
    for seed in range(400):
        returns = noise(seed + 10_000)
        best = returns[:, np.argmax(sharpe_ratios(returns))]
        fooled += ttest_1samp(best, 0.0, alternative="greater").pvalue < 0.05
    assert fooled > 200


def test_the_paths_of_a_combinatorial_test_earn_nothing_from_noise() -> None:
    means = np.array([choose_and_score(noise(seed), PATHS).paths.mean() for seed in range(200)])
    assert abs(means.mean()) < 3.3 * means.std(ddof=1) / 200**0.5  # 99.9 % of a normal mean
    learnt = np.array([choose_and_score(noise(seed), PATHS).scores.mean() for seed in range(50)])
    assert learnt.min() > 0.05  # what was seen while choosing looks like skill every time


def test_a_path_that_learns_from_both_sides_is_no_sample_for_a_t_test() -> None:
    # What the docstring of `choose_and_score` warns of, so that nobody promotes on it: each part of
    # such a path was looked at to choose the others. The mean is 0 (above) but swings too widely.
    # Measured on noise, at 5 %: 54 of 400 combinatorial and 62 of 400 folded paths; by chance alone
    # they would be 7 to 36.
    high = binom.interval(0.999, 400, 0.05)[1]
    assert int((p_values(PATHS, 400) < 0.05).sum()) > high
    assert int((p_values(PurgedKFold(6, horizon=1), 400) < 0.05).sum()) > high


@pytest.mark.parametrize("splitter", [WALK, PATHS])
def test_a_planted_edge_is_found_and_earned(splitter: Splitter) -> None:
    # Power: a Sharpe ratio of 0.5 a session on stream 7 of twenty.
    returns = noise(8)
    returns[:, 7] += 0.005
    chosen = choose_and_score(returns, splitter)
    assert np.mean(chosen.choices == 7) > 0.7
    # Measured: all of 40 such histories are told from luck at 5 % by either splitter.
    assert np.mean(p_values(splitter, 40, edge=0.005) < 0.05) > 0.8


def test_returns_that_are_no_numbers_are_refused() -> None:
    returns = noise(9)
    for wrong in (np.nan, np.inf):
        returns[5, 3] = wrong
        with pytest.raises(InvalidInput, match="candidate 3 at row 5"):
            choose_and_score(returns, WALK)
    with pytest.raises(InvalidInput, match="table of sessions by candidates"):
        choose_and_score(np.zeros(240), WALK)
    with pytest.raises(InvalidInput, match="returns that can differ"):
        choose_and_score(np.zeros((9, 2)), Walk(1, 1, horizon=0))


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidInput, match="told apart on split 0"):
        choose_and_score(noise(1), WALK, score=lambda rows: np.full(rows.shape[1], np.nan))
    with pytest.raises(InvalidInput, match="told apart on split 0"):
        choose_and_score(noise(1), WALK, score=lambda rows: rows[0, :3])


def test_another_score_makes_another_choice() -> None:
    # By hand: stream 0 has the higher mean, stream 1 the higher mean for its std.
    wild, calm = np.tile([0.09, -0.05], 120), np.tile([0.011, 0.009], 120)
    streams = np.column_stack([wild, calm])
    assert set(choose_and_score(streams, WALK).choices.tolist()) == {1}
    by_mean = choose_and_score(streams, WALK, score=lambda rows: rows.mean(axis=0))
    assert set(by_mean.choices.tolist()) == {0}

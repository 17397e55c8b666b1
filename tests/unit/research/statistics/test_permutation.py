"""Permutation of signals: blind to drift and to memory, sharp where positions know something."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from fondaco.core.errors import InvalidInput
from fondaco.research.statistics.permutation import How, Permuted, permutation_edge, shifted_means
from unit.research.statistics.chance import Column, by_chance, remembering

RUNS = 300


def panel(rng: np.random.Generator, rows: int, names: int, memory: float) -> Column:
    return np.column_stack([remembering(rng, rows, memory) for _ in range(names)])


def edge(
    positions: Column,
    returns: Column,
    how: How = "shift",
    block: int | None = None,
    draws: int = 199,
) -> Permuted:
    rng = np.random.default_rng(6)
    return permutation_edge(positions, returns, rng=rng, draws=draws, how=how, block=block)


@pytest.mark.parametrize(
    ("how", "block", "names"),
    [("shift", None, 1), ("shift", None, 4), ("block", None, 1), ("names", None, 6)],
)
def test_worthless_positions_pass_as_often_as_the_level_says(
    how: How, block: int | None, names: int
) -> None:
    # Null test: positions that last for weeks, returns that remember and drift, no tie between.
    rng, passed = np.random.default_rng(19), 0
    for _ in range(RUNS):
        positions, returns = panel(rng, 300, names, 0.9), 0.05 + panel(rng, 300, names, 0.2)
        passed += (
            permutation_edge(positions, returns, rng=rng, draws=99, how=how, block=block).p_value
            <= 0.05
        )
    assert by_chance(passed, RUNS, 0.05)


def test_exchanging_names_in_each_row_holds_its_level_where_rows_do_not_remember() -> None:
    rng, passed = np.random.default_rng(19), 0
    for _ in range(RUNS):
        positions, returns = panel(rng, 100, 5, 0.9), panel(rng, 100, 5, 0.0)
        passed += (
            permutation_edge(positions, returns, rng=rng, draws=99, how="names", block=1).p_value
            <= 0.05
        )
    assert by_chance(passed, RUNS, 0.05)


def test_moving_single_rows_passes_far_too_often_where_both_sides_remember() -> None:
    rng, passed = np.random.default_rng(19), 0
    for _ in range(RUNS):
        positions, returns = remembering(rng, 300, 0.95), remembering(rng, 300, 0.5)
        passed += (
            permutation_edge(positions, returns, rng=rng, draws=99, how="block", block=1).p_value
            <= 0.05
        )
    # The sum's variance is (1 + 0.475) / (1 - 0.475) = 2.8 times what single rows show: 1.645
    # of their errors is 0.98 true ones, and 16 % lie beyond.
    assert passed > 0.11 * RUNS


@pytest.mark.parametrize(("how", "block"), [("shift", None), ("block", 10)])
def test_a_planted_edge_is_found_about_as_often_as_by_a_t_test(how: How, block: int | None) -> None:
    rng, found, by_t = np.random.default_rng(29), 0, 0
    for _ in range(100):
        positions = np.sign(remembering(rng, 500, 0.5))
        returns = 0.12 * positions + rng.normal(size=500)  # 0.12 x sqrt(500) = 2.7 errors
        found += (
            permutation_edge(positions, returns, rng=rng, draws=199, how=how, block=block).p_value
            <= 0.05
        )
        by_t += ttest_1samp(positions * returns, 0.0, alternative="greater").pvalue <= 0.05
    # P(Z > 1.645 - 2.7) = 85 %; both see the same data, so they differ by little.
    assert found >= 75
    assert abs(found - by_t) <= 8


def test_picking_the_right_names_is_found_by_exchanging_names() -> None:
    rng, found = np.random.default_rng(7), 0
    for _ in range(50):
        skill = panel(rng, 250, 6, 0.8)
        positions = skill - skill.mean(axis=1, keepdims=True)
        returns = 0.1 * positions + rng.normal(size=(250, 6))
        found += (
            permutation_edge(positions, returns, rng=rng, draws=199, how="names").p_value <= 0.05
        )
    assert found >= 45


def test_riding_the_market_is_timing_and_no_selection() -> None:
    rng = np.random.default_rng(7)
    market = rng.normal(size=(400, 1))
    side = np.sign(market + rng.normal(size=(400, 1)))
    positions, returns = np.tile(side, 5), market + 0.1 * rng.normal(size=(400, 5))
    assert edge(positions, returns).p_value < 0.02
    assert edge(positions, returns, how="names").p_value == 1.0  # all names alike: all orders tie


def test_being_long_for_ever_earns_the_drift_and_is_no_edge() -> None:
    returns = 0.3 + np.random.default_rng(3).normal(size=250)
    for how in ("shift", "block"):
        found = edge(np.ones(250), returns, how=how)  # type: ignore[arg-type]
        assert found.p_value == 1.0
        assert found.null_mean == pytest.approx(returns.mean())
        assert found.null_error < 1e-12


def test_a_winner_that_is_often_long_is_measured_from_its_drift() -> None:
    rng = np.random.default_rng(3)
    positions = (rng.random(400) < 0.7).astype(float)
    found = edge(positions, 0.5 + rng.normal(size=400), draws=2_000)
    # Long on 70 % of rows that earn 0.5 each.
    assert found.null_mean == pytest.approx(0.35, abs=0.05)
    assert found.p_value > 0.05


def test_all_shifts_at_once_equal_the_shifts_one_by_one() -> None:
    rng = np.random.default_rng(5)
    for rows in (50, 51):
        positions, returns = rng.normal(size=(rows, 3)), rng.normal(size=(rows, 3))
        one_by_one = [
            (np.roll(positions, s, axis=0) * returns).sum(axis=1).mean() for s in range(rows)
        ]
        assert shifted_means(positions, returns) == pytest.approx(np.array(one_by_one), abs=1e-12)


def test_a_p_value_by_shifts_equals_the_count_over_all_of_them() -> None:
    rng = np.random.default_rng(15)
    positions, returns = rng.normal(size=40), rng.normal(size=40)
    all_shifts = np.array([np.roll(positions, s) @ returns for s in range(40)])
    exact = float((all_shifts >= positions @ returns - 1e-9).mean())
    # 20,000 draws: 4 standard errors are at most 0.0142.
    assert edge(positions, returns, draws=20_000).p_value == pytest.approx(exact, abs=0.0142)


def test_a_p_value_by_blocks_equals_the_count_over_all_orders_and_cuts() -> None:
    rng = np.random.default_rng(8)
    positions, returns = rng.normal(size=12), rng.normal(size=12)
    sums = []
    for cut in range(12):
        blocks = np.roll(np.arange(12), -cut).reshape(4, 3)
        orders = [np.concatenate([blocks[k] for k in order]) for order in permutations(range(4))]
        sums += [positions[order] @ returns for order in orders]
    exact = float((np.array(sums) >= positions @ returns - 1e-9).mean())
    found = edge(positions, returns, how="block", block=3, draws=20_000)
    assert found.p_value == pytest.approx(exact, abs=0.0142)


def test_a_p_value_by_names_equals_the_count_over_all_orders() -> None:
    rng = np.random.default_rng(8)
    positions, returns = rng.normal(size=(20, 4)), rng.normal(size=(20, 4))
    sums = [(positions[:, list(order)] * returns).sum() for order in permutations(range(4))]
    exact = float((np.array(sums) >= (positions * returns).sum() - 1e-9).mean())
    found = edge(positions, returns, how="names", draws=20_000)
    assert found.p_value == pytest.approx(exact, abs=0.0142)
    assert found.null_mean == pytest.approx(np.mean(sums) / 20, abs=0.01)
    assert found.null_error == pytest.approx(np.std(sums) / 20, rel=0.03)


def test_names_are_exchanged_anew_in_each_block_of_rows() -> None:
    rng = np.random.default_rng(8)
    positions, returns = rng.normal(size=(8, 3)), rng.normal(size=(8, 3))
    halves = [
        [
            (positions[rows][:, list(order)] * returns[rows]).sum()
            for order in permutations(range(3))
        ]
        for rows in (slice(0, 4), slice(4, 8))
    ]
    sums = np.add.outer(halves[0], halves[1]).ravel()  # each order of one with each of the other
    exact = float((sums >= (positions * returns).sum() - 1e-9).mean())
    found = edge(positions, returns, how="names", block=4, draws=20_000)
    assert found.p_value == pytest.approx(exact, abs=0.0142)
    assert found.null_error == pytest.approx(np.std(sums) / 8, rel=0.03)


def test_blocks_of_persistent_positions_are_long() -> None:
    rng = np.random.default_rng(2)
    returns = rng.normal(size=500)
    short = edge(rng.normal(size=500), returns, how="block").block
    long = edge(remembering(rng, 500, 0.95), returns, how="block").block
    assert short is not None
    assert long is not None
    assert short < 15 < 30 < long


def test_better_knowledge_gives_a_higher_statistic_and_a_lower_p_value() -> None:
    rng = np.random.default_rng(2)
    returns, noise = rng.normal(size=300), rng.normal(size=300)
    blind, sharp = (edge(noise + share * returns, returns) for share in (0.0, 0.5))
    assert sharp.statistic > blind.statistic
    assert sharp.p_value < blind.p_value


def test_draws_count_the_true_order_too() -> None:
    returns = np.random.default_rng(2).normal(size=5_000)
    found = edge(returns, returns, draws=99, how="block", block=1)
    assert found.p_value == 1 / 100
    assert found.draws == 99


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"how": "rows"}, "shift, block, names"),
        ({"how": "names"}, "no names to exchange"),
        ({"block": 3}, "Leave the block out"),
        ({"how": "block", "block": 11}, "1 to 10"),
        ({"how": "block", "block": 0}, "1 to 10"),
        ({"draws": 0}, "1 to 100000"),
    ],
)
def test_what_cannot_be_moved_is_refused(settings: dict[str, object], match: str) -> None:
    with pytest.raises(InvalidInput, match=match):
        permutation_edge(  # type: ignore[arg-type]
            np.arange(20.0), np.ones(20), rng=np.random.default_rng(1), **settings
        )


def test_positions_and_returns_must_be_whole_and_of_one_shape() -> None:
    with pytest.raises(InvalidInput, match="one shape"):
        edge(np.ones(20), np.ones((20, 1)))
    with pytest.raises(InvalidInput, match="the returns must be finite"):
        edge(np.ones(20), np.append(np.ones(19), np.nan))

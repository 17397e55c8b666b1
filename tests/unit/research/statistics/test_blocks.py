"""Blocks: lengths equal to arch's, draws distributed as arch's, rows that keep their neighbours."""

import numpy as np
import pytest
from arch.bootstrap import (
    CircularBlockBootstrap,
    MovingBlockBootstrap,
    StationaryBootstrap,
    optimal_block_length,
)

from fondaco.core.errors import InvalidInput
from fondaco.research.statistics.blocks import (
    BlockLengths,
    Rows,
    circular_rows,
    moving_rows,
    optimal_block,
    stationary_rows,
)
from unit.research.statistics.chance import Column, remembering

DRAWS = 4_000
SERIES = remembering(np.random.default_rng(3), 300, 0.4)


def drawn(kind: str, rng: np.random.Generator, block: int = 8) -> Rows:
    if kind == "stationary":
        return stationary_rows(300, DRAWS, mean_block=block, rng=rng)
    rows = circular_rows if kind == "circular" else moving_rows
    return rows(300, DRAWS, block=block, rng=rng)


def mean_and_memory(series: Column) -> Column:
    """Return the mean and the lag-one product of a drawn series: what blocks are for."""
    return np.array([series.mean(), (series[1:] * series[:-1]).mean()])


@pytest.mark.parametrize("memory", [-0.4, 0.0, 0.3, 0.9])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_best_lengths_equal_arch_s(seed: int, memory: float) -> None:
    series = remembering(np.random.default_rng(seed), 900, memory)
    theirs = optimal_block_length(series).to_numpy()[0]
    ours = optimal_block(series)
    # arch lets a length fall below one row; here it cannot.
    assert ours.stationary[0] == pytest.approx(max(1.0, theirs[0]), rel=1e-9)
    assert ours.circular[0] == pytest.approx(max(1.0, theirs[1]), rel=1e-9)


def test_the_columns_of_a_table_have_lengths_of_their_own() -> None:
    table = np.column_stack([remembering(np.random.default_rng(s), 500, s / 5) for s in range(4)])
    together = optimal_block(table)
    alone = [optimal_block(column) for column in table.T]
    assert together.stationary == pytest.approx(np.concatenate([a.stationary for a in alone]))
    assert together.circular == pytest.approx(np.concatenate([a.circular for a in alone]))


def test_a_longer_memory_asks_for_longer_blocks() -> None:
    lengths = [
        optimal_block(remembering(np.random.default_rng(5), 2_000, m)) for m in (0.0, 0.5, 0.9)
    ]
    stationary = [one.stationary[0] for one in lengths]
    assert stationary[0] < stationary[1] / 2 < stationary[2] / 4


def test_what_never_moves_is_served_by_single_rows() -> None:
    found = optimal_block(np.full(50, 0.3))
    assert found == BlockLengths(np.ones(1), np.ones(1))


@pytest.mark.parametrize(
    ("kind", "theirs"),
    [
        ("stationary", StationaryBootstrap),
        ("circular", CircularBlockBootstrap),
        ("moving", MovingBlockBootstrap),
    ],
)
def test_draws_are_distributed_as_arch_s(kind: str, theirs: type) -> None:
    rows = drawn(kind, np.random.default_rng(11))
    ours = np.array([mean_and_memory(SERIES[one]) for one in rows])
    other = theirs(8, SERIES, seed=12).apply(mean_and_memory, DRAWS)
    # Two independent sets of draws: means within 4 standard errors of their difference, and
    # variances, whose relative error is sqrt(2 / draws) each, within 4 of theirs (0.126).
    error = np.sqrt((ours.var(axis=0) + other.var(axis=0)) / DRAWS)
    assert (np.abs(ours.mean(axis=0) - other.mean(axis=0)) < 4 * error).all()
    assert (np.abs(np.log(ours.var(axis=0) / other.var(axis=0))) < 4 * np.sqrt(4 / DRAWS)).all()


def test_single_rows_lose_the_memory_that_blocks_keep() -> None:
    products = [
        np.array([mean_and_memory(SERIES[one])[1] for one in drawn("stationary", rng, block)])
        for rng, block in ((np.random.default_rng(1), 1), (np.random.default_rng(1), 20))
    ]
    true = mean_and_memory(SERIES)[1]
    assert abs(products[0].mean()) < 0.2 * true
    # Of 19 in 20 neighbours both come from one block.
    assert products[1].mean() == pytest.approx(0.95 * true, rel=0.1)


def test_stationary_blocks_end_with_the_chance_that_was_asked_for() -> None:
    rows = stationary_rows(500, 400, mean_block=4.0, rng=np.random.default_rng(2))
    follows = float((np.diff(rows, axis=1) % 500 == 1).mean())
    # 3 in 4 go on, and one in 500 new starts happens to be the next row; 4 standard errors.
    expected = 0.75 + 0.25 / 500
    assert abs(follows - expected) < 4 * np.sqrt(0.75 * 0.25 / (499 * 400))


def test_each_draw_begins_anew() -> None:
    rows = stationary_rows(100, 2_000, mean_block=50.0, rng=np.random.default_rng(2))
    goes_on = float((rows[1:, 0] == (rows[:-1, -1] + 1) % 100).mean())
    # By chance 1 in 100; 4 standard errors of 2,000 are 0.009.
    assert abs(goes_on - 0.01) < 0.009


def test_wrapping_blocks_draw_each_row_alike_and_moving_ones_the_ends_less() -> None:
    counts = {
        kind: np.bincount(drawn(kind, np.random.default_rng(4)).ravel(), minlength=300) / DRAWS
        for kind in ("stationary", "circular", "moving")
    }
    # Each row is expected once a draw, with a deviation of 1 or, where runs repeat, little more.
    assert abs(counts["stationary"] - 1.0).max() < 0.12
    assert abs(counts["circular"] - 1.0).max() < 0.12
    # Of 293 starts one holds the first row: 37.5 blocks / 293 (the last block is half as long).
    assert counts["moving"][0] == pytest.approx(38 / 293, abs=0.03)
    # The last row ends a whole block only, of which there are 37.
    assert counts["moving"][-1] == pytest.approx(37 / 293, abs=0.03)
    assert counts["moving"][150] == pytest.approx(300 / 293, abs=0.12)


def test_the_same_generator_draws_the_same_rows() -> None:
    one, other, third = (drawn("stationary", np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (one == other).all()
    assert (one != third).any()


@pytest.mark.parametrize("block", [0.5, 11.0, np.nan])
def test_a_block_must_fit(block: float) -> None:
    with pytest.raises(InvalidInput, match="1 to 10"):
        stationary_rows(10, 5, mean_block=block, rng=np.random.default_rng(1))


@pytest.mark.parametrize("draws", [0, 100_001])
def test_draws_have_bounds(draws: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 100000"):
        circular_rows(10, draws, block=2, rng=np.random.default_rng(1))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_must_be_finite(value: float) -> None:
    with pytest.raises(InvalidInput, match="1 that are not"):
        optimal_block(np.append(np.arange(20.0), value))


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(InvalidInput, match="n >= 8"):
        optimal_block(np.arange(7.0))

"""The best of many: p-values equal to arch's, honest when all are worthless, sharp when one is not.

arch takes losses, does not studentise its statistic, and leaves the observed draw out of p.
"""

import numpy as np
import pytest
from arch.bootstrap import SPA

from fondaco.core.errors import InvalidInput
from fondaco.research.statistics.reality import (
    drawn_means,
    mean_errors,
    reality_check,
    superior_ability,
)
from unit.research.statistics.chance import Column, by_chance, remembering

DRAWS = 4_000
RUNS = 400


def models(seed: int, n: int = 400, count: int = 8) -> Column:
    """Return models of different risk and luck, which remember a little."""
    rng = np.random.default_rng(seed)
    each = [
        remembering(rng, n, 0.3, rng.normal(0.0, 0.08), rng.uniform(0.5, 3)) for _ in range(count)
    ]
    return 0.01 * np.column_stack(each)


def theirs(excess: Column) -> SPA:
    found = SPA(np.zeros(len(excess)), -excess, block_size=10, reps=DRAWS, seed=1)
    found.compute()
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_reality_check_equals_arch_s(seed: int) -> None:
    excess = models(seed)
    ours = reality_check(excess, rng=np.random.default_rng(2), draws=DRAWS, mean_block=10.0)
    # Two p-values of 4,000 draws each: 4 errors of their difference are at most 0.045.
    assert ours.p_value == pytest.approx(theirs(excess).pvalues["upper"], abs=0.045)
    assert ours.best == int(excess.mean(axis=0).argmax())


@pytest.mark.parametrize("seed", range(5))
def test_superior_ability_equals_arch_s_on_models_of_equal_risk(seed: int) -> None:
    excess = models(seed)
    # arch's statistic is not in standard errors: so its models are put in theirs first.
    errors = np.sqrt(theirs(excess)._loss_diff_var)
    other = theirs(excess / errors).pvalues
    ours = superior_ability(excess, rng=np.random.default_rng(2), draws=DRAWS, mean_block=10.0)
    assert [ours.lower, ours.consistent, ours.upper] == pytest.approx(other.tolist(), abs=0.045)


def test_standard_errors_equal_arch_s_and_those_of_many_draws() -> None:
    excess = models(3)
    ours = mean_errors(excess, mean_block=10.0)
    assert ours == pytest.approx(np.sqrt(theirs(excess)._loss_diff_var / 400), rel=1e-12)
    rng = np.random.default_rng(4)
    drawn = drawn_means(excess, rng=rng, draws=20_000, mean_block=10.0)
    # A deviation of 20,000 draws has a relative error of 1 / sqrt(40,000) = 0.005.
    assert drawn.std(axis=0) == pytest.approx(ours, rel=0.02)
    assert drawn.mean(axis=0) == pytest.approx(excess.mean(axis=0), abs=4 * ours.max() / 141)


def test_of_many_worthless_models_the_best_passes_as_often_as_the_level_says() -> None:
    rng = np.random.default_rng(13)
    passed = {"reality": 0, "consistent": 0, "upper": 0}
    for _ in range(RUNS):
        common = rng.normal(size=(250, 1))  # models of one market move together
        excess = 0.01 * (0.5 * common + rng.normal(size=(250, 20)))
        passed["reality"] += reality_check(excess, rng=rng, draws=99).p_value <= 0.05
        found = superior_ability(excess, rng=rng, draws=99)
        passed["consistent"] += found.consistent <= 0.05
        passed["upper"] += found.upper <= 0.05
    assert all(by_chance(hits, RUNS, 0.05) for hits in passed.values()), passed


def test_the_best_alone_without_its_rivals_passes_far_too_often() -> None:
    rng, passed = np.random.default_rng(13), 0
    for _ in range(100):
        excess = rng.normal(size=(200, 30))
        best = excess[:, [int(excess.mean(axis=0).argmax())]]
        passed += reality_check(best, rng=rng, draws=99).p_value <= 0.05
    # The best of 30 beats 1.645 errors with chance 1 - 0.95^30 = 79 %: why all must be counted.
    assert passed >= 65


def test_one_good_model_among_many_is_found() -> None:
    rng, found = np.random.default_rng(14), {"reality": 0, "consistent": 0, "named": 0}
    for _ in range(50):
        excess = rng.normal(size=(500, 30))
        excess[:, 7] += 0.2  # 4.5 errors; the bar of 30 is about 3
        check = reality_check(excess, rng=rng, draws=199)
        ability = superior_ability(excess, rng=rng, draws=199)
        found["reality"] += check.p_value <= 0.05
        found["consistent"] += ability.consistent <= 0.05
        found["named"] += check.best == ability.best == 7
    assert min(found.values()) >= 44, found


def test_poor_and_wild_models_blind_the_reality_check_but_not_superior_ability() -> None:
    rng, alone, among = np.random.default_rng(15), [0, 0], [0, 0]
    for _ in range(40):
        good = rng.normal(size=(400, 5))
        good[:, 0] += 0.2
        poor = rng.normal(-1.0, 4.0, size=(400, 60))  # 5 errors below the benchmark
        for counts, excess in ((alone, good), (among, np.column_stack([good, poor]))):
            counts[0] += reality_check(excess, rng=rng, draws=199).p_value <= 0.05
            counts[1] += superior_ability(excess, rng=rng, draws=199).consistent <= 0.05
    assert alone[0] >= 35
    assert among[0] <= 5
    assert alone[1] >= 35
    assert among[1] >= 33


def test_the_three_p_values_are_in_order_and_move_with_the_evidence() -> None:
    excess = models(2)
    before = superior_ability(excess, rng=np.random.default_rng(2), mean_block=10.0)
    after = superior_ability(excess + 0.001, rng=np.random.default_rng(2), mean_block=10.0)
    assert before.lower <= before.consistent <= before.upper
    assert after.consistent < before.consistent
    assert after.statistic > before.statistic
    check = [
        reality_check(excess + more, rng=np.random.default_rng(2), mean_block=10.0).p_value
        for more in (0.0, 0.001)
    ]
    assert check[1] < check[0]


def test_models_that_all_lose_are_no_evidence() -> None:
    excess = models(1) - 0.01
    found = superior_ability(excess, rng=np.random.default_rng(1))
    assert found.statistic == 0.0
    assert found.lower == found.consistent == found.upper == 1.0


def test_blocks_are_estimated_from_the_models_unless_given() -> None:
    rng = np.random.default_rng(1)
    quiet = reality_check(rng.normal(size=(500, 5)), rng=rng, draws=50).mean_block
    table = np.column_stack([remembering(rng, 500, 0.8) for _ in range(5)])
    assert reality_check(table, rng=rng, draws=50).mean_block > 3 * quiet
    assert superior_ability(table, rng=rng, draws=50, mean_block=7).mean_block == 7.0


def test_what_cannot_be_tested_is_refused() -> None:
    rng, excess = np.random.default_rng(1), models(1)
    with pytest.raises(InvalidInput, match="column 2"):
        superior_ability(np.where(np.arange(8) == 2, 0.0, excess), rng=rng)
    with pytest.raises(InvalidInput, match="n >= 16"):
        reality_check(excess[:15], rng=rng)
    with pytest.raises(InvalidInput, match="finite"):
        reality_check(np.where(np.arange(8) == 2, np.nan, excess), rng=rng)
    with pytest.raises(InvalidInput, match="1 to 400"):
        superior_ability(excess, rng=rng, mean_block=401.0)

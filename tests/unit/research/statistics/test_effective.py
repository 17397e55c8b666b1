"""Effective trials: as many as buy the same luck, and never fewer than the tail needs."""

from time import perf_counter

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from fondaco.core.errors import InvalidInput
from fondaco.research.statistics import effective as module
from fondaco.research.statistics.deflated import deflated_sharpe, expected_maximum
from fondaco.research.statistics.effective import (
    Effective,
    Stream,
    correlations,
    effective_trials,
)
from fondaco.research.statistics.sharpe import probabilistic_sharpe, shape_of

Matrix = NDArray[np.float64]


def streams_of(returns: Matrix, first: int = 0) -> list[Stream]:
    """Return each row as a stream over days that follow each other."""
    days = np.arange(first, first + returns.shape[1], dtype=np.int32)
    return [Stream(days, row) for row in returns]


def alike(rng: np.random.Generator, count: int, sessions: int, correlation: float) -> Matrix:
    """Return rows of unit normals that share one factor."""
    shared = rng.standard_normal((1, sessions))
    own = rng.standard_normal((count, sessions))
    mixed: Matrix = np.sqrt(correlation) * shared + np.sqrt(1.0 - correlation) * own
    return mixed


def counted(returns: Matrix, **also: int) -> Effective:
    return effective_trials(streams_of(returns), rng=np.random.default_rng(0), **also)


@pytest.mark.parametrize(("count", "sessions"), [(10, 250), (200, 500), (300, 80)])
def test_unrelated_streams_all_count(count: int, sessions: int) -> None:
    noise = np.random.default_rng(1).standard_normal((count, sessions))
    found = counted(noise)
    assert found.effective == count
    assert (found.raw, found.clusters, found.labels) == (count, count, tuple(range(count)))


def test_a_stream_and_its_copies_count_once() -> None:
    one = np.random.default_rng(2).standard_normal((1, 250))
    assert counted(np.repeat(one, 50, axis=0)) == Effective(50, 1, 1.0, (0,) * 50)
    # The same at another leverage buys the same luck.
    assert counted(np.vstack([one, 3.0 * one])).effective == 1.0


def test_a_stream_and_its_opposite_are_two_trials() -> None:
    one = np.random.default_rng(24).standard_normal((1, 250))
    assert counted(np.vstack([one, -one])) == Effective(2, 2, 2.0, (0, 1))


def test_alike_streams_count_for_what_their_luck_is_worth() -> None:
    # Of m normals with a correlation of r the maximum has sqrt(1 - r) times the mean of m unrelated
    # ones: sqrt(0.2) x 2.7460 = 1.2281 for 200 at 0.8 (2.7460: the density of the maximum,
    # integrated with scipy). 4 %: the sample's own correlation, and 2,000 draws.
    found = counted(alike(np.random.default_rng(3), 200, 2_500, 0.8))
    assert found.clusters == 1
    assert expected_maximum(found.effective) == pytest.approx(1.2281, rel=0.04)


def test_five_groups_count_for_more_than_five() -> None:
    # What 5 groups of 20 at 0.95 show by luck, drawn 20,000 times from the true law: a group's
    # factor and the best of its own parts.
    rng = np.random.default_rng(4)
    own = rng.standard_normal((20_000, 5, 20)).max(axis=2)
    shown = (np.sqrt(0.95) * rng.standard_normal((20_000, 5)) + np.sqrt(0.05) * own).max(axis=1)
    found = counted(np.vstack([alike(rng, 20, 1_000, 0.95) for _ in range(5)]))
    assert (found.clusters, found.raw) == (5, 100)
    assert found.labels == tuple(np.repeat(range(5), 20).tolist())
    assert expected_maximum(found.effective) == pytest.approx(shown.mean(), rel=0.05)
    assert 5.0 < found.effective < 15.0


def test_less_likeness_counts_for_more() -> None:
    rng = np.random.default_rng(5)
    counts = [counted(alike(rng, 40, 1_000, r)).effective for r in (0.99, 0.95, 0.8, 0.65)]
    assert counts == sorted(counts)
    assert counts[0] > 1.0
    assert counts[-1] < 40.0


def test_another_copy_changes_nothing() -> None:
    rng = np.random.default_rng(6)
    family = np.vstack([alike(rng, 15, 400, 0.6), alike(rng, 10, 400, 0.45)])
    before = counted(family).effective
    for row in (0, 12, 20):
        copies = np.repeat(family[row : row + 1], 30, axis=0)
        assert counted(np.vstack([family, copies])).effective == before


def test_bridges_between_unrelated_streams_do_not_lower_the_count() -> None:
    # Forty streams half way between two unrelated ones draw all into one cluster; the two ends are
    # still worth two trials, less the 2 % that chance and the line below two trials take.
    rng = np.random.default_rng(7)
    ends = rng.standard_normal((2, 1_000))
    bridges = ends.sum(axis=0) + 0.4 * rng.standard_normal((40, 1_000))
    found = counted(np.vstack([ends, bridges]))
    assert found.clusters == 1
    assert found.effective > 1.95


def test_unseen_trials_count_one_each() -> None:
    noise = np.random.default_rng(8).standard_normal((3, 100))
    assert counted(noise, unseen=7) == Effective(10, 3, 10.0, (0, 1, 2))
    assert effective_trials([], unseen=4, rng=np.random.default_rng(0)) == Effective(4, 0, 4.0, ())
    assert effective_trials([], rng=np.random.default_rng(0)).effective == 0.0
    with pytest.raises(InvalidInput, match="number of trials"):
        counted(noise, unseen=-1)


def test_streams_without_common_days_count_as_unrelated() -> None:
    row = np.random.default_rng(9).standard_normal((1, 300))
    apart = [*streams_of(row), *streams_of(row, first=300), *streams_of(row, first=241)]
    matrix = correlations(apart)
    # 0 and 59 common days are too few; 241..300 share 59 with the first and 241 with the second.
    assert np.isnan(matrix[0, 1])
    assert np.isnan(matrix[0, 2])
    assert np.isfinite(matrix[1, 2])
    assert effective_trials(apart, rng=np.random.default_rng(0)).effective == 3.0


def test_a_flat_stream_counts_as_unrelated() -> None:
    rows = np.random.default_rng(10).standard_normal((2, 100))
    rows[1] = 0.1  # not a binary fraction: rounding must not be taken for a movement
    assert np.isnan(correlations(streams_of(rows))[0, 1])
    assert counted(rows).effective == 2.0


def test_a_stream_that_stands_still_on_the_common_days_counts_as_unrelated() -> None:
    # It trades before the other begins, and holds nothing after: 100 common days without variance.
    row = np.random.default_rng(26).standard_normal(200)
    early = Stream(np.arange(200, dtype=np.int32), np.where(np.arange(200) < 100, row, 0.0))
    late = Stream(np.arange(100, 200, dtype=np.int32), row[100:])
    assert np.isnan(correlations([early, late])[0, 1])
    assert effective_trials([early, late], rng=np.random.default_rng(0)).effective == 2.0


def test_correlations_are_those_of_the_common_days() -> None:
    # numpy's corrcoef on the days that both have, pair by pair.
    rng = np.random.default_rng(11)
    rows = alike(rng, 4, 300, 0.5) * np.array([[1.0], [0.01], [5.0], [1.0]]) + 0.3
    kept = [np.flatnonzero(rng.random(300) < share) for share in (1.0, 0.9, 0.7, 0.8)]
    mixed = [Stream(day.astype(np.int32), row[day]) for day, row in zip(kept, rows, strict=True)]
    matrix = correlations(mixed)
    for i in range(4):
        for j in range(i):
            both = np.intersect1d(kept[i], kept[j])
            expected = np.corrcoef(rows[i, both], rows[j, both])[0, 1]
            assert matrix[i, j] == pytest.approx(expected, rel=1e-9)
            assert matrix[j, i] == matrix[i, j]


def test_correlations_over_the_same_days_equal_numpy_s() -> None:
    rows = alike(np.random.default_rng(12), 5, 120, 0.4)
    assert correlations(streams_of(rows)) == pytest.approx(np.corrcoef(rows), rel=1e-9)


def test_correlations_that_do_not_fit_together_are_mended() -> None:
    # Shares of missing days leave a like b and a like c, but b and c apart: 1, 1 and 0 are no law.
    # Clipped and scaled back, by hand, their correlations are 0.7395 twice and 0.0938, and the
    # maximum of three normals has the mean (2 sqrt(1 - 0.7395) + sqrt(1 - 0.0938)) / (2 sqrt(pi))
    # = 0.5565; without scaling back it were 0.592.
    matrix = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    assert np.linalg.eigvalsh(matrix)[0] < 0.0
    found = np.mean([module._simulated_maximum(matrix, np.random.default_rng(k)) for k in range(9)])
    assert found == pytest.approx(0.5565, rel=0.02)


def test_spans_of_one_strategy_count_by_the_days_they_share() -> None:
    # By hand: two spans of 400 days that share 300 have ratios with a correlation of 3/4, whose
    # maximum has the mean sqrt((1 - 0.75) / pi) = 0.2821; of half a span, 200 / sqrt(200 x 400) =
    # 0.7071 and 0.3053. The line below two trials: 1 + mean / 0.51976.
    row = np.random.default_rng(22).standard_normal(500)
    days = np.arange(500, dtype=np.int32)
    first = Stream(days[:400], row[:400])
    for other, count in ((slice(100, 500), 1.543), (slice(0, 200), 1.587)):
        family = [first, Stream(days[other], row[other])]
        assert correlations(family)[0, 1] == pytest.approx(1.0)
        found = effective_trials(family, rng=np.random.default_rng(0)).effective
        assert found == pytest.approx(count, abs=0.04)
    # 100 days of 400 in common are a likeness of 1/4: two trials.
    apart = [
        first,
        Stream(np.arange(300, 700, dtype=np.int32), np.concatenate([row[300:], row[:200]])),
    ]
    assert effective_trials(apart, rng=np.random.default_rng(0)).effective == 2.0


def test_the_same_generator_gives_the_same_number() -> None:
    family = alike(np.random.default_rng(14), 30, 300, 0.7)
    assert counted(family) == counted(family)
    other = effective_trials(streams_of(family), rng=np.random.default_rng(1)).effective
    assert other != counted(family).effective
    assert other == pytest.approx(counted(family).effective, rel=0.05)


def test_a_large_cluster_is_sampled_and_carried_on(monkeypatch: pytest.MonkeyPatch) -> None:
    family = alike(np.random.default_rng(15), 200, 1_000, 0.8)
    whole = counted(family).effective
    monkeypatch.setattr(module, "MEMBERS_MAX", 50)
    # Members are alike, so that 50 of them tell of 200: within 10 %, and not the 3.7 of 50 alone.
    assert counted(family).effective == pytest.approx(whole, rel=0.1)


def test_streams_beyond_the_limit_count_one_each(monkeypatch: pytest.MonkeyPatch) -> None:
    one = np.random.default_rng(16).standard_normal((1, 100))
    monkeypatch.setattr(module, "CLUSTERED_MAX", 3)
    assert counted(np.repeat(one, 5, axis=0)) == Effective(5, 3, 3.0, (0, 0, 0, 1, 2))


def test_a_thousand_streams_of_ten_years_are_counted_at_once() -> None:
    # 0.4 s on one core when nothing else runs; the bound leaves room for a busy machine.
    family = streams_of(np.random.default_rng(17).standard_normal((1_000, 2_500)))
    start = perf_counter()
    assert effective_trials(family, rng=np.random.default_rng(0)).effective == 1_000.0
    assert perf_counter() - start < 10.0


def test_streams_that_are_no_streams_are_refused() -> None:
    days = np.arange(3, dtype=np.int32)
    with pytest.raises(InvalidInput, match="one return for each day"):
        Stream(days, np.zeros(2))
    with pytest.raises(InvalidInput, match="1 after 1 at 2"):
        Stream(np.array([0, 1, 1], dtype=np.int32), np.zeros(3))
    with pytest.raises(InvalidInput, match="nan at 1"):
        Stream(days, np.array([0.0, np.nan, 0.0]))


def deflated_hits(families: list[Matrix], trials: list[float]) -> int:
    """Return in how many families the best passes the deflated bar of 0.95."""
    shapes = [shape_of(f[(f.mean(axis=1) / f.std(axis=1)).argmax()]) for f in families]
    return sum(
        deflated_sharpe(shape, count).probability >= 0.95
        for shape, count in zip(shapes, trials, strict=True)
    )


def mixture(rng: np.random.Generator) -> Matrix:
    """Return 60 rows at 0.8, 20 at 0.95 and 10 unrelated ones."""
    parts = [alike(rng, 60, 250, 0.8), alike(rng, 20, 250, 0.95), rng.standard_normal((10, 250))]
    return np.vstack(parts)


def spans(rng: np.random.Generator) -> list[Stream]:
    """Return one row over 20 spans of 250 days, each 25 days after the one before."""
    row = rng.standard_normal(725)
    days = np.arange(725, dtype=np.int32)
    return [Stream(days[k : k + 250], row[k : k + 250]) for k in range(0, 500, 25)]


def mirrored(rng: np.random.Generator) -> Matrix:
    """Return five rows and their opposites."""
    rows = rng.standard_normal((5, 250))
    return np.vstack([rows, -rows])


FAMILIES = {
    "alike": lambda rng: alike(rng, 200, 250, 0.8),
    "one group": lambda rng: alike(rng, 20, 250, 0.95),
    "mixture": mixture,
    "mirrored": mirrored,
}


def luckless_hits(kind: str, seed: int, families: int) -> int:
    """Return in how many families of this kind the best passes the bar, without any edge."""
    rng = np.random.default_rng(seed)
    drawn = [FAMILIES[kind](rng) for _ in range(families)]
    return deflated_hits(drawn, [counted(family).effective for family in drawn])


@pytest.mark.parametrize("kind", FAMILIES)
def test_the_best_of_correlated_luckless_trials_passes_no_more_often_than_it_may(kind: str) -> None:
    # The null test that matters: 150 families, a bound of 5 per cent.
    assert luckless_hits(kind, 18, 150) <= stats.binom.ppf(0.9995, 150, 0.05)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", FAMILIES)
def test_the_best_of_correlated_luckless_trials_keeps_to_the_level_over_many_families(
    kind: str,
) -> None:
    # The same over 1,000 families: 7.5 per cent would be seen.
    assert luckless_hits(kind, 25, 1_000) <= stats.binom.ppf(0.9995, 1_000, 0.05)


def test_the_best_of_many_spans_of_a_luckless_strategy_passes_no_more_often_than_it_may() -> None:
    rng = np.random.default_rng(23)
    families = [spans(rng) for _ in range(300)]
    trials = [effective_trials(one, rng=np.random.default_rng(0)).effective for one in families]
    rows = [np.array([stream.returns for stream in one]) for one in families]
    assert deflated_hits(rows, trials) <= stats.binom.ppf(0.9995, 300, 0.05)
    # As copies of each other they would count as one, and far more would pass.
    assert deflated_hits(rows, [1.0] * 300) > stats.binom.ppf(0.9995, 300, 0.05)


def test_clusters_counted_as_one_would_let_luck_through() -> None:
    # Why a cluster is more than one trial: 200 luckless ones at 0.8 show a maximum of mean 1.23 and
    # deviation 0.91, so that without a hurdle Phi((1.23 - 1.645) / 0.91) = 32 % pass, by hand.
    rng = np.random.default_rng(19)
    drawn = [alike(rng, 200, 250, 0.8) for _ in range(300)]
    hits = deflated_hits(drawn, [1.0] * 300)
    assert stats.binom.ppf(0.0005, 300, 0.32) <= hits <= stats.binom.ppf(0.9995, 300, 0.32)


def test_a_planted_edge_among_correlated_trials_is_found() -> None:
    # Power: 50 variants at 0.8, an annual ratio of 2 in each over 10 years: 6.32 errors from 0, and
    # the best shows 1.0 more (sqrt(0.2) x 2.249); hurdle and bar are 2.65. All 40 families pass.
    rng = np.random.default_rng(20)
    drawn = [alike(rng, 50, 2_520, 0.8) + 2.0 / np.sqrt(252) for _ in range(40)]
    assert deflated_hits(drawn, [counted(family).effective for family in drawn]) == 40


def test_the_spread_of_alike_trials_would_pay_twice_for_their_likeness() -> None:
    # Why `deflated_sharpe` raises a small deviation: the spread of 200 ratios at 0.8 is sqrt(0.2)
    # of that of luck, the hurdle 0.55 instead of 1.23 errors, and of the luckless families
    # Phi((1.23 - 0.55 - 1.645) / 0.91) = 14 % pass, by hand.
    rng = np.random.default_rng(21)
    hits = 0
    for _ in range(300):
        family = alike(rng, 200, 250, 0.8)
        ratios = family.mean(axis=1) / family.std(axis=1, ddof=1)
        hurdle = float(ratios.std(ddof=1)) * expected_maximum(5.4)
        hits += probabilistic_sharpe(shape_of(family[ratios.argmax()]), hurdle) >= 0.95
    assert stats.binom.ppf(0.0005, 300, 0.14) <= hits <= stats.binom.ppf(0.9995, 300, 0.14)

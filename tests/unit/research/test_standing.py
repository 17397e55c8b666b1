"""Standings: what a result is worth after every trial, and what is said of it."""

from dataclasses import replace
from math import sqrt
from statistics import NormalDist
from time import process_time

import numpy as np
import pytest
from numpy.typing import NDArray

from fondaco.core.text import plain
from fondaco.research.chosen_sets import BLOCKS, overfit_among
from fondaco.research.fakes import MemoryTrials
from fondaco.research.standing import RawCounts, luck_sharpe, standing_among, standing_of
from fondaco.research.statistics.overfit import overfitting
from fondaco.research.trial_ledger import Kind, Trial
from fondaco.research.trial_results import Counts, Standing
from fondaco.research.trial_views import standing_blocks
from fondaco.research.trials import line_of
from unit.research.standings import STANDING
from unit.research.trial_scene import noise, standing_in, trial_of


def trials_of(returns: np.ndarray, prefix: str = "", **changes: object) -> list[Trial]:
    return [trial_of(c, f"{prefix}{n}", **changes) for n, c in enumerate(returns.T)]


def test_one_trial_is_deflated_by_nothing() -> None:
    returns = noise(1, 500)[:, 0]
    found = standing_in([trial_of(returns)])
    assert found.own == found.family == found.desk == Counts(1, 1.0)
    assert (found.luck_sharpe, found.alike, found.overfit, found.overfit_sets) == (0.0, 0, None, 1)
    # By hand: mean over deviation, a year of 252 sessions; PSR as 1 minus its own p-value.
    assert found.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1) * sqrt(252))
    assert found.deflated == found.deflated_desk
    assert found.deflated == pytest.approx(1.0 - (found.false_discovery or 0.0))


def unrelated(values: NDArray[np.float64]) -> int:
    """Return how many unrelated returns some are worth, five days of memory weighed down."""
    away = values - values.mean()
    rho = [float((away[k:] * away[:-k]).sum() / (away * away).sum()) for k in range(1, 6)]
    factor = 1 + 2 * sum((1 - k / 6) * r for k, r in enumerate(rho, start=1))
    return min(len(values), int(len(values) / factor))


def test_the_deflation_is_that_of_the_paper_worked_by_hand() -> None:
    returns = noise(2, 400, 5)
    found = standing_in(trials_of(returns))
    # Bailey and Lopez de Prado (2014): SR0 = sqrt(V) ((1 - g) Z(1 - 1/N) + g Z(1 - 1/(N e))), and
    # PSR(SR0), written out here; five unrelated trials of the same length count as five. Each
    # length is what its returns' memory of five days leaves of it (Lo 2002, Newey and West 1987).
    ratios = returns.mean(axis=0) / returns.std(axis=0, ddof=1)
    one, z = returns[:, 0], NormalDist().inv_cdf
    scaled = (one - one.mean()) / one.std()
    skew, kurtosis = (scaled**3).mean(), (scaled**4).mean()
    g, e = 0.5772156649015329, 2.718281828459045
    lengths = np.array([unrelated(column) for column in returns.T])
    spread = (ratios * np.sqrt(lengths - 1)).std(ddof=1)
    deviation = max(spread, 1.0) / sqrt(lengths[0] - 1)
    hurdle = deviation * ((1 - g) * z(1 - 1 / 5) + g * z(1 - 1 / (5 * e)))
    error = sqrt((1 - skew * ratios[0] + (kurtosis - 1) / 4 * ratios[0] ** 2) / (lengths[0] - 1))
    assert found.family == Counts(5, 5.0)
    assert found.deflated == pytest.approx(NormalDist().cdf((ratios[0] - hurdle) / error), rel=1e-9)


def test_short_trials_do_not_raise_the_bar_for_a_long_one() -> None:
    returns = noise(3, 2_000, 10)
    one = (returns[:, 0] - returns[:, 0].mean()) / returns[:, 0].std(ddof=1)
    returns[:, 0] = 0.01 * (one + 4.0 / sqrt(1_999))
    short = trials_of(noise(4, 70, 10), "short", first=0)
    found = standing_in([*trials_of(returns), *short])
    # By hand: the long one lies 4 errors above 0. Annual ratios over 70 days spread by 1.9, over
    # 2,000 by 0.35, but as errors all spread alike; 20 trials have a hurdle of 1.9 of their spread,
    # which with one of them at 4 is 1.3 at most: 4 - 2.5 errors are left, 0.93. Were the ratios
    # taken as they are, the spread would be 4 errors and nothing would be left.
    assert found.desk == Counts(20, 20.0)
    assert found.deflated is not None
    assert 0.9 < found.deflated < 0.99


def test_the_counts_are_nested_whatever_the_clusters_draw() -> None:
    below = 0
    for seed in range(12):
        returns = noise(seed, 120, 8, 0.8)
        mine = trials_of(returns, "own")
        # What barely differs adds hardly anything, and the draws of one more differ by more.
        near = returns[:, :1] + 1e-4 * noise(seed + 50, 120)
        cousins = trials_of(near, "c", strategy="cousin", family="momentum")
        others = trials_of(-near + 2e-4 * noise(seed + 99, 120), "o", strategy="other")
        found = standing_in([*mine, *cousins, *others], 0, RawCounts(8, 9, 10))
        assert found.own.effective <= found.family.effective <= found.desk.effective
        assert (found.own.raw, found.family.raw, found.desk.raw) == (8, 9 + found.alike, 10)
        below += found.own.effective == found.family.effective
    # The draws alone would have put the family below in some of the cases.
    assert below > 0


def test_what_was_not_read_or_has_no_returns_counts_one_each() -> None:
    same = noise(5, 300)[:, 0]
    trials = [trial_of(same, f"{n}") for n in range(10)]
    noted = [trial_of((), f"noted {n}", kind=Kind.NOTED) for n in range(3)]
    found = standing_in([*trials, *noted], 0, RawCounts(20, 20, 30))
    # Ten copies count as one; three were noted without returns, seven of it and ten more of the
    # desk were not read.
    assert (found.family.effective, found.desk.effective) == (11.0, 21.0)


def test_a_renewed_look_at_the_same_trial_says_the_same_to_the_bit() -> None:
    trials = trials_of(noise(6, 400, 12, 0.6))
    assert standing_in(trials) == standing_in(list(reversed(trials)), 11) == standing_in(trials)
    moved = replace(trials[0], returns=(0.05, *trials[0].returns[1:]))
    assert standing_in([moved, *trials[1:]]).sharpe != standing_in(trials).sharpe


def test_luck_rises_with_trials_and_falls_with_sessions() -> None:
    # Bailey et al. (2014): 45 luckless trials reach an annual ratio of 1 in 5 years.
    assert luck_sharpe(45, 5 * 252 + 1) == pytest.approx(1.0, abs=0.005)
    assert luck_sharpe(100, 1_261) > luck_sharpe(10, 1_261) > luck_sharpe(10, 2_521)
    assert luck_sharpe(1, 1_261) == luck_sharpe(10, 0) == 0.0


def test_false_discoveries_are_those_of_benjamini_and_hochberg_over_the_desk() -> None:
    trials = trials_of(noise(7, 400, 4))
    noted = trial_of((), "noted")
    found = standing_in([*trials, noted])
    from scipy.stats import false_discovery_control

    alone = [standing_in([one]).false_discovery for one in trials]
    p_values = [1.0 if p is None else p for p in alone] + [1.0]
    # scipy's is another hand's; the trial without a ratio has a p-value of 1.
    assert found.false_discovery == pytest.approx(false_discovery_control(p_values)[0])


def test_sets_on_the_same_sessions_are_compared_and_copies_are_one_set() -> None:
    returns = noise(8, 320, 4)
    trials = trials_of(returns)
    longer = trial_of(np.append(returns[:, 0] * 1.001, noise(9, 50)[:, 0]), "longer")
    found = overfit_among(line_of(trials[0]), [line_of(one) for one in [*trials, longer]])
    assert (found.sets, found.left_out) == (4, 0)
    assert found.probability == overfitting(returns, blocks=BLOCKS).probability


def test_what_cannot_be_compared_is_counted_and_the_kept_back_is_not() -> None:
    returns = noise(10, 320, 3)
    trials = trials_of(returns)
    elsewhere = trial_of(noise(11, 200)[:, 0], "elsewhere", first=250)
    noted = trial_of((), "noted")
    kept = trial_of(noise(12, 260)[:, 0], "kept", first=320, kind=Kind.HOLDOUT)
    lines = [line_of(one) for one in [*trials, elsewhere, noted, kept]]
    found = overfit_among(lines[0], lines)
    assert (found.sets, found.left_out) == (3, 2)
    alone = overfit_among(lines[0], [lines[0], lines[-1]])
    assert (alone.probability, alone.sets, alone.left_out) == (None, 1, 0)
    assert overfit_among(lines[4], lines).sets == 0


def test_sets_that_start_later_are_compared_on_the_days_of_all() -> None:
    returns = noise(13, 400, 2)
    late = trial_of(returns[60:, 1], "late", first=60)
    lines = [line_of(trial_of(returns[:, 0], "early")), line_of(late)]
    found = overfit_among(lines[0], lines)
    assert found.probability == overfitting(returns[60:], blocks=BLOCKS).probability
    few = [line_of(trial_of(column[:39], f"{n}")) for n, column in enumerate(returns.T)]
    assert overfit_among(few[0], few).probability is None


def test_a_trial_without_returns_has_counts_and_nothing_else() -> None:
    noted = trial_of((), metrics={"sharpe": 0.4, "sessions": 500.0}, kind=Kind.NOTED)
    found = standing_in([noted, *trials_of(noise(1, 100, 3), "x")])
    assert (found.sharpe, found.sessions, found.desk.raw) == (0.4, 500, 4)
    assert found.luck_sharpe > 0.0
    assert (found.deflated, found.sharpe_low, found.overfit, found.track_record) == (None,) * 4
    assert "stands without dated daily returns" in found.said
    assert any("Without daily returns" in warning for warning in found.warnings)


def test_a_trial_that_never_traded_has_no_ratio_and_says_so() -> None:
    found = standing_in([trial_of(np.zeros(300), metrics={})])
    assert (found.sharpe, found.deflated, found.sharpe_low) == (None, None, None)
    assert "no Sharpe ratio to judge" in found.said


def test_returns_that_hardly_move_have_no_interval_and_it_is_said() -> None:
    series = np.zeros(300)
    series[7] = 0.01
    found = standing_in([trial_of(series)])
    assert found.sharpe is not None
    assert found.sharpe_low is None
    assert any(warning.startswith("There is no interval") for warning in found.warnings)


def test_the_ledger_is_read_for_the_desk_and_beyond_it_for_the_family() -> None:
    store = MemoryTrials()
    mine = trials_of(noise(1, 200, 5), "own")
    others = trials_of(noise(2, 200, 6), "other", strategy="other")
    for trial in [*mine, *others]:
        store.add(trial)
    found = standing_of(store, mine[0], lines_max=6)
    assert (found.own.raw, found.family.raw, found.desk.raw) == (5, 5, 11)
    assert found == standing_of(store, mine[0])
    # With two of the desk and two of the family read, seven count at their worst: one each.
    assert standing_of(store, mine[0], lines_max=2).desk.effective == 11.0


def test_standing_out_of_noise_is_said_and_luck_is_said() -> None:
    returns = noise(14, 2_500, 20)
    returns[:, 0] += 0.0015
    trials = trials_of(returns)
    good, bad = standing_in(trials, 0), standing_in(trials, 1)
    assert "is more than luck explains" in good.said
    assert "its family's 20 trials (20.0 effective)" in good.said
    assert good.warnings == ()
    assert "is not told from luck" in bad.said
    assert any(warning.startswith("Luck is not excluded") for warning in bad.warnings)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"deflated": 0.94}, "94.0 %, below 95.0 %"),
        ({"deflated_desk": 0.89}, "89.0 %, below 90.0 %"),
        ({"luck_sharpe": 1.1}, "not above 1.10"),
        ({"false_discovery": 0.2}, "20.0 % are expected to be false discoveries"),
        ({"overfit": 0.6, "overfit_sets": 9}, "among 9 sets is overfitted with a probability"),
        ({"overfit_left_out": 2}, "2 trials of its family could not be compared"),
        ({"alike": 3}, "3 trials under other names"),
        ({"sharpe_low": -0.1}, "-0.10 to 2.00, holds 0"),
        ({"track_record": None}, "No record, however long"),
        ({"track_record": 5_000}, "needs 5,000 sessions to be told from 0"),
        ({"sessions": 200, "track_record": 150}, "200 sessions, less than a year"),
    ],
)
def test_each_thing_that_is_off_is_warned_of_with_its_numbers(
    changes: dict[str, object], words: str
) -> None:
    from fondaco.research.standing_words import warnings_of

    fine = replace(
        STANDING, sharpe=1.0, sharpe_low=0.1, sharpe_high=2.0, deflated=0.99, deflated_desk=0.95
    )
    fine = replace(fine, false_discovery=0.01, track_record=700, overfit=0.1, overfit_sets=4)
    assert warnings_of(fine) == ()
    (warning,) = warnings_of(replace(fine, **changes))  # type: ignore[arg-type]
    assert words in warning


def test_a_standing_is_drawn_with_counts_verdicts_and_warnings() -> None:
    drawn = plain(standing_blocks(STANDING, "bundled"))
    assert drawn.startswith(STANDING.said)
    assert "After every trial (bundled)" in drawn
    assert "[FAIL] deflated Sharpe ratio 90.0 %, at least 95.0 %" in drawn
    assert "[NOT JUDGED] probability of overfitting: not defined" in drawn
    assert "2 trials (1.3 effective)" in drawn
    assert "2,000 sessions, of 1,260" in drawn
    assert "not defined: one set was ever tried" in drawn
    passed = replace(STANDING, deflated=0.951, deflated_desk=0.901, overfit=0.5, overfit_sets=3)
    assert plain(standing_blocks(passed, "")).count("[PASS]") == 3


@pytest.mark.slow
def test_two_thousand_streams_of_ten_years_take_a_few_seconds() -> None:
    trials = trials_of(noise(15, 2_500, 2_000))
    lines = tuple(line_of(trial) for trial in trials)
    raw = RawCounts(2_000, 2_000, 2_000)
    standing_among(lines[:20], trials[0], RawCounts(20, 20, 20))
    started = process_time()
    found: Standing = standing_among(lines, trials[0], raw)
    # About 2.5 s of an idle core; the bound allows for a busy one, on which caches are shared.
    assert process_time() - started < 10.0
    assert found.desk == Counts(2_000, 2_000.0)


def test_a_look_at_a_held_back_span_is_counted_but_buys_no_luck() -> None:
    returns = noise(11, 600, 2)
    searched = trial_of(returns[:400, 0], content="a" * 64, kind=Kind.VALIDATE)
    looked = replace(
        trial_of(returns[:200, 1], content="b" * 64, kind=Kind.HOLDOUT),
        days=tuple(day + 2_000 for day in range(200)),
    )
    store = MemoryTrials()
    store.add(searched)
    alone = standing_of(store, searched)
    store.add(looked)
    beside = standing_of(store, searched)
    assert (alone.own, beside.own) == (Counts(1, 1.0), Counts(2, 1.0))
    assert beside.deflated == alone.deflated
    assert beside.luck_sharpe == 0.0


def test_returns_that_remember_count_for_fewer() -> None:
    chance = np.random.default_rng(3)
    shocks = chance.normal(0.0001, 0.01, 1_001)
    smooth = shocks[1:] + 0.9 * shocks[:-1]  # each day repeats most of the day before
    found = standing_of(MemoryTrials(), trial_of(smooth, content="c" * 64))
    plain_probability = NormalDist().cdf(
        float(smooth.mean() / smooth.std(ddof=1)) * sqrt(len(smooth) - 1)
    )
    assert found.deflated is not None
    assert found.deflated < plain_probability - 0.01


def test_returns_whose_days_were_not_kept_are_no_stream() -> None:
    old = replace(trial_of(noise(5, 300)[:, 0]), days=())
    assert line_of(old).stream is None
    store = MemoryTrials()
    store.add(old)
    found = standing_of(store, old)
    assert (found.own, found.deflated) == (Counts(1, 1.0), None)

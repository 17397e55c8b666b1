"""A whole tuning: counted, out of sample, untouched holdout, the same to the bit when cut short."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from math import sqrt

import numpy as np
import pytest

from fondaco.adapters.workers.processes import ProcessWorkers
from fondaco.adapters.workers.threads import ThreadWorkers
from fondaco.backtest.tuning.ports import MemoryTunings, Tried
from fondaco.backtest.tuning.result import TuneResult
from fondaco.core.errors import Conflict, InvalidInput
from fondaco.core.jobs import Cancelled
from fondaco.core.workers import Workers
from fondaco.market.panel import Matrix, Panel
from fondaco.research.trial_ledger import Kind
from unit.backtest.desk import Steps, small_desk
from unit.backtest.tuning import DyingTunings, Tuner, noise_panel

NOISE = noise_panel(5)


def test_every_set_is_a_trial_of_its_study_and_a_repeated_study_counts_nothing_twice() -> None:
    tuner = Tuner(NOISE)
    result = tuner.tune()
    assert (result.tried, result.complete, result.trials_new) == (20, 20, 20)
    assert tuner.trials.count() == 20
    trials = tuner.trials.list()
    assert {trial.kind for trial in trials} == {Kind.TUNE}
    assert {trial.lineage for trial in trials} == {result.study}
    assert {trial.content for trial in trials} == {one.trial for one in result.leaderboard}
    assert result.standing.own.raw == 20
    assert tuner.tune() == result
    assert tuner.trials.count() == 20


def test_a_set_fares_as_its_backtest_to_the_day_before_the_holdout() -> None:
    # A backtest is played by the event route, on books; a tuning by the compiled loop alone.
    desk = small_desk()
    result = Tuner(desk.panel).tune(trials=3)
    for one in result.leaderboard:
        run = small_desk().run(
            parameters={"names_min": 2, **one.varied}, to=result.until.isoformat()
        )
        assert one.figures is not None
        assert one.figures.sharpe == run.metrics.sharpe
        assert one.figures.max_drawdown == run.metrics.max_drawdown.depth
        assert one.figures.end_equity == run.end_equity


def test_a_set_that_was_tried_elsewhere_is_recognised() -> None:
    tuner = Tuner(NOISE)
    first = tuner.tune(trials=8)
    tuner.tunings = MemoryTunings()
    again = tuner.tune(trials=10)  # another study that begins with the same draws
    assert again.study != first.study
    known = [one for one in again.leaderboard if not one.new]
    assert len(known) == 8
    assert (again.trials_new, tuner.trials.count()) == (2, 10)


@pytest.mark.parametrize("prune", [False, True])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", [1, 8, 12, 19])
def test_a_study_that_was_cut_short_goes_on_as_if_it_never_had_been(
    at: int, *, after: bool, prune: bool
) -> None:
    whole = _tuned(prune=prune)
    tuner = Tuner(NOISE, tunings=DyingTunings(at, after=after))
    with pytest.raises(KeyboardInterrupt):
        tuner.tune(prune=prune)
    assert tuner.trials.count() == len(tuner.tunings._kept) == at - 1
    assert tuner.tune(prune=prune) == whole
    assert tuner.trials.count() == 20


_WHOLE: dict[bool, TuneResult] = {}


def _tuned(*, prune: bool) -> TuneResult:
    if prune not in _WHOLE:
        _WHOLE[prune] = Tuner(NOISE).tune(prune=prune)
    return _WHOLE[prune]


def test_the_number_of_workers_changes_nothing() -> None:
    workers = ThreadWorkers(2)
    assert Tuner(NOISE, workers=workers).tune() == _tuned(prune=False)
    workers.close()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_workers_in_other_processes_change_nothing() -> None:
    workers: Workers = ProcessWorkers(2)
    try:
        assert Tuner(NOISE, workers=workers).tune(prune=True) == _tuned(prune=True)
    finally:
        workers.close()


def test_another_seed_tries_other_sets() -> None:
    one, two = _tuned(prune=False), Tuner(NOISE).tune(seed=8)
    assert one.study != two.study
    assert one.leaderboard != two.leaderboard


def test_prices_that_are_kept_back_change_nothing() -> None:
    tuner = Tuner(NOISE)
    result = tuner.tune()
    assert result.held is not None
    assert (result.sessions, result.held.sessions) == (320, 80)
    assert result.until < result.held.since
    assert max(trial.until.date() for trial in tuner.trials.list()) == result.until
    assert Tuner(_changed(NOISE, slice(320, None))).tune() == result
    assert Tuner(_changed(NOISE, slice(300, 320))).tune() != result  # the searched part does


def _changed(panel: Panel, rows: slice) -> Panel:
    close = panel.close.copy()
    steps = np.random.default_rng(99).normal(0.0, 0.05, close[rows].shape)  # each name its own
    close[rows] = (close[rows] * np.exp(np.cumsum(steps, axis=0))).round(2)
    return replace(panel, fields={"close": close})


def test_what_is_kept_back_may_begin_on_a_day() -> None:
    day = NOISE.sessions[350].item()
    result = Tuner(NOISE).tune(trials=3, holdout=day)
    assert result.held is not None
    assert (result.held.since, result.held.sessions, result.sessions) == (day, 50, 350)


def test_nothing_kept_back_is_said() -> None:
    result = Tuner(NOISE).tune(trials=3, holdout=0)
    assert (result.held, result.sessions) == (None, 400)
    assert any(said.startswith("Nothing of the span was kept back") for said in result.warnings)
    assert not any("kept back" in said for said in Tuner(NOISE).tune(trials=3).warnings)


def test_walking_forward_reports_what_was_earned_after_each_choice() -> None:
    result = _tuned(prune=False)
    forward = result.forward
    assert forward is not None
    # 319 daily returns: 126 to choose by, 1 held back, then windows of 63, 63, 63 and 3.
    assert (forward.windows, forward.sessions) == (4, 192)
    assert forward.since == NOISE.sessions[127].item()
    assert forward.until == NOISE.sessions[319].item() == result.until
    assert forward.hindsight.sharpe is not None
    assert forward.chosen.sharpe is not None
    assert forward.hindsight.sharpe >= forward.chosen.sharpe
    assert forward.chosen.curve[0] == 1.0
    assert len(forward.days) == len(forward.chosen.curve) == 193
    assert not any("walking forward" in said for said in result.warnings)


def test_switched_off_it_warns_first_of_all() -> None:
    result = Tuner(NOISE).tune(walk=None, trials=10)
    assert result.forward is None
    assert result.warnings[0].startswith(
        "The figures below were chosen on the data that they are shown for"
    )
    assert result.chosen == result.leaderboard[0]
    assert all(one.tested is None for one in result.leaderboard)


def test_a_set_that_the_strategy_refuses_is_listed_with_why_and_is_no_trial() -> None:
    tuner = Tuner(NOISE)
    result = tuner.tune(("lookback=10..30", "skip=1..29"))
    assert result.failed > 0
    assert result.complete + result.failed == result.tried == 20
    assert tuner.trials.count() == result.complete
    refused = [one for one in result.leaderboard if one.state == "failed"]
    assert len(refused) == result.failed
    assert all(one.varied["skip"] >= one.varied["lookback"] for one in refused)
    assert all("must lie within the lookback" in one.reason for one in refused)
    assert result.leaderboard[-1].state == "failed"


def test_a_study_of_which_no_set_can_be_played_fails_with_why() -> None:
    with pytest.raises(InvalidInput, match="decides nothing"):
        Tuner(NOISE).tune(("lookback=350..390",), trials=3)


def test_a_small_space_is_tried_to_its_end_and_no_set_twice() -> None:
    tuner = Tuner(NOISE)
    result = tuner.tune(("lookback=20,40,60", "skip=1,5"), trials=50)
    assert (result.tried, result.asked, tuner.trials.count()) == (6, 50, 6)
    assert any("The space holds 6 sets, fewer than the 50" in said for said in result.warnings)
    assert len({tuple(one.varied.values()) for one in result.leaderboard}) == 6
    assert tuner.tune(("lookback=20,40,60", "skip=1,5"), trials=50) == result


def test_a_pruned_set_is_a_trial_of_the_part_that_it_was_played_on() -> None:
    tuner = Tuner(NOISE)
    result = tuner.tune(trials=40, prune=True)
    assert result.pruned > 0
    assert result.complete + result.pruned == 40 == tuner.trials.count()
    pruned = [one for one in tuner.tunings.list(result.study) if one.state == "pruned"]
    first_part = NOISE.sessions[126].item()  # the first 126 returns: what window 0 chooses by
    complete = [one for one in tuner.tunings.list(result.study) if one.state == "complete"]
    for one in pruned:
        assert one.trial is not None
        trial = tuner.trials.get(one.trial)
        assert (trial.until.date(), len(trial.returns)) == (first_part, 126)
        assert one.early is not None
        before = [c.early for c in complete if c.number < one.number // 8 * 8]
        assert len(before) >= 16
        assert one.early < np.median([early for early in before if early is not None])
    states = [one.state for one in result.leaderboard]
    assert states == ["complete"] * result.complete + ["pruned"] * result.pruned
    ratios = [one.figures.sharpe or 0.0 for one in result.leaderboard if one.figures]
    assert ratios[: result.complete] == sorted(ratios[: result.complete], reverse=True)


def test_the_first_part_of_a_set_is_how_its_whole_begins() -> None:
    tuner = Tuner(NOISE)
    result = tuner.tune(prune=True)
    for one in tuner.tunings.list(result.study):
        if one.state == "complete" and one.trial is not None and one.early is not None:
            begins = np.array(tuner.trials.get(one.trial).returns[:126])
            # Sharpe (1994): mean over deviation, times the root of 252.
            ratio = begins.mean() / begins.std(ddof=1) * sqrt(252)
            assert one.early == pytest.approx(ratio, rel=1e-9)


def test_progress_tells_each_set_and_the_best_so_far() -> None:
    steps = Steps()
    Tuner(NOISE).tune(trials=5, progress=steps)
    tried = [(step, done, total) for step, done, total in steps.said if "Trying" in step]
    assert [done for _, done, _ in tried] == [0, 1, 2, 3, 4, 5]
    assert {total for *_, total in tried} == {5}
    assert tried[0][0] == "Trying sets"
    assert all("best Sharpe ratio" in step for step, *_ in tried[1:])


def test_a_study_that_is_cancelled_keeps_what_was_counted_and_can_go_on() -> None:
    class Stops(Steps):
        def report(self, step: str, done: int, total: int) -> None:
            if done == 10:
                raise Cancelled("the job was asked to stop")

    tuner = Tuner(NOISE)
    with pytest.raises(Cancelled):
        tuner.tune(progress=Stops())
    assert tuner.trials.count() == 10
    assert tuner.tune() == _tuned(prune=False)


def test_what_another_worker_kept_meanwhile_stands() -> None:
    class Raced(MemoryTunings):
        """The other worker is one set ahead at number 3."""

        raced = False

        def add(self, tried: Tried) -> None:
            if tried.number == 3 and not self.raced:
                self.raced = True
                super().add(other[3])
                tuner.trials.add(trial)
                self.kept = dict(self._kept)
                raise Conflict("the study has a set of this number already")
            super().add(tried)

        def list(self, study: str) -> tuple[Tried, ...]:
            if self.raced:
                self._kept.setdefault((study, 3), other[3])
                tuner.trials.add(trial)
            return super().list(study)

    first = Tuner(NOISE)
    whole = first.tune(trials=8)
    other = first.tunings.list(whole.study)
    assert other[3].trial is not None
    trial = first.trials.get(other[3].trial)
    tuner = Tuner(NOISE, tunings=Raced())
    assert tuner.tune(trials=8) == whole
    assert tuner.trials.count() == 8


def test_a_study_that_began_with_other_sets_does_not_go_on() -> None:
    tuner = Tuner(NOISE)
    result = tuner.tune(trials=8)
    kept = tuner.tunings.list(result.study)
    tuner.tunings = MemoryTunings()
    tuner.tunings.add(
        replace(kept[0], varied={**kept[0].varied, "skip": int(kept[0].varied["skip"]) % 15 + 1})
    )
    with pytest.raises(Conflict, match="cannot go on as it began"):
        tuner.tune(trials=8)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"walk": ("expanding", 400, 63)}, "too short to walk through"),
        ({"holdout": date(2014, 1, 1)}, "cannot be cut"),
        ({"holdout": date(2018, 1, 1)}, "cannot be cut"),
    ],
)
def test_a_span_that_is_too_short_is_refused(asked: dict[str, object], words: str) -> None:
    tuner = Tuner(NOISE)
    with pytest.raises(InvalidInput, match=words):
        tuner.tune(**asked)
    assert tuner.trials.count() == 0


# --- power and null ------------------------------------------------------------------------------


def _mix(panel: Panel, parameters: Mapping[str, float]) -> Matrix:
    """Hold the first name by how near x is to 137 and y to 12, and the second for the rest."""
    part = (1 - abs(parameters["x"] - 137) / 200) * (1 - abs(parameters["y"] - 12) / 50)
    weights = np.full(panel.close.shape, np.nan)
    weights[::21] = np.array([part, 1 - part])
    return weights


def _planted(seed: int) -> Panel:
    """The first name rises by a true annual Sharpe ratio of 3.2, the second falls as fast."""
    panel = noise_panel(seed, 700, 2)
    steps = np.arange(700)[:, None] * np.array([[0.003, -0.003]])
    return replace(panel, fields={"close": (panel.close * np.exp(steps)).round(2)})


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_a_planted_optimum_is_found_with_far_fewer_sets_than_the_grid(seed: int) -> None:
    # Of 200 x 50 sets 72 are tried, 0.7 %. 0.5 % of them lie within 0.05 of the optimum, so that
    # 72 drawn at random would come so near in 30 of 100 cases, and in all three in 3 of 100.
    tuner = Tuner(_planted(seed), functions={"mine.py": _mix})
    request = {"strategy": "mine.py", "code": "# mine.py", "parameters": {}, "cost_bps": 0.0}
    walk = ("expanding", 252, 63)
    result = tuner.tune(("x=0..199", "y=0..49"), request=request, trials=72, walk=walk, seed=seed)
    x, y = result.chosen.varied["x"], result.chosen.varied["y"]
    assert (1 - abs(x - 137) / 200) * (1 - abs(y - 12) / 50) > 0.95
    assert result.forward is not None
    assert result.forward.chosen.sharpe is not None
    assert result.forward.chosen.sharpe > 1.5
    assert set(result.importance) == {"x", "y"}
    assert sum(result.importance.values()) == pytest.approx(1.0)


def _winners(seeds: range) -> list[TuneResult]:
    # No costs, and a mean return of 0 (not a mean log return: that lies half a variance lower):
    # then holding noise has a true Sharpe ratio of 0.
    request = {"cost_bps": 0.0, "fee_min": "0"}
    drift = -(0.015**2) / 2
    return [
        Tuner(noise_panel(seed, 500, drift=drift)).tune(request=request, trials=24, holdout=0)
        for seed in seeds
    ]


def _check_noise(results: list[TuneResult], deflated_most: int) -> None:
    passed = [one.standing.deflated for one in results]
    assert sum(value is not None and value >= 0.95 for value in passed) <= deflated_most
    best = np.array([one.leaderboard[0].figures.sharpe for one in results])  # type: ignore[union-attr]
    assert best.mean() > 0.5  # in sample, noise looks like skill
    out = np.array([one.forward.chosen.sharpe for one in results])  # type: ignore[union-attr]
    # 373 tested sessions: one ratio's error is sqrt(252 / 373) = 0.82 a year.
    assert abs(out.mean()) < 2.6 * 0.82 / sqrt(len(results))


def test_on_noise_the_winner_is_deflated_and_the_walk_earns_nothing() -> None:
    # Binomial: of 10 at 5 %, more than 2 in 1.2 of 100.
    _check_noise(_winners(range(100, 110)), 2)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_on_much_noise_the_winner_is_deflated_and_the_walk_earns_nothing() -> None:
    # Binomial: of 80 at 5 %, more than 8 in 2.1 of 100.
    _check_noise(_winners(range(200, 280)), 8)


def test_what_comes_after_a_window_changes_nothing_that_was_proposed_up_to_it() -> None:
    # 40 sets are five batches, at windows 0, 0, 0, 2 and 4 of 4. Window 2 is chosen for by returns
    # 0 to 251, which end with session 252; sessions from 254 on are tested there, or come later.
    tuner, other = Tuner(NOISE), Tuner(_changed(NOISE, slice(254, None)))
    one, two = tuner.tune(trials=40), other.tune(trials=40)
    assert one.forward is not None
    assert one.forward.windows == 4
    before, after = (
        [tried.varied for tried in each.tunings.list(result.study)]
        for each, result in ((tuner, one), (other, two))
    )
    assert after[:32] == before[:32]
    assert after[32:] != before[32:]
    assert two.values[:32] != one.values[:32]

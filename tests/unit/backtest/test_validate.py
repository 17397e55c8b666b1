"""A whole validation: what it tests, counts, keeps, refuses, and never looks at too early."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from fondaco.backtest.validation import play as validate_play
from fondaco.backtest.validation.result import ValidationResult
from fondaco.backtest.validation.views import view_validation
from fondaco.core.errors import InvalidInput, Refused
from fondaco.core.jobs import Cancelled
from fondaco.core.text import plain
from fondaco.market.panel import Matrix, Panel
from fondaco.research.trial_ledger import Kind
from unit.backtest.desk import FAST, Steps
from unit.backtest.validate_scene import (
    GRID,
    desk_on,
    persistent,
    random_desk,
    timely,
    verdict,
)


def searched_part(result: ValidationResult) -> dict[str, Any]:
    names = ("proof", "sets", "cross", "walk", "bootstrap", "order", "permutation", "overfit")
    return {name: getattr(result, name) for name in names}


def test_one_call_runs_every_test_and_keeps_evidence() -> None:
    desk = random_desk(sessions=600)
    result = desk.validate(vary=GRID)
    assert (result.evidence, result.next) == ("EV-1", "fondaco research promote EV-1 --to paper")
    assert [one.name for one in result.verdicts] == [
        "Look-ahead",
        "Cross-validation",
        "Walk-forward",
        "Bootstrap",
        "Permutation",
        "Overfitting",
        "Deflated Sharpe",
        "Track record",
        "Held-back span",
        "Costs",
    ]
    assert result.cross.kind == "paths"
    assert (len(result.cross.sharpes), result.cross.splits) == (5, 15)  # C(5, 1) and C(6, 2)
    assert result.walk.figures.sessions == len(result.walk.days) > 200
    assert sum(result.walk.chosen.values()) == result.walk.windows
    assert result.overfit is not None
    assert result.overfit.sets == result.standing.overfit_sets == 6
    assert result.order is not None
    assert result.order.periods >= 20
    assert result.standing.sessions == result.sessions - 1
    assert result.conditions[0].name == "look-ahead proof"
    assert not all(one.met for one in result.conditions)  # simulated prices, undated costs


def test_every_set_and_the_last_look_are_trials() -> None:
    desk = random_desk()
    result = desk.validate(vary=GRID)
    kinds = [trial.kind for trial in desk.trials.list()]
    assert (kinds.count(Kind.VALIDATE), kinds.count(Kind.HOLDOUT)) == (6, 1)
    assert desk.trials.list()[0].content == result.holdout.trial  # the last of all
    assert [one.trial for one in result.sets] == [
        trial.content for trial in reversed(desk.trials.list()) if trial.kind is Kind.VALIDATE
    ]


def test_the_evidence_says_what_was_found() -> None:
    desk = random_desk()
    result = desk.validate(vary=GRID)
    (kept,) = desk.evidence.list()
    trial = desk.trials.get(kept.trial)
    assert (kept.strategy, kept.parameters, kept.code) == (
        "momentum",
        result.parameters,
        trial.code,
    )
    assert (kept.since, kept.until) == (result.since, result.until)
    assert (kept.holdout, kept.holdout_since) == (result.holdout.trial, result.holdout.since)
    assert (kept.holdout_until, kept.touched) == (result.holdout.until, ())
    assert result.overfit is not None
    assert (kept.overfit, kept.overfit_sets) == (result.overfit.probability, 6)
    assert (kept.proof, kept.costs, kept.costs_dated) == (result.proof, result.costs, None)
    days = desk.panel.sessions.tolist()
    assert (result.holdout.until, days.index(result.holdout.since)) == (days[-1], 400)
    assert days.index(result.until) == 399  # a fifth of 500 sessions is held back


def test_the_same_again_is_the_same_result_and_counts_nothing() -> None:
    desk = random_desk()
    first, again = desk.validate(vary=GRID), desk.validate(vary=GRID)
    assert again == first
    assert desk.trials.count() == 7
    assert len(desk.evidence.list()) == 1


def test_the_seed_moves_what_rests_on_chance_and_nothing_else() -> None:
    first, other = random_desk().validate(), random_desk().validate(seed=8)
    assert first.bootstrap.ranges[0].low != other.bootstrap.ranges[0].low
    assert first.bootstrap.ranges[0].estimate == other.bootstrap.ranges[0].estimate
    assert first.permutation.p_value != other.permutation.p_value
    assert (first.cross, first.walk, first.standing) == (other.cross, other.walk, other.standing)


@pytest.mark.parametrize(
    "step",
    [
        "Proving that it does not look ahead",
        "Trying parameters",
        "Resampling",
        "Looking once at what was held back",
        "Paying for every trial",
    ],
)
def test_a_validation_cut_off_goes_on_as_if_it_never_was(step: str) -> None:
    desk, whole = random_desk(), random_desk()
    with pytest.raises(Cancelled):
        desk.validate(Steps(cancel_at=step), vary=GRID)
    assert desk.evidence.list() == ()
    assert desk.validate(vary=GRID) == whole.validate(vary=GRID)
    assert desk.trials.count() == whole.trials.count() == 7


def test_what_is_held_back_changes_nothing_that_came_before_it() -> None:
    desk = random_desk()
    result = desk.validate(vary=GRID)
    chance = np.random.default_rng(5)
    held = int(np.searchsorted(desk.panel.sessions, np.datetime64(result.holdout.since)))
    fields = {name: values.copy() for name, values in desk.panel.fields.items()}
    scale = np.exp(np.cumsum(chance.normal(0, 0.03, fields["close"][held:].shape), axis=0))
    for name in ("open", "high", "low", "close"):
        fields[name][held:] = np.maximum((fields[name][held:] * scale).round(2), 0.01)
    other = desk_on(replace(desk.panel, fields=fields)).validate(vary=GRID)
    assert searched_part(other) == searched_part(result)
    assert other.holdout.figures != result.holdout.figures


def test_a_longer_span_kept_back_is_asked_for_by_share_or_day() -> None:
    desk = random_desk()
    days = desk.panel.sessions.tolist()
    assert desk.validate(holdout=0.4).holdout.since == days[300]
    by_day = desk.validate(holdout=days[350].isoformat())
    assert (by_day.until, by_day.holdout.since) == (days[349], days[350])


def test_an_earlier_run_over_the_held_back_span_has_touched_it() -> None:
    desk = random_desk()
    days = [day.isoformat() for day in desk.panel.sessions.tolist()]
    desk.run(to=days[399])
    inside = desk.run(from_=days[100], parameters={**FAST, "lookback": 30})
    whole = {t.content for t in desk.trials.list() if t.until.date() == inside.until}
    result = desk.validate()
    assert set(result.holdout.touched) == whole
    assert len(whole) == 1
    assert verdict(result, "Held-back span").state == "FAIL"
    assert any("not untouched: 1 trial of this idea" in said for said in result.warnings)
    met = {one.name: one.met for one in result.conditions}
    assert not met["out-of-sample span untouched"]


def test_a_backtest_of_the_held_back_span_itself_has_touched_it() -> None:
    desk = random_desk()
    since = desk.panel.sessions[400].item().isoformat()
    desk.run(from_=since)
    (trial,) = desk.trials.list()
    result = desk.validate()
    assert result.holdout.touched == (trial.content,)
    assert result.holdout.trial == trial.content  # the very same trial, and not a second one
    assert desk.trials.count() == 2


def test_a_second_set_finds_the_span_touched_and_the_first_one_does_not() -> None:
    desk = random_desk()
    first = desk.validate()
    second = desk.validate(parameters={**FAST, "lookback": 60})
    assert first.holdout.touched == ()
    assert second.holdout.touched == (first.holdout.trial,)
    again = desk.validate()  # what came after its own look is no earlier touch
    assert (again.holdout.touched, again.evidence) == ((), "EV-1")


def test_a_renamed_copy_finds_the_span_touched() -> None:
    desk = desk_on(persistent(3, 500, strength=0.2))
    desk.files |= {"mine.py": timely, "fresh.py": lambda panel: timely(panel) * 0.8}
    first = desk.validate_file("mine.py")
    renamed = desk.validate_file("fresh.py")
    assert first.holdout.touched == ()
    assert renamed.holdout.touched == (first.holdout.trial,)


def test_another_idea_does_not_touch_the_span() -> None:
    desk = desk_on(persistent(3, 500, strength=0.2))

    def other(panel: Panel) -> Matrix:
        out = np.full(panel.close.shape, np.nan)
        out[::5, 1] = 0.5 + 0.4 * np.cos(np.arange(len(out[::5])))
        return out

    desk.files |= {"mine.py": timely, "other.py": other}
    desk.validate_file("mine.py")
    assert desk.validate_file("other.py").holdout.touched == ()


def foresight(panel: Panel) -> Matrix:
    out = np.full(panel.close.shape, np.nan)
    out[:-1, 0] = np.where(panel.close[1:, 0] > panel.close[:-1, 0], 0.9, 0.0)
    return out


def test_a_strategy_that_knows_the_future_is_refused_and_nothing_is_counted() -> None:
    desk = random_desk()
    desk.files["leaky.py"] = foresight
    with pytest.raises(Refused, match=r"leaky\.py knows the future: the weight of SIM00 on \d{4}"):
        desk.validate_file("leaky.py")
    assert desk.trials.count() == 0
    assert desk.evidence.list() == ()


def test_one_set_shows_blocks_and_pretends_no_choice() -> None:
    result = random_desk().validate()
    assert (result.cross.kind, len(result.cross.sharpes)) == ("blocks", 6)
    assert "nothing is chosen" in result.cross.said
    assert "nothing is chosen" in result.walk.said
    assert result.overfit is None
    for name in ("Cross-validation", "Walk-forward", "Overfitting"):
        assert verdict(result, name).state == "NOT JUDGED"
    assert any("Give the sets that were tried with --vary" in said for said in result.warnings)


def test_a_set_that_cannot_be_run_is_listed_with_why_and_is_no_trial() -> None:
    desk = random_desk()
    result = desk.validate(vary={"lookback": [40, 60, 499]})
    assert [one.label for one in result.sets] == ["as given", "lookback=60", "lookback=499"]
    assert (result.sets[2].figures, result.sets[2].trial) == (None, "")
    assert "decides nothing" in result.sets[2].fault
    assert any(said.startswith("1 set could not be run") for said in result.warnings)
    assert desk.trials.count() == 3  # two sets and the last look


def test_a_strategy_as_given_that_cannot_be_run_fails_with_why() -> None:
    desk = random_desk()
    with pytest.raises(InvalidInput, match="nothing would be proved"):
        desk.validate(parameters={**FAST, "lookback": 499})
    assert desk.trials.count() == 0


def test_the_default_given_as_a_set_is_the_same_trial() -> None:
    # share is 0.2 by default: the set of the grid is the strategy as given.
    desk = random_desk()
    result = desk.validate(vary={"share": [0.2, 0.4]})
    assert [one.label for one in result.sets] == ["as given", "share=0.4"]


def test_a_users_file_is_validated_with_its_sets() -> None:
    desk = desk_on(persistent(3, 500, strength=0.2))
    desk.files["mine.py"] = timely
    result = desk.validate_file("mine.py")
    assert (result.strategy, result.family) == ("mine.py", "mine.py")
    varied = desk.validate_file("mine.py", vary={"days": [1, 2]})
    assert [one.label for one in varied.sets] == ["as given", "days=1", "days=2"]
    assert varied.overfit is None  # the file does not read its days: three trials, one set
    assert {trial.strategy for trial in desk.trials.list()} == {"mine.py"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"holdout": 0.05}, r"held back is too short.*25 of 500.*>= 63"),
        ({"holdout": "2015-01-01"}, r"too few sessions are left.*0, with 500 held back"),
        ({"holdout": "2016-12-01"}, r"held back is too short to be judged; value: 2 of 500"),
        ({"walk_train": 500}, r"too short for one window.*399 returns.*>= 527.*--walk"),
        ({"groups": 20}, r"too short for the groups.*399 returns in 20 groups.*>= 420"),
        ({"to": "2015-12-31", "holdout": 0.3}, r"too few sessions are left.*181, with 78 held"),
    ],
)
def test_too_short_a_span_is_refused_before_anything_is_counted(
    changes: dict[str, Any], words: str
) -> None:
    desk = random_desk()
    with pytest.raises(InvalidInput, match=f"(?s){words}"):
        desk.validate(**changes)
    assert desk.trials.count() == 0


def test_each_kind_of_walk_is_walked() -> None:
    desk = random_desk()
    day = desk.panel.sessions[101].item()
    rolling = desk.validate(vary=GRID).walk
    expanding = desk.validate(vary=GRID, walk="expanding").walk
    anchored = desk.validate(vary=GRID, walk="anchored", walk_anchor=day.isoformat()).walk
    assert (rolling.since, expanding.since) == (expanding.since, rolling.since)
    assert anchored.since > expanding.since
    assert len({rolling.inside, expanding.inside, anchored.inside}) == 3


def test_a_result_is_plain_and_comes_back_whole() -> None:
    result = random_desk().validate(vary=GRID)
    adapter = TypeAdapter(ValidationResult)
    assert adapter.validate_json(adapter.dump_json(result)) == result


def test_progress_is_told_of_each_step() -> None:
    steps = Steps()
    random_desk().validate(steps, vary={"lookback": [30, 40]})
    told = list(dict.fromkeys(step for step, _, _ in steps.said))
    assert told == [
        "Reading prices",
        "Proving that it does not look ahead",
        "Trying parameters",
        "Cross-validating",
        "Walking forward",
        "Resampling",
        "Moving signals in time",
        "Measuring overfitting",
        "Looking once at what was held back",
        "Paying for every trial",
    ]
    assert all(0 <= done <= total for _, done, total in steps.said)


def test_costs_with_a_day_are_dated() -> None:
    desk = random_desk()
    result = desk.validate(costs_fitted_at=date(2029, 6, 1))
    assert verdict(result, "Costs").state == "PASS"
    assert (result.costs_dated, desk.evidence.list()[0].costs_dated) == (date(2029, 6, 1),) * 2


def test_a_strategy_that_learns_is_refitted_on_purged_folds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(validate_play, "PROOF_SESSIONS", 80)  # each of them fits a model
    short = {
        "horizon": 5,
        "embargo": 2,
        "refit_months": 6,
        "train_min": 60,
        "train_max": 120,
        "trees": 4,
        "rows_per_leaf_min": 10,
        "stride": 3,
        "names_min": 3,
        "share": 0.4,
    }
    result = random_desk().validate(strategy="lightgbm", parameters=short)
    assert result.learning is not None
    assert (len(result.learning.paths), result.learning.splits) == (5, 15)
    assert (result.learning.horizon, result.learning.embargo) == (5, 2)
    assert all(path.sessions > 250 for path in result.learning.paths)
    assert abs(result.learning.median) < 4 * result.learning.error  # a walk cannot be learnt
    assert verdict(result, "Forecaster").value.startswith("rank IC")
    assert "refitted on 15 purged splits" in plain(view_validation(result))


def test_a_strategy_that_does_not_learn_has_no_forecaster() -> None:
    assert random_desk().validate().learning is None

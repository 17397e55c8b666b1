"""The gate: each condition at its bound, and the whole of it on noise and on a planted edge."""

from dataclasses import replace
from datetime import date, timedelta
from math import nan, sqrt

import numpy as np
import pytest
from scipy.stats import binom

from fondaco.core.instrument import Origin
from fondaco.research.fakes import promotion_of
from fondaco.research.gate import BOUNDS, Case, judge, paper_distance, same_strategy
from fondaco.research.standing import shape_or_none
from fondaco.research.statistics.sharpe import Shape
from fondaco.research.strategies.momentum import momentum
from fondaco.research.trial_ledger import Condition, Kind, PaperRecord, Promotion, Stage
from fondaco.research.trial_results import Counts, Standing
from unit.research.standings import STANDING
from unit.research.trial_scene import (
    AT,
    GOOD,
    YEAR,
    case_for,
    evidence_of,
    noise,
    standing_in,
    trial_of,
)

FINE = replace(STANDING, deflated=0.95, deflated_desk=0.90)
"""A standing at the bounds, one set tried."""
EVIDENCE = evidence_of(trial_of(np.zeros(3)))
NAMES = (
    "look-ahead proof",
    "cost model",
    "code unchanged",
    "out-of-sample span",
    "out-of-sample span untouched",
    "out-of-sample Sharpe ratio",
    "deflated Sharpe ratio, family",
    "deflated Sharpe ratio, desk",
    "probability of overfitting",
    "data",
)
LIVE_NAMES = ("stands on paper", "sessions on paper", "fills on paper", "Sharpe ratio on paper")


def unmet(case: Case, stage: Stage = Stage.PAPER) -> dict[str, Condition]:
    return {c.name: c for c in judge(case, stage) if not c.met}


def on_paper(**changes: object) -> Promotion:
    given = {"code": EVIDENCE.code, "parameters": EVIDENCE.parameters, "id": "PR-1"}
    return replace(promotion_of(momentum()), **(given | changes))  # type: ignore[arg-type]


def record(sharpe: float = 0.1, sessions: int = 63, fills: int = 20) -> PaperRecord:
    """Return a paper record with this ratio per session, exactly."""
    series = noise(1, sessions)[:, 0]
    series = (series - series.mean()) / series.std(ddof=1) + sharpe
    annual = sharpe * sqrt(YEAR)
    return PaperRecord(sessions, fills, annual, tuple((0.01 * series).tolist()), 1.5)


def test_a_case_at_every_bound_passes_and_all_conditions_stand_in_one_order() -> None:
    at_bounds = case_for(FINE, holdout=replace(GOOD, sharpe=1e-9, sessions=252))
    found = judge(at_bounds, Stage.PAPER)
    assert tuple(condition.name for condition in found) == NAMES
    assert all(condition.met for condition in found)
    assert judge(at_bounds, Stage.CANDIDATE) == ()
    live = judge(at_bounds, Stage.LIVE)
    assert tuple(condition.name for condition in live) == NAMES + LIVE_NAMES
    assert [condition.met for condition in live] == [True] * 10 + [False] * 4


@pytest.mark.parametrize(
    ("name", "changes", "value"),
    [
        ("look-ahead proof", {"evidence": replace(EVIDENCE, proof=None)}, "not proved"),
        ("cost model", {"evidence": replace(EVIDENCE, costs_dated=None)}, "without a date"),
        ("cost model", {"today": date(2019, 1, 2) + timedelta(1_096)}, "as of 2019-01-02"),
        ("code unchanged", {"code_now": "code-2"}, "code-2 now, code-1 then"),
        ("code unchanged", {"code_now": None}, "cannot be found"),
        ("code unchanged", {"own": False}, "of another strategy or code"),
        ("out-of-sample span", {"holdout": replace(GOOD, sessions=251)}, "251 sessions"),
        ("out-of-sample span untouched", {"touched": ("a" * 64,) * 5}, "5 earlier: aaaaaaaaaaaa,"),
        ("out-of-sample Sharpe ratio", {"holdout": replace(GOOD, sharpe=0.0)}, "0.00"),
        ("deflated Sharpe ratio, family", {"standing": replace(FINE, deflated=0.9499)}, "95.0 %"),
        ("deflated Sharpe ratio, family", {"standing": replace(FINE, deflated=nan)}, "nan"),
        ("deflated Sharpe ratio, desk", {"standing": replace(FINE, deflated_desk=0.899)}, "89.9 %"),
        (
            "probability of overfitting",
            {"standing": replace(FINE, overfit=0.501, overfit_sets=3)},
            "50.1 % over 3 sets",
        ),
        (
            "probability of overfitting",
            {"standing": replace(FINE, overfit=nan, overfit_sets=3)},
            "over 3 sets",
        ),
        (
            "probability of overfitting",
            {"evidence": replace(EVIDENCE, overfit=0.6, overfit_sets=8)},
            "60.0 % over 8 sets",
        ),
        (
            "probability of overfitting",
            {"standing": replace(FINE, overfit_left_out=4)},
            "not known: 4 trials",
        ),
        ("probability of overfitting", {"standing": replace(FINE, overfit_sets=2)}, "not known"),
        ("data", {"evidence": replace(EVIDENCE, label=Origin.SIMULATED)}, "simulated"),
    ],
)
def test_each_condition_alone_keeps_it_off_paper(
    name: str, changes: dict[str, object], value: str
) -> None:
    (found,) = unmet(case_for(**({"standing": FINE} | changes))).values()  # type: ignore[arg-type]
    assert found.name == name
    assert value in found.value
    assert found.bound
    assert found.remedy


def test_without_a_span_kept_back_three_conditions_fail() -> None:
    none = case_for(FINE, holdout=None, evidence=replace(EVIDENCE, holdout=None))
    assert tuple(unmet(none)) == NAMES[3:6]


def test_a_loser_kept_back_and_no_ratio_at_all_fail() -> None:
    assert "out-of-sample Sharpe ratio" in unmet(case_for(FINE, holdout=replace(GOOD, sharpe=-0.1)))
    nothing = replace(FINE, deflated=None, deflated_desk=None)
    assert tuple(unmet(case_for(nothing))) == NAMES[6:8]


def test_one_set_alone_has_no_overfitting_and_it_is_said() -> None:
    found = judge(case_for(FINE), Stage.PAPER)[8]
    assert (found.met, found.value) == (True, "not defined: one set was ever tried")
    bounded = replace(FINE, overfit=0.5, overfit_sets=12)
    assert judge(case_for(bounded), Stage.PAPER)[8].met


@pytest.mark.parametrize("label", [Origin.BUNDLED, Origin.FILE, Origin.LIVE])
def test_real_prices_pass_wherever_they_come_from(label: Origin) -> None:
    assert not unmet(case_for(FINE, evidence=replace(EVIDENCE, label=label)))


def test_live_wants_a_record_on_paper_at_every_bound() -> None:
    case = case_for(FINE, current=on_paper(), paper=record())
    assert not unmet(case, Stage.LIVE)
    again = replace(case, current=on_paper(stage=Stage.LIVE))
    assert not unmet(again, Stage.LIVE)


@pytest.mark.parametrize(
    ("name", "changes", "value"),
    [
        ("stands on paper", {"current": None}, "does not stand on paper"),
        ("stands on paper", {"current": on_paper(stage=Stage.CANDIDATE)}, "does not stand"),
        ("stands on paper", {"current": on_paper(override="because I say")}, "an override of ada"),
        ("stands on paper", {"current": on_paper(parameters={"lookback": 5})}, "other parameters"),
        ("stands on paper", {"current": on_paper(code="code-0")}, "other code"),
        ("sessions on paper", {"paper": record(sessions=62)}, "62 sessions"),
        ("fills on paper", {"paper": record(fills=19)}, "19 fills, +1.5 bp"),
        ("Sharpe ratio on paper", {"paper": record(sharpe=-0.2)}, "Sharpe ratio -3.17"),
        (
            "Sharpe ratio on paper",
            {"paper": PaperRecord(63, 20, None, (0.0,) * 63, None)},
            "not defined",
        ),
        ("Sharpe ratio on paper", {"searched": None}, "Sharpe ratio 1.59"),
    ],
)
def test_each_condition_alone_keeps_it_from_live(
    name: str, changes: dict[str, object], value: str
) -> None:
    case = replace(case_for(FINE, current=on_paper(), paper=record()), **changes)  # type: ignore[arg-type]
    (found,) = unmet(case, Stage.LIVE).values()
    assert found.name == name
    assert value in found.value


def test_live_asks_for_paper_again() -> None:
    case = case_for(replace(FINE, deflated=0.5), current=on_paper(), paper=record())
    assert tuple(unmet(case, Stage.LIVE)) == ("deflated Sharpe ratio, family",)


def test_the_distance_on_paper_is_the_difference_over_both_errors() -> None:
    case = case_for(FINE, paper=record(sharpe=-0.1))
    returns = np.array(record(sharpe=-0.1).returns)
    scaled = (returns - returns.mean()) / returns.std()
    skew, kurtosis = (scaled**3).mean(), (scaled**4).mean()
    # By hand, Mertens (2002): variance (1 - skew s + (kurtosis - 1) / 4 s^2) / (n - 1).
    paper = (1.0 + 0.1 * skew + (kurtosis - 1.0) / 4.0 * 0.01) / 62
    backtest = (1.0 + 2.0 / 4.0 * 0.01) / 299
    assert paper_distance(case) == pytest.approx(-0.2 / sqrt(paper + backtest), rel=1e-9)


def test_a_paper_record_of_the_same_worth_passes_in_nineteen_of_twenty() -> None:
    rng = np.random.default_rng(5)
    failed, times = 0, 2_000
    for _ in range(times):
        searched, paper = rng.standard_normal((1_000,)) + 0.05, rng.standard_normal(63) + 0.05
        kept = PaperRecord(63, 20, 0.8, tuple(paper.tolist()), None)
        found = paper_distance(case_for(FINE, searched=shape_or_none(searched), paper=kept))
        assert found is not None
        failed += not found >= BOUNDS.paper_distance_min
    # Nominal 5 %: false alarms within the exact binomial bounds at one in a thousand.
    assert binom.ppf(0.0005, times, 0.05) <= failed <= binom.ppf(0.9995, times, 0.05)


def test_a_strategy_that_earns_nothing_on_paper_is_found_when_it_promised_much() -> None:
    rng = np.random.default_rng(6)
    hits = 0
    for _ in range(200):
        searched, paper = rng.standard_normal(2_500) + 0.2, rng.standard_normal(252)
        kept = PaperRecord(252, 20, 0.0, tuple(paper.tolist()), None)
        found = paper_distance(case_for(FINE, searched=shape_or_none(searched), paper=kept))
        hits += found is not None and found < BOUNDS.paper_distance_min
    # By hand: (0 - 0.2) / sqrt(1/251 + 1.02/2499) = -3.02; beyond -1.645 with 92 in 100.
    assert hits >= binom.ppf(0.0005, 200, 0.92)


def test_a_promotion_is_of_the_same_strategy_only_with_code_and_parameters() -> None:
    assert same_strategy(on_paper(), EVIDENCE)
    assert not same_strategy(on_paper(strategy="other"), EVIDENCE)


def searched(seed: int, trials: int, likeness: float = 0.0, drift: float = 0.0) -> bool:
    """Return whether the best of a search passes the gate; `drift` is trial 0's ratio a year."""
    years, kept = (12, 3) if drift else (2, 1)
    returns = noise(seed, years * YEAR, trials, likeness)
    daily = drift / sqrt(YEAR)
    returns[:, 0] += 0.01 * daily
    best = int((returns.mean(axis=0) / returns.std(axis=0)).argmax())
    if drift and best:
        return False
    later = noise(seed + 10**6, kept * YEAR)[:, 0] + 0.01 * daily
    if not later.mean() > 0.0:
        return False  # it fails on the span kept back, and half of the work is saved
    made = [trial_of(c, f"{seed} {n}", kind=Kind.TUNE) for n, c in enumerate(returns.T)]
    case = case_for(
        standing_in(made, best),
        evidence=evidence_of(made[best]),
        searched=shape_or_none(returns[:, best]),
        holdout=shape_or_none(later),
    )
    return not unmet(case)


def bounded(promoted: int, times: int) -> bool:
    """Return whether so many promotions may come of a chance of 5 %, but for one in a thousand."""
    return promoted <= binom.ppf(0.999, times, 0.05)


def test_one_luckless_strategy_passes_no_more_often_than_one_in_twenty() -> None:
    assert bounded(sum(searched(seed, 1) for seed in range(200)), 200)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("trials", "likeness"), [(200, 0.0), (200, 0.8), (20, 0.3)])
def test_the_best_of_a_search_through_noise_is_kept_out(trials: int, likeness: float) -> None:
    assert bounded(sum(searched(seed, trials, likeness) for seed in range(24)), 24)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("likeness", [0.0, 0.8])
def test_the_best_of_a_thousand_luckless_strategies_is_kept_out(likeness: float) -> None:
    assert bounded(sum(searched(seed, 1_000, likeness) for seed in range(100)), 100)


def test_without_paying_for_its_trials_noise_would_pass() -> None:
    made = [trial_of(c, f"{n}") for n, c in enumerate(noise(3, 3 * YEAR, 200).T)]
    ratios = [np.mean(one.returns) / np.std(one.returns) for one in made]
    best = int(np.argmax(ratios))
    paid, free = standing_in(made, best), standing_in([made[best]])
    assert free.deflated is not None
    assert paid.deflated is not None
    assert free.deflated > BOUNDS.deflated_min > paid.deflated


@pytest.mark.timeout(300)
def test_a_planted_edge_is_promoted_in_most_runs() -> None:
    # A true annual ratio of 1.5 over 12 searched and 3 kept years among 100 luckless trials of its
    # family: 75 in 100 by `bench/statistics/gate.py`; here at least half, of 12.
    found = sum(searched(seed, 101, drift=1.5) for seed in range(12))
    assert found >= 6


def test_more_trials_raise_the_bar_and_a_stronger_edge_clears_it() -> None:
    def deflated(trials: int, drift: float) -> float:
        returns = noise(8, 3 * YEAR, trials)
        returns[:, 0] += drift
        made = [trial_of(c, f"{n}") for n, c in enumerate(returns.T)]
        found: Standing = standing_in(made)
        assert found.family == Counts(trials, float(trials))
        assert found.deflated is not None
        return found.deflated

    assert deflated(50, 0.001) < deflated(5, 0.001)
    assert deflated(50, 0.001) < deflated(50, 0.0015)


def test_a_shape_is_all_that_the_gate_sees_of_the_span_kept_back() -> None:
    assert shape_or_none(np.zeros(300)) is None
    assert isinstance(shape_or_none(noise(1, 300)[:, 0]), Shape)
    assert case_for(FINE).today == AT.date()

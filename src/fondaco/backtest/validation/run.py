"""A whole validation, in an order that keeps it honest: what is held back is looked at last."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fondaco.backtest import words
from fondaco.backtest.cautions import cuts
from fondaco.backtest.play import staged
from fondaco.backtest.request import Request, request_of
from fondaco.backtest.run import read_prices
from fondaco.backtest.validation import measures as measures
from fondaco.backtest.validation import verdicts as verdicts
from fondaco.backtest.validation import words as said
from fondaco.backtest.validation.asked import Plan, plan_of, sets_of
from fondaco.backtest.validation.play import Bench, Tried, held_back, proved, tried
from fondaco.backtest.validation.result import (
    Bootstrap,
    CrossValidation,
    Holdout,
    Learning,
    OrderOfTrades,
    Overfitting,
    Permutation,
    ValidatedSet,
    ValidationResult,
    Verdict,
    WalkForward,
)
from fondaco.backtest.validation.span import Span, split_span, splitters
from fondaco.core.ids import content_hash
from fondaco.core.jobs import Progress
from fondaco.portfolio.measures.ratios import sharpe_error
from fondaco.research.alike import Idea
from fondaco.research.gate import Case, judge
from fondaco.research.standing import lines_for, shape_or_none, standing_of
from fondaco.research.strategies.learned import recipe_of
from fondaco.research.strategies.library import strategy_named
from fondaco.research.strategies.strategy import code_hash
from fondaco.research.trial_ledger import Condition, Evidence, Stage, Trial
from fondaco.research.trial_results import Standing
from fondaco.research.trials import line_of

Array = NDArray[np.float64]
WALK_DRAWS = 1_000
FORECASTER = "fondaco.research.forecaster"
"""A strategy that rests on this module learns."""


@dataclass(frozen=True, slots=True)
class _Tests:
    """What was measured on the searched span; `walk_low` is the walk's own interval's lower end."""

    cross: CrossValidation
    walk: WalkForward
    walk_low: float | None
    bootstrap: Bootstrap
    order: OrderOfTrades | None
    permutation: Permutation
    overfit: Overfitting | None
    learning: Learning | None


@dataclass(frozen=True, slots=True)
class _Found:
    """All that a validation found, before it is told."""

    asked: Request
    plan: Plan
    proof: str
    sets: tuple[ValidatedSet, ...]
    first: Tried
    tests: _Tests
    holdout: Holdout
    evidence: Evidence
    standing: Standing
    conditions: tuple[Condition, ...]


def run_validation(bench: Bench, inputs: Mapping[str, Any], progress: Progress) -> ValidationResult:
    """Validate a strategy: prove it, search, resample, and look once at what was held back.

    Which trials had reached into the held-back span is read from the ledger before anything is
    run; a strategy that knows the future is refused before anything is counted. What was counted
    stays counted, whenever it ends. The same inputs, prices and seed give the same result, and keep
    one evidence. Raises InvalidInput, NotFound or Refused for what cannot be validated, Cancelled
    when it is asked to stop.
    """
    asked, plan = request_of(inputs), plan_of(inputs)
    progress.report("Reading prices", 0, 1)
    span = _span(bench, asked, plan)
    before = lines_for(bench.trials, _family(asked))
    searched = replace(asked, until=span.until)
    given = read_prices(bench.prices, bench.instruments, searched, bench.clock)
    proof = proved(bench, given, searched, progress)
    sets, first, found = tried(
        bench, given, sets_of(asked.parameters, plan.vary), searched, progress
    )
    labels = [one.label for one in sets if not one.fault]
    tests = _tests(first, found, labels, plan, progress)
    streams = tuple(s for trial in found if (s := line_of(trial).stream) is not None)
    idea = Idea(first.trial.strategy, first.trial.family, streams)
    progress.report("Looking once at what was held back", 0, 1)
    holdout, looked = held_back(bench, replace(asked, since=span.held_since), idea, before)
    progress.report("Paying for every trial", 0, 1)
    evidence = _evidence(bench, asked, first, proof, tests.overfit, holdout)
    standing = standing_of(bench.trials, first.trial)
    conditions = _gate(bench, evidence, first.trial, looked, standing)
    kept = replace(evidence, id=bench.evidence.add(evidence))
    progress.report("Paying for every trial", 1, 1)
    return _result(
        _Found(asked, plan, proof, sets, first, tests, holdout, kept, standing, conditions),
        bench,
    )


def _span(bench: Bench, asked: Request, plan: Plan) -> Span:
    """Return the parts of the span, after seeing that each is long enough for its tests."""
    given = read_prices(bench.prices, bench.instruments, asked, bench.clock)
    _, tape = staged(given, bench.instruments, asked)
    days = given.panel.sessions[tape.first :]
    span = split_span(days, plan)
    splitters(plan, days[1 : span.searched])
    return span


def _family(asked: Request) -> str:
    """Return the family of a request's strategy; a user's file is a family of its own."""
    if asked.code is not None:
        return asked.strategy
    return strategy_named(asked.strategy, asked.parameters).family or asked.strategy


def _tests(
    first: Tried, found: list[Trial], labels: list[str], plan: Plan, progress: Progress
) -> _Tests:
    streams = np.column_stack([trial.returns for trial in found])
    days = first.played.series.days[1:]
    cross_cut, walk_cut = splitters(plan, days)
    progress.report("Cross-validating", 0, 5)
    cross = measures.crossed(streams, cross_cut)
    progress.report("Walking forward", 1, 5)
    walk, outside = measures.walked(streams, walk_cut, days, labels)
    low = None
    if len(found) > 1:
        low = measures.sharpe_low(outside, WALK_DRAWS, _chance(plan, 1))
    progress.report("Resampling", 2, 5)
    bootstrap = measures.resampled(streams[:, 0], plan.draws, _chance(plan, 2))
    periods = measures.periods_of(first.played, first.decisions)
    order = measures.reordered(periods, plan.draws, _chance(plan, 3))
    progress.report("Moving signals in time", 3, 5)
    permutation = measures.permuted(first.played, plan.draws, _chance(plan, 4))
    progress.report("Measuring overfitting", 4, 5)
    overfit = measures.overfitted(streams)
    learning = None
    if FORECASTER in first.played.strategy.modules:
        recipe = recipe_of(first.played.strategy.parameters)
        learning = measures.learnt(first.played.panel, recipe, plan, progress)
    return _Tests(cross, walk, low, bootstrap, order, permutation, overfit, learning)


def _chance(plan: Plan, test: int) -> np.random.Generator:
    """Return the chance of one test: it does not move when another one draws more."""
    return np.random.default_rng([plan.seed, test])


def _evidence(
    bench: Bench,
    asked: Request,
    first: Tried,
    proof: str,
    overfit: Overfitting | None,
    holdout: Holdout,
) -> Evidence:
    """Return the evidence, without an id; its key is the hash of all that it says."""
    trial, series = first.trial, first.played.series
    content: dict[str, Any] = {
        "strategy": trial.strategy,
        "family": trial.family,
        "code": code_hash(first.played.strategy),
        "parameters": dict(trial.parameters),
        "data_version": trial.data_version,
        "instruments": trial.instruments,
        "label": first.played.panel.origin,
        "proof": proof,
        "costs": trial.costs,
        "costs_dated": trial.costs_dated,
        "trial": trial.content,
        "since": series.days[0].item(),
        "until": series.days[-1].item(),
        "holdout": holdout.trial,
        "holdout_since": holdout.since,
        "holdout_until": holdout.until,
        "touched": holdout.touched,
        "overfit": None if overfit is None else overfit.probability,
        "overfit_sets": 1 if overfit is None else overfit.sets,
    }
    return Evidence(
        id="",
        key=content_hash({name: _plain(value) for name, value in content.items()}),
        author=asked.author,
        surface=asked.surface,
        at=bench.clock.now(),
        **content,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _gate(
    bench: Bench, evidence: Evidence, searched: Trial, looked: Trial, standing: Standing
) -> tuple[Condition, ...]:
    """Return what the gate would say to paper, as everything stands now."""
    shapes = [shape_or_none(np.array(trial.returns)) for trial in (searched, looked)]
    case = Case(
        evidence=evidence,
        standing=standing,
        searched=shapes[0],
        holdout=shapes[1],
        own=True,
        touched=evidence.touched,
        code_now=evidence.code,
        today=bench.clock.now().date(),
    )
    return judge(case, Stage.PAPER)


def _result(found: _Found, bench: Bench) -> ValidationResult:
    first, tests, asked = found.first, found.tests, found.asked
    played, series = first.played, first.played.series
    tape, panel = played.tape, played.panel
    point: Literal["open", "close"] = "open" if tape.fills_at_open else "close"
    return ValidationResult(
        evidence=found.evidence.id,
        strategy=first.trial.strategy,
        family=first.trial.family,
        parameters=dict(first.trial.parameters),
        label=panel.origin,
        data_version=panel.version,
        symbols=len(played.book),
        since=series.days[0].item(),
        until=series.days[-1].item(),
        sessions=len(series.days),
        currency=tape.currency,
        capital=asked.capital,
        costs=first.trial.costs,
        costs_dated=first.trial.costs_dated,
        fill_rule=words.fill_rule(point),
        seed=found.plan.seed,
        proof=found.proof,
        sets=found.sets,
        cross=tests.cross,
        walk=tests.walk,
        bootstrap=tests.bootstrap,
        order=tests.order,
        permutation=tests.permutation,
        overfit=tests.overfit,
        learning=tests.learning,
        holdout=found.holdout,
        standing=found.standing,
        conditions=found.conditions,
        verdicts=_verdicts(found),
        warnings=_warnings(found),
        next=f"fondaco research promote {found.evidence.id} --to paper",
        created_at=bench.clock.now(),
    )


def _verdicts(found: _Found) -> tuple[Verdict, ...]:
    tests, trial = found.tests, found.first.trial
    return (
        verdicts.look_ahead(found.proof),
        verdicts.cross_validated(tests.cross),
        verdicts.walked_forward(tests.walk, tests.walk_low),
        verdicts.resampled_sharpe(tests.bootstrap),
        verdicts.permuted_signals(tests.permutation),
        *([] if tests.learning is None else [verdicts.learnt(tests.learning)]),
        verdicts.overfitted_choice(tests.overfit),
        verdicts.deflated(found.standing),
        verdicts.track_record(found.standing),
        verdicts.held_back(found.holdout),
        verdicts.costs_known(trial.costs, trial.costs_dated),
    )


def _warnings(found: _Found) -> tuple[str, ...]:
    played = found.first.played
    sessions = len(played.series.days)
    ratio = found.first.measured.sharpe or 0.0
    cautions = (
        said.was_touched(found.holdout),
        *found.standing.warnings,
        said.faded(found.tests.walk),
        said.few_paths(found.tests.cross),
        said.not_run(found.sets),
        *cuts(played),
        words.short_span(sessions, sharpe_error(ratio, sessions)),
        words.survivors(played.panel.origin, len(played.book)),
    )
    return tuple(one for one in cautions if one is not None)

"""What a validation runs: the proof, the sets on the searched span, once what was held back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from fondaco.backtest.grid import Number
from fondaco.backtest.measure import metrics_of, series_of
from fondaco.backtest.play import Given, Played, decided, staged
from fondaco.backtest.request import Request
from fondaco.backtest.result import Metrics
from fondaco.backtest.route import Run
from fondaco.backtest.run import count_run, opened, read_prices
from fondaco.backtest.sweep import sweep_one
from fondaco.backtest.tape import Decisions, Tape
from fondaco.backtest.validation.measures import figures_of
from fondaco.backtest.validation.result import Holdout, ValidatedSet
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Instrument
from fondaco.core.jobs import Progress
from fondaco.market.panel import Matrix, Panel
from fondaco.market.ports import Instruments
from fondaco.market.prices import Prices
from fondaco.research.alike import Idea, touching
from fondaco.research.ports import UserStrategies, UserStrategy
from fondaco.research.proof import (
    NAMES_MAX,
    built_in,
    check_weights,
    newest,
    proof_words,
    prove,
    reader_of,
)
from fondaco.research.strategies.library import strategy_named
from fondaco.research.trial_ledger import EvidenceStore, Kind, Line, Trial, TrialStore

PROOF_SESSIONS = 378
"""A year and a half behind the warm-up: every month, and every kind of rebalance, is in it."""
PROOF_CUTS = 20
"""Bars at which futures are made up; the future is cut off at every bar in any case."""
SHORT = "Take a longer span, a shorter look-back or more symbols."


@dataclass(frozen=True, slots=True)
class Bench:
    """What a validation needs of the desk."""

    prices: Prices
    instruments: Instruments
    strategies: UserStrategies
    trials: TrialStore
    evidence: EvidenceStore
    clock: Clock


@dataclass(frozen=True, slots=True)
class Tried:
    """The strategy as given, run and counted: its run, its decisions, and its trial."""

    played: Played
    decisions: Decisions
    measured: Metrics
    trial: Trial


def proved(bench: Bench, given: Given, request: Request, progress: Progress) -> str:
    """Prove that the strategy, with exactly these parameters, looks not ahead; say what was tried.

    On the newest sessions of the searched span that hold its warm-up and a year and a half, on 20
    names at most, on all where fewer give no weight. Raises Refused naming the bar, and
    InvalidInput where it never gives a weight.
    """
    with _callable(bench.strategies, request) as (subject, warm_up):
        panel = _proof_panel(given.panel, subject, warm_up)
        symbols = [bench.instruments.get(name).symbol for name in panel.instruments]
        reader = reader_of(bench.prices, panel)
        proof = prove(subject, panel, reader, symbols=symbols, cuts=PROOF_CUTS, progress=progress)
    return proof_words(proof, panel)


def tried(
    bench: Bench,
    given: Given,
    sets: tuple[dict[str, Number], ...],
    asked: Request,
    progress: Progress,
) -> tuple[tuple[ValidatedSet, ...], Tried, list[Trial]]:
    """Play each set on the searched span and count it as a trial, the strategy as given first.

    Of the others only the trials are kept: one run is in hand at a time. A set that is the same
    trial as an earlier one is left out. A set of the grid that decides nothing, or loses
    everything, is listed with that as its fault; the strategy itself may not.
    """
    book, tape = staged(given, bench.instruments, asked)
    rows: list[ValidatedSet] = []
    first: Tried | None = None
    found: list[Trial] = []
    for place, parameters in enumerate(sets):
        progress.report("Trying parameters", place, len(sets))
        request = replace(asked, parameters=parameters)
        changed = {k: v for k, v in parameters.items() if asked.parameters.get(k) != v}
        try:
            played, decisions = _played(bench, given, book, tape, request)
        except InvalidInput as error:
            if first is None:
                raise
            rows.append(ValidatedSet(changed, None, trial="", fault=str(error)))
            continue
        measured = metrics_of(played.series)
        counted = count_run(bench.trials, played, measured, bench.clock, Kind.VALIDATE)
        first = first or Tried(played, decisions, measured, counted.trial)
        content = counted.trial.content
        if any(trial.content == content for trial in found):
            continue
        figures = figures_of(played.series.returns)
        rows.append(ValidatedSet(changed, figures, content))
        found.append(counted.trial)
    progress.report("Trying parameters", len(sets), len(sets))
    assert first is not None  # else its fault was raised
    return tuple(rows), first, found


def held_back(
    bench: Bench, request: Request, idea: Idea, before: tuple[Line, ...]
) -> tuple[Holdout, Trial]:
    """Run the strategy as given on the held-back span, count it, and say who was there before.

    `before` are the ledger's trials from before the validation, newest first. Where the same look
    was taken already, by this validation cut off or asked for again, what came after it is no
    earlier touch.
    """
    given = read_prices(bench.prices, bench.instruments, request, bench.clock)
    book, tape = staged(given, bench.instruments, request)
    played, _ = _played(bench, given, book, tape, request)
    measured = metrics_of(played.series)
    counted = count_run(bench.trials, played, measured, bench.clock, Kind.HOLDOUT)
    since, until = played.series.days[0].item(), played.series.days[-1].item()
    content = counted.trial.content
    earlier = touching(_earlier(before, content), idea, since=since, until=until)
    touched = tuple(sorted(line.content for line in earlier))
    figures = figures_of(played.series.returns)
    return Holdout(since, until, figures, content, touched), counted.trial


def _earlier(before: tuple[Line, ...], content: str) -> tuple[Line, ...]:
    """Return the lines from before the first look by this very trial, all where there was none."""
    for place, line in enumerate(before):
        if line.content == content and line.kind is Kind.HOLDOUT:
            return before[place + 1 :]
    return before


def _played(
    bench: Bench, given: Given, book: tuple[Instrument, ...], tape: Tape, request: Request
) -> tuple[Played, Decisions]:
    with opened(bench.strategies, request) as strategy:
        decisions = decided(given.panel, tape, request, strategy)
    swept = sweep_one(tape, decisions, request.terms)
    series = series_of(tape, given.panel.sessions, swept)
    return Played(request, strategy, given.panel, book, tape, Run(), swept, series), decisions


@contextmanager
def _callable(strategies: UserStrategies, request: Request) -> Iterator[tuple[UserStrategy, int]]:
    """Return what the proof calls, and the sessions that it needs behind its first weight."""
    if request.code is None:
        strategy = strategy_named(request.strategy, request.parameters)
        yield built_in(strategy), strategy.warm_up
        return
    with strategies.open_source(request.strategy, request.code, request.parameters) as user:
        yield user, 0


def _proof_panel(panel: Panel, subject: UserStrategy, warm_up: int) -> Panel:
    narrow = _columns(panel, NAMES_MAX)
    weights = subject.weights(narrow)
    if not np.isfinite(weights).any():
        narrow, weights = panel, subject.weights(panel)
    check_weights(subject.name, weights, narrow, SHORT)
    trial = newest(narrow, warm_up + PROOF_SESSIONS)
    if np.isfinite(subject.weights(trial)).any():
        return trial
    return newest(narrow, _first(weights) + PROOF_SESSIONS)


def _columns(panel: Panel, most: int) -> Panel:
    """Return a panel's names with the most bars, in their order, `most` at most."""
    if len(panel.instruments) <= most:
        return panel
    bars = (~np.isnan(panel.close)).sum(axis=0)
    chosen = np.sort(np.argsort(-bars, kind="stable")[:most])
    return replace(
        panel,
        instruments=tuple(panel.instruments[n] for n in chosen),
        fields={name: values[:, chosen] for name, values in panel.fields.items()},
    )


def _first(weights: Matrix) -> int:
    return int(np.isfinite(weights).any(axis=1).argmax())

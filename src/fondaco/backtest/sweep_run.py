"""A whole sweep: prices once, then each set by the compiled loop, counted as it is looked at."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from math import inf
from typing import Any, Literal

from fondaco.backtest import words
from fondaco.backtest.cautions import cuts
from fondaco.backtest.grid import Number, grid_of
from fondaco.backtest.measure import metrics_of
from fondaco.backtest.play import Played
from fondaco.backtest.request import Request, request_of
from fondaco.backtest.run import count_run, read_prices
from fondaco.backtest.set_figures import figures_of
from fondaco.backtest.stage import Stage, played_set, stage_of, try_set
from fondaco.backtest.sweep import SweepRun
from fondaco.backtest.sweep_result import SweepResult, SweepSet
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput
from fondaco.core.jobs import Progress
from fondaco.core.workers import SerialWorkers, Workers
from fondaco.market.ports import Instruments
from fondaco.market.prices import Prices
from fondaco.portfolio.measures.ratios import sharpe_error
from fondaco.research.standing import standing_of
from fondaco.research.trial_ledger import Kind, Trial, TrialStore
from fondaco.research.trial_results import Standing


def run_sweep(
    prices: Prices,
    instruments: Instruments,
    trials: TrialStore,
    clock: Clock,
    inputs: Mapping[str, Any],
    progress: Progress,
    workers: Workers | None = None,
) -> SweepResult:
    """Run a strategy over a grid of parameters and count each set as a trial.

    Workers play the sets, one after the other when None; here each is counted, in the order of the
    grid, and let go before the next: the numbers are the same for any workers. A set that
    decides nothing, or loses everything, is listed with that as its fault. Raises InvalidInput or
    NotFound for what cannot be run, the last fault where no set could be, and Cancelled when it is
    asked to stop; what was counted by then stays counted.
    """
    varied = {name: tuple(values) for name, values in inputs["vary"].items()}
    sets = grid_of(inputs["parameters"], varied)
    asked = request_of({**inputs, "parameters": sets[0]})
    progress.report("Reading prices", 0, 1)
    given = read_prices(prices, instruments, asked, clock)
    stage = stage_of(given, instruments, asked)
    found: list[SweepSet] = []
    made: dict[int, Trial] = {}
    last: Played | None = None
    with closing((workers or SerialWorkers()).map(try_set, stage, sets)) as runs:
        for place, parameters in enumerate(sets, start=1):
            progress.report("Trying parameters", place - 1, len(sets))
            chosen = {name: parameters[name] for name in varied}
            try:
                played = _played(stage, parameters, next(runs))
            except InvalidInput as error:
                if place == len(sets) and last is None:
                    raise
                found.append(SweepSet(place, chosen, None, False, str(error)))
                continue
            measured = metrics_of(played.series)
            counted = count_run(trials, played, measured, clock, Kind.SWEEP)
            last, made[place] = played, counted.trial
            figures = figures_of(played, measured)
            found.append(SweepSet(place, chosen, figures, counted.new))
    progress.report("Trying parameters", len(sets), len(sets))
    assert last is not None  # else the last set's fault was raised
    fixed = {name: value for name, value in asked.parameters.items() if name not in varied}
    ordered = tuple(sorted(found, key=_order))
    best = made[ordered[0].place]
    standing = standing_of(trials, best)
    return _result(replace(asked, parameters=fixed), ordered, last, best.content, standing, clock)


def _played(stage: Stage, parameters: Mapping[str, Number], run: SweepRun | InvalidInput) -> Played:
    if isinstance(run, InvalidInput):
        raise run
    return played_set(stage, parameters, run)


def _order(one: SweepSet) -> tuple[bool, float, int]:
    """Return what sets are sorted by: the Sharpe ratio, falling; those without one last."""
    if one.figures is None:
        return True, 0.0, one.place
    sharpe = one.figures.sharpe
    return False, inf if sharpe is None else -sharpe, one.place


def _result(
    asked: Request,
    ordered: tuple[SweepSet, ...],
    played: Played,
    trial: str,
    standing: Standing,
    clock: Clock,
) -> SweepResult:
    tape, series, panel = played.tape, played.series, played.panel
    point: Literal["open", "close"] = "open" if tape.fills_at_open else "close"
    return SweepResult(
        strategy=asked.strategy,
        parameters=dict(asked.parameters),
        sets=ordered,
        symbols=len(played.book),
        since=series.days[0].item(),
        until=series.days[-1].item(),
        sessions=len(series.days),
        label=panel.origin,
        data_version=panel.version,
        fill_point=point,
        fill_rule=words.fill_rule(point),
        currency=tape.currency,
        capital=asked.capital,
        costs=words.cost_words(asked.costs, tape.currency),
        trials_new=sum(one.new for one in ordered),
        trial=trial,
        standing=standing,
        warnings=_warnings(played, ordered),
        created_at=clock.now(),
    )


def _warnings(played: Played, ordered: tuple[SweepSet, ...]) -> tuple[str, ...]:
    run = [one.figures for one in ordered if one.figures is not None]
    best, sessions = run[0].sharpe, len(played.series.days)
    return tuple(
        said
        for said in (
            words.best_of(len(run), best),
            *cuts(played),
            words.short_span(sessions, sharpe_error(best or 0.0, sessions)),
            words.survivors(played.panel.origin, len(played.book)),
        )
        if said is not None
    )

"""One set of a sweep, as workers are given it: it runs there and is counted here.

A worker gets prices and tape once and a set's parameters for each item; it gives back the run as
the kernel made it. Weights and events of a set never travel, and no worker sees the trial ledger:
the parent counts the sets in their order, however many workers tried them.
"""

from collections.abc import Mapping
from dataclasses import replace

from fondaco.backtest.grid import Number
from fondaco.backtest.measure import series_of
from fondaco.backtest.play import Played, decided
from fondaco.backtest.route import Run
from fondaco.backtest.sweep import SweepRun, sweep_one
from fondaco.backtest.tune_play import Stage
from fondaco.core.errors import InvalidInput
from fondaco.research.strategies.library import strategy_named


def try_set(stage: Stage, parameters: Mapping[str, Number]) -> SweepRun | InvalidInput:
    """Return the run of one set of a built-in strategy, or the fault for which there is none.

    A pure function of its inputs, at the top of a module: threads, processes and machines give the
    same run. What is no fault of the set (NotFound, a broken invariant) is raised.
    """
    try:
        strategy = strategy_named(stage.request.strategy, parameters)
        decisions = decided(stage.panel, stage.tape, stage.request, strategy)
        return sweep_one(stage.tape, decisions, stage.request.terms)
    except InvalidInput as error:
        return error


def played_set(stage: Stage, parameters: Mapping[str, Number], swept: SweepRun) -> Played:
    """Return a set's run as a backtest that was played; raises InvalidInput for an equity lost."""
    request = replace(stage.request, parameters=dict(parameters))
    strategy = strategy_named(request.strategy, request.parameters)
    series = series_of(stage.tape, stage.panel.sessions, swept)
    return Played(request, strategy, stage.panel, stage.book, stage.tape, Run(), swept, series)

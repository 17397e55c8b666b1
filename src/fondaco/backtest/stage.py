"""Sets of parameters on one stage: a worker plays a set, and it is counted here.

A worker gets prices and tape once and a set's parameters for each item; it gives back the run as
the kernel made it. Weights and events of a set never travel, and no worker sees the trial ledger:
the parent counts the sets in their order, however many workers tried them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fondaco.backtest.grid import Number
from fondaco.backtest.measure import series_of
from fondaco.backtest.play import Given, Played, decided, staged
from fondaco.backtest.request import Request
from fondaco.backtest.route import Run
from fondaco.backtest.sweep import SweepRun, sweep_one
from fondaco.backtest.tape import Tape
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Instrument
from fondaco.market.panel import Panel
from fondaco.market.ports import Instruments
from fondaco.research.strategies.library import strategy_named
from fondaco.research.strategies.strategy import Strategy


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What all sets are played on; `request` holds the fixed parameters.

    The very same object is handed to the workers each time, so that it travels to them once.
    """

    request: Request
    panel: Panel
    book: tuple[Instrument, ...]
    tape: Tape

    def of_set(self, parameters: Mapping[str, Number]) -> Request:
        """Return the request of one set: the fixed parameters and its own."""
        return replace(self.request, parameters={**self.request.parameters, **parameters})


def stage_of(given: Given, instruments: Instruments, request: Request) -> Stage:
    """Return the stage of a request; raises InvalidInput for a span without prices."""
    book, tape = staged(given, instruments, request)
    return Stage(request, given.panel, book, tape)


def try_set(stage: Stage, parameters: Mapping[str, Number]) -> SweepRun | InvalidInput:
    """Return the run of one set of a built-in strategy, or the fault for which there is none.

    A pure function of its inputs, at the top of a module: threads, processes and machines give the
    same run. What is no fault of the set (NotFound, a broken invariant) is raised.
    """
    request = stage.of_set(parameters)
    try:
        return run_of(stage, request, strategy_named(request.strategy, request.parameters))
    except InvalidInput as error:
        return error


def run_of(stage: Stage, request: Request, strategy: Strategy) -> SweepRun:
    """Return a strategy's run on a stage; raises InvalidInput where it decides nothing."""
    decisions = decided(stage.panel, stage.tape, request, strategy)
    return sweep_one(stage.tape, decisions, request.terms)


def played_set(stage: Stage, parameters: Mapping[str, Number], swept: SweepRun) -> Played:
    """Return a set's run as a backtest that was played; raises InvalidInput for an equity lost."""
    request = stage.of_set(parameters)
    strategy = strategy_named(request.strategy, request.parameters)
    return played_as(stage, request, strategy, swept)


def played_as(stage: Stage, request: Request, strategy: Strategy, swept: SweepRun) -> Played:
    """Return a strategy's run as a backtest that was played; raises InvalidInput as above."""
    series = series_of(stage.tape, stage.panel.sessions, swept)
    return Played(request, strategy, stage.panel, stage.book, stage.tape, Run(), swept, series)

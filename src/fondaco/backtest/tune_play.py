"""Playing sets of parameters for a tuning: by workers, or one user's file after another."""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from fondaco.backtest.grid import Number
from fondaco.backtest.measure import series_of
from fondaco.backtest.play import Given, Played, decided, staged
from fondaco.backtest.request import Request
from fondaco.backtest.route import Run
from fondaco.backtest.run import opened
from fondaco.backtest.sweep import SweepRun, sweep_one
from fondaco.backtest.tape import Tape
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Instrument
from fondaco.core.workers import Workers
from fondaco.market.panel import Panel
from fondaco.market.ports import Instruments
from fondaco.research.ports import UserStrategies
from fondaco.research.strategies.library import strategy_named
from fondaco.research.strategies.strategy import Strategy


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What all sets of a study are played on; `request` holds the fixed parameters.

    The very same object is handed to the workers each time, so that it travels to them once.
    """

    request: Request
    panel: Panel
    book: tuple[Instrument, ...]
    tape: Tape

    def of_set(self, varied: dict[str, Number]) -> Request:
        """Return the request of one set."""
        return replace(self.request, parameters={**self.request.parameters, **varied})


def stage_of(given: Given, instruments: Instruments, request: Request) -> Stage:
    """Return the stage of a request; raises InvalidInput for a span without prices."""
    book, tape = staged(given, instruments, request)
    return Stage(request, given.panel, book, tape)


def play_set(stage: Stage, varied: dict[str, Number]) -> SweepRun | str:
    """Return the run of one set of a built-in strategy, or why there is none.

    A strategy refuses a set, decides nothing with it, or loses everything: InvalidInput says so.
    """
    request = stage.of_set(varied)
    try:
        strategy = strategy_named(request.strategy, request.parameters)
        return _run(stage, request, strategy).swept
    except InvalidInput as error:
        return str(error)


def play_sets(
    stage: Stage,
    sets: Sequence[dict[str, Number]],
    workers: Workers,
    strategies: UserStrategies,
) -> Generator[Played | str, None, None]:
    """Yield each set as it was played, in their order, or why it could not be.

    A user's file runs in a process of its own for each set, one after another.
    """
    if stage.request.code is not None:
        for varied in sets:
            yield _play_file(stage, varied, strategies)
        return
    with closing(workers.map(play_set, stage, sets)) as runs:
        for varied, swept in zip(sets, runs, strict=True):
            yield swept if isinstance(swept, str) else _played(stage, varied, swept)


def _play_file(stage: Stage, varied: dict[str, Number], strategies: UserStrategies) -> Played | str:
    request = stage.of_set(varied)
    try:
        with opened(strategies, request) as strategy:
            return _run(stage, request, strategy)
    except InvalidInput as error:
        return str(error)


def _run(stage: Stage, request: Request, strategy: Strategy) -> Played:
    decisions = decided(stage.panel, stage.tape, request, strategy)
    return _as_played(stage, request, strategy, sweep_one(stage.tape, decisions, request.terms))


def _played(stage: Stage, varied: dict[str, Number], swept: SweepRun) -> Played:
    request = stage.of_set(varied)
    strategy = strategy_named(request.strategy, request.parameters)
    return _as_played(stage, request, strategy, swept)


def _as_played(stage: Stage, request: Request, strategy: Strategy, swept: SweepRun) -> Played:
    series = series_of(stage.tape, stage.panel.sessions, swept)
    return Played(request, strategy, stage.panel, stage.book, stage.tape, Run(), swept, series)

"""Playing sets of parameters for a tuning: by workers, or one user's file after another."""

from collections.abc import Generator, Sequence
from contextlib import closing

from fondaco.backtest.grid import Number
from fondaco.backtest.play import Played
from fondaco.backtest.run import opened
from fondaco.backtest.stage import Stage, played_as, played_set, run_of, try_set
from fondaco.backtest.sweep import SweepRun
from fondaco.core.errors import InvalidInput
from fondaco.core.workers import Workers
from fondaco.research.ports import UserStrategies


def play_sets(
    stage: Stage,
    sets: Sequence[dict[str, Number]],
    workers: Workers,
    strategies: UserStrategies,
) -> Generator[Played | str, None, None]:
    """Yield each set as it was played, in their order, or why it could not be.

    A strategy refuses a set, decides nothing with it, or loses everything. A user's file runs in a
    process of its own for each set, one after another.
    """
    if stage.request.code is not None:
        for varied in sets:
            yield _play_file(stage, varied, strategies)
        return
    with closing(workers.map(try_set, stage, sets)) as runs:
        for varied, swept in zip(sets, runs, strict=True):
            yield _played(stage, varied, swept)


def _play_file(stage: Stage, varied: dict[str, Number], strategies: UserStrategies) -> Played | str:
    request = stage.of_set(varied)
    try:
        with opened(strategies, request) as strategy:
            return played_as(stage, request, strategy, run_of(stage, request, strategy))
    except InvalidInput as error:
        return str(error)


def _played(
    stage: Stage, varied: dict[str, Number], swept: SweepRun | InvalidInput
) -> Played | str:
    if isinstance(swept, InvalidInput):
        return str(swept)
    try:
        return played_set(stage, varied, swept)
    except InvalidInput as error:
        return str(error)

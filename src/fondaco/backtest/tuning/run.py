"""A whole tuning: the span cut, prices read once, the study run or taken up, its result."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from fondaco.backtest.request import Request
from fondaco.backtest.run import read_prices
from fondaco.backtest.stage import Stage, stage_of
from fondaco.backtest.tuning.asked import Tuning, asked_of, slow
from fondaco.backtest.tuning.held import held_back
from fondaco.backtest.tuning.outcome import result_of
from fondaco.backtest.tuning.result import TuneResult
from fondaco.backtest.tuning.search import Search, TuneDesk
from fondaco.backtest.tuning.study import sampler_name
from fondaco.backtest.tuning.walk import Windows, windows_of
from fondaco.core.ids import content_hash
from fondaco.core.jobs import Progress
from fondaco.research.strategies.library import strategy_named
from fondaco.research.strategies.strategy import code_hash

STUDY_CHARS = 16
PART_MAX = 1 / 3
_WHO = frozenset({"author", "surface"})


def run_tune(desk: TuneDesk, inputs: Mapping[str, Any], progress: Progress) -> TuneResult:
    """Search a space of parameters, count each set as a trial, and return what came of it.

    The same inputs on the same prices are the same study: one that was cut short goes on, one that
    ended is shown again, and nothing is counted twice. Raises InvalidInput or NotFound for what
    cannot be run, the first set's fault where none could be, and Cancelled when it is asked to
    stop; what was counted by then stays counted.
    """
    asked, tuning = asked_of(inputs)
    progress.report("Reading prices", 0, 1)
    request, held = held_back(desk.prices, desk.instruments, asked, desk.clock, tuning.holdout)
    stage = _stage(desk, request)
    days = stage.panel.sessions[stage.tape.first :]
    windows = windows_of(len(days) - 1, tuning.walk)
    early = None
    if prunes(tuning, stage, windows):
        early = _stage(desk, replace(request, until=_day(days[windows.first_part])))
    progress.report("Reading prices", 1, 1)
    study = study_of(stage, tuning, windows)
    search = Search(desk, study, tuning, windows, stage, early)
    search.run(progress)
    return result_of(search, asked, held)


def prunes(tuning: Tuning, stage: Stage, windows: Windows) -> bool:
    """Return whether sets are first played on the first part alone, and the poor ones given up.

    A set that goes on is played twice over its first part, so pruning saves time only where more
    sets are given up than that part takes of the whole. Undecided, it prunes slow strategies
    whose first part, with the history before it, is a third of the prices or less: about as many
    as the median gives up. A compiled set takes milliseconds, and nothing is to be saved there.
    """
    if tuning.prune is not None:
        return tuning.prune
    part = (stage.tape.first + windows.first_part + 1) / len(stage.panel.sessions)
    return slow(stage.request) and part <= PART_MAX


def study_of(stage: Stage, tuning: Tuning, windows: Windows) -> str:
    """Return the name of a study: the hash of all that its sets and their order hang on.

    Who asks, and from where, changes nothing.
    """
    request, tape = stage.request, stage.tape
    plain = {name: value for name, value in request.plain().items() if name not in _WHO}
    built_in = None if request.code else code_hash(strategy_named(request.strategy))
    return content_hash(
        [
            plain,
            tuning.plain(),
            built_in,
            list(stage.panel.instruments),
            stage.panel.version,
            tape.moment(tape.first).isoformat(),
            tape.moment(len(tape.closes_at) - 1).isoformat(),
            windows.count,
            sampler_name(),
        ]
    )[:STUDY_CHARS]


def _stage(desk: TuneDesk, request: Request) -> Stage:
    given = read_prices(desk.prices, desk.instruments, request, desk.clock)
    return stage_of(given, desk.instruments, request)


def _day(day: Any) -> date:
    found: date = day.item()
    return found

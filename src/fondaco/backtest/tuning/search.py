"""A study as it goes: batch after batch, each set kept in the transaction that counts its trial.

What is kept of a set is all that the next batch rests on, so a study that was cut short anywhere is
taken up where it stood and goes on as if it never had been.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field

import numpy as np

from fondaco.backtest.measure import metrics_of
from fondaco.backtest.play import Played
from fondaco.backtest.run import count_run
from fondaco.backtest.set_figures import figures_of
from fondaco.backtest.stage import Stage
from fondaco.backtest.tuning.asked import Tuning
from fondaco.backtest.tuning.play import play_sets
from fondaco.backtest.tuning.ports import Tried, TuningStore
from fondaco.backtest.tuning.space import Varied
from fondaco.backtest.tuning.study import BATCH, Judged, gives_up, suggest
from fondaco.backtest.tuning.walk import Vector, Windows, ratios
from fondaco.core.clock import Clock
from fondaco.core.errors import Conflict
from fondaco.core.jobs import Progress
from fondaco.core.workers import Workers
from fondaco.market.panel import Matrix
from fondaco.market.ports import Instruments
from fondaco.market.prices import Prices
from fondaco.research.ports import UserStrategies
from fondaco.research.trial_ledger import Kind, TrialStore

Transaction = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneDesk:
    """What a tuning needs of the desk."""

    prices: Prices
    instruments: Instruments
    trials: TrialStore
    tunings: TuningStore
    strategies: UserStrategies
    workers: Workers
    clock: Clock
    transaction: Transaction


@dataclass(frozen=True, slots=True)
class _Start:
    """How a set of a batch begins: given up after the first part, or to be played in full.

    `first` is how the first part was played, `early` its annual Sharpe ratio.
    """

    varied: Varied
    early: float | None = None
    first: Played | None = None


@dataclass(slots=True)
class Search:
    """One study in hand. `early` is the stage of the first part, None where nothing is pruned."""

    desk: TuneDesk
    study: str
    tuning: Tuning
    windows: Windows
    stage: Stage
    early: Stage | None
    tried: list[Tried] = field(default_factory=list)
    _streams: list[Vector] = field(default_factory=list)

    @property
    def batches(self) -> int:
        """How many batches there are at most."""
        return -(-self.tuning.trials // BATCH)

    @property
    def complete(self) -> list[Tried]:
        """The sets that were played in full."""
        return [one for one in self.tried if one.state == "complete"]

    @property
    def streams(self) -> Matrix:
        """The daily returns of the complete sets, (rows, K)."""
        return np.array(self._streams).reshape(-1, self.windows.rows).T

    def proposed(self, one: Tried) -> int:
        """Return the window at which a set was proposed."""
        return self.windows.of_batch(one.number // BATCH, self.batches)

    def run(self, progress: Progress) -> None:
        """Try all sets, those that are kept already taken as they are.

        Raises Cancelled when it is asked to stop, Conflict where what is kept is not what is
        suggested now.
        """
        kept = self.desk.tunings.list(self.study)
        for batch in range(self.batches):
            start = batch * BATCH
            wanted = min(BATCH, self.tuning.trials - start)
            there = kept[start : start + wanted]
            if len(there) == wanted:
                self._take(there)
                continue
            before = self.history(0)  # of the batches before this one, wherever it was cut short
            sets = self._suggested(batch, wanted)
            self._same(there, sets)
            self._take(there)
            self._play(sets[len(there) :], before, progress)
            if len(sets) < wanted:  # the space is used up
                break
        progress.report(self._step(), len(self.tried), len(self.tried))

    def history(self, window: int) -> list[Judged]:
        """Return all sets as the sampler sees them at a window: by its training sessions alone."""
        values: Iterator[float] = iter(())
        if self._streams:
            values = iter(ratios(self.streams, self.windows.trains[window]).tolist())
        return [
            Judged(
                one.varied,
                one.state,
                next(values) if one.state == "complete" else None,
                one.early,
            )
            for one in self.tried
        ]

    def _suggested(self, batch: int, count: int) -> tuple[Varied, ...]:
        history = self.history(self.windows.of_batch(batch, self.batches))
        tuning = self.tuning
        return suggest(tuning.space, history, count, seed=tuning.seed, batch=batch)

    def _same(self, there: Sequence[Tried], sets: Sequence[Varied]) -> None:
        for one, varied in zip(there, sets, strict=False):
            if one.varied != varied:
                raise Conflict(
                    "the study cannot go on as it began",
                    value=f"number {one.number} was {one.varied}, now {varied} is suggested",
                    remedy="Begin another with --seed; what was counted stays counted.",
                )

    def _take(self, there: Sequence[Tried]) -> None:
        for one in there:
            self.tried.append(one)
            if one.state == "complete":
                assert one.trial is not None
                self._streams.append(np.array(self.desk.trials.get(one.trial).returns))

    def _play(self, sets: Sequence[Varied], before: Sequence[Judged], progress: Progress) -> None:
        starts = [_Start(varied) for varied in sets]
        if self.early is not None:
            starts = list(self._looked_at(self.early, sets, before, progress))
        going = [start.varied for start in starts if start.first is None]
        desk = self.desk
        with closing(play_sets(self.stage, going, desk.workers, desk.strategies)) as runs:
            for start in starts:
                progress.report(self._step(), len(self.tried), self.tuning.trials)
                self._keep(start, next(runs) if start.first is None else start.first)

    def _looked_at(
        self,
        early: Stage,
        sets: Sequence[Varied],
        before: Sequence[Judged],
        progress: Progress,
    ) -> Iterator[_Start]:
        """Yield each set with its first part, where it is given up after that.

        A set that cannot be played there, such as one that still warms up, is played in full.
        """
        desk = self.desk
        with closing(play_sets(early, sets, desk.workers, desk.strategies)) as runs:
            for varied, first in zip(sets, runs, strict=True):
                progress.report(self._step(), len(self.tried), self.tuning.trials)
                ratio = None if isinstance(first, str) else metrics_of(first.series).sharpe
                if isinstance(first, str) or ratio is None:
                    yield _Start(varied)
                elif gives_up(self.tuning.space, before, ratio):
                    yield _Start(varied, ratio, first)
                else:
                    yield _Start(varied, ratio)

    def _keep(self, start: _Start, played: Played | str) -> None:
        """Keep a set with its trial, or neither; what another worker kept meanwhile stands."""
        number = len(self.tried)
        try:
            with self.desk.transaction():
                one = self._counted(number, start, played)
                self.desk.tunings.add(one)
        except Conflict:
            there = self.desk.tunings.list(self.study)[number : number + 1]
            if not there:
                raise
            self._same(there, [start.varied])
            self._take(there)
            return
        self.tried.append(one)
        if not isinstance(played, str) and one.state == "complete":
            self._streams.append(played.series.returns)

    def _counted(self, number: int, start: _Start, played: Played | str) -> Tried:
        study, varied = self.study, start.varied
        if isinstance(played, str):
            return Tried(study=study, number=number, varied=varied, state="failed", reason=played)
        desk, measured = self.desk, metrics_of(played.series)
        counted = count_run(desk.trials, played, measured, desk.clock, Kind.TUNE, lineage=study)
        given_up = start.first is not None
        return Tried(
            study=study,
            number=number,
            varied=varied,
            state="pruned" if given_up else "complete",
            reason=f"below the median until {played.series.days[-1]}" if given_up else "",
            trial=counted.trial.content,
            new=counted.new,
            early=start.early,
            figures=figures_of(played, measured),
        )

    def _step(self) -> str:
        """Return what progress says: how good the best set is so far."""
        there = [one.figures.sharpe for one in self.complete if one.figures is not None]
        best = max((ratio for ratio in there if ratio is not None), default=None)
        return "Trying sets" if best is None else f"Trying sets, best Sharpe ratio {best:.2f}"

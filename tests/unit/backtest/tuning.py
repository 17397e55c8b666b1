"""Tunings for tests: small desks of noise or with a planted edge, and stores that undo as one."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fondaco.backtest.request import Request, request_of
from fondaco.backtest.tuning.asked import tune_inputs
from fondaco.backtest.tuning.ports import MemoryTunings, Tried
from fondaco.backtest.tuning.result import TuneResult
from fondaco.backtest.tuning.run import run_tune
from fondaco.backtest.tuning.search import TuneDesk
from fondaco.core.clock import FixedClock
from fondaco.core.jobs import Progress
from fondaco.core.workers import SerialWorkers, Workers
from fondaco.market.fakes import (
    FixedCalendar,
    MemoryInstruments,
    MemoryStore,
    panel_rows,
    simulated_instruments,
    simulated_panel,
)
from fondaco.market.panel import Matrix, Panel
from fondaco.market.prices import Prices
from fondaco.market.tables import BARS
from fondaco.research.fakes import MemoryTrials, PlainStrategy
from unit.backtest.desk import NOW, Steps, inputs

VARY = ("lookback=20..120", "skip=1..15", "share=0.2..0.6")
WALK = ("expanding", 126, 63)
Function = Callable[[Panel, Mapping[str, float]], Matrix]


class ParameterStrategies:
    """Users' files that are functions of a panel and their parameters."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._functions = functions

    def read(self, reference: str, *, anywhere: bool = False) -> str:
        """Return a source that names the function."""
        return f"# {reference}"

    @contextmanager
    def open_source(
        self, name: str, source: str, parameters: Mapping[str, float] | None = None
    ) -> Iterator[PlainStrategy]:
        """Open one by the name in its source."""
        function, given = self._functions[source.removeprefix("# ")], dict(parameters or {})
        yield PlainStrategy(name, lambda panel: function(panel, given), "", given)

    def open(self, reference: str, *_: Any, **__: Any) -> Any:
        """Not used by a tuning."""
        raise NotImplementedError(reference)


@dataclass
class Tuner:
    """A desk for tunings, with stores that one transaction undoes together."""

    panel: Panel
    trials: MemoryTrials = field(default_factory=MemoryTrials)
    tunings: MemoryTunings = field(default_factory=MemoryTunings)
    workers: Workers = field(default_factory=SerialWorkers)
    functions: Mapping[str, Function] = field(default_factory=dict)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Undo both stores where the block raises, as the database does."""
        before = dict(self.trials._trials), dict(self.tunings._kept)
        try:
            yield
        except BaseException:
            self.trials._trials, self.tunings._kept = before
            raise

    def desk(self) -> TuneDesk:
        """Return what a tuning needs."""
        store = MemoryStore()
        store.append(BARS, panel_rows(self.panel), ingest_id="one")
        book = MemoryInstruments(simulated_instruments(len(self.panel.instruments)))
        return TuneDesk(
            prices=Prices(store, book, FixedCalendar),
            instruments=book,
            trials=self.trials,
            tunings=self.tunings,
            strategies=ParameterStrategies(self.functions),
            workers=self.workers,
            clock=FixedClock(NOW),
            transaction=self.transaction,
        )

    def tune(
        self,
        vary: tuple[str, ...] = VARY,
        *,
        progress: Progress | None = None,
        request: Mapping[str, Any] | None = None,
        **asked: Any,
    ) -> TuneResult:
        """Run a tuning with some inputs changed; small by default."""
        given = {"trials": 20, "seed": 7, "walk": WALK, "holdout": 0.2, "prune": False, **asked}
        plain = tune_inputs(asked_for(**(request or {})), vary, **given)
        return run_tune(self.desk(), plain, progress or Steps())


def asked_for(**changes: Any) -> Request:
    """Return the request of a tuning on momentum, with some inputs changed."""
    return request_of(inputs(**{"parameters": {"names_min": 2}, **changes}))


def noise_panel(seed: int, sessions: int = 400, names: int = 5, drift: float = 0.0) -> Panel:
    """Return prices whose daily log returns are normal with this mean and a deviation of 1.5 %."""
    panel = simulated_panel(seed, sessions, names)
    steps = np.random.default_rng(seed).normal(drift, 0.015, panel.close.shape)
    close = np.maximum((100 * np.exp(np.cumsum(steps, axis=0))).round(2), 0.01)
    return replace(panel, fields={"close": close})


class DyingTunings(MemoryTunings):
    """Dies at the n-th set that is to be kept, before or after it is."""

    def __init__(self, at: int, *, after: bool) -> None:
        super().__init__()
        self._left, self._after = at, after

    def add(self, tried: Tried) -> None:
        """Keep one set, or die."""
        self._left -= 1
        if self._left == 0 and not self._after:
            raise KeyboardInterrupt
        super().add(tried)
        if self._left == 0:
            raise KeyboardInterrupt

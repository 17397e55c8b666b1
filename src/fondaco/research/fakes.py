"""Fakes of the ports: stores in memory, strategies in this process, for tests."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from fondaco.core.errors import NotFound
from fondaco.core.ideas import Forecast
from fondaco.core.instrument import InstrumentId
from fondaco.research.ports import Outcome, Trial

if TYPE_CHECKING:
    from fondaco.market.panel import Matrix, Panel


class MemoryTrials:
    """A trial ledger in memory."""

    def __init__(self) -> None:
        self._trials: dict[str, Trial] = {}

    def add(self, trial: Trial) -> bool:
        """Count a trial once by its content."""
        new = trial.content not in self._trials
        if new:
            self._trials[trial.content] = trial
        return new

    def list(self, *, strategy: str | None = None, limit: int = 100) -> tuple[Trial, ...]:
        """Return trials, newest first."""
        return tuple(t for t in reversed(self._trials.values()) if strategy in (None, t.strategy))[
            :limit
        ]

    def count(self, *, strategy: str | None = None) -> int:
        """Return how many trials there are."""
        return sum(strategy in (None, t.strategy) for t in self._trials.values())


class MemoryForecasts:
    """A forecast store in memory."""

    def __init__(self) -> None:
        self._outcomes: dict[tuple[str, InstrumentId, datetime], Outcome] = {}

    def add(self, forecasts: tuple[Forecast, ...]) -> int:
        """Keep forecasts that are not there yet."""
        before = len(self._outcomes)
        for forecast in forecasts:
            key = (forecast.model, forecast.instrument, forecast.as_of)
            self._outcomes.setdefault(key, Outcome(forecast, None))
        return len(self._outcomes) - before

    def realise(
        self, model: str, instrument: InstrumentId, as_of: datetime, realised: float
    ) -> None:
        """Write down an outcome, once."""
        key = (model, instrument, as_of)
        if key not in self._outcomes:
            raise NotFound("no such forecast", value=f"{model} of {instrument} at {as_of}")
        if self._outcomes[key].realised is None:
            self._outcomes[key] = replace(self._outcomes[key], realised=realised)

    def list(
        self, *, model: str | None = None, as_of: datetime | None = None, limit: int = 1_000
    ) -> tuple[Outcome, ...]:
        """Return forecasts made at or before `as_of`, newest first, then by instrument."""
        fitting = [
            o
            for o in self._outcomes.values()
            if model in (None, o.forecast.model) and (as_of is None or o.forecast.as_of <= as_of)
        ]
        by_name = sorted(fitting, key=lambda o: o.forecast.instrument)
        return tuple(sorted(by_name, key=lambda o: o.forecast.as_of, reverse=True)[:limit])


@dataclass(frozen=True, slots=True)
class PlainStrategy:
    """A function of this process as an open strategy."""

    name: str
    weights: "Callable[[Panel], Matrix]"
    doc: str = ""
    parameters: Mapping[str, float | int] = field(default_factory=dict)

    def many(self, panels: "Sequence[Panel]") -> "list[Matrix]":
        """Return the weights of each."""
        return [self.weights(panel) for panel in panels]


class MemoryStrategies:
    """Strategies by file name, run in this process; `anywhere` notes what was asked for."""

    def __init__(self, functions: "Mapping[str, Callable[[Panel], Matrix]]") -> None:
        self._functions = dict(functions)
        self.asked: list[tuple[str, bool]] = []

    def read(self, reference: str, *, anywhere: bool = False) -> str:
        """Return a source that names the function."""
        self.asked.append((reference, anywhere))
        if reference not in self._functions:
            raise NotFound("no such strategy", value=reference)
        return f"# {reference}"

    @contextmanager
    def open_source(
        self, name: str, source: str, parameters: Mapping[str, float] | None = None
    ) -> Iterator[PlainStrategy]:
        """Open one by the name in its source."""
        found = self._functions[source.removeprefix("# ")]
        yield PlainStrategy(name, found, "", dict(parameters or {}))

    @contextmanager
    def open(
        self,
        reference: str,
        parameters: Mapping[str, float] | None = None,
        *,
        anywhere: bool = False,
    ) -> Iterator[PlainStrategy]:
        """Open one by its name."""
        self.asked.append((reference, anywhere))
        if reference not in self._functions:
            raise NotFound("no such strategy", value=reference)
        yield PlainStrategy(reference, self._functions[reference], "", dict(parameters or {}))

"""Fakes of the ports: stores in memory, for tests."""

from dataclasses import replace
from datetime import datetime

from fondaco.core.errors import NotFound
from fondaco.core.ideas import Forecast
from fondaco.core.instrument import InstrumentId
from fondaco.research.ports import Outcome, Trial


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

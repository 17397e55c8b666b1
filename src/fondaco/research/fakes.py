"""Fakes of the ports: stores in memory, strategies in this process, promotions; for tests."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fondaco.core.errors import NotFound
from fondaco.core.ideas import Forecast
from fondaco.core.instrument import InstrumentId
from fondaco.research.ports import Outcome
from fondaco.research.trial_ledger import (
    EVERY,
    Evidence,
    Line,
    Promotion,
    Stage,
    Trial,
    Which,
)
from fondaco.research.trials import line_of

if TYPE_CHECKING:
    from fondaco.market.panel import Matrix, Panel
    from fondaco.research.strategies.strategy import Strategy


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

    def get(self, content: str) -> Trial:
        """Return the trial of a content, or of the only one that starts so."""
        found = [t for key, t in self._trials.items() if content and key.startswith(content)]
        if len(found) != 1:
            raise NotFound("no such trial", value=content)
        return found[0]

    def list(self, which: Which = EVERY, *, limit: int = 100) -> tuple[Trial, ...]:
        """Return trials, newest first."""
        return tuple(t for t in reversed(self._trials.values()) if _fits(t, which))[:limit]

    def count(self, which: Which = EVERY) -> int:
        """Return how many trials there are."""
        return sum(_fits(trial, which) for trial in self._trials.values())

    def lines(self, which: Which = EVERY, *, limit: int) -> tuple[Line, ...]:
        """Return trials with their streams, newest first."""
        return tuple(line_of(trial) for trial in self.list(which, limit=limit))


def _fits(trial: Trial, which: Which) -> bool:
    wanted = {name: getattr(which, name) for name in Which.__dataclass_fields__}
    return all(value in (None, getattr(trial, name)) for name, value in wanted.items())


class MemoryEvidence:
    """Evidence in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, Evidence] = {}

    def add(self, evidence: Evidence) -> str:
        """Keep evidence once by its key."""
        first = next((one.id for one in self._kept.values() if one.key == evidence.key), None)
        if first is not None:
            return first
        name = f"EV-{len(self._kept) + 1}"
        self._kept[name] = replace(evidence, id=name)
        return name

    def get(self, evidence_id: str) -> Evidence:
        """Return evidence with its id."""
        if evidence_id not in self._kept:
            raise NotFound("no such evidence", value=evidence_id)
        return self._kept[evidence_id]

    def list(self, *, strategy: str | None = None, limit: int = 100) -> tuple[Evidence, ...]:
        """Return evidence, newest first."""
        kept = reversed(self._kept.values())
        return tuple(one for one in kept if strategy in (None, one.strategy))[:limit]


class MemoryPromotions:
    """Promotions in memory."""

    def __init__(self) -> None:
        self._kept: list[Promotion] = []

    def add(self, promotion: Promotion) -> str:
        """Keep a promotion under the next id."""
        self._kept.append(replace(promotion, id=f"PR-{len(self._kept) + 1}"))
        return self._kept[-1].id

    def list(self, *, strategy: str | None = None, limit: int = 100) -> tuple[Promotion, ...]:
        """Return promotions, newest first."""
        kept = reversed(self._kept)
        return tuple(one for one in kept if strategy in (None, one.strategy))[:limit]

    def current(self) -> tuple[Promotion, ...]:
        """Return the newest promotion of each strategy, by name."""
        newest = {one.strategy: one for one in self._kept}
        return tuple(newest[name] for name in sorted(newest))


def promotion_of(
    strategy: "Strategy",
    stage: Stage = Stage.PAPER,
    override: str = "",
    at: datetime = datetime(2010, 1, 4, tzinfo=UTC),
) -> Promotion:
    """Return the promotion of a strategy as it is now, as if the gate had let it pass."""
    from fondaco.research.strategies.strategy import code_hash

    return Promotion(
        id="",
        strategy=strategy.name,
        family=strategy.family,
        code=code_hash(strategy),
        parameters=dict(strategy.parameters),
        stage=stage,
        evidence="EV-1",
        conditions=(),
        override=override,
        author="ada",
        surface="cli",
        at=at,
    )


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

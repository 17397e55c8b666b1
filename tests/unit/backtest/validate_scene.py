"""What the tests of validations share: desks with given closes, and a validation on them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from fondaco.backtest.validation.play import Bench
from fondaco.backtest.validation.result import ValidationResult, Verdict
from fondaco.backtest.validation.run import run_validation
from fondaco.core.clock import FixedClock
from fondaco.core.instrument import Origin
from fondaco.core.jobs import Progress
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
from fondaco.research.fakes import MemoryEvidence, MemoryStrategies
from unit.backtest.desk import SmallDesk, Steps, inputs

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
SHORT = {
    "vary": {},
    "holdout": None,
    "walk": "rolling",
    "walk_train": 126,
    "walk_test": 42,
    "walk_anchor": None,
    "groups": 6,
    "test_groups": 2,
    "draws": 500,
    "seed": 7,
}
GRID = {"lookback": [20, 40, 60], "skip": [1, 5]}


@dataclass
class ValidationDesk(SmallDesk):
    """A small desk that keeps evidence, and whose users have files of their own."""

    evidence: MemoryEvidence = field(default_factory=MemoryEvidence)
    files: dict[str, Callable[[Panel], Matrix]] = field(default_factory=dict)

    @property
    def bench(self) -> Bench:
        return Bench(
            self.prices,
            self.book,
            MemoryStrategies(self.files),
            self.trials,
            self.evidence,
            FixedClock(NOW),
        )

    def validate(self, progress: Progress | None = None, **changes: Any) -> ValidationResult:
        """Validate with some inputs changed; from_ stands for from, `file` names a user's file."""
        plan = {name: changes.pop(name, value) for name, value in SHORT.items()}
        given = inputs(**changes) | plan
        return run_validation(self.bench, given, progress or Steps())

    def validate_file(self, name: str, **changes: Any) -> ValidationResult:
        """Validate a user's file."""
        given = {"parameters": {}, "strategy": name, "code": f"# {name}", **changes}
        return self.validate(**given)


def desk_on(panel: Panel, origin: Origin = Origin.SIMULATED) -> ValidationDesk:
    """Return a desk with a panel's prices, known at their closes."""
    shown = replace(panel, origin=origin)
    store = MemoryStore()
    store.append(BARS, panel_rows(shown), ingest_id="one")
    book = MemoryInstruments(simulated_instruments(len(panel.instruments)))
    return ValidationDesk(shown, Prices(store, book, FixedCalendar), book)


def random_desk(seed: int = 13, sessions: int = 500, names: int = 5) -> ValidationDesk:
    """Return a desk with a random walk."""
    return desk_on(simulated_panel(seed, sessions, names))


def with_closes(closes: Matrix, seed: int = 1) -> Panel:
    """Return a panel of these closes, in cents; each session opens where the last one closed."""
    blank = simulated_panel(seed, *closes.shape, with_opens=False)
    close = np.maximum(closes.round(2), 0.01)
    opened = np.vstack([close[:1], close[:-1]])
    high, low = np.maximum(opened, close), np.minimum(opened, close)
    volume = np.full(close.shape, 1e6)
    fields = {"close": close, "open": opened, "high": high, "low": low, "volume": volume}
    return replace(blank, fields=fields)


def verdict(result: ValidationResult, name: str) -> Verdict:
    """Return one of a validation's verdicts."""
    return next(one for one in result.verdicts if one.name == name)


def timely(panel: Panel) -> Matrix:
    """Hold all of the first name after a rise, nothing after a fall: right where falls follow."""
    out = np.full(panel.close.shape, np.nan)
    rose = panel.close[1:, 0] > panel.close[:-1, 0]
    out[1:, 0] = np.where(rose, 0.9, 0.0)
    return out


def persistent(seed: int, sessions: int, *, strength: float) -> Panel:
    """Return two names whose days follow each other: a rise is followed by a rise.

    Daily returns are an AR(1) process with coefficient `strength` and a deviation of 1 %; 0 is a
    random walk. The second name is a walk of its own.
    """
    rng = np.random.default_rng(seed)
    moves = rng.normal(0.0, 0.01, (sessions, 2))
    for row in range(1, sessions):
        moves[row, 0] += strength * moves[row - 1, 0]
    return with_closes(100.0 * np.exp(np.cumsum(moves, axis=0)), seed)

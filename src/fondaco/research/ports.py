"""What research needs of the world: prices and names to read, a store of forecasts, and a place
to run a user's strategy. `trial_ledger.py` has the stores of trials, evidence and promotions.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from fondaco.core.ideas import Forecast
from fondaco.core.instrument import Instrument, InstrumentId, Origin

if TYPE_CHECKING:
    # They bring numpy, and this module stands on `--help`'s way.
    from fondaco.market.panel import Matrix, Panel


OUTCOMES_READ_MAX = 10_000
"""Most forecasts read at once, newest first: ten years of months for 80 names."""


class Panels(Protocol):
    """Reads panels of bars; `market.prices.Prices` is one."""

    def panel(
        self,
        instruments: Sequence[InstrumentId] | None = None,
        *,
        as_of: datetime,
        since: date | None = None,
        until: date | None = None,
        origin: Origin | None = None,
    ) -> "Panel":
        """Return the bars that were known at `as_of`; None means every share."""
        ...


class Names(Protocol):
    """Finds instruments; `market.ports.Instruments` is one."""

    def get(self, instrument: InstrumentId) -> Instrument:
        """Return one by its permanent id; raises NotFound."""
        ...

    def by_symbol(self, symbol: str, day: date) -> Instrument:
        """Return what a ticker meant on a day; raises NotFound naming near symbols."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """An out-of-sample forecast and what came of it; `realised` None until the horizon ends."""

    forecast: Forecast
    realised: float | None


class ForecastStore(Protocol):
    """Keeps each out-of-sample forecast once, with its outcome when that is known."""

    def add(self, forecasts: tuple[Forecast, ...]) -> int:
        """Keep forecasts; those that are there already stay as they are. Return how many new."""
        ...

    def realise(
        self, model: str, instrument: InstrumentId, as_of: datetime, realised: float
    ) -> None:
        """Write down what came of a forecast, once."""
        ...

    def list(
        self, *, model: str | None = None, as_of: datetime | None = None, limit: int = 1_000
    ) -> tuple[Outcome, ...]:
        """Return forecasts made at or before `as_of`, newest first."""
        ...


class UserStrategy(Protocol):
    """A user's strategy that is open to be called; each call meets it as freshly loaded."""

    @property
    def name(self) -> str:
        """What it is called in messages: the file's name, or its reference."""
        ...

    @property
    def doc(self) -> str:
        """The first line of its docstring, or nothing."""
        ...

    @property
    def parameters(self) -> Mapping[str, float | int]:
        """Its PARAMETERS, with the changes made."""
        ...

    def weights(self, panel: "Panel") -> "Matrix":
        """Return its target weights, (T, N), NaN for no change.

        Raises InvalidInput naming file, line, bound and remedy: for an exception, another shape
        or type, too much time or memory.
        """
        ...

    def many(self, panels: "Sequence[Panel]") -> "list[Matrix]":
        """Return the weights for some panels, in order, from one loading: faster than one by one.

        What it keeps from one of them is there for the next, so hand in only what may share it.
        """
        ...


class UserStrategies(Protocol):
    """Opens strategies that users wrote, where they can do no harm."""

    def read(self, reference: str, *, anywhere: bool = False) -> str:
        """Return the source of a file, so that what runs later is what was asked for.

        Raises as `open` does; a package's function has no file of its own and is InvalidInput.
        """
        ...

    def open_source(
        self, name: str, source: str, parameters: Mapping[str, float] | None = None
    ) -> AbstractContextManager[UserStrategy]:
        """Open a strategy by its source, under the name that messages give it."""
        ...

    def open(
        self,
        reference: str,
        parameters: Mapping[str, float] | None = None,
        *,
        anywhere: bool = False,
    ) -> AbstractContextManager[UserStrategy]:
        """Open a file of the strategies folder by its name; it is closed with the block.

        `anywhere` also takes any path and `package.module:function`: only for who sits at the
        machine. Raises NotFound, InvalidInput for a file that cannot be a strategy, Refused for a
        place that the caller may not name or a system that cannot shut it in.
        """
        ...

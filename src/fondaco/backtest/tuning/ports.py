"""What tuning needs of the world: where each set that a study tried is kept. With its fake."""

from dataclasses import dataclass
from typing import Literal, Protocol

from fondaco.backtest.sweep_result import SetFigures
from fondaco.core.errors import Conflict

State = Literal["complete", "pruned", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One set that a study tried, numbered from 0 on.

    `complete`: played over the whole searched span. `pruned`: given up after its first part, with
    the figures of that part. `failed`: refused by the strategy, or not to be played, with why in
    `reason`; it is no trial. `trial` is the content of its trial; `new` whether this study was the
    first to make it. `early` is the annual Sharpe ratio of the first part, where that was looked
    at alone.
    """

    study: str
    number: int
    varied: dict[str, float | int]
    state: State
    reason: str = ""
    trial: str | None = None
    new: bool = False
    early: float | None = None
    figures: SetFigures | None = None


class TuningStore(Protocol):
    """Keeps what studies tried, for good, in the transaction that is open."""

    def add(self, tried: Tried) -> None:
        """Keep one set; raises Conflict where the study has one of this number already."""
        ...

    def list(self, study: str) -> tuple[Tried, ...]:
        """Return what a study tried, by number; empty for one that never began."""
        ...


class MemoryTunings:
    """Keeps what studies tried in a dictionary."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], Tried] = {}

    def add(self, tried: Tried) -> None:
        """Keep one set."""
        key = (tried.study, tried.number)
        if key in self._kept:
            raise number_taken(tried)
        self._kept[key] = tried

    def list(self, study: str) -> tuple[Tried, ...]:
        """Return what a study tried, by number."""
        return tuple(self._kept[key] for key in sorted(self._kept) if key[0] == study)


def number_taken(tried: Tried) -> Conflict:
    """Return the error of keeping a second set under one number."""
    return Conflict(
        "the study has a set of this number already",
        value=f"{tried.study} number {tried.number}",
        remedy="Another worker is at the same study: let one of them end.",
    )

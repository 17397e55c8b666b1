"""What is asked of the feed and what it answers: values."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from fondaco.core.errors import InvalidInput
from fondaco.core.ids import content_hash
from fondaco.market.errors import Cause
from fondaco.market.ports import Ask
from fondaco.market.sheets import Market

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

SYMBOLS_MAX = 1_000


class Tier(StrEnum):
    """Where an answer was found."""

    MEMORY = "memory"
    SHARED = "shared"
    STORE = "store"
    PROVIDER = "provider"


class Outcome(StrEnum):
    """What became of one source of a route."""

    ANSWERED = "answered"
    PARTLY = "partly"  # it said nothing of some of the symbols
    FAILED = "failed"
    PASSED = "passed over"  # it was not asked


@dataclass(frozen=True, slots=True)
class Wanted:
    """A kind of data of some symbols in one market. Raises InvalidInput beyond `SYMBOLS_MAX`.

    A kind that is of no symbol (policy texts, flows of a market) is asked with the one symbol "".
    """

    kind: str
    market: Market
    symbols: tuple[str, ...] = ("",)
    since: date | None = None
    until: date | None = None
    options: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.symbols) <= SYMBOLS_MAX:
            raise InvalidInput(
                "too many or too few symbols in one question",
                value=len(self.symbols),
                bound=f"1 to {SYMBOLS_MAX:,}",
                remedy="Ask for fewer at a time.",
            )

    def key(self, symbol: str) -> "Key":
        """Return what names the part of the answer that is of one symbol."""
        span = (self.since, self.until, self.options)
        rest = "" if span == (None, None, ()) else content_hash([str(part) for part in span])[:16]
        return Key(self.kind, self.market, symbol, rest)

    def ask(self, symbols: tuple[str, ...]) -> Ask:
        """Return the question for a provider, of some of the symbols."""
        return Ask(self.since, self.until, dict(self.options) or None, self.kind, symbols)


@dataclass(frozen=True, slots=True)
class Key:
    """Names one cached thing. `rest` is the hash of span and options, empty when there are none."""

    kind: str
    market: Market
    symbol: str
    rest: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.market.value}/{self.symbol}/{self.rest}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One source of a route: what became of it, why, and how long it took."""

    provider: str
    outcome: Outcome
    cause: Cause | None
    reason: str
    seconds: float = 0.0
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old an answer is and whether it may be taken as present.

    `age_seconds` counts from when its source was asked; of several symbols it is the oldest's.
    """

    stale: bool
    age_seconds: float
    why: str
    tiers: tuple[Tier, ...]

    @property
    def label(self) -> str:
        """Return the words that stand beside the figures."""
        word = "stale" if self.stale else "fresh"
        return f"{word}, {self.age_seconds:,.0f} s old: {self.why}"


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure as one source gives it."""

    source: str
    value: float


@dataclass(frozen=True, slots=True)
class Choice:
    """Which source's figure was taken where several had it, and why.

    `spread` is the largest difference between two of them, as a share of the larger. A flagged
    choice is doubtful: the sources differ by more than is usual and nothing settles it, or one
    of them stands apart.
    """

    kind: str
    market: Market
    symbol: str
    at: datetime
    source: str
    value: float
    flagged: bool
    spread: float
    reason: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """One symbol's rows, with source, ingest, when asked, until when they are fresh and why.

    `witnesses` is how many sources they were to be compared with, themselves included.
    """

    rows: "pl.DataFrame"
    source: str
    ingest_id: str
    asked_at: datetime
    fresh_until: datetime
    why: str = ""
    witnesses: int = 1
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows by symbol, from which source each, how fresh, what was tried, what was chosen.

    `attempts` is empty when nothing had to be asked for this answer. `unknown` symbols are those
    of which no source gave anything: only in an answer that was asked to do without.
    """

    wanted: Wanted
    parts: "Mapping[str, Held]"
    freshness: Freshness
    attempts: tuple[Attempt, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def rows(self) -> "pl.DataFrame":
        """Return the rows of all symbols, in the order in which they were asked."""
        import polars as pl

        return pl.concat([self.parts[symbol].rows for symbol in self.parts])

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the sources of the rows, each once."""
        return tuple(dict.fromkeys(part.source for part in self.parts.values()))

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Return what was chosen between sources."""
        return tuple(part.choice for part in self.parts.values() if part.choice is not None)

    @property
    def flagged(self) -> bool:
        """Return whether any choice is doubtful."""
        return any(choice.flagged for choice in self.choices)

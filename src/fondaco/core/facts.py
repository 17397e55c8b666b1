"""Facts: numbers with unit, time and source. Prose never types a number; it points at a fact."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from fondaco.core.clock import utc
from fondaco.core.errors import NotFound
from fondaco.core.ids import content_hash
from fondaco.core.money import require_finite


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact's rows stand, so that they can be read again.

    `table` is a store table (`bars_1d`), a desk table (`entries`) or `settings`; `keys` are the
    instrument ids or record ids; `columns` what was read; `since` and `until` bound `ts`;
    `version` is the store's version; `method` names the function that derived the value.
    """

    table: str
    keys: tuple[str, ...]
    columns: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    version: int | None = None
    method: str = "as stored"


@dataclass(frozen=True, slots=True)
class Fact:
    """A number that can be traced. Its id is the hash of its content.

    Equal content has one id, however it is written: 1.50 and 1.5, 20:00Z and 16:00-04:00.
    """

    name: str
    value: Decimal
    unit: str
    as_of: datetime
    source: Source

    def __post_init__(self) -> None:
        require_finite(f"the fact {self.name!r}", self.value)
        utc(self.as_of)

    @property
    def id(self) -> str:
        """F- and the first 16 hex digits of the content's SHA-256."""
        source = self.source
        return (
            "F-"
            + content_hash(
                [
                    self.name,
                    plain_digits(self.value),
                    self.unit,
                    _moment(self.as_of),
                    source.table,
                    list(source.keys),
                    list(source.columns),
                    _moment(source.since),
                    _moment(source.until),
                    source.version,
                    source.method,
                ]
            )[:16]
        )


def plain_digits(value: Decimal) -> str:
    """Return a number's digits without exponent or trailing zeros: one text for equal numbers.

    >>> plain_digits(Decimal("1.50")), plain_digits(Decimal("1E+2")), plain_digits(Decimal("-0"))
    ('1.5', '100', '0')
    """
    digits = format(value, "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return "0" if value == 0 else digits


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else utc(moment).isoformat()


class FactStore(Protocol):
    """Keeps facts for good, by id."""

    def add(self, facts: tuple[Fact, ...]) -> None:
        """Keep facts; one that is already there stays as it is."""
        ...

    def get(self, fact_id: str) -> Fact:
        """Return a fact; raises NotFound."""
        ...


class MemoryFacts:
    """A fact store in memory, for tests."""

    def __init__(self) -> None:
        self._facts: dict[str, Fact] = {}

    def add(self, facts: tuple[Fact, ...]) -> None:
        """Keep facts by id."""
        for fact in facts:
            self._facts.setdefault(fact.id, fact)

    def get(self, fact_id: str) -> Fact:
        """Return a fact; raises NotFound."""
        if fact_id not in self._facts:
            raise NotFound("no such fact", value=fact_id)
        return self._facts[fact_id]

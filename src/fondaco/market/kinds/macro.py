"""Economies: series with their vintages, and yield curves."""

from dataclasses import dataclass
from typing import Annotated

from fondaco.market.kinds.kind import In, kind
from fondaco.market.kinds.words import (
    At,
    Code,
    Currency,
    Known,
    On,
    Percent,
    Series,
    Source,
    Value,
    Words,
)

Tenor = Annotated[float, In("years to maturity", 0, 100)]
Rate = Annotated[str, In("what kind of rate", one_of=("par", "zero", "real", "bill"))]


@kind("macro", key=("series", "period"), of="series")
@dataclass(frozen=True, slots=True, kw_only=True)
class MacroRow:
    """One observation of a series in one vintage; `ts` is the end of its period.

    `known_at` is the vintage: another value of the same period known later is a revision. The
    latest vintage alone (`vintage` false) was not known on the day of its period.
    """

    series: Series
    ts: At
    known_at: Known
    period: On
    value: Value
    unit: Words | None = None
    frequency: Code | None = None
    vintage: Annotated[bool, In("whether the source told when it was first published")]
    source: Source


@kind("yields", key=("curve", "rate", "day", "tenor"), of="curve")
@dataclass(frozen=True, slots=True, kw_only=True)
class YieldRow:
    """One point of a yield curve on a day."""

    curve: Code
    ts: At
    known_at: Known
    day: On
    rate: Rate
    tenor: Tenor
    percent: Percent
    currency: Currency
    source: Source

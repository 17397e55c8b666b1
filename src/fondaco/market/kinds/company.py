"""What companies say and what is said of them: statements, estimates, filings, holdings."""

from dataclasses import dataclass
from typing import Annotated

from fondaco.market.kinds.kind import In, kind
from fondaco.market.kinds.words import (
    At,
    Code,
    Count,
    Currency,
    Id,
    Key,
    Known,
    Money,
    On,
    Positive,
    Ratio,
    Size,
    Source,
    Url,
    Value,
    Words,
    Worth,
)

Item = Annotated[str, In("what is measured, in the source's taxonomy: us-gaap:Revenues")]
Unit = Annotated[str, In("unit of the value: USD, shares, USD/shares")]
Trade = Annotated[str, In("what was done", one_of=("buy", "sell", "grant", "exercise", "other"))]
Deal = Annotated[str, In("how it was dealt", one_of=("insider", "bulk", "block", "short"))]


@kind("fundamentals", key=("instrument", "item", "unit", "start", "end", "filing"), of="instrument")
@dataclass(frozen=True, slots=True, kw_only=True)
class FundamentalRow:
    """One number of one statement as filed; `ts` is the period's end, `known_at` first seen.

    `start` equals `end` for a number of one day (a balance). A restatement is another filing.
    """

    instrument: Key
    ts: At
    known_at: Known
    item: Item
    unit: Unit
    start: On
    end: On
    filing: Id
    form: Code | None = None
    fiscal_year: Count | None = None
    fiscal_period: Code | None = None
    value: Value
    source: Source


@kind("estimates", key=("instrument", "item", "end", "ts"), of="instrument")
@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRow:
    """What analysts expected of a period on a day; with the actual, a surprise."""

    instrument: Key
    ts: At
    known_at: Known
    item: Item
    end: On
    mean: Value | None = None
    high: Value | None = None
    low: Value | None = None
    analysts: Count | None = None
    actual: Value | None = None
    source: Source


@kind("filings", key=("instrument", "filing"), of="instrument")
@dataclass(frozen=True, slots=True, kw_only=True)
class FilingRow:
    """A document filed with a regulator; `ts` is its acceptance."""

    instrument: Key
    ts: At
    known_at: Known
    filing: Id
    form: Code
    period: On | None = None
    title: Words | None = None
    url: Url | None = None
    source: Source


@kind("deals", key=("instrument", "deal", "ts", "id"), of="instrument")
@dataclass(frozen=True, slots=True, kw_only=True)
class DealRow:
    """A trade that had to be reported: by an insider, in bulk or in a block."""

    instrument: Key
    ts: At
    known_at: Known
    id: Id
    deal: Deal
    trade: Trade
    who: Words
    role: Words | None = None
    shares: Size
    price: Positive | None = None
    value: Worth | None = None
    holds_after: Size | None = None
    filing: Id | None = None
    source: Source


@kind("flows", key=("market", "group", "segment", "ts"), of="market")
@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRow:
    """What a group of investors bought and sold in a market on a day (FPI, DII)."""

    market: Code
    group: Code
    segment: Code
    ts: At
    known_at: Known
    bought: Worth
    sold: Worth
    net: Money
    currency: Currency
    source: Source


@kind("events", key=("event", "id"), of="event")
@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """A dated event of a company or an economy; `ts` is when it is due, `known_at` announced.

    `importance` is 1 (low) to 3 (high). `forecast`, `previous` and `actual` are in `unit`.
    """

    event: Annotated[
        str, In("what kind", one_of=("earnings", "dividend", "split", "ipo", "economic"))
    ]
    id: Id
    instrument: Key | None = None
    country: Code | None = None
    ts: At
    known_at: Known
    title: Words
    importance: Annotated[int, In("1 low to 3 high", 1, 3)] | None = None
    forecast: Value | None = None
    previous: Value | None = None
    actual: Value | None = None
    unit: Unit | None = None
    surprise: Ratio | None = None
    source: Source

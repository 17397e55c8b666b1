"""Prices inside a session: intraday bars, quotes, trades and order-book depth.

Daily bars are `bars_1d` of `market.tables`: they have a gate and a table of their own.
"""

from dataclasses import dataclass
from typing import Annotated

from fondaco.market.kinds.kind import In, kind
from fondaco.market.kinds.words import At, Code, Count, Flag, Key, Known, Price, Size, Source

Seconds = Annotated[int, In("length of the bar in seconds", 1, 86_400)]
Side = Annotated[str, In("side of the book", one_of=("bid", "ask"))]
Aggressor = Annotated[str, In("who crossed the spread", one_of=("buy", "sell"))]
Level = Annotated[int, In("level of the book, 1 is the best", 1, 1_000)]


@kind("bars_intraday", key=("instrument", "seconds", "ts"), of="instrument")
@dataclass(frozen=True, slots=True, kw_only=True)
class IntradayBar:
    """One bar shorter than a session; `ts` is its close. An unfinished bar is not `final`."""

    instrument: Key
    seconds: Seconds
    ts: At
    known_at: Known
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Size | None = None
    trades: Count | None = None
    final: Flag
    source: Source


@kind("quotes", key=("instrument", "ts"), of="instrument")
@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRow:
    """Best bid and ask at a moment, with the last trade where the source gives it."""

    instrument: Key
    ts: At
    known_at: Known
    bid: Price | None = None
    ask: Price | None = None
    bid_size: Size | None = None
    ask_size: Size | None = None
    last: Price | None = None
    last_size: Size | None = None
    previous_close: Price | None = None
    volume: Size | None = None
    source: Source


@kind("trades", key=("instrument", "ts", "trade"), of="instrument")
@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRow:
    """One trade; `trade` is the source's id, or its place among the trades of the same moment."""

    instrument: Key
    ts: At
    known_at: Known
    trade: Code
    price: Price
    size: Size
    exchange: Code | None = None
    conditions: Code | None = None
    aggressor: Aggressor | None = None
    source: Source


@kind("depth", key=("instrument", "ts", "side", "level"), of="instrument")
@dataclass(frozen=True, slots=True, kw_only=True)
class DepthRow:
    """One level of one side of an order book at a moment."""

    instrument: Key
    ts: At
    known_at: Known
    side: Side
    level: Level
    price: Price
    size: Size
    orders: Count | None = None
    source: Source

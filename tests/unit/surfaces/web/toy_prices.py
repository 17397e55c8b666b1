"""The toy's instruments with quotes, bars, chains, statements and events, in the real shapes."""

import json
import math
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from fondaco.core.capability import capability
from fondaco.core.clock import Clock
from fondaco.core.errors import NotFound
from fondaco.core.instrument import Origin
from fondaco.core.quantities import AsOf, Day, Symbol
from fondaco.market.price_results import BarLine, History, InstrumentLine, InstrumentList
from fondaco.market.price_views import view_history, view_instruments
from fondaco.market.quote_capability import view_quotes
from fondaco.market.quote_results import QuoteLine, QuoteList, TriedLine
from fondaco.market.reading_results import (
    Chain,
    ChainLine,
    EventLine,
    EventList,
    FundamentalLine,
    Fundamentals,
)
from fondaco.market.reading_views import view_chain, view_events, view_fundamentals
from fondaco.market.results import (
    FaultLine,
)

from .toy_state import AS_OF, SYMBOLS

SECONDS = {"1d": 86_400, "1m": 60, "5m": 300, "15m": 900, "30m": 1_800, "1h": 3_600, "4h": 14_400}
FIRST_MINUTE = date(2022, 12, 1)
"""The toy has no shorter bars that were known before this day."""
SPLIT = date(2020, 8, 31)
RENAMED = date(2022, 6, 9)
FILED = date(2022, 10, 28)
MISSING = "XOM"
PAID = date(2022, 7, 14)
HOSTILE = '<img src=x onerror="window.hacked = 1"> dividend'
"""A title as a source might write it: shown as its own letters, never as a page's."""
"""The toy's symbol of which little is known: no statement, no chain, no short bars."""


def fault_id(at: int) -> str:
    return f"Q-{at:016x}"


def _fault(at: int) -> FaultLine:
    rule, symbol = ("jump", "zero_volume", "frozen", "high_low")[at % 4], SYMBOLS[at % 4][0]
    kept = rule == "frozen"
    close = 4.06 + at / 100
    return FaultLine(
        fault_id(at),
        rule,
        symbol,
        date(2022, 12, 28) - timedelta(days=7 * at),
        {
            "jump": "the close moved by -74.9 % and no supplied factor explains it",
            "zero_volume": "nothing was traded",
            "frozen": f"{close:.2f} for the 6th session while 98% of others moved",
            "high_low": "the high of 3.90 lies below the low of 4.01",
        }[rule],
        f"prices/{symbol.lower()}.csv.gz row {4787 - at}",
        "" if kept else json.dumps({"close": close, "high": 3.9, "low": 4.01, "volume": 0.0}),
        "bundled:toy",
        AS_OF,
        rule in {"jump", "zero_volume"},
        None,
    )


@dataclass
class ToyMarket:
    """Faults by id; what was asked of lineage and quotes."""

    faults: dict[str, FaultLine] = field(default_factory=dict)
    factor: float | None = None
    quotes: int = 0

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.faults = {fault_id(at): _fault(at) for at in range(24)}
        self.factor, self.quotes = None, 0

    def settle(self, ids: tuple[str, ...], words: str) -> None:
        unknown = [one for one in ids if one not in self.faults]
        if unknown:
            raise NotFound("no such fault", value=", ".join(unknown))
        for one in ids:
            self.faults[one] = replace(self.faults[one], resolved=words)


def moment_of(as_of: datetime | date | None, clock: Clock) -> datetime:
    if as_of is None:
        return clock.now()
    if isinstance(as_of, datetime):
        return as_of
    return datetime(as_of.year, as_of.month, as_of.day, 21, tzinfo=UTC)


def name_of(symbol: str) -> str:
    names = dict(SYMBOLS)
    if symbol not in names:
        raise NotFound("no such symbol", value=symbol, remedy="Try AAPL.")
    return names[symbol]


@capability("market.search", view=view_instruments)
def search(
    *,
    match: str = "",
    on: Day | None = None,
    asset_class: Literal["equity", "etf"] | None = None,
    sector: str = "",
    limit: int = 100,
) -> InstrumentList:
    """Search instruments.

    Example:
        fondaco market search
    """
    lines = tuple(
        InstrumentLine(
            symbol,
            f"I-00000000000{at}",
            name,
            "equity",
            "XNAS",
            "USD",
            "Technology" if at % 2 else "Energy",
            (f"{symbol} 1990-01-02 to now",),
        )
        for at, (symbol, name) in enumerate(SYMBOLS)
        if match.lower() in f"{symbol} {name}".lower()
        and (asset_class in (None, "equity"))
        and (on is None or on >= date(1990, 1, 2))
    )
    found = tuple(line for line in lines if sector.lower() in (line.sector or "").lower())
    return InstrumentList(len(found), found[:limit])


@capability("market.history", view=view_history)
def show_history(
    clock: Clock,
    /,
    *,
    symbol: Symbol,
    interval: Literal["1d", "1m", "5m", "15m", "30m", "1h", "4h"] = "1d",
    as_of: AsOf = None,
    adjusted: bool = False,
    limit: Annotated[int, Field(ge=1, le=10_000)] = 250,
) -> History:
    """Show bars.

    Example:
        fondaco market history AAPL
    """
    name, moment = name_of(symbol), moment_of(as_of, clock)
    last = min(moment, AS_OF)
    if interval != "1d" and (symbol == MISSING or last.date() < FIRST_MINUTE):
        raise NotFound(
            "no bars of this symbol were known then",
            value=f"{symbol} {interval} as of {moment.isoformat()}",
            remedy="Ask for a later time, or load prices: `fondaco market ingest bundled`.",
        )
    step = timedelta(seconds=SECONDS[interval])
    scale = Decimal(1) if not adjusted or last.date() < SPLIT else Decimal("0.25")
    bars = []
    for at in range(min(limit, 390)):
        ts = last - (min(limit, 390) - 1 - at) * step
        close = Decimal(str(round(100 + 9 * math.sin(at / 17), 2))) * scale
        bars.append(
            BarLine(
                ts.date(), ts, close - 1, close + 2, close - 2, close, Decimal(1000 + at), ts, True
            )
        )
    return History(
        symbol,
        "I-1",
        name,
        "USD",
        Origin.BUNDLED,
        moment,
        3,
        interval,
        adjusted,
        tuple(bars),
    )


@capability("market.quote", view=view_quotes)
def show_quote(
    market: ToyMarket,
    clock: Clock,
    /,
    *,
    symbol: Annotated[tuple[Symbol, ...], Field(min_length=1)],
    as_of: AsOf = None,
) -> QuoteList:
    """Show quotes.

    Example:
        fondaco market quote AAPL
    """
    market.quotes += 1
    moment = moment_of(as_of, clock)
    names = dict(SYMBOLS)
    lines = tuple(_quote(one, as_of is not None, moment) for one in symbol if one in names)
    tried = (
        TriedLine("finnhub", "passed over", "FONDACO_FINNHUB_KEY is not set"),
        TriedLine("yahoo", "failed", "Yahoo Finance cannot be reached"),
    )
    unknown = tuple(one for one in symbol if one not in names)
    return QuoteList(moment, lines, unknown, tried if as_of is None else ())


def _quote(symbol: str, stored: bool, moment: datetime) -> QuoteLine:
    word = f"as known at {moment:%Y-%m-%d %H:%M UTC}" if stored else "stale, asked 912 s ago"
    return QuoteLine(
        symbol,
        129.91,
        129.95,
        129.93,
        "USD",
        -0.0307,
        85_438_400,
        min(moment, AS_OF),
        min(moment, AS_OF),
        Origin.BUNDLED,
        "bundled:toy",
        word,
        "" if stored else "the book is crossed",
    )


@capability("market.chain", view=view_chain)
def show_chain(
    clock: Clock,
    /,
    *,
    symbol: Symbol,
    expiry: Day | None = None,
    as_of: AsOf = None,
    strikes: int = 12,
    limit: int = 500,
) -> Chain:
    """Show a chain.

    Example:
        fondaco market chain AAPL
    """
    name_of(symbol)
    moment = moment_of(as_of, clock)
    if symbol == MISSING or moment.date() < FIRST_MINUTE:
        raise NotFound("no option chain of this symbol was known then", value=symbol)
    expiries = (date(2023, 1, 20), date(2023, 2, 17), date(2023, 3, 17))
    lines = tuple(
        ChainLine(
            day,
            float(strike),
            right,
            symbol,
            2.1,
            2.2,
            10.0,
            12.0,
            2.15,
            310,
            4_100,
            0.312,
            0.5 if right == "call" else -0.5,
        )
        for day in expiries
        if expiry in (None, day)
        for strike in range(130 - 5 * strikes // 2, 130 + 5 * strikes // 2, 5)
        for right in ("call", "put")
    )
    return Chain(
        symbol,
        "I-1",
        Origin.BUNDLED,
        "bundled:toy",
        AS_OF,
        AS_OF,
        moment,
        3,
        129.93,
        expiries,
        len(lines),
        lines[:limit],
    )


@capability("market.fundamentals", view=view_fundamentals)
def show_fundamentals(
    clock: Clock, /, *, symbol: Symbol, item: str = "", as_of: AsOf = None, limit: int = 200
) -> Fundamentals:
    """Show statements.

    Example:
        fondaco market fundamentals AAPL
    """
    name, moment = name_of(symbol), moment_of(as_of, clock)
    if symbol == MISSING:
        raise NotFound(
            "no statement of this symbol was known then",
            value=f"{symbol} as of {moment.isoformat()}",
            remedy=f"`fondaco market ingest PROVIDER --kind fundamentals --symbol {symbol}` "
            "brings some in.",
        )
    late = moment.date() >= FILED
    lines = tuple(
        FundamentalLine(
            item_name,
            date(2021, 9, 26),
            date(2022, 9, 24) if late else date(2021, 9, 25),
            394_328_000_000.0 if late else 365_817_000_000.0,
            "USD",
            "10-K",
            "2022 FY" if late else "2021 FY",
            "0000320193-22-000108",
            datetime(2022, 10, 28, 18, 1, tzinfo=UTC),
            at % 2,
        )
        for at, item_name in enumerate(("us-gaap:Revenues", "us-gaap:NetIncomeLoss"))
        if item.lower() in item_name.lower()
    )
    return Fundamentals(
        symbol,
        "I-1",
        name,
        Origin.BUNDLED,
        "bundled:toy",
        moment,
        len(lines),
        len(lines),
        lines[:limit],
    )


@capability("market.events", view=view_events)
def list_events(
    clock: Clock,
    /,
    *,
    since: Day | None = None,
    until: Day | None = None,
    symbol: Symbol | None = None,
    as_of: AsOf = None,
    limit: int = 200,
) -> EventList:
    """List events.

    Example:
        fondaco market events
    """
    moment = moment_of(as_of, clock)
    first, last = since or moment.date(), until or moment.date() + timedelta(days=30)
    days = [date(2022, 1, 27), date(2022, 4, 28), PAID, date(2022, 10, 27), date(2023, 2, 2)]
    lines = tuple(
        EventLine(
            datetime(day.year, day.month, day.day, 21, 30, tzinfo=UTC),
            "dividend" if day == PAID else "earnings",
            HOSTILE if day == PAID else f"{symbol} earnings",
            symbol,
            "US",
            2,
            1.27,
            1.24,
            1.29 if day < moment.date() else None,
            "USD",
            0.0157 if day < moment.date() else None,
            AS_OF,
            "bundled:toy",
        )
        for day in days
        if first <= day <= last and symbol != MISSING
    )
    return EventList(first, last, moment, len(lines), (Origin.BUNDLED,), lines[:limit])

"""The toy's market: prices, statements, a chain, providers, a quarantine, in the real shapes."""

import hashlib
import json
import math
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.instrument import Origin
from fondaco.core.quantities import AsOf, CardId, Day, FactId, Symbol
from fondaco.desk.lineage_capability import view_lineage
from fondaco.market.lineage_values import LineageReport, NumberLine, Proof, RawPlace, RowOrigin
from fondaco.market.price_results import BarLine, History, InstrumentLine, InstrumentList
from fondaco.market.price_views import view_history, view_instruments
from fondaco.market.provider_results import (
    LimitLine,
    OfferLine,
    ProviderLine,
    ProviderList,
    ProviderSheet,
)
from fondaco.market.provider_views import view_provider, view_providers
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
    CoverageLine,
    DiscardReport,
    FaultLine,
    FaultList,
    QualityLine,
    QualitySummary,
    ReplayReport,
)
from fondaco.market.views import (
    view_discard,
    view_faults,
    view_quality,
    view_replay,
)

from .toy_state import AS_OF, PRICE, SYMBOLS

SECONDS = {"1d": 86_400, "1m": 60, "5m": 300, "15m": 900, "30m": 1_800, "1h": 3_600, "4h": 14_400}
FIRST_MINUTE = date(2022, 12, 1)
"""The toy has no shorter bars that were known before this day."""
SPLIT = date(2020, 8, 31)
RENAMED = date(2022, 6, 9)
FILED = date(2022, 10, 28)
MISSING = "XOM"
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


def _moment(as_of: datetime | date | None, clock: Clock) -> datetime:
    if as_of is None:
        return clock.now()
    if isinstance(as_of, datetime):
        return as_of
    return datetime(as_of.year, as_of.month, as_of.day, 21, tzinfo=UTC)


def _known(symbol: str) -> str:
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
    name, moment = _known(symbol), _moment(as_of, clock)
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
    moment = _moment(as_of, clock)
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
    _known(symbol)
    moment = _moment(as_of, clock)
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
    name, moment = _known(symbol), _moment(as_of, clock)
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
    moment = _moment(as_of, clock)
    first, last = since or moment.date(), until or moment.date() + timedelta(days=30)
    days = [date(2022, 1, 27), date(2022, 4, 28), date(2022, 10, 27), date(2023, 2, 2)]
    lines = tuple(
        EventLine(
            datetime(day.year, day.month, day.day, 21, 30, tzinfo=UTC),
            "earnings",
            f"{symbol} earnings",
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


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def _origin(day: date, proof: Proof) -> RowOrigin:
    known = datetime(day.year, day.month, day.day, 21, tzinfo=UTC)
    raw = RawPlace(
        _digest("aapl"),
        "prices/aapl.csv.gz",
        "GET /prices/aapl.csv.gz",
        AS_OF,
        426_065,
        f"prices/aapl.csv.gz row {day.day}, column close",
    )
    return RowOrigin(
        "bars_1d",
        (("instrument", "I-000000000001"), ("session", day.isoformat()), ("close", "129.93")),
        "bundled:toy",
        known,
        known,
        "01a220aa-4f3b-71e2-aadd-61a15bfff87d",
        "bundled",
        AS_OF,
        "bars_1d",
        None if proof is Proof.LOST else raw,
        proof,
    )


@capability("market.lineage", view=view_lineage)
def show_lineage(
    clock: Clock,
    /,
    *,
    fact: FactId | None = None,
    card: CardId | None = None,
    symbol: Symbol | None = None,
    kind: str = "bars_1d",
    on: Day | None = None,
    as_of: AsOf = None,
    limit: int = 5,
) -> LineageReport:
    """Show where a number comes from.

    Example:
        fondaco market lineage --symbol AAPL
    """
    if sum(1 for given in (fact, card, symbol) if given) != 1:
        raise InvalidInput(
            "name one thing to follow", value="several", bound="a fact, a card or a symbol"
        )
    day = on or min(_moment(as_of, clock), AS_OF).date()
    if symbol is not None:
        _known(symbol)
        if kind != "bars_1d" and symbol == MISSING:
            raise NotFound("no such row was known then", value=f"{symbol} {kind}")
        return LineageReport(f"{kind} of {symbol}", (), 1, (_origin(day, Proof.SAME),))
    if fact not in (None, PRICE.id):
        raise NotFound("no such fact", value=fact)
    numbers = (
        NumberLine(
            0,
            PRICE.name,
            PRICE.value,
            PRICE.unit,
            PRICE.as_of,
            "2 rows of bars_1d",
            "the last close",
            PRICE.id,
        ),
        NumberLine(1, "factor", Decimal(1), "", AS_OF, "1 row of bars_1d", "as supplied"),
    )
    rows = (
        _origin(date(2022, 12, 28), Proof.SAME),
        _origin(date(2022, 12, 27), Proof.DIFFERS),
        _origin(date(2022, 12, 23), Proof.LOST),
    )
    return LineageReport(card or PRICE.name, numbers, 2_512, rows[:limit])


@capability("market.faults", view=view_faults)
def list_faults(
    market: ToyMarket,
    /,
    *,
    symbol: Symbol | None = None,
    rule: Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")] | None = None,
    kind: str | None = None,
    source: str = "",
    state: Literal["open", "resolved", "all"] = "open",
    limit: int = 100,
) -> FaultList:
    """List faults.

    Example:
        fondaco market faults
    """
    found = [
        one
        for one in market.faults.values()
        if symbol in (None, one.symbol)
        and rule in (None, one.rule)
        and kind in (None, "bars_1d")
        and (state == "all" or (state == "resolved") == bool(one.resolved))
        and one.source.startswith(source)
    ]
    return FaultList(len(found), tuple(found[:limit]))


Reason = Annotated[str, Field(min_length=8, max_length=500, description="why; kept for good")]
FaultIds = Annotated[tuple[str, ...], Field(min_length=1)]


@capability("market.replay", Effect.WRITE, view=view_replay)
def replay(
    market: ToyMarket,
    caller: Caller,
    /,
    *,
    reason: Reason,
    fault: FaultIds,
    factor: Annotated[float, Field(gt=0, le=1_000_000)] | None = None,
) -> ReplayReport:
    """Let rows in.

    Example:
        fondaco market replay "checked it" --fault Q-0
    """
    market.settle(fault, f"let in by {caller.actor}: {reason}")
    market.factor = factor
    return ReplayReport("01a220aa", fault, len(fault), 4, caller.actor, reason)


@capability("market.discard", Effect.WRITE, view=view_discard)
def discard(
    market: ToyMarket, caller: Caller, /, *, reason: Reason, fault: FaultIds
) -> DiscardReport:
    """Keep rows out.

    Example:
        fondaco market discard "a preferred share" --fault Q-0
    """
    market.settle(fault, f"kept out by {caller.actor}: {reason}")
    return DiscardReport(fault, caller.actor, reason)


@capability("market.quality", view=view_quality)
def show_quality(market: ToyMarket, clock: Clock, /) -> QualitySummary:
    """Show the quality of data.

    Example:
        fondaco market quality
    """
    rules = {one.rule: one for one in market.faults.values()}
    faults = tuple(
        QualityLine(
            "bundled:toy",
            "bars_1d",
            rule,
            "warn" if rule == "frozen" else "bad",
            sum(1 for f in market.faults.values() if f.rule == rule and not f.resolved),
            sum(1 for f in market.faults.values() if f.rule == rule and f.resolved),
            AS_OF,
        )
        for rule in rules
    )
    coverage = tuple(
        CoverageLine(
            kind,
            source,
            things,
            rows,
            datetime(1990, 1, 2, 21, tzinfo=UTC),
            AS_OF,
            AS_OF,
            138.5,
        )
        for kind, source, things, rows in (
            ("bars_1d", "bundled:toy", 26, 185_883),
            ("bars_intraday", "bundled:toy", 3, 11_319),
            ("fundamentals", "file:filings", 12, 40_211),
        )
    )
    return QualitySummary(clock.now(), faults, coverage)


def _provider(at: int, name: str) -> ProviderLine:
    breaker = ("closed", "closed", "half-open", "open")[at % 4]
    return ProviderLine(
        name,
        name.title(),
        Origin.BUNDLED if name == "bundled" else Origin.LIVE,
        ("not needed", "set", "missing")[at % 3],
        breaker,
        "" if breaker == "closed" else "HTTP 503 four times in 5 minutes",
        120 + at,
        at,
        AS_OF,
        None,
        AS_OF,
        () if at % 3 == 0 else (LimitLine(5, 60, 5), LimitLine(500, 86_400, 412)),
        ("bars_1d", "quotes"),
    )


PROVIDERS = tuple(
    _provider(at, name)
    for at, name in enumerate(("bundled", "finnhub", "tiingo", "yahoo", "kraken", "cboe"))
)


@capability("providers.status", view=view_providers)
def show_status(clock: Clock, /) -> ProviderList:
    """Show providers.

    Example:
        fondaco providers status
    """
    return ProviderList(clock.now(), PROVIDERS)


@capability("providers.show", view=view_provider)
def show_provider(*, provider: str) -> ProviderSheet:
    """Show a provider.

    Example:
        fondaco providers show tiingo
    """
    found = next((one for one in PROVIDERS if one.name == provider), None)
    if found is None:
        raise NotFound("no such provider", value=provider)
    return ProviderSheet(
        found,
        (OfferLine("bars_1d", ("US",), "since 1990", None), OfferLine("quotes", ("US",), "", 15.0)),
        "free for personal use",
        "with recorded answers",
        ("FONDACO_TIINGO_TOKEN",),
        "https://www.tiingo.com",
        "Register; the key stands under API.",
    )

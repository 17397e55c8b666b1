"""The toy's quarantine, lineage and providers, in the real shapes."""

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.instrument import Origin
from fondaco.core.quantities import AsOf, CardId, Day, FactId, Symbol
from fondaco.desk.lineage_capability import view_lineage
from fondaco.market.identity import origin_of
from fondaco.market.kind_results import RowColumn, RowList
from fondaco.market.kind_views import view_rows
from fondaco.market.lineage_values import LineageReport, NumberLine, Proof, RawPlace, RowOrigin
from fondaco.market.provider_results import (
    LimitLine,
    OfferLine,
    ProviderLine,
    ProviderList,
    ProviderSheet,
)
from fondaco.market.provider_views import view_provider, view_providers
from fondaco.market.results import (
    CoverageLine,
    DiscardReport,
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

from .toy_prices import MISSING, moment_of, name_of
from .toy_prices import ToyMarket as ToyMarket
from .toy_prices import fault_id as fault_id
from .toy_prices import list_events as list_events
from .toy_prices import search as search
from .toy_prices import show_chain as show_chain
from .toy_prices import show_fundamentals as show_fundamentals
from .toy_prices import show_history as show_history
from .toy_prices import show_quote as show_quote
from .toy_state import AS_OF, PRICE


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
    day = on or min(moment_of(as_of, clock), AS_OF).date()
    if symbol is not None:
        name_of(symbol)
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


@capability("market.rows", view=view_rows)
def show_rows(
    clock: Clock, /, *, kind: str, since: Day, source: str = "", limit: int = 100
) -> RowList:
    """Show rows.

    Example:
        fondaco market rows fundamentals
    """
    columns = [RowColumn("ts", "UTC"), RowColumn("item", "what"), RowColumn("value", "USD")]
    rows = tuple(
        (AS_OF.isoformat(), f"us-gaap:Revenues since {since}", 394_328_000_000.0 + at)
        for at in range(limit)
    )
    return RowList(
        kind, "Toy rows.", clock.now(), 3, 40_211, (origin_of(source),), tuple(columns), rows
    )


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

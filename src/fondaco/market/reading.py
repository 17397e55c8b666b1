"""What the outside may ask of stored market data beside prices: chains, statements, events."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from fondaco.core.capability import capability
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.instrument import Instrument
from fondaco.core.quantities import AsOf, Day, Symbol
from fondaco.market.identity import origin_of
from fondaco.market.moments import known_moment
from fondaco.market.ports import Instruments, KindReader
from fondaco.market.reading_results import (
    Chain,
    ChainLine,
    EventLine,
    EventList,
    FundamentalLine,
    Fundamentals,
)
from fondaco.market.reading_views import view_chain, view_events, view_fundamentals

if TYPE_CHECKING:
    import polars as pl


EVENT_DAYS = 30
EVENT_DAYS_MAX = 3_700
LINES_MAX = 5_000

Lines = Annotated[int, Field(ge=1, le=LINES_MAX, description="most lines to return, 1 to 5000")]
Strikes = Annotated[
    int, Field(ge=1, le=500, description="strikes on each side of the underlying's price")
]
ItemName = Annotated[
    str, Field(max_length=128, description="part of the item's name, e.g. Revenues or us-gaap:")
]
EventKind = Annotated[
    Literal["earnings", "dividend", "split", "ipo", "economic"],
    Field(description="kind of event; may be given again"),
]


@capability("market.chain", view=view_chain)
def show_chain(
    kind_rows: KindReader,
    instruments: Instruments,
    clock: Clock,
    /,
    *,
    symbol: Symbol,
    expiry: Day | None = None,
    as_of: AsOf = None,
    strikes: Strikes = 12,
    limit: Lines = 500,
) -> Chain:
    """Show the option chain of a symbol as it was known at a time, one expiry or all.

    It is the latest chain of one source that was known then: contracts of other moments are never
    mixed in. Volatility and greeks are the source's own; nothing stands where it gave nothing.
    Adjusted contracts keep their root. Raises NotFound when no chain was known.

    Example:
        fondaco market chain AAPL
    """
    moment = known_moment(as_of, clock)
    found = instruments.by_symbol(symbol, moment.date())
    rows = kind_rows.read("chains", (found.id,), as_of=moment)
    if rows.is_empty():
        raise _nothing("no option chain", symbol, moment, "chains")
    return _chain(
        symbol, found, rows, moment, kind_rows.version("chains"), (expiry, strikes, limit)
    )


def _chain(
    symbol: str,
    found: Instrument,
    rows: "pl.DataFrame",
    moment: datetime,
    version: int,
    wanted: tuple[date | None, int, int],
) -> Chain:
    expiry, strikes, limit = wanted
    latest: datetime = rows["ts"].max()  # type: ignore[assignment]
    known: datetime = rows["known_at"].max()  # type: ignore[assignment]
    snapshot = rows.filter(rows["ts"] == latest)
    expiries = tuple(sorted(snapshot["expiry"].unique()))
    if expiry is not None and expiry not in expiries:
        raise NotFound(
            "the chain has no such expiry",
            value=expiry,
            remedy=f"It has {', '.join(d.isoformat() for d in expiries[:12])}.",
        )
    shown = snapshot if expiry is None else snapshot.filter(snapshot["expiry"] == expiry)
    prices = snapshot["underlying"].drop_nulls()
    underlying = float(prices[0]) if len(prices) else None
    if underlying is not None:
        shown = shown.filter(
            shown["strike"].is_in(_near(shown["strike"].unique(), underlying, strikes))
        )
    shown = shown.sort("expiry", "strike", "right", "root")
    source = snapshot["source"][0]
    return Chain(
        symbol,
        found.id,
        origin_of(source),
        source,
        latest,
        known,
        moment,
        version,
        underlying,
        expiries,
        shown.height,
        tuple(_chain_line(row) for row in shown.head(limit).iter_rows(named=True)),
    )


def _near(strikes: "pl.Series", price: float, each_side: int) -> list[float]:
    below = sorted(s for s in strikes if s <= price)[-each_side:]
    return below + sorted(s for s in strikes if s > price)[:each_side]


def _chain_line(row: Mapping[str, Any]) -> ChainLine:
    return ChainLine(**{name: row[name] for name in ChainLine.__slots__})


@capability("market.fundamentals", view=view_fundamentals)
def show_fundamentals(
    kind_rows: KindReader,
    instruments: Instruments,
    clock: Clock,
    /,
    *,
    symbol: Symbol,
    item: ItemName = "",
    as_of: AsOf = None,
    limit: Lines = 200,
) -> Fundamentals:
    """Show what a company had filed by a time: each number with its period and filing.

    A restatement counts only from the day on which it was filed; `revised` says how many earlier
    filings gave another value. Raises NotFound when nothing was filed by then.

    Example:
        fondaco market fundamentals AAPL --item Revenue
    """
    moment = known_moment(as_of, clock)
    found = instruments.by_symbol(symbol, moment.date())
    rows = kind_rows.read("fundamentals", (found.id,), as_of=moment)
    if rows.is_empty():
        raise _nothing("no statement", symbol, moment, "fundamentals")
    wanted = rows.filter(rows["item"].str.to_lowercase().str.contains(item.lower(), literal=True))
    lines = _latest_filed(wanted)
    lines.sort(key=lambda line: (-line.end.toordinal(), line.item, line.start))
    source = rows["source"][0]
    return Fundamentals(
        symbol,
        found.id,
        found.name,
        origin_of(source),
        source,
        moment,
        len(lines),
        len({line.item for line in lines}),
        tuple(lines[:limit]),
    )


def _latest_filed(rows: "pl.DataFrame") -> list[FundamentalLine]:
    lines = []
    for _, same in rows.sort("known_at", "filing").group_by(
        "item", "unit", "start", "end", maintain_order=True
    ):
        row = same.row(-1, named=True)
        lines.append(
            FundamentalLine(
                row["item"],
                row["start"],
                row["end"],
                row["value"],
                row["unit"],
                row["form"],
                " ".join(str(p) for p in (row["fiscal_year"], row["fiscal_period"]) if p),
                row["filing"],
                row["known_at"],
                int((same["value"] != row["value"]).sum()),
            )
        )
    return lines


@capability("market.events", view=view_events)
def list_events(
    kind_rows: KindReader,
    instruments: Instruments,
    clock: Clock,
    /,
    *,
    since: Day | None = None,
    until: Day | None = None,
    event: tuple[EventKind, ...] = (),
    symbol: Symbol | None = None,
    importance: Annotated[int, Field(ge=1, le=3, description="least importance, 1 to 3")] = 1,
    as_of: AsOf = None,
    limit: Lines = 200,
) -> EventList:
    """List earnings, dividends, splits, IPOs and economic events as they were known at a time.

    Without a span it lists the thirty days from `as_of` on. An event that was moved or cancelled
    after `as_of` stands where it stood then; a past one carries its surprise once it was known.

    Example:
        fondaco market events --since 2026-01-01 --until 2026-03-31
    """
    moment = known_moment(as_of, clock)
    first = since or moment.date()
    last = until or first + timedelta(days=EVENT_DAYS)
    if last < first or (last - first).days > EVENT_DAYS_MAX:
        raise InvalidInput(
            "the span of events is not one",
            value=f"{first} to {last}",
            bound=f"since <= until, at most {EVENT_DAYS_MAX:,} days",
        )
    rows = kind_rows.read("events", event or None, as_of=moment, since=first, until=last)
    names = {str(i.id): i.symbol for i in instruments.all()}
    if symbol is not None:
        rows = rows.filter(rows["instrument"] == instruments.by_symbol(symbol, last).id)
    rows = rows.filter(rows["importance"].fill_null(1) >= importance).sort("ts", "event", "id")
    origins = tuple(sorted({origin_of(s) for s in rows["source"].unique()}))
    lines = tuple(_event_line(row, names) for row in rows.head(limit).iter_rows(named=True))
    return EventList(first, last, moment, rows.height, origins, lines)


def _event_line(row: Mapping[str, Any], names: Mapping[str, str]) -> EventLine:
    surprise = row["surprise"]
    if surprise is None and row["actual"] is not None and row["forecast"]:
        surprise = (row["actual"] - row["forecast"]) / abs(row["forecast"])
    return EventLine(
        row["ts"],
        row["event"],
        row["title"],
        names.get(row["instrument"] or ""),
        row["country"],
        row["importance"],
        row["forecast"],
        row["previous"],
        row["actual"],
        row["unit"],
        surprise,
        row["known_at"],
        row["source"],
    )


def _nothing(what: str, symbol: str, moment: datetime, kind: str) -> NotFound:
    return NotFound(
        f"{what} of this symbol was known then",
        value=f"{symbol} as of {moment.isoformat()}",
        remedy=f"`fondaco market ingest PROVIDER --kind {kind} --symbol {symbol}` brings some in; "
        "`fondaco providers status` says who gives it.",
    )

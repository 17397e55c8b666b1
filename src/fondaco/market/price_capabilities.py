"""What the outside may ask of instruments and their prices: search and history."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from fondaco.core.capability import capability
from fondaco.core.clock import Clock
from fondaco.core.errors import NotFound
from fondaco.core.instrument import AssetClass, Instrument, Origin
from fondaco.core.limits import CHART_POINTS_MAX
from fondaco.core.prices import Bar
from fondaco.core.quantities import AsOf, Day, Symbol
from fondaco.market.identity import origin_of
from fondaco.market.moments import known_moment
from fondaco.market.ports import Bars, Instruments, KindReader
from fondaco.market.price_results import BarLine, History, InstrumentLine, InstrumentList
from fondaco.market.price_views import view_history, view_instruments

SECONDS = {"1m": 60, "5m": 300, "15m": 900, "30m": 1_800, "1h": 3_600, "4h": 14_400}

BarLimit = Annotated[int, Field(ge=1, le=CHART_POINTS_MAX, description="most bars, the latest")]
Interval = Annotated[
    Literal["1d", "1m", "5m", "15m", "30m", "1h", "4h"],
    Field(description="length of a bar: 1d, or minutes and hours inside a day"),
]
Adjusted = Annotated[
    bool, Field(description="adjust for the splits and dividends known at that time")
]


@capability("market.history", view=view_history)
def show_history(
    prices: Bars,
    kind_rows: KindReader,
    instruments: Instruments,
    clock: Clock,
    /,
    *,
    symbol: Symbol,
    interval: Interval = "1d",
    as_of: AsOf = None,
    since: Day | None = None,
    until: Day | None = None,
    adjusted: Adjusted = False,
    limit: BarLimit = 250,
) -> History:
    """Show the bars of a symbol as they were known at a time, daily or shorter.

    Prices are those printed on the day, unless `adjusted` asks for the splits and dividends that
    were known at `as_of` (an old view uses old factors). Shorter bars are put together from the
    longest stored ones that fit; one that has not ended says so. One history rests on one source.

    Example:
        fondaco market history AAPL --as-of 2019-06-28 --limit 20
    """
    moment = known_moment(as_of, clock)
    found = instruments.by_symbol(symbol, moment.date())
    if interval == "1d":
        bars = prices.bars(found.id, as_of=moment, since=since, until=until, adjusted=adjusted)
        origin = prices.origin(found.id, as_of=moment)
        lines = tuple(_daily_line(bar) for bar in bars[-limit:])
        version = prices.version()
    else:
        lines, origin = _intraday(kind_rows, found, SECONDS[interval], moment, (since, until))
        lines, version = lines[-limit:], kind_rows.version("bars_intraday")
    if origin is None or not lines:
        raise NotFound(
            "no bars of this symbol were known then",
            value=f"{symbol} {interval} as of {moment.isoformat()}",
            remedy="Ask for a later time, or load prices: `fondaco market ingest bundled`.",
        )
    return History(
        symbol,
        found.id,
        found.name,
        found.currency,
        origin,
        moment,
        version,
        interval,
        adjusted,
        lines,
    )


def _intraday(
    kind_rows: KindReader,
    found: Instrument,
    seconds: int,
    moment: datetime,
    span: tuple[date | None, date | None],
) -> tuple[tuple[BarLine, ...], Origin | None]:
    from fondaco.market.kind_rows import bars_of_seconds

    rows = kind_rows.read("bars_intraday", (found.id,), as_of=moment, since=span[0], until=span[1])
    if rows.is_empty():
        return (), None
    origin = origin_of(rows["source"][0])
    bars = bars_of_seconds(rows, seconds).sort("ts")
    return tuple(_intraday_line(row) for row in bars.iter_rows(named=True)), origin


def _intraday_line(row: dict[str, Any]) -> BarLine:
    return BarLine(
        row["ts"].date(),
        row["ts"],
        _exact(row["open"]),
        _exact(row["high"]),
        _exact(row["low"]),
        Decimal(str(row["close"])),
        _exact(row["volume"]),
        row["known_at"],
        row["final"],
    )


def _exact(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _daily_line(bar: Bar) -> BarLine:
    return BarLine(
        bar.session,
        bar.ts,
        bar.open,
        bar.high,
        bar.low,
        bar.close,
        bar.volume,
        bar.known_at,
        True,
    )


@capability("market.search", view=view_instruments)
def search(
    instruments: Instruments,
    clock: Clock,
    /,
    *,
    match: Annotated[str, Field(max_length=64, description="part of a symbol or name")] = "",
    on: Day | None = None,
    asset_class: Annotated[
        AssetClass | None, Field(description="what kind of thing, e.g. equity")
    ] = None,
    sector: Annotated[str, Field(max_length=64, description="part of the sector")] = "",
    limit: Annotated[
        int, Field(ge=1, le=1_000, description="most lines to return, 1 to 1000")
    ] = 100,
) -> InstrumentList:
    """Search the desk's instruments by symbol, name, class or sector, with the days of each symbol.

    A ticker may have meant several things: `on` shows only what it meant on that day. Symbols
    that begin with the words come first.

    Example:
        fondaco market search --match bank
    """
    text = match.lower()
    day = on or clock.now().date()
    found = [
        i
        for i in instruments.all()
        if _matches(i, text, on)
        and (asset_class is None or i.asset_class is asset_class)
        and sector.lower() in (i.sector or "").lower()
    ]
    found.sort(key=lambda i: (_rank(i, text, day), i.symbol, i.id))
    return InstrumentList(len(found), tuple(_instrument_line(i) for i in found[:limit]))


def _matches(instrument: Instrument, text: str, on: date | None) -> bool:
    symbols = [s for s in instrument.symbols if on is None or s.covers(on)]
    named = bool(symbols) and text in instrument.name.lower()
    return named or any(text in s.symbol.lower() for s in symbols)


def _rank(instrument: Instrument, text: str, day: date) -> int:
    symbol = (instrument.symbol_on(day) or instrument.symbol).lower()
    if not text or symbol == text:
        return 0
    return 1 if symbol.startswith(text) else 2


def _instrument_line(instrument: Instrument) -> InstrumentLine:
    symbols = tuple(
        f"{s.symbol} {s.start.isoformat()} to {s.end.isoformat() if s.end else 'now'}"
        for s in instrument.symbols
    )
    return InstrumentLine(
        instrument.symbol,
        instrument.id,
        instrument.name,
        instrument.asset_class.value,
        instrument.venue,
        instrument.currency,
        instrument.sector,
        symbols,
    )

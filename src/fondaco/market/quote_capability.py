"""What the outside may ask of quotes: the freshest there is, with its source, age and doubts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from fondaco.core.capability import capability
from fondaco.core.clock import Clock
from fondaco.core.errors import NotFound
from fondaco.core.instrument import Instrument
from fondaco.core.quantities import AsOf, Symbol
from fondaco.core.view import Block, Column, Table, Text, Tone
from fondaco.market.identity import origin_of
from fondaco.market.markets import market_of
from fondaco.market.moments import known_moment
from fondaco.market.ports import Bars, Feeds, Instruments, KindReader
from fondaco.market.quote_results import QuoteLine, QuoteList, TriedLine
from fondaco.market.sheets import Market

if TYPE_CHECKING:
    from fondaco.market.feed.values import Answer

SYMBOLS_MAX = 50
PRICE_DIGITS = 4


def view_quotes(result: QuoteList) -> list[Block]:
    """Return quotes as a table, then what was tried where something stayed unknown."""
    columns = (
        Column("Symbol", "id"),
        Column("Bid", "number", digits=PRICE_DIGITS),
        Column("Ask", "number", digits=PRICE_DIGITS),
        Column("Last", "number", digits=PRICE_DIGITS),
        Column("Currency"),
        Column("Change", "percent", signed=True),
        Column("Volume", "number", digits=0),
        Column("At", "time"),
        Column("Source"),
        Column("Freshness"),
        Column("Doubt"),
    )
    rows = tuple(
        (
            q.symbol,
            q.bid,
            q.ask,
            q.last,
            q.currency,
            q.change,
            q.volume,
            q.ts,
            q.source,
            q.freshness,
            q.doubt or None,
        )
        for q in result.quotes
    )
    label = ", ".join(sorted({q.origin.value for q in result.quotes}))
    blocks: list[Block] = [Table("Quotes", columns, rows, label=label, empty="No quote is known.")]
    if result.unknown:
        words = f"Unknown, not absent: {', '.join(result.unknown)}."
        blocks.append(Text(words, Tone.WARNING))
    if result.tried:
        tried = tuple((t.provider, t.outcome, t.reason) for t in result.tried)
        heads = (Column("Source", "id"), Column("Outcome", "chip"), Column("Reason"))
        blocks.append(Table("What was tried", heads, tried))
    return blocks


@capability("market.quote", view=view_quotes)
def show_quote(
    feed: Feeds,
    prices: Bars,
    kind_rows: KindReader,
    instruments: Instruments,
    clock: Clock,
    /,
    *,
    symbol: Annotated[
        tuple[Symbol, ...],
        Field(min_length=1, max_length=SYMBOLS_MAX, description="tickers in capitals, e.g. AAPL"),
    ],
    market: Annotated[
        Market | None,
        Field(description="whose sources are asked; that of the symbol's venue by default"),
    ] = None,
    witnesses: Annotated[
        int, Field(ge=1, le=3, description="sources to compare, 1 to 3; three give the median")
    ] = 1,
    max_age: Annotated[
        float | None, Field(gt=0, le=86_400, description="oldest quote that will do, in seconds")
    ] = None,
    as_of: AsOf = None,
) -> QuoteList:
    """Show the freshest quote of symbols: which source gave it, how old it is, what is doubtful.

    Sources are asked in their order until one answers; what was tried is told. Where none does,
    the last close that is stored is shown and says so. With `as_of` nothing is asked: it shows
    the quote that was known then. A quote is a price to look at, not one to act on by itself.

    Example:
        fondaco market quote AAPL --as-of 2019-06-28
    """
    moment = known_moment(as_of, clock)
    if as_of is not None:
        return _stored(symbol, kind_rows, prices, instruments, moment)
    lines: dict[str, QuoteLine] = {}
    tried: list[TriedLine] = []
    for place, names in _by_market(symbol, market, instruments, moment).items():
        answer, attempts = feed.quotes(
            place,
            names,
            witnesses=witnesses,
            max_age=None if max_age is None else timedelta(seconds=max_age),
        )
        tried += attempts
        if answer is not None:
            lines |= _lines(answer, instruments, moment)
    for name in symbol:
        if name not in lines and (close := _last_close(name, prices, instruments, moment)):
            lines[name] = close
    unknown = tuple(name for name in symbol if name not in lines)
    return QuoteList(
        moment, tuple(lines[name] for name in symbol if name in lines), unknown, tuple(tried)
    )


def _by_market(
    symbols: tuple[str, ...], market: Market | None, instruments: Instruments, moment: datetime
) -> dict[Market, tuple[str, ...]]:
    found: dict[Market, list[str]] = {}
    for symbol in dict.fromkeys(symbols):
        place = market or Market.US
        if market is None and (known := _known(symbol, instruments, moment)) is not None:
            place = market_of(known.venue)
        found.setdefault(place, []).append(symbol)
    return {place: tuple(names) for place, names in found.items()}


def _known(symbol: str, instruments: Instruments, moment: datetime) -> Instrument | None:
    try:
        return instruments.by_symbol(symbol, moment.date())
    except NotFound:
        return None


def _lines(answer: "Answer", instruments: Instruments, moment: datetime) -> dict[str, QuoteLine]:
    lines = {}
    for symbol, held in answer.parts.items():
        row = held.rows.sort("ts").row(-1, named=True)
        age = (moment - held.asked_at).total_seconds()
        stale = moment >= held.fresh_until
        word = f"{'stale' if stale else 'fresh'}, asked {max(age, 0):,.0f} s ago"
        doubts = [held.choice.reason] if held.choice is not None and held.choice.flagged else []
        known = _known(symbol, instruments, moment)
        lines[symbol] = _line(symbol, row, known, word, doubts)
    return lines


def _line(
    symbol: str,
    row: Mapping[str, Any],
    known: Instrument | None,
    freshness: str,
    doubts: list[str],
) -> QuoteLine:
    bid, ask, last, before = (row[n] for n in ("bid", "ask", "last", "previous_close"))
    price = last if last is not None else (bid + ask) / 2 if bid and ask else None
    if bid is not None and ask is not None and bid > ask:
        doubts = [*doubts, "the book is crossed"]
    if not bid or not ask:
        doubts = [*doubts, "one side is missing: there is no mid"]
    change = price / before - 1 if price is not None and before else None
    return QuoteLine(
        symbol,
        bid,
        ask,
        last,
        "" if known is None else known.currency,
        change,
        row["volume"],
        row["ts"],
        row["known_at"],
        origin_of(row["source"]),
        row["source"],
        freshness,
        "; ".join(doubts),
    )


def _stored(
    symbols: tuple[str, ...],
    kind_rows: KindReader,
    prices: Bars,
    instruments: Instruments,
    moment: datetime,
) -> QuoteList:
    lines = []
    for symbol in symbols:
        known = instruments.by_symbol(symbol, moment.date())
        rows = kind_rows.read("quotes", (known.id,), as_of=moment)
        if rows.height:
            row = rows.sort("ts").row(-1, named=True)
            word = f"as known at {moment:%Y-%m-%d %H:%M UTC}"
            lines.append(_line(symbol, row, known, word, []))
        elif (close := _last_close(symbol, prices, instruments, moment)) is not None:
            lines.append(close)
    held = {line.symbol for line in lines}
    unknown = tuple(symbol for symbol in symbols if symbol not in held)
    return QuoteList(moment, tuple(lines), unknown, ())


def _last_close(
    symbol: str, prices: Bars, instruments: Instruments, moment: datetime
) -> QuoteLine | None:
    known = _known(symbol, instruments, moment)
    origin = None if known is None else prices.origin(known.id, as_of=moment)
    if known is None or origin is None:
        return None
    *before, last = prices.bars(known.id, as_of=moment)[-2:]
    change = float(last.close / before[0].close) - 1 if before else None
    return QuoteLine(
        symbol,
        None,
        None,
        float(last.close),
        known.currency,
        change,
        None if last.volume is None else float(last.volume),
        last.ts,
        last.known_at,
        origin,
        origin.value,
        f"not a quote: the stored close of {last.session}",
        "no source answered with a quote",
    )

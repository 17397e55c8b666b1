"""Finnhub's answers of one company, read without trust: quotes, news, surprises, filings, deals."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.finnhub_events import CALENDARS
from fondaco.adapters.providers.listing import us_listing
from fondaco.adapters.providers.read_json import Useless, number, part, read_json
from fondaco.adapters.providers.us_asks import maybe_words, rows_of, whole, words
from fondaco.adapters.providers.us_days import (
    EASTERN,
    day_end,
    day_start,
    known_by,
    read_day,
    read_time,
)
from fondaco.core.ids import content_hash
from fondaco.core.instrument import Instrument, Origin
from fondaco.market.identity import source_name
from fondaco.market.ports import Ask, Parsed, Raw

SOURCE = source_name(Origin.LIVE, "finnhub")
DATED_FIRST = datetime(1980, 1, 1, tzinfo=UTC)
SURPRISE = "eps"
"""What the surprises are of: earnings per share, in the company's own way of counting."""

TRADES = {"P": "buy", "S": "sell", "A": "grant", "M": "exercise", "X": "exercise", "C": "exercise"}
"""Transaction codes of the SEC's Form 4; all others (gifts, taxes withheld) are `other`."""

ID_CHARS = 20
ROWS_MAX = 10_000
FULL = {"filings": 250, "deals": 100}
"""How many rows fit into an answer, as documented: one that is full may lack older rows."""

Read = Callable[[Any], Mapping[str, Any] | None]


def parse_answer(raw: Raw, ask: Ask) -> Parsed:  # noqa: ARG001 - the name tells all of the ask
    """Return what an answer says; `raw.name` is kind, symbol or calendar, and the span asked."""
    kind, of, since, until = raw.name.split("/")
    out = Collected(kind, raw, SOURCE)
    try:
        data = read_json(raw.body)
        if isinstance(data, dict) and "error" in data:
            raise Useless(f"Finnhub says: {data['error']}"[:200])
        if kind == "events":
            days = (read_day(since, "from"), read_day(until, "to"))
            instruments = CALENDARS[of](data, out, raw, days)
        elif kind == "classifications":
            instruments = [_profile(data, out, raw, of)]
        else:
            instruments = [us_listing(of)]
            _company(kind, of, data, out, raw, instruments[0])
    except Useless as error:
        return useless(kind, raw, SOURCE, str(error))
    return out.parsed(instruments)


def _company(
    kind: str, symbol: str, data: Any, out: Collected, raw: Raw, instrument: Instrument
) -> None:
    if kind == "quotes":
        out.take(raw.name, instrument.id, data, lambda: _quote(data, instrument, raw))
        return
    rows = rows_of(_deals_in(data, symbol) if kind == "deals" else data, kind)
    if not rows:
        raise Useless(f"the answer holds no {kind} of {symbol}")
    if len(rows) > ROWS_MAX:
        raise Useless(f"the answer holds {len(rows)} rows, more than {ROWS_MAX}")
    read: dict[str, Read] = {
        "news": lambda cell: _news(cell, symbol, raw),
        "estimates": lambda cell: _surprise(cell, symbol, instrument, raw),
        "filings": lambda cell: _filing(cell, symbol, instrument),
        "deals": lambda cell: _deal(cell, symbol, instrument, raw),
    }
    of = symbol if kind == "news" else instrument.id
    if len(rows) >= FULL.get(kind, ROWS_MAX):
        reason = (
            f"the answer is full with {len(rows)} rows, older ones may be missing: ask for less"
        )
        out.fault("answer", reason, raw.name, of, "")
    for n, cell in enumerate(rows, 1):
        out.take(f"{raw.name} row {n}", of, cell, lambda cell=cell: read[kind](_object(cell)))  # type: ignore[misc]


def _object(cell: Any) -> dict[str, Any]:
    if not isinstance(cell, dict):
        raise Useless("the row is no object")
    return cell


def _quote(data: Any, instrument: Instrument, raw: Raw) -> Mapping[str, Any]:
    cell = _object(data)
    prices = {name: number(cell.get(name), name) for name in ("c", "h", "l", "o", "pc")}
    if not prices["c"] and not whole(cell.get("t"), "t"):
        raise Useless("all is zero: Finnhub does not know the symbol")
    if not prices["c"]:
        raise Useless("the current price is missing")
    return {
        "instrument": instrument.id,
        "ts": _moment(cell.get("t"), "t", raw),
        "last": prices["c"],
        "previous_close": prices["pc"] or None,
    }


def _moment(cell: Any, name: str, raw: Raw) -> datetime:
    """Return seconds since 1970 as a time; raises Useless, also for those of another unit."""
    seconds = whole(cell, name)
    if not DATED_FIRST.timestamp() <= seconds <= raw.asked_at.timestamp() + 86_400:
        raise Useless(f"{name} {seconds} is not between 1980 and the answer, in seconds")
    return datetime.fromtimestamp(seconds, UTC)


def _news(cell: Mapping[str, Any], symbol: str, raw: Raw) -> Mapping[str, Any]:
    return {
        "id": str(whole(cell.get("id"), "id")),
        "ts": _moment(cell.get("datetime"), "datetime", raw),
        "title": words(cell.get("headline"), "headline"),
        "body": maybe_words(cell.get("summary"), "summary"),
        "publisher": maybe_words(cell.get("source"), "source"),
        "url": maybe_words(cell.get("url"), "url"),
        "symbols": maybe_words(cell.get("related"), "related") or symbol,
    }


def _surprise(
    cell: Mapping[str, Any], symbol: str, instrument: Instrument, raw: Raw
) -> Mapping[str, Any]:
    """The day on which it was expected, or told, is not given: it is known when asked for."""
    _same(cell, symbol)
    period = read_day(cell.get("period"), "period")
    if day_start(period) > raw.asked_at:
        raise Useless(f"period {period} had not ended when it was asked for")
    mean = number(cell.get("estimate"), "estimate")
    actual = number(cell.get("actual"), "actual")
    if mean is None and actual is None:
        raise Useless("neither estimate nor actual is there")
    return {
        "instrument": instrument.id,
        "ts": min(day_end(period), raw.asked_at),
        "item": SURPRISE,
        "end": period,
        "mean": mean,
        "actual": actual,
    }


def _filing(cell: Mapping[str, Any], symbol: str, instrument: Instrument) -> Mapping[str, Any]:
    """Times are the SEC's, in New York; a filing is public when it is accepted."""
    _same(cell, symbol)
    accepted = read_time(cell.get("acceptedDate"), "acceptedDate")
    return {
        "instrument": instrument.id,
        "ts": accepted,
        "known_at": accepted,
        "filing": words(cell.get("accessNumber"), "accessNumber"),
        "form": words(cell.get("form"), "form"),
        "url": maybe_words(cell.get("filingUrl"), "filingUrl"),
    }


def _deals_in(data: Any, symbol: str) -> Any:
    if part(data, "symbol", str) != symbol:
        raise Useless(f"the answer is of {data['symbol'][:40]}, not of {symbol}")
    return part(data, "data", list)


def _deal(
    cell: Mapping[str, Any], symbol: str, instrument: Instrument, raw: Raw
) -> Mapping[str, Any]:
    """A trade is known at the end of the day on which it was filed; `share` is held after it."""
    if "symbol" in cell:
        _same(cell, symbol)
    dealt = read_day(cell.get("transactionDate"), "transactionDate")
    filed = read_day(cell.get("filingDate"), "filingDate")
    if not dealt <= filed or day_start(filed) > raw.asked_at:
        raise Useless(f"filed on {filed}: before it was dealt ({dealt}), or not yet")
    change, after = _number(cell, "change"), _number(cell, "share")
    code, who = (
        words(cell.get("transactionCode"), "transactionCode"),
        words(cell.get("name"), "name"),
    )
    trade = TRADES.get(code, "other")
    if (trade == "buy" and change < 0) or (trade == "sell" and change > 0):
        raise Useless(f"code {code[:20]} does not fit a change of {change:g} shares")
    price = number(cell.get("transactionPrice"), "transactionPrice") or None
    said = [symbol, who, code, dealt.isoformat(), filed.isoformat(), change, after, price]
    return {
        "instrument": instrument.id,
        "ts": day_start(dealt),
        "known_at": known_by(filed, raw.asked_at),
        "id": content_hash(said)[:ID_CHARS],
        "deal": "insider",
        "trade": trade,
        "who": who,
        "shares": abs(change),
        "price": price,
        "value": price and round(price * abs(change), 2),
        "holds_after": after,
        "filing": maybe_words(cell.get("id"), "id"),
    }


def _number(cell: Mapping[str, Any], name: str) -> float:
    value = number(cell.get(name), name)
    if value is None:
        raise Useless(f"{name} is missing")
    return value


def _profile(data: Any, out: Collected, raw: Raw, symbol: str) -> Instrument:
    if data == {}:
        raise Useless("the answer is empty: Finnhub does not know the symbol")
    cell = _object(data)
    if cell.get("ticker") != symbol:
        raise Useless(f"the answer is of {str(cell.get('ticker'))[:40]}, not of {symbol}")
    instrument = us_listing(
        symbol, words(cell.get("exchange"), "exchange"), name=words(cell.get("name"), "name")
    )
    out.take(
        raw.name,
        instrument.id,
        cell,
        lambda: {
            "instrument": instrument.id,
            "ts": day_start(raw.asked_at.astimezone(EASTERN).date()),
            "scheme": "own",
            "sector": words(cell.get("finnhubIndustry"), "finnhubIndustry"),
        },
    )
    return instrument


def _same(cell: Mapping[str, Any], symbol: str) -> None:
    if cell.get("symbol") != symbol:
        raise Useless(f"the row is of {str(cell.get('symbol'))[:40]}, not of {symbol}")

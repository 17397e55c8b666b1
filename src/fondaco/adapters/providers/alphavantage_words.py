"""How Alpha Vantage's earnings, news and listings are read.

Earnings are per share; the day of a report counts as known when it ends. News are stamped in UTC,
with a tone from -1 to 1. Listings are a CSV of all of a market, of which the asked ones are read.
"""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.listing import us_listing
from fondaco.adapters.providers.read_json import Useless, number, part, read_json
from fondaco.adapters.providers.us_asks import maybe_words, rows_of, words, written
from fondaco.adapters.providers.us_days import day_start, known_by, read_day
from fondaco.core.instrument import AssetClass, Instrument, Origin
from fondaco.market.identity import source_name
from fondaco.market.ports import Ask, Parsed, Raw

SOURCE = source_name(Origin.LIVE, "alphavantage")
NEWS_MAX = 1_000
"""The most items that one answer of news holds; whether there are more is not told."""

LINES_MAX = 100_000
COLUMNS = ("symbol", "name", "exchange", "assetType", "ipoDate", "delistingDate", "status")
CLASSES = {"Stock": AssetClass.EQUITY, "ETF": AssetClass.ETF}
TIME = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})")


def parse(raw: Raw, ask: Ask) -> Parsed:
    """Return the rows of one answer, whose name says what it is of."""
    kind, of = raw.name.split("/", 1)
    out = Collected(kind, raw, SOURCE)
    try:
        if kind == "estimates":
            return _earnings(out, of, raw, ask)
        if kind == "news":
            return _news(out, of, raw)
        return _listings(out, of, raw, ask)
    except Useless as error:
        return useless(kind, raw, SOURCE, str(error))


def _of(read: Callable[..., Any], *given: Any) -> Callable[[], Any]:
    return lambda: read(*given)


def _earnings(out: Collected, symbol: str, raw: Raw, ask: Ask) -> Parsed:
    data = read_json(raw.body)
    told = part(data, "symbol", str)
    if told.upper() != symbol:
        raise Useless(f"the answer is of {told[:20]}, not of {symbol}")
    instrument = us_listing(symbol)
    for n, quarter in enumerate(part(data, "quarterlyEarnings", list)):
        read = _of(_quarter, quarter, instrument, raw, ask)
        out.take(f"{raw.name} quarter {n + 1}", instrument.id, quarter, read)
    return out.parsed((instrument,))


def _quarter(cells: Any, instrument: Instrument, raw: Raw, ask: Ask) -> dict[str, Any] | None:
    told = read_day(_cell(cells, "reportedDate"), "reportedDate")
    end = read_day(_cell(cells, "fiscalDateEnding"), "fiscalDateEnding")
    if end > told or told > raw.asked_at.date():
        raise Useless(f"a quarter that ends on {end} was not reported on {told}")
    mean = _text_number(cells, "estimatedEPS")
    actual = _text_number(cells, "reportedEPS")
    if mean is None and actual is None:
        raise Useless("it tells neither what was expected nor what was reported")
    if (ask.since and told < ask.since) or (ask.until and told > ask.until):
        return None
    return {
        "instrument": instrument.id,
        "ts": day_start(told),
        "known_at": known_by(told, raw.asked_at),
        "item": "eps",
        "end": end,
        "mean": mean,
        "actual": actual,
    }


def _text_number(cells: Any, name: str) -> float | None:
    """Return a number that is written as text, None for their word `None`."""
    cell = _cell(cells, name)
    return None if cell == "None" or cell is None else written(cell, name)


def _news(out: Collected, symbols: str, raw: Raw) -> Parsed:
    feed = part(read_json(raw.body), "feed", list)
    for n, item in enumerate(feed):
        out.take(f"{raw.name} item {n + 1}", symbols, item, _of(_story, item, raw))
    if len(feed) >= NEWS_MAX:
        reason = f"it holds {NEWS_MAX} items, and there may be more: ask for a shorter span"
        out.fault("answer", reason, raw.name, symbols, "")
    return out.parsed()


def _story(item: Any, raw: Raw) -> dict[str, Any]:
    tags = [_cell(tag, "ticker") for tag in rows_of(_cell(item, "ticker_sentiment"), "tickers")]
    url = words(_cell(item, "url"), "url")
    tone = number(_cell(item, "overall_sentiment_score"), "overall_sentiment_score")
    if tone is not None and not -1 <= tone <= 1:
        raise Useless(f"overall_sentiment_score {tone:g} is not between -1 and 1")
    return {
        "id": url,
        "ts": _moment(_cell(item, "time_published"), raw),
        "title": words(_cell(item, "title"), "title"),
        "body": maybe_words(_cell(item, "summary"), "summary"),
        "publisher": maybe_words(_cell(item, "source"), "source"),
        "url": url,
        "symbols": ",".join(words(tag, "ticker") for tag in tags) or None,
        "tone": tone,
    }


def _moment(cell: Any, raw: Raw) -> datetime:
    found = TIME.fullmatch(cell) if isinstance(cell, str) else None
    if found is None:
        raise Useless(f"time_published {str(cell)[:40]!r} is no time")
    try:
        moment = datetime(*map(int, found.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        raise Useless(f"time_published {cell!r} is no time") from None
    if moment.year < 1980 or moment > raw.asked_at:
        raise Useless(f"time_published {moment} is not between 1980 and the answer")
    return moment


def _listings(out: Collected, state: str, raw: Raw, ask: Ask) -> Parsed:
    wanted = {s.strip().upper() for s in ask.symbols}
    met: set[str] = set()
    instruments: list[Instrument] = []
    for n, line in enumerate(_lines(raw)):
        where = f"{raw.name} line {n + 2}"
        if len(line) != len(COLUMNS):
            out.fault("unreadable", "a line has other columns", where, "", ",".join(line))
            continue
        cells = dict(zip(COLUMNS, line, strict=True))
        if cells["symbol"] in wanted:
            met.add(cells["symbol"])
            instrument = us_listing(
                cells["symbol"],
                cells["exchange"],
                asset_class=CLASSES.get(cells["assetType"], AssetClass.EQUITY),
                name=cells["name"],
            )
            instruments.append(instrument)
            out.take(where, instrument.id, line, _of(_listing, cells, state, instrument, raw))
    for symbol in sorted(wanted - met):
        out.fault("answer", f"it does not hold {symbol}", raw.name, symbol, "")
    return out.parsed(instruments)


def _lines(raw: Raw) -> list[list[str]]:
    """Return the lines under the head of the CSV; raises Useless when it is another one."""
    try:
        lines = list(csv.reader(io.StringIO(raw.body.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Useless(f"the answer is no CSV: {error}"[:200]) from None
    if not lines or tuple(lines[0]) != COLUMNS:
        raise Useless("the answer has other columns than listings have")
    if not 1 < len(lines) <= LINES_MAX:
        raise Useless(f"the answer holds {len(lines) - 1} lines")
    return lines[1:]


def _listing(cells: dict[str, str], state: str, instrument: Instrument, raw: Raw) -> dict[str, Any]:
    if cells["status"] != state.capitalize() or cells["assetType"] not in CLASSES:
        raise Useless(f"it is {cells['status'][:20]!r} {cells['assetType'][:20]!r}")
    first = state == "active"
    day: date = read_day(cells["ipoDate" if first else "delistingDate"], "day")
    if day > raw.asked_at.date():
        raise Useless(f"{day} has not come")
    words(cells["exchange"], "exchange")
    return {
        "instrument": instrument.id,
        "ts": day_start(day),
        "known_at": known_by(day, raw.asked_at),
        "ex_date": day,
        "action": "listing" if first else "delisting",
    }


def _cell(cells: Any, name: str) -> Any:
    if not isinstance(cells, dict) or name not in cells:
        raise Useless(f"there is no {name!r}")
    return cells[name]

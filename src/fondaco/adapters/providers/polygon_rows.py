"""Shorter bars, quotes, trades, option chains and news of Massive: each page by itself."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from fondaco.adapters.providers.crypto_reading import Reading, day_of, plain, rows_in
from fondaco.adapters.providers.listing import us_listing
from fondaco.adapters.providers.polygon_pages import answered
from fondaco.adapters.providers.read_json import Useless, number, part
from fondaco.core.instrument import Instrument

CONTRACT = re.compile(r"O:([A-Z0-9]{1,6})(\d{6})([CP])(\d{8})")
NANOSECONDS = 1_000_000_000
Row = dict[str, Any] | None


def plain_listing(kind: str, symbol: str, _: Any) -> tuple[Instrument, ...]:
    """Return the share without an exchange: these answers do not name it. News speak of none."""
    return () if kind == "news" else (us_listing(symbol),)


def fill_rows(data: Any, reading: Reading) -> bool:
    """Put the rows of a page among the rows; True when it says that there is nothing.

    Only news and the last page of several may say so: where a price is asked for, nothing is
    known by an empty list.
    """
    found = answered(data).get("results")
    if reading.kind == "quotes":
        found = [part(data, "results", dict)]
    elif reading.kind == "bars_intraday":
        _raw_bars_of(data, reading)
    if reading.kind == "news" and found == []:
        return True
    if not reading.raw.name.endswith("/1") and found == []:
        return True
    read: Callable[[Any, Reading], Row] = {
        "bars_intraday": _bar,
        "quotes": _quote,
        "trades": _trade,
        "chains": _contract,
        "news": _news,
    }[reading.kind]
    reading.each(rows_in(found, reading.kind), lambda _, cell: read(cell, reading), "row")
    return False


def _raw_bars_of(data: Any, reading: Reading) -> None:
    if part(data, "ticker", str) != reading.symbol:
        raise Useless(f"the answer is of {data['ticker'][:40]}, not of {reading.symbol}")
    if data.get("adjusted") is not False:
        raise Useless("the bars are adjusted, or do not say that they are not")


def _bar(cell: Any, reading: Reading) -> Row:
    opened = reading.moment(part(cell, "t", int), "t", 1_000)
    names = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}
    numbers: dict[str, Any] = {n: plain(cell.get(short), n) for n, short in names.items()}
    count = cell.get("n")
    return reading.candle(opened, {**numbers, "trades": None if count is None else _count(count)})


def _quote(cell: Any, reading: Reading) -> Row:
    if part(cell, "T", str) != reading.symbol:
        raise Useless(f"the answer is of {cell['T'][:40]}, not of {reading.symbol}")
    bid, ask = (_positive(cell, name) for name in ("p", "P"))
    if bid is None and ask is None:
        raise Useless("the quote has neither a bid nor an ask")
    return {
        "instrument": reading.of,
        "ts": reading.moment(part(cell, "t", int), "t", NANOSECONDS),
        "bid": bid,
        "ask": ask,
        "bid_size": number(cell.get("s"), "s") if bid is not None else None,
        "ask_size": number(cell.get("S"), "S") if ask is not None else None,
    }


def _positive(cell: Any, name: str) -> float | None:
    """Return a price, or None for the 0 that stands where nobody bids or offers."""
    return number(cell.get(name), name) or None


def _trade(cell: Any, reading: Reading) -> Row:
    ts = reading.moment(part(cell, "sip_timestamp", int), "sip_timestamp", NANOSECONDS)
    if not reading.wanted(ts.date()):
        return None
    if cell.get("correction") not in (None, 0):
        raise Useless(f"the trade was corrected or cancelled: {str(cell['correction'])[:20]}")
    venue = part(cell, "exchange", int)
    conditions = cell.get("conditions")
    return {
        "instrument": reading.of,
        "ts": ts,
        # The ids of trades are unique within an exchange only, their numbers within a ticker.
        "trade": str(part(cell, "sequence_number", int)),
        "price": plain(cell.get("price"), "price"),
        "size": plain(cell.get("size"), "size"),
        "exchange": str(venue),
        "conditions": None if conditions is None else _codes(conditions),
    }


def _codes(cell: Any) -> str:
    if not isinstance(cell, list):
        raise Useless("the conditions are no list")
    return ",".join(str(_count(code)) for code in cell)


def _contract(cell: Any, reading: Reading) -> Row:
    details = part(cell, "details", dict)
    if part(part(cell, "underlying_asset", dict), "ticker", str) != reading.symbol:
        raise Useless(f"the contract is not on {reading.symbol}")
    expiry = day_of(details.get("expiration_date"), "expiration_date")
    strike = plain(details.get("strike_price"), "strike_price")
    right = part(details, "contract_type", str)
    style = part(details, "exercise_style", str)
    quote = _optional(cell, "last_quote", "bid")
    trade, day = _optional(cell, "last_trade", "price"), _optional(cell, "day", "volume")
    greeks = _optional(cell, "greeks", "delta")
    if quote.get("last_updated") is not None:
        reading.moment(quote["last_updated"], "last_updated", NANOSECONDS)
    return {
        "instrument": reading.of,
        # All contracts of a snapshot are of the moment it was asked for.
        "ts": reading.raw.asked_at,
        "expiry": expiry,
        "strike": strike,
        "right": right,
        "root": _root(part(details, "ticker", str), expiry, right, strike),
        "style": style,
        "deliverable": plain(details.get("shares_per_contract"), "shares_per_contract"),
        "bid": number(quote.get("bid"), "bid"),
        "ask": number(quote.get("ask"), "ask"),
        "bid_size": number(quote.get("bid_size"), "bid_size"),
        "ask_size": number(quote.get("ask_size"), "ask_size"),
        "last": number(trade.get("price"), "price"),
        "volume": None if day.get("volume") is None else _count(day["volume"]),
        "open_interest": _count(cell.get("open_interest")),
        "underlying": number(cell["underlying_asset"].get("price"), "underlying price"),
        "iv": number(cell.get("implied_volatility"), "implied_volatility"),
        # The units of theta and vega are not documented: they are left out.
        "delta": number(greeks.get("delta"), "delta"),
        "gamma": number(greeks.get("gamma"), "gamma"),
    }


def _optional(cell: Any, name: str, holds: str) -> dict[str, Any]:
    """Return a part that may be missing or empty; if it is neither, it must hold a field."""
    found = {} if cell.get(name) is None else dict(part(cell, name, dict))
    if found and holds not in found:
        raise Useless(f"the {name} has no {holds}")
    return found


def _root(ticker: str, expiry: date, right: str, strike: float) -> str:
    """Return the root of a contract's symbol; raises Useless when the rest says other terms."""
    found = CONTRACT.fullmatch(ticker)
    if found is None:
        raise Useless(f"{ticker[:40]!r} is no symbol of a contract")
    root, day, letter, thousandths = found.groups()
    same = (day, letter) == (f"{expiry:%y%m%d}", right[:1].upper())
    if not same or int(thousandths) != round(strike * 1_000):
        raise Useless(f"{ticker} does not say {right} {strike:g} of {expiry}")
    return root


def _news(cell: Any, reading: Reading) -> Row:
    ts = reading.written_moment(part(cell, "published_utc", str), "published_utc")
    if not reading.wanted(ts.date()):
        return None
    tickers = part(cell, "tickers", list)
    if not all(isinstance(ticker, str) for ticker in tickers):
        raise Useless("the tickers are not words")
    if reading.symbol and reading.symbol not in tickers:
        raise Useless(f"the article is not on {reading.symbol}")
    return {
        "id": part(cell, "id", str),
        "ts": ts,
        "known_at": ts,
        "title": part(cell, "title", str),
        "body": _words(cell, "description"),
        "publisher": part(part(cell, "publisher", dict), "name", str),
        "url": _words(cell, "article_url"),
        "symbols": ",".join(tickers) or None,
    }


def _words(cell: Any, name: str) -> str | None:
    return None if cell.get(name) is None else str(part(cell, name, str))


def _count(cell: Any) -> int:
    """Return a whole number, which may be written with a point."""
    value = plain(cell, "number of things")
    if value != int(value):
        raise Useless(f"{value} is no number of things")
    return int(value)

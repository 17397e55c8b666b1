"""Cboe's answers, read without trust: delayed quotes, option chains, histories of indices.

Moments are those of the underlying's last trade, in New York and without an offset: the feed's
own `timestamp` names no zone. Contracts follow the OCC's naming: root, expiry, right, strike in
thousandths. Of the greeks, delta and gamma are taken; the units of vega, theta and rho are not
documented, and a guess would be wrong by 100 or 365. Zero stands for a price that there is none of.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.listing import us_listing
from fondaco.adapters.providers.read_json import Useless, number, part, read_json
from fondaco.adapters.providers.us_asks import nothing, rows_of, words, written
from fondaco.adapters.providers.us_days import a_day, read_time
from fondaco.core.instrument import AssetClass, Instrument, Origin
from fondaco.market.identity import source_name
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.tables import BARS

SOURCE = source_name(Origin.LIVE, "cboe")
CONTRACT = re.compile(
    r"(?P<root>[A-Z0-9]{1,6})(?P<y>\d{2})(?P<m>\d{2})(?P<d>\d{2})(?P<right>[CP])"
    r"(?P<strike>\d{8})"
)
FILE_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
CONTRACTS_MAX = 60_000
LINES_MAX = 50_000
CENTURY = 2000
EUROPEAN = frozenset({"SPX", "XSP", "VIX", "NDX", "XND", "RUT", "MRUT", "DJX", "XEO"})
"""Indices whose options are exercised at expiry only, by Cboe's and Nasdaq's product terms."""

AMERICAN = frozenset({"OEX"})
INDICES = AMERICAN | {
    *("VIX9D", "VIX3M", "VIX6M", "VIX1Y", "VVIX", "VXN", "RVX", "OVX", "GVZ", "SKEW"),
    *("DJI", "COMP", "TNX", "MXEA", "MXEF"),
}
"""Indices with options of American style, or with none, or of a style not known here."""

OHLC = ("OPEN", "HIGH", "LOW", "CLOSE")


def parse_answer(raw: Raw, ask: Ask) -> Parsed:
    """Return what an answer says; `raw.name` is kind and symbol."""
    kind, symbol = raw.name.split("/")
    instrument = _instrument(symbol)
    out = Collected(kind, raw, SOURCE)
    try:
        if kind == BARS:
            inside = _history(raw.body, symbol, ask, _taker(out, raw, instrument))
            return out.parsed([instrument]) if inside else nothing()
        data = _data(raw.body, symbol)
        if kind == "quotes":
            out.take(raw.name, instrument.id, data, lambda: _quote(data, instrument))
        else:
            _chain(data, instrument, symbol, _taker(out, raw, instrument))
    except Useless as error:
        return useless(kind, raw, SOURCE, str(error))
    return out.parsed([instrument])


Take = Callable[[str, Any, Callable[[], Mapping[str, Any]]], None]
"""Takes one row: where it stands, its cells, what reads them."""


def _taker(out: Collected, raw: Raw, instrument: Instrument) -> Take:
    def take(where: str, cells: Any, read: Callable[[], Mapping[str, Any]]) -> None:
        out.take(f"{raw.name} {where}", instrument.id, cells, read)

    return take


def _instrument(symbol: str) -> Instrument:
    if symbol in INDICES | EUROPEAN:
        return us_listing(symbol, "CBOE", asset_class=AssetClass.INDEX)
    return us_listing(symbol)


def _data(body: bytes, symbol: str) -> dict[str, Any]:
    data: dict[str, Any] = part(read_json(body), "data", dict)
    of = words(data.get("symbol"), "symbol").lstrip("^_")
    if of != symbol:
        raise Useless(f"the answer is of {of[:40]}, not of {symbol}")
    return data


def _quote(data: Mapping[str, Any], instrument: Instrument) -> Mapping[str, Any]:
    bid, ask = _price(data, "bid"), _price(data, "ask")
    row = {
        "instrument": instrument.id,
        "ts": read_time(data.get("last_trade_time"), "last_trade_time"),
        "bid": bid,
        "ask": ask,
        "bid_size": number(data.get("bid_size"), "bid_size") if bid else None,
        "ask_size": number(data.get("ask_size"), "ask_size") if ask else None,
        "last": _price(data, "current_price"),
        "previous_close": _price(data, "prev_day_close"),
        "volume": number(data.get("volume"), "volume"),
    }
    if row["last"] is None and bid is None and ask is None:
        raise Useless("the answer has no price")
    return row


def _chain(data: Mapping[str, Any], instrument: Instrument, symbol: str, take: Take) -> None:
    contracts = rows_of(data.get("options"), "options")
    if len(contracts) > CONTRACTS_MAX:
        raise Useless(f"the answer holds {len(contracts)} contracts, more than {CONTRACTS_MAX}")
    style = None if symbol in INDICES - AMERICAN else "american"
    common = {
        "instrument": instrument.id,
        "ts": read_time(data.get("last_trade_time"), "last_trade_time"),
        "underlying": _price(data, "current_price"),
        "style": "european" if symbol in EUROPEAN else style,
    }
    for n, cell in enumerate(contracts, 1):
        take(f"contract {n}", cell, lambda cell=cell: _contract(cell, common))  # type: ignore[misc]


def _contract(cell: Any, common: Mapping[str, Any]) -> Mapping[str, Any]:
    name = part(cell, "option", str)
    found = CONTRACT.fullmatch(name)
    if not found:
        raise Useless(f"option {name[:40]!r} is no contract as the OCC names them")
    year = CENTURY + int(found["y"])
    row = {
        "expiry": a_day(year, int(found["m"]), int(found["d"]), name="expiry"),
        "strike": int(found["strike"]) / 1000,
        "right": "call" if found["right"] == "C" else "put",
        "root": found["root"],
        "last": _price(cell, "last_trade_price"),
    }
    for label in ("bid", "ask", "bid_size", "ask_size", "iv", "delta", "gamma"):
        row[label] = number(cell.get(label), label)
    for label in ("volume", "open_interest"):
        row[label] = _count(cell.get(label), label)
    return {**common, **row}


def _price(data: Mapping[str, Any], name: str) -> float | None:
    return number(data.get(name), name) or None


def _count(cell: Any, name: str) -> int | None:
    """The feed writes whole numbers as 12.0."""
    value = number(cell, name)
    if value is not None and value != int(value):
        raise Useless(f"{name} {value} is no whole number")
    return None if value is None else int(value)


def _history(body: bytes, symbol: str, ask: Ask, take: Take) -> bool:
    """Read a history; return whether any day of it was asked for, or is told to be wrong."""
    lines = _lines(body)
    header = [cell.strip() for cell in lines[0]]
    names = {("DATE", *OHLC): [n.lower() for n in OHLC], ("DATE", symbol): ["close"]}
    columns = names.get(tuple(header))
    if columns is None:
        raise Useless(f"the header is {','.join(header)[:80]!r}, not DATE,{','.join(OHLC)}")
    inside = len(lines) == 1
    for n, line in enumerate(lines[1:], 2):
        day = _day(line)
        if day is not None and _outside(day, ask):
            continue
        inside = True
        take(f"line {n}", line, lambda line=line, day=day: _bar(line, day, columns, symbol))  # type: ignore[misc]
    return inside


def _bar(line: list[str], day: date | None, columns: list[str], symbol: str) -> dict[str, Any]:
    if len(line) != len(columns) + 1:
        raise Useless(f"the line has {len(line)} cells, not {len(columns) + 1}")
    if day is None:
        raise Useless(f"DATE {line[0][:40]!r} is no day")
    prices = {name: written(cell, name) for name, cell in zip(columns, line[1:], strict=True)}
    return {"instrument": _instrument(symbol).id, "session": day, "factor": 1.0, **prices}


def _day(line: list[str]) -> date | None:
    found = FILE_DAY.fullmatch(line[0].strip())
    if not found:
        return None
    month, day, year = (int(cell) for cell in found.groups())
    try:
        return a_day(year, month, day, name="DATE")
    except Useless:
        return None


def _outside(day: date, ask: Ask) -> bool:
    return bool((ask.since and day < ask.since) or (ask.until and day > ask.until))


def _lines(body: bytes) -> list[list[str]]:
    try:
        text = body.decode("utf-8-sig")
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Useless(f"the answer is no CSV: {error}"[:200]) from error
    if "\0" in text or text.lstrip().startswith("<"):
        raise Useless("the answer is a web page, or holds NUL")
    if not 0 < len(lines) <= LINES_MAX:
        raise Useless(f"the answer has {len(lines)} lines, not 1 to {LINES_MAX}")
    return lines

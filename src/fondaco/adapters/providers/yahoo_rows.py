"""Yahoo's shorter bars, quotes and option chains, read without trust."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fondaco.adapters.providers.crypto_reading import Reading, plain, whole
from fondaco.adapters.providers.read_json import Useless, number, part
from fondaco.adapters.providers.yahoo_chart import columns_of, session_of, times_of

CONTRACT = re.compile(r"([A-Z0-9]{1,6})(\d{6})([CP])(\d{8})")
INTERVALS = {60: "1m", 120: "2m", 300: "5m", 900: "15m", 1_800: "30m", 3_600: "1h"}
STEP_SECONDS = 900
"""Hours begin with the session, at 9:30 in New York and 9:15 in Mumbai."""


def fill_intraday(chart: Mapping[str, Any], reading: Reading) -> None:
    """Put the bars of a chart among the rows, stamped with their close.

    A time at which nothing was traded has no bar. While the market is open the last cell is of
    this moment: it stands for its bar if that has none yet, and is left to quotes otherwise.
    """
    told = part(part(chart, "meta", dict), "dataGranularity", str)
    if told not in {INTERVALS[reading.seconds], "60m" if reading.seconds == 3_600 else ""}:
        raise Useless(f"the bars are of {told[:20]}, not of {INTERVALS[reading.seconds]}")
    times = times_of(chart, reading.symbol)
    columns = columns_of(chart, len(times))
    for n, moment in enumerate(times):
        cell = {name: column[n] for name, column in columns.items()}
        before = times[n - 1] if n else None
        row = partial(_bar, moment, before, cell, n == len(times) - 1, reading)
        reading.out.take(f"{reading.raw.name} bar {n + 1}", reading.of, cell, row)


def fill_quote(quote: Mapping[str, Any], reading: Reading) -> None:
    """Put a quote among the rows. Sizes are left out: their unit is not documented."""
    row = partial(_quote, quote, reading)
    reading.out.take(f"{reading.raw.name} quote", reading.of, quote, row)


def fill_chain(chain: Mapping[str, Any], reading: Reading) -> None:
    """Put the contracts of one expiry among the rows, all of the moment of asking."""
    quote = part(chain, "quote", dict)
    underlying = number(quote.get("regularMarketPrice"), "regularMarketPrice")
    groups = part(chain, "options", list)
    if len(groups) != 1:
        raise Useless(f"the answer is of {len(groups)} expiries, not of one")
    expiry = _day(part(groups[0], "expirationDate", int), reading)
    for name, right in (("calls", "call"), ("puts", "put")):
        for n, cell in enumerate(part(groups[0], name, list), 1):
            row = partial(_contract, cell, right, expiry, underlying, reading)
            reading.out.take(f"{reading.raw.name} {right} {n}", reading.of, cell, row)


def _bar(
    moment: Any, before: Any, cell: Mapping[str, Any], is_last: bool, reading: Reading
) -> dict[str, Any] | None:
    opened = reading.moment(whole(moment, "timestamp"), "timestamp", 1)
    if isinstance(before, int) and moment <= before:
        raise Useless(f"the bar of {moment} comes after that of {before}")
    if all(value is None for value in cell.values()):
        return None
    late = moment % min(reading.seconds, STEP_SECONDS)
    if is_last and late:
        if isinstance(before, int) and moment - before < reading.seconds:
            return None
        opened -= timedelta(seconds=late)
    numbers = {name: plain(value, name) for name, value in cell.items()}
    return reading.candle(opened, numbers, STEP_SECONDS)


def _quote(quote: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    at = part(quote, "regularMarketTime", int)
    return {
        "instrument": reading.of,
        "ts": reading.moment(at, "regularMarketTime", 1),
        # Where nobody bids or offers, and after hours, a zero stands.
        "bid": number(quote.get("bid"), "bid") or None,
        "ask": number(quote.get("ask"), "ask") or None,
        "last": plain(quote.get("regularMarketPrice"), "regularMarketPrice"),
        "previous_close": number(quote.get("regularMarketPreviousClose"), "previous close"),
        "volume": number(quote.get("regularMarketVolume"), "regularMarketVolume"),
    }


def _contract(
    cell: Any, right: str, expiry: date, underlying: float | None, reading: Reading
) -> dict[str, Any]:
    symbol = part(cell, "contractSymbol", str)
    strike = plain(cell.get("strike"), "strike")
    return {
        "instrument": reading.of,
        "ts": reading.raw.asked_at,
        "expiry": expiry,
        "strike": strike,
        "right": right,
        "root": _root(symbol, expiry, right, strike),
        "bid": number(cell.get("bid"), "bid"),
        "ask": number(cell.get("ask"), "ask"),
        "last": number(cell.get("lastPrice"), "lastPrice"),
        "volume": _count(cell, "volume"),
        "open_interest": _count(cell, "openInterest"),
        "underlying": underlying,
        "iv": number(cell.get("impliedVolatility"), "impliedVolatility"),
    }


def _count(cell: Mapping[str, Any], name: str) -> int | None:
    return None if cell.get(name) is None else whole(cell[name], name)


def _root(symbol: str, expiry: date, right: str, strike: float) -> str:
    """Return the root of a contract's symbol; raises Useless when the rest says other terms."""
    found = CONTRACT.fullmatch(symbol)
    if found is None:
        raise Useless(f"{symbol[:40]!r} is no symbol of a contract")
    root, day, letter, thousandths = found.groups()
    same = (day, letter) == (f"{expiry:%y%m%d}", right[:1].upper())
    if not same or int(thousandths) != round(strike * 1_000):
        raise Useless(f"{symbol} does not say {right} {strike:g} of {expiry}")
    return root


def _day(moment: Any, reading: Reading) -> date:
    day = session_of(moment, ZoneInfo("UTC"))
    if day is None or abs(day - reading.raw.asked_at.date()) > timedelta(days=20 * 366):
        raise Useless(f"the expiry {str(moment)[:40]} is no plausible day")
    return day

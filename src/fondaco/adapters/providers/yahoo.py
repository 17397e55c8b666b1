"""The `yahoo` provider: bars, quotes, chains and actions of Yahoo Finance, by yfinance's session.

There is no official interface: shapes are those that yfinance reads
(https://github.com/ranaroussi/yfinance). It was written against recorded answers and has never
been run against the live service. Option of `bars_intraday`: `seconds` (60 to 3600).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from fondaco.adapters.providers.crypto_reading import Reading, raw_name, read_answer
from fondaco.adapters.providers.parts import Service
from fondaco.adapters.providers.read_json import Useless, part, read_json
from fondaco.adapters.providers.yahoo_chart import chart_instrument, quote_instrument, result_of
from fondaco.adapters.providers.yahoo_parse import fill_actions, fill_bars
from fondaco.adapters.providers.yahoo_rows import INTERVALS, fill_chain, fill_intraday, fill_quote
from fondaco.adapters.providers.yahoo_wire import YahooWire
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Instrument, Origin
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import Limit, Market, Offer, Sheet
from fondaco.market.tables import BARS

HOST = "https://query2.finance.yahoo.com"
CHART_URL = f"{HOST}/v8/finance/chart/"
QUOTE_URL = f"{HOST}/v7/finance/quote"
OPTIONS_URL = f"{HOST}/v7/finance/options/"
SYMBOLS_MAX = 200
EXPIRIES_MAX = 60
EARLIEST = date(1962, 1, 2)
LOOK_BACK = timedelta(days=14)
"""How much earlier bars are asked for, so that the first dividend has a close before it."""

INTRADAY_DAYS = 5
PLACES = (Market.US, Market.INDIA)
SHEET = Sheet(
    "yahoo",
    "Yahoo Finance",
    Origin.LIVE,
    (
        Offer(BARS, PLACES, "from 1962, or the listing", 15),
        Offer("bars_intraday", PLACES, "minutes of 30 days, hours of two years", 15),
        Offer("quotes", PLACES, "now", 15),
        Offer("chains", (Market.US,), "now", 15),
        Offer("actions", PLACES, "from 1962, or the listing"),
    ),
    # No limit is published; more than this has been met with refusals.
    (Limit(60, 60),),
    terms="https://legal.yahoo.com: for personal use; no official interface",
)


class Yahoo(Service):
    """Raw bars with splits and dividends as factors, rebuilt from Yahoo's split-adjusted chart;
    shorter bars, quotes, option chains and actions.

    `wire_class` is the wire that the live service needs.
    """

    sheet = SHEET
    wire_class = YahooWire

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch the answers for each symbol: one each, of chains one for each expiry.

        Charts of daily bars and actions always reach to now, also when `until` lies in the past:
        Yahoo adjusts for every later split, and without those the raw prices could not be rebuilt.
        Raises InvalidInput for wrong symbols or options, Unanswered when Yahoo does not answer.
        """
        SHEET.offer(ask.kind)
        symbols, seconds = _symbols(ask), _seconds(ask)
        if ask.kind == "chains":
            return tuple(raw for symbol in symbols for raw in self._chain(symbol))
        return tuple(self._one(ask, symbol, seconds) for symbol in symbols)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one answer; one that cannot be used as a whole is a fault."""
        return read_answer(raw, ask, _instruments, _fill, _result)

    def _one(self, ask: Ask, symbol: str, seconds: int) -> Raw:
        name = raw_name(ask.kind, symbol, seconds)
        if ask.kind == "quotes":
            return self._get(QUOTE_URL, name, {"symbols": symbol})
        params = {
            "interval": INTERVALS[seconds] if seconds else "1d",
            "includePrePost": "false",
            "events": "div,splits,capitalGains",
        }
        return self._get(CHART_URL + symbol, name, self._span(ask) | params)

    def _span(self, ask: Ask) -> dict[str, str]:
        now = self._clock.now()
        ends, since = now.date() + timedelta(days=1), ask.since
        if ask.kind == "bars_intraday":
            until = min(ask.until or now.date(), now.date())
            ends = until + timedelta(days=1)
            since = since or until - timedelta(days=INTRADAY_DAYS - 1)
        starts = since or EARLIEST
        if starts >= ends:
            raise InvalidInput(
                "the span ends before it starts",
                value=f"{starts} to {ask.until or 'now'}",
                bound="a day that has begun, and an end not before it",
            )
        if ask.kind == BARS:
            starts -= LOOK_BACK
        return {"period1": _epoch(starts), "period2": _epoch(ends)}

    def _chain(self, symbol: str) -> list[Raw]:
        """Return the chain of each expiry; when the first cannot be read, that one alone."""
        found = [self._get(OPTIONS_URL + symbol, raw_name("chains", symbol), {})]
        expiries = _expiries(found[0])
        if len(expiries) > EXPIRIES_MAX:
            raise InvalidInput(
                "there are too many expiries", value=len(expiries), bound=f"{EXPIRIES_MAX}"
            )
        for n, expiry in enumerate(expiries[1:], 2):
            name = raw_name("chains", symbol, 0, n)
            found.append(self._get(OPTIONS_URL + symbol, name, {"date": str(expiry)}))
        return found

    def _get(self, url: str, name: str, params: Mapping[str, str]) -> Raw:
        # 404 comes with a body that says which symbol is unknown: that is an answer.
        return self._wire.get(url, name=name, params=params or None, accept=(200, 404))


def _result(raw: Raw) -> dict[str, Any]:
    names = {"quotes": "quoteResponse", "chains": "optionChain"}
    return result_of(read_json(raw.body), names.get(raw.name.partition("/")[0], "chart"))


def _instruments(kind: str, symbol: str, result: Mapping[str, Any]) -> tuple[Instrument]:
    if kind == "quotes":
        return (quote_instrument(result, symbol),)
    if kind == "chains":
        return (quote_instrument(part(result, "quote", dict), symbol),)
    return (chart_instrument(part(result, "meta", dict), symbol),)


def _fill(result: Mapping[str, Any], reading: Reading) -> bool | None:
    fill = {
        BARS: fill_bars,
        "bars_intraday": fill_intraday,
        "quotes": fill_quote,
        "chains": fill_chain,
        "actions": fill_actions,
    }[reading.kind]
    return fill(result, reading)


def _expiries(raw: Raw) -> list[int]:
    try:
        found = part(result_of(read_json(raw.body), "optionChain"), "expirationDates", list)
    except Useless:
        return []
    whole = [cell for cell in found if isinstance(cell, int) and not isinstance(cell, bool)]
    return whole if len(whole) == len(found) else []


def _seconds(ask: Ask) -> int:
    options = dict(ask.options or {})
    text = options.pop("seconds", "60") if ask.kind == "bars_intraday" else "0"
    if options:
        raise InvalidInput(
            f"the yahoo provider has no such option for {ask.kind}",
            value=", ".join(sorted(options)),
            bound="seconds of bars_intraday",
        )
    if ask.kind != "bars_intraday":
        return 0
    if not text.isdecimal() or int(text) not in INTERVALS:
        raise InvalidInput(
            "Yahoo has no bars of this length",
            value=text[:20],
            bound=", ".join(str(n) for n in INTERVALS),
        )
    return int(text)


def _symbols(ask: Ask) -> tuple[str, ...]:
    symbols = tuple(dict.fromkeys(s.strip().upper() for s in ask.symbols if s.strip()))
    if not 0 < len(symbols) <= SYMBOLS_MAX:
        raise InvalidInput(
            "the yahoo provider needs symbols",
            value=len(symbols),
            bound=f"1 to {SYMBOLS_MAX}",
            remedy="Name symbols such as AAPL, RELIANCE.NS or ^GSPC.",
        )
    wrong = [
        s
        for s in symbols
        if not s.lstrip("^").replace(".", "").replace("-", "").replace("=", "").isalnum()
        or not s.isascii()
    ]
    if wrong:
        raise InvalidInput(
            "a symbol has letters that no symbol has",
            value=", ".join(wrong)[:80],
            bound="A-Z, 0-9 and . - = ^",
        )
    return symbols


def _epoch(day: date) -> str:
    return str(int(datetime.combine(day, time(), UTC).timestamp()))

"""The `yahoo` provider: daily bars of Yahoo Finance, through yfinance's session.

Options: `symbols` ("AAPL,MSFT,^GSPC"). It was written against recorded answers and has never been
run against the live service.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from fondaco.adapters.providers.parts import Parts
from fondaco.adapters.providers.yahoo_parse import parse_answer
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput, Unavailable
from fondaco.core.instrument import Origin
from fondaco.core.limits import CALL_SECONDS_MAX
from fondaco.market.identity import source_name
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import Market, Offer, Sheet

NAME = "yahoo"
SHEET = Sheet(
    NAME,
    "Yahoo Finance",
    Origin.LIVE,
    (Offer("bars_1d", (Market.US, Market.INDIA), "from 1962, or the listing", 15),),
    terms="https://legal.yahoo.com: for personal use; no official interface",
)
CHART_URL = "https://query2.finance.yahoo.com/v8/finance/chart/"
SYMBOLS_MAX = 200
EARLIEST = date(1962, 1, 2)

Fetch = Callable[[str, Mapping[str, str]], bytes]
"""Gets the body of a URL with query parameters; raises Unavailable."""


class Yahoo:
    """Raw bars with splits and dividends as factors, rebuilt from Yahoo's split-adjusted chart."""

    sheet = SHEET
    name = NAME
    origin = Origin.LIVE

    def __init__(self, clock: Clock, fetch: Fetch | None = None) -> None:
        self._clock = clock
        self._fetch = fetch

    @classmethod
    def build(cls, parts: Parts) -> "Yahoo":
        """Return the provider of a desk."""
        return cls(parts.clock)

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch the chart of each symbol, one raw answer each.

        The answer always reaches to now, also when `until` lies in the past: Yahoo adjusts for
        every later split, and without those the raw prices could not be rebuilt. Raises
        InvalidInput for wrong options, Unavailable when yfinance is not installed or Yahoo does
        not answer.
        """
        symbols = _symbols(ask)
        fetch = self._fetch or yfinance_fetch()
        asked_at = self._clock.now()
        params = {
            "period1": _epoch(ask.since or EARLIEST),
            "period2": _epoch(asked_at.date() + timedelta(days=1)),
            "interval": "1d",
            "includePrePost": "false",
            "events": "div,splits,capitalGains",
        }
        raws = []
        for symbol in symbols:
            body = fetch(CHART_URL + symbol, params)
            raws.append(Raw(NAME, symbol, body, asked_at, hashlib.sha256(body).hexdigest()))
        return tuple(raws)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one chart; an answer that cannot be used as a whole is a fault."""
        return parse_answer(raw, ask, source_name(Origin.LIVE, NAME))


def yfinance_fetch() -> Fetch:
    """Return a fetch by yfinance's session (cookies, crumb, rate limits); imported only here.

    Raises Unavailable when yfinance is not installed.
    """
    try:
        from yfinance.data import YfData
        from yfinance.exceptions import YFException
    except ImportError as error:
        raise Unavailable(
            "the yahoo provider needs yfinance, which is not installed",
            remedy="Install it: pip install 'fondaco[providers]'.",
        ) from error

    def fetch(url: str, params: Mapping[str, str]) -> bytes:
        try:
            answer = YfData().get(url, params=dict(params), timeout=CALL_SECONDS_MAX)
        except (YFException, OSError) as error:
            raise Unavailable(
                "Yahoo Finance does not answer",
                value=f"{url}: {error}"[:300],
                remedy="Check the network, or try again in some minutes.",
            ) from error
        # 404 comes with a body that says which symbol is unknown: that is an answer.
        if answer.status_code not in {200, 404}:
            raise Unavailable(
                "Yahoo Finance refused the request",
                value=f"{url}: HTTP {answer.status_code}",
                bound="200",
                remedy="Ask for fewer symbols, or try again in some minutes.",
            )
        return bytes(answer.content)

    return fetch


def _symbols(ask: Ask) -> tuple[str, ...]:
    options = dict(ask.options or {})
    text = options.pop("symbols", "")
    if options:
        raise InvalidInput(
            "the yahoo provider has no such option", value=", ".join(options), bound="symbols"
        )
    symbols = tuple(dict.fromkeys(part.strip().upper() for part in text.split(",") if part.strip()))
    if not 0 < len(symbols) <= SYMBOLS_MAX:
        raise InvalidInput(
            "the yahoo provider needs symbols",
            value=len(symbols),
            bound=f"1 to {SYMBOLS_MAX}",
            remedy="Add --option symbols=AAPL,MSFT to the command.",
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
            value=", ".join(wrong),
            bound="A-Z, 0-9 and . - = ^",
        )
    return symbols


def _epoch(day: date) -> str:
    return str(int(datetime.combine(day, time(), UTC).timestamp()))

"""The `alpaca` provider: United States shares of Alpaca's market data, version 2.

Bars are asked for raw; corporate actions make their factors. Both keys go in headers. The feed is
that of IEX alone unless the option `feed` says `sip` (by plan): its volumes and trades are then
those of one exchange. Written from https://docs.alpaca.markets (market data, corporate actions);
never run against the live service. Options: `feed`, and `seconds` of `bars_intraday`.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from fondaco.adapters.providers.alpaca_rows import fill_actions, fill_bars, fill_rows, listing_of
from fondaco.adapters.providers.crypto_reading import raw_name, read_answer
from fondaco.adapters.providers.parts import Service
from fondaco.adapters.providers.polygon_shares import (
    LOOK_BACK,
    packed,
    span_of,
    tickers_of,
    unpacked,
)
from fondaco.adapters.providers.read_json import Useless, read_json
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import KeyNeed, Limit, Market, Offer, Sheet
from fondaco.market.tables import BARS

BASE = "https://data.alpaca.markets"
PAGES_MAX = 60
EARLIEST = date(2016, 1, 1)
RECENT_DAYS = 5
PROCESSED_LATER = timedelta(days=120)
"""Actions are found by the day they are processed, of a dividend the day it is paid."""

TYPES = "forward_split,reverse_split,stock_dividend,cash_dividend,spin_off"
FRAMES = {60: "1Min", 300: "5Min", 900: "15Min", 1_800: "30Min", 3_600: "1Hour"}
FEEDS = ("iex", "sip")
MARKETS = (Market.US,)
OPTIONS = {
    BARS: frozenset(("feed",)),
    "bars_intraday": frozenset(("feed", "seconds")),
    "quotes": frozenset(("feed",)),
    "trades": frozenset(("feed",)),
}
SHEET = Sheet(
    "alpaca",
    "Alpaca market data",
    Origin.LIVE,
    (
        Offer(BARS, MARKETS, "IEX from 2020, all exchanges from 2016 by plan"),
        Offer("bars_intraday", MARKETS, "IEX from 2020, all exchanges from 2016 by plan"),
        Offer("quotes", MARKETS, "now, of IEX", 0),
        Offer("trades", MARKETS, "IEX from 2020"),
        Offer("actions", MARKETS, "from 2016"),
        Offer("news", MARKETS, "from 2015"),
    ),
    (Limit(200, 60),),
    terms="https://alpaca.markets/disclosures: for the account's holder; not to be handed on",
    key=KeyNeed(
        ("FONDACO_ALPACA_KEY", "FONDACO_ALPACA_SECRET"),
        "https://app.alpaca.markets",
        "Sign up for a paper account and generate a key; the secret is shown once.",
    ),
)


class Alpaca(Service):
    """Raw bars with factors, shorter bars, quotes, trades, corporate actions and news."""

    sheet = SHEET

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch all pages for each symbol; of daily bars and actions, one raw answer each.

        Raises Unanswered when a page does not come or a key is not set, InvalidInput for wrong
        symbols or options.
        """
        need = ask.kind != "news"
        symbols = tickers_of(ask, SHEET, OPTIONS.get(ask.kind, frozenset()), need=need)
        feed, seconds = _feed(ask), _seconds(ask)
        self._parts.keys(SHEET)
        raws: list[Raw] = []
        for symbol in symbols or [""]:
            if ask.kind in {BARS, "actions"}:
                raws.append(self._pack(ask, symbol, feed))
                continue
            path, params = self._request(ask, symbol, feed, seconds)
            name = raw_name(ask.kind, symbol, seconds).removesuffix("/1")
            raws += self._pages(path, params, name)
        return tuple(raws)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one answer; one that cannot be used as a whole is a fault."""
        kind = raw.name.partition("/")[0]
        if kind in {BARS, "actions"}:
            fill = fill_bars if kind == BARS else fill_actions
            return read_answer(raw, ask, listing_of, fill, unpacked)
        return read_answer(raw, ask, listing_of, fill_rows)

    def _pack(self, ask: Ask, symbol: str, feed: str) -> Raw:
        now = self._parts.clock.now()
        since, until = span_of(ask, now, (now.date() - EARLIEST).days)
        parts = {}
        if ask.kind == BARS:
            since -= LOOK_BACK
            params = {
                "timeframe": "1Day",
                "start": str(since),
                "end": str(until),
                "adjustment": "raw",
                "feed": feed,
                "limit": "10000",
            }
            parts["bars"] = self._pages(f"/v2/stocks/{symbol}/bars", params, "bars")
        params = {
            "symbols": symbol,
            "types": TYPES,
            "start": str(since),
            "end": str(until + PROCESSED_LATER),
            "limit": "1000",
        }
        parts["actions"] = self._pages("/v1/corporate-actions", params, "actions")
        return packed(raw_name(ask.kind, symbol), parts)

    def _request(
        self, ask: Ask, symbol: str, feed: str, seconds: int
    ) -> tuple[str, Mapping[str, str]]:
        since, until = span_of(ask, self._parts.clock.now(), RECENT_DAYS)
        span = {"start": str(since), "end": str(until)}
        if ask.kind == "bars_intraday":
            frame = {"timeframe": FRAMES[seconds], "adjustment": "raw", "limit": "10000"}
            return f"/v2/stocks/{symbol}/bars", {**span, **frame, "feed": feed}
        if ask.kind == "quotes":
            return f"/v2/stocks/{symbol}/quotes/latest", {"feed": feed}
        if ask.kind == "trades":
            return f"/v2/stocks/{symbol}/trades", {**span, "feed": feed, "limit": "10000"}
        of = {"symbols": symbol} if symbol else {}
        return "/v1beta1/news", {**of, **span, "sort": "asc", "limit": "50"}

    def _pages(self, path: str, params: Mapping[str, str], name: str) -> list[Raw]:
        """Return all pages of an answer; one that cannot be read is the last."""
        key, secret = self._parts.keys(SHEET)
        headers = {"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret}
        found: list[Raw] = []
        more: Mapping[str, str] = params
        while True:
            if len(found) == PAGES_MAX:
                raise InvalidInput(
                    "the answer has too many pages",
                    value=f"more than {PAGES_MAX}",
                    bound=f"{PAGES_MAX} pages",
                    remedy="Ask for less time.",
                )
            page = f"{name}/{len(found) + 1}"
            raw = self._parts.wire.get(BASE + path, name=page, params=more, headers=headers)
            found.append(raw)
            token = _token(raw)
            if not token:
                return found
            more = {**params, "page_token": token}


def _token(raw: Raw) -> str:
    """Return what asks for the next page, empty when there is none or it cannot be read."""
    try:
        data = read_json(raw.body)
    except Useless:
        return ""
    token = data.get("next_page_token") if isinstance(data, dict) else None
    return token if isinstance(token, str) else ""


def _feed(ask: Ask) -> str:
    feed = (ask.options or {}).get("feed", "iex")
    if feed not in FEEDS:
        raise InvalidInput("there is no such feed", value=feed[:20], bound=", ".join(FEEDS))
    return feed


def _seconds(ask: Ask) -> int:
    if ask.kind != "bars_intraday":
        return 0
    text = (ask.options or {}).get("seconds", "60")
    if not text.isdecimal() or int(text) not in FRAMES:
        raise InvalidInput(
            "there are no bars of this length",
            value=text[:20],
            bound=", ".join(str(n) for n in FRAMES),
        )
    return int(text)

"""The `polygon` provider: United States shares and options of Massive, formerly Polygon.io.

Bars are asked for unadjusted; splits and dividends make their factors. The key goes in a header.
Written from https://massive.com/docs/rest (stocks, options, reference); never run against the
live service. Options: `seconds` of `bars_intraday` (60 to 3600), `expiry` of `chains`.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from fondaco.adapters.providers.crypto_reading import raw_name, read_answer
from fondaco.adapters.providers.parts import Service
from fondaco.adapters.providers.polygon_bars import details_of, fill_actions, fill_bars
from fondaco.adapters.providers.polygon_pages import pages, unpacked_good
from fondaco.adapters.providers.polygon_rows import fill_rows, plain_listing
from fondaco.adapters.providers.polygon_shares import LOOK_BACK, packed, span_of, tickers_of
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import KeyNeed, Limit, Market, Offer, Sheet
from fondaco.market.tables import BARS

EARLIEST = date(2003, 9, 10)
BARS_PER_PAGE = "50000"
TRADES_LAST = "1000"
INTRADAY_DAYS = 5
LENGTHS = (60, 300, 900, 1_800, 3_600)
MARKETS = (Market.US,)
PACKED = frozenset((BARS, "actions"))
OPTIONS = {
    "bars_intraday": frozenset(("seconds",)),
    "chains": frozenset(("expiry",)),
}
SHEET = Sheet(
    "polygon",
    "Massive (Polygon.io)",
    Origin.LIVE,
    (
        Offer(BARS, MARKETS, "two years free, from 2003 by plan"),
        Offer("bars_intraday", MARKETS, "two years free, from 2003 by plan"),
        Offer("quotes", MARKETS, "now, by plan"),
        Offer("trades", MARKETS, "from 2003, by plan"),
        Offer("chains", MARKETS, "now, by plan", 15),
        Offer("actions", MARKETS, "splits and dividends of all plans"),
        Offer("news", MARKETS, "from 2016"),
    ),
    (Limit(5, 60),),
    terms="https://massive.com/terms: personal plans are for own use; see what it says of keeping",
    key=KeyNeed(
        ("FONDACO_POLYGON_KEY",),
        "https://massive.com/dashboard/keys",
        "Sign up, open the dashboard and copy the API key.",
    ),
)


class Polygon(Service):
    """Raw bars with factors, shorter bars, quotes, trades, option chains, actions and news."""

    sheet = SHEET

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch all pages for each symbol; of daily bars and actions, one raw answer each.

        Raises Unanswered when a page does not come or no key is set, InvalidInput for wrong
        symbols or options.
        """
        need = ask.kind != "news"
        symbols = tickers_of(ask, SHEET, OPTIONS.get(ask.kind, frozenset()), need=need)
        seconds = _seconds(ask)
        expiry = _expiry(ask)
        key = self._parts.key(SHEET)
        if ask.kind in PACKED:
            return tuple(self._pack(ask, symbol, key) for symbol in symbols)
        raws: list[Raw] = []
        for symbol in symbols or [""]:
            path, params = self._request(ask, symbol, seconds, expiry)
            name = raw_name(ask.kind, symbol, seconds).removesuffix("/1")
            follow = ask.kind != "trades" or ask.since is not None
            raws += pages(self._parts.wire, key, path, params, name, follow=follow)
        return tuple(raws)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one answer; one that cannot be used as a whole is a fault."""
        kind = raw.name.partition("/")[0]
        if kind in PACKED:
            fill = fill_bars if kind == BARS else fill_actions
            return read_answer(raw, ask, details_of, fill, unpacked_good)
        return read_answer(raw, ask, plain_listing, fill_rows)

    def _pack(self, ask: Ask, symbol: str, key: str) -> Raw:
        wire, parts = self._parts.wire, {}
        wanted = {"ticker": symbol, "limit": "5000"}
        since, until = (str(day) for day in self._since(ask))
        if ask.kind == BARS:
            path = f"/v2/aggs/ticker/{symbol}/range/1/day/{since}/{until}"
            params = {"adjusted": "false", "sort": "asc", "limit": BARS_PER_PAGE}
            parts["bars"] = pages(wire, key, path, params, "bars")
        span = {"splits": "execution_date", "dividends": "ex_dividend_date"}
        for role, of in span.items():
            params = {**wanted, f"{of}.gte": since, "sort": f"{of}.asc"}
            if ask.kind == BARS or ask.until is not None:
                params[f"{of}.lte"] = until
            parts[role] = pages(wire, key, f"/stocks/v1/{role}", params, role)
        path = f"/v3/reference/tickers/{symbol}"
        parts["details"] = pages(wire, key, path, {}, "details", follow=False)
        return packed(raw_name(ask.kind, symbol), parts)

    def _since(self, ask: Ask) -> tuple[date, date]:
        now = self._parts.clock.now()
        since, until = span_of(ask, now, (now.date() - EARLIEST).days)
        return since - LOOK_BACK if ask.kind == BARS else since, until

    def _request(
        self, ask: Ask, symbol: str, seconds: int, expiry: str
    ) -> tuple[str, Mapping[str, str]]:
        since, until = span_of(ask, self._parts.clock.now(), INTRADAY_DAYS)
        if ask.kind == "bars_intraday":
            path = f"/v2/aggs/ticker/{symbol}/range/{seconds // 60}/minute/{since}/{until}"
            return path, {"adjusted": "false", "sort": "asc", "limit": BARS_PER_PAGE}
        if ask.kind == "quotes":
            return f"/v2/last/nbbo/{symbol}", {}
        if ask.kind == "chains":
            more = {"expiration_date": expiry} if expiry else {}
            return f"/v3/snapshot/options/{symbol}", {"limit": "250", "sort": "ticker", **more}
        if ask.kind == "news":
            more = {"ticker": symbol} if symbol else {}
            params = {"published_utc.gte": str(since), "order": "asc", "sort": "published_utc"}
            if ask.until is not None:
                params["published_utc.lt"] = str(ask.until + timedelta(days=1))
            return "/v2/reference/news", {**more, **params, "limit": "1000"}
        if ask.since is None:
            return f"/v3/trades/{symbol}", {"order": "desc", "limit": TRADES_LAST}
        ends = str(until + timedelta(days=1))
        params = {"timestamp.gte": str(since), "timestamp.lt": ends, "order": "asc"}
        return f"/v3/trades/{symbol}", {**params, "limit": BARS_PER_PAGE}


def _seconds(ask: Ask) -> int:
    if ask.kind != "bars_intraday":
        return 0
    text = (ask.options or {}).get("seconds", "60")
    if not text.isdecimal() or int(text) not in LENGTHS:
        raise InvalidInput(
            "there are no bars of this length",
            value=text[:20],
            bound=", ".join(str(n) for n in LENGTHS),
        )
    return int(text)


def _expiry(ask: Ask) -> str:
    text = (ask.options or {}).get("expiry", "") if ask.kind == "chains" else ""
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InvalidInput("the expiry is no day", value=text[:20], bound="YYYY-MM-DD") from None

"""Which sources are asked for a kind in a market, and in which order."""

from collections.abc import Iterable, Mapping

from fondaco.core.errors import InvalidInput, NotFound
from fondaco.market.feed.errors import NoRoute
from fondaco.market.sheets import Market, Sheet

US, INDIA, CRYPTO, WORLD = Market.US, Market.INDIA, Market.CRYPTO, Market.WORLD
ROUTE_MAX = 8
ANY = "*"
"""In a setting: every market of the kind."""

_Line = tuple[str, tuple[Market, ...], tuple[str, ...]]
_TABLE: tuple[_Line, ...] = (
    ("bars_1d", (US,), ("tiingo", "polygon", "alpaca", "yahoo", "alphavantage")),
    ("bars_1d", (INDIA,), ("nse", "yahoo")),
    ("bars_1d", (CRYPTO,), ("binance", "coinbase", "kraken")),
    ("bars_intraday", (US,), ("polygon", "alpaca", "tiingo", "yahoo")),
    ("bars_intraday", (INDIA,), ("yahoo",)),
    ("bars_intraday", (CRYPTO,), ("binance", "coinbase", "kraken")),
    ("quotes", (US,), ("finnhub", "alpaca", "polygon", "tiingo", "yahoo")),
    ("quotes", (INDIA,), ("yahoo",)),
    ("quotes", (CRYPTO,), ("binance", "coinbase", "kraken")),
    ("trades", (US,), ("polygon", "alpaca")),
    ("trades", (CRYPTO,), ("binance", "coinbase", "kraken")),
    ("depth", (CRYPTO,), ("binance", "coinbase", "kraken")),
    ("chains", (US,), ("polygon", "cboe", "yahoo")),
    ("chains", (INDIA,), ("nse",)),
    ("fundamentals", (US,), ("edgar",)),
    ("estimates", (US,), ("finnhub",)),
    ("filings", (US,), ("edgar",)),
    ("deals", (US,), ("edgar", "finnhub")),
    ("actions", (US,), ("polygon", "alpaca", "yahoo")),
    ("events", (US, WORLD), ("finnhub",)),
    ("macro", (US, WORLD), ("fred",)),
    ("yields", (US,), ("treasury",)),
    ("news", (US,), ("finnhub", "polygon")),
    ("news", (WORLD,), ("tiingo",)),
    ("funding", (CRYPTO,), ("binance",)),
    ("open_interest", (CRYPTO,), ("binance",)),
)
"""The order in which sources are preferred. Official and point-in-time sources stand before
resellers, keyed before unkeyed ones; whoever else offers the kind comes after them."""

PREFERRED: Mapping[tuple[str, Market], tuple[str, ...]] = {
    (kind, market): names for kind, markets, names in _TABLE for market in markets
}


class Routes:
    """The routes of a desk: what is preferred, then whatever else offers the kind.

    `sheets` are those of the installed providers; `given` overrides the order of the table, and
    then nothing is added to what it names.
    """

    def __init__(
        self,
        sheets: Iterable[Sheet],
        given: Mapping[tuple[str, Market], tuple[str, ...]] | None = None,
    ) -> None:
        self._sheets = {sheet.name: sheet for sheet in sheets}
        self._given = dict(given or {})
        unknown = {n for names in self._given.values() for n in names} - set(self._sheets)
        if unknown:
            raise InvalidInput(
                "a route names providers that are not installed",
                value=", ".join(sorted(unknown)),
                bound=", ".join(sorted(self._sheets)),
                remedy="Correct FONDACO_ROUTES.",
            )

    def of(self, kind: str, market: Market) -> tuple[str, ...]:
        """Return the sources of a kind in a market, first to last; raises NoRoute for none."""
        if (kind, market) in self._given:
            return self._given[kind, market]
        able = [name for name, sheet in self._sheets.items() if _offers(sheet, kind, market)]
        first = [name for name in PREFERRED.get((kind, market), ()) if name in able]
        rest = sorted(name for name in able if name not in first)
        route = tuple([*first, *rest][:ROUTE_MAX])
        if not route:
            raise NoRoute(
                "no installed provider gives this kind of data for this market",
                value=f"{kind} for {market.value}",
                remedy="`fondaco providers status` shows what each gives.",
            )
        return route

    def sheet(self, name: str) -> Sheet:
        """Return a provider's sheet; raises NotFound."""
        if name not in self._sheets:
            raise NotFound(
                "there is no such provider", value=name, remedy=", ".join(sorted(self._sheets))
            )
        return self._sheets[name]


def parse_routes(text: str) -> dict[tuple[str, Market], tuple[str, ...]]:
    """Read the setting FONDACO_ROUTES; raises InvalidInput showing what a line looks like.

    >>> parse_routes("quotes.US=tiingo,yahoo; macro.*=fred")["quotes", Market.US]
    ('tiingo', 'yahoo')
    """
    found: dict[tuple[str, Market], tuple[str, ...]] = {}
    for line in filter(None, (part.strip() for part in text.split(";"))):
        where, equals, names = line.partition("=")
        kind, dot, market = where.strip().partition(".")
        sources = tuple(name.strip() for name in names.split(",") if name.strip())
        known = [one for one in Market if market.strip() in (one.value, ANY)]
        if not (equals and dot and kind and known and 1 <= len(sources) <= ROUTE_MAX):
            raise InvalidInput(
                "a route cannot be read",
                value=line,
                bound=f"kind.MARKET=source,source; MARKET is {', '.join(Market)} or {ANY}, "
                f"with 1 to {ROUTE_MAX} sources",
                remedy="Write FONDACO_ROUTES like quotes.US=tiingo,yahoo;macro.*=fred",
            )
        found |= {(kind, one): sources for one in known}
    return found


def _offers(sheet: Sheet, kind: str, market: Market) -> bool:
    return any(offer.kind == kind and market in offer.markets for offer in sheet.offers)

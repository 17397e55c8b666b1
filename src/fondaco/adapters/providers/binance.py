"""The `binance` provider: public candles, quotes, trades and depth; funding and open interest.

Spot data come from the address for market data alone, perpetual futures from the USD-margined
ones; no key is needed. Written from https://developers.binance.com/docs (spot REST API, USDS-M
futures); never run against the live service. Option of `bars_intraday`: `seconds`.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fondaco.adapters.providers.crypto_asks import (
    INTRADAY,
    Pair,
    milliseconds,
    pages_of,
    pair_of,
    seconds_of,
    symbols_of,
    whole_span,
)
from fondaco.adapters.providers.crypto_reading import (
    Reading,
    listed,
    raw_name,
    read_answer,
    rows_in,
    whole,
    written,
)
from fondaco.adapters.providers.parts import Service
from fondaco.adapters.providers.read_json import Useless, part
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument, Origin
from fondaco.market.identity import CRYPTO, UNDATED, instrument_id
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import Limit, Market, Offer, Sheet
from fondaco.market.tables import BARS

SPOT = "https://data-api.binance.vision/api/v3"
FUTURES = "https://fapi.binance.com/fapi/v1"
ROWS = 1_000
DEPTH_LEVELS = 100
FUNDING_SECONDS = 3_600
"""The shortest time between two fundings: a page of this many hours never overflows."""

PERPETUAL = "-PERP"
INTERVALS = {
    60: "1m",
    180: "3m",
    300: "5m",
    900: "15m",
    1_800: "30m",
    3_600: "1h",
    7_200: "2h",
    14_400: "4h",
    21_600: "6h",
    28_800: "8h",
    43_200: "12h",
    86_400: "1d",
}
MARKETS = (Market.CRYPTO,)
SHEET = Sheet(
    "binance",
    "Binance",
    Origin.LIVE,
    (
        Offer(BARS, MARKETS, "from 2017, or the listing", 0),
        Offer(INTRADAY, MARKETS, "from 2017, or the listing", 0),
        Offer("quotes", MARKETS, "now", 0),
        Offer("trades", MARKETS, f"the last {ROWS:,} trades", 0),
        Offer("depth", MARKETS, f"now, {DEPTH_LEVELS} levels", 0),
        Offer("funding", MARKETS, "perpetual futures, from 2019", 0),
        Offer("open_interest", MARKETS, "perpetual futures, now", 0),
    ),
    # 6,000 units of weight a minute, at most 25 a call; 500 calls for funding in five minutes.
    (Limit(240, 60), Limit(500, 300)),
    terms="https://www.binance.com/en/terms: an address that goes on after 429 is banned (418)",
)


class Binance(Service):
    """Candles of UTC days and shorter, quotes, trades and books of spot pairs; perpetual futures
    under a symbol with `-PERP`.
    """

    sheet = SHEET

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch the answers for each symbol, page by page, oldest first.

        Raises Unanswered when a page does not come, InvalidInput for wrong symbols or options.
        """
        pairs = [_pair(ask.kind, symbol) for symbol in symbols_of(ask, SHEET)]
        if ask.kind in {BARS, INTRADAY}:
            return self._paged(ask, pairs, seconds_of(ask, tuple(INTERVALS)))
        if ask.kind == "funding":
            return self._paged(ask, pairs, FUNDING_SECONDS)
        return tuple(self._one(ask.kind, pair) for pair in pairs)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one answer; one that cannot be used as a whole is a fault."""
        return read_answer(raw, ask, _instruments, _fill)

    def _paged(self, ask: Ask, pairs: list[Pair], seconds: int) -> tuple[Raw, ...]:
        pages = pages_of(whole_span(ask, self._clock.now(), seconds, ROWS), seconds, ROWS)
        raws = []
        for pair in pairs:
            for n, page in enumerate(pages, 1):
                params = {
                    "symbol": pair.base + pair.quote,
                    "startTime": milliseconds(page.start),
                    # Binance takes the end as part of the span.
                    "endTime": milliseconds(page.end - timedelta(milliseconds=1)),
                    "limit": str(ROWS),
                }
                url = f"{FUTURES}/fundingRate"
                if ask.kind != "funding":
                    url, params = f"{SPOT}/klines", params | {"interval": INTERVALS[seconds]}
                raws.append(self._get(url, raw_name(ask.kind, pair.symbol, seconds, n), params))
        return tuple(raws)

    def _one(self, kind: str, pair: Pair) -> Raw:
        params = {"symbol": pair.base + pair.quote}
        url, more = {
            "quotes": (f"{SPOT}/ticker/bookTicker", {}),
            "trades": (f"{SPOT}/trades", {"limit": str(ROWS)}),
            "depth": (f"{SPOT}/depth", {"limit": str(DEPTH_LEVELS)}),
            "open_interest": (f"{FUTURES}/openInterest", {}),
        }[kind]
        return self._get(url, raw_name(kind, pair.symbol), params | more)

    def _get(self, url: str, name: str, params: Mapping[str, str]) -> Raw:
        # A 400 comes with a body that says what was wrong: that is an answer.
        return self._wire.get(url, name=name, params=params, accept=(200, 400))


def _pair(kind: str, symbol: str) -> Pair:
    perpetual = kind in {"funding", "open_interest"}
    return pair_of(symbol.removesuffix(PERPETUAL) if perpetual else symbol)


def _instruments(kind: str, symbol: str, _: Any) -> tuple[Instrument]:
    pair = pair_of(symbol)
    if kind not in {"funding", "open_interest"}:
        return (pair.instrument,)
    name = pair.symbol + PERPETUAL
    future = Instrument(
        id=instrument_id(AssetClass.FUTURE, CRYPTO, name, UNDATED),
        symbols=(DatedSymbol(name, UNDATED),),
        asset_class=AssetClass.FUTURE,
        venue=CRYPTO,
        currency=pair.quote,
        name=f"{pair.symbol} perpetual future",
    )
    return (future,)


def _fill(data: Any, reading: Reading) -> None:
    if isinstance(data, dict) and "code" in data:
        raise Useless(f"Binance says: {data.get('msg')} ({data['code']})"[:200])
    if reading.kind == "depth":
        for side in ("bid", "ask"):
            reading.levels(part(data, f"{side}s", list), side, reading.raw.asked_at, _level)
    elif reading.kind in {"quotes", "open_interest"}:
        read = _quote if reading.kind == "quotes" else _open_interest
        reading.each([data], lambda _, cell: read(cell, reading), reading.kind)
    elif reading.kind == "trades":
        rows = rows_in(data, "trades")
        reading.each(rows, lambda _, cell: _trade(cell, reading), "trade")
    elif reading.kind == "funding":
        rows = rows_in(data, "fundings")
        reading.each(rows, lambda _, cell: _funding(cell, reading), "funding")
    else:
        rows = rows_in(data, "candles")
        reading.each(rows, lambda _, cell: _candle(cell, reading), "candle")


def _candle(cell: Any, reading: Reading) -> dict[str, Any] | None:
    cells = listed(cell, 9, "a candle")
    opened = reading.moment(cells[0], "open time", 1_000)
    if whole(cells[6], "close time") - whole(cells[0], "open time") != reading.seconds * 1_000 - 1:
        raise Useless(f"the candle is not {reading.seconds} seconds long")
    names = ("open", "high", "low", "close", "volume")
    numbers = {name: written(cells[n], name) for n, name in enumerate(names, 1)}
    return reading.candle(opened, {**numbers, "trades": whole(cells[8], "trades")})


def _quote(cell: Any, reading: Reading) -> dict[str, Any]:
    _same_symbol(cell, reading)
    return {
        "instrument": reading.of,
        "ts": reading.raw.asked_at,
        "bid": written(cell.get("bidPrice"), "bidPrice"),
        "ask": written(cell.get("askPrice"), "askPrice"),
        "bid_size": written(cell.get("bidQty"), "bidQty"),
        "ask_size": written(cell.get("askQty"), "askQty"),
    }


def _trade(cell: Any, reading: Reading) -> dict[str, Any] | None:
    ts = reading.moment(part(cell, "time", int), "time", 1_000)
    if not reading.wanted(ts.date()):
        return None
    return {
        "instrument": reading.of,
        "ts": ts,
        "trade": str(part(cell, "id", int)),
        "price": written(cell.get("price"), "price"),
        "size": written(cell.get("qty"), "qty"),
        "exchange": SHEET.name,
        # The maker's order lay in the book: whoever met it crossed the spread.
        "aggressor": "sell" if part(cell, "isBuyerMaker", bool) else "buy",
    }


def _level(cell: Any) -> tuple[float, float, None]:
    price, size = listed(cell, 2, "a level")[:2]
    return written(price, "price"), written(size, "size"), None


def _funding(cell: Any, reading: Reading) -> dict[str, Any] | None:
    _same_symbol(cell, reading)
    ts = reading.moment(part(cell, "fundingTime", int), "fundingTime", 1_000)
    mark = cell.get("markPrice")
    if not reading.wanted(ts.date()):
        return None
    return {
        "instrument": reading.of,
        "ts": ts,
        "rate": written(cell.get("fundingRate"), "fundingRate"),
        # The oldest fundings have no mark price.
        "mark": None if mark is None or mark == "" else written(mark, "markPrice"),
    }


def _open_interest(cell: Any, reading: Reading) -> dict[str, Any]:
    _same_symbol(cell, reading)
    return {
        "instrument": reading.of,
        "ts": reading.moment(part(cell, "time", int), "time", 1_000),
        "contracts": written(cell.get("openInterest"), "openInterest"),
    }


def _same_symbol(cell: Any, reading: Reading) -> None:
    found = part(cell, "symbol", str)
    asked = reading.symbol.replace("-", "")
    if found != asked:
        raise Useless(f"the answer is of {found[:40]}, not of {asked}")

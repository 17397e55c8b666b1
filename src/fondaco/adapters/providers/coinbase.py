"""The `coinbase` provider: public candles, quotes, trades and depth of Coinbase Exchange.

No key is needed. Candles hold plain numbers, all else numbers written as text. Written from
https://docs.cdp.coinbase.com/api-reference/exchange-api (products); never run against the live
service. Option of `bars_intraday`: `seconds`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from fondaco.adapters.providers.crypto_asks import (
    INTRADAY,
    Pair,
    pages_of,
    pair_of,
    seconds_of,
    symbols_of,
    whole_span,
)
from fondaco.adapters.providers.crypto_reading import (
    Reading,
    listed,
    plain,
    raw_name,
    read_answer,
    rows_in,
    whole,
    written,
)
from fondaco.adapters.providers.parts import Service
from fondaco.adapters.providers.read_json import Useless, part
from fondaco.core.instrument import Instrument, Origin
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import Limit, Market, Offer, Sheet
from fondaco.market.tables import BARS

URL = "https://api.exchange.coinbase.com/products/"
CANDLES = 300
ROWS = 1_000
LENGTHS = (60, 300, 900, 3_600, 21_600)
MARKETS = (Market.CRYPTO,)
SHEET = Sheet(
    "coinbase",
    "Coinbase Exchange",
    Origin.LIVE,
    (
        Offer(BARS, MARKETS, "from 2015, or the listing", 0),
        Offer(INTRADAY, MARKETS, "from 2015, or the listing", 0),
        Offer("quotes", MARKETS, "now", 0),
        Offer("trades", MARKETS, f"the last {ROWS:,} trades", 0),
        Offer("depth", MARKETS, "now, all levels", 0),
    ),
    (Limit(10, 1),),
    terms="https://www.coinbase.com/legal/market_data: own terms for market data",
)


class Coinbase(Service):
    """Candles of UTC days and shorter, quotes, trades and books of spot pairs."""

    sheet = SHEET

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch the answers for each symbol, page by page, oldest first.

        Raises Unanswered when a page does not come, InvalidInput for wrong symbols or options.
        """
        pairs = [pair_of(symbol) for symbol in symbols_of(ask, SHEET)]
        if ask.kind in {BARS, INTRADAY}:
            return self._candles(ask, pairs, seconds_of(ask, LENGTHS))
        path, params = {
            "quotes": ("ticker", {}),
            "trades": ("trades", {"limit": str(ROWS)}),
            "depth": ("book", {"level": "2"}),
        }[ask.kind]
        return tuple(
            self._get(pair, path, raw_name(ask.kind, pair.symbol), params) for pair in pairs
        )

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one answer; one that cannot be used as a whole is a fault."""
        return read_answer(raw, ask, _instruments, _fill)

    def _candles(self, ask: Ask, pairs: list[Pair], seconds: int) -> tuple[Raw, ...]:
        span = whole_span(ask, self._clock.now(), seconds, CANDLES)
        raws = []
        for pair in pairs:
            for n, page in enumerate(pages_of(span, seconds, CANDLES), 1):
                # Both ends are part of the answer, and one candle too many is refused.
                params = {
                    "granularity": str(seconds),
                    "start": page.start.isoformat(),
                    "end": (page.end - timedelta(seconds=1)).isoformat(),
                }
                name = raw_name(ask.kind, pair.symbol, seconds, n)
                raws.append(self._get(pair, "candles", name, params))
        return tuple(raws)

    def _get(self, pair: Pair, path: str, name: str, params: Mapping[str, str]) -> Raw:
        return self._wire.get(f"{URL}{pair.symbol}/{path}", name=name, params=params or None)


def _instruments(_: str, symbol: str, __: Any) -> tuple[Instrument]:
    return (pair_of(symbol).instrument,)


def _fill(data: Any, reading: Reading) -> None:
    if isinstance(data, dict) and "message" in data:
        raise Useless(f"Coinbase says: {data['message']}"[:200])
    if reading.kind == "depth":
        ts = reading.written_moment(part(data, "time", str), "time")
        for side in ("bid", "ask"):
            reading.levels(part(data, f"{side}s", list), side, ts, _level)
    elif reading.kind == "quotes":
        reading.each([data], lambda _, cell: _quote(cell, reading), "quote")
    elif reading.kind == "trades":
        rows = rows_in(data, "trades")
        reading.each(rows, lambda _, cell: _trade(cell, reading), "trade")
    else:
        rows = rows_in(data, "candles")
        reading.each(rows, lambda _, cell: _candle(cell, reading), "candle")


def _candle(cell: Any, reading: Reading) -> dict[str, Any] | None:
    cells = listed(cell, 6, "a candle")
    opened = reading.moment(whole(cells[0], "time"), "time", 1)
    names = ("low", "high", "open", "close", "volume")
    return reading.candle(opened, {name: plain(cells[n], name) for n, name in enumerate(names, 1)})


def _quote(cell: Any, reading: Reading) -> dict[str, Any]:
    """The moment of a quote is that of its last trade: no other is given."""
    return {
        "instrument": reading.of,
        "ts": reading.written_moment(part(cell, "time", str), "time"),
        "bid": written(cell.get("bid"), "bid"),
        "ask": written(cell.get("ask"), "ask"),
        "last": written(cell.get("price"), "price"),
        "last_size": written(cell.get("size"), "size"),
        "volume": written(cell.get("volume"), "volume"),
    }


def _trade(cell: Any, reading: Reading) -> dict[str, Any] | None:
    ts: datetime = reading.written_moment(part(cell, "time", str), "time")
    if not reading.wanted(ts.date()):
        return None
    side = part(cell, "side", str)
    # The side is that of the order that lay in the book: the other one crossed the spread.
    crossed = {"buy": "sell", "sell": "buy"}.get(side)
    if crossed is None:
        raise Useless(f"the side {side[:20]!r} is neither buy nor sell")
    return {
        "instrument": reading.of,
        "ts": ts,
        "trade": str(part(cell, "trade_id", int)),
        "price": written(cell.get("price"), "price"),
        "size": written(cell.get("size"), "size"),
        "exchange": SHEET.name,
        "aggressor": crossed,
    }


def _level(cell: Any) -> tuple[float, float, int]:
    price, size, orders = listed(cell, 3, "a level")[:3]
    return written(price, "price"), written(size, "size"), whole(orders, "orders")

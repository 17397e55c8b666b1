"""The `kraken` provider: public candles, quotes, trades and depth of spot pairs, without a key.

Kraken writes bitcoin XBT and dogecoin XDG, and answers older pairs under longer names (XXBTZUSD).
An error comes in an answer with status 200. Written from https://docs.kraken.com/api (spot REST,
market data); never run against the live service. Option of `bars_intraday`: `seconds`.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fondaco.adapters.providers.crypto_asks import (
    INTRADAY,
    Pair,
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
from fondaco.adapters.providers.read_json import Useless, part, read_json
from fondaco.core.instrument import Instrument, Origin
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import Limit, Market, Offer, Sheet
from fondaco.market.tables import BARS

URL = "https://api.kraken.com/0/public/"
OHLC_ROWS = 720
ROWS = 1_000
DEPTH_LEVELS = 100
LENGTHS = (60, 300, 900, 1_800, 3_600, 14_400)
OWN_NAMES = {"BTC": "XBT", "DOGE": "XDG"}
BUSY = ("EAPI:Rate limit exceeded", "EGeneral:Too many requests", "EService:Throttled")
PATHS = {"quotes": "Ticker", "trades": "Trades", "depth": "Depth"}
MARKETS = (Market.CRYPTO,)
SHEET = Sheet(
    "kraken",
    "Kraken",
    Origin.LIVE,
    (
        Offer(BARS, MARKETS, f"the last {OHLC_ROWS} days", 0),
        Offer(INTRADAY, MARKETS, f"the last {OHLC_ROWS} candles", 0),
        Offer("quotes", MARKETS, "now", 0),
        Offer("trades", MARKETS, f"the last {ROWS:,} trades", 0),
        Offer("depth", MARKETS, f"now, {DEPTH_LEVELS} levels", 0),
    ),
    (Limit(1, 1),),
    terms="https://www.kraken.com/legal: public data, about one call a second",
)


class Kraken(Service):
    """Candles of UTC days and shorter, quotes, trades and books of spot pairs."""

    sheet = SHEET

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch one answer for each symbol; candles reach back `OHLC_ROWS` and no further.

        Raises Unanswered when one does not come or Kraken is busy, InvalidInput for wrong symbols
        or options.
        """
        pairs = [pair_of(symbol) for symbol in symbols_of(ask, SHEET)]
        if ask.kind not in {BARS, INTRADAY}:
            return tuple(self._one(ask.kind, pair) for pair in pairs)
        seconds = seconds_of(ask, LENGTHS)
        span = whole_span(ask, self._clock.now(), seconds, OHLC_ROWS)
        # Kraken gives what comes after `since`, not what starts at it.
        since = int((span.start - timedelta(seconds=1)).timestamp())
        more = {"interval": str(seconds // 60), "since": str(since)}
        return tuple(
            self._get("OHLC", raw_name(ask.kind, pair.symbol, seconds), pair, more)
            for pair in pairs
        )

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one answer; one that cannot be used as a whole is a fault."""
        return read_answer(raw, ask, _instruments, _fill)

    def _one(self, kind: str, pair: Pair) -> Raw:
        more = {"trades": {"count": str(ROWS)}, "depth": {"count": str(DEPTH_LEVELS)}}
        return self._get(PATHS[kind], raw_name(kind, pair.symbol), pair, more.get(kind, {}))

    def _get(self, path: str, name: str, pair: Pair, more: Mapping[str, str]) -> Raw:
        raw = self._wire.get(URL + path, name=name, params={"pair": _names(pair)[0], **more})
        told = _told(raw)
        if told.startswith(BUSY):
            raise _unanswered("wants to be asked less often", Cause.LIMIT, told)
        if told.startswith("EService:"):
            raise _unanswered("did not give an answer", Cause.DOWN, told)
        return raw


def _unanswered(says: str, cause: Cause, told: str) -> Unanswered:
    return Unanswered(
        f"{SHEET.title} {says}",
        provider=SHEET.name,
        cause=cause,
        value=told[:200],
        remedy="Ask again later.",
    )


def _told(raw: Raw) -> str:
    """Return the first error that an answer tells, empty when it tells none that can be read."""
    try:
        errors = part(read_json(raw.body), "error", list)
    except Useless:
        return ""
    return str(errors[0]) if errors else ""


def _names(pair: Pair) -> tuple[str, ...]:
    """Return how Kraken writes a pair: as it is asked for, then as it may be answered."""
    base, quote = (OWN_NAMES.get(name, name) for name in (pair.base, pair.quote))
    return (base + quote, f"X{base}Z{quote}", f"X{base}X{quote}")


def _instruments(_: str, symbol: str, __: Any) -> tuple[Instrument]:
    return (pair_of(symbol).instrument,)


def _fill(data: Any, reading: Reading) -> None:
    errors = part(data, "error", list)
    if errors:
        raise Useless(f"Kraken says: {errors[0]}"[:200])
    of_pair = _of_pair(part(data, "result", dict), reading)
    if reading.kind == "depth":
        for side in ("bid", "ask"):
            reading.levels(part(of_pair, f"{side}s", list), side, reading.raw.asked_at, _level)
    elif reading.kind == "quotes":
        reading.each([of_pair], lambda _, cell: _quote(cell, reading), "quote")
    elif reading.kind == "trades":
        rows = rows_in(of_pair, "trades")
        reading.each(rows, lambda _, cell: _trade(cell, reading), "trade")
    else:
        rows = rows_in(of_pair, "candles")
        reading.each(rows, lambda _, cell: _candle(cell, reading), "candle")


def _of_pair(result: dict[str, Any], reading: Reading) -> Any:
    names = _names(pair_of(reading.symbol))
    found = [key for key in result if key != "last"]
    if len(found) != 1 or found[0] not in names:
        raise Useless(f"the answer is of {', '.join(found)[:60] or 'no pair'}, not of {names[0]}")
    return result[found[0]]


def _candle(cell: Any, reading: Reading) -> dict[str, Any] | None:
    cells = listed(cell, 8, "a candle")
    opened = reading.moment(whole(cells[0], "time"), "time", 1)
    # The sixth cell is the average price, weighted by volume.
    places = {"open": 1, "high": 2, "low": 3, "close": 4, "volume": 6}
    numbers = {name: written(cells[n], name) for name, n in places.items()}
    return reading.candle(opened, {**numbers, "trades": whole(cells[7], "count")})


def _quote(cell: Any, reading: Reading) -> dict[str, Any]:
    """Best ask and bid are [price, whole lots, lots]; the last trade is [price, lots]."""
    ask, bid = (listed(part(cell, name, list), 3, name) for name in ("a", "b"))
    last, volume = (listed(part(cell, name, list), 2, name) for name in ("c", "v"))
    return {
        "instrument": reading.of,
        "ts": reading.raw.asked_at,
        "bid": written(bid[0], "bid"),
        "ask": written(ask[0], "ask"),
        "bid_size": written(bid[2], "bid size"),
        "ask_size": written(ask[2], "ask size"),
        "last": written(last[0], "last"),
        "last_size": written(last[1], "last size"),
        "volume": written(volume[1], "volume"),
    }


def _trade(cell: Any, reading: Reading) -> dict[str, Any] | None:
    cells = listed(cell, 7, "a trade")
    ts = reading.moment(cells[2], "time", 1)
    if not reading.wanted(ts.date()):
        return None
    sides = {"b": "buy", "s": "sell"}
    if not isinstance(cells[3], str) or cells[3] not in sides:
        raise Useless(f"the side {str(cells[3])[:20]!r} is neither b nor s")
    return {
        "instrument": reading.of,
        "ts": ts,
        "trade": str(whole(cells[6], "trade id")),
        "price": written(cells[0], "price"),
        "size": written(cells[1], "volume"),
        "exchange": SHEET.name,
        "aggressor": sides[cells[3]],
    }


def _level(cell: Any) -> tuple[float, float, None]:
    price, size = listed(cell, 2, "a level")[:2]
    return written(price, "price"), written(size, "size"), None

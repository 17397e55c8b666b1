"""Answers in the documented shape of Binance, typed by hand.

Source of the shapes: https://developers.binance.com/docs (spot REST API, USDS-M futures). Daily
candles of BTCUSDT are those of 1 to 3 January 2024, the rest is made up.
"""

from datetime import date

from fondaco.adapters.providers.binance import Binance
from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.market.ports import Ask

KLINES_DAY = b"""[
[1704067200000, "42283.58000000", "44184.10000000", "42180.77000000", "44179.55000000",
 "27174.29903000", 1704153599999, "1169995682.10", 1140402, "14187.98", "610930193.98", "0"],
[1704153600000, "44179.55000000", "45879.63000000", "44148.34000000", "44946.91000000",
 "65146.40661000", 1704239999999, "2944331605.00", 2381802, "33229.58", "1501862139.00", "0"],
[1704240000000, "44946.91000000", "45500.00000000", "40750.00000000", "42845.23000000",
 "81194.55173000", 1704326399999, "3507105409.00", 3018878, "39241.12", "1695361713.00", "0"]
]"""
KLINES_HOUR = b"""[
[1704067200000, "42283.58000000", "42554.57000000", "42261.02000000", "42475.23000000",
 "1271.68108000", 1704070799999, "53957248.97", 47134, "682.57", "28957416.81", "0"],
[1704070800000, "42475.23000000", "42775.00000000", "42431.65000000", "42613.56000000",
 "1196.37856000", 1704074399999, "50984395.00", 48396, "663.68", "28280000.00", "0"]
]"""
BOOK_TICKER = (
    b'{"symbol": "BTCUSDT", "bidPrice": "42613.55000000", "bidQty": "4.31000000",'
    b' "askPrice": "42613.56000000", "askQty": "9.00000000"}'
)
TRADES = b"""[
{"id": 3364216871, "price": "42613.55000000", "qty": "0.01200000", "quoteQty": "511.36260000",
 "time": 1704074399001, "isBuyerMaker": true, "isBestMatch": true},
{"id": 3364216872, "price": "42613.56000000", "qty": "0.50000000", "quoteQty": "21306.78000000",
 "time": 1704074399544, "isBuyerMaker": false, "isBestMatch": true}
]"""
DEPTH = (
    b'{"lastUpdateId": 1027024, "bids": [["42613.55000000", "4.31000000"],'
    b' ["42613.10000000", "0.20000000"]], "asks": [["42613.56000000", "9.00000000"],'
    b' ["42614.00000000", "1.50000000"]]}'
)
FUNDING = b"""[
{"symbol": "BTCUSDT", "fundingRate": "0.00037409", "fundingTime": 1704067200000,
 "markPrice": "42313.90000000"},
{"symbol": "BTCUSDT", "fundingRate": "-0.00010000", "fundingTime": 1704096000003,
 "markPrice": "42628.72340426"}
]"""
OPEN_INTEREST = b'{"openInterest": "80659.509", "symbol": "BTCUSDT", "time": 1704074399500}'

PAIR = ("BTC-USDT",)
FIRST, THIRD = date(2024, 1, 1), date(2024, 1, 3)
_ANSWERS = {
    "/api/v3/klines": KLINES_DAY,
    "/ticker/bookTicker": BOOK_TICKER,
    "/api/v3/trades": TRADES,
    "/api/v3/depth": DEPTH,
    "/fapi/v1/fundingRate": FUNDING,
    "/fapi/v1/openInterest": OPEN_INTEREST,
}


def _recorded(ask: Ask, path: str, rows: int, body: bytes = b"") -> Recorded:
    answers = {path: body or _ANSWERS[path]}
    return Recorded(ask.kind, Binance, ask, answers, rows)


RECORDED = (
    _recorded(Ask(FIRST, THIRD, kind="bars_1d", symbols=PAIR), "/api/v3/klines", 3),
    _recorded(
        Ask(FIRST, FIRST, {"seconds": "3600"}, "bars_intraday", PAIR),
        "/api/v3/klines",
        2,
        KLINES_HOUR,
    ),
    _recorded(Ask(kind="quotes", symbols=PAIR), "/ticker/bookTicker", 1),
    _recorded(Ask(kind="trades", symbols=PAIR), "/api/v3/trades", 2),
    _recorded(Ask(kind="depth", symbols=PAIR), "/api/v3/depth", 4),
    _recorded(Ask(FIRST, FIRST, kind="funding", symbols=PAIR), "/fapi/v1/fundingRate", 2),
    _recorded(Ask(kind="open_interest", symbols=PAIR), "/fapi/v1/openInterest", 1),
)

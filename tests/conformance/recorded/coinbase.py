"""Answers in the documented shape of Coinbase Exchange, typed by hand; the numbers are made up.

Source of the shapes: https://docs.cdp.coinbase.com/api-reference/exchange-api (products).
"""

from datetime import date

from fondaco.adapters.providers.coinbase import Coinbase
from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.market.ports import Ask

CANDLES_DAY = b"""[
[1704240000, 40813.23, 45509.95, 44940.01, 42837.07, 27340.45],
[1704153600, 44163.87, 45922.35, 44184.97, 44941.07, 20313.12],
[1704067200, 42174.48, 44240.8, 42276.05, 44184.97, 8134.51]
]"""
CANDLES_HOUR = b"""[
[1704070800, 42420.5, 42785.11, 42470.9, 42612.34, 402.11],
[1704067200, 42252, 42561.99, 42276.05, 42470.9, 391.5]
]"""
TICKER = (
    b'{"ask": "42612.35", "bid": "42612.34", "volume": "8134.51000000", "trade_id": 589312407,'
    b' "price": "42612.34", "size": "0.0125", "time": "2024-01-01T01:59:59.512345Z",'
    b' "rfq_volume": "11.5"}'
)
TRADES = b"""[
{"trade_id": 589312407, "side": "buy", "size": "0.01250000", "price": "42612.34000000",
 "time": "2024-01-01T01:59:59.512345Z"},
{"trade_id": 589312406, "side": "sell", "size": "0.50000000", "price": "42612.35000000",
 "time": "2024-01-01T01:59:58.000001Z"}
]"""
BOOK = (
    b'{"bids": [["42612.34", "0.512", 3], ["42612.01", "1.25", 1]],'
    b' "asks": [["42612.35", "0.75", 2], ["42613.1", "2", 4]], "sequence": 71238912012,'
    b' "auction_mode": false, "auction": null, "time": "2024-01-01T01:59:59.900001Z"}'
)

PAIR = ("BTC-USD",)
FIRST, THIRD = date(2024, 1, 1), date(2024, 1, 3)


def _recorded(ask: Ask, path: str, body: bytes, rows: int) -> Recorded:
    answers = {f"/products/BTC-USD/{path}": body}
    return Recorded(ask.kind, Coinbase, ask, answers, rows)


RECORDED = (
    _recorded(Ask(FIRST, THIRD, kind="bars_1d", symbols=PAIR), "candles", CANDLES_DAY, 3),
    _recorded(
        Ask(FIRST, FIRST, {"seconds": "3600"}, "bars_intraday", PAIR), "candles", CANDLES_HOUR, 2
    ),
    _recorded(Ask(kind="quotes", symbols=PAIR), "ticker", TICKER, 1),
    _recorded(Ask(kind="trades", symbols=PAIR), "trades", TRADES, 2),
    _recorded(Ask(kind="depth", symbols=PAIR), "book", BOOK, 4),
)

"""Answers in the documented shape of Kraken, typed by hand; the numbers are made up.

Source of the shapes: https://docs.kraken.com/api (spot REST, market data).
"""

from datetime import date

from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.adapters.providers.kraken import Kraken
from fondaco.market.ports import Ask

OHLC_DAY = b"""{"error": [], "result": {"XXBTZUSD": [
[1704067200, "42265.1", "44240.5", "42170.0", "44182.4", "42980.5", "1650.30219844", 25713],
[1704153600, "44182.5", "45922.0", "44149.4", "44946.0", "45218.3", "4126.04150332", 60112],
[1704240000, "44946.1", "45510.1", "41620.0", "42840.7", "43195.5", "5390.50180011", 71388]
], "last": 1704153600}}"""
OHLC_HOUR = b"""{"error": [], "result": {"XXBTZUSD": [
[1704067200, "42265.1", "42560.0", "42250.0", "42471.3", "42420.9", "61.50283311", 1109],
[1704070800, "42471.3", "42780.0", "42425.2", "42610.1", "42590.2", "55.90811764", 1187]
], "last": 1704067200}}"""
TICKER = b"""{"error": [], "result": {"XXBTZUSD": {
"a": ["42610.20000", "1", "1.000"], "b": ["42610.10000", "3", "3.250"],
"c": ["42610.10000", "0.00250000"], "v": ["117.41095075", "1650.30219844"],
"p": ["42505.12345", "42480.98765"], "t": [2296, 25713],
"l": ["42250.00000", "42170.00000"], "h": ["42780.00000", "42780.00000"],
"o": "42265.10000"}}}"""
TRADES = b"""{"error": [], "result": {"XXBTZUSD": [
["42610.10000", "0.00250000", 1704074398.9515, "s", "m", "", 65432100],
["42610.20000", "0.10000000", 1704074399.5, "b", "l", "", 65432101]
], "last": "1704074399500000000"}}"""
DEPTH = b"""{"error": [], "result": {"XXBTZUSD": {
"asks": [["42610.20000", "1.000", 1704074399], ["42611.00000", "0.250", 1704074380]],
"bids": [["42610.10000", "3.250", 1704074399], ["42609.00000", "2.000", 1704074370]]}}}"""

PAIR = ("BTC-USD",)
FIRST, THIRD = date(2024, 1, 1), date(2024, 1, 3)


def _recorded(ask: Ask, path: str, body: bytes, rows: int) -> Recorded:
    return Recorded(ask.kind, Kraken, ask, {f"/0/public/{path}": body}, rows)


RECORDED = (
    _recorded(Ask(FIRST, THIRD, kind="bars_1d", symbols=PAIR), "OHLC", OHLC_DAY, 3),
    _recorded(Ask(FIRST, FIRST, {"seconds": "3600"}, "bars_intraday", PAIR), "OHLC", OHLC_HOUR, 2),
    _recorded(Ask(kind="quotes", symbols=PAIR), "Ticker", TICKER, 1),
    _recorded(Ask(kind="trades", symbols=PAIR), "Trades", TRADES, 2),
    _recorded(Ask(kind="depth", symbols=PAIR), "Depth", DEPTH, 4),
)

"""Answers in the shape of Yahoo's chart, quote and options services, typed by hand.

There is no official document; the shapes are those that yfinance reads
(https://github.com/ranaroussi/yfinance). Closes and the dividend of May 2024 are those of AAPL,
the rest is made up. A chart leaves its splits out when it has none, so that an answer that has
lost them cannot be told from one without: the recorded one has none.
"""

from collections.abc import Mapping
from datetime import date

from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.adapters.providers.yahoo import Yahoo
from fondaco.market.ports import Ask

META = (
    b'"meta": {"currency": "USD", "symbol": "AAPL", "exchangeName": "NMS",'
    b' "instrumentType": "EQUITY", "firstTradeDate": 345479400, "regularMarketTime": 1715803200,'
    b' "exchangeTimezoneName": "America/New_York", "longName": "Apple Inc.",'
    b' "dataGranularity": "GRAIN"}'
)
DAYS = (
    b'{"chart": {"result": [{'
    + META.replace(b"GRAIN", b"1d")
    + b""", "timestamp": [1715261400, 1715347800, 1715607000, 1715693400, 1715779800],
"events": {"dividends": {"1715347800": {"amount": 0.25, "date": 1715347800}}},
"indicators": {"quote": [{
"open": [182.56, 184.9, 185.44, 187.51, 187.91], "high": [184.66, 185.09, 187.1, 188.3, 190.65],
"low": [182.11, 182.13, 184.62, 186.29, 187.37],
"close": [184.57, 183.05, 186.28, 187.43, 189.72],
"volume": [48983000, 50759500, 72044800, 52393600, 70400000]}],
"adjclose": [{"adjclose": [183.3, 182.05, 185.27, 186.41, 188.69]}]}}], "error": null}}"""
)
MINUTES = (
    b'{"chart": {"result": [{'
    + META.replace(b"GRAIN", b"1m")
    + b""", "timestamp": [1715779800, 1715779860],
"indicators": {"quote": [{"open": [187.91, 188.2], "high": [188.3, 188.4], "low": [187.8, 188.1],
"close": [188.2, 188.35], "volume": [2103012, 301222]}]}}], "error": null}}"""
)
QUOTE = (
    b'{"symbol": "AAPL", "quoteType": "EQUITY", "exchange": "NMS", "currency": "USD",'
    b' "longName": "Apple Inc.", "firstTradeDateMilliseconds": 345479400000,'
    b' "regularMarketPrice": 189.72, "regularMarketTime": 1715803200, "bid": 189.7,'
    b' "ask": 189.75, "bidSize": 1, "askSize": 2, "regularMarketPreviousClose": 187.43,'
    b' "regularMarketVolume": 70400000}'
)
QUOTES = b'{"quoteResponse": {"result": [' + QUOTE + b'], "error": null}}'
CHAIN = (
    b'{"optionChain": {"result": [{"underlyingSymbol": "AAPL", "expirationDates": [1718928000],'
    b' "strikes": [185.0, 190.0], "hasMiniOptions": false, "quote": '
    + QUOTE
    + b""",
"options": [{"expirationDate": 1718928000, "hasMiniOptions": false, "calls": [
{"contractSymbol": "AAPL240621C00190000", "strike": 190.0, "currency": "USD", "lastPrice": 4.6,
 "change": 0.4, "percentChange": 9.5, "volume": 1201, "openInterest": 20313, "bid": 4.55,
 "ask": 4.65, "contractSize": "REGULAR", "expiration": 1718928000, "lastTradeDate": 1715803198,
 "impliedVolatility": 0.212, "inTheMoney": false}],
"puts": [
{"contractSymbol": "AAPL240621P00185000", "strike": 185.0, "currency": "USD", "lastPrice": 2.3,
 "change": -0.4, "percentChange": -14.8, "volume": 803, "openInterest": 11200, "bid": 2.26,
 "ask": 2.33, "contractSize": "REGULAR", "expiration": 1718928000, "lastTradeDate": 1715803101,
 "impliedVolatility": 0.208, "inTheMoney": false}]}]}], "error": null}}"""
)

AAPL = ("AAPL",)
FIRST, LAST = date(2024, 5, 9), date(2024, 5, 15)


def _recorded(ask: Ask, answers: Mapping[str, bytes], rows: int) -> Recorded:
    return Recorded(ask.kind, Yahoo, ask, answers, rows)


RECORDED = (
    _recorded(Ask(FIRST, LAST, symbols=AAPL), {"/v8/finance/chart/AAPL": DAYS}, 5),
    _recorded(
        Ask(LAST, LAST, kind="bars_intraday", symbols=AAPL), {"/v8/finance/chart/AAPL": MINUTES}, 2
    ),
    _recorded(Ask(kind="quotes", symbols=AAPL), {"/v7/finance/quote": QUOTES}, 1),
    _recorded(Ask(kind="chains", symbols=AAPL), {"/v7/finance/options/AAPL": CHAIN}, 2),
    _recorded(Ask(FIRST, LAST, kind="actions", symbols=AAPL), {"/v8/finance/chart/AAPL": DAYS}, 1),
)

"""Answers in the documented shape of Massive (Polygon.io), typed by hand.

Source of the shapes: https://massive.com/docs/rest. The daily bars, the split and the dividend are
those of AAPL in August 2020 (four shares for one on the 31st, 0.82 USD on the 7th); all else is
made up.
"""

from collections.abc import Mapping
from datetime import date

from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.adapters.providers.polygon import Polygon
from fondaco.market.ports import Ask

DAYS = b"""{"ticker": "AAPL", "queryCount": 5, "resultsCount": 5, "adjusted": false, "results": [
{"v": 50607225, "vw": 449.8, "o": 441.62, "c": 455.61, "h": 457.65, "l": 439.19,
 "t": 1596686400000, "n": 514034},
{"v": 49511403, "vw": 447.2, "o": 452.82, "c": 444.45, "h": 454.7, "l": 441.17,
 "t": 1596772800000, "n": 500921},
{"v": 46907479, "vw": 501.9, "o": 504.05, "c": 499.23, "h": 505.77, "l": 498.31,
 "t": 1598587200000, "n": 429012},
{"v": 225702688, "vw": 128.6, "o": 127.58, "c": 129.04, "h": 131, "l": 126,
 "t": 1598846400000, "n": 1702711},
{"v": 152470142, "vw": 132.5, "o": 132.76, "c": 134.18, "h": 134.8, "l": 130.53,
 "t": 1598932800000, "n": 1150301}
], "status": "OK", "request_id": "6a7e466379af0a71039d60cc78e72282", "count": 5}"""
SPLITS = b"""{"status": "OK", "request_id": "a1", "results": [
{"id": "E90a77bdf742661741ed7c8fc086415f0457c2816c45899d73aaa88bdc8ff6025", "ticker": "AAPL",
 "execution_date": "2020-08-31", "split_from": 1, "split_to": 4,
 "adjustment_type": "forward_split", "historical_adjustment_factor": 0.25}]}"""
DIVIDENDS = b"""{"status": "OK", "request_id": "a2", "results": [
{"id": "E416a068758f85277196150c3eb73a3331d04698856c141e883ad95710dd0b189", "ticker": "AAPL",
 "cash_amount": 0.82, "currency": "USD", "declaration_date": "2020-07-30",
 "distribution_type": "recurring", "ex_dividend_date": "2020-08-07", "frequency": 4,
 "historical_adjustment_factor": 0.9982, "pay_date": "2020-08-13", "record_date": "2020-08-10",
 "split_adjusted_cash_amount": 0.205}]}"""
DETAILS = b"""{"status": "OK", "request_id": "a3", "results": {
"ticker": "AAPL", "name": "Apple Inc.", "market": "stocks", "locale": "us",
"primary_exchange": "XNAS", "type": "CS", "active": true, "currency_name": "usd",
"cik": "0000320193", "list_date": "1980-12-12"}}"""
MINUTES = b"""{"ticker": "AAPL", "queryCount": 2, "resultsCount": 2, "adjusted": false, "results": [
{"v": 1201533, "vw": 129.1, "o": 129.05, "c": 129.2, "h": 129.25, "l": 129,
 "t": 1598967000000, "n": 7120},
{"v": 903120, "vw": 129.3, "o": 129.2, "c": 129.41, "h": 129.45, "l": 129.18,
 "t": 1598967060000, "n": 5834}
], "status": "OK", "request_id": "b1", "count": 2}"""
NBBO = b"""{"status": "OK", "request_id": "c1", "results": {
"T": "AAPL", "P": 134.2, "S": 300, "X": 12, "p": 134.18, "s": 100, "x": 11, "c": [1],
"i": [604], "q": 83480742, "t": 1598990399000015577, "y": 1598990399000012101, "z": 3}}"""
TRADES = b"""{"status": "OK", "request_id": "d1", "results": [
{"conditions": [12, 41], "exchange": 11, "id": "1", "participant_timestamp": 1598967000000013500,
 "price": 129.05, "sequence_number": 1063, "sip_timestamp": 1598967000001036600, "size": 100,
 "tape": 3},
{"conditions": [37], "exchange": 4, "id": "2", "participant_timestamp": 1598967000000013900,
 "price": 129.06, "sequence_number": 1064, "sip_timestamp": 1598967000002036600, "size": 7,
 "tape": 3, "trf_id": 202, "trf_timestamp": 1598967000001000000}]}"""
CHAIN = b"""{"status": "OK", "request_id": "e1", "results": [
{"break_even_price": 151.2, "day": {"change": 0.1, "close": 1.2, "high": 1.4, "low": 1.1,
 "last_updated": 1598932800000000000, "open": 1.3, "previous_close": 1.1, "volume": 868},
 "details": {"contract_type": "call", "exercise_style": "american",
 "expiration_date": "2020-10-16", "shares_per_contract": 100, "strike_price": 150,
 "ticker": "O:AAPL201016C00150000"},
 "greeks": {"delta": 0.18, "gamma": 0.012, "theta": -0.061, "vega": 0.11},
 "implied_volatility": 0.49, "last_quote": {"ask": 1.22, "ask_size": 4, "bid": 1.19,
 "bid_size": 8, "last_updated": 1598990399000015577, "midpoint": 1.205, "timeframe": "REAL-TIME"},
 "last_trade": {"conditions": [209], "exchange": 316, "price": 1.2,
 "sip_timestamp": 1598990390000015577, "size": 2, "timeframe": "REAL-TIME"},
 "open_interest": 1543, "underlying_asset": {"change_to_break_even": 17.0,
 "last_updated": 1598990399000015577, "price": 134.18, "ticker": "AAPL",
 "timeframe": "REAL-TIME"}},
{"break_even_price": 93.6, "day": {}, "details": {"contract_type": "put",
 "exercise_style": "american", "expiration_date": "2020-10-16", "shares_per_contract": 100,
 "strike_price": 97.5, "ticker": "O:AAPL201016P00097500"},
 "open_interest": 12, "underlying_asset": {"ticker": "AAPL", "price": 134.18}}]}"""
NEWS = b"""{"status": "OK", "request_id": "f1", "count": 1, "results": [
{"id": "8ec638777ca03b553ae516761c2a22ba2fdd2f37befae3ab6fdab74e9e5193eb",
 "publisher": {"name": "A Paper", "homepage_url": "https://paper.example/"},
 "title": "A maker of telephones splits its shares", "author": "A. Writer",
 "published_utc": "2020-08-31T13:30:00Z", "article_url": "https://paper.example/split",
 "tickers": ["AAPL", "TSLA"], "description": "Four new shares stand for one old share."}]}"""

AAPL = ("AAPL",)
SECRETS = {"FONDACO_POLYGON_KEY": "made-up-key-of-massive"}
FIRST, LAST = date(2020, 8, 6), date(2020, 9, 1)
PACK = {
    "/stocks/v1/splits": SPLITS,
    "/stocks/v1/dividends": DIVIDENDS,
    "/v3/reference/tickers/AAPL": DETAILS,
}


def _recorded(ask: Ask, answers: Mapping[str, bytes], rows: int) -> Recorded:
    return Recorded(ask.kind, Polygon, ask, answers, rows, SECRETS)


RECORDED = (
    _recorded(
        Ask(FIRST, LAST, symbols=AAPL),
        {"/range/1/day/2020-07-23/2020-09-01": DAYS, **PACK},
        5,
    ),
    _recorded(
        Ask(LAST, LAST, kind="bars_intraday", symbols=AAPL),
        {"/range/1/minute/2020-09-01/2020-09-01": MINUTES},
        2,
    ),
    _recorded(Ask(kind="quotes", symbols=AAPL), {"/v2/last/nbbo/AAPL": NBBO}, 1),
    _recorded(Ask(kind="trades", symbols=AAPL), {"/v3/trades/AAPL": TRADES}, 2),
    _recorded(Ask(kind="chains", symbols=AAPL), {"/v3/snapshot/options/AAPL": CHAIN}, 2),
    _recorded(Ask(FIRST, LAST, kind="actions", symbols=AAPL), PACK, 2),
    _recorded(Ask(FIRST, LAST, kind="news", symbols=AAPL), {"/v2/reference/news": NEWS}, 1),
)

"""Answers in the documented shape of Alpaca's market data, typed by hand.

Source of the shapes: https://docs.alpaca.markets (market data, corporate actions). The daily bars
have the prices of AAPL in August 2020 with made-up volumes of one exchange; the split and the
dividend are true; all else is made up.
"""

from collections.abc import Mapping
from datetime import date

from fondaco.adapters.providers.alpaca import Alpaca
from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.market.ports import Ask

DAYS = b"""{"bars": [
{"t": "2020-08-06T04:00:00Z", "o": 441.62, "h": 457.65, "l": 439.19, "c": 455.61, "v": 1050722,
 "n": 14034, "vw": 449.8},
{"t": "2020-08-07T04:00:00Z", "o": 452.82, "h": 454.7, "l": 441.17, "c": 444.45, "v": 951140,
 "n": 12921, "vw": 447.2},
{"t": "2020-08-28T04:00:00Z", "o": 504.05, "h": 505.77, "l": 498.31, "c": 499.23, "v": 907479,
 "n": 11012, "vw": 501.9},
{"t": "2020-08-31T04:00:00Z", "o": 127.58, "h": 131, "l": 126, "c": 129.04, "v": 4702688,
 "n": 41711, "vw": 128.6},
{"t": "2020-09-01T04:00:00Z", "o": 132.76, "h": 134.8, "l": 130.53, "c": 134.18, "v": 3470142,
 "n": 31301, "vw": 132.5}
], "symbol": "AAPL", "next_page_token": null}"""
ACTIONS = b"""{"corporate_actions": {
"forward_splits": [{"id": "0f2f31a1", "symbol": "AAPL", "cusip": "037833100", "new_rate": 4,
 "old_rate": 1, "process_date": "2020-08-31", "ex_date": "2020-08-31",
 "record_date": "2020-08-24", "payable_date": "2020-08-28"}],
"cash_dividends": [{"id": "5a1c7f02", "symbol": "AAPL", "cusip": "037833100", "rate": 0.82,
 "special": false, "foreign": false, "process_date": "2020-08-13", "ex_date": "2020-08-07",
 "record_date": "2020-08-10", "payable_date": "2020-08-13"}]
}, "next_page_token": null}"""
DIVIDENDS = b"""{"corporate_actions": {"cash_dividends": [
{"id": "5a1c7f02", "symbol": "AAPL", "cusip": "037833100", "rate": 0.82, "special": false,
 "foreign": false, "process_date": "2020-08-13", "ex_date": "2020-08-07",
 "record_date": "2020-08-10", "payable_date": "2020-08-13"},
{"id": "5a1c7f03", "symbol": "AAPL", "cusip": "037833100", "rate": 0.205, "special": false,
 "foreign": false, "process_date": "2020-11-12", "ex_date": "2020-11-06",
 "record_date": "2020-11-09", "payable_date": "2020-11-12"}
]}, "next_page_token": null}"""
MINUTES = b"""{"bars": [
{"t": "2020-09-01T13:30:00Z", "o": 132.7, "h": 132.9, "l": 132.6, "c": 132.85, "v": 20153,
 "n": 212, "vw": 132.75},
{"t": "2020-09-01T13:31:00Z", "o": 132.85, "h": 133.1, "l": 132.8, "c": 133.02, "v": 15312,
 "n": 183, "vw": 132.95}
], "symbol": "AAPL", "next_page_token": null}"""
QUOTE = b"""{"symbol": "AAPL", "quote": {"t": "2020-09-01T19:59:59.000015577Z", "ax": "V",
"ap": 134.2, "as": 3, "bx": "V", "bp": 134.18, "bs": 1, "c": ["R"], "z": "C"}}"""
TRADES = b"""{"symbol": "AAPL", "trades": [
{"t": "2020-09-01T13:30:00.001036617Z", "x": "V", "p": 132.7, "s": 100, "c": ["@"], "i": 1063,
 "z": "C"},
{"t": "2020-09-01T13:30:00.002036617Z", "x": "V", "p": 132.71, "s": 7, "c": ["@", "I"], "i": 1064,
 "z": "C"}
], "next_page_token": null}"""
NEWS = b"""{"news": [{"id": 24843171, "headline": "A maker of telephones splits its shares",
"author": "A. Writer", "created_at": "2020-08-31T13:30:00Z", "updated_at": "2020-08-31T13:45:10Z",
"summary": "Four new shares stand for one old share.", "content": "",
"url": "https://paper.example/split", "images": [], "symbols": ["AAPL", "TSLA"],
"source": "benzinga"}], "next_page_token": null}"""

AAPL = ("AAPL",)
SECRETS = {
    "FONDACO_ALPACA_KEY": "made-up-key-of-alpaca",
    "FONDACO_ALPACA_SECRET": "made-up-secret-of-alpaca",
}
FIRST, LAST = date(2020, 8, 6), date(2020, 9, 1)


def _recorded(ask: Ask, answers: Mapping[str, bytes], rows: int) -> Recorded:
    return Recorded(ask.kind, Alpaca, ask, answers, rows, SECRETS)


RECORDED = (
    _recorded(
        Ask(FIRST, LAST, symbols=AAPL),
        {"/v2/stocks/AAPL/bars": DAYS, "/v1/corporate-actions": ACTIONS},
        5,
    ),
    _recorded(
        Ask(LAST, LAST, kind="bars_intraday", symbols=AAPL), {"/v2/stocks/AAPL/bars": MINUTES}, 2
    ),
    _recorded(Ask(kind="quotes", symbols=AAPL), {"/v2/stocks/AAPL/quotes/latest": QUOTE}, 1),
    _recorded(Ask(LAST, LAST, kind="trades", symbols=AAPL), {"/v2/stocks/AAPL/trades": TRADES}, 2),
    _recorded(
        Ask(FIRST, date(2020, 11, 30), kind="actions", symbols=AAPL),
        # Groups without actions are left out, so only an answer of one group can be told from one
        # that has lost a group.
        {"/v1/corporate-actions": DIVIDENDS},
        2,
    ),
    _recorded(Ask(FIRST, LAST, kind="news", symbols=AAPL), {"/v1beta1/news": NEWS}, 1),
)

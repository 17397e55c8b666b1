"""Answers in the shape of Cboe's delayed files, typed by hand.

The files have no published protocol; their fields are those that public clients of them name.
VIX of 1990-01-02 is as published; the other numbers are made up.
"""

from datetime import date

from fondaco.adapters.providers.cboe import Cboe
from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.market.ports import Ask

HEAD = """"price_change": 1.25, "price_change_percent": 0.6, "bid": 210.11, "ask": 210.13,
"bid_size": 3, "ask_size": 5, "open": 209.0, "high": 211.5, "low": 208.4, "close": 210.12,
"prev_day_close": 208.87, "volume": 41250311, "iv30": 24.113, "iv30_change": 0.1,
"iv30_change_percent": 0.4, "seqno": 7712345, "tick": "up", "exchange_id": 5,
"current_price": 210.12, "last_trade_time": "2026-11-27T13:00:00","""
GREEKS = """"theo": 5.11, "change": 0.2, "open": 5.0, "high": 5.4, "low": 4.9, "tick": "down",
"percent_change": 4.1, "prev_day_close": 4.9"""


def contract(name: str, cells: str) -> str:
    """Return one contract of a chain."""
    return f'{{"option": "{name}", {cells}, {GREEKS}}}'


AAPL_CHAIN = f"""{{"timestamp": "2026-11-27 18:15:42", "data": {{"options": [
{
    contract(
        "AAPL261218C00210000",
        '''"bid": 5.05, "bid_size": 11.0, "ask": 5.15, "ask_size": 44.0,
"iv": 0.2411, "open_interest": 18211.0, "volume": 4120.0, "delta": 0.5321, "gamma": 0.0312,
"theta": -0.1104, "rho": 0.0611, "vega": 0.2011, "last_trade_price": 5.1,
"last_trade_time": "2026-11-27T12:59:51"''',
    )
},
{
    contract(
        "AAPL261218P00207500",
        '''"bid": 3.2, "bid_size": 20.0, "ask": 3.3, "ask_size": 17.0,
"iv": 0.2502, "open_interest": 911.0, "volume": 0.0, "delta": -0.4011, "gamma": 0.0299,
"theta": -0.1050, "rho": -0.0502, "vega": 0.1950, "last_trade_price": 3.25,
"last_trade_time": "2026-11-27T12:58:01"''',
    )
},
{
    contract(
        "AAPL1270115C00150000",
        '''"bid": 59.1, "bid_size": 1.0, "ask": 61.9, "ask_size": 1.0,
"iv": 0.31, "open_interest": 12.0, "volume": 1.0, "delta": 0.97, "gamma": 0.001,
"theta": -0.02, "rho": 0.11, "vega": 0.03, "last_trade_price": 60.0,
"last_trade_time": "2026-11-20T10:31:00"''',
    )
}
], {HEAD} "symbol": "AAPL", "security_type": "stock"}}, "symbol": "AAPL"}}""".encode()
SPX_CHAIN = f"""{{"timestamp": "2026-11-27 18:15:42", "data": {{"options": [
{
    contract(
        "SPXW261130P06800000",
        '''"bid": 12.1, "bid_size": 31.0, "ask": 12.4, "ask_size": 40.0,
"iv": 0.1422, "open_interest": 2201.0, "volume": 911.0, "delta": -0.3011, "gamma": 0.0041,
"theta": -3.11, "rho": -0.31, "vega": 2.41, "last_trade_price": 12.25,
"last_trade_time": "2026-11-27T12:59:58"''',
    )
}
], "price_change": 3.1, "current_price": 6841.55, "close": 6841.55, "prev_day_close": 6838.45,
"bid": 6840.1, "ask": 6843.0, "last_trade_time": "2026-11-27T13:00:00", "symbol": "^SPX",
"security_type": "index"}}, "symbol": "_SPX"}}""".encode()
AAPL_QUOTE = f"""{{"timestamp": "2026-11-27 18:15:42", "data": {{{HEAD} "symbol": "AAPL",
"security_type": "stock"}}, "symbol": "AAPL"}}""".encode()
VIX = b"""DATE,OPEN,HIGH,LOW,CLOSE
01/02/1990,17.240000,17.240000,17.240000,17.240000
01/03/1990,18.190000,18.190000,18.190000,18.190000
01/04/1990,19.220000,19.220000,19.220000,19.220000
"""
VVIX = b"""DATE,VVIX
11/24/2026,92.11
11/25/2026,91.35
11/27/2026,90.02
"""

RECORDED = (
    Recorded(
        "equity-chain",
        Cboe,
        Ask(kind="chains", symbols=("AAPL",)),
        {"/delayed_quotes/options/AAPL.json": AAPL_CHAIN},
        3,
    ),
    Recorded(
        "index-chain",
        Cboe,
        Ask(kind="chains", symbols=("SPX",)),
        {"/delayed_quotes/options/_SPX.json": SPX_CHAIN},
        1,
    ),
    Recorded(
        "quote",
        Cboe,
        Ask(kind="quotes", symbols=("AAPL",)),
        {"/delayed_quotes/quotes/AAPL.json": AAPL_QUOTE},
        1,
    ),
    Recorded(
        "history",
        Cboe,
        Ask(date(1990, 1, 1), date(1990, 12, 31), symbols=("VIX",)),
        {"/daily_prices/VIX_History.csv": VIX},
        3,
        json=False,
    ),
    Recorded(
        "history-of-closes",
        Cboe,
        Ask(date(2026, 11, 1), symbols=("VVIX",)),
        {"/daily_prices/VVIX_History.csv": VVIX},
        3,
        json=False,
    ),
)

"""Option chains of the exchange: `records.data`, each strike with its call (CE) and put (PE).

Two spellings: bidprice, bidQty, askPrice, askQty (option-chain-indices and -equities), and
buyPrice1, buyQuantity1, sellPrice1, sellQuantity1 (option-chain-v3). A contract that does not
trade is left out of the former and is all zeros in the latter. Volatility is in per cent; a 0 as
price or volatility means that there is none. Volume and open interest count contracts.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.nse_cells import day, listing, stamp
from fondaco.adapters.providers.read_json import Useless, number, part, read_json
from fondaco.core.instrument import Instrument
from fondaco.market.ports import Parsed, Raw

OLDER = {"strikePrice", "expiryDate", "CE", "PE"}
RIGHTS = {"CE": "call", "PE": "put"}
SPELLINGS = {
    "bid": ("bidprice", "buyPrice1"),
    "bid_size": ("bidQty", "buyQuantity1"),
    "ask": ("askPrice", "sellPrice1"),
    "ask_size": ("askQty", "sellQuantity1"),
    "last": ("lastPrice",),
    "underlying": ("underlyingValue",),
}


def parse_chain(raw: Raw, source: str) -> Parsed:
    """Return the contracts of one underlying's chain at the moment that the answer names."""
    symbol = raw.name.split()[1]
    instrument = listing(symbol)
    found = Collected("chains", raw, source)
    try:
        records = part(read_json(raw.body), "records", dict)
        ts = stamp(records.get("timestamp"), "timestamp")
        strikes = part(records, "data", list)
        if not strikes or not all(isinstance(s, dict) for s in strikes):
            raise Useless("the chain has no strikes")
    except Useless as error:
        return useless("chains", raw, source, str(error))
    for n, strike in enumerate(strikes, start=1):
        for name in _sides(strike):
            leg = strike.get(name)

            def read(name: str = name, leg: Any = leg, strike: Any = strike) -> Any:
                return _contract(leg, strike, name, instrument, ts)

            found.take(f"{symbol} strike {n} {name}", instrument.id, leg, read)
    return found.parsed((instrument,))


def _sides(strike: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sides that a strike must have: both, unless it is of the older interface, which
    leaves out a contract that does not trade.
    """
    named = tuple(name for name in RIGHTS if name in strike)
    may_lack = "expiryDate" in strike and len(named) == 1 and strike.keys() <= OLDER
    return named if may_lack else tuple(RIGHTS)


def _contract(
    leg: Any, strike: Mapping[str, Any], side: str, instrument: Instrument, ts: datetime
) -> dict[str, Any] | None:
    if not isinstance(leg, dict):
        raise Useless(f"{side} is no contract")
    if _is_absent(leg):
        return None
    if leg.get("underlying") != instrument.symbol:
        raise Useless(f"the contract is of {str(leg.get('underlying'))[:20]!r}")
    expiry = day(leg.get("expiryDate"), "expiryDate")
    outer = strike.get("expiryDate", strike.get("expiryDates"))
    if outer is not None and day(outer, "expiryDate") != expiry:
        raise Useless(f"{side} expires on {expiry}, its strike on {str(outer)[:20]}")
    if expiry < ts.date():
        raise Useless(f"the contract expired on {expiry}")
    price = number(leg.get("strikePrice"), "strikePrice")
    if price is None or price <= 0 or price != number(strike.get("strikePrice"), "strikePrice"):
        raise Useless("the strike of the contract is not that of its row")
    percent = number(leg.get("impliedVolatility"), "impliedVolatility")
    return {
        "instrument": instrument.id,
        "ts": ts,
        "expiry": expiry,
        "strike": price,
        "right": RIGHTS[side],
        "root": instrument.symbol,
        "style": "european",
        "iv": percent / 100 if percent else None,
        "volume": _count(leg.get("totalTradedVolume"), "totalTradedVolume"),
        "open_interest": _count(leg.get("openInterest"), "openInterest"),
        **{name: _cell(leg, spelt) for name, spelt in SPELLINGS.items()},
    }


def _is_absent(leg: Mapping[str, Any]) -> bool:
    """Return whether a leg is one of zeros, which stands for a contract that does not trade."""
    said = [v for name, v in leg.items() if name != "strikePrice"]
    return leg.get("strikePrice") == 0 and not any(said)


def _cell(leg: Mapping[str, Any], spelt: tuple[str, ...]) -> float | None:
    there = [name for name in spelt if name in leg]
    value = number(leg[there[0]], there[0]) if there else None
    return value or None


def _count(cell: Any, name: str) -> int | None:
    value = number(cell, name)
    if value is None:
        return None
    if value != int(value):
        raise Useless(f"{name} {cell!r} is no whole number")
    return int(value)

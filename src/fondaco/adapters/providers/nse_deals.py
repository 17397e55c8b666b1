"""What investors bought and sold: FII and DII activity, insiders' and bulk and block deals.

Activity (`fiidiiTradeReact`) is in crores of rupees, 10 million each, over the cash markets of
NSE, BSE and MSEI together; it is provisional. Insiders' trades (`corporates-pit`) became known
when they were broadcast; without a time of day, at the end of that day.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, time
from functools import partial
from typing import Any

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.nse_cells import (
    amount,
    day,
    listing,
    moment,
    named_rows,
    symbol_in,
    told_at,
    words,
)
from fondaco.adapters.providers.read_json import Useless, part, read_json
from fondaco.core.ids import content_hash
from fondaco.core.instrument import Instrument
from fondaco.market.ports import Ask, Parsed, Raw

CRORE = 1e7
NET_CRORES_OFF_MAX = 0.02
"""How far net may lie from bought less sold: both are rounded to a hundredth of a crore."""

GROUPS = {"FII/FPI": "FPI", "FII": "FPI", "FPI": "FPI", "DII": "DII"}
INDIA = "IN"
TRADES = {"BUY": "buy", "SELL": "sell"}
GIVEN = ("gift", "inherit", "bonus", "transmission", "amalgamation", "merger", "demerger", "scheme")
"""Words in an insider's mode of acquisition by which it was neither bought nor sold."""

DEAL_COLUMNS = (
    "Date",
    "Symbol",
    "Security Name",
    "Client Name",
    "Quantity Traded",
    "Trade Price / Wght. Avg. Price",
)
EMPTY = (None, "", "-")
SIDES = ("Buy/Sell", "Buy / Sell")


def parse_flows(raw: Raw, source: str) -> Parsed:
    """Return one row per group of investors of the day that the answer is of."""
    found = Collected("flows", raw, source)
    try:
        groups = read_json(raw.body)
        if not isinstance(groups, list) or not groups:
            raise Useless("the answer is no list of groups")
    except Useless as error:
        return useless("flows", raw, source, str(error))
    for n, cells in enumerate(groups, start=1):
        found.take(f"group {n}", INDIA, cells, partial(_flow, cells))
    return found.parsed()


def _flow(cells: Any) -> dict[str, Any]:
    if not isinstance(cells, dict):
        raise Useless("it is no group of investors")
    category = words(cells.get("category"), "category").rstrip("* ").upper()
    if category not in GROUPS:
        raise Useless(f"{category[:40]!r} is no group of investors")
    crores = {n: amount(cells.get(n), n) for n in ("buyValue", "sellValue", "netValue")}
    bought, sold, net = crores.values()
    if abs(bought - sold - net) > NET_CRORES_OFF_MAX:
        raise Useless(f"net {net} is not bought {bought} less sold {sold}")
    return {
        "market": INDIA,
        "group": GROUPS[category],
        "segment": "cash",
        "ts": moment(day(cells.get("date"), "date")),
        "bought": round(bought * CRORE, 2),
        "sold": round(sold * CRORE, 2),
        "net": round(net * CRORE, 2),
        "currency": "INR",
    }


class _Ids:
    """Ids of deals that have none of their own: their content, numbered where it stands twice."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, *cells: str) -> str:
        """Return the id of a deal."""
        digest = content_hash(list(cells))[:16]
        self._seen[digest] += 1
        times = self._seen[digest]
        return digest if times == 1 else f"{digest}-{times}"


def parse_insiders(raw: Raw, source: str) -> Parsed:
    """Return trades of insiders in shares as they were disclosed."""
    found, ids = Collected("deals", raw, source), _Ids()
    asked = raw.name.split()[2:]
    instruments: dict[str, Instrument] = {}
    try:
        deals = part(read_json(raw.body), "data", list)
        if not deals:
            raise Useless("the answer holds no deal")
    except Useless as error:
        return useless("deals", raw, source, str(error))
    for n, cells in enumerate(deals, start=1):

        def read(cells: Any = cells) -> dict[str, Any]:
            return _insider(cells, asked, raw.asked_at, instruments, ids)

        found.take(f"deal {n}", "", cells, read)
    return found.parsed(instruments.values())


def _insider(
    cells: Any,
    asked: list[str],
    asked_at: datetime,
    instruments: dict[str, Instrument],
    ids: _Ids,
) -> dict[str, Any]:
    if not isinstance(cells, dict):
        raise Useless("it is no deal")
    symbol = symbol_in(cells.get("symbol"))
    if asked and symbol not in asked:
        raise Useless(f"the deal is of {symbol}, not of {asked[0]}")
    trade = _trade(cells)
    who = words(cells.get("acqName"), "acqName")
    shares = amount(cells.get("secAcq"), "secAcq")
    on = day(cells.get("acqtoDt"), "acqtoDt")
    worth = _optional(cells, "secVal")
    known_at = told_at(cells.get("date"), "date", asked_at)
    if known_at < moment(on, time()):
        raise Useless(f"it was told on {known_at:%Y-%m-%d}, before it was done")
    instrument = instruments.setdefault(symbol, listing(symbol))
    return {
        "instrument": instrument.id,
        "ts": min(moment(on), known_at),
        "known_at": known_at,
        "id": ids.of(symbol, who, on.isoformat(), trade, f"{shares}"),
        "deal": "insider",
        "trade": trade,
        "who": who,
        "role": _plain(cells.get("personCategory"), "personCategory"),
        "shares": shares,
        "value": worth,
        "price": worth / shares if worth and shares else None,
        "holds_after": _optional(cells, "afterAcqSharesNo"),
    }


def _trade(cells: Mapping[str, Any]) -> str:
    """Return what was done: pledges, gifts and inheritances are neither bought nor sold."""
    side = words(cells.get("tdpTransactionType"), "tdpTransactionType").upper()
    mode = words(cells.get("acqMode"), "acqMode").lower()
    if side not in TRADES or any(word in mode for word in GIVEN):
        return "other"
    return "exercise" if mode == "esop" and side == "BUY" else TRADES[side]


def _optional(cells: Mapping[str, Any], name: str) -> float | None:
    cell = cells.get(name)
    return None if cell in EMPTY else amount(cell, name)


def _plain(cell: Any, name: str) -> str | None:
    return None if cell in EMPTY else words(cell, name)


def parse_large_deals(raw: Raw, ask: Ask, source: str) -> Parsed:
    """Return the bulk or block deals of the last session; of all symbols when none is asked."""
    found, ids = Collected("deals", raw, source), _Ids()
    instruments: dict[str, Instrument] = {}
    wanted = set(ask.symbols)
    kind = raw.name.split()[1]
    try:
        table = list(named_rows(raw.body, DEAL_COLUMNS))
        side = [name for name in SIDES if table[0][1] and name in table[0][1]]
        if not side:
            raise Useless(f"the file has no column {SIDES[0]}, or no deal")
        if table[0][1] and table[0][1]["Date"].upper() == "NO RECORDS":
            raise Useless(f"NSE says that there was no {kind} deal")
    except Useless as error:
        return useless("deals", raw, source, str(error))
    for place, cells in table:

        def read(cells: dict[str, str] | None = cells) -> dict[str, Any] | None:
            row = _large_deal(cells, side[0], kind, ids)
            symbol = symbol_in(cells["Symbol"] if cells else "")
            wanted.discard(symbol)
            if ask.symbols and symbol not in ask.symbols:
                return None
            name = words(cells["Security Name"] if cells else "", "Security Name")
            instrument = instruments.setdefault(symbol, listing(symbol, name=name))
            return {"instrument": instrument.id, **row}

        found.take(place, place, cells, read)
    for symbol in sorted(wanted):
        found.fault("unreadable", f"the file has no {kind} deal of it", raw.name, symbol, "")
    return found.parsed(instruments.values())


def _large_deal(cells: Mapping[str, str] | None, side: str, kind: str, ids: _Ids) -> dict[str, Any]:
    if cells is None:
        raise Useless("the line has more or fewer cells than the header")
    trade = TRADES.get(cells[side].upper())
    if trade is None:
        raise Useless(f"{cells[side][:20]!r} is neither BUY nor SELL")
    on = day(cells["Date"], "Date")
    who = words(cells["Client Name"], "Client Name")
    shares = amount(cells["Quantity Traded"], "Quantity Traded")
    price = amount(cells[DEAL_COLUMNS[-1]], "price")
    return {
        "ts": moment(on),
        "id": ids.of(kind, cells["Symbol"], who, on.isoformat(), trade, f"{shares}", f"{price}"),
        "deal": kind,
        "trade": trade,
        "who": who,
        "shares": shares,
        "price": price,
        "value": round(shares * price, 2),
    }

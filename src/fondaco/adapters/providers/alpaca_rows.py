"""Alpaca's answers read without trust: bars and actions kept together, the rest page by page."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from fondaco.adapters.providers.crypto_reading import (
    FIRST,
    Reading,
    day_of,
    plain,
    rows_in,
    whole,
)
from fondaco.adapters.providers.listing import us_listing
from fondaco.adapters.providers.polygon_shares import (
    Event,
    action_row,
    day_begins,
    events_told,
    put_bars,
)
from fondaco.adapters.providers.read_json import Useless, number, part
from fondaco.core.instrument import Instrument

AHEAD = timedelta(days=366)
"""How far ahead an ex-date is announced at most."""

NUMBERS = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}
Pages = Mapping[str, list[Any]]
Row = dict[str, Any] | None


def listing_of(kind: str, symbol: str, _: Any) -> tuple[Instrument, ...]:
    """Return the share without an exchange: no answer names it. News speak of none."""
    return () if kind == "news" else (us_listing(symbol),)


def fill_bars(data: Pages, reading: Reading) -> None:
    """Put the raw bars of a ticker among the rows, each with the factor of its events.

    An action that cannot be read makes all of it useless: its factor would be missing.
    """
    told = [read(cell, reading) for _, cell, read in _actions(data)]
    events = events_told([e for e in told if e.ratio is not None or e.amount is not None])
    cells: list[tuple[str, Any]] = []
    bars: list[Mapping[str, Any] | None] = []
    last: date | None = None
    for n, page in enumerate(data.get("bars", []), 1):
        for m, cell in enumerate(_listed_of(page, "bars", reading), 1):
            cells.append((f"{reading.raw.name} page {n} bar {m}", cell))
            try:
                at = reading.written_moment(part(cell, "t", str), "t")
                session = day_begins(at, last)
                numbers = _numbers(cell)
                if numbers["close"] <= 0:
                    raise Useless(f"the close is {numbers['close']}")
            except Useless as error:
                reading.out.fault("unreadable", str(error), cells[-1][0], reading.of, cell)
                bars.append(None)
            else:
                bars.append({"instrument": reading.of, "session": session, **numbers})
                last = session
    put_bars(reading, cells, bars, events)


def fill_actions(data: Pages, reading: Reading) -> bool:
    """Put splits, dividends and spin-offs among the rows; True when all told are out of the span.

    A group without actions is left out of an answer, so that one without any says nothing: it
    may as well have lost them.
    """
    told, actions = 0, _actions(data)
    for where, cell, read in actions:
        place = f"{reading.raw.name} {where}"
        try:
            event = read(cell, reading)
        except Useless as error:
            told += 1
            reading.out.fault("unreadable", str(error), place, reading.of, cell)
            continue
        if reading.wanted(event.ex_date):
            told += 1
            read_row = partial(_action, cell, event, reading)
            reading.out.take(place, reading.of, cell, read_row)
    return told == 0 and bool(actions)


def fill_rows(data: Any, reading: Reading) -> bool:
    """Put the rows of a page among the rows; True when it says that there is nothing.

    Only news and the last page of several may say so: where a price is asked for, nothing is
    known by an empty list.
    """
    if reading.kind == "quotes":
        _same(part(data, "symbol", str), reading)
        found = [part(data, "quote", dict)]
    elif reading.kind == "news":
        found = part(data, "news", list)
    else:
        found = _listed_of(data, "trades" if reading.kind == "trades" else "bars", reading)
    if not found and (reading.kind == "news" or not reading.raw.name.endswith("/1")):
        return True
    read: Callable[[Any, Reading], Row] = {
        "bars_intraday": _bar,
        "quotes": _quote,
        "trades": _trade,
        "news": _news,
    }[reading.kind]
    reading.each(rows_in(found, reading.kind), lambda _, cell: read(cell, reading), "row")
    return False


def _listed_of(data: Any, name: str, reading: Reading) -> list[Any]:
    _same(part(data, "symbol", str), reading)
    return list(part(data, name, list))


def _same(found: str, reading: Reading) -> None:
    if found != reading.symbol:
        raise Useless(f"the answer is of {found[:40]}, not of {reading.symbol}")


def _ex_date(cell: Any, reading: Reading) -> date:
    day = day_of(cell.get("ex_date"), "ex_date")
    if not FIRST.date() <= day <= reading.raw.asked_at.date() + AHEAD:
        raise Useless(f"ex_date {day} is not between {FIRST:%Y} and a year after the answer")
    return day


def _actions(data: Pages) -> list[tuple[str, Any, Callable[[Any, Reading], Event]]]:
    """Return the place of each action, what stands there, and how it is read."""
    readers = {
        "forward_splits": _split,
        "reverse_splits": _split,
        "stock_dividends": _stock_dividend,
        "cash_dividends": _dividend,
        "spin_offs": _spin_off,
    }
    pages = data.get("actions", [])
    if not pages:
        raise Useless("the answer has no corporate actions")
    found: list[tuple[str, Any, Callable[[Any, Reading], Event]]] = []
    for n, page in enumerate(pages, 1):
        groups = part(page, "corporate_actions", dict)
        unknown = sorted(set(groups) - readers.keys())
        if unknown:
            raise Useless(f"there is a kind of action that was not asked for: {unknown[0][:40]}")
        for name, read in readers.items():
            cells = part(groups, name, list) if name in groups else []
            found += [(f"page {n} {name} {m}", cell, read) for m, cell in enumerate(cells, 1)]
    return found


def _split(cell: Any, reading: Reading) -> Event:
    _same(part(cell, "symbol", str), reading)
    new, old = (plain(cell.get(name), name) for name in ("new_rate", "old_rate"))
    if not (0 < new < 1e9 and 0 < old < 1e9):
        raise Useless(f"the split is {new} for {old}")
    return Event(_ex_date(cell, reading), "split", ratio=old / new)


def _stock_dividend(cell: Any, reading: Reading) -> Event:
    _same(part(cell, "symbol", str), reading)
    raise Useless("what the rate of a stock dividend counts is not documented")


def _dividend(cell: Any, reading: Reading) -> Event:
    _same(part(cell, "symbol", str), reading)
    rate = plain(cell.get("rate"), "rate")
    if rate <= 0:
        raise Useless(f"the dividend is {rate}")
    pay = cell.get("payable_date")
    return Event(
        _ex_date(cell, reading),
        "special" if part(cell, "special", bool) else "dividend",
        amount=rate,
        # The documents name no currency; of shares listed here it is the dollar.
        currency="USD",
        pay_date=None if pay is None else day_of(pay, "payable_date"),
    )


def _spin_off(cell: Any, reading: Reading) -> Event:
    _same(part(cell, "source_symbol", str), reading)
    return Event(_ex_date(cell, reading), "spin_off")


def _action(cell: Any, event: Event, reading: Reading) -> dict[str, Any]:
    child = part(cell, "new_symbol", str) if event.action == "spin_off" else None
    return {**action_row(reading, event), "symbol": child}


def _numbers(cell: Any) -> dict[str, float]:
    return {name: plain(cell.get(short), name) for name, short in NUMBERS.items()}


def _bar(cell: Any, reading: Reading) -> Row:
    opened = reading.written_moment(part(cell, "t", str), "t")
    return reading.candle(opened, {**_numbers(cell), "trades": whole(cell.get("n"), "n")})


def _quote(cell: Any, reading: Reading) -> Row:
    """Sizes are left out: they are in round lots, whose size depends on the share and the day."""
    bid, ask = (number(cell.get(name), name) or None for name in ("bp", "ap"))
    if bid is None and ask is None:
        raise Useless("the quote has neither a bid nor an ask")
    ts = reading.written_moment(part(cell, "t", str), "t")
    return {"instrument": reading.of, "ts": ts, "bid": bid, "ask": ask}


def _trade(cell: Any, reading: Reading) -> Row:
    ts = reading.written_moment(part(cell, "t", str), "t")
    if not reading.wanted(ts.date()):
        return None
    if cell.get("u") is not None:
        raise Useless(f"the trade was {str(cell['u'])[:20]}")
    conditions = cell.get("c")
    if conditions is not None and not all(isinstance(c, str) for c in part(cell, "c", list)):
        raise Useless("the conditions are not words")
    exchange = part(cell, "x", str)
    return {
        "instrument": reading.of,
        "ts": ts,
        "trade": f"{exchange}-{part(cell, 'i', int)}",
        "price": plain(cell.get("p"), "p"),
        "size": plain(cell.get("s"), "s"),
        "exchange": exchange,
        "conditions": None if conditions is None else ",".join(conditions),
    }


def _news(cell: Any, reading: Reading) -> Row:
    """An article is known as it stands from its last change, not from when it first came."""
    ts = reading.written_moment(part(cell, "created_at", str), "created_at")
    changed = reading.written_moment(part(cell, "updated_at", str), "updated_at")
    symbols = part(cell, "symbols", list)
    if not all(isinstance(symbol, str) for symbol in symbols):
        raise Useless("the symbols are not words")
    if reading.symbol and reading.symbol not in symbols:
        raise Useless(f"the article is not on {reading.symbol}")
    if changed < ts:
        raise Useless("it was changed before it came")
    return {
        "id": str(part(cell, "id", int)),
        "ts": ts,
        "known_at": changed,
        "title": part(cell, "headline", str),
        "body": _words(cell, "summary"),
        "publisher": part(cell, "source", str),
        "url": _words(cell, "url"),
        "symbols": ",".join(symbols) or None,
    }


def _words(cell: Any, name: str) -> str | None:
    return None if cell.get(name) is None else (str(part(cell, name, str)) or None)

"""Lists of the exchange: its shares with their tickers through time, and members of its indices.

`EQUITY_L.csv` lists the shares of today with their day of listing; `symbolchange.csv` every change
of ticker, with or without a header. The two come as one raw answer, each byte for byte. An index
list (`ind_nifty50list.csv`) holds today's members alone and does not say since when.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.file_pack import unpack
from fondaco.adapters.providers.nse_cells import (
    SHARE_SERIES,
    ZONE,
    day,
    is_fund,
    lines,
    listing,
    moment,
    named_rows,
    series_in,
    symbol_in,
    words,
)
from fondaco.adapters.providers.read_json import Useless
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import DatedSymbol, Instrument
from fondaco.market.identity import UNDATED
from fondaco.market.ports import Ask, Parsed, Raw

SHARE_COLUMNS = ("SYMBOL", "NAME OF COMPANY", "SERIES", "DATE OF LISTING", "ISIN NUMBER")
MEMBER_COLUMNS = ("Company Name", "Industry", "Symbol", "Series", "ISIN Code")
CHANGE_COLUMNS = ("SM_KEY_SYMBOL", "SM_NEW_SYMBOL", "SM_APPLICABLE_FROM")
SYMBOL_CHARS_MAX = 40
CHANGES_MAX = 20
"""The most changes of ticker that one share can have had."""

INDEX_FILES = {
    "NIFTY 50": "ind_nifty50list",
    "NIFTY NEXT 50": "ind_niftynext50list",
    "NIFTY 100": "ind_nifty100list",
    "NIFTY 200": "ind_nifty200list",
    "NIFTY 500": "ind_nifty500list",
    "NIFTY MIDCAP 150": "ind_niftymidcap150list",
    "NIFTY SMALLCAP 250": "ind_niftysmallcap250list",
    "NIFTY BANK": "ind_niftybanklist",
    "NIFTY IT": "ind_niftyitlist",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A change of ticker from a day on."""

    place: str
    name: str
    old: str
    new: str
    since: date


@dataclass(frozen=True, slots=True)
class Share:
    """A share that is listed today."""

    place: str
    symbol: str
    name: str
    listed: date
    fund: bool


def parse_listings(raw: Raw, ask: Ask, source: str) -> Parsed:
    """Return the listing and the renames of each share of today, and its dated tickers.

    A ticker that passed to a company listed later is not followed back past that listing. Changes
    of companies that are listed no more come with the tickers that the changes name. One line that
    cannot be read makes all of it useless: which share a ticker meant hangs on every line.
    """
    found = Collected("actions", raw, source)
    try:
        files = unpack(raw)
        shares = _shares(files["shares"][1])
        changes = _changes(files["changes"][1])
    except InvalidInput:
        return useless("actions", raw, source, "the answer is not whole")
    except Useless as error:
        return useless("actions", raw, source, str(error))
    left = dict.fromkeys(changes)
    instruments: dict[str, Instrument] = {}
    for share in shares:
        history = _history(share.symbol, share.listed, changes)
        for change in history:
            left.pop(change, None)
        if not ask.symbols or share.symbol in ask.symbols:
            instrument = _instrument(share, history)
            instruments[instrument.id] = instrument
            _take(found, instrument, share, history)
    if not ask.symbols:
        _take_gone(found, tuple(left), instruments)
    for symbol in sorted(set(ask.symbols) - {share.symbol for share in shares}):
        found.fault("unreadable", "no share of today has this symbol", "EQUITY_L", symbol, "")
    return found.parsed(instruments.values())


def _shares(body: bytes) -> list[Share]:
    shares: dict[str, Share] = {}
    for place, cells in named_rows(body, SHARE_COLUMNS):
        with _located(f"EQUITY_L {place}"):
            if cells is None:
                raise Useless("the line has more or fewer cells than the header")
            symbol = symbol_in(cells["SYMBOL"])
            if series_in(cells["SERIES"]) not in SHARE_SERIES:
                continue
            if symbol in shares:
                raise Useless(f"{symbol} stands twice in the list")
            name = words(cells["NAME OF COMPANY"], "name")
            listed = day(cells["DATE OF LISTING"], "date of listing")
            shares[symbol] = Share(place, symbol, name, listed, is_fund(cells["ISIN NUMBER"]))
    return list(shares.values())


def _changes(body: bytes) -> tuple[Change, ...]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("latin-1")  # some names of companies in this file are
    table = lines(text.encode())
    headed = table[0][1:] == list(CHANGE_COLUMNS)
    changes: dict[tuple[str, str, date], Change] = {}
    for n, cells in enumerate(table[headed:], start=1 + headed):
        with _located(f"symbolchange line {n}"):
            if len(cells) != 1 + len(CHANGE_COLUMNS):
                raise Useless(f"the line has {len(cells)} cells")
            old, new = (words(cell, "symbol")[:SYMBOL_CHARS_MAX] for cell in cells[1:3])
            change = Change(f"line {n}", cells[0], old, new, day(cells[3], "day"))
            changes.setdefault((old, new, change.since), change)
    if not changes:
        raise Useless("the file of changes holds none")
    return tuple(changes.values())


@contextmanager
def _located(place: str) -> Iterator[None]:
    try:
        yield
    except Useless as error:
        raise Useless(f"{place}: {error}") from error


def _history(symbol: str, listed: date, changes: tuple[Change, ...]) -> list[Change]:
    """Return the changes that led to a ticker, oldest first, none before the share was listed."""
    history: list[Change] = []
    before = date.max
    while len(history) < CHANGES_MAX:
        last = [c for c in changes if c.new == symbol and listed < c.since < before]
        if not last:
            break
        change = max(last, key=lambda c: c.since)
        history.insert(0, change)
        symbol, before = change.old, change.since
    return history


def _dated(start: date, last: str, history: list[Change]) -> tuple[DatedSymbol, ...]:
    names = [change.old for change in history] + [last]
    starts = [start] + [change.since for change in history]
    ends = [s - timedelta(days=1) for s in starts[1:]] + [None]
    return tuple(DatedSymbol(*dated) for dated in zip(names, starts, ends, strict=True))


def _instrument(share: Share, history: list[Change]) -> Instrument:
    symbols = _dated(share.listed, share.symbol, history)
    return listing(share.symbol, fund=share.fund, name=share.name, symbols=symbols)


def _take(found: Collected, instrument: Instrument, share: Share, history: list[Change]) -> None:
    stem = {"instrument": instrument.id, "symbol": instrument.symbols[0].symbol}
    row = _row(share.listed, "listing") | stem
    found.take(f"EQUITY_L {share.place}", share.symbol, share, lambda: row)
    for change in history:
        _take_rename(found, instrument, change)


def _take_rename(found: Collected, instrument: Instrument, change: Change) -> None:
    row = _row(change.since, "rename") | {"instrument": instrument.id, "symbol": change.new}
    found.take(f"symbolchange {change.place}", change.new, change, lambda: row)


def _take_gone(
    found: Collected, changes: tuple[Change, ...], instruments: dict[str, Instrument]
) -> None:
    """Take the changes of companies that are listed no more: each chain is one instrument."""
    left = set(changes)
    for last in sorted(changes, key=lambda c: (c.since, c.place), reverse=True):
        if last not in left:
            continue
        rest = tuple(c for c in left if c.since < last.since)
        history = [*_history(last.old, date.min, rest), last]
        left.difference_update(history)
        symbols = _dated(UNDATED, last.new, history)
        instrument = listing(last.new, name=last.name, symbols=symbols)
        instruments[instrument.id] = instrument
        for change in history:
            _take_rename(found, instrument, change)


def _row(on: date, action: str) -> dict[str, Any]:
    return {"ts": moment(on, time()), "ex_date": on, "action": action}


def parse_members(raw: Raw, ask: Ask, source: str) -> Parsed:
    """Return the members of an index, or their industries, from the day of asking on.

    The list does not say since when: a membership starts on the day that it was seen, so that
    none is known before.
    """
    kind, _, index = raw.name.partition(" ")
    found = Collected(kind, raw, source)
    seen = raw.asked_at.astimezone(ZONE).date()
    instruments: dict[str, Instrument] = {}
    wanted = set(ask.symbols) if kind == "classifications" else set()
    try:
        table = list(named_rows(raw.body, MEMBER_COLUMNS))
    except Useless as error:
        return useless(kind, raw, source, str(error))
    for place, cells in table:
        symbol = cells["Symbol"] if cells else place

        def read(cells: Mapping[str, str] | None = cells) -> dict[str, Any] | None:
            instrument, industry = _member(cells, instruments)
            if kind == "memberships":
                whose = {"index": index, "member": instrument.id, "start": seen}
            elif wanted and instrument.symbol not in ask.symbols:
                return None
            else:
                whose = {"instrument": instrument.id, "scheme": "NSE", "sector": industry}
            instruments[instrument.symbol] = instrument
            return {"ts": moment(seen, time()), **whose}

        found.take(f"{index} {place}", symbol, cells, read)
    for symbol in sorted(wanted - instruments.keys()):
        found.fault("unreadable", f"{index} has no such member", raw.name, symbol, "")
    return found.parsed(instruments.values())


def _member(
    cells: Mapping[str, str] | None, instruments: Mapping[str, Instrument]
) -> tuple[Instrument, str]:
    if cells is None:
        raise Useless("the line has more or fewer cells than the header")
    symbol, industry = symbol_in(cells["Symbol"]), words(cells["Industry"], "industry")
    if series_in(cells["Series"]) not in SHARE_SERIES:
        raise Useless(f"{cells['Series'][:20]!r} is no series of shares")
    if symbol in instruments:
        raise Useless(f"{symbol} stands twice in the list")
    fund = is_fund(cells["ISIN Code"])
    name = words(cells["Company Name"], "name")
    return listing(symbol, fund=fund, name=name, sector=industry), industry

"""The symbol book: instruments kept in the store, with symbols that have dates.

Many sources give a ticker without dates. Such a ticker means what it meant on the day on which it
was told (or on its last day, when that is known), and reaches from there only as far as no dated
ticker of another instrument stands. So it never swallows another company that bore the ticker
before or after, in whichever order the two are learnt.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from fondaco.core.errors import NotFound
from fondaco.core.ids import canonical_json
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument, InstrumentId
from fondaco.market.identity import UNDATED, US_ANY
from fondaco.market.near import near_symbols
from fondaco.market.ports import Store
from fondaco.market.tables import INSTRUMENTS, TABLES


class SymbolBook:
    """The desk's instruments, read from the store; what another process adds is seen at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._version = -2
        self._book: dict[InstrumentId, Instrument] = {}
        self._told: dict[InstrumentId, date] = {}

    def all(self) -> tuple[Instrument, ...]:
        """Return every instrument known to the desk."""
        return tuple(self._read().values())

    def get(self, instrument: InstrumentId) -> Instrument:
        """Return one by its permanent id; raises NotFound."""
        found = self._read().get(instrument)
        if found is None:
            raise NotFound(
                "no such instrument",
                value=instrument,
                remedy="`fondaco market search` lists them.",
            )
        return found

    def by_symbol(self, symbol: str, day: date) -> Instrument:
        """Return what a ticker meant on a day; raises NotFound naming near symbols.

        When several instruments claim the ticker, the one dated most closely is meant.
        """
        bearers = [
            (i, dated)
            for i in self._read().values()
            for dated in i.symbols
            if dated.symbol == symbol
        ]
        claims = [
            (dated.start, i.id, i)
            for i, dated in bearers
            if dated.covers(day)
            and (
                dated.start != UNDATED
                or not any(
                    _stands_between(other, _meant_on(dated, self._told[i.id]), day)
                    for j, other in bearers
                    if j.id != i.id
                )
            )
        ]
        if not claims:
            raise self._unknown(symbol, day)
        return max(claims)[2]

    def register(
        self, instruments: Iterable[Instrument], *, source: str, ingest_id: str, known_at: datetime
    ) -> dict[InstrumentId, InstrumentId]:
        """Enter instruments and return, for each id given, the id that the book knows it by.

        An instrument is one of the book's when a ticker of the same asset class and currency
        overlaps in time with just one there; one without dates, when that ticker meant the other
        on the day on which it was told. It may then fill in what the book lacks (name, sector,
        more symbols, the dates of a ticker) but changes nothing that stands there.
        """
        book, told, today = dict(self._read()), dict(self._told), known_at.date()
        names: dict[InstrumentId, InstrumentId] = {}
        changed: dict[InstrumentId, Instrument] = {}
        claims = _claims(book.values())
        for given in instruments:
            match = _match(given, today, _near(given, book, claims), told)
            entry = given if match is None else _filled_in(match, given)
            names[given.id] = entry.id
            told.setdefault(entry.id, today)
            if book.get(entry.id) != entry:
                book[entry.id] = changed[entry.id] = entry
                for key in _keys(entry):
                    claims.setdefault(key, {})[entry.id] = None
        if changed:
            rows = instrument_rows(
                changed.values(), source=source, ingest_id=ingest_id, known_at=known_at
            )
            self._store.append(INSTRUMENTS, rows, ingest_id=ingest_id)
        return names

    def known_as(self, given: Instrument, told: date | None = None) -> InstrumentId:
        """Return the id by which the book knows an instrument as some source writes it.

        `told` is the day on which the source wrote it; None means after all that is known.
        """
        book = self._read()
        near = _near(given, book, _claims(book.values()))
        match = _match(given, told or date.max, near, self._told)
        if match is None and told is None:
            last = [
                (known.start, one.id)
                for one in near
                for known in one.symbols
                if any(_overlap(known, symbol) for symbol in given.symbols)
            ]
            return max(last)[1] if last else given.id
        return given.id if match is None else match.id

    def _read(self) -> dict[InstrumentId, Instrument]:
        version = self._store.version(INSTRUMENTS)
        if version != self._version:
            rows = self._store.read(INSTRUMENTS)
            book = {i.id: i for i in map(_instrument, rows.iter_rows(named=True))}
            first = self._store.read(INSTRUMENTS, first=True, columns=("instrument", "known_at"))
            self._told = {InstrumentId(name): at.date() for name, at in first.rows()}
            self._book, self._version = book, version
        return self._book

    def _unknown(self, symbol: str, day: date) -> NotFound:
        known = {dated.symbol for i in self._read().values() for dated in i.symbols}
        if symbol in known:
            return NotFound(
                "the symbol meant nothing on that day",
                value=f"{symbol} on {day}",
                remedy="`fondaco market search` shows the days of each symbol.",
            )
        near = near_symbols(symbol, known)
        hint = f"Near symbols: {', '.join(near)}." if near else ""
        return NotFound(
            "no instrument has this symbol",
            value=symbol,
            remedy=f"{hint} `fondaco market search` lists all.".strip(),
        )


def instrument_rows(
    instruments: Iterable[Instrument], *, source: str, ingest_id: str, known_at: datetime
) -> pl.DataFrame:
    """Return instruments as rows of the `instruments` table."""
    rows = [
        {
            "instrument": i.id,
            "ts": known_at,
            "known_at": known_at,
            "symbols": canonical_json(
                [[s.symbol, s.start.isoformat(), s.end and s.end.isoformat()] for s in i.symbols]
            ),
            "asset_class": i.asset_class.value,
            "venue": i.venue,
            "currency": i.currency,
            "name": i.name,
            "sector": i.sector,
            "tick": str(i.tick),
            "lot": str(i.lot),
            "multiplier": str(i.multiplier),
            "source": source,
            "ingest_id": ingest_id,
        }
        for i in instruments
    ]
    return pl.DataFrame(rows, schema=TABLES[INSTRUMENTS].schema)


def _instrument(row: dict[str, Any]) -> Instrument:
    symbols = tuple(
        DatedSymbol(symbol, date.fromisoformat(start), end and date.fromisoformat(end))
        for symbol, start, end in json.loads(row["symbols"])
    )
    return Instrument(
        id=InstrumentId(row["instrument"]),
        symbols=symbols,
        asset_class=AssetClass(row["asset_class"]),
        venue=row["venue"],
        currency=row["currency"],
        name=row["name"],
        sector=row["sector"],
        tick=Decimal(row["tick"]),
        lot=Decimal(row["lot"]),
        multiplier=Decimal(row["multiplier"]),
    )


_Claims = dict[tuple[AssetClass, str, str], dict[InstrumentId, None]]
"""Who ever had a ticker, by asset class, currency and ticker."""


def _keys(one: Instrument) -> list[tuple[AssetClass, str, str]]:
    return [(one.asset_class, one.currency, s.symbol) for s in one.symbols]


def _claims(book: Iterable[Instrument]) -> _Claims:
    found: _Claims = {}
    for one in book:
        for key in _keys(one):
            found.setdefault(key, {})[one.id] = None
    return found


def _near(
    given: Instrument, book: dict[InstrumentId, Instrument], claims: _Claims
) -> list[Instrument]:
    """Return the instruments that may be the same thing: its own id, or one of its tickers."""
    ids = dict.fromkeys([given.id] if given.id in book else [])
    for key in _keys(given):
        ids |= claims.get(key, {})
    return [book[one] for one in ids]


def _match(
    given: Instrument,
    today: date,
    book: Iterable[Instrument],
    told: Mapping[InstrumentId, date],
) -> Instrument | None:
    found = [
        known
        for known in book
        if known.id == given.id or _same_thing(known, told[known.id], given, today)
    ]
    exact = [known for known in found if known.id == given.id]
    if exact:
        return exact[0]
    return found[0] if len(found) == 1 else None


def _same_thing(known: Instrument, told: date, given: Instrument, today: date) -> bool:
    same_kind = (known.asset_class, known.currency) == (given.asset_class, given.currency)
    return same_kind and any(
        _same_claim(a, told, b, today) for a in known.symbols for b in given.symbols
    )


def _same_claim(a: DatedSymbol, a_told: date, b: DatedSymbol, b_told: date) -> bool:
    if not _overlap(a, b) or (a.start == UNDATED) == (b.start == UNDATED):
        return _overlap(a, b)
    if a.start == UNDATED:
        return b.covers(_meant_on(a, a_told))
    return a.covers(_meant_on(b, b_told))


def _meant_on(undated: DatedSymbol, told: date) -> date:
    return told if undated.end is None else min(told, undated.end)


def _stands_between(other: DatedSymbol, meant_on: date, day: date) -> bool:
    """Return whether a dated ticker lies on the way from the day of an undated one's meaning."""
    if other.start == UNDATED or other.covers(meant_on):
        return False
    return day <= (other.end or date.max) if other.start < meant_on else day >= other.start


def _overlap(a: DatedSymbol, b: DatedSymbol) -> bool:
    return (
        a.symbol == b.symbol and a.start <= (b.end or date.max) and b.start <= (a.end or date.max)
    )


def _filled_in(known: Instrument, given: Instrument) -> Instrument:
    symbols = known.symbols
    for one in given.symbols:
        symbols = _with_symbol(symbols, one)
    return replace(
        known,
        name=known.name or given.name,
        sector=known.sector or given.sector,
        venue=given.venue if known.venue == US_ANY else known.venue,
        symbols=symbols,
    )


def _with_symbol(symbols: tuple[DatedSymbol, ...], given: DatedSymbol) -> tuple[DatedSymbol, ...]:
    """Return the symbols with another: new, or with the start and end that one of them lacks."""
    met = [known for known in symbols if _overlap(known, given)]
    if not met:
        return (*symbols, given)
    filled = {}
    for known in met:
        start = given.start if known.start == UNDATED else known.start
        end = given.end if known.end is None else known.end
        if end is None or start <= end:
            filled[known] = DatedSymbol(known.symbol, start, end)
    return tuple(filled.get(known, known) for known in symbols)

"""The symbol book: tickers with dates, one instrument per thing."""

from dataclasses import replace
from datetime import date

import pytest

from fondaco.core.errors import NotFound
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument, InstrumentId
from fondaco.market.book import SymbolBook
from fondaco.market.fakes import MemoryInstruments, MemoryStore
from fondaco.market.identity import UNDATED, instrument_id
from fondaco.market.tables import INSTRUMENTS
from unit.market.rows import AAA, NOW, share

OLD_FB, NEW_FB = share("FB", date(1999, 9, 29), date(2003, 3, 28)), share("FB", date(2012, 5, 18))


def _book(*instruments: Instrument) -> SymbolBook:
    book = SymbolBook(MemoryStore())
    _register(book, *instruments)
    return book


def _register(book: SymbolBook, *instruments: Instrument) -> dict[InstrumentId, InstrumentId]:
    return book.register(instruments, source="file", ingest_id="1", known_at=NOW)


def test_an_instrument_comes_back_as_it_was_entered() -> None:
    full = replace(
        AAA,
        name="A & B",
        sector="Energy",
        symbols=(
            DatedSymbol("AAA", UNDATED, date(2001, 1, 1)),
            DatedSymbol("AAX", date(2001, 1, 2)),
        ),
    )
    assert _book(full).get(full.id) == full
    assert _book(full).all() == (full,)


def test_a_ticker_is_what_it_meant_on_the_day() -> None:
    book = _book(OLD_FB, NEW_FB)
    assert book.by_symbol("FB", date(2001, 1, 1)) == OLD_FB
    assert book.by_symbol("FB", date(2020, 1, 1)) == NEW_FB
    with pytest.raises(NotFound, match="meant nothing on that day"):
        book.by_symbol("FB", date(2008, 1, 1))


@pytest.mark.parametrize("kind", [_book, lambda *i: MemoryInstruments(i)])
def test_an_unknown_symbol_names_near_ones(kind: type) -> None:
    book = kind(share("AAPL"), share("MSFT"), share("XOM"))
    with pytest.raises(NotFound, match="APPL") as caught:
        book.by_symbol("APPL", date(2020, 1, 1))
    assert "Near symbols: AAPL" in caught.value.message
    with pytest.raises(NotFound):
        book.get(InstrumentId("I-000000000000"))


def test_the_more_closely_dated_of_two_claims_is_meant() -> None:
    wide = share("FB")
    book = SymbolBook(MemoryStore())
    _register(book, wide)
    store = book._store
    from fondaco.market.book import instrument_rows

    store.append(
        INSTRUMENTS,
        instrument_rows([NEW_FB], source="x", ingest_id="2", known_at=NOW),
        ingest_id="2",
    )
    assert book.by_symbol("FB", date(2020, 1, 1)) == NEW_FB
    assert book.by_symbol("FB", date(2000, 1, 1)) == wide


def test_the_same_ticker_of_another_source_is_the_same_instrument() -> None:
    book = _book(share("AAA", date(1990, 1, 2)))
    known = book.all()[0].id
    assert _register(book, AAA) == {AAA.id: known}
    assert len(book.all()) == 1


def test_what_the_book_lacks_is_filled_in_and_what_it_has_stays() -> None:
    book = _book(replace(AAA, name="", sector=None))
    _register(book, replace(AAA, name="Triple A", sector="Energy"))
    _register(book, replace(AAA, name="Another", sector="Utilities"))
    (known,) = book.all()
    assert (known.name, known.sector) == ("Triple A", "Energy")


def test_a_later_ticker_is_added_to_the_instrument() -> None:
    book = _book(share("OLD", date(2000, 1, 3), date(2010, 1, 1)))
    renamed = replace(
        share("OLD", date(2000, 1, 3)),
        symbols=(
            DatedSymbol("OLD", date(2000, 1, 3), date(2010, 1, 1)),
            DatedSymbol("NEW", date(2010, 1, 2)),
        ),
    )
    _register(book, renamed)
    (known,) = book.all()
    assert (known.symbol, known.symbol_on(date(2005, 1, 3))) == ("NEW", "OLD")


def test_another_kind_or_currency_under_the_same_ticker_is_another_thing() -> None:
    fund = replace(
        AAA, id=instrument_id(AssetClass.ETF, "XNYS", "AAA", UNDATED), asset_class=AssetClass.ETF
    )
    euro = replace(AAA, id=InstrumentId("I-euro"), currency="EUR")
    book = _book(AAA, fund, euro)
    assert {i.id for i in book.all()} == {AAA.id, fund.id, euro.id}


def test_a_ticker_that_two_known_instruments_claim_stays_its_own_thing() -> None:
    book = _book(OLD_FB, NEW_FB)
    wide = share("FB")
    assert _register(book, wide) == {wide.id: wide.id}


def test_nothing_new_writes_nothing() -> None:
    book = _book(AAA)
    version = book._store.version(INSTRUMENTS)
    _register(book, AAA)
    assert book._store.version(INSTRUMENTS) == version

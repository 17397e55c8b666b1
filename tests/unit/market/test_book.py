"""The symbol book: tickers with dates, one instrument per thing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def test_a_dated_ticker_that_two_known_instruments_claim_stays_its_own_thing() -> None:
    book = _book(OLD_FB, NEW_FB)
    both = share("FB", date(2002, 1, 2))
    assert _register(book, both) == {both.id: both.id}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_ticker_without_dates_is_what_it_meant_when_it_was_told(order: tuple[int, ...]) -> None:
    # FB was another company's ticker until 2003, and Facebook's from 2012-05-18: Lean's map files.
    undated = share("FB")
    given = [OLD_FB, NEW_FB, undated]
    book = SymbolBook(MemoryStore())
    names: dict[InstrumentId, InstrumentId] = {}
    for place in order:
        names |= _register(book, given[place])
    assert names[undated.id] == names[NEW_FB.id] != names[OLD_FB.id]
    assert book.by_symbol("FB", date(2001, 1, 1)).id == names[OLD_FB.id]
    assert book.by_symbol("FB", date(2020, 1, 1)).id == names[NEW_FB.id]
    for gap in (date(1995, 1, 3), date(2008, 1, 2)):
        with pytest.raises(NotFound):
            book.by_symbol("FB", gap)
    assert book.known_as(undated) == names[NEW_FB.id]
    assert book.known_as(undated, date(2021, 1, 4)) == names[NEW_FB.id]


def test_a_ticker_without_dates_goes_no_further_than_a_dated_one_of_another() -> None:
    # Only the company that bore the ticker before is dated: the undated one is not it.
    for ones in ([share("FB"), OLD_FB], [OLD_FB, share("FB")]):
        book = _book(*ones)
        assert len(book.all()) == 2
        assert book.by_symbol("FB", date(2000, 1, 3)).symbols == OLD_FB.symbols
        assert book.by_symbol("FB", date(2005, 1, 3)).symbols == share("FB").symbols
        with pytest.raises(NotFound, match="meant nothing"):
            book.by_symbol("FB", date(1990, 1, 2))
    # And what bears it only after the day on which it was told is another thing as well.
    book = _book(share("FB"), share("FB", date(2030, 1, 2)))
    assert book.by_symbol("FB", date(2029, 1, 2)) != book.by_symbol("FB", date(2031, 1, 2))


def test_an_open_ticker_ends_when_a_source_says_so_and_an_end_that_stands_stays() -> None:
    book = _book(NEW_FB)
    ended = replace(
        NEW_FB,
        symbols=(
            DatedSymbol("FB", date(2012, 5, 18), date(2022, 6, 8)),
            DatedSymbol("META", date(2022, 6, 9)),
        ),
    )
    _register(book, ended)
    _register(book, NEW_FB)
    assert book.get(NEW_FB.id).symbols == ended.symbols


# Facts of exchanges and companies: Roundhill's ETF gave META up on 2022-01-28 (METV from
# 2022-01-31); Meta Platforms left FB for META on 2022-06-09; Google's class C shares took GOOG over
# on 2014-04-03 (until then class A's), having traded as GOOCV when issued.
ETF = replace(
    share("META", date(2021, 6, 30), date(2022, 1, 28)),
    asset_class=AssetClass.ETF,
    symbols=(
        DatedSymbol("META", date(2021, 6, 30), date(2022, 1, 28)),
        DatedSymbol("METV", date(2022, 1, 31)),
    ),
)
FACEBOOK = replace(
    NEW_FB,
    symbols=(
        DatedSymbol("FB", date(2012, 5, 18), date(2022, 6, 8)),
        DatedSymbol("META", date(2022, 6, 9)),
    ),
)
CLASS_A = replace(
    share("GOOG", date(2004, 8, 19), date(2014, 4, 2)),
    symbols=(
        DatedSymbol("GOOG", date(2004, 8, 19), date(2014, 4, 2)),
        DatedSymbol("GOOGL", date(2014, 4, 3)),
    ),
)
CLASS_C = replace(
    share("GOOCV", date(2014, 3, 27)),
    symbols=(
        DatedSymbol("GOOCV", date(2014, 3, 27), date(2014, 4, 2)),
        DatedSymbol("GOOG", date(2014, 4, 3)),
    ),
)
FACTS = [
    ("FB", date(2001, 1, 5), OLD_FB),
    ("FB", date(2003, 3, 28), OLD_FB),
    ("FB", date(2003, 3, 31), None),
    ("FB", date(2012, 5, 17), None),
    ("FB", date(2012, 5, 18), FACEBOOK),
    ("FB", date(2022, 6, 8), FACEBOOK),
    ("FB", date(2022, 6, 9), None),
    ("META", date(2021, 6, 29), None),
    ("META", date(2021, 6, 30), ETF),
    ("META", date(2022, 1, 28), ETF),
    ("META", date(2022, 1, 31), None),
    ("META", date(2022, 6, 8), None),
    ("META", date(2022, 6, 9), FACEBOOK),
    ("METV", date(2022, 1, 31), ETF),
    ("GOOG", date(2014, 4, 2), CLASS_A),
    ("GOOG", date(2014, 4, 3), CLASS_C),
    ("GOOGL", date(2014, 4, 2), None),
    ("GOOGL", date(2014, 4, 3), CLASS_A),
    ("GOOCV", date(2014, 4, 2), CLASS_C),
    ("GOOCV", date(2014, 4, 3), None),
]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(("symbol", "day", "meant"), FACTS)
def test_a_ticker_that_changed_hands_is_the_right_instrument_by_date(
    symbol: str, day: date, meant: Instrument | None, backwards: bool
) -> None:
    every = [OLD_FB, FACEBOOK, ETF, CLASS_A, CLASS_C]
    book = _book(*(reversed(every) if backwards else every))
    if meant is None:
        with pytest.raises(NotFound):
            book.by_symbol(symbol, day)
    else:
        assert book.by_symbol(symbol, day).id == meant.id


_DAYS = [date(2000 + n, 1, 1) for n in range(0, 30, 3)]


@st.composite
def _given(draw: st.DrawFn) -> Instrument:
    symbols = []
    for _ in range(draw(st.integers(1, 2))):
        start, end = sorted(draw(st.tuples(st.sampled_from(_DAYS), st.sampled_from(_DAYS))))
        symbols.append(
            DatedSymbol(
                draw(st.sampled_from(("FB", "META"))),
                draw(st.sampled_from((start, UNDATED))),
                draw(st.sampled_from((end, None))),
            )
        )
    first = symbols[0]
    name = f"{first.symbol}-{draw(st.integers(0, 3))}"
    return replace(AAA, id=InstrumentId(name), symbols=tuple(symbols))


@given(st.lists(_given(), min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_a_ticker_never_means_an_instrument_on_a_day_that_it_does_not_cover(
    given_ones: list[Instrument],
) -> None:
    book = SymbolBook(MemoryStore())
    for n, one in enumerate(given_ones):
        told = datetime(2003 + 5 * n, 6, 1, tzinfo=UTC)
        book.register([one], source="file", ingest_id=str(n), known_at=told)
    for symbol in ("FB", "META"):
        for day in (date(1990, 1, 1), *_DAYS, date(2040, 1, 1)):
            claims = [
                (s.start, i.id) for i in book.all() for s in i.symbols
                if s.symbol == symbol and s.covers(day)
            ]  # fmt: skip
            try:
                found = book.by_symbol(symbol, day)
            except NotFound:
                assert all(start == UNDATED for start, _ in claims)
                continue
            mine = [start for start, name in claims if name == found.id]
            assert max(mine) == max(start for start, _ in claims)


@given(
    st.permutations(range(4)),
    st.lists(st.sampled_from(_DAYS[1:-1]), min_size=2, max_size=2, unique=True).map(sorted),
)
@settings(max_examples=60, deadline=None)
def test_owners_of_a_ticker_one_after_another_are_never_one_instrument(
    order: list[int], breaks: list[date]
) -> None:
    day = timedelta(days=1)
    owners = [
        share("FB", _DAYS[0], breaks[0] - day),
        share("FB", breaks[0], breaks[1] - day),
        share("FB", breaks[1]),
        share("FB"),
    ]
    book = SymbolBook(MemoryStore())
    names: dict[InstrumentId, InstrumentId] = {}
    for place in order:
        names |= _register(book, owners[place])
    ids = [names[one.id] for one in owners]
    assert len(set(ids[:3])) == 3
    assert ids[3] == ids[2]  # told at NOW, when the last owner bears it
    for one, name in zip(owners[:3], ids, strict=False):
        assert book.by_symbol("FB", one.symbols[0].start).id == name


def test_nothing_new_writes_nothing() -> None:
    book = _book(AAA)
    version = book._store.version(INSTRUMENTS)
    _register(book, AAA)
    assert book._store.version(INSTRUMENTS) == version

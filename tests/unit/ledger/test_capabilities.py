"""What the outside may ask of the books, and how the answers are drawn."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from fondaco.core.capability import Caller
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument
from fondaco.core.orders import Side
from fondaco.core.view import Table, Text, Tone
from fondaco.ledger.capabilities import (
    deposit,
    show_balance,
    show_lots,
    show_positions,
    show_statement,
)
from fondaco.ledger.fakes import MemoryEntries
from fondaco.ledger.lots import LotMethod
from fondaco.ledger.views import (
    view_balance,
    view_entry,
    view_holdings,
    view_lots,
    view_statement,
)
from fondaco.market.fakes import MemoryInstruments
from unit.ledger.scene import APPLE, START, counting_ids, day, fill, new_books

PERSON = Caller(actor="ada", surface="cli", person=True, request_id="r-1")
BOOK = MemoryInstruments(())


def test_a_deposit_with_the_same_request_id_is_booked_once() -> None:
    books, entries, clock = new_books()
    ids = counting_ids(clock)
    for _ in range(2):
        entry = deposit(books, clock, ids, PERSON, amount=Decimal("2500.00"),
                        date_=date(2019, 6, 1))
    assert len(entries.entries()) == 1
    assert entry.ts == datetime(2019, 6, 1, tzinfo=UTC)
    assert books.cash("paper", "USD") == Decimal("2500.00")
    assert view_entry(entry)


def test_a_deposit_in_the_future_is_refused() -> None:
    books, entries, clock = new_books()
    with pytest.raises(InvalidInput, match="before it happens"):
        deposit(books, clock, counting_ids(clock), PERSON, amount=Decimal(1),
                date_=date(2099, 1, 1))
    assert entries.entries() == ()


def _traded() -> tuple[object, MemoryEntries]:
    books, entries, _ = new_books()
    books.deposit("paper", Decimal(10_000), "USD", day(0), "D")
    books.book_fill(fill("1", Side.BUY, "10", "100", fee="1", on=1))
    books.book_fill(fill("2", Side.BUY, "10", "110", fee="1", on=2))
    books.book_fill(fill("3", Side.SELL, "5", "120", fee="1", on=3))
    return books, entries


def test_the_trial_balance_shows_both_sides_equal_in_each_commodity() -> None:
    books, _ = _traded()
    sheet = show_balance(books, BOOK)  # type: ignore[arg-type]
    assert sheet.balanced
    assert {(t.commodity, t.debit == t.credit) for t in sheet.totals} == {
        ("USD", True), (APPLE, True)}
    table, word = view_balance(sheet)
    assert isinstance(table, Table)
    assert table.rows[-1][0] == "Total"
    assert isinstance(word, Text)
    assert word.tone is Tone.GOOD


def test_positions_stand_at_their_average_cost_and_cash_beside_them() -> None:
    """By hand: 20 bought for 2,100, 5 sold leave 15 at 105; cash 10,000 - 2,102 + 599."""
    books, _ = _traded()
    sheet = show_positions(books, BOOK)  # type: ignore[arg-type]
    cash, shares = sheet.holdings
    assert (cash.symbol, cash.quantity) == ("USD", Decimal(8497))
    assert (shares.quantity, shares.cost) == (Decimal(15), Decimal(1575))
    (table,) = view_holdings(sheet)
    assert isinstance(table, Table)
    assert table.rows[1][2] == Decimal(105)


def test_positions_as_of_a_day_do_not_know_later_trades() -> None:
    books, _ = _traded()
    sheet = show_positions(books, BOOK, as_of=day(1).date())  # type: ignore[arg-type]
    assert [h.quantity for h in sheet.holdings if h.cost is not None] == [Decimal(10)]


@pytest.mark.parametrize(("method", "gain"), [(LotMethod.FIFO, 100), (LotMethod.AVERAGE, 75)])
def test_realised_gains_follow_the_method(method: LotMethod, gain: int) -> None:
    """By hand: 5 sold at 120 cost 5 x 100 by FIFO, 5 x 105 at average cost."""
    books, _ = _traded()
    sheet = show_lots(books, BOOK, method=method)  # type: ignore[arg-type]
    assert (sheet.realised, sheet.gains[0].gain) == (Decimal(gain), Decimal(gain))
    lots, gains = view_lots(sheet)
    assert isinstance(lots, Table)
    assert isinstance(gains, Table)


def test_the_statement_runs_from_opening_to_closing() -> None:
    books, _ = _traded()
    sheet = show_statement(books, BOOK, from_=day(1).date(), to=day(2).date())  # type: ignore[arg-type]
    assert sheet.since == datetime.combine(day(1).date(), datetime.min.time(), tzinfo=UTC)
    assert {line.memo[:6] for line in sheet.lines} == {"buy 10"}
    assert dict(sheet.closing)["USD"] == Decimal(10_000 - 1_001 - 1_101)
    assert view_statement(sheet)


def test_a_commodity_is_shown_by_its_symbol_where_the_book_knows_it() -> None:
    apple = Instrument(APPLE, (DatedSymbol("AAPL", date(1990, 1, 2)),), AssetClass.EQUITY, "XNAS",
                       "USD")
    books, _ = _traded()
    sheet = show_balance(books, MemoryInstruments((apple,)), as_of=START)  # type: ignore[arg-type]
    assert {line.symbol for line in sheet.lines} == {"USD"}
    later = show_balance(books, MemoryInstruments((apple,)))  # type: ignore[arg-type]
    assert {line.symbol for line in later.lines} == {"USD", "AAPL"}

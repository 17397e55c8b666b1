"""Lots: which shares are left, at which cost, and what was gained."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.orders import Side
from fondaco.ledger.accounts import share_of
from fondaco.ledger.lots import LotMethod, Trade, lot_book
from unit.ledger.scene import APPLE, BANK, START, day, fill, new_books


def trade(number: int, quantity: str, price: str) -> Trade:
    """Return a trade of shares at a price on the n-th day."""
    size = Decimal(quantity)
    return Trade(
        f"E{number}", START + timedelta(days=number), APPLE, size, size * Decimal(price), "USD"
    )


# IRS Publication 550 (2023), ch. 4, "Basis of Investment Property" describes first-in-first-out;
# the figures are worked by hand: 100 at 10, 100 at 12, sold 150 at 15.
THREE = (trade(1, "100", "10"), trade(2, "100", "12"), trade(3, "-150", "15"))


def test_fifo_sells_the_oldest_shares_first() -> None:
    book = lot_book(THREE, LotMethod.FIFO)
    assert [(g.opened_by, g.quantity, g.cost, g.proceeds, g.amount) for g in book.gains] == [
        ("E1", 100, 1000, 1500, 500),
        ("E2", 50, 600, 750, 150),
    ]
    assert [(lot.opened_by, lot.quantity, lot.cost) for lot in book.lots] == [("E2", 50, 600)]
    assert (book.cost, book.realised) == (Decimal(600), Decimal(650))


def test_average_cost_sells_a_share_of_the_pool() -> None:
    # By hand: 200 shares cost 2200, so 11 each: 150 cost 1650 and bring 2250.
    book = lot_book(THREE, LotMethod.AVERAGE)
    assert [(g.quantity, g.cost, g.amount) for g in book.gains] == [(150, 1650, 600)]
    assert [(lot.quantity, lot.cost) for lot in book.lots] == [(50, 550)]


def test_the_last_share_takes_all_the_cost_that_is_left() -> None:
    # 100 / 3 does not end: what rounding cuts off stays in the lot until the last share goes.
    book = lot_book(
        (
            trade(1, "3", "33.333333333"),
            trade(2, "-1", "40"),
            trade(3, "-1", "40"),
            trade(4, "-1", "40"),
        ),
        LotMethod.AVERAGE,
    )
    assert book.lots == ()
    assert sum(g.cost for g in book.gains) == Decimal("99.999999999")


def test_what_is_sold_beyond_what_is_held_opens_a_short_lot_that_a_buy_closes() -> None:
    book = lot_book((trade(1, "10", "5"), trade(2, "-15", "6")), LotMethod.FIFO)
    assert [(g.quantity, g.amount) for g in book.gains] == [(10, 10)]
    assert [(lot.short, lot.quantity, lot.cost) for lot in book.lots] == [(True, -5, -30)]
    closed = lot_book((trade(1, "-5", "6"), trade(2, "8", "4")), LotMethod.FIFO)
    # By hand: sold 5 for 30, bought back for 20: a gain of 10, and 3 shares held for 12.
    assert [(g.quantity, g.cost, g.proceeds, g.amount) for g in closed.gains] == [(-5, 20, 30, 10)]
    assert [(lot.quantity, lot.cost) for lot in closed.lots] == [(3, 12)]


def test_lots_of_the_books_leave_out_fees_and_other_instruments() -> None:
    books, _, _ = new_books()
    books.book_fill(fill("E1", Side.BUY, "10", "100", fee="5", on=0))
    books.book_fill(fill("E2", Side.BUY, "10", "7", fee="5", on=1, instrument=BANK))
    books.deposit("paper", Decimal(50), "USD", day(1), "D")
    lots = books.lots("paper").lots
    assert {lot.instrument: lot.cost for lot in lots} == {APPLE: 1000, BANK: 70}
    assert books.lots("paper", until=day(0)).lots == lots[:1]
    assert books.lots("other").lots == ()


quantities = st.decimals(min_value="0.001", max_value="5000", places=3)
prices = st.decimals(min_value="0.000001", max_value="9000", places=6)
histories = st.lists(st.tuples(st.booleans(), quantities, prices), max_size=25)


def _trades(history: list[tuple[bool, Decimal, Decimal]]) -> list[Trade]:
    return [
        trade(n, str(size if buys else -size), str(price))
        for n, (buys, size, price) in enumerate(history)
    ]


@given(histories, st.sampled_from(LotMethod))
@settings(max_examples=200, deadline=None)
def test_quantity_and_cost_are_conserved_to_the_last_digit(
    history: list[tuple[bool, Decimal, Decimal]], method: LotMethod
) -> None:
    found = _trades(history)
    book = lot_book(found, method)
    # Fractions are exact, and know nothing of the code under test.
    assert sum(Fraction(lot.quantity) for lot in book.lots) == sum(
        Fraction(t.quantity) for t in found
    )
    paid = sum(Fraction(t.cost) for t in found)
    assert (
        sum(Fraction(lot.cost) for lot in book.lots) - sum(Fraction(g.amount) for g in book.gains)
        == paid
    )


@given(histories, st.sampled_from(LotMethod))
@settings(max_examples=200, deadline=None)
def test_lots_are_never_long_and_short_at_once_and_none_is_empty(
    history: list[tuple[bool, Decimal, Decimal]], method: LotMethod
) -> None:
    book = lot_book(_trades(history), method)
    assert len({lot.short for lot in book.lots}) <= 1
    assert all(lot.quantity for lot in book.lots)
    assert all(lot.cost * lot.quantity >= 0 for lot in book.lots)


@given(st.lists(st.tuples(quantities, prices), min_size=1, max_size=10), st.data())
@settings(max_examples=100, deadline=None)
def test_fifo_agrees_with_selling_share_by_share_from_a_queue(
    buys: list[tuple[Decimal, Decimal]], data: st.DataObject
) -> None:
    whole = [(int(size) + 1, price) for size, price in buys]
    held = sum(size for size, _ in whole)
    sold = data.draw(st.integers(0, min(held, 400)))
    queue = [Fraction(price) for size, price in whole for _ in range(min(size, 400))]
    found = [trade(n, str(min(size, 400)), str(price)) for n, (size, price) in enumerate(whole)]
    sold = min(sold, len(queue))
    if sold:
        found.append(trade(99, str(-sold), "1"))
    book = lot_book(found, LotMethod.FIFO)
    assert sum(Fraction(g.cost) for g in book.gains) == sum(queue[:sold])
    assert sum(Fraction(lot.cost) for lot in book.lots) == sum(queue[sold:])


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=9), quantities, quantities)
@settings(max_examples=200, deadline=None)
def test_a_share_of_an_amount_never_exceeds_it_and_errs_by_less_than_its_last_digit(
    amount: Decimal, one: Decimal, other: Decimal
) -> None:
    part, whole = min(one, other), max(one, other)
    share = Fraction(share_of(amount, part, whole))
    exact = Fraction(amount) * Fraction(part) / Fraction(whole)
    assert abs(share) <= abs(Fraction(amount))
    assert 0 <= abs(exact) - abs(share) < Fraction(1, 10**9)

"""Booking and reading back: what may be booked, once, and what it adds up to."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from fondaco.core.entry import Posting
from fondaco.core.errors import Conflict, InvalidInput, NotFound, Refused
from fondaco.core.orders import Side
from unit.ledger.scene import APPLE, START, day, fill, new_books

USD = "USD"


def test_a_buy_is_booked_as_the_route_says() -> None:
    # By hand: 10 shares at 100 with a fee of 1 cost 1001; trading takes 1000, fees take 1.
    books, _, _ = new_books()
    entry = books.book_fill(fill("E1", Side.BUY, "10", "100", fee="1"))
    assert {(p.account, p.commodity): p.amount for p in entry.postings} == {
        ("assets:paper", APPLE): Decimal(10),
        ("equity:trading", APPLE): Decimal(-10),
        ("assets:paper", USD): Decimal(-1001),
        ("equity:trading", USD): Decimal(1000),
        ("expenses:fees", USD): Decimal(1),
    }


def test_a_sell_is_the_mirror_of_a_buy() -> None:
    books, _, _ = new_books()
    entry = books.book_fill(fill("E1", Side.SELL, "4", "110", fee="1"))
    assert {(p.account, p.commodity): p.amount for p in entry.postings} == {
        ("assets:paper", APPLE): Decimal(-4),
        ("equity:trading", APPLE): Decimal(4),
        ("assets:paper", USD): Decimal(439),
        ("equity:trading", USD): Decimal(-440),
        ("expenses:fees", USD): Decimal(1),
    }


def test_cash_and_positions_follow_deposits_trades_and_dividends() -> None:
    books, _, _ = new_books()
    books.deposit("paper", Decimal("10000"), USD, day(0), "D1")
    books.book_fill(fill("E1", Side.BUY, "10", "100.25", fee="1", on=1))
    books.dividend("paper", Decimal("7.70"), USD, APPLE, day(2), "V1")
    books.book_fill(fill("E2", Side.SELL, "4", "110", fee="1", on=3))
    # By hand: 10000 - 1002.50 - 1 + 7.70 + 440 - 1
    assert books.cash("paper", USD) == Decimal("9443.20")
    assert books.positions("paper") == {APPLE: Decimal(6)}
    assert books.cash("paper", USD, until=day(1)) == Decimal("8996.50")
    assert books.positions("paper", until=day(0)) == {}


def test_the_same_fill_twice_is_booked_once() -> None:
    books, store, _ = new_books()
    first = books.book_fill(fill("E1", Side.BUY, "10", "100"))
    assert books.book_fill(fill("E1", Side.BUY, "10", "100")) == first
    assert len(store.entries()) == 1


def test_a_key_that_was_used_for_another_body_is_a_conflict() -> None:
    books, store, _ = new_books()
    books.deposit("paper", Decimal(100), USD, day(0), "K")
    with pytest.raises(Conflict, match="used before for another entry") as refused:
        books.deposit("paper", Decimal(200), USD, day(0), "K")
    assert "Deposit to assets:paper" in str(refused.value)
    assert len(store.entries()) == 1


def test_an_account_is_not_the_one_whose_name_it_begins_with() -> None:
    books, _, _ = new_books()
    books.deposit("paper", Decimal(100), USD, day(0), "A")
    books.deposit("paper2", Decimal(7), USD, day(0), "B")
    assert books.cash("paper", USD) == Decimal(100)


@pytest.mark.parametrize(
    "amount",
    [
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal(0),
        Decimal(-5),
        Decimal("1E+16"),
        Decimal("0.0000000001"),
        1.5,
        3,
    ],
)
def test_an_amount_that_cannot_be_booked_is_refused(amount: Decimal) -> None:
    books, store, _ = new_books()
    with pytest.raises(InvalidInput):
        books.deposit("paper", amount, USD, day(0), "K")
    assert store.entries() == ()


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2019, 7, 1), "without a timezone"),  # noqa: DTZ001 - the fault under test
        (START + timedelta(days=9999), "before it happens"),
    ],
)
def test_a_naive_or_future_time_is_refused(moment: datetime, words: str) -> None:
    books, store, _ = new_books()
    with pytest.raises(InvalidInput, match=words):
        books.deposit("paper", Decimal(1), USD, moment, "K")
    assert store.entries() == ()


@pytest.mark.parametrize("account", ["", "Paper", "paper;drop", "assets:", "a:b:c:d:e:f"])
def test_a_name_that_is_no_account_is_refused(account: str) -> None:
    books, _, _ = new_books()
    with pytest.raises(InvalidInput, match="account name"):
        books.deposit(account, Decimal(1), USD, day(0), "K")


@pytest.mark.parametrize(
    ("key", "memo"), [("", "m"), ("k" * 201, "m"), ("k", ""), ("k", "m" * 501)]
)
def test_a_key_or_memo_that_is_missing_or_too_long_is_refused(key: str, memo: str) -> None:
    books, _, _ = new_books()
    pair = (Posting("assets:paper", USD, Decimal(1)), Posting("equity:deposits", USD, Decimal(-1)))
    with pytest.raises(InvalidInput, match="short text"):
        books.post(pair, ts=day(0), key=key, memo=memo)


def test_shares_that_come_without_a_cost_are_refused() -> None:
    books, _, _ = new_books()
    pair = (
        Posting("assets:paper", APPLE, Decimal(1)),
        Posting("equity:trading", APPLE, Decimal(-1)),
    )
    with pytest.raises(InvalidInput, match="must say what they cost"):
        books.post(pair, ts=day(0), key="K", memo="a gift")


@pytest.mark.parametrize(
    "bad",
    [
        (Posting("paper", USD, Decimal(1)), Posting("equity:deposits", USD, Decimal(-1))),
        (Posting("assets:paper", "", Decimal(1)), Posting("equity:deposits", "", Decimal(-1))),
        (Posting("assets:paper", USD, Decimal(0)),) * 101,
        (Posting("assets:paper", USD, Decimal(1)), Posting("equity:deposits", USD, Decimal(-2))),
    ],
)
def test_postings_that_cannot_stand_are_refused(bad: tuple[Posting, ...]) -> None:
    books, store, _ = new_books()
    with pytest.raises(InvalidInput):
        books.post(bad, ts=day(0), key="K", memo="m")
    assert store.entries() == ()


def _take(*amounts: int) -> tuple[Posting, ...]:
    given = tuple(Posting("assets:paper", USD, Decimal(-a)) for a in amounts)
    return (*given, Posting("equity:deposits", USD, Decimal(sum(amounts))))


def test_a_guarded_account_does_not_fall_below_its_floor() -> None:
    books, store, _ = new_books()
    books.deposit("paper", Decimal(100), USD, day(0), "D")
    floors = {("assets:paper", USD): Decimal(0)}
    with pytest.raises(Refused, match="below its floor") as refused:
        books.post(_take(101), ts=day(1), key="W1", memo="out", floors=floors)
    assert "At most 100 can be taken" in str(refused.value)
    assert store.held == ["assets:paper"]
    books.post(_take(100), ts=day(1), key="W2", memo="out", floors=floors)
    assert books.cash("paper", USD) == 0


def test_an_account_named_twice_in_one_posting_is_guarded_by_its_sum() -> None:
    # The bug that a naive guard has: each of the two lines alone would leave money over.
    books, _, _ = new_books()
    books.deposit("paper", Decimal(100), USD, day(0), "D")
    with pytest.raises(Refused, match="below its floor"):
        books.post(
            _take(60, 60),
            ts=day(1),
            key="W",
            memo="out",
            floors={("assets:paper", USD): Decimal(0)},
        )


def test_a_retry_of_a_guarded_posting_returns_what_was_booked() -> None:
    books, _, _ = new_books()
    books.deposit("paper", Decimal(100), USD, day(0), "D")
    floors = {("assets:paper", USD): Decimal(0)}
    first = books.post(_take(80), ts=day(1), key="W", memo="out", floors=floors)
    assert books.post(_take(80), ts=day(1), key="W", memo="out", floors=floors) == first
    assert books.cash("paper", USD) == 20


def test_a_correction_takes_back_and_books_anew_without_touching_the_past() -> None:
    books, store, clock = new_books()
    books.deposit("paper", Decimal(1000), USD, day(0), "D")
    wrong = books.book_fill(fill("E1", Side.BUY, "10", "100", on=1))
    known_then, before = clock.now(), books.balances()
    clock.advance(timedelta(days=1))
    right = (
        Posting("assets:paper", APPLE, Decimal(10)),
        Posting("equity:trading", APPLE, Decimal(-10)),
        Posting("assets:paper", USD, Decimal(-990)),
        Posting("equity:trading", USD, Decimal(990)),
    )
    taken, new = books.correct(wrong.id, key="C1", memo="price was 99", postings=right)
    assert (taken.corrects, taken.ts, new.ts) == (wrong.id, wrong.ts, wrong.ts)
    assert books.cash("paper", USD) == Decimal(10)
    assert books.balances(as_of=known_then) == before
    assert store.get(wrong.id) == wrong
    assert [t.cost for t in books.lots("paper").lots] == [Decimal(990)]
    assert [t.cost for t in books.lots("paper", as_of=known_then).lots] == [Decimal(1000)]


def test_a_correction_without_a_replacement_leaves_nothing() -> None:
    books, _, _ = new_books()
    wrong = books.book_fill(fill("E1", Side.BUY, "10", "100", fee="1"))
    books.correct(wrong.id, key="C1", memo="never happened")
    assert books.balances() == {}
    assert books.lots("paper").lots == ()


def test_a_correction_is_made_once_and_repeats_itself_alone() -> None:
    books, store, _ = new_books()
    wrong = books.deposit("paper", Decimal(5), USD, day(0), "D")
    first = books.correct(wrong.id, key="C1", memo="twice entered")
    assert books.correct(wrong.id, key="C1", memo="twice entered") == first
    with pytest.raises(Conflict, match="corrected before"):
        books.correct(wrong.id, key="C2", memo="again")
    with pytest.raises(Conflict, match="corrected before"):
        books.correct(wrong.id, key="C1", memo="twice entered", postings=wrong.postings)
    with pytest.raises(Conflict, match="cannot itself be corrected"):
        books.correct(first[0].id, key="C3", memo="undo the undoing")
    with pytest.raises(NotFound):
        books.correct("nothing", key="C4", memo="m")
    assert len(store.entries()) == 2


def test_a_bad_replacement_is_refused_before_the_entry_is_taken_back() -> None:
    books, store, _ = new_books()
    wrong = books.deposit("paper", Decimal(5), USD, day(0), "D")
    with pytest.raises(InvalidInput, match="does not balance"):
        books.correct(
            wrong.id,
            key="C",
            memo="m",
            postings=(
                Posting("assets:paper", USD, Decimal(4)),
                Posting("equity:deposits", USD, Decimal(-5)),
            ),
        )
    assert store.entries() == (wrong,)


def test_the_trial_balance_puts_each_account_on_its_side() -> None:
    books, _, _ = new_books()
    books.deposit("paper", Decimal(1000), USD, day(0), "D")
    books.book_fill(fill("E1", Side.BUY, "3", "100", fee="1", on=1))
    trial = books.trial_balance()
    sides = {(x.account, x.commodity): (x.debit, x.credit) for x in trial.lines}
    assert sides == {
        ("assets:paper", USD): (699, 0),
        ("equity:deposits", USD): (0, 1000),
        ("equity:trading", USD): (300, 0),
        ("expenses:fees", USD): (1, 0),
        ("assets:paper", APPLE): (3, 0),
        ("equity:trading", APPLE): (0, 3),
    }
    assert {t.commodity: (t.debit, t.credit) for t in trial.totals} == {
        USD: (1000, 1000),
        APPLE: (3, 3),
    }
    assert trial.balanced
    assert trial.entries == 2


def test_a_statement_runs_from_its_opening_to_its_closing_balance() -> None:
    books, _, _ = new_books()
    books.deposit("paper", Decimal(1000), USD, day(0), "D")
    books.book_fill(fill("E1", Side.BUY, "3", "100", fee="1", on=1))
    books.book_fill(fill("E2", Side.SELL, "1", "120", on=2))
    shown = books.statement("paper", since=day(1), until=day(1))
    assert shown.opening == ((USD, Decimal(1000)),)
    assert [(x.commodity, x.amount, x.balance) for x in shown.lines] == [
        (APPLE, 3, 3),
        (USD, -301, 699),
    ]
    assert dict(shown.closing) == {USD: Decimal(699), APPLE: Decimal(3)}
    assert [x.amount for x in books.statement("expenses:fees").lines] == [Decimal(1)]


def test_what_can_be_spent_at_a_replayed_day_counts_what_was_booked_later() -> None:
    books, _, _ = new_books()
    books.deposit("paper", Decimal(1000), USD, day(0), "D")
    books.book_fill(fill("E1", Side.BUY, "9", "100", on=5))
    books.deposit("paper", Decimal(500), USD, day(9), "D2")
    assert books.cash("paper", USD, until=day(1)) == Decimal(1000)
    assert books.spans("paper", since=day(1)) == {
        USD: (Decimal(100), Decimal(1000)),
        APPLE: (Decimal(0), Decimal(9)),
    }
    assert books.spans("paper", since=day(9))[USD] == (Decimal(600), Decimal(600))
    assert books.spans("other", since=day(9)) == {}


def test_entries_of_one_moment_have_no_order_among_them() -> None:
    books, _, _ = new_books()
    books.book_fill(fill("E1", Side.BUY, "9", "100", on=5))
    books.deposit("paper", Decimal(1000), USD, day(5), "D")
    assert books.spans("paper", since=day(1))[USD] == (Decimal(0), Decimal(100))

"""The books against a model of plain dictionaries, in any order of events."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
)

from fondaco.core.entry import Posting
from fondaco.core.errors import Conflict, Refused
from fondaco.core.orders import Side
from fondaco.ledger.balances import balances
from fondaco.ledger.lots import LotMethod
from unit.ledger.scene import APPLE, BANK, START, fill, new_books

cents = st.decimals(min_value="0.01", max_value="99999.99", places=2)
days = st.integers(0, 30)
Sums = dict[tuple[str, str], Fraction]


class BooksMachine(RuleBasedStateMachine):
    """Everything that can happen to the books, told to the books and to a dictionary."""

    made = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.books, self.store, self.clock = new_books()
        self.sums: Sums = {}
        self.count = 0
        self.past: list[tuple[datetime, Sums]] = []

    def _move(self, account: str, commodity: str, amount: Decimal) -> None:
        key = account, commodity
        self.sums[key] = self.sums.get(key, Fraction(0)) + Fraction(amount)

    def _key(self) -> str:
        self.count += 1
        return f"K{self.count}"

    @rule(target=made, amount=cents, on=days)
    def deposit(self, amount: Decimal, on: int) -> tuple[str, object, str]:
        key, ts = self._key(), START + timedelta(days=on)
        entry = self.books.deposit("paper", amount, "USD", ts, key)
        self._move("assets:paper", "USD", amount)
        self._move("equity:deposits", "USD", -amount)
        return ("deposit", (amount, ts, key), entry.id)

    @rule(
        target=made,
        side=st.sampled_from(Side),
        size=st.integers(1, 5000),
        price=cents,
        fee=st.decimals(min_value=0, max_value=20, places=2),
        on=days,
        share=st.sampled_from([APPLE, BANK]),
    )
    def trade(
        self, side: Side, size: int, price: Decimal, fee: Decimal, on: int, share: str
    ) -> tuple[str, object, str]:
        given = fill(
            self._key(), side, str(size), str(price), fee=str(fee), on=on, instrument=share
        )  # type: ignore[arg-type]
        entry = self.books.book_fill(given)
        signed = size if side is Side.BUY else -size
        self._move("assets:paper", share, Decimal(signed))
        self._move("equity:trading", share, Decimal(-signed))
        self._move("assets:paper", "USD", -(signed * price) - fee)
        self._move("equity:trading", "USD", signed * price)
        self._move("expenses:fees", "USD", fee)
        return ("trade", given, entry.id)

    @rule(target=made, first=cents, second=cents, floor=st.sampled_from(["0", "1000"]))
    def withdraw_in_two_lines(
        self, first: Decimal, second: Decimal, floor: str
    ) -> tuple[str, object, str]:
        """One account twice in one posting, guarded: the model adds both before it compares."""
        key = self._key()
        postings = (
            Posting("assets:paper", "USD", -first),
            Posting("assets:paper", "USD", -second),
            Posting("equity:deposits", "USD", first + second),
        )
        cash = self.sums.get(("assets:paper", "USD"), Fraction(0))
        allowed = cash - Fraction(first) - Fraction(second) >= Fraction(floor)
        given = {
            "ts": START,
            "key": key,
            "memo": "out",
            "floors": {("assets:paper", "USD"): Decimal(floor)},
        }
        if not allowed:
            with pytest.raises(Refused):
                self.books.post(postings, **given)  # type: ignore[arg-type]
            return ("refused", None, "")
        entry = self.books.post(postings, **given)  # type: ignore[arg-type]
        self._move("assets:paper", "USD", -first - second)
        self._move("equity:deposits", "USD", first + second)
        return ("posting", None, entry.id)

    @rule(one=made)
    def retry(self, one: tuple[str, object, str]) -> None:
        kind, given, entry_id = one
        if kind == "deposit":
            amount, ts, key = given  # type: ignore[misc]
            assert self.books.deposit("paper", amount, "USD", ts, key).id == entry_id
            with pytest.raises(Conflict):
                self.books.deposit("paper", amount + 1, "USD", ts, key)
        if kind == "trade":
            assert self.books.book_fill(given).id == entry_id  # type: ignore[arg-type]

    @rule(one=consumes(made))
    def take_back(self, one: tuple[str, object, str]) -> None:
        kind, _, entry_id = one
        if kind == "refused":
            return
        wrong = self.store.get(entry_id)
        key = self._key()
        self.books.correct(entry_id, key=key, memo="wrong")
        for posting in wrong.postings:
            self._move(posting.account, posting.commodity, -posting.amount)
        with pytest.raises(Conflict):
            self.books.correct(entry_id, key=self._key(), memo="wrong again")

    @rule()
    def time_passes(self) -> None:
        self.past.append((self.clock.now(), dict(self.sums)))
        self.clock.advance(timedelta(seconds=1))

    @precondition(lambda self: self.past)
    @rule(data=st.data())
    def the_past_is_as_it_was_known(self, data: st.DataObject) -> None:
        moment, sums = data.draw(st.sampled_from(self.past))
        assert self._plain(self.books.balances(as_of=moment)) == _without_zeros(sums)

    @invariant()
    def balances_are_the_dictionary(self) -> None:
        assert self._plain(self.books.balances()) == _without_zeros(self.sums)

    @invariant()
    def the_books_balance(self) -> None:
        assert self.books.trial_balance().balanced

    @invariant()
    def the_order_of_entries_does_not_matter(self) -> None:
        assert balances(reversed(self.store.entries())) == self.books.balances()

    @invariant()
    def cash_and_cost_are_what_was_paid_in_and_gained(self) -> None:
        def at(account: str) -> Fraction:
            return self.sums.get((account, "USD"), Fraction(0))

        for method in LotMethod:
            book = self.books.lots("paper", method=method)
            assert at("assets:paper") + Fraction(book.cost) == -at("equity:deposits") + Fraction(
                book.realised
            ) - at("expenses:fees")

    @staticmethod
    def _plain(found: object) -> Sums:
        return {key: Fraction(amount) for key, amount in found.items()}  # type: ignore[attr-defined]


def _without_zeros(sums: Sums) -> Sums:
    return {key: amount for key, amount in sums.items() if amount}


BooksMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
test_books_follow_the_dictionary = BooksMachine.TestCase

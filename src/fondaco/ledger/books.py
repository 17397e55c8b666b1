"""The books: every movement of cash and shares, as entries that never change."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from fondaco.core.activity import Activity
from fondaco.core.clock import Clock, utc
from fondaco.core.entry import Entry, Posting
from fondaco.core.errors import Conflict, InvalidInput, Refused
from fondaco.core.ids import Ids
from fondaco.core.instrument import InstrumentId
from fondaco.core.money import Money
from fondaco.core.orders import Fill
from fondaco.ledger import balances as sums
from fondaco.ledger.accounts import EXACT, asset_account, checked, is_currency
from fondaco.ledger.lots import LotBook, LotMethod, lot_book, trades
from fondaco.ledger.ports import EntryStore, same_entry
from fondaco.ledger.postings import (
    activity_postings,
    deposit_postings,
    dividend_postings,
    fill_postings,
    require_attributable,
    reversal_postings,
)

KEY_CHARS_MAX = 200
MEMO_CHARS_MAX = 500
Floors = Mapping[tuple[str, str], Decimal]
"""(account, commodity) to the balance that it must not fall below."""


class Books:
    """Books entries and reads them back, as of any time.

    `account` is a trading account (`paper`) or a full ledger account (`expenses:fees`); `as_of`
    bounds when an entry was booked, `until` when it happened. Balances are summed from entries on
    each call: there is no second copy that could differ.
    """

    def __init__(self, entries: EntryStore, clock: Clock, ids: Ids) -> None:
        self._entries = entries
        self._clock = clock
        self._ids = ids

    def deposit(
        self, account: str, amount: Decimal, currency: str, ts: datetime, key: str
    ) -> Entry:
        """Book cash paid in; the same key again returns the entry that is there."""
        money = Money(amount, currency)
        return self.post(
            deposit_postings(account, money),
            ts=ts,
            key=key,
            memo=f"Deposit to {asset_account(account)}",
        )

    def book_fill(self, fill: Fill, key: str | None = None) -> Entry:
        """Book a fill and its fee, once for each execution id.

        A broker's fill is booked whatever it does to cash: the books say what happened.
        """
        memo = (
            f"{fill.side.value} {fill.quantity.normalize():f} {fill.instrument} "
            f"at {fill.price.normalize():f} {fill.currency}"
        )
        return self.post(
            fill_postings(fill), ts=fill.ts, memo=memo, key=key or f"fill:{fill.execution_id}"
        )

    def book_activity(self, activity: Activity) -> Entry | None:
        """Book what happened apart from fills, once for each id; None where nothing moved."""
        postings = activity_postings(activity)
        if not postings:
            return None
        of = "" if activity.instrument is None else f" of {activity.instrument}"
        return self.post(
            postings,
            ts=activity.ts,
            key=f"activity:{activity.id}",
            memo=f"{activity.kind.value.replace('_', ' ').capitalize()}{of}",
        )

    def dividend(
        self,
        account: str,
        amount: Decimal,
        currency: str,
        instrument: InstrumentId,
        ts: datetime,
        key: str,
    ) -> Entry:
        """Book a dividend received on an instrument."""
        return self.post(
            dividend_postings(account, Money(amount, currency)),
            ts=ts,
            key=key,
            memo=f"Dividend of {instrument}",
        )

    def post(
        self,
        postings: tuple[Posting, ...],
        *,
        ts: datetime,
        key: str,
        memo: str,
        floors: Floors | None = None,
    ) -> Entry:
        """Book postings that sum to zero in each commodity, at a time that is not in the future.

        `floors` guards accounts: an entry after which one would stand below its floor is refused,
        however often the account is named in it. Raises InvalidInput, Refused, Conflict.
        """
        return self._book(postings, ts, key, memo, None, floors)

    def correct(
        self, entry_id: str, *, key: str, memo: str, postings: tuple[Posting, ...] | None = None
    ) -> tuple[Entry, ...]:
        """Take an entry back by another one and, if given, book what is right instead.

        Both carry the first entry's time and today's booking time, so what was known before stays
        as it was. An entry is corrected once; to change it again, correct its replacement.
        Raises NotFound, Conflict.
        """
        wrong = self._entries.get(entry_id)
        if wrong.corrects is not None:
            raise Conflict(
                "an entry that takes another back cannot itself be corrected",
                value=entry_id,
                bound="an entry that corrects none",
                remedy="Book what is right as a new entry.",
            )
        if postings is not None:  # refused before the first half is booked, not after it
            Entry(wrong.id, key, wrong.ts, wrong.ts, memo, checked(postings))
            require_attributable(postings)
        self._entries.hold(f"entry:{entry_id}")
        self._refuse_second(wrong, key, replaces=postings is not None)
        taken = self._book(reversal_postings(wrong), wrong.ts, key, memo, wrong.id)
        if postings is None:
            return (taken,)
        return taken, self._book(postings, wrong.ts, f"{key}:replacement", memo, None)

    def find(self, key: str) -> Entry | None:
        """Return the entry that was booked under a key, or None."""
        return self._entries.find(key)

    def balances(
        self, *, as_of: datetime | None = None, until: datetime | None = None
    ) -> sums.Balances:
        """Return every balance that is not zero, by (account, commodity)."""
        return sums.balances(self._entries.entries(as_of=as_of, until=until))

    def cash(self, account: str, currency: str, *, until: datetime | None = None) -> Decimal:
        """Return the cash of an account."""
        return self._held(account, until).get(currency, Decimal(0))

    def positions(
        self, account: str, *, until: datetime | None = None
    ) -> dict[InstrumentId, Decimal]:
        """Return the shares of an account, without those that stand at zero."""
        return {
            InstrumentId(name): amount
            for name, amount in self._held(account, until).items()
            if not is_currency(name)
        }

    def spans(self, account: str, *, since: datetime) -> dict[str, tuple[Decimal, Decimal]]:
        """Return each commodity's lowest and highest balance from `since` on.

        The lowest is what can be given away at `since` without any later balance going below
        zero: it counts what is booked later than a replayed day. What never moved is left out.
        """
        name = asset_account(account)
        return sums.spans_since(self._entries.entries(account=name), name, utc(since))

    def trial_balance(
        self, *, as_of: datetime | None = None, until: datetime | None = None
    ) -> sums.TrialBalance:
        """Return each account's debit or credit and the totals, which must be equal."""
        found = self._entries.entries(as_of=as_of, until=until)
        return sums.trial_balance(found, as_of=as_of, until=until)

    def statement(
        self, account: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> sums.Statement:
        """Return what moved in an account from `since` to `until`."""
        name = asset_account(account)
        found = self._entries.entries(account=name, until=until)
        return sums.statement(found, name, since=since, until=until)

    def lots(
        self,
        account: str,
        *,
        method: LotMethod = LotMethod.FIFO,
        as_of: datetime | None = None,
        until: datetime | None = None,
    ) -> LotBook:
        """Return open lots and realised gains, by FIFO or average cost."""
        name = asset_account(account)
        found = self._entries.entries(account=name, as_of=as_of, until=until)
        return lot_book(trades(found, name), method)

    def _held(self, account: str, until: datetime | None) -> dict[str, Decimal]:
        name = asset_account(account)
        return sums.balance_of(self._entries.entries(account=name, until=until), name)

    def _book(
        self,
        postings: tuple[Posting, ...],
        ts: datetime,
        key: str,
        memo: str,
        corrects: str | None,
        floors: Floors | None = None,
    ) -> Entry:
        _require_text("an entry's key", key, KEY_CHARS_MAX)
        _require_text("an entry's memo", memo, MEMO_CHARS_MAX)
        require_attributable(checked(postings))
        now = self._clock.now()
        if utc(ts) > now:
            raise InvalidInput(
                "an entry cannot be booked before it happens",
                value=ts.isoformat(),
                bound=f"at most {now.isoformat()}",
            )
        entry = Entry(str(self._ids.new()), key, utc(ts), now, memo, postings, corrects)
        for account, _ in sorted(floors or {}):
            self._entries.hold(account)
        kept = self._entries.find(key)
        if kept is not None:
            return _same_or_conflict(kept, entry)
        self._guard(entry, floors or {})
        if self._entries.add(entry):
            return entry
        return _same_or_conflict(self._entries.find(key) or entry, entry)

    def _guard(self, entry: Entry, floors: Floors) -> None:
        for (account, commodity), floor in floors.items():
            before = self._held(account, None).get(commodity, Decimal(0))
            moved = sums.change(entry, account).get(commodity, Decimal(0))
            after = EXACT.add(before, moved)
            if after < floor:
                raise Refused(
                    f"{account} would fall below its floor in {commodity}",
                    value=after,
                    bound=f"at least {floor}",
                    remedy=f"At most {before - floor} can be taken from it.",
                )

    def _refuse_second(self, wrong: Entry, key: str, *, replaces: bool) -> None:
        replaced = self._entries.find(f"{key}:replacement") is not None
        for entry in self._entries.entries(account=wrong.postings[0].account):
            if entry.corrects == wrong.id and (entry.key != key or replaced != replaces):
                raise Conflict(
                    "this entry was corrected before",
                    value=wrong.id,
                    bound=f"corrected by {entry.id}",
                    remedy="Correct the entry that replaced it.",
                )


def _same_or_conflict(kept: Entry, given: Entry) -> Entry:
    if same_entry(kept, given):
        return kept
    raise Conflict(
        "this key was used before for another entry",
        value=given.key,
        bound=f"entry {kept.id}: {kept.memo}",
        remedy="Send the same entry again, or use a new key.",
    )


def _require_text(name: str, text: str, chars_max: int) -> None:
    if not 0 < len(text) <= chars_max:
        raise InvalidInput(
            f"{name} must be a short text",
            value=f"{len(text)} characters",
            bound=f"1 to {chars_max} characters",
        )

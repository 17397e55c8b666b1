"""What entries add up to: balances, trial balance, statement. Pure functions on values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from fondaco.core.entry import Entry
from fondaco.ledger.accounts import EXACT
from fondaco.ledger.ports import under

Balances = Mapping[tuple[str, str], Decimal]
"""(account, commodity) to its balance; pairs that stand at zero are left out."""


def balances(entries: Iterable[Entry]) -> Balances:
    """Return the balance of each account in each commodity."""
    sums: dict[tuple[str, str], Decimal] = {}
    for entry in entries:
        for posting in entry.postings:
            key = posting.account, posting.commodity
            sums[key] = EXACT.add(sums.get(key, Decimal(0)), posting.amount)
    return {key: amount for key, amount in sorted(sums.items()) if amount}


def balance_of(entries: Iterable[Entry], account: str) -> dict[str, Decimal]:
    """Return what an account and those below it hold of each commodity; zeros are left out."""
    sums: dict[str, Decimal] = {}
    for entry in entries:
        for commodity, amount in change(entry, account).items():
            sums[commodity] = EXACT.add(sums.get(commodity, Decimal(0)), amount)
    return {commodity: amount for commodity, amount in sorted(sums.items()) if amount}


def change(entry: Entry, account: str) -> dict[str, Decimal]:
    """Return what one entry moves in an account and those below it, by commodity."""
    sums: dict[str, Decimal] = {}
    for posting in entry.postings:
        if under(posting.account, account):
            before = sums.get(posting.commodity, Decimal(0))
            sums[posting.commodity] = EXACT.add(before, posting.amount)
    return sums


def spans_since(
    entries: Iterable[Entry], account: str, since: datetime
) -> dict[str, tuple[Decimal, Decimal]]:
    """Return each commodity's lowest and highest balance from `since` on; entries by ts.

    The lowest is what can be spent at `since` without any later balance falling below zero.
    Entries of one moment count together: what happened at once has no order.
    """
    ordered = tuple(entries)
    later = tuple(e for e in ordered if e.ts > since)
    running = balance_of(ordered[: len(ordered) - len(later)], account)
    spans = {name: (amount, amount) for name, amount in running.items()}
    for _, moment in groupby(later, key=lambda entry: entry.ts):
        for name, amount in balance_of(moment, account).items():
            before = running.get(name, Decimal(0))
            running[name] = EXACT.add(before, amount)
            low, high = spans.get(name, (before, before))
            spans[name] = min(low, running[name]), max(high, running[name])
    return spans


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One account in one commodity: its balance stands on the debit or the credit side."""

    account: str
    commodity: str
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class TrialTotal:
    """The two sides of one commodity; the books balance when they are equal."""

    commodity: str
    debit: Decimal
    credit: Decimal

    @property
    def balanced(self) -> bool:
        """Whether both sides are equal."""
        return self.debit == self.credit


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account's balance and the totals per commodity, of entries booked by `as_of`."""

    lines: tuple[TrialLine, ...]
    totals: tuple[TrialTotal, ...]
    entries: int
    as_of: datetime | None
    until: datetime | None

    @property
    def balanced(self) -> bool:
        """Whether debits equal credits in every commodity."""
        return all(line.balanced for line in self.totals)


def trial_balance(
    entries: tuple[Entry, ...], *, as_of: datetime | None = None, until: datetime | None = None
) -> TrialBalance:
    """Return the trial balance of these entries, which were read as of `as_of` up to `until`."""
    lines = tuple(
        TrialLine(account, commodity, max(amount, Decimal(0)), max(-amount, Decimal(0)))
        for (account, commodity), amount in balances(entries).items()
    )
    sides: dict[str, tuple[Decimal, Decimal]] = {}
    for line in lines:
        debit, credit = sides.get(line.commodity, (Decimal(0), Decimal(0)))
        sides[line.commodity] = EXACT.add(debit, line.debit), EXACT.add(credit, line.credit)
    totals = tuple(TrialTotal(name, *both) for name, both in sorted(sides.items()))
    return TrialBalance(lines, totals, len(entries), as_of, until)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of one commodity, with the balance after it."""

    ts: datetime
    known_at: datetime
    entry_id: str
    memo: str
    commodity: str
    amount: Decimal
    balance: Decimal
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What moved in an account from `since` to `until`, between two sets of balances."""

    account: str
    since: datetime | None
    until: datetime | None
    opening: tuple[tuple[str, Decimal], ...]
    lines: tuple[StatementLine, ...]
    closing: tuple[tuple[str, Decimal], ...]


def statement(
    entries: tuple[Entry, ...],
    account: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Statement:
    """Return an account's statement; entries in order of ts, none later than `until`.

    Both ends are included: the opening balance is the one just before `since`.
    """
    earlier = tuple(e for e in entries if since is not None and e.ts < since)
    opening = balance_of(earlier, account)
    running, lines = dict(opening), []
    for entry in entries[len(earlier) :]:
        for commodity, amount in sorted(change(entry, account).items()):
            running[commodity] = EXACT.add(running.get(commodity, Decimal(0)), amount)
            lines.append(
                StatementLine(
                    entry.ts,
                    entry.known_at,
                    entry.id,
                    entry.memo,
                    commodity,
                    amount,
                    running[commodity],
                    entry.corrects,
                )
            )
    closing = tuple((name, amount) for name, amount in sorted(running.items()) if amount)
    return Statement(account, since, until, tuple(opening.items()), tuple(lines), closing)

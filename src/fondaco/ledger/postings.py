"""From what happened to the postings that book it: pure functions on values."""

from decimal import Decimal

from fondaco.core.activity import Activity, ActivityKind
from fondaco.core.entry import Entry, Posting
from fondaco.core.errors import InvalidInput
from fondaco.core.money import Money
from fondaco.core.orders import Fill
from fondaco.ledger.accounts import (
    BORROWING,
    DEPOSITS,
    DIVIDENDS,
    EXACT,
    EXCHANGE,
    FEES,
    FRACTIONS,
    INTEREST,
    SPLITS,
    TRADING,
    asset_account,
    bookable,
    is_currency,
    positive,
)


def deposit_postings(account: str, money: Money) -> tuple[Posting, ...]:
    """Return the postings of cash paid in."""
    amount = positive("a deposit", money.amount)
    return (
        Posting(asset_account(account), money.currency, amount),
        Posting(DEPOSITS, money.currency, -amount),
    )


def dividend_postings(account: str, money: Money) -> tuple[Posting, ...]:
    """Return the postings of a dividend received."""
    amount = positive("a dividend", money.amount)
    return (
        Posting(asset_account(account), money.currency, amount),
        Posting(DIVIDENDS, money.currency, -amount),
    )


def fill_postings(fill: Fill) -> tuple[Posting, ...]:
    """Return the postings of a buy or sell, with its fee.

    A buy of 10 at 100 with a fee of 1: the account gains 10 shares and gives 1001; trading gives
    the 10 shares and takes 1000; fees take 1. A sell is its mirror.

    >>> from datetime import UTC, datetime
    >>> from decimal import Decimal
    >>> from fondaco.core.instrument import InstrumentId
    >>> from fondaco.core.orders import Side
    >>> at = datetime(2019, 7, 1, 20, tzinfo=UTC)
    >>> fill = Fill("E1", "C1", "paper", InstrumentId("I-x"), Side.BUY, Decimal(10), Decimal(100),
    ...             Decimal(1), "USD", at, at)
    >>> [(p.account, p.commodity, str(p.amount)) for p in fill_postings(fill)][2]
    ('assets:paper', 'USD', '-1001')
    """
    account, sign = asset_account(fill.account), fill.side.sign
    quantity = bookable("a fill's quantity", fill.quantity) * sign
    value = bookable("a fill's value", EXACT.multiply(fill.quantity, fill.price)) * sign
    fee = bookable("a fee", fill.fee)
    postings = [
        Posting(account, fill.instrument, quantity),
        Posting(TRADING, fill.instrument, -quantity),
        Posting(account, fill.currency, -EXACT.add(value, fee)),
        Posting(TRADING, fill.currency, value),
    ]
    if fee:
        postings.append(Posting(FEES, fill.currency, fee))
    return tuple(postings)


_CASH_FROM = {
    ActivityKind.DIVIDEND: DIVIDENDS,
    ActivityKind.SPLIT: FRACTIONS,
    ActivityKind.DELISTING: TRADING,
    ActivityKind.INTEREST: INTEREST,
    ActivityKind.BORROW: BORROWING,
    ActivityKind.EXCHANGE: EXCHANGE,
}


def activity_postings(activity: Activity) -> tuple[Posting, ...]:
    """Return the postings of what happened apart from fills; none where nothing moved.

    Shares that a split brings come from `equity:splits` and carry no cost; what a delisting takes
    is sold for what it paid; exchanged money passes through `equity:exchange`. Dividends and
    interest that were paid, not received, stand in the same accounts with the other sign.
    """
    if activity.kind is ActivityKind.MARGIN_CALL:
        return ()
    account, source = asset_account(activity.account), _CASH_FROM[activity.kind]
    amount = bookable("an amount", activity.amount)
    postings: list[Posting] = []
    if activity.quantity and activity.instrument is not None:
        shares = bookable("a number of shares", activity.quantity)
        other = SPLITS if activity.kind is ActivityKind.SPLIT else TRADING
        postings += _pair(account, other, activity.instrument, shares)
    if amount or (postings and activity.kind is ActivityKind.DELISTING):
        postings += _pair(account, source, activity.currency, amount)
    if activity.foreign and activity.foreign_currency is not None:
        foreign = bookable("an exchanged amount", activity.foreign)
        postings += _pair(account, source, activity.foreign_currency, foreign)
    return tuple(postings)


def _pair(account: str, other: str, commodity: str, amount: Decimal) -> list[Posting]:
    return [Posting(account, commodity, amount), Posting(other, commodity, -amount)]


def reversal_postings(entry: Entry) -> tuple[Posting, ...]:
    """Return the postings that take an entry back."""
    return tuple(Posting(p.account, p.commodity, -p.amount) for p in entry.postings)


def require_attributable(postings: tuple[Posting, ...]) -> None:
    """Refuse postings that move shares without saying what they cost.

    Lots are derived from entries, so an entry that moves shares names one instrument and one
    currency against `equity:trading`; only a split needs no cost. Raises InvalidInput.
    """
    moved = {p.commodity for p in postings if not is_currency(p.commodity)}
    if not moved or any(p.account == SPLITS for p in postings):
        return
    paid = {p.commodity for p in postings if p.account == TRADING and is_currency(p.commodity)}
    if len(moved) != 1 or len(paid) != 1:
        raise InvalidInput(
            "an entry that moves shares must say what they cost",
            value=f"{len(moved)} instruments, {len(paid)} currencies",
            bound=f"one instrument and one currency against {TRADING}",
            remedy="Book one entry for each instrument.",
        )

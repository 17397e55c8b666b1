"""The chart of accounts, and what an amount must be before it may be booked."""

import re
from decimal import (
    ROUND_DOWN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)

from fondaco.core.entry import Posting
from fondaco.core.errors import InvalidInput
from fondaco.core.money import require_finite

DEPOSITS = "equity:deposits"
TRADING = "equity:trading"
FEES = "expenses:fees"
DIVIDENDS = "income:dividends"
FRACTIONS = "income:fractions"
INTEREST = "income:interest"
BORROWING = "expenses:borrowing"
SPLITS = "equity:splits"
EXCHANGE = "equity:exchange"

AMOUNT_MAX = Decimal(10) ** 15
AMOUNT_PLACES_MAX = 9
POSTINGS_MAX = 100
_STEP = Decimal(1).scaleb(-AMOUNT_PLACES_MAX)
# Every sum and product of bookable amounts fits in 80 digits; if one did not, the trap would tell.
EXACT = Context(prec=80, traps=[InvalidOperation, DivisionByZero, Overflow, Inexact])
_ROUNDING = Context(prec=80, traps=[InvalidOperation, DivisionByZero, Overflow])

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}(:[a-z][a-z0-9_]{0,31}){0,3}")
_CURRENCY = re.compile(r"[A-Z]{3}")


def asset_account(account: str) -> str:
    """Return the ledger account of a trading account; a full account name stays as it is.

    Raises InvalidInput when it is not an account name.

    >>> asset_account("paper"), asset_account("expenses:fees")
    ('assets:paper', 'expenses:fees')
    """
    if not _NAME.fullmatch(account):
        raise InvalidInput(
            "this is not an account name",
            value=account[:80],
            bound="small letters, digits and _, parts joined by :",
            remedy="Write paper, or a full name such as expenses:fees.",
        )
    return account if ":" in account else f"assets:{account}"


def is_currency(commodity: str) -> bool:
    """Return whether a commodity is a currency: three capital letters; shares are ids.

    >>> is_currency("USD"), is_currency("I-0123456789ab")
    (True, False)
    """
    return _CURRENCY.fullmatch(commodity) is not None


def bookable(name: str, amount: Decimal) -> Decimal:
    """Return an amount that the books can hold exactly: finite, bounded, at most 9 decimals.

    Raises InvalidInput for a float, NaN, infinity, or an amount beyond the bounds.
    """
    require_finite(name, amount)
    if abs(amount) > AMOUNT_MAX:
        raise InvalidInput(
            f"{name} is too large to book", value=amount, bound=f"at most {AMOUNT_MAX:,f}"
        )
    if amount != amount.quantize(_STEP, rounding=ROUND_DOWN, context=_ROUNDING):
        raise InvalidInput(
            f"{name} has too many decimals to book exactly",
            value=amount,
            bound=f"at most {AMOUNT_PLACES_MAX} decimals",
        )
    return amount


def positive(name: str, amount: Decimal) -> Decimal:
    """Return a bookable amount above zero; raises InvalidInput."""
    if bookable(name, amount) <= 0:
        raise InvalidInput(f"{name} must be above zero", value=amount, bound="> 0")
    return amount


def share_of(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Return part/whole of an amount, cut towards zero at 9 decimals.

    What is cut stays with the rest, so that amount = share + remainder always holds.

    >>> share_of(Decimal(100), Decimal(1), Decimal(3))
    Decimal('33.333333333')
    """
    product = EXACT.multiply(amount, part)
    quotient = _ROUNDING.divide(product, whole)
    return quotient.quantize(_STEP, rounding=ROUND_DOWN, context=_ROUNDING)


def checked(postings: tuple[Posting, ...]) -> tuple[Posting, ...]:
    """Return postings whose accounts, commodities and amounts can be booked; else InvalidInput."""
    if len(postings) > POSTINGS_MAX:
        raise InvalidInput(
            "an entry has too many postings", value=len(postings), bound=f"at most {POSTINGS_MAX}"
        )
    for posting in postings:
        if not _NAME.fullmatch(posting.account) or ":" not in posting.account:
            raise InvalidInput(
                "this is not a ledger account",
                value=posting.account[:80],
                bound="kind:name, e.g. assets:paper",
            )
        if not posting.commodity or len(posting.commodity) > 64:
            raise InvalidInput(
                "a posting needs a commodity",
                value=posting.commodity[:80],
                bound="a currency or an instrument id",
            )
        bookable(f"the amount for {posting.account}", posting.amount)
    return postings

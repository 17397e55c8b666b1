"""The exact units that the venue counts in. Light: nothing is compiled here.

The venue's kernel counts in whole numbers: prices and cash in millionths of the currency
(micros), quantities in shares, rates in hundredths of a basis point. `Decimal` values outside
equal them to the last digit.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from fondaco.core.errors import InvalidInput
from fondaco.core.money import require_finite

MICRO = 1_000_000
CENT = 10_000
COUNT_MAX = 4 * 10**18
"""The largest count of micros that the kernel works with: 4 million million currency units."""
PRICE_MAX = 10**14
"""The largest price in micros: 100 million currency units."""

_STEP = Decimal(1).scaleb(-6)
_HALF_EVEN = Context(prec=60, rounding=ROUND_HALF_EVEN)


def to_micros(amount: Decimal) -> int:
    """Return an amount in micros, rounded half to even at the sixth decimal.

    Raises InvalidInput when it is not finite or too large to be counted.

    >>> to_micros(Decimal("1.2345675")), to_micros(Decimal("1.2345665"))
    (1234568, 1234566)
    """
    try:
        count = int(
            require_finite("an amount", amount)
            .quantize(_STEP, context=_HALF_EVEN)
            .scaleb(6, context=_HALF_EVEN)
        )
    except InvalidOperation:
        count = COUNT_MAX + 1
    if abs(count) > COUNT_MAX:
        raise InvalidInput(
            "an amount is too large for the venue to count",
            value=f"{amount:.3E}",
            bound=f"at most {COUNT_MAX // MICRO:,}",
        )
    return count


def from_micros(count: int) -> Decimal:
    """Return micros as an exact amount.

    >>> from_micros(1_500_000)
    Decimal('1.5')
    """
    text = f"{abs(count):07d}"
    digits = f"{text[:-6]}.{text[-6:]}".rstrip("0").rstrip(".")
    return Decimal(f"-{digits}" if count < 0 else digits)

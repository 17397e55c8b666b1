"""Money: an exact amount with its currency. Two currencies never mix by accident."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation, Overflow

from fondaco.core.errors import InvalidInput

DIGITS_MAX = 60
_EXACT = Context(prec=DIGITS_MAX, traps=[Inexact, InvalidOperation, Overflow])
_ROUNDING = Context(prec=DIGITS_MAX, rounding=ROUND_HALF_UP, traps=[InvalidOperation, Overflow])

# ISO 4217, list one: the currencies whose minor unit is not a hundredth.
_MINOR_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"), 0),
    **dict.fromkeys(("PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_DEFAULT_MINOR_DIGITS = 2


def minor_unit(currency: str) -> Decimal:
    """Return the smallest amount of a currency (ISO 4217 minor unit).

    >>> minor_unit("USD"), minor_unit("JPY")
    (Decimal('0.01'), Decimal('1'))
    """
    return Decimal(1).scaleb(-_MINOR_DIGITS.get(currency, _DEFAULT_MINOR_DIGITS))


def round_to_minor(amount: Decimal, currency: str) -> Decimal:
    """Round an amount to the currency's minor unit, half away from zero.

    Raises InvalidInput for NaN, infinity or an amount of more than 60 digits.

    >>> round_to_minor(Decimal("1.005"), "USD")
    Decimal('1.01')
    """
    require_finite("an amount of money", amount)
    try:
        return amount.quantize(minor_unit(currency), context=_ROUNDING)
    except InvalidOperation:
        raise _too_long(f"{amount:.3E} {currency}") from None


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Return the sum with every digit; raises InvalidInput rather than round.

    Python's own context rounds to 28 digits without a word, so 1E+28 + 1 - 1E+28 would be 0.

    >>> exact_sum([Decimal("1E+28"), Decimal(1), Decimal("-1E+28")])
    Decimal('1')
    """
    total = Decimal(0)
    for amount in amounts:
        try:
            total = _EXACT.add(total, amount)
        except (Inexact, Overflow):
            raise _too_long(f"{total:.3E} and {amount:.3E}") from None
    return total


def _too_long(value: str) -> InvalidInput:
    return InvalidInput(
        "an amount has too many digits to be kept exactly",
        value=value,
        bound=f"{DIGITS_MAX} digits from the first to the last",
    )


def require_finite(name: str, value: Decimal) -> Decimal:
    """Return a finite Decimal; a float, NaN or infinity is refused with the reason."""
    if not isinstance(value, Decimal):
        raise InvalidInput(
            f"{name} must be an exact decimal number", value=repr(value), bound="Decimal"
        )
    if not value.is_finite():
        raise InvalidInput(f"{name} must be a finite number", value=value, bound="finite")
    return value


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency.

    >>> Money(Decimal("1.10"), "USD") + Money(Decimal("2.05"), "USD")
    Money(amount=Decimal('3.15'), currency='USD')
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        require_finite("an amount of money", self.amount)
        code = self.currency
        if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            raise InvalidInput(
                "a currency is three capital letters",
                value=code,
                bound="ISO 4217 code",
                remedy="Write USD, EUR or INR.",
            )

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise InvalidInput(
                "two currencies cannot be added or compared",
                value=f"{self.currency} and {other.currency}",
                remedy="Convert one of them first.",
            )

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(exact_sum((self.amount, other.amount)), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(exact_sum((self.amount, other.amount.copy_negate())), self.currency)

    def __neg__(self) -> "Money":
        return Money(exact_sum((self.amount.copy_negate(),)), self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def __bool__(self) -> bool:
        raise TypeError("money has no truth value: compare its amount with zero")

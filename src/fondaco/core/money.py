"""Money: an exact amount with its currency. Two currencies never mix by accident."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from fondaco.core.errors import InvalidInput

_MINOR_DIGITS = {"JPY": 0, "KRW": 0, "BHD": 3, "KWD": 3}
_DEFAULT_MINOR_DIGITS = 2


def minor_unit(currency: str) -> Decimal:
    """Return the smallest amount of a currency (ISO 4217 minor unit).

    >>> minor_unit("USD"), minor_unit("JPY")
    (Decimal('0.01'), Decimal('1'))
    """
    return Decimal(1).scaleb(-_MINOR_DIGITS.get(currency, _DEFAULT_MINOR_DIGITS))


def round_to_minor(amount: Decimal, currency: str) -> Decimal:
    """Round an amount to the currency's minor unit, half away from zero.

    >>> round_to_minor(Decimal("1.005"), "USD")
    Decimal('1.01')
    """
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_UP)


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
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise InvalidInput(
                "a currency is three capital letters",
                value=self.currency,
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
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def __bool__(self) -> bool:
        raise TypeError("money has no truth value: compare its amount with zero")

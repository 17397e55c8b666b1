"""What a fill costs, and the exact units that the venue counts in. Light: nothing is compiled here.

The venue's kernel counts in whole numbers: prices and cash in millionths of the currency
(micros), quantities in shares, rates in hundredths of a basis point. `Decimal` values outside
equal them to the last digit.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from fondaco.core.errors import InvalidInput
from fondaco.core.money import require_finite

MICRO = 1_000_000
CENT = 10_000
RATE_UNIT = 100
COUNT_MAX = 4 * 10**18
"""The largest count of micros that the kernel works with: 4 million million currency units."""
PRICE_MAX = 10**14
"""The largest price in micros: 100 million currency units."""
COST_BPS_MAX = 1_000
FEE_MIN_MAX = 1_000

_STEP = Decimal(1).scaleb(-6)
_HALF_EVEN = Context(prec=60, rounding=ROUND_HALF_EVEN)
FEE_UNIT = 10_000 * RATE_UNIT * CENT
"""Micros of traded value times rate in a cent of fee: 10,000 bps are the whole value."""


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


@dataclass(frozen=True, slots=True)
class Costs:
    """What the venue charges: a rate in basis points of the traded value, and a minimum per fill.

    The rate takes at most two decimals, the minimum fee whole cents; raises InvalidInput beyond
    them, outside 0 to 1000, or when not finite.

    >>> Costs(Decimal("5"), Decimal("1.00")).fee(Decimal(100), Decimal(300))
    Decimal('15')
    """

    bps: Decimal
    fee_min: Decimal

    def __post_init__(self) -> None:
        _bounded("the cost in basis points", self.bps, COST_BPS_MAX)
        _bounded("the minimum fee", self.fee_min, FEE_MIN_MAX)

    @property
    def rate(self) -> int:
        """The rate in hundredths of a basis point."""
        return int(self.bps * RATE_UNIT)

    @property
    def fee_min_micros(self) -> int:
        """The minimum fee in micros."""
        return to_micros(self.fee_min)

    def fee(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return the fee of a fill: the larger of minimum and rate, half up to the cent.

        `quantity` is whole and not signed; raises InvalidInput otherwise.
        """
        if quantity < 0 or quantity != int(quantity):
            raise InvalidInput("the venue trades whole shares", value=quantity, bound="0, 1, 2, …")
        notional = int(quantity) * to_micros(price)
        cents = (2 * notional * self.rate + FEE_UNIT) // (2 * FEE_UNIT)
        return from_micros(max(cents * CENT, self.fee_min_micros))


def costs_of(bps: float | Decimal, fee_min: Decimal) -> Costs:
    """Return costs from a setting's or caller's numbers; `bps` is read as it is written.

    >>> costs_of(2.5, Decimal("1.00")).rate
    250
    """
    return Costs(Decimal(str(bps)), fee_min)


def _bounded(name: str, value: Decimal, most: int) -> None:
    if not 0 <= require_finite(name, value) <= most:
        raise InvalidInput(f"{name} is out of range", value=value, bound=f"0 to {most}")
    if value * 100 != int(value * 100):
        raise InvalidInput(
            f"{name} has too many decimals", value=value, bound="at most two decimals"
        )

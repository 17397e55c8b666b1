"""How a fact's value is said: rounded by its unit, always in the same way."""

from decimal import ROUND_HALF_EVEN, Decimal

from fondaco.core.facts import Fact
from fondaco.core.money import minor_unit

NOT_KNOWN = "not known"
ROUNDING = (
    "Percents, ratios, ranks and prices are rounded to two places and money to its minor "
    "unit, half to even; each fact holds its value in full."
)

_SHARES = {"share", "fraction", "weight", "probability"}
_PERCENTS = {"percent", "%"}
_BASIS_POINTS = {"bps", "basis points"}
_PLAIN = {"ratio", "rank", "score", "z", "index", "level", "number"}
_PRICE = "price "
_SINGULAR = {
    "days": "day",
    "entries": "entry",
    "forecasts": "forecast",
    "hours": "hour",
    "orders": "order",
    "sessions": "session",
    "shares": "share",
    "trades": "trade",
    "trials": "trial",
    "years": "year",
    "rebalances": "rebalance",
    "fills": "fill",
}


def spoken(fact: Fact | None) -> str:
    """Return the words of a fact's value with its unit; `not known` where there is no fact.

    Units: an ISO currency code is money; `price USD` a price; `share` a part of one, said in
    per cent; `percent` and `bps` themselves; `ratio`, `rank`, `z` a bare number; anything else is
    counted in that unit, whole where it is whole. A value that rounds to zero without being zero
    is said to be near it.
    """
    if fact is None:
        return NOT_KNOWN
    value, unit = fact.value, fact.unit
    if unit in _SHARES:
        return f"{_rounded(value * 100, Decimal('0.01'))} %"
    if unit in _PERCENTS:
        return f"{_rounded(value, Decimal('0.01'))} %"
    if unit in _BASIS_POINTS:
        return f"{_rounded(value, Decimal('0.1'))} bps"
    if unit in _PLAIN:
        return _rounded(value, Decimal("0.01"))
    if unit.startswith(_PRICE):
        return f"{_rounded(value, _price_step(value))} {unit.removeprefix(_PRICE)}"
    if len(unit) == 3 and unit.isascii() and unit.isupper():
        return f"{_rounded(value, minor_unit(unit))} {unit}"
    return _counted(value, unit)


def _price_step(value: Decimal) -> Decimal:
    return Decimal("0.01") if abs(value) >= 1 else Decimal("0.0001")


def _counted(value: Decimal, unit: str) -> str:
    if value == value.to_integral_value():
        words = f"{value:,.0f} {_SINGULAR.get(unit, unit) if abs(value) == 1 else unit}"
    else:
        words = f"{_rounded(value, Decimal('0.01'))} {unit}"
    return words.rstrip()


def _rounded(value: Decimal, step: Decimal) -> str:
    rounded = value.quantize(step, rounding=ROUND_HALF_EVEN)
    if rounded == 0 and value != 0:
        return f"under {step}" if value > 0 else f"just below zero, above -{step}"
    return f"{abs(rounded) if rounded == 0 else rounded:,}"

"""Money is exact, or it is refused."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.core.money import Money, exact_sum, minor_unit, require_finite, round_to_minor

amounts = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**24), max_value=10**24, places=12
)


@given(st.lists(amounts, max_size=30))
def test_a_sum_is_that_of_exact_fractions(parts: list[Decimal]) -> None:
    assert Fraction(exact_sum(parts)) == sum((Fraction(p) for p in parts), Fraction(0))


@given(amounts, amounts)
def test_adding_and_taking_away_gives_back_the_same(a: Decimal, b: Decimal) -> None:
    assert Money(a, "USD") + Money(b, "USD") - Money(b, "USD") == Money(a, "USD")
    opposite = -Money(a, "USD")
    assert -opposite == Money(a, "USD")


def test_a_sum_that_python_would_round_keeps_its_last_digit() -> None:
    big, one = Money(Decimal("1E+28"), "USD"), Money(Decimal(1), "USD")
    assert (big + one - big).amount == 1


@pytest.mark.parametrize("parts", [("1E+80", "1"), ("1E-80", "1"), ("9E+999999", "9E+999999")])
def test_a_sum_with_too_many_digits_is_refused_rather_than_rounded(parts: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="too many digits"):
        exact_sum(Decimal(p) for p in parts)


@given(amounts, st.sampled_from(["USD", "JPY", "KWD", "CLF"]))
def test_rounding_moves_by_half_a_minor_unit_at_most(amount: Decimal, currency: str) -> None:
    unit = Fraction(minor_unit(currency))
    rounded = Fraction(round_to_minor(amount, currency))
    assert abs(rounded - Fraction(amount)) <= unit / 2
    assert (rounded / unit).denominator == 1


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049", "0.00"), ("2.675", "2.68")],
)
def test_halves_round_away_from_zero(amount: str, rounded: str) -> None:
    assert round_to_minor(Decimal(amount), "USD") == Decimal(rounded)


@pytest.mark.parametrize(
    ("currency", "digits"), [("USD", 2), ("INR", 2), ("JPY", 0), ("CLP", 0), ("OMR", 3), ("CLF", 4)]
)
def test_minor_units_are_those_of_iso_4217(currency: str, digits: int) -> None:
    assert minor_unit(currency) == Decimal(1).scaleb(-digits)


def test_an_amount_too_long_to_round_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too many digits"):
        round_to_minor(Decimal("1E+70"), "USD")


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_money_is_finite(value: str) -> None:
    with pytest.raises(InvalidInput, match="finite"):
        Money(Decimal(value), "USD")
    with pytest.raises(InvalidInput, match="finite"):
        round_to_minor(Decimal(value), "USD")


@pytest.mark.parametrize("value", [1.5, 1, "1", None])
def test_money_is_a_decimal_and_nothing_else(value: object) -> None:
    with pytest.raises(InvalidInput, match="exact decimal"):
        require_finite("an amount", value)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["usd", "US", "USDT", "U1D", "US ", "ÜSD", ""])
def test_a_currency_is_three_capital_letters(code: str) -> None:
    with pytest.raises(InvalidInput, match="three capital letters"):
        Money(Decimal(1), code)


def test_two_currencies_never_mix() -> None:
    dollar, euro = Money(Decimal(1), "USD"), Money(Decimal(1), "EUR")
    for mix in (
        lambda: dollar + euro,
        lambda: dollar - euro,
        lambda: dollar < euro,
        lambda: dollar > euro,
    ):
        with pytest.raises(InvalidInput, match="two currencies"):
            mix()
    assert dollar != euro


def test_money_compares_by_amount_and_has_no_truth_value() -> None:
    assert Money(Decimal(1), "USD") < Money(Decimal(2), "USD")
    assert Money(Decimal("1.0"), "USD") == Money(Decimal("1.00"), "USD")
    with pytest.raises(TypeError, match="no truth value"):
        bool(Money(Decimal(0), "USD"))

"""The venue's units: micros and decimals are the same number, floats are their decimal text."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.trading.costs import COUNT_MAX, MICRO, from_micros, to_micros
from fondaco.trading.simulator.prices import array_micros


@given(st.floats(1e-6, 1e8))
@example(1.0000005)
@example(1.0000015)
@example(2.5000005)
@example(8.0000005)
@example(4.1234565)
def test_a_float_price_equals_its_decimal_text(price: float) -> None:
    text = Decimal(repr(price)).quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
    assert array_micros(np.array([[price]]))[0, 0] == int(text * MICRO) == to_micros(text)


def test_a_missing_price_is_zero() -> None:
    assert array_micros(np.array([np.nan, 1.5])).tolist() == [0, 1_500_000]


@pytest.mark.parametrize("price", [0.0, -1.0, 4e-7, float("inf"), 1e9])
def test_a_price_that_cannot_be_traded_is_refused_with_its_place(price: float) -> None:
    with pytest.raises(InvalidInput, match=r"place \(0, 1\)"):
        array_micros(np.array([[1.0, price]]))


@given(st.integers(-COUNT_MAX, COUNT_MAX))
def test_micros_and_decimals_are_the_same_number(count: int) -> None:
    amount = from_micros(count)
    assert Fraction(amount) == Fraction(count, MICRO)
    assert to_micros(amount) == count


@pytest.mark.parametrize("amount", ["4000000000000.000001", "-1E+20", "NaN", "Infinity", "1E+999"])
def test_an_amount_beyond_counting_is_refused(amount: str) -> None:
    with pytest.raises(InvalidInput):
        to_micros(Decimal(amount))

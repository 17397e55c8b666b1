"""Target weights to whole-share orders: exact, cut towards zero, never more than the account."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.trading.simulator.money import of_parts
from fondaco.trading.simulator.targets import NO_TARGET
from fondaco.trading.sizing import PART, order_quantity, weight_parts


@given(st.integers(0, 4 * 10**18), st.integers(0, PART))
@example(4 * 10**18, PART)
def test_a_part_of_an_amount_is_exact(amount: int, parts: int) -> None:
    assert of_parts(amount, parts, PART) == amount * parts // PART  # Python's have no limit


@pytest.mark.parametrize(
    ("weight", "price", "held", "lot", "quantity"),
    [
        (0.25, "49.50", 0, 1, 50),  # 2475 / 49.50
        (0.25, "49.51", 0, 1, 49),
        (0.25, "49.50", 20, 1, 30),
        (0.25, "49.50", 80, 1, -30),
        (0.0, "49.50", 80, 1, -80),
        (1.0, "3.00", 0, 1, 3300),  # 9900 / 3
        (-0.25, "49.51", 0, 1, -49),
        (0.25, "49.50", 0, 7, 49),  # 7 lots of 7
        (0.25, "9901", 0, 1, 0),
    ],
)
def test_a_target_weight_becomes_whole_shares(
    weight: float, price: str, held: int, lot: int, quantity: int
) -> None:
    # By hand from 10,000 of equity, 1 % of it kept back.
    assert (
        order_quantity(Decimal(10_000), weight, Decimal(price), Decimal(held), Decimal(lot))
        == quantity
    )


def test_no_weight_is_no_order() -> None:
    assert order_quantity(Decimal(100), float("nan"), Decimal(1), Decimal(5)) == 0


def test_an_account_worth_nothing_sells_what_it_holds() -> None:
    assert order_quantity(Decimal(-5), 0.5, Decimal(1), Decimal(7)) == -7


def test_a_small_trade_is_skipped_only_when_asked_and_never_an_exit() -> None:
    def quantity(weight: float, trade_min: str) -> Decimal:
        return order_quantity(
            Decimal(10_000), weight, Decimal(10), Decimal(100), trade_min=Decimal(trade_min)
        )

    assert quantity(0.11, "0") == 8  # 1089 / 10 = 108
    assert quantity(0.11, "80") == 8
    assert quantity(0.11, "80.01") == 0
    assert quantity(0.0, "100000") == -100


@given(
    st.decimals(1, 10**9, places=2),
    st.floats(0, 1),
    st.decimals("0.01", 10**5, places=6),
    st.integers(1, 100),
)
def test_a_buy_never_costs_more_than_its_share_of_the_account(
    equity: Decimal, weight: float, price: Decimal, lot: int
) -> None:
    quantity = order_quantity(equity, weight, price, Decimal(0), Decimal(lot))
    most = Fraction(equity) * Fraction(99, 100) * Fraction(weight)
    slack = Fraction(equity) / PART + Fraction(2, 10**6)  # a weight's and an amount's last digit
    assert 0 <= Fraction(quantity) * Fraction(price) <= most + slack
    assert Fraction(quantity + lot) * Fraction(price) > most - slack
    assert quantity % lot == 0


def test_more_equity_weight_or_a_lower_price_buys_more() -> None:
    base = order_quantity(Decimal(10_000), 0.2, Decimal(10), Decimal(0))
    assert order_quantity(Decimal(20_000), 0.2, Decimal(10), Decimal(0)) > base
    assert order_quantity(Decimal(10_000), 0.3, Decimal(10), Decimal(0)) > base
    assert order_quantity(Decimal(10_000), 0.2, Decimal(9), Decimal(0)) > base
    assert order_quantity(Decimal(10_000), 0.2, Decimal(10), Decimal(1)) < base


@pytest.mark.parametrize(
    "bad",
    [
        {"price": Decimal(0)},
        {"price": Decimal(-1)},
        {"held": Decimal("0.5")},
        {"lot": Decimal("0.5")},
        {"lot": Decimal(0)},
        {"weight": 1.01},
        {"weight": float("inf")},
        {"equity": Decimal("NaN")},
    ],
)
def test_bad_input_is_refused(bad: dict[str, object]) -> None:
    given = {"equity": Decimal(100), "weight": 0.5, "price": Decimal(1), "held": Decimal(0)}
    with pytest.raises(InvalidInput):
        order_quantity(**{**given, **bad})  # type: ignore[arg-type]


def test_weights_become_parts_and_a_missing_one_is_no_target() -> None:
    parts = weight_parts(np.asfortranarray([[1 / 3, np.nan], [-1.0, 0.0]]))
    assert parts.tolist() == [[333_333_333, NO_TARGET], [-PART, 0]]
    assert parts.flags.c_contiguous


def test_a_weight_out_of_range_is_located() -> None:
    with pytest.raises(InvalidInput, match=r"place \(1, 0\).*1\.5"):
        weight_parts(np.array([[0.5, np.nan], [1.5, 0.0]]))

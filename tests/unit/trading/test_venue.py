"""The venue's kernel and its units: exact against arithmetic without limits."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Order, Side
from fondaco.core.prices import Bar
from fondaco.trading.costs import COUNT_MAX, MICRO, Costs, costs_of, from_micros, to_micros
from fondaco.trading.venue import (
    OVERFLOW,
    Counts,
    account_value,
    array_micros,
    fee_micros,
    fill_bar,
    fill_in_bar,
    held_after,
    within_count,
)

SHARE = InstrumentId("I-aaaaaaaaaaaa")
CLOSE = datetime(2019, 7, 1, 20, tzinfo=UTC)
COSTS = Costs(Decimal("5"), Decimal("1.00"))


def _exact_fee(notional: int, rate: int, fee_min: int) -> int:
    """By fractions: rate x value, half up to the cent, at least the minimum."""
    cents = Fraction(notional * rate, 10_000 * 100 * 10_000)
    return max(int(cents + Fraction(1, 2)) * 10_000, fee_min)


@given(
    st.integers(0, COUNT_MAX),
    st.integers(0, 100_000),
    st.integers(0, 1000).map(lambda cents: cents * 10_000),
)
@example(COUNT_MAX, 100_000, 0)
@example(10_000_000, 500, 0)  # 10.00 at 5 bps is half a cent: up
@example(9_999_999, 500, 0)
def test_the_fee_is_exact_for_any_value(notional: int, rate: int, fee_min: int) -> None:
    assert fee_micros(notional, rate, fee_min) == _exact_fee(notional, rate, fee_min)


@given(
    st.integers(0, 10**6),
    st.decimals(Decimal("0.000001"), 10**5, places=6),
    st.decimals(0, 1000, places=2),
    st.decimals(0, 1000, places=2),
)
def test_the_fee_outside_the_kernel_is_the_same(
    quantity: int, price: Decimal, bps: Decimal, least: Decimal
) -> None:
    costs = Costs(bps, least)
    by_rule = max((quantity * price * bps / 10_000).quantize(Decimal("0.01"), ROUND_HALF_UP), least)
    assert costs.fee(Decimal(quantity), price) == by_rule
    inside = fee_micros(quantity * to_micros(price), costs.rate, costs.fee_min_micros)
    assert from_micros(inside) == by_rule


def _bar(
    price: list[int], working: list[int], position: list[int], cash: int, costs: Costs = COSTS
) -> tuple[int, list[list[int]], int]:
    arrays = [np.array(values, dtype=np.int64) for values in (working, position)]
    filled, fee = (np.full(len(price), 7, dtype=np.int64) for _ in range(2))
    held = np.array([cash], dtype=np.int64)
    done = fill_bar(
        np.array(price, dtype=np.int64),
        *arrays,
        held,
        costs.rate,
        costs.fee_min_micros,
        filled,
        fee,
    )
    return done, [a.tolist() for a in (*arrays, filled, fee)], int(held[0])


def test_a_bar_fills_what_trades_and_leaves_the_rest_working() -> None:
    # By hand: 10 x 100 + fee 1; -20 x 500 gives 10000, fee 5; the third does not trade.
    done, (working, position, filled, fee), cash = _bar(
        [100 * MICRO, 500 * MICRO, 0], [10, -20, 5], [0, 30, 0], 0
    )
    assert done == 2
    assert (working, position) == ([0, 0, 5], [10, 10, 0])
    assert (filled, fee) == ([10, -20, 0], [1 * MICRO, 5 * MICRO, 0])
    assert cash == (10_000 - 5 - 1_000 - 1) * MICRO


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**9), st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6)
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(0, 10**15),
    st.integers(0, 10_000),
    st.integers(0, 1_000),
)
def test_nothing_is_made_or_lost_in_a_bar(
    rows: list[tuple[int, int, int]], cash: int, rate: int, cents: int
) -> None:
    price, working, position = (list(column) for column in zip(*rows, strict=True))
    costs = Costs(Decimal(rate) / 100, Decimal(cents) / 100)
    done, (left, held, filled, fee), after = _bar(price, working, position, cash, costs)
    assert done == sum(bool(p and w) for p, w in zip(price, working, strict=True))
    assert [h - p for h, p in zip(held, position, strict=True)] == filled
    assert [f + w for f, w in zip(filled, left, strict=True)] == working
    assert cash - after == sum(p * f for p, f in zip(price, filled, strict=True)) + sum(fee)


def _worth(last: Counts, position: Counts, cash: int) -> tuple[int, int]:
    gross = np.zeros(1, dtype=np.int64)
    value = account_value(last, position, np.array([cash], dtype=np.int64), gross)
    return value, int(gross[0])


def _counts(last: Counts, position: Counts, cash: int) -> bool:
    return bool(within_count(last, position, np.array([cash], dtype=np.int64)))


def test_a_count_beyond_the_limit_is_told_not_wrapped() -> None:
    assert _bar([10**14], [10**6], [0], 0)[0] == OVERFLOW
    assert _bar([MICRO], [3], [0], -COUNT_MAX)[0] == OVERFLOW
    one = np.array([10**9], dtype=np.int64)
    two = np.array([2 * 10**9, -2 * 10**9], dtype=np.int64)
    assert _counts(one, one, 3 * 10**18)
    assert not _counts(one, one, -4 * 10**18)
    assert not _counts(one * 10**9, one * 10**9, 0)  # 10^36 would wrap around
    assert not _counts(abs(two), two, 0)  # a value of nothing, but of parts that are too large


def test_an_account_is_worth_its_cash_and_positions() -> None:
    last, position = (np.array(row, dtype=np.int64) for row in ([2, 3], [5, -7]))
    assert _worth(last, position, 100) == (100 + 10 - 21, 10 + 21)


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


@pytest.mark.parametrize(
    ("bps", "least"),
    [
        ("-1", "1"),
        ("1000.01", "1"),
        ("5.001", "1"),
        ("5", "-0.01"),
        ("5", "1.001"),
        ("5", "1000.01"),
        ("NaN", "1"),
    ],
)
def test_costs_outside_their_bounds_are_refused(bps: str, least: str) -> None:
    with pytest.raises(InvalidInput):
        Costs(Decimal(bps), Decimal(least))


def test_costs_are_read_as_they_are_written() -> None:
    assert costs_of(0.1, Decimal("0.35")) == Costs(Decimal("0.1"), Decimal("0.35"))
    assert costs_of(0.29, Decimal(0)).rate == 29  # 0.29 x 100 is 28.999999999999996 in floats


@pytest.mark.parametrize("quantity", ["1.5", "-1"])
def test_a_fee_of_part_of_a_share_is_refused(quantity: str) -> None:
    with pytest.raises(InvalidInput, match="whole shares"):
        COSTS.fee(Decimal(quantity), Decimal(10))


def _order(side: Side = Side.BUY, quantity: str = "10") -> Order:
    return Order("C1", "paper", SHARE, side, Decimal(quantity))


def _day(close: str, opened: str | None = None) -> Bar:
    return Bar(
        SHARE,
        date(2019, 7, 1),
        CLOSE,
        CLOSE,
        Decimal(close),
        open=None if opened is None else Decimal(opened),
    )


def test_one_order_is_filled_by_the_same_kernel() -> None:
    fill = fill_in_bar(_order(Side.SELL), _day("101.25", "300"), COSTS, "USD")
    assert (fill.price, fill.quantity, fill.side) == (Decimal(300), Decimal(10), Side.SELL)
    assert fill.fee == Decimal("1.5")  # 3000 x 0.0005
    assert (fill.ts, fill.known_at, fill.currency) == (CLOSE, CLOSE, "USD")
    assert fill.execution_id == "X-C1"


def test_without_an_open_the_close_is_the_price() -> None:
    assert fill_in_bar(_order(), _day("101.25"), COSTS, "USD").price == Decimal("101.25")


@pytest.mark.parametrize("quantity", ["0.5", "10.000001", "1E+13"])
def test_a_quantity_that_is_not_whole_or_not_countable_is_refused(quantity: str) -> None:
    with pytest.raises(InvalidInput):
        fill_in_bar(_order(quantity=quantity), _day("10"), COSTS, "USD")


def test_a_trade_too_large_to_count_is_refused() -> None:
    with pytest.raises(InvalidInput, match="so large"):
        fill_in_bar(_order(quantity="1000000000000"), _day("5000"), COSTS, "USD")


def test_fills_add_up_to_what_is_held() -> None:
    bar = _day("10")
    fills = [
        fill_in_bar(_order(side, quantity), bar, COSTS, "USD")
        for side, quantity in [(Side.BUY, "10"), (Side.SELL, "4")]
    ]
    assert held_after(fills) == {SHARE: Decimal(6)}
    assert held_after([*fills, fill_in_bar(_order(Side.SELL, "6"), bar, COSTS, "USD")]) == {}

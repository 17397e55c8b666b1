"""Averages are compared exactly: against Python's integers, on ties, at the edge of int64."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.research.crossing import (
    ABOVE,
    BELOW,
    EQUAL,
    INT64_MAX,
    STATE_SIZE,
    UNKNOWN,
    Micros,
    check_exact,
    close_micros,
    sma_side,
    sma_sides,
    sma_sides_column,
    sma_step,
)
from fondaco.trading.simulator.prices import array_micros

# Few ticks make many exact ties; 0 is a missing bar.
TICKS = st.lists(st.sampled_from([0, 10_000, 20_000, 30_000]), min_size=1, max_size=60)
PRICES = st.lists(st.integers(0, 10**15), min_size=1, max_size=40)
WINDOWS = st.tuples(st.integers(1, 12), st.integers(1, 12)).map(sorted)


def by_hand(prices: list[int], fast: int, slow: int) -> list[int]:
    """The definition, in Python's integers, which have no bound."""
    sides = []
    for t in range(len(prices)):
        window = prices[max(0, t + 1 - slow) : t + 1]
        if len(window) < slow or 0 in window:
            sides.append(UNKNOWN)
            continue
        left, right = sum(window[-fast:]) * slow, sum(window) * fast
        sides.append(ABOVE if left > right else BELOW if left < right else EQUAL)
    return sides


def stepped(prices: list[int], fast: int, slow: int) -> list[int]:
    ring, state = np.zeros(slow, dtype=np.int64), np.zeros(STATE_SIZE, dtype=np.int64)
    return [sma_step(ring, state, price, fast) for price in prices]


@settings(deadline=None)
@given(TICKS | PRICES, WINDOWS)
def test_every_form_gives_the_side_of_exact_arithmetic(
    prices: list[int], windows: list[int]
) -> None:
    fast, slow = windows
    column: Micros = np.array(prices, dtype=np.int64)
    check_exact(column, fast, slow)
    expected = by_hand(prices, fast, slow)
    assert sma_sides_column(column, fast, slow).tolist() == expected
    assert stepped(prices, fast, slow) == expected
    table = np.ascontiguousarray(np.column_stack([column, column[::-1]]))
    both = sma_sides(table, fast, slow)
    assert both[:, 0].tolist() == expected
    assert both[:, 1].tolist() == by_hand(prices[::-1], fast, slow)


def test_a_tie_on_a_tick_grid_is_no_cross_although_floats_call_it_one() -> None:
    # The mean of 0.1, 0.2 and 0.3 is 0.2, as is that of 0.2 alone; sums of floats say 0.2000...01.
    prices = [0.1, 0.3, 0.2]
    assert sum(prices) / 3 != prices[-1]
    assert sma_sides_column(close_micros(np.array(prices)), 1, 3).tolist()[-1] == EQUAL


def test_a_missing_bar_leaves_the_side_unknown_until_the_window_is_whole() -> None:
    close = np.array([1.0, 2.0, np.nan, 3.0, 4.0, 3.0])
    sides = sma_sides_column(close_micros(close), 1, 2)
    assert sides.tolist() == [UNKNOWN, ABOVE, UNKNOWN, UNKNOWN, ABOVE, BELOW]


def test_the_bound_holds_at_the_edge_of_int64_and_one_past_it_is_refused() -> None:
    fast, slow = 3, 7
    highest = INT64_MAX // (fast * slow)
    prices = [highest] * 6 + [highest - 1, highest]
    check_exact(np.array(prices, dtype=np.int64), fast, slow)
    assert stepped(prices, fast, slow) == by_hand(prices, fast, slow)
    with pytest.raises(InvalidInput, match="cannot be compared exactly"):
        check_exact(np.array([highest + 1], dtype=np.int64), fast, slow)


@pytest.mark.parametrize(("fast", "slow"), [(0, 5), (6, 5)])
def test_windows_the_wrong_way_round_are_refused(fast: int, slow: int) -> None:
    with pytest.raises(InvalidInput, match="fast window"):
        check_exact(np.array([1], dtype=np.int64), fast, slow)


def test_negative_prices_are_refused() -> None:
    with pytest.raises(InvalidInput, match="exactly"):
        check_exact(np.array([-1], dtype=np.int64), 1, 2)


def test_closes_become_micros_and_what_is_no_price_becomes_none() -> None:
    close = np.array([[12.34, np.nan], [-1.0, 0.0], [0.000001, 4e6]])
    assert close_micros(close).tolist() == [[12_340_000, 0], [0, 0], [1, 4_000_000_000_000]]


@settings(deadline=None)
@given(st.lists(st.integers(1, 10**13), min_size=1, max_size=20), st.sampled_from([6, 7]))
def test_prices_are_counted_as_the_venue_counts_them(units: list[int], places: int) -> None:
    # With seven places one price in ten ends on half a micro.
    close = np.array([unit / 10**places for unit in (*units, 5, 15, 10_000_005)])
    close = close[close > 0.6e-6]
    assert close_micros(close).tolist() == array_micros(close).tolist()


@pytest.mark.parametrize("price", [1e13, np.inf])
def test_a_price_too_large_to_count_is_refused(price: float) -> None:
    with pytest.raises(InvalidInput, match="cannot be counted"):
        close_micros(np.array([price]))


def test_one_comparison_has_three_answers() -> None:
    assert [sma_side(x, 10, 1, 2) for x in (4, 5, 6)] == [BELOW, EQUAL, ABOVE]

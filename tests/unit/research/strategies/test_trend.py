"""Trend: equal to exact fractions and to polars' rolling channels, session by session."""

from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix
from fondaco.research.strategies.schedule import WEEKLY, held, rebalance_rows
from fondaco.research.strategies.trend import donchian_trend, sma_trend
from unit.research.scene import column, panel_of

CENTS = st.lists(st.integers(1, 6), min_size=1, max_size=50)


@settings(deadline=None)
@given(CENTS, st.integers(1, 4), st.integers(1, 6), st.sampled_from([0, 1]))
def test_the_side_is_that_of_exact_fractions_and_a_tie_keeps_the_one_before(
    cents: list[int], fast: int, more: int, short: int
) -> None:
    slow = fast + more
    weights = sma_trend(fast=fast, slow=slow, short=short).weights(
        column(*(c / 100 for c in cents))
    )
    wanted, side = [], float("nan")
    for t in range(len(cents)):
        if t >= slow - 1:
            quick = Fraction(sum(cents[t + 1 - fast : t + 1]), fast)
            calm = Fraction(sum(cents[t + 1 - slow : t + 1]), slow)
            side = side if quick == calm else 1.0 if quick > calm else -float(short)
        wanted.append(side)
    assert np.array_equal(held(weights)[:, 0], np.array(wanted), equal_nan=True)


def test_each_name_has_its_own_slot_and_drifts_between_crosses() -> None:
    # By hand, averages of 1 and 2 closes: the first name rises, falls, rises; the second rises.
    close = np.array([[1.0, 1.0], [2.0, 2.0], [1.0, 3.0], [2.0, 4.0]])
    weights = sma_trend(fast=1, slow=2).weights(panel_of(close))
    nan = float("nan")
    expected = np.array([[nan, nan], [0.5, 0.5], [0.0, nan], [0.5, nan]])
    assert np.array_equal(weights, expected, equal_nan=True)


def test_a_weekly_trend_decides_only_at_the_first_session_of_a_week() -> None:
    close = 100 * np.exp(np.random.default_rng(1).normal(0, 0.02, (90, 3)).cumsum(axis=0))
    panel = panel_of(close)
    rows = np.flatnonzero(
        ~np.isnan(sma_trend(fast=2, slow=5, every=WEEKLY).weights(panel)).all(axis=1)
    )
    assert len(rows) > 3
    assert set(rows) <= set(rebalance_rows(panel.sessions, WEEKLY))


def test_prices_too_high_to_compare_exactly_are_refused() -> None:
    with pytest.raises(InvalidInput, match="exactly"):
        sma_trend(fast=500, slow=1_000).weights(column(1e9))


def test_a_fast_window_that_is_not_the_shorter_is_refused() -> None:
    with pytest.raises(InvalidInput, match="fast must lie below slow"):
        sma_trend(fast=50, slow=50)


def _oracle(close: Matrix, entry: int, leave: int, short: bool) -> Matrix:
    """Channels by polars' rolling windows, and the rule in plain Python."""
    frame = pl.DataFrame({"x": close}).select(
        "x",
        top=pl.col("x").shift(1).rolling_max(entry),
        floor=pl.col("x").shift(1).rolling_min(entry),
        ceiling=pl.col("x").shift(1).rolling_max(leave),
        stop=pl.col("x").shift(1).rolling_min(leave),
    )
    side, sides = 0.0, []
    for row in frame.iter_rows(named=True):
        if None in row.values():
            sides.append(float("nan"))
            continue
        if row["x"] > row["top"]:
            side = 1.0
        elif short and row["x"] < row["floor"]:
            side = -1.0
        elif (side > 0 and row["x"] < row["stop"]) or (side < 0 and row["x"] > row["ceiling"]):
            side = 0.0
        sides.append(side)
    return np.array(sides)


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 12).map(float), min_size=1, max_size=60),
    st.integers(2, 8),
    st.integers(1, 8),
    st.sampled_from([0, 1]),
)
def test_the_channel_rule_equals_polars_and_plain_python(
    close: list[float], entry: int, leave: int, short: int
) -> None:
    weights = donchian_trend(entry=entry, exit=leave, short=short).weights(column(*close))
    expected = _oracle(np.array(close), entry, leave, bool(short))
    assert np.array_equal(held(weights)[:, 0], held(expected[:, None])[:, 0], equal_nan=True)


def test_a_missing_close_leaves_the_position_until_the_channel_is_whole() -> None:
    # By hand: in at 3 above (1, 2); the gap hides a fall to 1; out when (4, 3) is whole again.
    nan = float("nan")
    weights = donchian_trend(entry=2, exit=2).weights(column(1, 2, 3, nan, 1, 4, 3, 2))
    assert held(weights)[:, 0].tolist()[2:] == [1.0, 1.0, 1.0, 1.0, 1.0, 0.0]

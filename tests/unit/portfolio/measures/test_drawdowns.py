"""Falls by hand on short curves, and what holds for every curve."""

from datetime import date
from itertools import pairwise
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures import drawdowns as metrics

DAYS = np.arange("2019-07-01", "2019-08-30", dtype="datetime64[D]")


def _curve(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def test_the_deepest_fall_has_its_days() -> None:
    fall = metrics.max_drawdown(_curve(100, 120, 90, 108, 119, 120, 60, 90), DAYS)
    assert fall.depth == pytest.approx(-0.5)
    assert (fall.peak, fall.trough, fall.recovered) == (date(2019, 7, 2), date(2019, 7, 7), None)
    back = metrics.max_drawdown(_curve(100, 120, 90, 121, 100), DAYS)
    assert (back.depth, back.peak, back.trough, back.recovered) == (
        -0.25,
        date(2019, 7, 2),
        date(2019, 7, 3),
        date(2019, 7, 4),
    )


def test_an_account_that_only_rose_never_fell() -> None:
    fall = metrics.max_drawdown(_curve(1, 2, 3), DAYS)
    assert (fall.depth, fall.peak, fall.trough, fall.recovered) == (0.0, None, None, None)


def test_of_two_equal_falls_the_first_counts() -> None:
    fall = metrics.max_drawdown(_curve(100, 50, 100, 50, 100), DAYS)
    assert (fall.peak, fall.trough, fall.recovered) == (
        date(2019, 7, 1),
        date(2019, 7, 2),
        date(2019, 7, 3),
    )


def test_the_worst_falls_stand_deepest_first_with_their_lengths() -> None:
    # Highs 100, 110, 120; falls of 10 %, 50 % (not regained: 60 of 120) and none inside another.
    curve = _curve(100, 90, 95, 110, 99, 110, 120, 60, 90)
    first, second, third = metrics.worst_drawdowns(curve, DAYS[:9])
    assert (first.depth, first.peak, first.trough, first.recovered) == (
        pytest.approx(-0.5),
        date(2019, 7, 7),
        date(2019, 7, 8),
        None,
    )
    assert (first.days_down, first.days_back, first.days_all) == (1, None, None)
    assert (second.peak, second.recovered) == (date(2019, 7, 1), date(2019, 7, 4))
    assert (second.days_down, second.days_back, second.days_all) == (1, 2, 3)
    assert (third.peak, third.trough, third.recovered) == (
        date(2019, 7, 4),
        date(2019, 7, 5),
        date(2019, 7, 6),
    )
    assert len(metrics.worst_drawdowns(curve, DAYS[:9], count=1)) == 1


def test_average_fall_ulcer_and_time_under_water_by_hand() -> None:
    # Falls of 10 % and 30 %: mean 20 %. Their squares over 4 sessions: (0.01 + 0.09) / 4.
    curve = _curve(100, 90, 100, 70)
    assert metrics.average_drawdown(curve) == pytest.approx(-0.2)
    assert metrics.ulcer_index(curve) == pytest.approx((0.10 / 4) ** 0.5)
    assert metrics.longest_under_water(curve, DAYS[:4]) == 2
    weekend = np.array(["2019-07-05", "2019-07-08", "2019-07-09"], dtype="datetime64[D]")
    assert metrics.longest_under_water(_curve(100, 90, 80), weekend) == 4  # to the last day


def test_a_rising_or_empty_account_has_no_falls() -> None:
    for curve in (_curve(1, 2, 3), _curve(5, 5, 5), _curve(7)):
        days = DAYS[: len(curve)]
        assert metrics.worst_drawdowns(curve, days) == ()
        assert metrics.longest_under_water(curve, days) == 0
        assert metrics.average_drawdown(curve) == metrics.ulcer_index(curve) == 0.0
        assert metrics.max_drawdown(curve, days).days_all is None
    assert metrics.worst_drawdowns(_curve(), DAYS[:0]) == ()
    assert metrics.max_drawdown(_curve(), DAYS[:0]).depth == 0.0
    assert isnan(metrics.average_drawdown(_curve()))
    assert isnan(metrics.ulcer_index(_curve()))


def test_days_of_another_length_are_refused() -> None:
    with pytest.raises(InvalidInput, match="one length"):
        metrics.worst_drawdowns(_curve(1, 2), DAYS[:3])
    with pytest.raises(InvalidInput, match="one length"):
        metrics.longest_under_water(_curve(1, 2), DAYS[:3])


curves = st.lists(st.integers(1, 1_000), min_size=1, max_size=50)


@given(curves)
def test_the_worst_falls_are_apart_ordered_and_led_by_the_deepest(values: list[int]) -> None:
    curve, days = np.array(values, dtype=np.float64), DAYS[: len(values)]
    falls = metrics.worst_drawdowns(curve, days, count=100)
    assert all(a.depth <= b.depth < 0 for a, b in pairwise(falls))
    deepest = metrics.max_drawdown(curve, days)
    assert (falls[0].depth if falls else 0.0) == deepest.depth
    spans = sorted((f.peak, f.recovered or date.max) for f in falls if f.peak)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    under = sum(
        value < high for value, high in zip(values, np.maximum.accumulate(curve), strict=True)
    )
    spells = metrics.spells(curve)
    ends = np.where(spells[:, 2] < 0, len(values), spells[:, 2])
    assert int(np.sum(ends - spells[:, 0] - 1)) == under


@given(curves)
def test_a_curve_in_another_unit_has_the_same_falls(values: list[int]) -> None:
    curve, days = np.array(values, dtype=np.float64), DAYS[: len(values)]
    assert metrics.worst_drawdowns(curve * 4, days) == metrics.worst_drawdowns(curve, days)
    assert metrics.ulcer_index(curve * 4) == metrics.ulcer_index(curve)


def test_every_measure_of_falls_moves_with_its_curve() -> None:
    one, other = _curve(100, 90, 101, 80), _curve(100, 85, 101, 80)
    assert metrics.average_drawdown(one) != metrics.average_drawdown(other)
    assert metrics.ulcer_index(one) != metrics.ulcer_index(other)
    longer = _curve(100, 90, 99, 80)
    assert metrics.longest_under_water(one, DAYS[:4]) != metrics.longest_under_water(
        longer, DAYS[:4]
    )

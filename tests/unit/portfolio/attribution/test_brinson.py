"""Brinson and Fachler's parts against Bacon's worked table, and that they add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.attribution.brinson import Grouped, brinson_fachler

# Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd ed., ch. 5:
# UK, Japanese and US equities, in percent. The portfolio made 8.3, its benchmark 6.4.
GROUPS = ["UK", "Japan", "US"]
WEIGHTS = np.array([[0.4, 0.3, 0.3]])
RETURNS = np.array([[0.20, -0.05, 0.06]])
BENCHMARK = Grouped(np.array([[0.4, 0.2, 0.4]]), np.array([[0.10, -0.04, 0.08]]))


def test_one_period_is_that_of_bacon() -> None:
    found = brinson_fachler(Grouped(WEIGHTS, RETURNS), BENCHMARK, GROUPS)
    assert found.active == pytest.approx(0.019)
    assert found.allocation == pytest.approx([0.0, -0.0104, -0.0016])
    assert found.selection == pytest.approx([0.04, -0.002, -0.008])
    assert found.interaction == pytest.approx([0.0, -0.001, 0.002])
    assert found.groups == ("UK", "Japan", "US")


def test_the_same_weights_leave_no_allocation_and_the_same_returns_no_selection() -> None:
    chosen = brinson_fachler(Grouped(BENCHMARK.weights, RETURNS), BENCHMARK, GROUPS)
    assert chosen.allocation == pytest.approx([0.0] * 3)
    assert chosen.interaction == pytest.approx([0.0] * 3)
    tilted = brinson_fachler(Grouped(WEIGHTS, BENCHMARK.returns), BENCHMARK, GROUPS)
    assert tilted.selection == pytest.approx([0.0] * 3)
    assert tilted.allocation.sum() == pytest.approx(tilted.active)


def test_a_group_that_one_side_does_not_hold_is_all_allocation() -> None:
    portfolio = Grouped(np.array([[1.0, 0.0]]), np.array([[0.05, np.nan]]))
    benchmark = Grouped(np.array([[0.5, 0.5]]), np.array([[0.05, 0.01]]))
    found = brinson_fachler(portfolio, benchmark, ["A", "B"])
    assert found.selection == pytest.approx([0.0, 0.0])
    assert found.interaction == pytest.approx([0.0, 0.0])
    assert found.allocation == pytest.approx([0.01, 0.01])  # 0.5 x 2 %, and -0.5 x -2 %
    missing = Grouped(np.array([[1.0, 0.0]]), np.array([[0.05, np.nan]]))
    other = brinson_fachler(benchmark, missing, ["A", "B"])
    # Held without a benchmark's return, a group's own return stands in: -50 % x 0, 50 % x (1 - 5).
    assert other.allocation == pytest.approx([0.0, -0.02])
    assert other.selection == pytest.approx([0.0, 0.0])


def _grouped(chance: np.random.Generator, sessions: int) -> Grouped:
    weights = chance.uniform(-0.2, 1.0, (sessions, 3))
    weights[:, 2] = 1.0 - weights[:, 0] - weights[:, 1]
    return Grouped(weights, chance.uniform(-0.1, 0.1, (sessions, 3)))


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_the_parts_add_up_to_the_compounded_difference(seed: int, sessions: int) -> None:
    chance = np.random.default_rng(seed)
    portfolio, benchmark = _grouped(chance, sessions), _grouped(chance, sessions)
    found = brinson_fachler(portfolio, benchmark, GROUPS)
    wholes = [np.prod(1 + (g.weights * g.returns).sum(axis=1)) for g in (portfolio, benchmark)]
    assert found.active == pytest.approx(wholes[0] - wholes[1], rel=1e-9, abs=1e-12)
    parts = found.allocation.sum() + found.selection.sum() + found.interaction.sum()
    assert parts == pytest.approx(found.active, rel=1e-7, abs=1e-12)


def test_a_portfolio_that_is_its_benchmark_has_no_parts() -> None:
    found = brinson_fachler(BENCHMARK, BENCHMARK, GROUPS)
    for parts in (found.allocation, found.selection, found.interaction):
        assert parts == pytest.approx([0.0] * 3)
    assert found.active == 0.0


def test_parts_move_with_weights_and_returns() -> None:
    base = brinson_fachler(Grouped(WEIGHTS, RETURNS), BENCHMARK, GROUPS)
    tilted = brinson_fachler(Grouped(np.array([[0.5, 0.2, 0.3]]), RETURNS), BENCHMARK, GROUPS)
    chosen = brinson_fachler(Grouped(WEIGHTS, RETURNS + 0.01), BENCHMARK, GROUPS)
    assert tilted.allocation.sum() != pytest.approx(base.allocation.sum())
    assert chosen.selection != pytest.approx(base.selection)
    assert chosen.interaction != pytest.approx(base.interaction)


def test_weights_and_returns_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidInput, match="sum to 1"):
        Grouped(WEIGHTS * 0.9, RETURNS)
    with pytest.raises(InvalidInput, match="sum to 1"):
        Grouped(WEIGHTS * np.nan, RETURNS)
    with pytest.raises(InvalidInput, match="sessions x groups"):
        Grouped(WEIGHTS, RETURNS[:, :2])
    with pytest.raises(InvalidInput, match="needs a return"):
        Grouped(WEIGHTS, RETURNS * np.nan)
    with pytest.raises(InvalidInput, match="same sessions"):
        brinson_fachler(Grouped(WEIGHTS[:, :1] / 0.4, RETURNS[:, :1]), BENCHMARK, GROUPS)
    with pytest.raises(InvalidInput, match="groups"):
        brinson_fachler(Grouped(WEIGHTS, RETURNS), BENCHMARK, GROUPS[:2])
    with pytest.raises(InvalidInput, match="lost everything"):
        brinson_fachler(Grouped(WEIGHTS, RETURNS - 2), BENCHMARK, GROUPS)

"""Capacity by hand, and the equation that each estimate solves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures.capacity import capacity_impact, capacity_participation

TRADES = np.array([0.1, -0.2, 0.05])
VOLUME = np.array([1e6, 4e6, 1e7])
VOLS = np.array([0.01, 0.02, 0.015])


def test_participation_by_hand() -> None:
    # A tenth of equity in 1 million a day: 5 % of it is 50,000, a tenth of 500,000. The others
    # fit up to 1 and 10 million, so the tightest is 500,000 and the middle one 1 million.
    assert capacity_participation(TRADES, VOLUME, quantile=0) == pytest.approx(500_000)
    assert capacity_participation(TRADES, VOLUME, quantile=0.5) == pytest.approx(1_000_000)
    assert capacity_participation(TRADES, VOLUME, quantile=0, share=0.1) == pytest.approx(1e6)


@given(st.floats(0.01, 1.0))
def test_at_the_capacity_every_trade_is_within_the_share(share: float) -> None:
    capital = capacity_participation(TRADES, VOLUME, share=share, quantile=0)
    assert capital is not None
    taken = np.abs(TRADES) * capital / VOLUME
    assert taken.max() == pytest.approx(share)


def test_impact_by_hand() -> None:
    # Once a year all of the equity, in a name that moves 1 % a day: a capital of a day's volume
    # costs 1 %, so an edge of 1 % lasts to 1 million and one of 2 % to four times that.
    one = np.ones(1)
    found = [
        capacity_impact(one, one * 1e6, one * 0.01, edge_annual=edge, sessions=252)
        for edge in (0.01, 0.02)
    ]
    assert found == pytest.approx([1e6, 4e6])


def test_at_the_capacity_impact_costs_the_whole_edge() -> None:
    capital = capacity_impact(TRADES, VOLUME, VOLS, edge_annual=0.05, sessions=126)
    assert capital is not None
    value = np.abs(TRADES) * capital
    cost = float(np.sum(value * VOLS * np.sqrt(value / VOLUME)))
    assert cost / capital / (126 / 252) == pytest.approx(0.05)


def test_without_volume_or_trades_nothing_is_known() -> None:
    gone, none = np.full(3, np.nan), np.zeros(3)
    for volume in (gone, none):
        assert capacity_participation(TRADES, volume) is None
        assert capacity_impact(TRADES, volume, VOLS, edge_annual=0.1, sessions=252) is None
    assert capacity_participation(none, VOLUME) is None
    assert capacity_impact(TRADES, VOLUME, gone, edge_annual=0.1, sessions=252) is None
    # A name without volume is left out; the others still say something.
    part = np.array([np.nan, 4e6, 1e7])
    assert capacity_participation(TRADES, part, quantile=0) == pytest.approx(1_000_000)


def test_without_an_edge_there_is_no_capacity() -> None:
    assert capacity_impact(TRADES, VOLUME, VOLS, edge_annual=-0.1, sessions=252) == 0.0


def test_capacity_moves_with_each_input() -> None:
    base = capacity_impact(TRADES, VOLUME, VOLS, edge_annual=0.05, sessions=252)
    assert base is not None
    less = [
        capacity_impact(TRADES * 2, VOLUME, VOLS, edge_annual=0.05, sessions=252),
        capacity_impact(TRADES, VOLUME / 2, VOLS, edge_annual=0.05, sessions=252),
        capacity_impact(TRADES, VOLUME, VOLS * 2, edge_annual=0.05, sessions=252),
        capacity_impact(TRADES, VOLUME, VOLS, edge_annual=0.04, sessions=252),
        capacity_impact(TRADES, VOLUME, VOLS, edge_annual=0.05, sessions=126),
    ]
    assert all(found is not None and found < base for found in less)


def test_inputs_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidInput, match="one length"):
        capacity_participation(TRADES, VOLUME[1:])
    with pytest.raises(InvalidInput, match="shares"):
        capacity_participation(TRADES, VOLUME, share=1.5)
    with pytest.raises(InvalidInput, match="sessions"):
        capacity_impact(TRADES, VOLUME, VOLS, edge_annual=0.1, sessions=0)

"""Long and short by rank: equal sums on both sides, in proportion to rank, by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.market.fakes import simulated_panel
from fondaco.research.strategies.long_short import long_short_rank
from unit.research.scene import panel_of


def test_weights_are_in_proportion_to_rank_less_mean_rank() -> None:
    # By hand: ranks 1 to 5 less 3 are -2 .. 2, whose absolute values sum to 6.
    close = np.full((40, 5), 100.0)
    close[5:] = 100.0 + np.array([10.0, -20.0, 30.0, 0.0, 20.0])
    weights = long_short_rank(lookback=30, skip=0).weights(panel_of(close, start="2015-01-29"))
    rows = np.flatnonzero(~np.isnan(weights[:, 0]))
    assert len(rows) == 1
    assert weights[rows[0]] == pytest.approx(np.array([0.0, -2.0, 2.0, -1.0, 1.0]) / 6.0)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1_000), st.floats(0.1, 4.0), st.integers(5, 12))
def test_the_sums_are_nothing_and_the_gross(seed: int, gross: float, names: int) -> None:
    panel = simulated_panel(seed, 60, names, with_opens=False)
    weights = long_short_rank(lookback=10, skip=0, gross=gross).weights(panel)
    decided = weights[~np.isnan(weights).all(axis=1)]
    assert len(decided) == 2
    assert decided.sum(axis=1) == pytest.approx(np.zeros(2), abs=1e-12)
    assert np.abs(decided).sum(axis=1) == pytest.approx(np.full(2, gross))


def test_a_name_without_a_rank_is_not_held_and_too_few_ranks_decide_nothing() -> None:
    close = np.array(simulated_panel(2, 60, 6, with_opens=False).close)
    close[:, 2] = np.nan
    weights = long_short_rank(lookback=10, skip=0).weights(panel_of(close))
    assert (weights[~np.isnan(weights[:, 0]), 2] == 0.0).all()
    assert np.isnan(
        long_short_rank(lookback=10, skip=0, names_min=6).weights(panel_of(close))
    ).all()


def test_when_nothing_differs_nothing_is_decided() -> None:
    flat = long_short_rank(lookback=30).weights(panel_of(np.full((60, 6), 1.0)))
    assert np.isnan(flat).all()

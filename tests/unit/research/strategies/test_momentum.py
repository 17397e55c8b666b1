"""Dual momentum and reversal: what they hold, by hand."""

import numpy as np
import pytest

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix, Panel
from fondaco.research.strategies.momentum import dual_momentum
from fondaco.research.strategies.reversal import short_term_reversal
from fondaco.research.strategies.schedule import MONTHLY
from unit.research.scene import panel_of

STEP = np.array([-0.3, -0.1, 0.0, 0.1, 0.3])


def stepped() -> Panel:
    """Return five names at 100 that step once, on the tenth session, by these shares."""
    close = np.full((40, 5), 100.0)
    close[10:] = 100.0 * (1.0 + STEP)
    return panel_of(close, start="2015-01-15")  # row 17 is the first of February


def decided(weights: Matrix) -> Matrix:
    return weights[~np.isnan(weights).all(axis=1)]


def test_dual_momentum_fills_only_the_slots_of_names_that_rose() -> None:
    # The best four of five are chosen, a quarter each; only two of them rose.
    weights = dual_momentum(lookback=12, share=0.8).weights(stepped())
    assert decided(weights).tolist() == [[0.0, 0.0, 0.0, 0.25, 0.25]]


def test_dual_momentum_keeps_out_what_did_not_beat_the_hurdle() -> None:
    # Half a year of 21 % a year asks for a tenth: 1.21 ** 0.5 = 1.1. The name at 10 % is not above.
    close = np.full((140, 5), 100.0)
    close[10:] = 100.0 * (1.0 + STEP + np.array([0, 0, 0, -1e-9, 0]))
    panel = panel_of(close, start="2015-01-22")  # row 130 is the first of June
    weights = dual_momentum(lookback=126, share=0.8, hurdle_annual=0.21).weights(panel)
    assert decided(weights).tolist() == [[0.0, 0.0, 0.0, 0.0, 0.25]]


def test_when_all_fall_dual_momentum_is_in_cash_and_plain_momentum_is_not() -> None:
    close = np.linspace(100.0, 60.0, 40)[:, None] * np.array([1.0, 1.1, 1.2, 1.3, 1.4])
    weights = dual_momentum(lookback=12).weights(panel_of(close, start="2015-01-15"))
    assert decided(weights).tolist() == [[0.0] * 5]


def test_reversal_holds_what_fell_most() -> None:
    weights = short_term_reversal(lookback=12, share=0.4, every=MONTHLY).weights(stepped())
    assert decided(weights).tolist() == [[0.5, 0.5, 0.0, 0.0, 0.0]]


def test_reversal_decides_weekly_by_default() -> None:
    panel = stepped()
    rows = np.flatnonzero(~np.isnan(short_term_reversal().weights(panel)).all(axis=1))
    weekdays = (panel.sessions[rows].astype(np.int64) + 3) % 7
    assert len(rows) == 5  # that of 19 January comes before the fifth return, five follow
    assert set(weekdays.tolist()) == {0}


def test_a_skip_that_covers_the_lookback_is_refused() -> None:
    with pytest.raises(InvalidInput, match="within the lookback"):
        dual_momentum(lookback=20, skip=20)

"""The look-ahead proof finds leaks of every kind, and accuses nobody who is clean."""

import numpy as np
import pytest

from fondaco.core.errors import InvalidInput
from fondaco.market.fakes import simulated_panel
from fondaco.market.panel import Matrix, Panel
from fondaco.research.causality import NotCausal, assert_causal
from unit.research.leaks import CLEAN, LEAKS, PanelFunction, daily, shifted
from unit.research.scene import bundled_panel

PANEL = simulated_panel(11, 90, 4)


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_a_planted_leak_is_caught(leak: PanelFunction) -> None:
    with pytest.raises(NotCausal, match="not causal"):
        assert_causal(leak, PANEL)


@pytest.mark.parametrize("clean", CLEAN.values(), ids=CLEAN)
def test_a_clean_function_raises_no_alarm(clean: PanelFunction) -> None:
    proof = assert_causal(clean, PANEL)
    assert (proof.truncations, proof.perturbations) == (90, 89 * 6)


@pytest.mark.parametrize("clean", ["daily return", "drawdown so far", "rolling beta to the mean"])
def test_real_prices_raise_no_alarm_either(clean: str) -> None:
    assert assert_causal(CLEAN[clean], bundled_panel(80, 3)).truncations == 80


def test_the_error_names_probe_bar_and_both_values() -> None:
    with pytest.raises(NotCausal) as caught:
        assert_causal(shifted(daily), PANEL)
    fault = caught.value
    assert fault.probe == "future cut off"
    assert (fault.row, fault.column) == (0, 0)
    assert fault.session == "2015-01-05"
    assert fault.before == pytest.approx(PANEL.close[1, 0] / PANEL.close[0, 0] - 1.0)
    assert np.isnan(fault.after)
    assert all(word in str(fault) for word in ("future cut off", "2015-01-05", "nan", "row 0"))


def test_a_leak_that_only_a_changed_future_shows_is_caught() -> None:
    # It is right at the last bar of any panel, so cutting off shows nothing at that bar.
    def mostly_right(panel: Panel) -> Matrix:
        values = daily(panel)
        if len(panel.sessions) > 90:
            values[50] += 1.0
        return values

    with pytest.raises(NotCausal) as caught:
        assert_causal(mostly_right, PANEL)
    assert caught.value.probe == "future longer"
    assert caught.value.row == 50


@pytest.mark.parametrize(
    ("size", "tolerance", "caught"), [(1e-6, 1e-9, True), (1e-14, 1e-9, False), (1e-14, 0.0, True)]
)
def test_the_tolerance_says_how_small_a_leak_may_be(
    size: float, tolerance: float, caught: bool
) -> None:
    def slight(panel: Panel) -> Matrix:
        return panel.close * (1.0 + size * np.nan_to_num(panel.close[-1]) / 100.0)

    if caught:
        with pytest.raises(NotCausal):
            assert_causal(slight, PANEL, tolerance=tolerance)
    else:
        assert_causal(slight, PANEL, tolerance=tolerance)


def test_fewer_cuts_make_fewer_futures_but_cut_off_at_every_bar() -> None:
    proof = assert_causal(daily, PANEL, cuts=5)
    assert (proof.truncations, proof.perturbations) == (90, 5 * 6)


def test_a_function_that_draws_lots_is_refused() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(InvalidInput, match="other values for the same panel twice"):
        assert_causal(lambda panel: rng.normal(size=panel.close.shape), PANEL)


def test_a_function_of_another_shape_is_refused() -> None:
    with pytest.raises(InvalidInput, match="one value per session and instrument"):
        assert_causal(lambda panel: panel.close[1:], PANEL)


def test_a_function_that_writes_into_its_input_is_found_out() -> None:
    def careless(panel: Panel) -> Matrix:
        panel.close[0] = 0.0
        return panel.close

    with pytest.raises(ValueError, match="read-only"):
        assert_causal(careless, PANEL)


def test_the_panel_itself_is_left_as_it_was() -> None:
    before = PANEL.close.copy()
    assert_causal(daily, PANEL, cuts=3)
    assert np.array_equal(PANEL.close, before)
    assert PANEL.close.flags.writeable

"""The look-ahead proof finds leaks of every kind, and accuses nobody who is clean."""

import doctest
from datetime import datetime
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.market.fakes import simulated_panel
from fondaco.market.panel import Matrix, Panel, panel_of
from fondaco.research import causality
from fondaco.research.causality import NotCausal, assert_causal
from fondaco.research.features import feature_named
from unit.research.leaks import CLEAN, LEAKS, PanelFunction, daily, shifted
from unit.research.leaks_fitted import CLEAN_FITTED, LEAKS_FITTED, kept_by_date
from unit.research.leaks_known_time import (
    KNOWN_TIME_CLEAN,
    KNOWN_TIME_LEAKS,
    PEEKS,
    World,
    world,
)
from unit.research.scene import bundled_panel

PANEL = simulated_panel(11, 90, 4)
EVERY_LEAK = LEAKS | LEAKS_FITTED | PEEKS
EVERY_CLEAN = CLEAN | CLEAN_FITTED


def test_the_zoo_is_as_large_as_it_is_said_to_be() -> None:
    assert len(EVERY_LEAK) + len(KNOWN_TIME_LEAKS) >= 60
    assert len(EVERY_CLEAN) + len(KNOWN_TIME_CLEAN) >= 25


@pytest.mark.parametrize("leak", EVERY_LEAK.values(), ids=EVERY_LEAK)
def test_a_planted_leak_is_caught(leak: PanelFunction) -> None:
    with pytest.raises(NotCausal, match="not causal"):
        assert_causal(leak, PANEL)


@pytest.mark.parametrize("clean", EVERY_CLEAN.values(), ids=EVERY_CLEAN)
def test_a_clean_function_raises_no_alarm(clean: PanelFunction) -> None:
    proof = assert_causal(clean, PANEL)
    assert (proof.truncations, proof.perturbations, proof.revisions) == (90, 89 * 6, 90)


@pytest.mark.parametrize(("leak", "known"), KNOWN_TIME_LEAKS.values(), ids=KNOWN_TIME_LEAKS)
def test_what_became_known_later_must_not_reach_back(leak: PanelFunction, known: World) -> None:
    panel, reader = known
    assert_causal(leak, panel)  # no future is seen in one reading: it takes two
    with pytest.raises(NotCausal, match="only what became known after") as caught:
        assert_causal(leak, panel, panels_as_of=reader)
    assert caught.value.probe == "known later"
    assert caught.value.row <= 39


@pytest.mark.parametrize(("clean", "known"), KNOWN_TIME_CLEAN.values(), ids=KNOWN_TIME_CLEAN)
def test_what_became_known_later_is_no_alarm_where_it_changes_nothing(
    clean: PanelFunction, known: World
) -> None:
    panel, reader = known
    assert assert_causal(clean, panel, panels_as_of=reader).revisions == 60 + 51


def test_a_restated_close_is_named_by_its_bar_and_both_values() -> None:
    panel, reader = world(mended=True)
    with pytest.raises(NotCausal) as caught:
        assert_causal(lambda p: p.close, panel, panels_as_of=reader)
    fault = caught.value
    assert fault.row == 30
    assert fault.after == pytest.approx(1.1 * fault.before)


def test_a_reader_that_looks_ahead_itself_is_refused() -> None:
    with pytest.raises(InvalidInput, match="does not fit the moment"):
        assert_causal(daily, PANEL, cuts=2, panels_as_of=lambda _: PANEL)


def test_weights_that_rest_on_price_levels_feel_a_later_split() -> None:
    level = lambda panel: (panel.close > 100.0) * 1.0  # noqa: E731
    assert_causal(level, PANEL)
    with pytest.raises(NotCausal, match="splits after row") as caught:
        assert_causal(level, PANEL, restated=True)
    assert caught.value.probe == "later split"


@pytest.mark.parametrize("name", ["return_5", "momentum_12_1", "volatility_20"])
def test_a_ratio_of_prices_keeps_every_bit_through_a_later_split(name: str) -> None:
    assert_causal(feature_named(name), PANEL, tolerance=0.0, cuts=20, restated=True)


def test_a_proof_of_nothing_says_so() -> None:
    assert assert_causal(CLEAN["nothing known"], PANEL, cuts=2).values == 0
    assert assert_causal(daily, PANEL, cuts=2).values == 89 * 4


def test_state_that_hides_a_leak_is_seen_only_from_a_fresh_start() -> None:
    # The limit of a proof inside one process: `fondaco strategies check` starts each call afresh.
    assert_causal(kept_by_date(), PANEL)
    with pytest.raises(NotCausal):
        assert_causal(lambda panel: kept_by_date()(panel), PANEL)


def test_own_numbers_are_enough_for_a_proof() -> None:
    walk = panel_of({"close": PANEL.close, "mood": PANEL.close[::-1]})
    assert assert_causal(lambda p: p.fields["mood"] - p.close, walk, cuts=3).values == 90 * 4
    with pytest.raises(NotCausal, match="the value of A on 2015-01-02"):
        assert_causal(lambda p: p.fields["mood"][::-1], walk)


def test_five_hundred_bars_of_five_names_take_a_few_seconds() -> None:
    panel = simulated_panel(3, 500, 5)
    started = perf_counter()
    assert assert_causal(daily, panel).perturbations == 499 * 6
    assert perf_counter() - started < 10.0  # one second where it was measured


def test_the_moments_of_a_reader_are_the_closes_of_the_cuts() -> None:
    panel, reader = world()
    asked: list[datetime] = []

    def noting(moment: datetime) -> Panel:
        asked.append(moment)
        return reader(moment)

    assert_causal(daily, panel, cuts=3, panels_as_of=noting)
    assert [str(moment.date()) for moment in asked] == [
        str(panel.sessions[row]) for row in (0, 29, 58, 59)
    ]


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


def test_the_examples_of_the_tool_are_true() -> None:
    found = doctest.testmod(causality)
    assert found.attempted > 0
    assert found.failed == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 8), st.integers(0, 2**31), st.integers(1, 4))
def test_any_window_is_clean_and_any_shift_of_it_is_caught(
    window: int, seed: int, ahead: int
) -> None:
    panel = simulated_panel(seed, 20, 2)

    def mean(given: Panel) -> Matrix:
        padded = np.vstack([np.full((window, 2), np.nan), given.close])
        rows = len(given.close)
        return np.array([padded[t + 1 : t + 1 + window].mean(axis=0) for t in range(rows)])

    def early(given: Panel) -> Matrix:
        return np.vstack([mean(given)[ahead:], np.full((min(ahead, len(given.close)), 2), np.nan)])

    assert assert_causal(mean, panel).truncations == 20
    with pytest.raises(NotCausal):
        assert_causal(early, panel)

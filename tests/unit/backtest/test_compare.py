"""Backtests side by side: the common span, the best, and errors against other sources."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from fondaco.backtest.compare import (
    Comparison,
    compare,
    difference,
    mean_error,
    sharpe_difference_error,
)
from fondaco.backtest.compare_view import view_comparison
from fondaco.backtest.result import BacktestResult
from fondaco.core.errors import InvalidInput
from fondaco.core.text import plain
from fondaco.market.fakes import simulated_panel
from unit.backtest.played import index_on, played_on, result_on


def run(seed: int, sessions: int = 200) -> BacktestResult:
    panel = simulated_panel(7, sessions, 3)
    weights = np.full(panel.close.shape, np.nan)
    weights[::11] = np.random.default_rng(seed).dirichlet(np.ones(3), len(weights[::11])) * 0.9
    result, _ = result_on(played_on(panel, weights), index_on(panel))
    return replace(result, id=f"BT-{seed}")


@pytest.fixture(scope="module")
def three() -> Comparison:
    return compare([run(1), run(2), run(3)])


def test_curves_start_together_and_the_index_stands_last(three: Comparison) -> None:
    assert three.names == ("BT-1 given", "BT-2 given", "BT-3 given", "SPX")
    assert {curve[0] for curve in three.equity} == {100.0}
    assert all(len(curve) == three.sessions == len(three.days) == 200 for curve in three.equity)
    assert three.notes == ()


def test_the_best_of_each_measure_is_marked(three: Comparison) -> None:
    lines = {line.name: line for line in three.measures}
    for name, best in (("cagr", max), ("max_drawdown", max), ("vol_annual", min)):
        values = [value for value in lines[name].values if value is not None]
        assert lines[name].values[lines[name].best or 0] == best(values)
    assert lines["beta"].best is None
    assert lines["beta"].values[-1] == pytest.approx(1)  # the index to itself
    ends = [curve[-1] for curve in three.equity]
    found = [value for value in lines["total_return"].values if value is not None]
    assert found == pytest.approx([end / 100 - 1 for end in ends], abs=1e-5)


def test_two_that_are_equally_good_have_no_best() -> None:
    one = run(1)
    found = compare([one, replace(one, id="BT-9")])
    assert {line.best for line in found.measures if line.name == "vol_annual"} <= {None, 2}
    twin = found.differences[0]
    assert (twin.mean_annual, twin.sharpe, twin.sharpe_error) == (0, 0, 0)


def test_correlations_are_those_of_numpy(three: Comparison) -> None:
    returns = [np.diff(curve) / np.array(curve)[:-1] for curve in np.array(three.equity)]
    wanted = np.corrcoef(returns)
    assert np.array(three.correlations) == pytest.approx(wanted, abs=1e-4)


def test_spans_are_cut_to_what_they_share_and_that_is_said() -> None:
    found = compare([run(1), run(2, sessions=120)])
    assert (found.sessions, found.until) == (120, run(2, sessions=120).until)
    (note,) = found.notes
    assert note.startswith("BT-1 has 200 sessions")
    assert "120 from" in note


def test_what_cannot_be_compared_is_refused() -> None:
    one, two = run(1), run(2)
    for wrong in ([one], [one, one], [replace(one, id=f"BT-{n}") for n in range(9)]):
        with pytest.raises(InvalidInput, match="different backtests"):
            compare(wrong)
    with pytest.raises(InvalidInput, match="different currencies"):
        compare([one, replace(two, currency="INR")])
    short = replace(two.curve, days=two.curve.days[:19], equity=two.curve.equity[:19])
    with pytest.raises(InvalidInput, match=r"too few sessions.*19 \(BT-1"):
        compare([one, replace(two, curve=short)])


def test_differing_costs_data_and_labels_are_said() -> None:
    one = run(1)
    other = replace(run(2), costs="else", data_version=9)
    notes = compare([one, other]).notes
    assert notes == ("They were run on different versions of the data.", "Their costs differ.")


@pytest.mark.parametrize("count", [30, 250, 1_000])
def test_the_error_of_a_mean_is_that_of_statsmodels(count: int) -> None:
    noise = np.random.default_rng(count).normal(0.001, 0.01, count)
    values = noise + 0.4 * np.concatenate([[0.0], noise[:-1]])
    lags = int(4 * (count / 100) ** (2 / 9))
    fitted = OLS(values, np.ones(count)).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    assert mean_error(values) == pytest.approx(float(fitted.bse[0]), rel=1e-9)


def test_the_error_of_a_sharpe_difference_is_memmels_by_hand() -> None:
    # Returns +1, -1, +1, +1 and +1, +1, -1, +1 %: both 0.5 +- 1 %, a correlation of -1/3.
    one, two = np.array([1.0, -1, 1, 1]) / 100, np.array([1.0, 1, -1, 1]) / 100
    # 2 + 2/3 + (1/4 + 1/4 - 2/4 x 1/9) / 2 = 2.8889, over 4 sessions.
    assert sharpe_difference_error(one, two) == pytest.approx(sqrt((2 + 2 / 3 + 2 / 9) / 4))


def test_a_difference_covers_the_truth_as_often_as_its_error_says() -> None:
    """Null and power: no lead is called clear about one time in twenty; a large one always is."""
    chance = np.random.default_rng(11)
    false, caught = 0, 0
    for _ in range(400):
        noise = chance.normal(0, 0.01, (2, 500))
        for lead in (0.0, 0.003):
            found = difference("a", "b", noise[0] + lead, noise[1])
            assert found.mean_annual is not None
            assert found.mean_error is not None
            clear = abs(found.mean_annual) > 1.96 * found.mean_error
            false += clear and lead == 0
            caught += clear and lead > 0
    assert 10 <= false <= 36  # 20 of 400 are expected
    assert caught > 390


def test_the_page_says_span_best_and_doubt(three: Comparison) -> None:
    said = plain(view_comparison(three))
    for words in ("200 sessions", "Measures side by side", "Best", "within chance", "SPX"):
        assert words in said


def test_each_account_is_shown_with_what_its_trials_leave_of_it(three: Comparison) -> None:
    assert len(three.standings) == 3
    text = plain(view_comparison(three))
    assert "After every trial" in text
    assert "is not above what luck may show" in text
    bare = compare([replace(run(1), standing=None), replace(run(2), standing=None)])
    assert "After every trial" not in plain(view_comparison(bare))

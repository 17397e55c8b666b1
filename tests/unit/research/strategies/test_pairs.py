"""Pairs: found where they were planted, entered, left and given up by the rule."""

import numpy as np
import pytest

from fondaco.core.errors import InvalidInput
from fondaco.market.fakes import simulated_panel
from fondaco.market.panel import Matrix
from fondaco.research.kernels import spread_positions
from fondaco.research.strategies.pairs import Found, find_pairs, pair_weights, pairs
from fondaco.research.strategies.schedule import held
from unit.research.scene import panel_of
from unit.research.strategies.short import paired, with_close

WALKS = simulated_panel(8, 420, 8, with_opens=False)
SHORT = {"formation": 120, "trading_months": 3, "pairs_max": 4, "entry": 1.5}


def sides(*scores: float) -> list[float]:
    return spread_positions(np.array(scores)[:, None], 2.0, 0.5, 4.0)[:, 0].tolist()


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([0.0, 1.9, 2.0, 1.0, 0.6, 0.5, 0.0], [0, 0, -1, -1, -1, 0, 0]),  # against the spread
        ([-2.5, -0.6, -0.5, -2.0], [1, 1, 0, 1]),  # and in again
        ([2.5, -3.0, -3.0], [-1, 0, 1]),  # through zero: out first, in at the next close
        ([2.5, 4.0, 2.5, 0.0, 2.5], [-1, 0, 0, 0, 0]),  # past the stop: over for good
        ([2.5, float("nan"), 1.0], [-1, -1, -1]),  # a missing score changes nothing
        ([5.0, 2.5], [0, 0]),  # too far from the start: never entered
    ],
)
def test_positions_follow_the_score(scores: list[float], expected: list[float]) -> None:
    assert sides(*scores) == expected


def test_a_slot_is_split_between_the_legs_as_one_to_the_hedge() -> None:
    # By hand: y lies 0.3 above its line, which is three deviations; hedge 0.5, so 2/3 and 1/3.
    found = Found(np.array([[1, 0]]), np.array([1.0]), np.array([0.5]), np.array([0.1]))
    logs = np.array([[2.0, 2.0, 9.0], [2.0, 2.3, 9.0], [2.0, 2.0, 9.0]])
    parameters = pairs(pairs_max=2).parameters
    weights = pair_weights(logs, found, parameters)
    assert weights[0].tolist() == [0.0, 0.0, 0.0]
    assert weights[1] == pytest.approx(np.array([1.0, -2.0, 0.0]) / 6.0)
    assert weights[2].tolist() == [0.0, 0.0, 0.0]


def test_planted_pairs_are_found_with_their_hedge() -> None:
    logs = np.log(paired(1, WALKS.close))[:252]
    found = find_pairs(logs, pairs().parameters)
    planted = {(n, n + 1): hedge for n, hedge in zip((0, 2, 4, 6), (0.8,) * 4, strict=True)}
    seen = {tuple(sorted(pair)): n for n, pair in enumerate(found.columns.tolist())}
    assert set(planted) <= set(seen)
    for pair in planted:  # the first of a pair is y, so its hedge is the inverse of 0.8
        assert found.hedge[seen[pair]] == pytest.approx(1 / 0.8, rel=0.1)


def test_of_unrelated_walks_few_pairs_are_found() -> None:
    # 28 tests at 1 per cent: more than three would be luck of about one in 5,000.
    found = find_pairs(np.log(WALKS.close)[:252], pairs(level_percent=1).parameters)
    assert len(found.columns) <= 3


def test_a_name_with_a_gap_takes_no_part() -> None:
    logs = np.log(paired(1, WALKS.close))[:252]
    logs[100, 0] = np.nan
    logs[:, 2] = 1.0
    columns = find_pairs(logs, pairs().parameters).columns
    assert not np.isin(columns, (0, 2)).any()
    assert len(columns) >= 2


def test_no_more_pairs_are_tested_than_asked_for() -> None:
    logs = np.log(paired(1, WALKS.close))[:252]
    assert len(find_pairs(logs, pairs(tested_max=1).parameters).columns) <= 1


def _gain(weights: Matrix, close: Matrix) -> float:
    """Return what the held weights earn, traded at the next close, without costs."""
    steps = close[2:] / close[1:-1] - 1.0
    return float(np.nansum(np.nan_to_num(held(weights))[:-2] * steps))


def test_prices_that_come_back_pay_and_every_leg_is_hedged() -> None:
    panel = with_close(WALKS, paired(1, WALKS.close))
    weights = pairs(**SHORT).weights(panel)
    standing = np.nan_to_num(held(weights))
    assert np.abs(standing).sum(axis=1).max() <= 1.0 + 1e-12
    assert (standing.min(), standing.max()) < (0.0, 1.0)
    assert _gain(weights, panel.close) > 0.1


def test_pairs_are_found_anew_and_old_ones_closed() -> None:
    # The second name leaves its line halfway: it is not among the pairs found after that.
    close = paired(1, WALKS.close)[:, :2].copy()
    close[210:, 1] = 50.0 * np.exp(np.random.default_rng(5).normal(0, 0.03, 210).cumsum())
    standing = held(pairs(**SHORT, level_percent=1).weights(with_close(panel_of(close), close)))
    assert np.abs(np.nan_to_num(standing[:210])).max() > 0.0
    assert np.abs(standing[-20:]).max() == 0.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"level_percent": 2}, "1, 5, 10"),
        ({"entry": 0.5, "exit": 0.5}, "exit must lie below entry"),
        ({"entry": 4.0}, "entry must lie below stop"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(changes: dict[str, float], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        pairs(**changes)

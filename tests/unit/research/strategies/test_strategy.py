"""A strategy's parameters, its selection of names, and what makes one strategy another."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput, NotFound
from fondaco.market.fakes import simulated_panel
from fondaco.research.features import MOMENTUM as momentum_12_1
from fondaco.research.strategies.learned import lightgbm
from fondaco.research.strategies.library import strategy_named
from fondaco.research.strategies.momentum import momentum
from fondaco.research.strategies.selection import Selection
from fondaco.research.strategies.strategy import strategy_hash
from unit.research.scene import panel_of


def test_momentum_holds_the_best_fifth_in_equal_parts() -> None:
    # By hand: ten names that grow by 0 to 9 per cent over the lookback; 8 and 9 are the best two.
    close = np.full((40, 10), 100.0)
    close[5:] = 100.0 + np.arange(10)
    panel = panel_of(close, start="2015-01-29")  # the fourth row is the first of February
    weights = momentum(lookback=30, skip=0).weights(panel)
    decided = np.flatnonzero(~np.isnan(weights[:, 0]))
    assert [str(panel.sessions[row]) for row in decided] == ["2015-03-01"]
    assert weights[decided[0]].tolist() == [0.0] * 8 + [0.5, 0.5]


def test_only_the_first_session_of_a_month_decides() -> None:
    panel = simulated_panel(2, 400, 10)
    weights = momentum().weights(panel)
    decided = ~np.isnan(weights)
    assert (decided.all(axis=1) | ~decided.any(axis=1)).all()
    months = panel.sessions.astype("datetime64[M]")
    rows = np.flatnonzero(decided.any(axis=1))
    assert (months[rows] != months[rows - 1]).all()
    assert rows[0] >= momentum().warm_up
    assert len(rows) == len(np.unique(months[rows[0] :]))


def test_a_change_of_share_changes_how_many_are_held() -> None:
    scores = np.arange(20.0)
    assert [
        len(Selection(momentum_12_1, share, 5).best(scores)) for share in (0.01, 0.2, 0.5, 1.0)
    ] == [
        1,
        4,
        10,
        20,
    ]
    assert Selection(momentum_12_1, 0.29, 5).best(np.arange(100.0)).tolist()[-1] == 71  # 29, not 28


def test_the_best_come_first_and_equals_keep_their_order() -> None:
    scores = np.array([0.5, np.nan, 0.9, 0.5, 0.1])
    assert Selection(momentum_12_1, 0.75, 2).best(scores).tolist() == [2, 0, 3]


@settings(deadline=None)  # a busy machine is no fault of the code
@given(
    st.lists(st.floats(-1, 1) | st.just(float("nan")), min_size=1, max_size=30),
    st.floats(0.01, 1.0),
    st.integers(2, 10),
)
def test_nobody_without_a_score_is_ever_chosen(
    scores: list[float], share: float, least: int
) -> None:
    chosen = Selection(momentum_12_1, share, least).best(np.array(scores))
    scored = sum(not np.isnan(s) for s in scores)
    assert all(not np.isnan(scores[column]) for column in chosen)
    assert len(chosen) == 0 if scored < least else 1 <= len(chosen) <= scored


def test_with_too_few_names_nothing_changes() -> None:
    assert np.isnan(momentum().weights(simulated_panel(2, 400, 4))).all()


def test_strategies_are_found_by_name_with_their_parameters() -> None:
    found = strategy_named("momentum", {"lookback": 126})
    assert (found.name, found.parameters["lookback"], found.warm_up) == ("momentum", 126, 126)
    with pytest.raises(NotFound, match="sma_trend, donchian_trend, momentum"):
        strategy_named("astrology")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"moon": 1}, "no such parameter"),
        ({"share": 0.0}, "0.01 to 1"),
        ({"lookback": 20.5}, "whole, 2 to 1260"),
        ({"share": float("nan")}, "out of range"),
        ({"lookback": 20}, "within the lookback"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(changes: dict[str, float], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        strategy_named("momentum", changes)


def test_parameters_cannot_be_changed_afterwards() -> None:
    with pytest.raises(TypeError):
        momentum().parameters["share"] = 0.5  # type: ignore[index]


def test_the_hash_covers_parameters_version_and_code() -> None:
    one = momentum()
    assert strategy_hash(one) == strategy_hash(momentum())
    others = [
        momentum(share=0.1),
        lightgbm(),
        replace(one, version=2),
        replace(one, modules=(*one.modules, "fondaco.research.labels")),
    ]
    assert len({strategy_hash(s) for s in (one, *others)}) == 5


def test_a_selection_is_told_by_the_strategy_so_that_ideas_can_be_made_of_it() -> None:
    chooser = momentum(share=0.3, names_min=7)
    assert chooser.selection is chooser.weights
    assert (chooser.selection.share, chooser.selection.names_min) == (0.3, 7)
    assert strategy_named("pairs").selection is None

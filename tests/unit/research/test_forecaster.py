"""The forecaster: finds what is there, finds nothing where nothing is, and never peeks."""

from dataclasses import replace

import numpy as np
import pytest

from fondaco.core.jobs import Cancelled, Silent
from fondaco.market.fakes import simulated_panel
from fondaco.market.panel import Matrix, Panel
from fondaco.research.forecaster import (
    INPUTS,
    Recipe,
    fit,
    fit_and_score,
    in_force,
    model_inputs,
    walk_forward,
)
from fondaco.research.labels import forward_rank
from fondaco.research.record import rank_correlation
from unit.research.scene import SMALL, panel_of, planted_panel

WALK = replace(SMALL.walk, horizon=10, embargo=2, refit_months=3, train_min=250, train_max=500)
LEARNER = Recipe(WALK, trees=40, rows_per_leaf_min=40, stride=2)


def mean_ic(scores: Matrix, labels: Matrix, horizon: int = 10) -> tuple[float, float]:
    """Return the mean rank correlation of score and outcome, and its standard error."""
    rows = [
        row
        for row in range(0, len(scores), horizon)  # one horizon apart: independent
        if not np.isnan(scores[row]).any() and not np.isnan(labels[row]).any()
    ]
    ics = np.array([rank_correlation(scores[row], labels[row]) for row in rows])
    return float(ics.mean()), float(ics.std(ddof=1) / np.sqrt(len(ics)))


def test_a_planted_trend_is_found() -> None:
    panel = planted_panel(1, 900, 12, strength=0.5)
    mean, error = mean_ic(walk_forward(panel, LEARNER), forward_rank(panel.close, 10))
    assert mean > 0.2
    assert mean > 5 * error


def test_a_random_walk_scores_at_chance() -> None:
    panel = planted_panel(2, 900, 12, strength=0.0)
    mean, error = mean_ic(walk_forward(panel, LEARNER), forward_rank(panel.close, 10))
    assert abs(mean) < 3 * error
    assert error < 0.06  # else the test could not tell chance from skill


def shuffled_labels(panel: Panel) -> Matrix:
    return np.random.default_rng(3).permuted(forward_rank(panel.close, 10), axis=1)


def test_shuffled_labels_score_at_chance() -> None:
    # Learnt and judged on the same shuffled labels: only a row that a model saw could score.
    panel = planted_panel(1, 900, 12, strength=0.5)
    labels, splits = shuffled_labels(panel), WALK.splits(panel.sessions)
    mean, error = mean_ic(fit_and_score(panel, labels, splits, LEARNER, Silent()), labels)
    assert abs(mean) < 3 * error


def test_a_model_that_has_seen_its_own_test_rows_scores_on_shuffled_labels() -> None:
    # So the test above can fail: a model fitted on the rows that it scores remembers them.
    panel = planted_panel(1, 900, 12, strength=0.5)
    labels, splits = shuffled_labels(panel), WALK.splits(panel.sessions)
    peeking = tuple(replace(s, train_start=s.test_start, train_stop=s.test_stop) for s in splits)
    recipe = replace(LEARNER, stride=1)
    mean, error = mean_ic(fit_and_score(panel, labels, peeking, recipe, Silent()), labels)
    assert mean > 5 * error


def test_the_same_panel_gives_the_same_scores_to_the_last_bit() -> None:
    panel = simulated_panel(3, 200, 5)
    first = walk_forward(panel, SMALL)
    assert np.array_equal(first, walk_forward(panel, SMALL), equal_nan=True)
    assert len(np.unique(first[~np.isnan(first)])) > 20


def test_another_seed_is_another_model_by_name() -> None:
    assert replace(SMALL, seed=8).model != SMALL.model
    assert SMALL.model.startswith("lightgbm-rank5-")


def test_no_fitted_tree_changes_with_the_rows_that_it_scores() -> None:
    panel = simulated_panel(3, 200, 5)
    split = SMALL.walk.splits(panel.sessions)[1]

    def fitted(close: Matrix) -> str:
        changed = panel_of(close)
        labels = forward_rank(close, SMALL.walk.horizon)
        model = fit(model_inputs(changed), labels, split, SMALL)
        text: str = model.model_to_string()
        return text

    after, within = panel.close.copy(), panel.close.copy()
    after[split.label_end + 1 :] *= np.linspace(0.2, 5.0, 5)
    within[split.label_end] *= np.linspace(0.2, 5.0, 5)
    assert fitted(after) == fitted(panel.close)
    assert fitted(within) != fitted(panel.close)  # the last label counts, so the probe can fail


def test_scores_lie_between_worst_and_best_and_begin_with_the_first_model() -> None:
    panel = simulated_panel(3, 200, 5)
    scores = walk_forward(panel, SMALL)
    first = SMALL.walk.splits(panel.sessions)[0].test_start
    assert np.isnan(scores[:first]).all()
    assert not np.isnan(scores[first:]).any()
    assert scores[first:].min() >= 0.0
    assert scores[first:].max() <= 1.0


def test_a_name_without_a_price_or_with_few_inputs_has_no_score() -> None:
    close = simulated_panel(3, 200, 5).close.copy()
    close[150, 0] = np.nan
    close[:195, 1] = np.nan
    scores = walk_forward(panel_of(close), SMALL)
    assert np.isnan(scores[150, 0])
    assert np.isnan(scores[:, 1]).all()
    assert not np.isnan(scores[199, [0, 2, 3, 4]]).any()


def test_a_name_without_a_price_today_has_no_score_however_few_inputs_are_asked_for() -> None:
    close = simulated_panel(3, 300, 5).close.copy()
    close[299, 0] = np.nan  # its momentum, which ends a month ago, is known all the same
    scores = walk_forward(panel_of(close), replace(SMALL, inputs_min=0.01))
    assert np.isnan(scores[299]).tolist() == [True, False, False, False, False]


def test_without_anything_to_learn_from_there_is_no_score() -> None:
    close = np.full((200, 5), np.nan)
    close[-1] = 1.0
    assert np.isnan(walk_forward(panel_of(close), SMALL)).all()


def test_the_inputs_are_ranks_of_every_feature_of_a_name() -> None:
    cube = model_inputs(simulated_panel(3, 300, 5))
    assert cube.shape == (300, 5, len(INPUTS))
    assert "rank_momentum_12_1" not in INPUTS
    assert np.allclose(np.sort(cube[-1], axis=0), np.linspace(0, 1, 5)[:, None])


def test_training_steps_over_sessions_but_never_over_the_newest() -> None:
    panel = simulated_panel(3, 200, 5)
    split = SMALL.walk.splits(panel.sessions)[1]
    labels = forward_rank(panel.close, SMALL.walk.horizon)
    inputs = model_inputs(panel)

    def fitted(row: int) -> str:
        changed = labels.copy()
        changed[row] = 1.0 - changed[row]
        text: str = fit(inputs, changed, split, SMALL).model_to_string()
        return text

    plain: str = fit(inputs, labels, split, SMALL).model_to_string()
    newest = split.train_stop - 1
    assert [fitted(newest - n) != plain for n in range(4)] == [True, False, True, False]


def test_every_scored_row_knows_its_split() -> None:
    panel = simulated_panel(3, 200, 5)
    rows = dict(in_force(panel, SMALL))
    assert sorted(rows) == np.flatnonzero(~np.isnan(walk_forward(panel, SMALL)[:, 0])).tolist()


def test_a_walk_forward_tells_how_far_it_is_and_can_be_stopped() -> None:
    class Stopping:
        def __init__(self) -> None:
            self.said: list[tuple[str, int, int]] = []

        def report(self, step: str, done: int, total: int) -> None:
            self.said.append((step, done, total))
            if done == 2:
                raise Cancelled("stopped by a person")

    progress = Stopping()
    with pytest.raises(Cancelled):
        walk_forward(simulated_panel(3, 200, 5), SMALL, progress)
    count = len(SMALL.walk.splits(simulated_panel(3, 200, 5).sessions))
    assert progress.said == [("fit forecaster", done, count) for done in range(3)]

"""The forecaster on purged folds: finds what is there on every path, nothing where nothing is."""

from dataclasses import replace

import numpy as np
import pytest

from fondaco.core.errors import InvalidInput
from fondaco.core.jobs import Cancelled
from fondaco.market.panel import Panel
from fondaco.research import forecaster_paths as paths_module
from fondaco.research.forecaster import Recipe, fit
from fondaco.research.forecaster_paths import STEP, ForecasterPaths, forecaster_paths
from fondaco.research.labels import forward_rank
from fondaco.research.splits import WalkForward
from unit.research.scene import planted_panel

WALK = WalkForward(horizon=10, embargo=5, refit_months=3, train_min=250, train_max=500)
LEARNER = Recipe(WALK, trees=15, rows_per_leaf_min=40, stride=3)
Z = 1.645


def paths_of(seed: int, *, strength: float, rows: int = 450) -> ForecasterPaths:
    return forecaster_paths(planted_panel(seed, rows, 10, strength=strength), LEARNER)


def test_a_planted_trend_is_ranked_on_every_path() -> None:
    found = paths_of(1, strength=0.5)
    assert found.means.shape == (5,)  # C(5, 1) paths of 6 groups, 2 of them tested
    assert found.splits == 15
    assert (found.means > 0.2).all()
    assert (found.means > 5 * found.errors).all()


def test_a_random_walk_is_ranked_by_chance_alone() -> None:
    found = [paths_of(seed, strength=0.0) for seed in range(2, 8)]
    above = sum(bool(np.median(one.means) > Z * np.median(one.errors)) for one in found)
    assert above <= 2  # binomial: 3 or more of 6 at 5 % have a chance of 0.2 %
    assert max(one.errors.max() for one in found) < 0.08  # else it could not tell


@pytest.mark.slow
def test_a_random_walk_is_ranked_by_chance_alone_in_many_runs() -> None:
    found = [paths_of(seed, strength=0.0) for seed in range(100, 140)]
    above = sum(bool(np.median(one.means) > Z * np.median(one.errors)) for one in found)
    assert above <= 7  # binomial: 8 or more of 40 at 5 % have a chance of 0.1 %


def test_no_model_sees_a_label_that_reaches_into_what_it_is_tested_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    panel = planted_panel(1, 450, 10, strength=0.5)
    labels, seen = forward_rank(panel.close, 10), []

    def watched(inputs: np.ndarray, learnt: np.ndarray, *rest: object) -> object:
        seen.append(learnt)
        return fit(inputs, learnt, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(paths_module, "fit", watched)
    forecaster_paths(panel, LEARNER, groups=5, test_groups=1)
    blocks = [range(n * 90, (n + 1) * 90) for n in range(5)]
    for block, learnt in zip(blocks, seen, strict=True):
        # Rows whose 10 sessions ahead touch the block, the block, its last labels, 5 of embargo.
        left = [r for r in range(450) if r + 10 < block.start or r > block.stop - 1 + 10 + 5]
        np.testing.assert_array_equal(learnt, labels[left])


def test_what_is_tested_does_not_change_what_is_learnt() -> None:
    # Another outcome in the last sessions moves only the correlations that read it.
    panel = planted_panel(1, 450, 10, strength=0.5)
    close = panel.close.copy()
    close[440:] *= np.random.default_rng(1).uniform(0.8, 1.2, close[440:].shape)
    other = replace(panel, fields={**panel.fields, "close": close})
    last = forecaster_paths(panel, LEARNER, groups=5, test_groups=1).ics
    moved = forecaster_paths(other, LEARNER, groups=5, test_groups=1).ics
    np.testing.assert_array_equal(last[0, 360:430], moved[0, 360:430])
    assert (last[0, :360] != moved[0, :360]).any()  # other folds learn from the last one


def test_progress_is_told_of_each_refit_and_can_stop() -> None:
    class Stops:
        def report(self, step: str, done: int, total: int) -> None:
            assert (step, total) == (STEP, 15)
            if done == 2:
                raise Cancelled("the job was asked to stop")

    with pytest.raises(Cancelled):
        forecaster_paths(planted_panel(1, 450, 10, strength=0.5), LEARNER, progress=Stops())


def test_too_little_to_learn_from_is_refused() -> None:
    panel: Panel = planted_panel(1, 450, 10, strength=0.5)
    greedy = replace(LEARNER, rows_per_leaf_min=5_000)
    with pytest.raises(InvalidInput, match=r"too little to learn from.*450 sessions of 10 names"):
        forecaster_paths(panel, greedy)

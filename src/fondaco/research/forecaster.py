"""The forecaster: LightGBM on the next return's cross-sectional rank, refitted walking forward.

Each model learns from purged and embargoed rows alone (`splits.py`), so every score is out of
sample, and the scores as a whole are a causal function of the panel.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fondaco.core.ids import content_hash
from fondaco.core.jobs import Progress, Silent
from fondaco.market.panel import Matrix, Panel
from fondaco.research import kernels
from fondaco.research.features import FEATURES
from fondaco.research.labels import forward_rank
from fondaco.research.splits import Split, WalkForward

INPUTS = tuple(name for name, feature in FEATURES.items() if not feature.across)
"""The features that go in, each as its rank within the session."""

Cube = NDArray[np.float64]
"""A float array of shape (T sessions, N instruments, F inputs)."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides what is learnt: splits, trees and chance. The same recipe on the same panel
    gives the same scores to the last bit.

    `stride` is the step between the training rows: labels of neighbouring sessions overlap, so
    little is lost. `inputs_min` is the least share of inputs that a name needs for a score; the
    trees take the rest as missing.
    """

    walk: WalkForward = field(default_factory=WalkForward)
    trees: int = 100
    leaves: int = 8
    rows_per_leaf_min: int = 100
    learning_rate: float = 0.05
    stride: int = 5
    inputs_min: float = 0.5
    seed: int = 7

    @property
    def model(self) -> str:
        """The name that its forecasts are kept under: another recipe is another model."""
        return f"lightgbm-rank{self.walk.horizon}-{content_hash(asdict(self))[:8]}"


def model_inputs(panel: Panel) -> Cube:
    """Return the cross-sectional ranks of the features, (T, N, F), F in the order of `INPUTS`."""
    return np.stack([kernels.cross_rank(FEATURES[name](panel)) for name in INPUTS], axis=2)


def walk_forward(panel: Panel, recipe: Recipe, progress: Progress | None = None) -> Matrix:
    """Return the out-of-sample score of each session and instrument, (T, N); NaN without one.

    A score is the expected cross-sectional rank of the return over the next `horizon` sessions,
    0 to 1. NaN before the first refit, under a refit with too little to learn from, and for a name
    without a close or with too few inputs.
    """
    labels = forward_rank(panel.close, recipe.walk.horizon)
    splits = recipe.walk.splits(panel.sessions)
    return fit_and_score(panel, labels, splits, recipe, progress or Silent())


def fit_and_score(
    panel: Panel, labels: Matrix, splits: tuple[Split, ...], recipe: Recipe, progress: Progress
) -> Matrix:
    """Return the scores of each split's model on the rows that it scores, (T, N)."""
    scores = np.full(panel.close.shape, np.nan)
    inputs = model_inputs(panel)
    for done, split in enumerate(splits):
        progress.report("fit forecaster", done, len(splits))
        model = fit(inputs, labels, split, recipe)
        rows = slice(split.test_start, split.test_stop)
        if model is not None:
            scores[rows] = _score(model, inputs[rows], panel.close[rows], recipe)
    progress.report("fit forecaster", len(splits), len(splits))
    return scores


def in_force(panel: Panel, recipe: Recipe) -> Iterator[tuple[int, Split]]:
    """Yield each row that has a model, with the split of that model."""
    for split in recipe.walk.splits(panel.sessions):
        for row in range(split.test_start, split.test_stop):
            yield row, split


def fit(inputs: Cube, labels: Matrix, split: Split, recipe: Recipe) -> Any:
    """Return the model of one refit; it sees no row and no label outside the split.

    None when the rows cannot be split even once, as when most prices are missing.
    """
    import lightgbm  # takes seconds and brings pandas: only who fits a model pays for it

    rows = slice(split.train_start, split.train_stop)
    # Steps are counted back from the newest row, so that the refit sees its latest label.
    x = inputs[rows][:: -recipe.stride].reshape(-1, inputs.shape[2])
    y = labels[rows][:: -recipe.stride].reshape(-1)
    usable = ~np.isnan(y) & _enough(x, recipe)
    if np.count_nonzero(usable) < 2 * recipe.rows_per_leaf_min:
        return None
    settings = _settings(recipe)
    data = lightgbm.Dataset(x[usable], y[usable], params=settings)
    return lightgbm.train(settings, data, num_boost_round=recipe.trees)


def _settings(recipe: Recipe) -> dict[str, Any]:
    return {
        "objective": "regression",
        "num_leaves": recipe.leaves,
        "min_data_in_leaf": recipe.rows_per_leaf_min,
        "learning_rate": recipe.learning_rate,
        "max_bin": 63,
        "seed": recipe.seed,
        "deterministic": True,
        "force_row_wise": True,  # else the layout is chosen by timing, and sums differ
        "num_threads": 1,
        "verbosity": -1,
    }


def _score(model: Any, inputs: Cube, close: Matrix, recipe: Recipe) -> Matrix:
    x = inputs.reshape(-1, inputs.shape[2])
    usable = _enough(x, recipe) & ~np.isnan(close.reshape(-1))
    scores = np.full(len(x), np.nan)
    if usable.any():
        scores[usable] = np.clip(model.predict(x[usable], num_threads=1), 0.0, 1.0)
    return scores.reshape(close.shape)


def _enough(x: NDArray[np.float64], recipe: Recipe) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = np.mean(~np.isnan(x), axis=1) >= recipe.inputs_min
    return known

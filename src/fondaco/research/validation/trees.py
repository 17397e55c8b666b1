"""Gradient-boosted trees for validation: the same numbers everywhere, and bins without a leak.

Source: Ke et al. (2017), LightGBM, section 2.1 (learning on histograms of binned inputs).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix
from fondaco.research.validation.rising import Places, learnt
from fondaco.research.validation.spans import Rows

Vector = NDArray[np.float64]

SAMPLE_ROWS = 200_000
"""Up to as many rows LightGBM cuts bins from all of them; beyond, from a sample (its default)."""
CELLS_MAX = 2**31 - 1
TREES_MAX = 100_000
FIXED: Mapping[str, Any] = {
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,  # else the layout is chosen by timing, and sums differ
    "enable_bundle": False,
    "verbosity": -1,
}
"""LightGBM settings that make its numbers the same everywhere."""
TAKEN = (
    ("num_thread", "nthread", "nthreads", "n_jobs", "verbose", "force_col_wise"),
    ("is_enable_bundle", "bundle", "linear_tree", "linear_trees"),
    ("bin_construct_sample_cnt", "subsample_for_bin", "categorical_feature", "cat_feature"),
    ("num_iterations", "num_iteration", "n_iter", "num_tree", "num_trees", "num_round"),
    ("num_rounds", "nrounds", "num_boost_round", "n_estimators", "max_iter"),
)
"""Other settings that would undo what is fixed, or that `trees` says."""


@dataclass(frozen=True, slots=True)
class Trees:
    """LightGBM's boosted trees: so many `trees`, and `parameters` in LightGBM's own words.

    Regression, unless `parameters` name another objective. Raises InvalidInput for a parameter
    that this file fixes (threads, determinism, bundles) or that `trees` says.
    """

    trees: int = 100
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 1 <= self.trees <= TREES_MAX:
            raise InvalidInput(
                "the number of trees cannot be", value=self.trees, bound=f"1 to {TREES_MAX:,}"
            )
        wrong = sorted({*FIXED, *chain(*TAKEN)} & set(self.parameters))
        if wrong:
            raise InvalidInput(
                "these settings are not free here: they would change scores with the number of "
                "workers, or say the number of trees twice",
                value=", ".join(wrong),
                bound=", ".join(f"{name}={value}" for name, value in FIXED.items()),
                remedy="Leave them out; give the number of trees as `trees`.",
            )

    @property
    def settings(self) -> dict[str, Any]:
        """All settings as LightGBM takes them."""
        return {"objective": "regression", **self.parameters, **FIXED}

    def fit(self, x: Matrix, y: Vector, /) -> "_Forest":
        """Return the model of all rows given."""
        import lightgbm  # takes seconds and brings pandas: only who fits a model pays for it

        return self.grown(lightgbm.Dataset(x, y, params=self.settings))

    def fit_sorted(
        self, order: Places, rising: Matrix, train: Rows, x: Matrix, y: Vector
    ) -> "_Forest":
        """Return the model of `fit(x[train], y[train])`, to the last bit, much sooner.

        `order` and `rising` are `sorted_columns(x)`, of all rows; nothing of a row outside `train`
        is looked at. Most of what LightGBM takes to make ready goes into sorting each column for
        its bins, and into finding each value's bin in the order of the rows, where no branch can be
        foreseen: columns that are sorted already spare it both.
        """
        if len(train) > SAMPLE_ROWS or train.size * x.shape[1] > CELLS_MAX:
            return self.fit(x[train], y[train])
        return self.grown(_binned(order, rising, train, y[train], self.settings))

    def grown(self, rows: Any) -> "_Forest":
        """Return the model of rows that are binned already."""
        import lightgbm

        return _Forest(lightgbm.train(self.settings, rows, num_boost_round=self.trees))


@dataclass(frozen=True, slots=True)
class _Forest:
    model: Any

    def predict(self, x: Matrix) -> Vector:
        found: Vector = self.model.predict(x, num_threads=1)
        return found


def _binned(
    order: Places, rising: Matrix, train: Rows, labels: Vector, settings: dict[str, Any]
) -> Any:
    """Return the training rows with bins that are cut from them alone.

    Bins hang on a column's values and not on their order, so they are cut from the sorted columns,
    as if the first row held the least of each; then each value goes to its own row's place.
    """
    import lightgbm
    from scipy.sparse import csc_matrix  # type: ignore[import-untyped]

    total, kept = len(order), len(train)
    place = np.full(order.shape[1], -1, dtype=np.int32)
    place[train] = np.arange(kept, dtype=np.int32)
    rows, values = np.empty((total, kept), dtype=np.int32), np.empty((total, kept))
    learnt(order, rising, place, rows, values)
    ends = np.arange(total + 1, dtype=np.int32) * kept
    ranks = np.tile(np.arange(kept, dtype=np.int32), total)
    by_rank = csc_matrix((values.reshape(-1), ranks, ends), shape=(kept, total))
    by_row = csc_matrix((values.reshape(-1), rows.reshape(-1), ends), shape=(kept, total))
    bins = lightgbm.Dataset(by_rank, params=settings).construct()
    return lightgbm.Dataset(by_row, labels, reference=bins, params=settings)

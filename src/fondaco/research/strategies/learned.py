"""Learned: the forecaster's scores decide."""

from collections.abc import Mapping

from fondaco.market.panel import Matrix, Panel
from fondaco.research.forecaster import Recipe, walk_forward
from fondaco.research.splits import WalkForward
from fondaco.research.strategies.parameters import Bound, Parameters
from fondaco.research.strategies.selection import SELECTION, Selection
from fondaco.research.strategies.strategy import Made, design

LIGHTGBM: Mapping[str, Bound] = {
    "horizon": Bound(20, 1, 252, "sessions ahead that are forecast"),
    "embargo": Bound(5, 0, 252, "sessions held back before a refit"),
    "refit_months": Bound(12, 1, 120, "months between refits"),
    "train_min": Bound(504, 20, 5_040, "fewest sessions to learn from"),
    "train_max": Bound(2_520, 20, 12_600, "most sessions to learn from"),
    "trees": Bound(100, 1, 2_000, "trees of a model"),
    "rows_per_leaf_min": Bound(100, 1, 100_000, "fewest rows in a leaf"),
    "stride": Bound(5, 1, 60, "sessions between training rows"),
    "seed": Bound(7, 0, 2_147_483_647, "seed of the trees"),
    **SELECTION,
}


@design(
    "lightgbm",
    LIGHTGBM,
    source="Gu, Kelly and Xiu (2020), Review of Financial Studies 33, p. 2223-2273",
    modules=(
        "fondaco.research.forecaster",
        "fondaco.research.labels",
    ),
)
def lightgbm(parameters: Parameters) -> Made:
    """Hold the fifth with the best walk-forward score of the forecaster.

    Idea: trees over the features' ranks find combinations that no single rule states.
    Rule: models are refitted every `refit_months` months on purged and embargoed rows and give
    each name its expected rank over the next `horizon` sessions. On the first session of each
    month hold, in equal parts, the `share` of names with the highest score.
    Source: Gu, Kelly and Xiu (2020), p. 2223-2273, section 1.6 (boosted trees); Ke and others
    (2017), LightGBM, NeurIPS 30.
    Ignores: costs when it learns, and the many trials by which such models are chosen; see the
    forecaster's own record.
    """
    recipe = recipe_of(parameters)
    walk = recipe.walk

    def score(panel: Panel) -> Matrix:
        return walk_forward(panel, recipe)

    return Made(
        walk.train_min + walk.horizon + walk.embargo,
        Selection(score, float(parameters["share"]), int(parameters["names_min"])),
    )


def recipe_of(parameters: Parameters) -> Recipe:
    """Return the forecaster's recipe within a lightgbm strategy's parameters."""
    lengths = ("horizon", "embargo", "refit_months", "train_min", "train_max")
    walk = WalkForward(**{name: int(parameters[name]) for name in lengths})
    return Recipe(
        walk,
        trees=int(parameters["trees"]),
        rows_per_leaf_min=int(parameters["rows_per_leaf_min"]),
        stride=int(parameters["stride"]),
        seed=int(parameters["seed"]),
    )

"""Strategies: causal functions of a panel that give target weights.

A strategy here scores every name at every session, and on the first session of each month holds
the best of them in equal parts, long only. Weights are shares of equity, decided at that session's
close; NaN means no change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from inspect import getsource
from types import MappingProxyType

import numpy as np

from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.ids import content_hash
from fondaco.market.panel import Matrix, Panel
from fondaco.research.features import momentum as momentum_feature
from fondaco.research.forecaster import Recipe, walk_forward
from fondaco.research.splits import WalkForward, refit_rows

Parameters = Mapping[str, float | int]
"""A strategy's numbers by name, as plain JSON."""

_SHARED = ("fondaco.research.strategies", "fondaco.research.features", "fondaco.research.kernels")


@dataclass(frozen=True, slots=True)
class Bound:
    """A parameter's default and range; whole when the default is an integer."""

    default: float | int
    low: float
    high: float
    meaning: str


SELECTION: Mapping[str, Bound] = {
    "share": Bound(0.2, 0.01, 1.0, "part of the scored names that is held"),
    "names_min": Bound(5, 2, 1_000, "fewest scored names for a rebalance"),
}
MOMENTUM: Mapping[str, Bound] = {
    "lookback": Bound(252, 2, 1_260, "sessions back to where the return starts"),
    "skip": Bound(21, 0, 252, "latest sessions left out of it"),
    **SELECTION,
}
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


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to choose target weights, fixed with its parameters.

    `score(panel)` is a causal (T, N) array, higher is better, NaN where a name cannot be judged.
    `warm_up` is how many sessions must lie behind the first score. `modules` are the modules whose
    source makes it what it is; `strategy_hash` covers them.
    """

    name: str
    version: int
    parameters: Parameters
    warm_up: int
    score: Callable[[Panel], Matrix]
    modules: tuple[str, ...] = _SHARED

    def weights(self, panel: Panel) -> Matrix:
        """Return the target weights decided at each close, (T, N), NaN for no change.

        Only the first session of a month has any. What is not among the best gets 0.
        """
        scores = self.score(panel)
        weights = np.full(scores.shape, np.nan)
        for row in refit_rows(panel.sessions, 1):
            chosen = self.best(scores[row])
            if len(chosen):
                weights[row] = 0.0
                weights[row, chosen] = 1.0 / len(chosen)
        return weights

    def best(self, scores: Matrix) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Return the columns of one session's best names, best first; none when too few scored.

        Of n scored names, share * n rounded down are chosen, at least one; equal scores keep the
        panel's order.
        """
        scored = int(np.count_nonzero(~np.isnan(scores)))
        if scored < self.parameters["names_min"]:
            return np.empty(0, dtype=np.int64)
        order = np.argsort(-scores, kind="stable")  # NaN goes last
        # A share such as 0.29 of 100 must give 29 although the product is 28.999999999999996.
        return order[: max(1, int(self.parameters["share"] * scored + 1e-9))]


def momentum(**changes: float) -> Strategy:
    """Return the rule strategy: hold the fifth with the best year, its last month left out.

    Source: Jegadeesh and Titman (1993), Journal of Finance 48, p. 65-91 (deciles there).
    """
    parameters = checked("momentum", MOMENTUM, changes)
    lookback, skip = int(parameters["lookback"]), int(parameters["skip"])
    if skip >= lookback:
        raise InvalidInput(
            "the skipped sessions must lie within the lookback", value=skip, bound=f"< {lookback}"
        )
    feature = momentum_feature(lookback, skip)
    return Strategy("momentum", 1, parameters, feature.warm_up, feature)


def lightgbm(**changes: float) -> Strategy:
    """Return the learning strategy: hold the fifth with the best walk-forward score."""
    parameters = checked("lightgbm", LIGHTGBM, changes)
    recipe = recipe_of(parameters)
    modules = (
        *_SHARED,
        "fondaco.research.forecaster",
        "fondaco.research.labels",
        "fondaco.research.splits",
    )
    walk = recipe.walk
    warm_up = walk.train_min + walk.horizon + walk.embargo
    return Strategy(
        "lightgbm", 1, parameters, warm_up, lambda panel: walk_forward(panel, recipe), modules
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


STRATEGIES: Mapping[str, Callable[..., Strategy]] = {"momentum": momentum, "lightgbm": lightgbm}
"""Every strategy by name; each is called with the parameters to change."""


def strategy_named(name: str, parameters: Parameters | None = None) -> Strategy:
    """Return a strategy with some parameters changed.

    Raises NotFound for an unknown name, InvalidInput for an unknown or out-of-range parameter.

    >>> strategy_named("momentum", {"share": 0.1}).parameters["share"]
    0.1
    """
    if name not in STRATEGIES:
        raise NotFound("no such strategy", value=name, bound=", ".join(STRATEGIES))
    return STRATEGIES[name](**dict(parameters or {}))


def checked(name: str, bounds: Mapping[str, Bound], changes: Parameters) -> Parameters:
    """Return all parameters with the changes made; raises InvalidInput with the bound broken."""
    unknown = [key for key in changes if key not in bounds]
    if unknown:
        raise InvalidInput(
            f"{name} has no such parameter", value=", ".join(unknown), bound=", ".join(bounds)
        )
    values = {key: changes.get(key, bound.default) for key, bound in bounds.items()}
    for key, bound in bounds.items():
        whole = isinstance(bound.default, int)
        value = values[key]
        if not bound.low <= value <= bound.high or (whole and value != int(value)):
            raise InvalidInput(
                f"{name}'s {key} ({bound.meaning}) is out of range",
                value=value,
                bound=f"{'whole, ' if whole else ''}{bound.low:g} to {bound.high:g}",
            )
        values[key] = int(value) if whole else float(value)
    return MappingProxyType(values)


def strategy_hash(strategy: Strategy) -> str:
    """Return the SHA-256 of a strategy's name, version, parameters and the source it rests on."""
    sources = {
        module: sha256(getsource(import_module(module)).encode()).hexdigest()
        for module in strategy.modules
    }
    return content_hash([strategy.name, strategy.version, dict(strategy.parameters), sources])

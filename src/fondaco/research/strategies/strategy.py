"""The strategy as a value, the design that it is made by, and what makes it what it is.

A strategy is a causal function of a panel to target weights (T, N): shares of equity decided at
that session's close, NaN for no change, 0 to sell, negative to be short.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib import import_module
from inspect import cleandoc, getsource

from fondaco.core.ids import content_hash
from fondaco.market.panel import Matrix, Panel
from fondaco.research.strategies.parameters import Bound, Parameters, checked
from fondaco.research.strategies.schedule import starting_at
from fondaco.research.strategies.selection import Selection

Weights = Callable[[Panel], Matrix]
"""A causal function of a panel to target weights, (T, N)."""

SHARED = (
    "fondaco.research.strategies.strategy",
    "fondaco.research.strategies.parameters",
    "fondaco.research.strategies.selection",
    "fondaco.research.strategies.schedule",
    "fondaco.research.features",
    "fondaco.research.kernels",
    "fondaco.research.splits",
)
"""The modules that every built-in strategy rests on."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to choose target weights, fixed with its parameters.

    `weights(panel)` gives the target weights decided at each close, (T, N). `warm_up` is how many
    sessions must lie behind the first of them. `modules` are the modules whose source makes it
    what it is; `strategy_hash` covers them. `selection` is set where the weights come from scores,
    so that ideas can be made of them. `standing` says that a decision stands until its name is
    decided anew, which may be never; else every rebalance decides all names. `code` is the source
    of a user's strategy, which has no module of the desk. `family` names what is one idea in
    several strategies: trials of one weigh on all.
    """

    name: str
    version: int
    parameters: Parameters
    warm_up: int
    weights: Weights
    modules: tuple[str, ...] = SHARED
    summary: str = ""
    source: str = ""
    selection: Selection | None = None
    standing: bool = False
    code: str = ""
    family: str = ""

    def weights_from(self, panel: Panel, row: int) -> Matrix:
        """Return the weights as an account sees them that starts at `row`, (T, N).

        It takes over at once, at that close, the decisions that stand; without this, what was
        bought for good before it would never be bought. Other strategies wait for their next
        rebalance.
        """
        weights = self.weights(panel)
        return starting_at(weights, row) if self.standing else weights


@dataclass(frozen=True, slots=True)
class Made:
    """What a design makes of its parameters: the warm-up in sessions and the weights."""

    warm_up: int
    weights: Weights


Build = Callable[[Parameters], Made]


@dataclass(frozen=True, slots=True)
class Design:
    """A strategy before its parameters are chosen; called with those to change, gives a Strategy.

    `build` makes the weights of checked parameters; its docstring tells idea, rule, source and
    what it ignores.
    """

    name: str
    version: int
    bounds: Mapping[str, Bound]
    source: str
    build: Build
    modules: tuple[str, ...]
    standing: bool

    def __call__(self, **changes: float) -> Strategy:
        """Return the strategy with some parameters changed; raises InvalidInput out of range."""
        parameters = checked(self.name, self.bounds, changes)
        made = self.build(parameters)
        return Strategy(
            self.name,
            self.version,
            parameters,
            made.warm_up,
            made.weights,
            self.modules,
            self.summary,
            self.source,
            made.weights if isinstance(made.weights, Selection) else None,
            self.standing,
            family=self.family,
        )

    @property
    def family(self) -> str:
        """The idea that strategies of one file share, by that file's name."""
        return self.build.__module__.rpartition(".")[2]

    @property
    def summary(self) -> str:
        """The idea in one line."""
        return self.doc.partition("\n")[0]

    @property
    def doc(self) -> str:
        """Idea, rule, source and what is ignored, in words."""
        return cleandoc(self.build.__doc__ or "")


def design(
    name: str,
    bounds: Mapping[str, Bound],
    *,
    source: str,
    version: int = 1,
    modules: tuple[str, ...] = (),
    standing: bool = False,
) -> Callable[[Build], Design]:
    """Mark a function of checked parameters as a strategy's design.

    `modules` are those it rests on beside SHARED and its own; `standing` as in Strategy.
    """

    def mark(build: Build) -> Design:
        rests_on = (*SHARED, build.__module__, *modules)
        return Design(name, version, bounds, source, build, rests_on, standing)

    return mark


def strategy_hash(strategy: Strategy) -> str:
    """Return the SHA-256 of a strategy's name, version, parameters and the source it rests on."""
    sources = {
        module: sha256(getsource(import_module(module)).encode()).hexdigest()
        for module in strategy.modules
    }
    made_of = [strategy.name, strategy.version, dict(strategy.parameters), sources]
    return content_hash([*made_of, strategy.code] if strategy.code else made_of)


def code_hash(strategy: Strategy) -> str:
    """Return the SHA-256 of the source that a strategy rests on, whatever its parameters."""
    return strategy_hash(replace(strategy, parameters={}))

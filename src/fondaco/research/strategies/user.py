"""A user's strategy as a value: its source is its code, wherever it runs."""

from fondaco.market.panel import Matrix, Panel
from fondaco.research.ports import UserStrategy
from fondaco.research.strategies.parameters import Parameters
from fondaco.research.strategies.strategy import Strategy, Weights


def opened_strategy(user: UserStrategy, code: str) -> Strategy:
    """Return the strategy that an open file of a user's is."""
    return _strategy(user.name, user.parameters, user.weights, user.doc, code)


def unopened(name: str, code: str, parameters: Parameters) -> Strategy:
    """Return a user's strategy that is known by its source alone: it can be told, not called."""
    return _strategy(name, parameters, _not_open, "", code)


def _strategy(
    name: str, parameters: Parameters, weights: Weights, summary: str, code: str
) -> Strategy:
    return Strategy(
        name,
        1,
        parameters,
        0,
        weights,
        modules=(),
        summary=summary,
        source="a file of the user's",
        code=code,
        family=name,
    )


def _not_open(panel: Panel) -> Matrix:
    raise AssertionError(f"a strategy of {len(panel.instruments)} names was called unopened")

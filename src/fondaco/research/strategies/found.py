"""A strategy by the name that trials and promotions know it by: a built-in, or a user's file."""

from fondaco.research.ports import UserStrategies
from fondaco.research.strategies.library import strategy_named
from fondaco.research.strategies.parameters import Parameters
from fondaco.research.strategies.strategy import Strategy
from fondaco.research.strategies.user import unopened

FILE = ".py"
"""How the name of a user's strategy ends."""


def strategy_found(files: UserStrategies, name: str, parameters: Parameters) -> Strategy:
    """Return a strategy with its parameters as its code is now; a user's file is not opened.

    Raises NotFound or InvalidInput for one that is gone, or takes these parameters no more.
    """
    if not name.endswith(FILE):
        return strategy_named(name, parameters)
    return unopened(name, files.read(name), parameters)

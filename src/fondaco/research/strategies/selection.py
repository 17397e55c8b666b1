"""Selection: score every name, hold the best of them in equal parts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fondaco.market.panel import Matrix, Panel
from fondaco.research.strategies.parameters import Bound
from fondaco.research.strategies.schedule import MONTHLY, rebalance_rows

SELECTION: Mapping[str, Bound] = {
    "share": Bound(0.2, 0.01, 1.0, "part of the scored names that is held"),
    "names_min": Bound(5, 2, 1_000, "fewest scored names for a rebalance"),
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Weights from scores, long only: called with a panel it gives them, (T, N).

    `score(panel)` is a causal (T, N) array, higher is better, NaN where a name cannot be judged.
    Of n scored names, `share` * n rounded down are held, at least one; none is chosen anew when
    fewer than `names_min` are scored. `every` says which sessions decide (`schedule.py`).
    """

    score: Callable[[Panel], Matrix]
    share: float
    names_min: int
    every: int = MONTHLY

    def __call__(self, panel: Panel) -> Matrix:
        """Return the target weights decided at each close, NaN for no change.

        What is not among the best gets 0.
        """
        scores = self.score(panel)
        weights = np.full(scores.shape, np.nan)
        for row in rebalance_rows(panel.sessions, self.every):
            chosen = self.best(scores[row])
            if len(chosen):
                weights[row] = 0.0
                weights[row, chosen] = 1.0 / len(chosen)
        return weights

    def best(self, scores: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the columns of one session's best names, best first; none when too few scored.

        Equal scores keep the panel's order.
        """
        scored = int(np.count_nonzero(~np.isnan(scores)))
        if scored < self.names_min:
            return np.empty(0, dtype=np.int64)
        order = np.argsort(-scores, kind="stable")  # NaN goes last
        # A share such as 0.29 of 100 must give 29 although the product is 28.999999999999996.
        return order[: max(1, int(self.share * scored + 1e-9))]

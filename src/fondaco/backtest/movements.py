"""What a run's log moved: positions at every row, and each session's profit and cost by name."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fondaco.backtest.play import Played
from fondaco.trading.costs import MICRO
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Counts

Array = NDArray[np.float64]
MOVES = (x.Event.FILLED, x.Event.SPLIT, x.Event.DELISTED)
PAYS = (x.Event.SPLIT, x.Event.DIVIDEND, x.Event.DELISTED)


@dataclass(frozen=True)
class Movements:
    """A run's log as arrays over the tape's rows, T x N, money in the account's currency."""

    played: Played

    @property
    def log(self) -> Counts:
        """Every event of the run."""
        return self.played.swept.log

    def of(self, *kinds: x.Event) -> Counts:
        """Return the events of some kinds, in their order."""
        rows: Counts = self.log[np.isin(self.log[:, x.E_KIND], kinds)]
        return rows

    @cached_property
    def held(self) -> Counts:
        """Shares held after each row's events, (T, N)."""
        moves, tape = self.of(*MOVES), self.played.tape
        found = np.zeros(tape.shape, dtype=np.int64)
        np.add.at(found, (moves[:, x.E_ROW], moves[:, x.E_COLUMN]), moves[:, x.E_QUANTITY])
        return np.cumsum(found, axis=0)

    @cached_property
    def rates(self) -> Array:
        """What one unit of each name's currency is worth in the account's, (T, N)."""
        tape = self.played.tape
        found: Array = tape.bar_rows[x.FX :][tape.names[x.CURRENCY]].T / x.FX_UNIT
        return found

    @cached_property
    def value(self) -> Array:
        """What is held at each close, (T, N)."""
        mark = self.played.tape.plane("mark")
        found: Array = self.held * (mark / MICRO) * self.rates
        return found

    def summed(self, events: Counts, amounts: Array) -> Array:
        """Return amounts of events added up by row and name, (T, N)."""
        found = np.zeros(self.played.tape.shape)
        np.add.at(found, (events[:, x.E_ROW], events[:, x.E_COLUMN]), amounts)
        return found

    @cached_property
    def fill_values(self) -> Array:
        """What each fill traded, below 0 for a sale, without costs; one to a fill."""
        fills = self.played.swept.fills
        rate = np.where(fills[:, x.E_FX] > 0, fills[:, x.E_FX] / x.FX_UNIT, 1.0)
        found: Array = fills[:, x.E_QUANTITY] * (fills[:, x.E_PRICE] / MICRO) * rate
        return found

    @cached_property
    def fill_costs(self) -> Array:
        """What each fill cost beside its value: fees and the exchange of money."""
        found: Array = -self.fill_values - self.played.swept.fills[:, x.E_CASH] / MICRO
        return found

    @cached_property
    def profit(self) -> Array:
        """Each traded session's profit by name before costs, (S - 1, N); dividends are in it."""
        fills, pays = self.played.swept.fills, self.of(*PAYS)
        flows = self.summed(pays, pays[:, x.E_CASH] / MICRO) - self.summed(fills, self.fill_values)
        first = self.played.tape.first
        found: Array = np.diff(self.value[first:], axis=0) + flows[first + 1 :]
        return found

    @cached_property
    def cost(self) -> Array:
        """Each traded session's costs, (S - 1,)."""
        fills = self.played.swept.fills
        rows = np.bincount(fills[:, x.E_ROW], self.fill_costs, minlength=self.played.tape.shape[0])
        found: Array = rows[self.played.tape.first + 1 :].astype(np.float64)
        return found

"""The order of trades drawn anew: how deep the same trades might have fallen. For drawdown only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fondaco.research.statistics.blocks import check_draws, finite_series, portions
from fondaco.research.statistics.samples import Column, drawdown_of, no_loss_beyond_all

PURPOSE = (
    "How deep the same trades could have fallen in another order. It says nothing about an edge: "
    "every order has the same trades, so the same mean and the same end."
)
_TRADES_MIN = 2


@dataclass(frozen=True, slots=True)
class TradeOrder:
    """Falls of a set of trades in random order, as shares of the last high: 0 or below.

    `median`, `fall_95` and `fall_99` are as deep or deeper than 50, 95 and 99 per cent of orders.
    `deeper_share` is the share of orders that fell deeper than the true one. `purpose` says what
    this is for, and is shown beside it.
    """

    observed: float
    median: float
    fall_95: float
    fall_99: float
    deeper_share: float
    trades: int
    draws: int
    purpose: str = PURPOSE


def trade_order_drawdown(
    trade_returns: NDArray[np.float64], *, rng: np.random.Generator, draws: int = 2_000
) -> TradeOrder:
    """Say how deep the same trades might have fallen in another order: for drawdown only.

    This is no test of an edge. Another order leaves the mean, the total and the Sharpe ratio as
    they were, so it cannot tell a winner from a loser; use `permutation_edge` for that, and
    `bootstrap_interval` for how sure the mean is. What it does say: a fall that was among the
    shallowest of all orders was luck of the order, and the next one should be expected deeper.

    `trade_returns` are shares of equity, one after the other, finite, not below -1, (n,), n >= 2;
    trades that overlap, or whose size followed earlier results, have no order to change.
    Raises InvalidInput for other values and for fewer than 100 draws (the 99th per cent).

    >>> trades = np.array([0.1] * 5 + [-0.1] * 5)
    >>> found = trade_order_drawdown(trades, rng=np.random.default_rng(1))
    >>> round(found.observed, 4), found.fall_99 <= found.fall_95 <= found.median
    (-0.4095, True)
    >>> found.deeper_share  # all losses in a row is the worst order there is
    0.0
    """
    trades = finite_series(trade_returns, "the trades' returns", _TRADES_MIN)
    check_draws(draws, draws_min=100)
    no_loss_beyond_all(trades)
    observed = float(drawdown_of(trades[None, :])[0])
    falls = shuffled_falls(trades, rng=rng, draws=draws)
    median, fall_95, fall_99 = np.quantile(falls, [0.5, 0.05, 0.01]).tolist()
    deeper = float(np.mean(falls < observed - 1e-12))  # an equal fall, differently rounded, is not
    return TradeOrder(observed, median, fall_95, fall_99, deeper, len(trades), draws)


def shuffled_falls(trades: Column, *, rng: np.random.Generator, draws: int) -> Column:
    """Return the deepest fall of each of `draws` random orders of the trades, (draws,)."""
    parts = [
        drawdown_of(rng.permuted(np.tile(trades, (count, 1)), axis=1))
        for count in portions(draws, len(trades))
    ]
    return np.concatenate(parts)

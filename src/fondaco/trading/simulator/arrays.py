"""The arrays that the kernel works on, and their compiled types."""

from typing import Final, NamedTuple

import numpy as np
from numba import int64, types
from numpy.typing import NDArray

Counts = NDArray[np.int64]
"""Whole numbers: micros, shares or parts, as the name says."""


class Market(NamedTuple):
    """What happened in T bars of N instruments; 0 is no value. The kernel never writes here.

    `open` to `volume` and `mark` (T, N); `half_spread`, `sigma` (parts per thousand million) and
    `adv` (shares) are (T, N), or (0, 0) when prices are not conceded; `fx` (T, C) is the worth of
    a currency in the account's; `currency`, `lot`, `tick`, `locate` (shares that can be borrowed,
    -1 for any), `borrow` (parts a year) are (N,); `margin` (4, N) holds initial and maintenance
    parts for longs, then for shorts; `moment` (T,) closes of bars; `ends` (T,) 1 where a session
    ends; `actions` (A, 5); `charges` (S, L, F) with `schedule` (T,) saying which is in force.
    """

    open: Counts
    high: Counts
    low: Counts
    close: Counts
    volume: Counts
    mark: Counts
    half_spread: Counts
    sigma: Counts
    adv: Counts
    fx: Counts
    currency: Counts
    lot: Counts
    tick: Counts
    locate: Counts
    borrow: Counts
    margin: Counts
    moment: Counts
    ends: Counts
    actions: Counts
    charges: Counts
    schedule: Counts


_ROW: Final = types.Array(int64, 1, "C", readonly=True)
_GRID: Final = types.Array(int64, 2, "C", readonly=True)
_CUBE: Final = types.Array(int64, 3, "C", readonly=True)
VECTOR: Final = types.Array(int64, 1, "C")
TABLE: Final = types.Array(int64, 2, "C")
ROW, GRID, CUBE = _ROW, _GRID, _CUBE
MARKET: Final = types.NamedTuple(
    [_GRID] * 10 + [_ROW] * 5 + [_GRID] + [_ROW] * 2 + [_GRID, _CUBE, _ROW], Market
)


class Account(NamedTuple):
    """An account in hand: its numbers, one column per instrument, its orders and its log."""

    vector: Counts
    holding: Counts
    orders: Counts
    log: Counts


ACCOUNT: Final = types.NamedTuple([VECTOR, TABLE, TABLE, TABLE], Account)

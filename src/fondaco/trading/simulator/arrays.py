"""The arrays that the kernel works on, and their compiled types."""

from typing import Final, NamedTuple

import numpy as np
from numba import int64, types
from numpy.typing import NDArray

Counts = NDArray[np.int64]
"""Whole numbers: micros, shares or parts, as the name says."""


class Market(NamedTuple):
    """What happened in T bars of N instruments; 0 is no value. The kernel never writes here.

    `bars` (P, T, N): planes of prices, volume and what prices concede; the terms say which plane
    holds what (OPEN to ADV). `names` (9, N): CURRENCY, LOT, TICK, LOCATE (shares that can be
    borrowed, -1 for any), BORROW (parts a year), then initial and maintenance MARGIN of longs and
    of shorts. `rows` (3 + C, T): MOMENT at which a bar closes, ENDS (1 where a session ends),
    SCHEDULE of charges, and from FX on the worth of each currency. `actions` (A, 5); `charges`
    (S, L, F). Few arrays, for each is handed from kernel to kernel.
    """

    bars: Counts
    names: Counts
    rows: Counts
    actions: Counts
    charges: Counts


ROW: Final = types.Array(int64, 1, "C", readonly=True)
GRID: Final = types.Array(int64, 2, "C", readonly=True)
VECTOR: Final = types.Array(int64, 1, "C")
TABLE: Final = types.Array(int64, 2, "C")
CUBE: Final = types.Array(int64, 3, "C")
MARKET: Final = types.NamedTuple([CUBE, TABLE, TABLE, TABLE, CUBE], Market)  # type: ignore[no-untyped-call]


class Account(NamedTuple):
    """An account in hand: its numbers, one column per instrument, its orders and its log."""

    vector: Counts
    holding: Counts
    orders: Counts
    log: Counts


ACCOUNT: Final = types.NamedTuple([VECTOR, TABLE, TABLE, TABLE], Account)  # type: ignore[no-untyped-call]

"""Columns sorted once for all splits: the learnt values of each column, rising, with their rows."""

import numpy as np
from numba import float64, int32, njit, types, void
from numpy.typing import NDArray

from fondaco.market.panel import Matrix

Places = NDArray[np.int32]

_PLACES = types.Array(int32, 2, "C", readonly=True)
_VALUES = types.Array(float64, 2, "C", readonly=True)
_PLACE = types.Array(int32, 1, "C", readonly=True)


def sorted_columns(values: Matrix) -> tuple[Places, Matrix]:
    """Return each column's rows in rising order of value, and those values, both (F, n); NaN last.

    >>> rows, rising = sorted_columns(np.array([[3.0], [1.0], [2.0]]))
    >>> rows.tolist(), rising.tolist()
    ([[1, 2, 0]], [[1.0, 2.0, 3.0]])
    """
    columns = np.ascontiguousarray(values.T, dtype=np.float64)
    order = np.argsort(columns, axis=1)
    return order.astype(np.int32), np.take_along_axis(columns, order, axis=1)


@njit(void(_PLACES, _VALUES, _PLACE, int32[:, ::1], float64[:, ::1]), cache=True, nogil=True)
def learnt(order: Places, rising: Matrix, place: Places, rows: Places, values: Matrix) -> None:
    """Fill `rows` and `values` (F, k) with the k learnt rows of each sorted column.

    `place` (n,) is where a row stands among the learnt ones, -1 for one that is not learnt from:
    its value is passed over, and nothing of it is left in what is filled.
    """
    columns, total = order.shape
    for column in range(columns):
        filled = 0
        for rank in range(total):
            row = place[order[column, rank]]
            if row >= 0:
                rows[column, filled] = row
                values[column, filled] = rising[column, rank]
                filled += 1

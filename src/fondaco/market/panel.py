"""The panel: what was known at a time, as arrays of session x instrument."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import InstrumentId, Origin

Matrix = NDArray[np.float64]
"""A float array of shape (T sessions, N instruments); NaN where there is no value."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars of N instruments over T sessions, adjusted for what was known at `as_of`.

    `sessions` is datetime64[D] of shape (T,), rising without repetition; `closes_at` is
    datetime64[us] UTC, the close of each. `fields` holds `close` always, and `open`, `high`,
    `low`, `volume` where the source has them, each of shape (T, N) with NaN for a missing bar.
    `version` is the store version that was read.
    """

    sessions: NDArray[np.datetime64]
    closes_at: NDArray[np.datetime64]
    instruments: tuple[InstrumentId, ...]
    fields: Mapping[str, Matrix]
    origin: Origin
    as_of: datetime
    version: int

    def __post_init__(self) -> None:
        shape = (len(self.sessions), len(self.instruments))
        if "close" not in self.fields:
            raise InvalidInput("a panel needs closes", value=sorted(self.fields), bound="close")
        for name, values in self.fields.items():
            if values.shape != shape:
                raise InvalidInput(
                    f"the panel's {name} has the wrong shape", value=values.shape, bound=shape
                )
        if shape[0] > 1 and not bool((np.diff(self.sessions) > np.timedelta64(0, "D")).all()):
            raise InvalidInput("a panel's sessions must rise without repetition")

    @property
    def close(self) -> Matrix:
        """The closes, (T, N)."""
        return self.fields["close"]

    @property
    def has_opens(self) -> bool:
        """Whether orders can fill at the next open; if not, they fill at the next close."""
        return "open" in self.fields

    def until(self, rows: int) -> "Panel":
        """Return the panel of its first `rows` sessions: what was known then."""
        return Panel(
            self.sessions[:rows],
            self.closes_at[:rows],
            self.instruments,
            {name: values[:rows] for name, values in self.fields.items()},
            self.origin,
            self.as_of,
            self.version,
        )

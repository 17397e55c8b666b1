"""The panel: what was known at a time, as arrays of session x instrument."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import InstrumentId, Origin

if TYPE_CHECKING:
    import polars as pl
    from typing_extensions import TypeIs

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


def panel_of(
    data: "Mapping[str, ArrayLike] | ArrayLike | pl.DataFrame",
    *,
    sessions: "Sequence[date] | ArrayLike | None" = None,
    instruments: Sequence[str] | None = None,
) -> Panel:
    """Return your own numbers as a panel, to try a function on.

    `data` is the closes, (T,) or (T, N); or arrays by field (`close` always; `open`, `high`,
    `low`, `volume` and others as you like); or a polars frame with the columns `session`,
    `instrument`, `close` and more, a row for each bar. Sessions are days, rising; left out, every
    weekday from 2 January 2015. Names left out are A, B, C ... Each session is taken to close at
    21:00 UTC, and the panel to be known at its last close. Raises InvalidInput for what does not
    fit.

    >>> panel = panel_of({"close": [[10.0, 20.0], [11.0, 19.0]]}, instruments=("X", "Y"))
    >>> panel.instruments, str(panel.sessions[-1]), panel.close[1].tolist()
    (('X', 'Y'), '2015-01-05', [11.0, 19.0])
    """
    if _is_frame(data):
        days, names, fields = _spread(data, sessions, instruments)
    else:
        given = data if isinstance(data, Mapping) else {"close": data}
        fields = {str(name): _matrix(str(name), values) for name, values in given.items()}
        if "close" not in fields:
            raise InvalidInput("a panel needs closes", value=sorted(fields), bound="close")
        rows, width = fields["close"].shape
        days = _weekdays(rows) if sessions is None else np.asarray(sessions, dtype="datetime64[D]")
        names = tuple(instruments) if instruments is not None else _letters(width)
    if len(days) == 0 or (len(days), len(names)) != fields["close"].shape:
        raise InvalidInput(
            "closes must have a row for each session and a column for each instrument",
            value=fields["close"].shape,
            bound=(len(days), len(names)),
        )
    closes_at: NDArray[np.datetime64] = days + np.timedelta64(21, "h").astype("timedelta64[us]")
    as_of: datetime = closes_at[-1].item()
    known = tuple(InstrumentId(name) for name in names)
    return Panel(days, closes_at, known, fields, Origin.FILE, as_of.replace(tzinfo=UTC), 0)


def _is_frame(data: object) -> "TypeIs[pl.DataFrame]":
    # Whoever has a frame has imported polars; who has none need not wait for it.
    return hasattr(data, "get_column")


def _matrix(name: str, values: ArrayLike) -> Matrix:
    try:
        matrix = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"the panel's {name} is no array of numbers", value=type(values).__name__
        ) from error
    if matrix.ndim not in (1, 2):
        raise InvalidInput(
            f"the panel's {name} has the wrong shape", value=matrix.shape, bound="(T,) or (T, N)"
        )
    return matrix[:, np.newaxis] if matrix.ndim == 1 else matrix


def _weekdays(rows: int) -> NDArray[np.datetime64]:
    start = np.datetime64("2015-01-02")
    return np.busday_offset(start, np.arange(rows), roll="forward").astype("datetime64[D]")


def _letters(width: int) -> tuple[str, ...]:
    if width <= 26:
        return tuple(chr(ord("A") + column) for column in range(width))
    return tuple(f"N{column:04d}" for column in range(width))


def _spread(
    frame: "pl.DataFrame", sessions: object, instruments: Sequence[str] | None
) -> tuple[NDArray[np.datetime64], tuple[str, ...], dict[str, Matrix]]:
    """Return a long frame's days, names and fields as arrays, NaN where it has no bar."""
    missing = [name for name in ("session", "instrument", "close") if name not in frame.columns]
    if missing:
        raise InvalidInput("the frame lacks columns", value=frame.columns, bound=missing)
    if sessions is not None:
        raise InvalidInput("a frame brings its own sessions", remedy="Leave `sessions` out.")
    days, row = np.unique(
        frame.get_column("session").to_numpy().astype("datetime64[D]"), return_inverse=True
    )
    told = [str(name) for name in frame.get_column("instrument").to_list()]
    names = tuple(instruments) if instruments is not None else tuple(sorted(set(told)))
    place = {name: column for column, name in enumerate(names)}
    if unknown := sorted(set(told) - set(names)):
        raise InvalidInput("the frame has other instruments", value=unknown, bound=names)
    column = np.array([place[name] for name in told], dtype=np.int64)
    if len(set(zip(row.tolist(), column.tolist(), strict=True))) < frame.height:
        raise InvalidInput("the frame has two bars of one session and instrument")
    fields: dict[str, Matrix] = {}
    for name in frame.columns:
        if name not in ("session", "instrument") and frame.schema[name].is_numeric():
            values = np.full((len(days), len(names)), np.nan)
            values[row, column] = frame.get_column(name).to_numpy()
            fields[name] = values
    return days, names, fields

"""The look-ahead proof: a tool for anyone who writes a feature or a strategy.

A function of a panel is causal when its value at a session rests on nothing later. Two probes show
it: cut the future off at every bar, and change the future in every way that comes to mind. Neither
can see a leak inside the data itself (restated files, dead companies left out): that is the
store's part, see `docs/explanation/known-time.md`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix, Panel

PanelFunction = Callable[[Panel], Matrix]
_DAY = np.timedelta64(1, "D")


class NotCausal(AssertionError):
    """A function that knows the future: which probe saw it, at which bar, and both values.

    `row` is the first session whose value changed, `column` the first instrument; `before` is the
    value with the whole or the true future, `after` the one with the future gone or changed.
    """

    def __init__(
        self, probe: str, panel: Panel, spot: tuple[int, int], before: float, after: float, cut: int
    ) -> None:
        self.probe, self.before, self.after, self.cut = probe, before, after, cut
        self.row, self.column = spot
        self.session = str(panel.sessions[self.row])
        self.instrument = panel.instruments[self.column]
        super().__init__(
            f"not causal ({probe}): the value of {self.instrument} on {self.session} (row "
            f"{self.row}) changes from {before!r} to {after!r} when only rows from {cut} on differ"
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """What was tried without finding a leak: bars cut at, and futures made up."""

    truncations: int
    perturbations: int


def assert_causal(
    function: PanelFunction,
    panel: Panel,
    *,
    tolerance: float = 1e-9,
    cuts: int | None = None,
    seed: int = 7,
) -> Proof:
    """Prove that a function of a panel never looks ahead, or raise NotCausal at the first bar.

    It must give a (T, N) array for T sessions. It is cut at every bar, growing, so that it meets
    each bar before it has seen what follows; then, at `cuts` bars spread over the panel (None:
    every bar), the future is replaced by noise, blown up a thousandfold, removed (NaN), shuffled,
    made longer and shorter. Values that can be known at the cut must agree: `tolerance` 0 asks for
    the same bits, else it is the largest relative difference. Raises InvalidInput when the
    function gives another shape, or other values for the same panel twice.
    """
    width = len(panel.instruments)
    shorter = [
        (_run(function, _cut(panel, k), width), k) for k in range(1, len(panel.sessions) + 1)
    ]
    whole = _run(function, _cut(panel, len(panel.sessions)), width)
    if not _same(whole, shorter[-1][0], 0.0).all():
        raise InvalidInput(
            "the function gives other values for the same panel twice",
            remedy="Hand in the generator or seed that it draws from.",
        )
    for values, k in shorter:
        _compare("future cut off", panel, whole, values, k, tolerance)
    rng = np.random.default_rng(seed)
    count = 0
    for k in _cut_rows(len(panel.sessions), cuts):
        for probe, agree, changed in _futures(panel, k, rng):
            _compare(probe, panel, whole, _run(function, changed, width), agree, tolerance)
            count += 1
    return Proof(len(shorter), count)


def _cut_rows(rows: int, cuts: int | None) -> list[int]:
    every = range(1, rows)
    if cuts is None or cuts >= len(every):
        return list(every)
    return sorted({int(k) for k in np.linspace(1, rows - 1, cuts)})


def _run(function: PanelFunction, panel: Panel, width: int) -> Matrix:
    values = np.asarray(function(panel), dtype=np.float64)
    if values.shape != (len(panel.sessions), width):
        raise InvalidInput(
            "the function must give one value per session and instrument",
            value=values.shape,
            bound=(len(panel.sessions), width),
        )
    return values.copy()


def _compare(
    probe: str, panel: Panel, whole: Matrix, values: Matrix, cut: int, tolerance: float
) -> None:
    rows = min(cut, len(values))
    wrong = ~_same(whole[:rows], values[:rows], tolerance)
    if wrong.any():
        row, column = (int(n) for n in np.argwhere(wrong)[0])
        raise NotCausal(
            probe, panel, (row, column), float(whole[row, column]), float(values[row, column]), cut
        )


def _same(a: Matrix, b: Matrix, tolerance: float) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = (a == b) | (np.isnan(a) & np.isnan(b))
    if tolerance > 0.0:
        with np.errstate(invalid="ignore"):  # infinity minus infinity is no closeness
            same |= np.abs(a - b) <= tolerance * np.maximum(np.abs(a), np.abs(b))
    return same


def _cut(panel: Panel, rows: int) -> Panel:
    """Return the panel as it stood after `rows` sessions: `as_of` moves back with it.

    The arrays are read-only copies: a function that writes into its input is found out.
    """
    fields = {name: _frozen(values[:rows].copy()) for name, values in panel.fields.items()}
    return replace(panel.until(rows), fields=fields, as_of=_moment(panel.closes_at[rows - 1]))


def _futures(panel: Panel, k: int, rng: np.random.Generator) -> Iterator[tuple[str, int, Panel]]:
    """Yield probes: a name, how many rows agree with this panel, and the changed panel."""
    rest, width = len(panel.sessions) - k, len(panel.instruments)
    shuffle, blown_up = rng.permutation(rest), rng.random((rest, width)) < 0.5
    changes: dict[str, Callable[[Matrix], Matrix]] = {
        "future of noise": lambda x: x * np.exp(rng.normal(0.0, 0.1, (rest, width))),
        # Blowing all names up alike would leave ranks as they are: half of the prices, by chance.
        "future a thousandfold": lambda x: x * np.where(blown_up, 1000.0, 1.0),
        "future missing": lambda x: np.full_like(x, np.nan),
        "future shuffled": lambda x: x[shuffle],
    }
    for probe, change in changes.items():
        fields = {
            name: _frozen(np.concatenate([values[:k], change(values[k:])]))
            for name, values in panel.fields.items()
        }
        yield probe, k, replace(panel, fields=fields, version=panel.version + 1)
    yield "future longer", len(panel.sessions), _longer(panel, rest + 1, rng)
    yield "future shorter", k, _thinner(panel, k)


def _longer(panel: Panel, extra: int, rng: np.random.Generator) -> Panel:
    """Return the panel with `extra` more sessions, drawn from its own rows, on later days."""
    pick = rng.integers(0, len(panel.sessions), extra)
    steps = np.arange(1, extra + 1) * _DAY
    times = np.concatenate([panel.closes_at, panel.closes_at[-1] + steps])
    return replace(
        panel,
        sessions=np.concatenate([panel.sessions, panel.sessions[-1] + steps]),
        closes_at=times,
        fields={
            name: _frozen(np.concatenate([values, values[pick]]))
            for name, values in panel.fields.items()
        },
        as_of=_moment(times[-1]),
    )


def _thinner(panel: Panel, k: int) -> Panel:
    """Return the panel with every second session from `k` on left out."""
    keep = np.concatenate([np.arange(k), np.arange(k + 1, len(panel.sessions), 2)])
    return replace(
        panel,
        sessions=panel.sessions[keep],
        closes_at=panel.closes_at[keep],
        fields={name: _frozen(values[keep]) for name, values in panel.fields.items()},
        as_of=_moment(panel.closes_at[keep[-1]]),
    )


def _frozen(values: Matrix) -> Matrix:
    values.flags.writeable = False
    return values


def _moment(stamp: np.datetime64) -> datetime:
    moment: datetime = stamp.astype("datetime64[us]").item()
    return moment.replace(tzinfo=UTC)

"""The look-ahead proof: a tool for anyone who writes a feature or a strategy.

A function of a panel is causal when its value at a session rests on nothing later. Three kinds of
probe show it (`probes.py` makes them): cut the future off at every bar; change the future in every
way that comes to mind; and let the same bars be read later, with what became known since. None can
see a leak inside the data itself (dead companies left out of a file): that is the store's part,
see `docs/explanation/known-time.md`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix, Panel
from fondaco.research.probes import (
    KNOWN_LATER,
    LATER_SPLIT,
    READ_LATER,
    Probe,
    cut_off,
    futures,
    later_split,
    moment_of,
    read_later,
)

PanelFunction = Callable[[Panel], Matrix]
PanelsAsOf = Callable[[datetime], Panel]
"""Reads a panel as it was known at a moment: `Prices.panel` with its instruments given."""

READINGS_MAX = 50
"""Most moments at which the past is read again: each is a query of a store."""

_WHEN = {
    READ_LATER: "the same {cut} rows are only read later, from a later version",
    LATER_SPLIT: "splits after row {cut} restate the scale of earlier prices",
    KNOWN_LATER: "only what became known after the close of row {last} differs",
}


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
        when = _WHEN.get(probe, "only rows from {cut} on differ")
        self.when = when.format(cut=cut, last=cut - 1)
        super().__init__(
            f"not causal ({probe}): the value of {self.instrument} on {self.session} (row "
            f"{self.row}) changes from {before!r} to {after!r} when {self.when}"
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """What was tried without finding a leak.

    `truncations` are the bars cut at, `perturbations` the futures made up, `revisions` the
    readings at a later known time. `values` of the whole were known: where it is 0, nothing was
    there to be wrong and nothing is proved.
    """

    truncations: int
    perturbations: int
    revisions: int
    values: int


def assert_causal(
    function: PanelFunction,
    panel: Panel,
    *,
    tolerance: float = 1e-9,
    cuts: int | None = None,
    seed: int = 7,
    panels_as_of: PanelsAsOf | None = None,
    restated: bool = False,
) -> Proof:
    """Prove that a function of a panel never looks ahead, or raise NotCausal at the first bar.

    It must give a (T, N) array for T sessions. It is cut at every bar, growing, so that it meets
    each bar before it has seen what follows; then, at `cuts` bars spread over the panel (None:
    every bar), the future is replaced by noise, blown up a thousandfold, removed (NaN), shuffled,
    made longer and shorter, and the same rows are read later. Values that can be known at the cut
    must agree: `tolerance` 0 asks for the same bits, else it is the largest relative difference.

    `panels_as_of` reads the panel as it was known at a moment: what the function gave then must be
    what it gives now, whatever was restated, adjusted or joined since (asked at 50 moments at most,
    and at the end). `restated` True also
    restates the scale of each name's prices, as a later split does: for weights, ranks and ratios,
    which must not feel it. Raises InvalidInput when the function gives another shape, or other
    values for the same panel twice. A function with a method `many` is given the panels of a bar
    together. State that a function keeps from its very first call cannot be
    seen from inside one process; `fondaco strategies check` calls each time afresh.

    >>> from fondaco.market.panel import panel_of
    >>> walk = panel_of(100.0 + np.arange(30.0))
    >>> assert_causal(lambda panel: np.maximum.accumulate(panel.close), walk).truncations
    30
    >>> try:
    ...     assert_causal(lambda panel: panel.close - panel.close.mean(), walk)
    ... except NotCausal as fault:
    ...     print(fault.probe, fault.instrument, fault.session)
    future cut off A 2015-01-02
    """
    trial = _Trial(function, panel, tolerance)
    rows = len(panel.sessions)
    shorter = [trial.run(cut_off(panel, k)) for k in range(1, rows + 1)]
    whole = trial.settle(shorter[-1])
    for k, values in enumerate(shorter, start=1):
        trial.compare("future cut off", k, values)
    rng = np.random.default_rng(seed)
    futures_met = revisions = 0
    for k in [*_cut_rows(rows, cuts), rows]:
        made_up = list(futures(panel, k, rng)) if k < rows else []
        later = [read_later(panel, k), *([later_split(panel, k, rng)] if restated else [])]
        trial.meet([*made_up, *later])
        futures_met, revisions = futures_met + len(made_up), revisions + len(later)
    if panels_as_of is not None:
        moments = [*_cut_rows(rows, _moments(cuts)), rows]
        revisions += sum(trial.read_then(k, panels_as_of) for k in moments)
    return Proof(len(shorter), futures_met, revisions, int(np.count_nonzero(~np.isnan(whole))))


@dataclass(slots=True)
class _Trial:
    """A function on its whole panel, to which every probe is compared."""

    function: PanelFunction
    panel: Panel
    tolerance: float
    whole: Matrix = field(default_factory=lambda: np.empty((0, 0)))

    def run(self, panel: Panel) -> Matrix:
        """Return the function's values; raises InvalidInput for another shape."""
        return _checked(self.function(panel), panel)

    def settle(self, first: Matrix) -> Matrix:
        """Return the values of the whole panel, given twice alike."""
        self.whole = self.run(cut_off(self.panel, len(self.panel.sessions)))
        if not _same(self.whole, first, 0.0).all():
            raise InvalidInput(
                "the function gives other values for the same panel twice",
                remedy="Hand in the generator or seed that it draws from.",
            )
        return self.whole

    def meet(self, probes: Sequence[Probe]) -> None:
        """Compare the values under each probe."""
        many = getattr(self.function, "many", None)
        panels = [changed for _, _, changed in probes]
        given = [self.function(panel) for panel in panels] if many is None else many(panels)
        for (name, agree, changed), values in zip(probes, given, strict=True):
            self.compare(name, agree, _checked(values, changed))

    def compare(self, probe: str, cut: int, values: Matrix) -> None:
        """Raise NotCausal at the first of the first `cut` rows that differs from the whole."""
        rows = min(cut, len(values))
        wrong = ~_same(self.whole[:rows], values[:rows], self.tolerance)
        if wrong.any():
            row, column = (int(n) for n in np.argwhere(wrong)[0])
            before, after = float(self.whole[row, column]), float(values[row, column])
            raise NotCausal(probe, self.panel, (row, column), before, after, cut)

    def read_then(self, k: int, panels_as_of: PanelsAsOf) -> int:
        """Compare with what the function gave on the panel known at the close of row k - 1."""
        early = panels_as_of(moment_of(self.panel, k - 1))
        last = self.panel.sessions[k - 1]
        if not np.isin(early.sessions, self.panel.sessions[:k]).any() or early.sessions[-1] > last:
            raise InvalidInput(
                "the reader gave a panel that does not fit the moment it was asked for",
                value=f"sessions {early.sessions[:1]} to {early.sessions[-1:]}",
                bound=f"sessions of the panel, none after {last}",
            )
        self.compare(KNOWN_LATER, k, _then(self.panel, self.whole[:k], early, self.run(early)))
        return 1


def _checked(given: Matrix, panel: Panel) -> Matrix:
    values = np.array(given, dtype=np.float64)
    wanted = (len(panel.sessions), len(panel.instruments))
    if values.shape != wanted:
        raise InvalidInput(
            "the function must give one value per session and instrument",
            value=values.shape,
            bound=wanted,
        )
    return values


def _then(panel: Panel, whole: Matrix, early: Panel, values: Matrix) -> Matrix:
    """Return the early values where the rows of the panel are, and `whole` where they have none.

    A name that was not there then has no value: a 0 now is no difference, a number is.
    """
    out = whole.copy()
    mine = np.flatnonzero(np.isin(panel.sessions[: len(whole)], early.sessions))
    theirs = np.searchsorted(early.sessions, panel.sessions[mine])
    known = {name: column for column, name in enumerate(early.instruments)}
    for column, name in enumerate(panel.instruments):
        if name in known:
            out[mine, column] = values[theirs, known[name]]
        else:
            out[mine, column] = np.where(whole[mine, column] == 0.0, 0.0, np.nan)
    return out


def _moments(cuts: int | None) -> int:
    return READINGS_MAX if cuts is None else min(cuts, READINGS_MAX)


def _cut_rows(rows: int, cuts: int | None) -> list[int]:
    every = range(1, rows)
    if cuts is None or cuts >= len(every):
        return list(every)
    return sorted({int(k) for k in np.linspace(1, rows - 1, cuts)})


def _same(a: Matrix, b: Matrix, tolerance: float) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = (a == b) | (np.isnan(a) & np.isnan(b))
    if tolerance > 0.0:
        with np.errstate(invalid="ignore"):  # infinity minus infinity is no closeness
            same |= np.abs(a - b) <= tolerance * np.maximum(np.abs(a), np.abs(b))
    return same
